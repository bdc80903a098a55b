"""Ranks along the last axis of an array, many rows at a time."""

from __future__ import annotations

import numpy as np

from prognomics.stats.ordering import row_orders


def row_midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 with ties averaged; missing values rank NaN and take no part.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., n)

    Returns
    -------
    numpy.ndarray, shape (..., n)
        As R's `rank(ties.method = "average", na.last = "keep")` of each row.
    """
    order = row_orders(values.reshape(-1, values.shape[-1])).reshape(values.shape)
    ordered = np.take_along_axis(values, order, axis=-1)
    place = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
    new = np.ones(values.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
    ends = np.ones(values.shape, dtype=bool)
    ends[..., :-1] = new[..., 1:]
    last = np.minimum.accumulate(np.where(ends, place, values.shape[-1])[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=-1)
    return np.where(np.isnan(values), np.nan, ranks)
