"""One linear model of every gene on the same samples, for the coefficient of a contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import Refused

DEPENDENT = 1e-7  # of a column's length: what R's lm.fit takes for linearly dependent
SINGULAR = 1e-8
LITTLE = 1e-3  # of the sum of squares: less is left over with too few digits
MANY_COLUMNS = 150  # from here on the products of all pairs of columns take too much memory
BLOCK_VALUES = 1 << 20


@dataclass(frozen=True)
class LinearDesign:
    """Orthogonal columns of a design whose last column is the contrast.

    Attributes
    ----------
    columns : numpy.ndarray, shape (n_samples, rank)
        The columns that are kept, the contrast last.
    q : numpy.ndarray, shape (n_samples, rank)
        Orthonormal, of the same space.
    r : numpy.ndarray, shape (rank, rank)
        Upper triangular, columns = q r.
    """

    columns: np.ndarray
    q: np.ndarray
    r: np.ndarray


@dataclass(frozen=True)
class ContrastFits:
    """The contrast's coefficient in every gene, arrays of shape (n_genes,); NaN where it is not estimable.

    Attributes
    ----------
    n : numpy.ndarray of int
        Samples with a value.
    coefficient, unscaled : numpy.ndarray
        Estimate, and its standard error for a residual standard deviation of one.
    variance : numpy.ndarray
        Residual variance; NaN without residual degrees of freedom.
    df : numpy.ndarray
        Residual degrees of freedom.
    mean : numpy.ndarray
        Of the values, weights aside.
    """

    n: np.ndarray
    coefficient: np.ndarray
    unscaled: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    mean: np.ndarray


def linear_design(nuisance: np.ndarray, contrast: np.ndarray) -> LinearDesign:
    """Drop columns that depend on those before them, and make the rest orthogonal.

    Parameters
    ----------
    nuisance : numpy.ndarray, shape (n_samples, n_columns)
        With an intercept, or columns that add up to one.
    contrast : numpy.ndarray, shape (n_samples,)

    Raises
    ------
    Refused
        The contrast is a combination of the other columns.
    """
    kept = independent_columns(nuisance)
    columns = np.column_stack([nuisance[:, kept], contrast])
    q, r = np.linalg.qr(columns)
    if len(columns) < columns.shape[1] or abs(r[-1, -1]) <= DEPENDENT * np.linalg.norm(contrast):
        raise Refused("the contrast is confounded with the block and the covariates: it is a combination of them",
                      hint="omit a covariate that repeats the contrast, or give another --block")  # fmt: skip
    return LinearDesign(columns, q, r)


def independent_columns(columns: np.ndarray) -> np.ndarray:
    """Columns that are not combination of those before them, by their numbers."""
    kept = np.arange(columns.shape[1])
    while len(kept):
        part = columns[:, kept]
        diagonal = np.abs(np.diag(np.linalg.qr(part, mode="r")))
        small = np.flatnonzero(diagonal <= DEPENDENT * np.linalg.norm(part, axis=0)[: len(diagonal)])
        if not len(small):
            return kept[: len(part)]
        kept = np.delete(kept, small[0])
    return kept


def fit_by_gene(values: np.ndarray, design: LinearDesign, weights: np.ndarray | None = None) -> ContrastFits:
    """Least squares of every gene, missing values excluded gene by gene; as limma's `lmFit`.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_samples)
        Missing is NaN.
    design : LinearDesign
    weights : numpy.ndarray, shape (n_genes, n_samples), optional
        Positive.

    Returns
    -------
    ContrastFits
        A gene whose values do not vary has a coefficient and a variance of exactly zero.
    """
    n_genes, n_samples = values.shape
    rank = design.q.shape[1]
    found = np.full((5, n_genes), np.nan)
    n = np.zeros(n_genes, dtype=np.int64)
    step = max(1, BLOCK_VALUES // (n_samples + rank * rank))
    for start in range(0, n_genes, step):
        block = slice(start, start + step)
        part = np.asarray(values[block], dtype=float)
        whole = ~np.isnan(part.sum(axis=1))
        there = np.ones((1, 1), dtype=bool) if whole.all() else ~np.isnan(part)
        n[block] = n_samples if whole.all() else there.sum(axis=1)
        low, high = np.fmin.reduce(part, axis=1), np.fmax.reduce(part, axis=1)
        level = np.where(n[block] > 0, low, 0.0)[:, None]  # taken off, so that large values keep their digits
        part = part - level if whole.all() else np.where(there, part - level, 0.0)
        with np.errstate(invalid="ignore"):
            mean = level[:, 0] + part.sum(axis=1) / np.where(n[block] > 0, n[block], np.nan)
        fits = np.full((4, len(part)), np.nan)
        if weights is not None:
            fits = _fit_weighted(part, there * weights[block], design)
        elif whole.all():
            fits = _fit_whole(part, design)
        else:
            fits[:, whole] = _fit_whole(part[whole], design)
            fits[:, ~whole] = _fit_weighted(part[~whole], there[~whole].astype(float), design)
        constant = low == high
        fits[0, constant & ~np.isnan(fits[0])] = 0.0
        fits[2, constant & ~np.isnan(fits[2])] = 0.0
        found[:4, block], found[4, block] = fits, mean
    coefficient, unscaled, variance, df, mean = found
    return ContrastFits(n, coefficient, unscaled, variance, np.nan_to_num(df), mean)


def _fit_whole(part: np.ndarray, design: LinearDesign) -> np.ndarray:
    """By the lengths of values and of their projection; by the residuals themselves where little is left."""
    rotated = part @ design.q
    squares = np.einsum("ij,ij->i", part, part)
    left = squares - np.einsum("ij,ij->i", rotated, rotated)
    near = np.flatnonzero(left < LITTLE * squares)
    if len(near):
        rest = part[near] - rotated[near] @ design.q.T
        left[near] = np.einsum("ij,ij->i", rest, rest)
    df = design.q.shape[0] - design.q.shape[1]
    last = design.r[-1, -1]
    variance = left / (df or np.nan)
    return np.stack([rotated[:, -1] / last, np.full(len(part), 1.0 / abs(last)), variance, np.full(len(part), df)])


def _fit_weighted(part: np.ndarray, weights: np.ndarray, design: LinearDesign) -> np.ndarray:
    """By the normal equations in the orthonormal basis, where they are well conditioned; else one by one."""
    q, last = design.q, design.r[-1, -1]
    rank = q.shape[1]
    scaled = weights / np.maximum(weights.max(axis=1, keepdims=True), 1e-300)
    gram = _grams(scaled, q)
    eigen = np.linalg.eigvalsh(gram)
    good = eigen[:, 0] > SINGULAR * eigen[:, -1]
    fits = np.full((4, len(part)), np.nan)
    if good.any():
        inverse = np.linalg.inv(gram[good])
        rotated = np.einsum("gij,gj->gi", inverse, (scaled[good] * part[good]) @ q)
        left = part[good] - rotated @ q.T
        rotated += np.einsum("gij,gj->gi", inverse, (scaled[good] * left) @ q)  # one step of refinement
        left = part[good] - rotated @ q.T
        df = (weights[good] > 0).sum(axis=1) - rank
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = np.einsum("ij,ij,ij->i", weights[good], left, left) / np.where(df > 0, df, np.nan)
        peak = weights[good].max(axis=1)
        fits[:, good] = [rotated[:, -1] / last, np.sqrt(inverse[:, -1, -1] / peak) / abs(last), variance, df]
    for row in np.flatnonzero(~good):
        fits[:, row] = _fit_one(part[row], weights[row], design.columns)
    return fits


def _grams(weights: np.ndarray, q: np.ndarray) -> np.ndarray:
    """q' W q of every gene, shape (n_genes, rank, rank)."""
    rank = q.shape[1]
    gram = np.empty((len(weights), rank, rank))
    if rank > MANY_COLUMNS:
        for own, made in zip(weights, gram, strict=True):
            np.matmul((q * own[:, None]).T, q, out=made)
        return gram
    rows, columns = np.tril_indices(rank)
    gram[:, rows, columns] = weights @ (q[:, rows] * q[:, columns])
    gram[:, columns, rows] = gram[:, rows, columns]
    return gram


def _fit_one(values: np.ndarray, weights: np.ndarray, columns: np.ndarray) -> list[float]:
    """One gene whose samples leave some columns dependent; these are dropped, as R's `lm.fit` does."""
    there = weights > 0
    root = np.sqrt(weights[there])
    y, x = values[there] * root, columns[there] * root[:, None]
    kept = independent_columns(x)
    if not len(kept):
        return [np.nan, np.nan, np.nan, 0.0]
    q, r = np.linalg.qr(x[:, kept])
    rotated = q.T @ y
    left, df = y - q @ rotated, len(y) - len(kept)
    estimable = kept[-1] == columns.shape[1] - 1
    coefficient, unscaled = (rotated[-1] / r[-1, -1], 1.0 / abs(r[-1, -1])) if estimable else (np.nan, np.nan)
    return [coefficient, unscaled, float(left @ left) / df if df > 0 else np.nan, float(df)]
