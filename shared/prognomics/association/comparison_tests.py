"""Tests and effect sizes of a pair of groups, as cells of a row."""

from __future__ import annotations

from typing import Any

from prognomics.stats import effect_sizes, mean_tests, rank_tests

METHODS = {
    "mann_whitney": "Mann-Whitney, two-sided",
    "welch": "Welch t-test, two-sided",
    "t": "Student t-test, two-sided",
    "dunn": "Dunn on the ranks of all groups, two-sided",
    "t_pooled": "t-test with the variance of all groups, two-sided",
    "kruskal": "Kruskal-Wallis",
    "welch_anova": "Welch analysis of variance",
    "anova": "analysis of variance",
}


def standard_sizes(x: Any, y: Any, conf_level: float) -> dict[str, float]:
    """Differences on scales that compare between markers: of means in standard deviations, of ranks as shares."""
    d = effect_sizes.cohens_d(x, y, conf_level)
    g = effect_sizes.hedges_g(d, len(x) + len(y))
    auc = rank_tests.share_above(x, y)
    low, high = effect_sizes.auc_limits(x, y, conf_level)
    cells = {"auc": auc, "auc_low": low, "auc_high": high, "rank_biserial": 2.0 * auc - 1.0,
             "rank_biserial_low": 2.0 * low - 1.0, "rank_biserial_high": 2.0 * high - 1.0}  # fmt: skip
    for name, size in (("cohens_d", d), ("hedges_g", g)):
        cells |= {name: size.estimate, f"{name}_low": size.ci_low, f"{name}_high": size.ci_high}
    return cells


def _test_mann_whitney(x: Any, y: Any, filled: Any, conf_level: float) -> dict[str, Any]:
    small = min(len(x), len(y)) < rank_tests.EXACT_P_BELOW
    r = rank_tests.mann_whitney(x, y, exact_p=small, conf_level=conf_level)
    kind = "exact" if r.exact else "normal approximation with continuity correction"
    return {
        "statistic": r.u,
        "p_value": r.p_value,
        "p_exact": r.p_exact,
        "effect": r.shift,
        "effect_type": "hodges_lehmann",
        "ci_low": r.shift_low,
        "ci_high": r.shift_high,
        "method": f"{METHODS['mann_whitney']}, {kind}",
    }


def mean_cells(r: Any) -> dict[str, Any]:
    return {
        "statistic": r.statistic,
        "df": r.df,
        "p_value": r.p_value,
        "effect": r.difference,
        "effect_type": "mean_difference",
        "ci_low": r.ci_low,
        "ci_high": r.ci_high,
    }


def _test_dunn(x: Any, y: Any, filled: Any, conf_level: float) -> dict[str, Any]:
    where = {id(sample): i for i, sample in enumerate(filled)}
    r = rank_tests.dunn(filled, where[id(x)], where[id(y)])
    return {"statistic": r.statistic, "p_value": r.p_value, "effect": r.effect, "effect_type": "mean_rank_difference"}


TESTERS = {
    "mann_whitney": _test_mann_whitney,
    "welch": lambda x, y, filled, level: mean_cells(mean_tests.welch_t(x, y, level)),
    "t": lambda x, y, filled, level: mean_cells(mean_tests.student_t(x, y, level)),
    "t_pooled": lambda x, y, filled, level: mean_cells(
        mean_tests.student_t(x, y, level, residual=mean_tests.pooled_variance(filled))
    ),
    "dunn": _test_dunn,
}
