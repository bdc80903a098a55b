"""Fraction of the variance of expression that cohorts and covariates explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.expression.moments import gene_blocks

ROUNDING = 1e-12  # a share below this is rounding, and none after exact centering


def variance_share(values: np.ndarray, variable: Sequence[object]) -> float:
    """Variance explained by a variable over all genes: sum of SS_explained / sum of SS_total.

    Each gene's R-squared of a one-way layout (levels) or of a straight line (numbers), weighted by the
    gene's variance. Its expectation without any effect is (n_levels - 1) / (n_samples - 1).

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN: excluded, gene by gene.
    variable : sequence, shape=(n_samples,)
        Numbers (other than booleans), or levels; samples with a missing value are excluded.

    Returns
    -------
    float
        NaN when the variable or all genes are constant.
    """
    explained, total = explained_sums(values, variable)
    if not total.sum() > 0:
        return float("nan")
    share = float(explained.sum() / total.sum())
    return share if share > ROUNDING else 0.0


def explained_sums(values: np.ndarray, variable: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
    """Explained and total sum of squares of each row; each shape=(n_genes,)."""
    column = pd.Series(list(variable))
    if column.dtype == object:
        column = column.infer_objects()
    known = column.notna().to_numpy()
    rows = values if known.all() else values[:, known]
    column = column[known]
    if column.nunique() < 2:
        return np.zeros(values.shape[0]), np.zeros(values.shape[0])
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return _line_sums(rows, column.to_numpy(dtype=np.float64))
    return _level_sums(rows, pd.factorize(column)[0])


def _level_sums(values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    indicator = np.zeros((codes.size, codes.max() + 1))
    indicator[np.arange(codes.size), codes] = 1.0

    def explained(filled: np.ndarray, observed: np.ndarray) -> np.ndarray:
        sums, counts = filled @ indicator, observed @ indicator
        return np.divide(sums**2, counts, out=np.zeros_like(sums), where=counts > 0).sum(axis=1)

    return _sums(values, explained)


def _line_sums(values: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = x - x.mean()

    def explained(filled: np.ndarray, observed: np.ndarray) -> np.ndarray:
        n, sum_x, sum_xx = observed.sum(axis=1), observed @ x, observed @ x**2
        spread = sum_xx - np.divide(sum_x**2, n, out=np.zeros_like(sum_x), where=n > 0)
        cross = filled @ x  # rows are centered: the mean of x drops out
        return np.divide(cross**2, spread, out=np.zeros_like(cross), where=spread > 1e-12 * (x @ x))

    return _sums(values, explained)


def _sums(values: np.ndarray, explained: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
    part, total = np.zeros(values.shape[0]), np.zeros(values.shape[0])
    for block in gene_blocks(values):
        rows = values[block]
        observed = ~np.isnan(rows)
        n = observed.sum(axis=1)
        filled = np.where(observed, rows, 0.0)
        center = np.divide(filled.sum(axis=1), n, out=np.zeros(len(rows)), where=n > 0)
        filled = np.where(observed, rows - center[:, None], 0.0)
        total[block] = np.einsum("ij,ij->i", filled, filled)
        part[block] = explained(filled, observed.astype(np.float64))
    return part, total
