"""Per-gene count, mean and standard deviation of the observed values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK_VALUES = 1 << 20  # values handled at once: temporaries stay near the cache and small


class GeneMoments(NamedTuple):
    """Moments of each gene over the samples given; all arrays shape=(n_genes,).

    `mean` is NaN where nothing is observed, `sd` (ddof 1) where fewer than two values are;
    `sd` is exactly 0 where all observed values are equal.
    """

    count: np.ndarray
    mean: np.ndarray
    sd: np.ndarray


def gene_blocks(values: np.ndarray) -> list[slice]:
    """Slices of genes that hold about `BLOCK_VALUES` values each."""
    step = max(1, BLOCK_VALUES // max(1, values.shape[1]))
    return [slice(start, start + step) for start in range(0, values.shape[0], step)]


def gene_moments(values: np.ndarray, samples: np.ndarray | None = None) -> GeneMoments:
    """Count, mean and standard deviation (ddof 1) of each gene, missing values excluded.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    samples : numpy.ndarray of bool, shape=(n_samples,), optional
        The samples to use; all by default.
    """
    n_genes = values.shape[0]
    count, mean, sd = np.zeros(n_genes, dtype=np.int64), np.empty(n_genes), np.empty(n_genes)
    for block in gene_blocks(values):
        part = values[block] if samples is None else values[block][:, samples]
        observed = ~np.isnan(part)
        n = observed.sum(axis=1)
        filled = np.where(observed, part, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            center = filled.sum(axis=1) / n
            deviation = np.where(observed, part - center[:, None], 0.0)
            spread = np.sqrt(np.einsum("ij,ij->i", deviation, deviation) / np.where(n > 1, n - 1, np.nan))
        if part.shape[1]:
            low = np.where(observed, part, np.inf).min(axis=1)
            high = np.where(observed, part, -np.inf).max(axis=1)
            spread[(low == high) & (n > 1)] = 0.0  # rounding of the mean must not make a constant vary
        count[block], mean[block], sd[block] = n, center, spread
    return GeneMoments(count, mean, sd)
