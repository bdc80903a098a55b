"""Quantile normalization between samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from prognomics.errors import BadInput, first_few

BLOCK_SAMPLES = 16  # columns transposed at once


def normalize_quantiles(values: np.ndarray, *, ties: bool = True, threads: int = 1) -> np.ndarray:
    """Give every sample the same distribution: the mean of the sorted samples.

    The variant of limma's `normalizeQuantiles`: tied values get the mean distribution at their mean
    rank (`ties`); a sample with missing values contributes its quantiles, and receives its values,
    by linear interpolation at (rank - 1) / (n_observed - 1).

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN and stays missing.
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
        Fewer than two genes, or a sample with fewer than two observed values.

    References
    ----------
    Bolstad et al. 2003, doi 10.1093/bioinformatics/19.2.185
    """
    values = np.asarray(values, dtype=np.float64)
    n_genes, n_samples = values.shape
    if n_genes < 2:
        raise BadInput("quantile normalization needs at least two genes", where=f"{n_genes} gene(s)")
    n_observed = n_genes - np.isnan(values).sum(axis=0)
    if (poor := np.flatnonzero(n_observed < 2)).size:
        raise BadInput(
            "quantile normalization needs at least two observed values in each sample",
            where=f"sample number {first_few(poor + 1)}",
            hint="drop these samples",
        )
    if n_samples == 1:
        return values.copy()
    order = np.empty((n_samples, n_genes), dtype=np.int32)
    grid = np.arange(n_genes, dtype=np.float64)

    def collect(start: int) -> np.ndarray:
        columns = np.ascontiguousarray(values[:, start : start + BLOCK_SAMPLES].T)
        total = np.zeros(n_genes)
        for row, column in enumerate(columns, start):
            order[row] = np.argsort(column, kind="quicksort" if ties else "stable")  # NaN last
            n = n_observed[row]
            ranked = column[order[row, :n]]
            total += (
                ranked if n == n_genes else np.interp(grid * (n - 1) / (n_genes - 1), np.arange(n), ranked)
            )
        return total

    result = np.empty_like(values)

    def assign(start: int, mean: np.ndarray) -> None:
        columns = np.ascontiguousarray(values[:, start : start + BLOCK_SAMPLES].T)
        out = np.full(columns.shape, np.nan)
        for row, column in enumerate(columns):
            n = n_observed[start + row]
            genes = order[start + row, :n]
            rank = _mean_rank(column[genes]) if ties else None
            if rank is None and n == n_genes:
                out[row, genes] = mean
            else:
                rank = np.arange(n, dtype=np.float64) if rank is None else rank
                out[row, genes] = np.interp(rank * ((n_genes - 1) / (n - 1)), grid, mean)
        result[:, start : start + BLOCK_SAMPLES] = out.T

    starts = range(0, n_samples, BLOCK_SAMPLES)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        mean = sum(pool.map(collect, starts)) / n_samples
        list(pool.map(lambda start: assign(start, mean), starts))
    return result


def _mean_rank(ranked: np.ndarray) -> np.ndarray | None:
    """Ranks from 0 of sorted values, equal ones sharing their mean; None when none are equal."""
    new = ranked[1:] != ranked[:-1]
    if new.all():
        return None
    starts = np.flatnonzero(np.r_[True, new])
    ends = np.r_[starts[1:], ranked.size]
    return np.repeat((starts + ends - 1) / 2.0, ends - starts)
