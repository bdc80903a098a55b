"""Genes whose values are too few to measure a dose by."""

from __future__ import annotations

import numpy as np

FEW = 5
PROBE = 64


def few_values(values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Which genes have at most five different values among some columns, shape (n_genes,), bool.

    The first samples settle nearly all genes; only the others are looked at in full.
    """
    few = _distinct(values[:, columns[:PROBE]]) <= FEW
    doubtful = np.flatnonzero(few)
    if len(doubtful) and len(columns) > PROBE:
        few[doubtful] = _distinct(values[np.ix_(doubtful, columns)]) <= FEW
    return few


def _distinct(values: np.ndarray) -> np.ndarray:
    ordered = np.sort(values, axis=1)
    result: np.ndarray = (~np.isnan(ordered)).any(axis=1) + (ordered[:, 1:] > ordered[:, :-1]).sum(axis=1)
    return result
