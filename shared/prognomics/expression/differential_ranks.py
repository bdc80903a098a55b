"""Rank tests of every gene between two groups: overall, within blocks, or of pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from prognomics.errors import BadInput, Refused, first_few
from prognomics.expression.differential_samples import Comparison
from prognomics.stats.paired_tests import signed_rank
from prognomics.stats.rank_tests_by_gene import (
    mann_whitney_by_gene,
    median_differences_within,
    medians_by_gene,
    van_elteren_by_gene,
)


def rank_columns(values: np.ndarray, comparison: Comparison, sample_ids: list[str]) -> tuple[dict[str, Any], str]:
    """Columns of the table of differential expression, and the test in words.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_samples)
    comparison : Comparison
        Of two groups. Samples of other levels have no part in the tests.
    sample_ids : list of str
        For messages.

    Returns
    -------
    (dict of str to numpy.ndarray, str)
        `t` is the normal deviate z of the p-value, with the sign of the difference.
    """
    high, low = comparison.high, comparison.low
    if comparison.pairs is not None:
        return _of_pairs(values, comparison, sample_ids)
    if high is None or low is None:
        raise ValueError("a rank test is of two groups")
    if comparison.strata is None:
        found = mann_whitney_by_gene(values, high, low)
        sign = np.sign(found.u - found.n * found.n_versus / 2.0)
        difference = medians_by_gene(values[:, high]) - medians_by_gene(values[:, low])
        z = -sign * ndtri(found.p_value / 2.0)
        cells, how = (found.n + found.n_versus, difference, z, found.p_value), "Mann-Whitney"
    else:
        within = van_elteren_by_gene(values, high, low, comparison.strata)
        difference = median_differences_within(values, high, low, comparison.strata)
        cells, how = (within.n + within.n_versus, difference, within.z, within.p_value), "van Elteren"
    return _columns(values[:, high | low], *cells), f"{how} rank test, two-sided"


def _columns(values, n, difference, z, p_value) -> dict[str, Any]:
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1)
    if np.isnan(p_value).all():
        raise Refused("no gene has values enough for the comparison")
    nothing = np.full(len(values), np.nan)
    return {
        "n": n, "log_fc": difference, "se": nothing, "mean": mean, "t": z, "df": nothing, "p_value": p_value,
        "ci_low": nothing, "ci_high": nothing, "df_prior": nothing, "sigma": nothing, "f": nothing, "f_df": nothing,
        "f_p_value": nothing, "f_q_value": nothing,
        "note": np.where(np.isnan(p_value), "no block has values of both groups that differ", None),
    }  # fmt: skip


def _of_pairs(values: np.ndarray, comparison: Comparison, sample_ids: list[str]) -> tuple[dict[str, Any], str]:
    sides = []
    for side in (comparison.high, comparison.low):
        rows = np.flatnonzero(side)
        order = rows[np.argsort(comparison.pairs[rows], kind="stable")]
        sides.append(order)
        _, first, count = np.unique(comparison.pairs[order], return_index=True, return_counts=True)
        if (count > 1).any():
            twice = [sample_ids[row] for row in order[np.repeat(count > 1, count)]]
            raise BadInput(f"{int((count > 1).sum())} pairs have several samples in a group", where=first_few(twice),
                           hint="keep one sample of each by --one-sample-per-patient or --where")  # fmt: skip
    x, y = values[:, sides[0]], values[:, sides[1]]
    n, difference, z, p_value = np.full((4, len(values)), np.nan)
    for gene, both in enumerate(~np.isnan(x) & ~np.isnan(y)):
        n[gene] = 2 * both.sum()
        if both.any():
            found = signed_rank(x[gene, both], y[gene, both])
            used = int(both.sum()) - found.n_zero
            difference[gene], p_value[gene] = found.shift, found.p_value
            z[gene] = -np.sign(found.v - used * (used + 1) / 4.0) * ndtri(found.p_value / 2.0)
    cells = _columns(values[:, np.concatenate(sides)], n.astype(np.int64), difference, z, p_value)
    return cells, "Wilcoxon signed ranks of pairs, two-sided"
