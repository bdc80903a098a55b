"""The comparison of groups in every gene of a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.association.comparison import CONFOUNDED, chosen_levels, pairs_of
from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import Refused, warn
from prognomics.stats.confounding import contrast
from prognomics.stats.multiple_testing import adjust
from prognomics.stats.rank_tests_by_gene import mann_whitney_by_gene

COMPARISON_BY_GENE_COLUMNS = (
    "gene", "group", "versus", "n", "n_versus", "median", "median_versus", "difference", "statistic", "p_value",
    "p_adjusted", "auc", "rank_biserial", "population", "method",
)  # fmt: skip


def compare_by_gene(
    expression: ExpressionMatrix,
    sample_ids: Sequence[str],
    groups,
    *,
    levels: Sequence[str] | None = None,
    reference: str | None = None,
    cohort=None,
    population: str | None = None,
) -> pd.DataFrame:
    """Mann-Whitney test of every gene for each pair of groups.

    Parameters
    ----------
    expression : ExpressionMatrix
    sample_ids : sequence of str
        Samples of `groups`; those that the matrix lacks are left out.
    groups, levels, reference, cohort
        As in :func:`prognomics.association.comparison.compare_groups`.
        A pair that is confounded with cohort has no rows.
    population : str, optional

    Returns
    -------
    DataFrame
        Columns `COMPARISON_BY_GENE_COLUMNS`, the smallest p of a pair first. `difference` is that of the medians, group
        less versus; `p_adjusted` is Benjamini and Hochberg's over the genes of a pair.

    Raises
    ------
    Refused
        Every pair is confounded with cohort.
    """
    column = {sample: j for j, sample in enumerate(expression.sample_ids)}
    place = np.array([column.get(sample, -1) for sample in sample_ids])
    there = place >= 0
    labels = pd.Series(np.asarray(groups, dtype=object))
    levels = chosen_levels(labels, levels, reference)
    values = np.asarray(expression.values)[:, place[there]]
    tables, confounded = [], []
    for group, versus in pairs_of(levels, reference):
        members = [(labels == level).to_numpy() & there for level in (group, versus)]
        if cohort is not None:
            table = contrast(*members, cohort, names=(group, versus))
            if len(table.counts) > 1 and table.confounded:
                confounded.append(f"{group} and {versus}")
                continue
        tables.append(_pair(values, expression.gene_ids, group, versus, *(who[there] for who in members)))
    if confounded:
        text = f"{CONFOUNDED}: {'; '.join(confounded)}"
        if not tables:
            raise Refused(f"no gene can be compared: every pair of groups is {text}",
                          hint="add a cohort that holds both groups, or compare within one cohort")  # fmt: skip
        warn("confounded", f"pairs without rows in the comparison of every gene, {text}")
    made = pd.concat(tables, ignore_index=True)
    made["population"] = population if population is not None else np.nan
    return made[list(COMPARISON_BY_GENE_COLUMNS)]


def _pair(values, gene_ids, group, versus, inside, outside) -> pd.DataFrame:
    found = mann_whitney_by_gene(values, inside, outside)
    medians = [_medians(values[:, who]) for who in (inside, outside)]
    method = np.where(found.exact, "Mann-Whitney, two-sided, exact", "Mann-Whitney, two-sided")
    table = pd.DataFrame({
        "gene": list(gene_ids), "group": group, "versus": versus, "n": found.n, "n_versus": found.n_versus,
        "median": medians[0], "median_versus": medians[1], "difference": medians[0] - medians[1],
        "statistic": found.u, "p_value": found.p_value, "p_adjusted": adjust(found.p_value, "bh"), "auc": found.auc,
        "rank_biserial": 2 * found.auc - 1, "method": method,
    })  # fmt: skip
    return table.sort_values("p_value", kind="stable", ignore_index=True)


def _medians(values: np.ndarray) -> np.ndarray:
    """Of each row, NaN left out and where there is nothing."""
    complete = ~np.isnan(values).any(axis=1)
    medians = np.full(len(values), np.nan)
    if values.shape[1]:
        medians[complete] = np.median(values[complete], axis=1)
    for row in np.flatnonzero(~complete):
        known = values[row][~np.isnan(values[row])]
        medians[row] = np.median(known) if len(known) else np.nan
    return medians
