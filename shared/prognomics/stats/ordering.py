"""Each row's order, for all that ranks many genes or samples."""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled_loops


def row_orders(values: np.ndarray) -> np.ndarray:
    """Places of rising values, row by row.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_rows, n)

    Returns
    -------
    numpy.ndarray of int64, shape (n_rows, n)
        As `numpy.argsort(values, axis=1, kind="stable")`: equal values as they stand, missing ones (NaN) last.
    """
    loops = compiled_loops()
    if loops is None:
        return np.argsort(values, axis=1, kind="stable")
    values = np.ascontiguousarray(values, dtype=np.float64)
    orders, known = np.empty(values.shape, dtype=np.int64), np.empty(len(values), dtype=np.int64)
    loops.order_rows(values, 0, len(values), orders, known)
    return orders
