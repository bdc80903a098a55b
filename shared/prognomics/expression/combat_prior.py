"""Empirical Bayes estimates of one batch's location and scale in each gene.

All arrays are shape=(n_genes,) on the standardized scale: `mean` (gamma-hat), `variance` (delta-hat),
`squares` (sum of squares around the mean) and `n` (observed values) of the batch.
Johnson, Li and Rabinovic 2007, doi 10.1093/biostatistics/kxj037, sections 3.2 and appendix.
"""

from __future__ import annotations

import numpy as np

CONVERGED = 1e-4  # relative change of the last step, as in sva: part of the definition of its digits
BLOCK_VALUES = 1 << 21


def shrink_parametric(
    mean: np.ndarray, variance: np.ndarray, squares: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means under a normal prior of the location and an inverse gamma prior of the scale.

    The two conditional posterior means are iterated for all genes together until the largest relative
    step is at most 1e-4. sva divides by the signed location, so that genes with a negative one do not
    hold up the stop; this follows it, since the digits depend on it.
    """
    prior_mean, prior_variance = mean.mean(), mean.var(ddof=1)
    center, spread = variance.mean(), variance.var(ddof=1)
    shape = (2 * spread + center**2) / spread
    rate = (center * spread + center**3) / spread
    weight = prior_variance * n
    location, scale = mean, variance
    with np.errstate(divide="ignore", invalid="ignore"):
        while True:
            new_location = (weight * mean + scale * prior_mean) / (weight + scale)
            new_scale = (0.5 * (squares + n * (mean - new_location) ** 2) + rate) / (n / 2 + shape - 1)
            step = max(
                np.nanmax(np.abs(new_location - location) / location),
                np.nanmax(np.abs(new_scale - scale) / scale),
            )
            location, scale = new_location, new_scale
            if not step > CONVERGED:
                return location, scale


def shrink_mean_only(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean of the location under a normal prior; n and scale are taken as 1, as in sva."""
    prior_variance = mean.var(ddof=1)
    return (prior_variance * mean + mean.mean()) / (prior_variance + 1), np.ones_like(mean)


def shrink_nonparametric(
    mean: np.ndarray, variance: np.ndarray, squares: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means of the other genes' locations and scales, weighted by the gene's likelihood under them.

    Genes x genes likelihoods, in blocks; as logarithms, scaled by the largest.
    """
    n_genes = mean.size
    location, scale = np.empty(n_genes), np.empty(n_genes)
    usable = variance > 0
    safe = np.where(usable, variance, 1.0)
    log_norm = np.where(usable, -0.5 * np.log(2 * np.pi * safe), -np.inf)
    precision = 0.5 / safe
    pair = np.column_stack([mean, variance])
    step = max(1, BLOCK_VALUES // n_genes)
    for start in range(0, n_genes, step):
        rows = slice(start, min(start + step, n_genes))
        size = n[rows, None]
        log_weight = mean[rows, None] - mean
        np.square(log_weight, out=log_weight)
        log_weight *= -size
        log_weight -= squares[rows, None]
        log_weight *= precision
        log_weight += size * log_norm
        own = np.arange(rows.start, rows.stop)
        log_weight[own - start, own] = -np.inf
        log_weight -= log_weight.max(axis=1, keepdims=True)
        weight = np.exp(log_weight, out=log_weight)
        both = (weight @ pair) / weight.sum(axis=1, keepdims=True)
        location[rows], scale[rows] = both[:, 0], both[:, 1]
    return location, scale
