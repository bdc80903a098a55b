"""Fraction of the variance of expression that cohorts and covariates explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from prognomics.expression.moments import gene_blocks

Explained = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of centered rows and where they are observed
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
    return variance_shares(values, [variable])[0]


def variance_shares(values: np.ndarray, variables: Sequence[Sequence[object]]) -> list[float]:
    """`variance_share` of each variable; those that are known for the same samples take one pass over the matrix."""
    shares = []
    for explained, total in _sums_by_variable(values, variables):
        share = float(explained.sum() / total.sum()) if total.sum() > 0 else float("nan")
        shares.append(0.0 if share <= ROUNDING else share)
    return shares


def explained_sums(values: np.ndarray, variable: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
    """Explained and total sum of squares of each row; each shape=(n_genes,)."""
    return _sums_by_variable(values, [variable])[0]


def _sums_by_variable(values: np.ndarray, variables: Sequence[Sequence[object]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """`explained_sums` of each variable."""
    n_genes = values.shape[0]
    found = [(np.zeros(n_genes), np.zeros(n_genes)) for _ in variables]
    together: dict[bytes, list[tuple[int, Explained]]] = {}
    for place, variable in enumerate(variables):
        column = pd.Series(list(variable))
        if column.dtype == object:
            column = column.infer_objects()
        known = column.notna().to_numpy()
        column = column[known]
        if column.nunique() < 2:
            continue
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            explained = _by_line(column.to_numpy(dtype=np.float64))
        else:
            explained = _by_level(pd.factorize(column)[0])
        together.setdefault(known.tobytes(), []).append((place, explained))
    for mask, group in together.items():
        known = np.frombuffer(mask, dtype=bool)
        parts, total = _sums(values if known.all() else values[:, known], [explained for _, explained in group])
        for (place, _), part in zip(group, parts, strict=True):
            found[place] = part, total
    return found


def _by_level(codes: np.ndarray) -> Explained:
    indicator = np.zeros((codes.size, codes.max() + 1))
    indicator[np.arange(codes.size), codes] = 1.0

    def explained(filled: np.ndarray, observed: np.ndarray) -> np.ndarray:
        sums, counts = filled @ indicator, observed @ indicator
        squares: np.ndarray = np.divide(sums**2, counts, out=np.zeros_like(sums), where=counts > 0).sum(axis=1)
        return squares

    return explained


def _by_line(x: np.ndarray) -> Explained:
    x = x - x.mean()

    def explained(filled: np.ndarray, observed: np.ndarray) -> np.ndarray:
        n, sum_x, sum_xx = observed.sum(axis=1), observed @ x, observed @ x**2
        spread = sum_xx - np.divide(sum_x**2, n, out=np.zeros_like(sum_x), where=n > 0)
        cross = filled @ x  # rows are centered: the mean of x drops out
        squares: np.ndarray = np.divide(cross**2, spread, out=np.zeros_like(cross), where=spread > 1e-12 * (x @ x))
        return squares

    return explained


def _sums(values: np.ndarray, explained: list[Explained]) -> tuple[list[np.ndarray], np.ndarray]:
    """Explained sums of squares by each variable, and the total, of each row."""
    parts, total = [np.zeros(values.shape[0]) for _ in explained], np.zeros(values.shape[0])
    for block in gene_blocks(values):
        rows = values[block]
        observed = ~np.isnan(rows)
        n = observed.sum(axis=1)
        filled = np.where(observed, rows, 0.0)
        center = np.divide(filled.sum(axis=1), n, out=np.zeros(len(rows)), where=n > 0)
        filled = np.where(observed, rows - center[:, None], 0.0)
        total[block] = np.einsum("ij,ij->i", filled, filled)
        counted = observed.astype(np.float64)
        for part, by_variable in zip(parts, explained, strict=True):
            part[block] = by_variable(filled, counted)
    return parts, total
