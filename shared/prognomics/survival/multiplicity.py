"""Adjustment of several p-values: Benjamini-Hochberg and Holm, as R's `p.adjust`."""

from __future__ import annotations

import numpy as np

from prognomics.errors import UsageFault

METHODS = ("bh", "holm", "none")


def adjust_p(p_value: np.ndarray, method: str = "bh") -> np.ndarray:
    """Adjusted p-values; missing ones stay missing and are not counted.

    Parameters
    ----------
    p_value : array_like, shape (n_tests,)
        NaN for a test that was not possible.
    method : {"bh", "holm", "none"}
        False discovery rate of Benjamini and Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x,
        or the familywise step-down of Holm (1979).

    Returns
    -------
    numpy.ndarray, shape (n_tests,)

    Raises
    ------
    UsageFault
        Unknown method.
    """
    method = method.lower()
    if method not in METHODS:
        raise UsageFault(f"unknown p-value adjustment {method!r}", hint=f"one of {', '.join(METHODS)}")
    p_value = np.asarray(p_value, dtype=float)
    adjusted = p_value.copy()
    known = np.flatnonzero(~np.isnan(p_value))
    if method == "none" or len(known) == 0:
        return adjusted
    order = known[np.argsort(p_value[known], kind="stable")]
    count, rank = len(known), np.arange(1, len(known) + 1)
    if method == "bh":
        stepped = np.minimum.accumulate((p_value[order] * count / rank)[::-1])[::-1]
    else:
        stepped = np.maximum.accumulate(p_value[order] * (count - rank + 1))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
