"""The one test of a variable in an association table, as cells of its row."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.stats import mean_tests, rank_tests, trend_tests
from prognomics.stats.descriptives import level_order
from prognomics.stats.effect_sizes import eta_squared
from prognomics.stats.exact_tests import chi_square, fisher_exact

UNTESTABLE = "no test: one level, or values in one group only"


def cross_table(values: Any, members: dict[str, np.ndarray]) -> np.ndarray:
    levels = level_order(values)
    counts = [[int(((values == level).to_numpy() & mask).sum()) for mask in members.values()] for level in levels]
    return np.array(counts, dtype=int).reshape(len(levels), len(members))


def test_table(
    values: Any,
    members: dict[str, np.ndarray],
    test: str,
    rng: np.random.Generator,
    simulations: int,
    conf_level: float,
    yates: bool = False,
) -> dict[str, Any]:
    counts = cross_table(values, members)
    if (counts.sum(axis=1) > 0).sum() < 2 or (counts.sum(axis=0) > 0).sum() < 2:
        return {"test": test, "note": UNTESTABLE}
    squared = chi_square(counts, yates=yates and test == "chi_square")
    row = {"test": test, "effect": squared.cramers_v, "effect_type": "cramers_v"}
    if test == "chi_square":
        small = f"smallest expected count {squared.smallest_expected:.3g}: prefer fisher"
        return row | {
            "statistic": squared.statistic,
            "df": squared.df,
            "p_value": squared.p_value,
            "method": _pearson(squared),
            "note": small if squared.smallest_expected < 5 else None,
        }
    fisher = fisher_exact(counts, rng=rng, simulations=simulations, conf_level=conf_level)
    row |= {"p_value": fisher.p_value, "method": "Fisher exact, two-sided"}
    if fisher.simulations:
        name = "Monte Carlo" if fisher.method == "monte carlo" else fisher.method
        row |= {"method": f"Fisher, {name} with {fisher.simulations} tables, "
                          f"standard error {100 * fisher.relative_error:.2g}% of p"}  # fmt: skip
    elif fisher.method == "chi-square":
        row |= {
            "test": "chi_square",
            "statistic": squared.statistic,
            "df": squared.df,
            "method": "Pearson chi-square",
            "note": "the table is too large for the exact sum",
        }
    if fisher.odds_ratio is not None:
        odds = fisher.odds_ratio
        first, second = [level for level, n in zip(level_order(values), counts.sum(axis=1), strict=True) if n]
        low, high = [group for group, n in zip(members, counts.sum(axis=0), strict=True) if n]
        row |= {
            "effect": odds.estimate,
            "effect_type": "odds_ratio",
            "ci_low": odds.ci_low,
            "ci_high": odds.ci_high,
            "note": f"odds of {second} (against {first}) in {high} over those in {low}",
        }
    return row


def _pearson(squared: Any) -> str:
    if not squared.two_by_two:
        return "Pearson chi-square"
    return f"Pearson chi-square {'with' if squared.corrected else 'without'} Yates' continuity correction"


def test_numbers(samples: dict[str, np.ndarray], test: str, conf_level: float) -> dict[str, Any]:
    filled = {group: sample[~np.isnan(sample)] for group, sample in samples.items()}
    filled = {group: sample for group, sample in filled.items() if len(sample)}
    if len(filled) < 2:
        return {"test": test, "note": UNTESTABLE}
    parts = list(filled.values())
    if len(parts) == 2:
        first, second = filled
        row = _two_samples(first, second, parts[0], parts[1], test, conf_level)
    else:
        row = _many_samples(parts, test)
    if np.isnan(row["p_value"]):
        row["note"] = "no test: too few values, or no spread"
    return row


def _two_samples(first: str, second: str, x: np.ndarray, y: np.ndarray, test: str, conf_level: float) -> dict[str, Any]:
    note = f"{second} minus {first}"
    if test == "mann_whitney":
        ranks = rank_tests.mann_whitney(y, x, exact_p=False, conf_level=conf_level)
        kind = "exact" if ranks.exact else "normal approximation with continuity correction"
        return {
            "test": test,
            "statistic": ranks.u,
            "p_value": ranks.p_value,
            "effect": ranks.shift,
            "effect_type": "hodges_lehmann",
            "ci_low": ranks.shift_low,
            "ci_high": ranks.shift_high,
            "method": f"Mann-Whitney, two-sided, {kind}",
            "note": note,
        }
    r = (mean_tests.welch_t if test == "welch" else mean_tests.student_t)(y, x, conf_level)
    return {
        "test": test,
        "statistic": r.statistic,
        "df": r.df,
        "p_value": r.p_value,
        "effect": r.difference,
        "effect_type": "mean_difference",
        "ci_low": r.ci_low,
        "ci_high": r.ci_high,
        "note": note,
        "method": f"{'Welch' if test == 'welch' else 'Student'} t-test, two-sided",
    }


def _many_samples(parts: list[np.ndarray], test: str) -> dict[str, Any]:
    if test == "mann_whitney":
        ranks = rank_tests.kruskal_wallis(parts)
        return {
            "test": "kruskal",
            "statistic": ranks.statistic,
            "df": ranks.df,
            "p_value": ranks.p_value,
            "effect": ranks.effect,
            "effect_type": "epsilon_squared",
            "method": "Kruskal-Wallis",
        }
    if test == "welch":
        r = mean_tests.welch_anova(parts)
        return {
            "test": "welch_anova",
            "statistic": r.statistic,
            "df": r.df,
            "p_value": r.p_value,
            "df_residual": r.df_residual,
            "method": "Welch analysis of variance",
        }
    r = mean_tests.anova(parts)
    size = eta_squared(r.statistic, r.df, r.df_residual)
    return {
        "test": "anova",
        "statistic": r.statistic,
        "df": r.df,
        "p_value": r.p_value,
        "df_residual": r.df_residual,
        "effect": size.estimate,
        "effect_type": "eta_squared",
        "ci_low": size.ci_low,
        "ci_high": size.ci_high,
        "method": "analysis of variance",
    }


def test_spearman(marker: np.ndarray, numbers: np.ndarray, conf_level: float) -> dict[str, Any]:
    r = rank_tests.spearman(marker, numbers, conf_level)
    return {
        "test": "spearman",
        "statistic": r.s,
        "df": r.df,
        "p_value": r.p_value,
        "effect": r.rho,
        "effect_type": "spearman_rho",
        "ci_low": r.ci_low,
        "ci_high": r.ci_high,
        "method": "Spearman, two-sided, t approximation",
        "note": "no test: too few values, or no spread" if np.isnan(r.rho) else None,
    }


def trend_of_table(values: Any, members: dict[str, np.ndarray]) -> dict[str, Any]:
    """Trend of ordered levels over the groups: Cochran-Armitage for two, linear by linear for more."""
    counts = cross_table(values, members)
    counts = counts[:, counts.sum(axis=0) > 0]
    two = counts.shape[1] == 2
    row = {"test": "cochran_armitage" if two else "linear_by_linear", "effect_type": "score_correlation",
           "method": "Cochran-Armitage trend" if two else "linear-by-linear association"}  # fmt: skip
    found = (trend_tests.cochran_armitage if two else trend_tests.linear_by_linear)(counts)
    if np.isnan(found.p_value):
        return row | {"note": UNTESTABLE}
    order = " < ".join(str(level) for level in level_order(values))
    filled = [str(group) for group, mask in members.items() if (mask & values.notna().to_numpy()).any()]
    return row | {
        "statistic": found.statistic,
        "df": found.df,
        "p_value": found.p_value,
        "effect": found.effect,
        "note": f"scores 1, 2, … for {order} and for {' < '.join(filled)}",
    }


def trend_of_numbers(samples: dict[str, np.ndarray]) -> dict[str, Any]:
    """Trend of a number over ordered levels: Jonckheere-Terpstra."""
    row = {"test": "jonckheere", "effect_type": "auc_ordered", "method": "Jonckheere-Terpstra, normal approximation"}
    if len(samples) < 2:
        return row | {"note": UNTESTABLE}
    found = trend_tests.jonckheere(list(samples.values()))
    if np.isnan(found.p_value):
        return row | {"note": "no test: too few values, or no spread"}
    order = " < ".join(str(level) for level in samples)
    return row | {
        "statistic": found.statistic,
        "p_value": found.p_value,
        "effect": found.effect,
        "note": f"chance that a sample of a later level is higher: {order}",
    }
