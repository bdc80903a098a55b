"""Adjust p-values for the number of tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.errors import BadInput

METHODS = ("holm", "bh", "bonferroni", "none")


def adjust(p_values: Any, method: str) -> np.ndarray:
    """Adjusted p-values, as R's `p.adjust`.

    Parameters
    ----------
    p_values : array_like, shape (n_tests,)
        NaN stays NaN and does not count as a test.
    method : {"holm", "bh", "bonferroni", "none"}
        Holm 1979 (family-wise, step-down), Benjamini and Hochberg 1995
        (doi:10.1111/j.2517-6161.1995.tb02031.x; false discovery rate, step-up),
        Bonferroni, or the p-values as they are.

    Returns
    -------
    ndarray, shape (n_tests,)

    Raises
    ------
    BadInput
        For an unknown method.
    """
    if method not in METHODS:
        raise BadInput(f"unknown adjustment {method!r}", hint=f"one of {', '.join(METHODS)}")
    p_values = np.asarray(p_values, dtype=float)
    adjusted = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    p, m = p_values[known], len(known)
    if m == 0:
        return adjusted
    if method == "none":
        adjusted[known] = p
    elif method == "bonferroni":
        adjusted[known] = np.minimum(1.0, p * m)
    else:
        order = np.argsort(p, kind="stable")
        ranks = np.arange(1, m + 1)
        if method == "holm":
            stepped = np.maximum.accumulate((m + 1 - ranks) * p[order])
        else:
            stepped = np.minimum.accumulate((m / ranks * p[order])[::-1])[::-1]
        adjusted[known[order]] = np.minimum(1.0, stepped)
    return adjusted
