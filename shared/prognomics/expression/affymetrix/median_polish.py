"""Tukey's median polish of many probesets of one size at once."""

from __future__ import annotations

from functools import cache

import numpy as np

EPS = 0.01
MAX_ITERATIONS = 10
_LARGEST_NETWORK = 32  # values; beyond, sorting is quicker
_LARGEST_SORT = 256  # values; beyond, selecting is quicker


def median_polish(
    values: np.ndarray, *, eps: float = EPS, max_iterations: int = MAX_ITERATIONS
) -> tuple[np.ndarray, np.ndarray]:
    """Fit overall + probe + array effects to each probeset by medians.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape=(n_probes, n_probesets, n_arrays)
        Log2 intensities; overwritten by the residuals.
    eps : float
        A probeset is finished when the sum of its absolute residuals changes by less than this share.
    max_iterations : int

    Returns
    -------
    expression : numpy.ndarray, shape=(n_probesets, n_arrays)
        Overall plus array effect.
    n_iterations : numpy.ndarray of int, shape=(n_probesets,)

    Notes
    -----
    The steps and their order are those of R's `medpolish` (rows are probes), whose defaults are eps 0.01 and 10
    iterations; affy's own code polishes alike.

    References
    ----------
    Tukey 1977, Exploratory Data Analysis; Irizarry et al. 2003, doi 10.1093/biostatistics/4.2.249
    """
    n_probes, n_sets, n_arrays = values.shape
    expression = np.empty((n_sets, n_arrays))
    n_iterations = np.zeros(n_sets, dtype=np.int64)
    active = np.arange(n_sets)
    rest = values  # residuals of active probesets
    overall = np.zeros(n_sets)
    probe, array = np.zeros((n_probes, n_sets)), np.zeros((n_sets, n_arrays))
    last = np.zeros(n_sets)
    for iteration in range(1, max_iterations + 1):
        step = row_median(rest)
        rest -= step[:, :, None]
        probe += step
        shift = row_median(array)
        array -= shift[:, None]
        overall += shift
        step = column_median(rest)
        rest -= step
        array += step
        shift = column_median(probe)
        probe -= shift
        overall += shift
        total = np.abs(rest).sum(axis=(0, 2))
        done = (total == 0) | (np.abs(total - last) < eps * total)
        if iteration == max_iterations:
            done[:] = True
        if done.any():
            finished, going = active[done], ~done
            expression[finished] = overall[done, None] + array[done]
            n_iterations[finished] = iteration
            if rest is not values:
                values[:, finished] = rest[:, done]
            if not going.any():
                break
            if rest is values:
                rest = values[:, going]
            else:
                rest = rest[:, going]
            active, overall, probe, array = active[going], overall[going], probe[:, going], array[going]
            total = total[going]
        last = total
    return expression, n_iterations


def row_median(values: np.ndarray) -> np.ndarray:
    """Medians over the last axis."""
    n = values.shape[-1]
    middle = n // 2
    if n <= _LARGEST_SORT:
        ranked = np.sort(values, axis=-1)
        return ranked[..., middle] if n % 2 else (ranked[..., middle - 1] + ranked[..., middle]) / 2
    parted = np.partition(values, middle, axis=-1)
    upper = parted[..., middle]
    return upper if n % 2 else (parted[..., :middle].max(axis=-1) + upper) / 2


def column_median(values: np.ndarray) -> np.ndarray:
    """Medians over the first axis.

    Up to 32 values pass through a sorting network whose steps work on whole planes: no value is moved for its own sake.
    """
    n = values.shape[0]
    middle = n // 2
    if n > _LARGEST_NETWORK:
        ranked = np.partition(values, [middle - 1, middle], axis=0)
        result: np.ndarray = ranked[middle].copy() if n % 2 else (ranked[middle - 1] + ranked[middle]) / 2
        return result
    planes = list(values)
    for low, high, keep_low, keep_high in _median_network(n):
        a, b = planes[low], planes[high]
        if keep_low:
            planes[low] = np.minimum(a, b)
        if keep_high:
            planes[high] = np.maximum(a, b)
    result = planes[middle].copy() if n % 2 else (planes[middle - 1] + planes[middle]) / 2
    return result


@cache
def _median_network(n: int) -> tuple[tuple[int, int, bool, bool], ...]:
    """Batcher's odd-even merge sort of n values, less what the middle ones do not need.

    Each step compares two places; it states whether the smaller and the larger value are needed later.

    References
    ----------
    Batcher 1968, doi 10.1145/1468075.1468121
    """
    steps = []
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                for i in range(min(k, n - j - k)):
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p):
                        steps.append((i + j, i + j + k))
            k //= 2
        p *= 2
    needed = {n // 2} if n % 2 else {n // 2 - 1, n // 2}
    kept = []
    for low, high in reversed(steps):
        if low in needed or high in needed:
            kept.append((low, high, low in needed, high in needed))
            needed |= {low, high}
    return tuple(reversed(kept))
