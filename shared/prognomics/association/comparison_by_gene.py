"""The comparison of groups in every gene of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.association.comparison import CONFOUNDED, chosen_levels, pairs_of
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.registry import table_columns
from prognomics.errors import Refused, UsageError, warn
from prognomics.stats.confounding import FEWEST_WITHIN, cohort_names, confounding_text, contrast
from prognomics.stats.multiple_testing import adjust
from prognomics.stats.rank_tests_by_gene import (
    mann_whitney_by_gene,
    median_differences_within,
    medians_by_gene,
    van_elteren_by_gene,
)

COMPARISON_BY_GENE_COLUMNS = table_columns("comparison_by_gene")


def compare_by_gene(
    expression: ExpressionMatrix | None,
    sample_ids: Sequence[str],
    groups: np.ndarray,
    *,
    levels: Sequence[str] | None = None,
    reference: str | None = None,
    cohort: np.ndarray | None = None,
    population: str | None = None,
    pairs: object | None = None,
) -> pd.DataFrame:
    """Mann-Whitney test of every gene for each pair of groups, within cohorts if there are several.

    Parameters
    ----------
    expression : ExpressionMatrix
    sample_ids : sequence of str
        Samples of `groups`; those that the matrix lacks are excluded.
    groups, levels, reference, cohort
        As in :func:`prognomics.association.comparison.compare_groups`.
        Where a pair's samples come from several cohorts the test is van Elteren's within cohorts, and a pair that is
        confounded with cohort has no rows.
    population : str, optional
    pairs : optional
        Refused: pairs are not tested.

    Returns
    -------
    DataFrame
        Columns `COMPARISON_BY_GENE_COLUMNS`, the smallest p of a pair first. `statistic` is U, or z within
        cohorts, with the unstratified p next to it. `difference` is that of the medians, group less versus, and within
        cohorts the mean over cohorts with van Elteren's weights. `p_adjusted` is Benjamini and Hochberg's over the
        genes of a pair.

    Raises
    ------
    Refused
        Every pair is confounded with cohort.
    UsageError
        Pairs of samples, or no matrix.
    """
    if pairs is not None:
        raise UsageError("the comparison of every gene has no test of pairs", hint="omit --out-genes")
    if expression is None:
        raise UsageError("a comparison of every gene needs an expression matrix",
                         hint="give --expression and a --gene, or omit this output")  # fmt: skip
    column = {sample: j for j, sample in enumerate(expression.sample_ids)}
    place = np.array([column.get(sample, -1) for sample in sample_ids])
    there = place >= 0
    labels = pd.Series(np.asarray(groups, dtype=object))
    chosen = chosen_levels(labels, levels, reference)
    values = np.asarray(expression.values)[:, place[there]]
    cohort = None if cohort is None else cohort_names(cohort)
    tables, confounded = [], []
    for group, versus in pairs_of(chosen, reference):
        members = [(labels == level).to_numpy() & there for level in (group, versus)]
        strata, note = None, None
        if cohort is not None:
            names = (str(group), str(versus))
            table = contrast(members[0], members[1], cohort, names=names)
            if len(table.counts) > 1 and table.confounded:
                confounded.append(f"{group} and {versus}")
                continue
            if len(table.counts) > 1:
                strata = cohort[there]
            if strata is not None and table.weak:
                note = confounding_text(table, names, "the comparison of every gene")
                warn("nearly-confounded", note)
        made = _pair(values, expression.gene_ids, group, versus, members[0][there], members[1][there], strata)
        tables.append(made if note is None else made.assign(note=note))
    if confounded:
        text = f"{CONFOUNDED}: {'; '.join(confounded)}"
        if not tables:
            raise Refused(f"no gene can be compared: every pair of groups is {text}",
                          hint="add a cohort that holds both groups, or compare within one cohort")  # fmt: skip
        warn("confounded", f"pairs without rows in the comparison of every gene, {text}")
    made = pd.concat(tables, ignore_index=True)
    made["population"] = population if population is not None else np.nan
    return made[list(COMPARISON_BY_GENE_COLUMNS)]


def _pair(
    values: np.ndarray,
    gene_ids: list[str],
    group: str,
    versus: str,
    inside: np.ndarray,
    outside: np.ndarray,
    strata: Any,
) -> pd.DataFrame:
    found = mann_whitney_by_gene(values, inside, outside)
    medians = [medians_by_gene(values[:, who]) for who in (inside, outside)]
    if strata is None:
        method: Any = np.where(found.exact, "Mann-Whitney, two-sided, exact", "Mann-Whitney, two-sided")
        cells = {"n": found.n, "n_versus": found.n_versus, "difference": medians[0] - medians[1],
                 "statistic": found.u, "p_value": found.p_value, "auc": found.auc, "p_exact": found.p_exact,
                 "p_unstratified": np.nan, "strata": "none", "note": None}  # fmt: skip
    else:
        within = van_elteren_by_gene(values, inside, outside, strata)
        method = "van Elteren (ranks within cohorts), two-sided"
        cells = {"n": within.n, "n_versus": within.n_versus, "statistic": within.z, "p_value": within.p_value,
                 "difference": median_differences_within(values, inside, outside, strata), "auc": within.auc,
                 "p_exact": np.nan, "p_unstratified": found.p_value, "strata": "cohort",
                 "note": _notes(within)}  # fmt: skip
    cells |= {"rank_biserial": 2 * cells["auc"] - 1, "p_adjusted": adjust(cells["p_value"], "bh")}
    described = {"gene": list(gene_ids), "group": group, "versus": versus, "median": medians[0],
                 "median_versus": medians[1], "method": method}  # fmt: skip
    return pd.DataFrame(described | cells).sort_values("p_value", kind="stable", ignore_index=True)


def _notes(within: Any) -> list[str | None]:
    """Genes whose own values leave one cohort, or few samples of a group."""
    fewest = np.minimum(within.n, within.n_versus)
    weak = (within.n_strata == 1) | (fewest < FEWEST_WITHIN)
    return [
        f"rests on {k} {'cohort' if k == 1 else 'cohorts'} and {few} samples of the smaller group" if is_weak else None
        for k, few, is_weak in zip(within.n_strata, fewest, weak, strict=True)
    ]
