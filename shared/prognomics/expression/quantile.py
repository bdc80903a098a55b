"""Quantile normalization between samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from prognomics.errors import BadInput, first_few
from prognomics.stats.ordering import row_orders

BLOCK_SAMPLES = 16  # columns transposed at once


def normalize_quantiles(
    values: np.ndarray, *, reference: np.ndarray | None = None, ties: bool = True, threads: int = 1
) -> np.ndarray:
    """Give every sample the same distribution: the mean of the sorted samples, or a reference.

    The variant of limma's `normalizeQuantiles`: tied values get the mean distribution at their mean
    rank (`ties`); a sample with missing values contributes its quantiles, and receives its values,
    by linear interpolation at (rank - 1) / (n_observed - 1).

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN and stays missing.
    reference : numpy.ndarray, shape=(n_quantiles,), optional
        The distribution to give, ascending, as `mean_distribution` of another set makes it; read by linear
        interpolation where it has another length. Each sample is then normalized on its own.
    ties : bool
        Treat equal values of a sample alike; otherwise they get distinct values in gene order.
    threads : int
        Samples are sorted in that many threads; the result is the same for any number.

    Returns
    -------
    numpy.ndarray, shape=(n_genes, n_samples)

    Raises
    ------
    BadInput
        Fewer than two genes, or a sample with fewer than two observed values; a reference of fewer than two
        values, or one that is not finite and ascending.

    References
    ----------
    Bolstad et al. 2003, doi 10.1093/bioinformatics/19.2.185
    """
    values = np.asarray(values, dtype=np.float64)
    n_observed = _observed(values)
    if reference is None and values.shape[1] == 1:
        return values.copy()
    if reference is not None:
        reference = np.asarray(reference, dtype=np.float64)
        if reference.size < 2 or not np.isfinite(reference).all() or (np.diff(reference) < 0).any():
            raise BadInput(
                "a reference distribution needs two or more finite values in ascending order",
                hint="make it with normalize from the set that others are to follow",
            )
    with ThreadPoolExecutor(max(1, threads)) as pool:
        order = np.empty(values.shape[::-1], dtype=np.int32)
        mean = _collected(values, n_observed, order, pool)
        return _assigned(values, n_observed, order, mean if reference is None else reference, ties, pool)


def mean_distribution(values: np.ndarray, *, threads: int = 1) -> np.ndarray:
    """The mean of the sorted samples, shape=(n_genes,), ascending; missing values as in `normalize_quantiles`."""
    values = np.asarray(values, dtype=np.float64)
    n_observed = _observed(values)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        return _collected(values, n_observed, np.empty(values.shape[::-1], dtype=np.int32), pool)


def _observed(values: np.ndarray) -> np.ndarray:
    """The number of observed values of each sample."""
    n_genes = values.shape[0]
    if n_genes < 2:
        raise BadInput("quantile normalization needs at least two genes", where=f"{n_genes} gene(s)")
    n_observed = n_genes - np.isnan(values).sum(axis=0)
    if (poor := np.flatnonzero(n_observed < 2)).size:
        raise BadInput(
            "quantile normalization needs at least two observed values in each sample",
            where=f"sample number {first_few(poor + 1)}",
            hint="drop these samples",
        )
    result: np.ndarray = n_observed
    return result


def _collected(values: np.ndarray, n_observed: np.ndarray, order: np.ndarray, pool: ThreadPoolExecutor) -> np.ndarray:
    """The mean distribution; fills `order`, shape=(n_samples, n_genes), with each sample's genes by value."""
    n_genes, n_samples = values.shape
    grid = np.arange(n_genes, dtype=np.float64)

    def collect(start: int) -> np.ndarray:
        columns = np.ascontiguousarray(values[:, start : start + BLOCK_SAMPLES].T)
        total = np.zeros(n_genes)
        order[start : start + len(columns)] = row_orders(columns)
        for row, column in enumerate(columns, start):
            n = n_observed[row]
            ranked = column[order[row, :n]]
            total += ranked if n == n_genes else np.interp(grid * (n - 1) / (n_genes - 1), np.arange(n), ranked)
        return total

    result: np.ndarray = sum(pool.map(collect, range(0, n_samples, BLOCK_SAMPLES))) / n_samples
    return result


def _assigned(
    values: np.ndarray,
    n_observed: np.ndarray,
    order: np.ndarray,
    target: np.ndarray,
    ties: bool,
    pool: ThreadPoolExecutor,
) -> np.ndarray:
    """The values of the target distribution at each value's rank."""
    result = np.empty_like(values)
    grid = np.arange(target.size, dtype=np.float64)

    def assign(start: int) -> None:
        columns = np.ascontiguousarray(values[:, start : start + BLOCK_SAMPLES].T)
        out = np.full(columns.shape, np.nan)
        for row, column in enumerate(columns):
            n = n_observed[start + row]
            genes = order[start + row, :n]
            rank = mean_rank(column[genes]) if ties else None
            if rank is None and n == target.size:
                out[row, genes] = target
            else:
                rank = np.arange(n, dtype=np.float64) if rank is None else rank
                out[row, genes] = np.interp(rank * ((target.size - 1) / (n - 1)), grid, target)
        result[:, start : start + BLOCK_SAMPLES] = out.T

    list(pool.map(assign, range(0, values.shape[1], BLOCK_SAMPLES)))
    return result


def mean_rank(ranked: np.ndarray) -> np.ndarray | None:
    """Ranks from 0 of sorted values, equal ones sharing their mean; None when none are equal."""
    new = ranked[1:] != ranked[:-1]
    if new.all():
        return None
    starts = np.flatnonzero(np.r_[True, new])
    ends = np.r_[starts[1:], ranked.size]
    return np.repeat((starts + ends - 1) / 2.0, ends - starts)
