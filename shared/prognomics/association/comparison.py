"""Compare a continuous marker between groups of samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.association.comparison_tests import METHODS, TESTERS, mean_cells, standard_sizes
from prognomics.association.paired_comparison import PAIRED_TESTS, paired_cells
from prognomics.data.levels import require_few_groups
from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, Refused, first_few, unknown_name, warn
from prognomics.stats import effect_sizes, mean_tests, rank_tests
from prognomics.stats.confounding import confounding_text, contrast, refuse_confounded
from prognomics.stats.descriptives import describe, level_order
from prognomics.stats.multiple_testing import adjust

TESTS = ("mann_whitney", "welch", "t", "kruskal", "anova")
WITHIN_TESTS = ("van_elteren", "linear_model")
CONFOUNDED = "confounded with cohort"

COMPARISON_COLUMNS = table_columns("comparison_table")


@dataclass(frozen=True)
class _Plan:
    pair: str
    omnibus: str


# the omnibus of a two-sample test is its generalization; the pairs of an omnibus test use its ranks or variance
PLANS = {
    "mann_whitney": _Plan("mann_whitney", "kruskal"),
    "welch": _Plan("welch", "welch_anova"),
    "t": _Plan("t", "anova"),
    "kruskal": _Plan("dunn", "kruskal"),
    "anova": _Plan("t_pooled", "anova"),
}


def compare_groups(
    markers: pd.DataFrame,
    groups: np.ndarray,
    *,
    test: str,
    levels: Sequence[str] | None = None,
    reference: str | None = None,
    adjust_method: str = "holm",
    cohort: np.ndarray | None = None,
    population: str | None = None,
    conf_level: float = 0.95,
    pairs: np.ndarray | None = None,
    sample_ids: Sequence[str] | np.ndarray = (),
) -> pd.DataFrame:
    """Group summaries, pairwise tests and an omnibus test of each marker.

    Parameters
    ----------
    markers : DataFrame, shape (n_samples, n_markers)
        Numeric; one column per marker. NaN is excluded per marker and counted.
    groups : array_like of str, shape (n_samples,)
        Group of each sample; samples without one are excluded with a warning.
    test : {"mann_whitney", "welch", "t", "kruskal", "anova", "wilcoxon_signed_rank", "paired_t"}
        The test of pairs and, with three groups or more, its omnibus: Mann-Whitney (Kruskal-Wallis),
        Welch (Welch's ANOVA), Student (ANOVA). `kruskal` and `anova` put the omnibus first, also
        for two groups; their pairs are Dunn's, and t-tests with the variance of all groups.
    levels : sequence of str, optional
        Groups to compare, in order (default: all, by name; low before high). A pair compares the
        later with the earlier.
    reference : str, optional
        Compare every group with this one only (default: all pairs); added to `levels` if it is not there.
    adjust_method : {"holm", "bh", "bonferroni", "none"}
        For `p_adjusted` over the pairs of a marker.
    cohort : array_like of str, optional
        When samples come from several cohorts, each pair is checked for confounding, and where several
        cohorts exist a second pair row gives the estimate within cohorts (van Elteren's test with the
        weighted AUC, or the difference of means adjusted for cohort).
    population : str, optional
        As the table shows it.
    conf_level : float
    pairs : array_like of shape (n_samples,), optional
        For the last two tests: what the samples of a pair have in common, None for samples without. They need neither
        an estimate within cohorts nor an omnibus row.
    sample_ids : sequence of str
        For messages on pairs.

    Returns
    -------
    DataFrame
        Columns `COMPARISON_COLUMNS`. A pair's effect is group minus versus: the Hodges-Lehmann shift
        (`hodges_lehmann`) for rank tests, the mean difference (`mean_difference`) for t-tests, the mean
        rank difference for Dunn, each with its interval if there is one. `statistic` is U (pairs in
        which the group is higher), t, z, H or F. `p_exact` is filled when either group is below ten. Each pair
        also has the standardized differences of :mod:`prognomics.stats.effect_sizes`.

    Raises
    ------
    BadInput
        For an unknown test, level or reference, for more than thirty groups, and for several samples of a pair in one.
    Refused
        With fewer than two groups, when no marker has values in two groups, or when every pair is
        confounded with cohort.
    """
    if test not in (*TESTS, *PAIRED_TESTS):
        raise BadInput(f"unknown test {test!r}", hint=f"one of {', '.join((*TESTS, *PAIRED_TESTS))}")
    if test in PAIRED_TESTS and pairs is None:
        raise BadInput(f"the test {test} needs to know which samples are pairs")
    labels = pd.Series(np.asarray(groups, dtype=object))
    names = chosen_levels(labels, levels, reference)
    cohort = None if cohort is None else np.asarray(cohort, dtype=object)
    contrasts, paired = pairs_of(names, reference), test in PAIRED_TESTS
    rows: list[dict[str, Any]] = []
    weak: dict[str, Any] = {}
    tested, confounded = False, []
    for marker in markers.columns:
        values = np.asarray(markers[marker], dtype=float)
        if np.isinf(values).any():
            raise BadInput(f"marker {marker} holds infinite values", hint="a logarithm of zero? add an offset first")
        samples = {level: values[(labels == level).to_numpy()] for level in names}
        known = {level: s[~np.isnan(s)] for level, s in samples.items()}
        rows += [_group_row(marker, level, s) for level, s in samples.items()]
        filled = [known[level] for level in names if len(known[level])]
        made = []
        for group, versus in contrasts:
            if paired and pairs is not None:
                cells = paired_cells(values, labels, pairs, group, versus, sample_ids, test, conf_level)
                made.append(_empty(marker, "pair") | {"group": group, "versus": versus} | cells)
                tested |= cells["n"] > 0
                continue
            row = _pair_row(marker, group, versus, known, filled, PLANS[test].pair, conf_level)
            made.append(row)
            if cohort is None or not (len(known[group]) and len(known[versus])):
                continue
            try:
                made += _within_rows(row, values, labels, cohort, test, conf_level, weak)
            except Refused as refusal:
                confounded.append(refusal)
                row.update(_untested(f"{CONFOUNDED}: {refusal.where}"))
        pooled = [row for row in made if row["test"] not in WITHIN_TESTS]
        blocked = [str(row["note"]).startswith(CONFOUNDED) for row in pooled]
        for row, p in zip(pooled, adjust([r["p_value"] for r in pooled], adjust_method), strict=True):
            row["p_adjusted"] = p
        rows += made
        tested |= not paired and len(filled) > 1 and not all(blocked)
        # an omnibus test cannot omit the confounded pairs, so there is none with them
        if not paired and (len(names) > 2 or test in ("kruskal", "anova")):
            rows.append(_omnibus_row(marker, filled, samples, PLANS[test].omnibus, any(blocked)))
    if not tested:
        if confounded:
            raise confounded[0]
        if paired:
            raise Refused(
                "no pair has values in two groups, so there is nothing to compare",
                where=f"groups: {first_few(names)}",
                hint="check the column of pairs and the group column",
            )
        raise Refused(
            "no marker has values in two groups, so there is nothing to compare",
            where=f"groups: {first_few(names)}",
            hint="check the group column and the subset (--where)",
        )
    for text in weak.values():
        warn("nearly-confounded", text)
    table = pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))
    table["population"] = population if population is not None else np.nan
    return table


def chosen_levels(labels: pd.Series, levels: Sequence[str] | None, reference: str | None) -> list[str] | None:
    present = level_order(labels)
    if levels is None:
        require_few_groups(present)
        levels = present
    for level in [*levels, *([reference] if reference is not None else [])]:
        if level not in present:
            raise unknown_name("group", str(level), map(str, present))
    if reference is not None and reference not in levels:
        levels = [reference, *levels]
    require_few_groups(levels)
    if len(levels) < 2:
        raise Refused(
            "a comparison needs two groups",
            where=f"groups: {first_few(present)}",
            hint="check the group column and the subset (--where)",
        )
    absent = int(labels.isna().sum())
    if absent:
        warn("no-group", f"{absent} samples have no group and are excluded from the comparison")
    return list(levels)


def pairs_of(levels: list[str], reference: str | None) -> list[tuple[str, str]]:
    if reference is not None:
        return [(level, reference) for level in levels if level != reference]
    return [(levels[j], levels[i]) for i in range(len(levels)) for j in range(i + 1, len(levels))]


def _empty(marker: str, row_type: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COMPARISON_COLUMNS, np.nan)
    row.update(marker=marker, row_type=row_type, method=None, note=None)
    return row


def _group_row(marker: str, level: str, sample: np.ndarray) -> dict[str, Any]:
    return _empty(marker, "group") | describe(sample) | {"group": level, "n_missing": int(np.isnan(sample).sum())}


def _untested(note: str) -> dict[str, Any]:
    kept = ("marker", "row_type", "group", "versus", "n", "n_versus", "test", "method", "effect_type", "population")
    missing: dict[str, Any] = dict.fromkeys([c for c in COMPARISON_COLUMNS if c not in kept], np.nan)
    return missing | {"note": note}


def _pair_row(
    marker: str,
    group: str,
    versus: str,
    known: dict[str, np.ndarray],
    filled: list[np.ndarray],
    test: str,
    conf_level: float,
) -> dict[str, str]:
    x, y = known[group], known[versus]
    row = _empty(marker, "pair") | {
        "group": group,
        "versus": versus,
        "n": len(x),
        "n_versus": len(y),
        "test": test,
        "method": METHODS[test],
    }
    if not (len(x) and len(y)):
        return row | {"note": f"no value in {group if not len(x) else versus}"}
    row |= TESTERS[test](x, y, filled, conf_level) | standard_sizes(x, y, conf_level)
    if np.isnan(row["p_value"]):
        row["note"] = "no test: too few values, or no spread"
    return row


def _within_rows(
    row: dict[str, str],
    values: np.ndarray,
    labels: pd.Series,
    cohort: np.ndarray,
    test: str,
    conf_level: float,
    weak: dict[Any, Any],
) -> list[dict[str, Any]] | None:
    """The estimate within cohorts, when there are several; refuses a confounded pair, collects weak ones."""
    group, versus, known = row["group"], row["versus"], ~np.isnan(values)
    first, second = (labels == group).to_numpy() & known, (labels == versus).to_numpy() & known
    names = (str(group), str(versus))
    counted = contrast(first, second, cohort, names=names)
    if len(counted.counts) < 2:
        return []
    refuse_confounded(counted, names, "the comparison")
    if counted.weak:
        row["note"] = confounding_text(counted, names, "the comparison")
        weak.setdefault((group, versus), row["note"])
    x, y, cx, cy = values[first], values[second], cohort[first].astype(str), cohort[second].astype(str)
    within = _empty(row["marker"], "pair") | {
        "group": group,
        "versus": versus,
        "n": counted.n_contributing[0],
        "n_versus": counted.n_contributing[1],
        "note": f"cohorts that hold both: {', '.join(counted.contributing)}",
    }
    if PLANS[test].pair in ("mann_whitney", "dunn"):
        r = rank_tests.van_elteren(x, y, cx, cy)
        return [
            within
            | {
                "test": "van_elteren",
                "method": "van Elteren (ranks within cohorts), two-sided",
                "statistic": r.statistic,
                "p_value": r.p_value,
                "effect": r.effect,
                "effect_type": "auc_within_cohorts",
                "auc": r.effect,
                "rank_biserial": 2.0 * r.effect - 1.0,
            }
        ]
    difference = mean_tests.difference_within(x, y, cx, cy, conf_level)
    return [
        within
        | mean_cells(difference)
        | {"test": "linear_model", "method": "difference of means within cohorts, two-sided"}
    ]


def _omnibus_row(
    marker: str, filled: list[np.ndarray], samples: dict[str, np.ndarray], test: str, blocked: bool
) -> dict[str, Any]:
    row = _empty(marker, "omnibus") | {
        "n": sum(len(s) for s in filled),
        "n_missing": int(sum(np.isnan(s).sum() for s in samples.values())),
        "test": test,
        "method": METHODS[test],
    }
    if blocked or len(filled) < 2:
        why = "a pair is confounded with cohort" if blocked else "values in one group only"
        return row | {"note": f"no omnibus test: {why}"}
    if test == "kruskal":
        ranks = rank_tests.kruskal_wallis(filled)
        p_value = ranks.p_value
        row |= {
            "statistic": ranks.statistic,
            "df": ranks.df,
            "p_value": p_value,
            "effect": ranks.effect,
            "effect_type": "epsilon_squared",
        }
    else:
        r = (mean_tests.welch_anova if test == "welch_anova" else mean_tests.anova)(filled)
        p_value = r.p_value
        row |= {"statistic": r.statistic, "df": r.df, "p_value": r.p_value, "df_residual": r.df_residual}
        if test == "anova":
            size = effect_sizes.eta_squared(r.statistic, r.df, r.df_residual)
            row |= {"effect": size.estimate, "effect_type": "eta_squared", "ci_low": size.ci_low,
                    "ci_high": size.ci_high}  # fmt: skip
    if np.isnan(p_value):
        row["note"] = "no test: too few values, or no spread"
    return row
