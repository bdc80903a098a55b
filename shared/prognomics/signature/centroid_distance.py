"""Distances of samples to centroids: 1 less a correlation over the genes that both have."""

from __future__ import annotations

import numpy as np

from prognomics.stats.row_ranks import row_midranks

DISTANCES = ("spearman", "pearson", "kendall")
FEWEST_GENES = 3
BLOCK = 4_000_000
"""Values of centroids held at a time."""


def correlation_distances(samples: np.ndarray, centroids: np.ndarray, distance: str = "spearman") -> np.ndarray:
    """1 - correlation of each sample with each of its centroids.

    Parameters
    ----------
    samples : numpy.ndarray, shape (n_samples, n_genes)
        Centered profiles; missing is NaN.
    centroids : numpy.ndarray, shape (n_classes, n_genes) or (n_samples, n_classes, n_genes)
        The same for all samples, or each sample's own.
    distance : {"spearman", "pearson", "kendall"}
        Spearman with midranks; Kendall's tau-b.

    Returns
    -------
    numpy.ndarray, shape (n_samples, n_classes)
        Over the genes with a value in the sample and in all of its centroids; NaN with fewer than `FEWEST_GENES` of
        them, or where one side is constant.
    """
    n_samples, n_genes = samples.shape
    n_classes = centroids.shape[-2]
    found = np.empty((n_samples, n_classes))
    block = max(1, BLOCK // max(1, n_classes * n_genes))
    for begin in range(0, n_samples, block):
        rows = slice(begin, begin + block)
        own = samples[rows]
        theirs = np.broadcast_to(centroids if centroids.ndim == 2 else centroids[rows], (len(own), n_classes, n_genes))
        both = ~(np.isnan(own) | np.isnan(theirs).any(axis=1))
        correlation = _kendall if distance == "kendall" else _moments
        masked = np.where(both, own, np.nan), np.where(both[:, None, :], theirs, np.nan)
        if distance == "spearman":
            masked = row_midranks(masked[0]), row_midranks(masked[1])
        found[rows] = np.where(both.sum(axis=1)[:, None] >= FEWEST_GENES, 1.0 - correlation(*masked, both), np.nan)
    return found


def _moments(own: np.ndarray, theirs: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Product-moment correlation of rows (n, g) with rows (n, k, g) over `both` (n, g)."""
    number = np.maximum(both.sum(axis=1), 1)
    own = np.where(both, own, 0.0)
    theirs = np.where(both[:, None, :], theirs, 0.0)
    own = np.where(both, own - (own.sum(axis=1) / number)[:, None], 0.0)
    theirs = np.where(both[:, None, :], theirs - (theirs.sum(axis=2) / number[:, None])[:, :, None], 0.0)
    scale = np.sqrt((own**2).sum(axis=1)[:, None] * (theirs**2).sum(axis=2))
    product = np.matmul(theirs, own[:, :, None])[:, :, 0]
    result: np.ndarray = np.divide(product, scale, out=np.full(product.shape, np.nan), where=scale > 0)
    return result


def _kendall(own: np.ndarray, theirs: np.ndarray, both: np.ndarray) -> np.ndarray:
    found = np.full(theirs.shape[:2], np.nan)
    for i, used in enumerate(both):
        first = np.sign(own[i, used][:, None] - own[i, used])
        for k, centroid in enumerate(theirs[i]):
            second = np.sign(centroid[used][:, None] - centroid[used])
            scale = np.sqrt((first**2).sum() * (second**2).sum())
            if scale > 0:
                found[i, k] = (first * second).sum() / scale
    return found
