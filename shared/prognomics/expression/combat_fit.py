"""The two passes of ComBat over the matrix: least squares by gene, then scale and shift."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

SINGULAR = 1e-10  # reciprocal condition of a gene's normal equations


@dataclass(frozen=True)
class BatchDesign:
    """Samples sorted by batch, with centered covariates.

    Attributes
    ----------
    names : list of str
    order : numpy.ndarray of int, shape=(n_samples,), or None
        Samples batch after batch; None when they stand so already.
    spans : list of slice
        Each batch's samples within that order.
    sizes : numpy.ndarray of int, shape=(n_batches,)
    covariates : numpy.ndarray, shape=(n_samples, n_columns)
        In that order, centered and scaled: ComBat's result does not depend on either.
    reference : int or None
    """

    names: list[str]
    order: np.ndarray | None
    spans: list[slice]
    sizes: np.ndarray
    covariates: np.ndarray
    reference: int | None

    @classmethod
    def of(cls, batch: np.ndarray, names: list[str], columns: np.ndarray, reference: str | None) -> BatchDesign:
        code = np.array([names.index(name) for name in batch])
        order = np.argsort(code, kind="stable")
        sizes = np.bincount(code, minlength=len(names))
        ends = np.cumsum(sizes)
        columns = columns[order] - columns.mean(axis=0)
        columns = columns / np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1.0)
        return cls(
            names=names,
            order=None if (np.diff(order) > 0).all() else order,
            spans=[slice(end - size, end) for end, size in zip(ends, sizes)],
            sizes=sizes,
            covariates=columns,
            reference=None if reference is None else names.index(reference),
        )

    def sorted(self, values: np.ndarray) -> np.ndarray:
        return values if self.order is None else values[:, self.order]

    def indicator(self) -> np.ndarray:
        return np.repeat(np.eye(len(self.names)), self.sizes, axis=0)


@dataclass(frozen=True)
class GeneFit:
    """Least-squares fit of genes on batches and covariates.

    Attributes
    ----------
    count, batch_mean, residual_ss : numpy.ndarray, shape=(n_genes, n_batches)
        Observed values, batch coefficients, and residual sums of squares.
    slope : numpy.ndarray, shape=(n_genes, n_columns)
        Covariate coefficients.
    constant_in_batch, singular : numpy.ndarray of bool, shape=(n_genes,)
        All values of some batch (of two or more samples, none missing) are equal; no unique fit.
    mean_square : numpy.ndarray, shape=(n_genes,)
        Of the observed values: the scale on which rounding is judged.
    """

    count: np.ndarray
    batch_mean: np.ndarray
    residual_ss: np.ndarray
    slope: np.ndarray
    constant_in_batch: np.ndarray
    singular: np.ndarray
    mean_square: np.ndarray

    @classmethod
    def joined(cls, parts: list[GeneFit]) -> GeneFit:
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)})

    def rows(self, block: slice) -> GeneFit:
        return GeneFit(**{f.name: getattr(self, f.name)[block] for f in fields(self)})

    def center(self, design: BatchDesign) -> np.ndarray:
        """The mean that batches are brought to: the reference's, or that of all weighted by size."""
        if design.reference is not None:
            return self.batch_mean[:, design.reference]
        result: np.ndarray = self.batch_mean @ (design.sizes / design.sizes.sum())
        return result

    def unestimable(self, mean_only: bool) -> np.ndarray:
        too_few = (self.count < (1 if mean_only else 2)).any(axis=1)
        result: np.ndarray = (too_few | self.singular) & ~self.constant_in_batch
        return result


def fit_genes(values: np.ndarray, design: BatchDesign) -> GeneFit:
    """Fit a block of genes, shape=(n_genes, n_samples), missing as NaN."""
    rows = design.sorted(values)
    missing = np.isnan(rows)
    any_missing = bool(missing.any())
    filled = np.where(missing, 0.0, rows) if any_missing else rows
    shape = (len(rows), len(design.names))
    if any_missing:
        count = np.stack([(~missing[:, span]).sum(axis=1) for span in design.spans], axis=1)
    else:
        count = np.broadcast_to(design.sizes, shape).copy()
    sums = np.stack([filled[:, span].sum(axis=1) for span in design.spans], axis=1)
    singular = np.zeros(len(rows), dtype=bool)
    if design.covariates.shape[1]:
        batch_mean, slope, singular = _coefficients(filled, missing if any_missing else None, sums, design)
        filled = filled - slope @ design.covariates.T
    else:
        slope = np.empty((len(rows), 0))
        batch_mean = np.divide(sums, count, out=np.full(shape, np.nan), where=count > 0)
    residual_ss = np.empty(shape)
    constant = np.zeros(len(rows), dtype=bool)
    for index, span in enumerate(design.spans):
        residual = filled[:, span] - batch_mean[:, index, None]
        if any_missing:
            residual[missing[:, span]] = 0.0
        residual_ss[:, index] = np.einsum("ij,ij->i", residual, residual)
        if design.sizes[index] > 1:  # NaN compares unequal: a gene with a missing value is not constant
            constant |= (rows[:, span] == rows[:, span.start, None]).all(axis=1)
    observed = np.maximum(count.sum(axis=1), 1)
    mean_square = (np.nansum(count * batch_mean**2, axis=1) + np.nansum(residual_ss, axis=1)) / observed
    return GeneFit(count, batch_mean, residual_ss, slope, constant, singular, mean_square)


def _coefficients(
    filled: np.ndarray, missing: np.ndarray | None, sums: np.ndarray, design: BatchDesign
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Batch coefficients, slopes, and if there is no unique solution."""
    n_batches = len(design.names)
    matrix = np.hstack([design.indicator(), design.covariates])
    right = np.hstack([sums, filled @ design.covariates])
    singular = np.zeros(len(filled), dtype=bool)
    if missing is None:
        solution = np.linalg.solve(matrix.T @ matrix, right.T).T
    else:
        width = matrix.shape[1]
        products = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
        normal = ((~missing).astype(np.float64) @ products).reshape(-1, width, width)
        eigenvalues = np.linalg.eigvalsh(normal)
        singular = eigenvalues[:, 0] <= SINGULAR * eigenvalues[:, -1]
        normal[singular] = np.eye(width)
        solution = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
        solution[singular] = np.nan
    return solution[:, :n_batches], solution[:, n_batches:], singular


def adjust_genes(
    values: np.ndarray,
    design: BatchDesign,
    fit: GeneFit,
    sd: np.ndarray,
    gamma: np.ndarray,
    delta: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the adjusted block into `out`: ((x - m) / sd - gamma) / sqrt(delta) * sd + m.

    m is the common center plus the covariates' part; the reference batch is copied.
    """
    rows = design.sorted(values)
    target = out if design.order is None else np.empty_like(rows)
    scale = 1 / np.sqrt(delta)
    center = fit.center(design)
    shift = center[:, None] * (1 - scale) - scale * sd[:, None] * gamma
    for index, span in enumerate(design.spans):
        if index == design.reference:
            target[:, span] = rows[:, span]
            continue
        np.multiply(rows[:, span], scale[:, index, None], out=target[:, span])
        target[:, span] += shift[:, index, None]
        if design.covariates.shape[1]:
            target[:, span] += (1 - scale[:, index, None]) * (fit.slope @ design.covariates[span].T)
    if design.order is not None:
        out[:, design.order] = target
