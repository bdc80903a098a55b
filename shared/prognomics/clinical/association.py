"""Associate clinical variables with groups, or with a continuous marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.clinical import mean_tests, rank_tests
from prognomics.clinical.descriptives import describe, level_order
from prognomics.clinical.exact_tests import chi_square, fisher_exact
from prognomics.errors import BadInput, Refused, first_few, warn
from prognomics.multiple_testing import adjust

MISSING = "missing"
ALL = "all"
KINDS = ("categorical", "numeric")
CATEGORICAL_TESTS = ("fisher", "chi_square")
NUMERIC_TESTS = ("welch", "t", "mann_whitney")
SUMMARY_COLUMNS = ("mean", "sd", "median", "q1", "q3")

ASSOCIATION_COLUMNS = (
    "variable", "row_type", "level", "group", "count", "percent", "mean", "sd", "median", "q1", "q3", "n_missing",
    "test", "statistic", "df", "p_value", "p_adjusted", "effect", "effect_type", "ci_low", "ci_high",
    "population", "n", "method", "note", "marker", "df_residual")


def associate_groups(variables: pd.DataFrame, groups, *, kinds: Mapping[str, str], numeric_test: str,
                     categorical_test: str = "fisher", adjust_method: str = "bh",
                     group_levels: Sequence[str] | None = None, cohort=None, rng: np.random.Generator | None = None,
                     simulations: int = 100_000, population: str | None = None,
                     conf_level: float = 0.95) -> pd.DataFrame:
    """Clinical variables by group: counts or summaries, and one test a variable.

    Parameters
    ----------
    variables : DataFrame, shape (n_samples, n_variables)
        Missing values get their own row and enter no test.
    groups : array_like of str, shape (n_samples,)
        Samples without a group are left out with a warning.
    kinds : mapping of str to {"categorical", "numeric"}
        How to read each column of `variables`.
    numeric_test : {"welch", "t", "mann_whitney"}
        With more than two groups Welch's ANOVA, ANOVA, Kruskal-Wallis.
    categorical_test : {"fisher", "chi_square"}
    adjust_method : {"bh", "holm", "bonferroni", "none"}
        For `p_adjusted` over the variables.
    group_levels : sequence of str, optional
        Order of the groups (default: by name; low before high).
    cohort : array_like of str, optional
        With several cohorts, rows of variable by cohort follow (method `by cohort`), and variables or
        groups that do not vary within cohorts are warned of.
    rng, simulations
        For Fisher tables too large to sum over, see :func:`prognomics.clinical.exact_tests.fisher_exact`.
    population : str, optional
    conf_level : float

    Returns
    -------
    DataFrame
        Columns `ASSOCIATION_COLUMNS`. Rows `count` hold the samples of a level in a group (percent of
        those with a value; the row `missing` percent of all), `summary` the numbers of a group, `test`
        the test: effect is the conditional odds ratio of the second level in the second group for a
        2 x 2 table, Cramer's V for a larger one; for a number the second group minus the first.

    Raises
    ------
    BadInput
        For an unknown kind or test, or text in a numeric variable.
    Refused
        With fewer than two groups, or when no variable can be tested. One variable that cannot
        be tested (constant, no value) has a row with a note.
    """
    _check(numeric_test, NUMERIC_TESTS)
    _check(categorical_test, CATEGORICAL_TESTS)
    labels = _labels(groups)
    levels = list(group_levels) if group_levels is not None else level_order(labels)
    members = {level: (labels == level).to_numpy() for level in levels}
    members = {level: mask for level, mask in members.items() if mask.any()}
    if len(members) < 2:
        raise Refused("an association needs two groups", where=f"groups with samples: {first_few(members)}",
                      hint="check the group column and the subset (--where)")
    outside = len(labels) - int(sum(mask.sum() for mask in members.values()))
    if outside:
        warn("no-group", f"{outside} samples have no group and are left out of the association")
    grouped = np.any(list(members.values()), axis=0)
    rows, tests = [], []
    for name in variables.columns:
        if _kind(kinds, name) == "categorical":
            values = _labels(variables[name])
            rows += _count_rows(name, values, members | {ALL: grouped})
            test = _test_row(name, values.notna().to_numpy(), grouped)
            test |= _test_table(values, members, categorical_test, rng, simulations, conf_level)
        else:
            numbers = _numbers(variables[name], name)
            rows += [_summary_row(name, numbers[mask], group=g) for g, mask in (members | {ALL: grouped}).items()]
            test = _test_row(name, ~np.isnan(numbers), grouped)
            test |= _test_numbers({group: numbers[mask] for group, mask in members.items()}, numeric_test, conf_level)
        rows.append(test)
        tests.append(test)
    _finish(tests, adjust_method)
    rows += cohort_rows(variables.assign(**{_free_name(variables): labels.to_numpy()}),
                        {**kinds, _free_name(variables): "categorical"}, cohort)
    return _table(rows, population)


def associate_marker(variables: pd.DataFrame, marker, *, marker_name: str, kinds: Mapping[str, str],
                     test: str = "mann_whitney", adjust_method: str = "bh", cohort=None,
                     population: str | None = None, conf_level: float = 0.95) -> pd.DataFrame:
    """Clinical variables against a continuous marker.

    Parameters
    ----------
    variables, kinds, adjust_method, cohort, population, conf_level
        As in :func:`associate_groups`.
    marker : array_like of float, shape (n_samples,)
        Samples without a value are left out.
    test : {"mann_whitney", "welch", "t"}
        Marker between the levels of a categorical variable (its omnibus with more than two levels). Against
        a numeric variable it is Spearman's correlation (effect rho, statistic R's S, p from t with n - 2
        degrees of freedom, as `cor.test(exact = FALSE)`).

    Returns
    -------
    DataFrame
        As :func:`associate_groups`; `summary` rows describe the marker within each level (or the
        numeric variable itself).

    Raises
    ------
    BadInput, Refused
        As :func:`associate_groups`.
    """
    _check(test, NUMERIC_TESTS)
    marker = np.asarray(marker, dtype=float)
    known = ~np.isnan(marker)
    rows, tests = [], []
    for name in variables.columns:
        if _kind(kinds, name) == "categorical":
            values = _labels(variables[name])
            samples = {level: marker[(values == level).to_numpy() & known] for level in level_order(values)}
            samples = {level: sample for level, sample in samples.items() if len(sample)}
            rows += [_summary_row(name, sample, level=level) for level, sample in samples.items()]
            absent = values.isna().to_numpy() & known
            if absent.any():
                rows.append(_summary_row(name, marker[absent], level=MISSING))
            row = _test_row(name, ~absent, known)
            row |= _test_numbers(samples, test, conf_level)
        else:
            numbers = _numbers(variables[name], name)
            rows.append(_summary_row(name, numbers[known]))
            both = known & ~np.isnan(numbers)
            row = _test_row(name, ~np.isnan(numbers), known)
            row |= _test_spearman(marker[both], numbers[both], conf_level)
        rows.append(row)
        tests.append(row)
    _finish(tests, adjust_method)
    for row in rows:
        row["marker"] = marker_name
    return _table(rows + cohort_rows(variables, kinds, cohort), population)


def cohort_rows(variables: pd.DataFrame, kinds: Mapping[str, str], cohort) -> list[dict]:
    """Rows of variable by cohort, and a warning for each variable that cohorts settle.

    A variable is nested when several cohorts know it and none holds two of its values; then its effect
    cannot be told from the cohorts' differences, and normalization within cohorts removes it.
    """
    if cohort is None:
        return []
    labels = _labels(cohort)
    cohorts = {str(name): (labels == name).to_numpy() for name in level_order(labels)}
    if len(cohorts) < 2:
        return []
    rows, nested, partly = [], [], []
    for name in variables.columns:
        values = pd.Series(variables[name].to_numpy())
        shown = "group" if name == _free_name(variables.drop(columns=name)) else name
        varied = {c: values[mask].nunique() for c, mask in cohorts.items() if values[mask].notna().any()}
        if len(varied) > 1 and values.nunique() > 1:
            single = [c for c, n in varied.items() if n == 1]
            if len(single) == len(varied):
                nested.append(shown)
            elif single:
                partly.append(f"{shown} ({first_few(single)})")
        if kinds[name] == "categorical":
            made = _count_rows(shown, _labels(values), cohorts)
        else:
            numbers = _numbers(values, name)
            made = [_summary_row(shown, numbers[mask], group=c) for c, mask in cohorts.items()]
        rows += [row | {"method": "by cohort"} for row in made]
    if nested:
        warn("nested-in-cohorts", f"one value a cohort only, so not to be told from the cohorts: {first_few(nested)}")
    if partly:
        warn("partly-nested", f"a single value in some cohorts: {'; '.join(partly)}")
    return rows


def _free_name(variables):
    name = "group"
    while name in variables.columns:
        name += "_"
    return name


def _check(test, allowed):
    if test not in allowed:
        raise BadInput(f"unknown test {test!r}", hint=f"one of {', '.join(allowed)}")


def _kind(kinds, name):
    if kinds.get(name) not in KINDS:
        raise BadInput(f"variable {name} is neither categorical nor numeric", hint="say --factor or --numeric")
    return kinds[name]


def _labels(values):
    if isinstance(values, pd.Series) and hasattr(values, "cat"):
        return values.reset_index(drop=True)
    return pd.Series(np.asarray(values, dtype=object))


def _numbers(values, name):
    try:
        return pd.to_numeric(pd.Series(np.asarray(values))).to_numpy(dtype=float)
    except (ValueError, TypeError) as fault:
        hint = f"say --factor {name} if it is a category"
        raise BadInput(f"variable {name} holds text", where=str(fault), hint=hint) from fault


def _empty(name, row_type):
    cells = {"variable": name, "row_type": row_type, "method": None, "note": None}
    return dict.fromkeys(ASSOCIATION_COLUMNS, np.nan) | cells


def _test_row(name, known, chosen):
    return _empty(name, "test") | {"n": int((known & chosen).sum()), "n_missing": int((~known & chosen).sum())}


def _count_rows(name, values, members):
    rows = []
    absent = values.isna().to_numpy()
    for level in [*level_order(values), MISSING]:
        inside = absent if level is MISSING else (values == level).to_numpy()
        for group, mask in members.items():
            known, missing = int((mask & ~absent).sum()), int((mask & absent).sum())
            count = int((inside & mask).sum())
            base = known + missing if level is MISSING else known
            rows.append(_empty(name, "count") | {
                "level": level, "group": group, "count": count, "n_missing": missing,
                "percent": 100.0 * count / base if base else np.nan})
    return rows


def _summary_row(name, sample, *, level=np.nan, group=np.nan):
    facts = describe(sample)
    return _empty(name, "summary") | {column: facts[column] for column in SUMMARY_COLUMNS} | {
        "level": level, "group": group, "count": facts["n"], "n_missing": int(np.isnan(sample).sum())}


def _cross(values, members):
    levels = level_order(values)
    counts = [[int(((values == level).to_numpy() & mask).sum()) for mask in members.values()] for level in levels]
    return np.array(counts, dtype=int).reshape(len(levels), len(members))


def _test_table(values, members, test, rng, simulations, conf_level):
    counts = _cross(values, members)
    if (counts.sum(axis=1) > 0).sum() < 2 or (counts.sum(axis=0) > 0).sum() < 2:
        return {"test": test, "note": "no test: one level, or values in one group only"}
    squared = chi_square(counts)
    row = {"test": test, "effect": squared.cramers_v, "effect_type": "cramers_v"}
    if test == "chi_square":
        small = f"smallest expected count {squared.smallest_expected:.3g}: prefer fisher"
        return row | {"statistic": squared.statistic, "df": squared.df, "p_value": squared.p_value,
                      "method": "Pearson chi-square", "note": small if squared.smallest_expected < 5 else None}
    fisher = fisher_exact(counts, rng=rng, simulations=simulations, conf_level=conf_level)
    row |= {"p_value": fisher.p_value, "method": "Fisher exact, two-sided"}
    if fisher.method == "monte carlo":
        row |= {"method": f"Fisher, Monte Carlo with {fisher.simulations} tables"}
    elif fisher.method == "chi-square":
        row |= {"test": "chi_square", "statistic": squared.statistic, "df": squared.df, "method": "Pearson chi-square",
                "note": "the table is too large for the exact sum"}
    if fisher.odds_ratio is not None:
        odds = fisher.odds_ratio
        first, second = [level for level, n in zip(level_order(values), counts.sum(axis=1), strict=True) if n]
        low, high = [group for group, n in zip(members, counts.sum(axis=0), strict=True) if n]
        row |= {"effect": odds.estimate, "effect_type": "odds_ratio", "ci_low": odds.ci_low, "ci_high": odds.ci_high,
                "note": f"odds of {second} (against {first}) in {high} over those in {low}"}
    return row


def _test_numbers(samples, test, conf_level):
    filled = {group: sample[~np.isnan(sample)] for group, sample in samples.items()}
    filled = {group: sample for group, sample in filled.items() if len(sample)}
    if len(filled) < 2:
        return {"test": test, "note": "no test: one level, or values in one group only"}
    parts = list(filled.values())
    row = _two_samples(*filled, *parts, test, conf_level) if len(parts) == 2 else _many_samples(parts, test)
    if np.isnan(row["p_value"]):
        row["note"] = "no test: too few values, or no spread"
    return row


def _two_samples(first, second, x, y, test, conf_level):
    note = f"{second} minus {first}"
    if test == "mann_whitney":
        r = rank_tests.mann_whitney(y, x, exact_p=False, conf_level=conf_level)
        kind = "exact" if r.exact else "normal approximation with continuity correction"
        return {"test": test, "statistic": r.u, "p_value": r.p_value, "effect": r.shift,
                "effect_type": "hodges_lehmann", "ci_low": r.shift_low, "ci_high": r.shift_high,
                "method": f"Mann-Whitney, two-sided, {kind}", "note": note}
    r = (mean_tests.welch_t if test == "welch" else mean_tests.student_t)(y, x, conf_level)
    return {"test": test, "statistic": r.statistic, "df": r.df, "p_value": r.p_value, "effect": r.difference,
            "effect_type": "mean_difference", "ci_low": r.ci_low, "ci_high": r.ci_high, "note": note,
            "method": f"{'Welch' if test == 'welch' else 'Student'} t-test, two-sided"}


def _many_samples(parts, test):
    if test == "mann_whitney":
        r = rank_tests.kruskal_wallis(parts)
        return {"test": "kruskal", "statistic": r.statistic, "df": r.df, "p_value": r.p_value, "effect": r.effect,
                "effect_type": "epsilon_squared", "method": "Kruskal-Wallis"}
    r = (mean_tests.welch_anova if test == "welch" else mean_tests.anova)(parts)
    return {"test": "welch_anova" if test == "welch" else "anova", "statistic": r.statistic, "df": r.df,
            "p_value": r.p_value, "df_residual": r.df_residual,
            "method": "Welch analysis of variance" if test == "welch" else "analysis of variance"}


def _test_spearman(marker, numbers, conf_level):
    r = rank_tests.spearman(marker, numbers, conf_level)
    return {"test": "spearman", "statistic": r.s, "df": r.df, "p_value": r.p_value, "effect": r.rho,
            "effect_type": "spearman_rho", "ci_low": r.ci_low, "ci_high": r.ci_high,
            "method": "Spearman, two-sided, t approximation",
            "note": "no test: too few values, or no spread" if np.isnan(r.rho) else None}


def _finish(tests, adjust_method):
    p_values = [row["p_value"] for row in tests]
    if np.isnan(np.asarray(p_values, dtype=float)).all():
        raise Refused("no variable can be tested",
                      where="; ".join(f"{row['variable']}: {row['note']}" for row in tests[:5]),
                      hint="each variable is constant or has values in one group only; check columns and subset")
    for row, p in zip(tests, adjust(p_values, adjust_method), strict=True):
        row["p_adjusted"] = p


def _table(rows, population):
    table = pd.DataFrame(rows, columns=list(ASSOCIATION_COLUMNS))
    table["population"] = population if population is not None else np.nan
    return table
