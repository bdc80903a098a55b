"""Principal components of samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from prognomics.errors import Refused
from prognomics.expression.moments import gene_blocks, gene_moments

NEGLIGIBLE = 1e-12  # an eigenvalue below this share of the largest is rounding
MIN_OBSERVED = 0.8


@dataclass(frozen=True)
class Components:
    """Principal components.

    Attributes
    ----------
    scores : numpy.ndarray, shape=(n_samples, n_components)
        The score of largest absolute value of each component is positive (the first of several).
    explained_variance_ratio : numpy.ndarray, shape=(n_components,)
        Fraction of the variance of all genes used.
    loadings : numpy.ndarray, shape=(n_genes, n_components), or None
        Of unit length; NaN for genes not used. None if they were not requested.
    n_genes : int
        Genes used.
    n_filled : int
        Missing values filled with their gene's mean.
    """

    scores: np.ndarray
    explained_variance_ratio: np.ndarray
    loadings: np.ndarray | None
    n_genes: int
    n_filled: int

    def projected(self, values: np.ndarray) -> Components:
        """Other values of the same genes on these axes, each gene centered on its own mean.

        Explained variance is that of the projected samples; missing values are filled with the gene's mean.
        The components must have been computed with loadings.
        """
        assert self.loadings is not None
        used = ~np.isnan(self.loadings).any(axis=1)
        moments = gene_moments(values)
        used &= moments.count > 0
        scores = np.zeros((values.shape[1], self.loadings.shape[1]))
        total = 0.0
        for block in gene_blocks(values):
            part = _centered(values[block], moments.mean[block], used[block])
            scores += part.T @ self.loadings[block][used[block]]
            total += float(np.einsum("ij,ij->", part, part))
        ratio = (scores**2).sum(axis=0) / total if total > 0 else np.full(scores.shape[1], np.nan)
        n_filled = int((values.shape[1] - moments.count[used]).sum())
        return Components(scores, ratio, self.loadings, int(used.sum()), n_filled)


def principal_components(values: np.ndarray, n_components: int = 10, *, with_loadings: bool = True) -> Components:
    """Principal components of samples, genes centered and not scaled.

    By the eigenvectors of the samples x samples matrix of inner products, so that memory stays near
    n_samples squared beside the matrix. Genes observed in at least 80% of samples take part, missing
    values filled with the gene's mean. Without missing values, equal up to sign to R's `prcomp` of the
    transposed matrix and to scikit-learn's `PCA`.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    n_components : int
        At most n_samples - 1 and the number of varying directions are returned.
    with_loadings : bool
        Compute the loadings, which takes another pass over the matrix.

    Raises
    ------
    Refused
        Fewer than two samples, or no gene that varies.
    """
    n_genes, n_samples = values.shape
    if n_samples < 2:
        raise Refused("principal components need at least two samples", where=f"{n_samples} sample(s)")
    moments = gene_moments(values)
    used = (moments.count >= MIN_OBSERVED * n_samples) & (moments.sd > 0)
    if not used.any():
        raise Refused(
            "no gene varies over the samples, so there are no principal components",
            where=f"{n_genes} genes, {n_samples} samples",
        )
    inner = np.zeros((n_samples, n_samples))
    for block in gene_blocks(values):
        part = _centered(values[block], moments.mean[block], used[block])
        inner += part.T @ part
    total = float(np.trace(inner))
    wanted = min(n_components, n_samples - 1)
    eigenvalues, vectors = eigh(inner, subset_by_index=(n_samples - wanted, n_samples - 1))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    kept = int((eigenvalues > NEGLIGIBLE * eigenvalues[0]).sum())
    eigenvalues, vectors = eigenvalues[:kept], vectors[:, :kept]
    largest = np.argmax(np.abs(vectors).round(9), axis=0)
    vectors = vectors * np.where(vectors[largest, np.arange(kept)] < 0, -1.0, 1.0)
    length = np.sqrt(eigenvalues)
    loadings = None
    if with_loadings:
        loadings = np.full((n_genes, kept), np.nan)
        for block in gene_blocks(values):
            rows = np.flatnonzero(used[block]) + block.start
            loadings[rows] = _centered(values[block], moments.mean[block], used[block]) @ (vectors / length)
    n_filled = int((n_samples - moments.count[used]).sum())
    return Components(vectors * length, eigenvalues / total, loadings, int(used.sum()), n_filled)


def _centered(values: np.ndarray, mean: np.ndarray, used: np.ndarray) -> np.ndarray:
    part: np.ndarray = values[used] - mean[used, None]
    part[np.isnan(part)] = 0.0
    return part
