"""Associate clinical variables with groups, or with a continuous marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.association import association_tests as tests
from prognomics.association.association_rows import (
    ALL,
    ASSOCIATION_COLUMNS,
    MISSING,
    cohort_rows,
    count_rows,
    free_name,
    number_cells,
    summary_row,
    test_row,
    text_labels,
)
from prognomics.association.association_within import cohort_labels, groups_within, marker_within
from prognomics.data.levels import require_few_levels
from prognomics.errors import BadInput, Refused, UsageError, first_few, warn
from prognomics.stats.descriptives import level_order
from prognomics.stats.multiple_testing import adjust

KINDS = ("categorical", "ordered", "numeric")
CATEGORICAL_TESTS = ("fisher", "chi_square")
NUMERIC_TESTS = ("welch", "t", "mann_whitney")


def check_yates(yates: bool, categorical_test: str) -> None:
    """UsageError where Yates's correction is requested of another test than the chi-square."""
    if yates and categorical_test != "chi_square":
        raise UsageError("--yates corrects the chi-square test", hint="give --categorical-test chi_square too")


def associate_groups(
    variables: pd.DataFrame,
    groups: np.ndarray,
    *,
    kinds: Mapping[str, str],
    numeric_test: str,
    categorical_test: str = "fisher",
    adjust_method: str = "bh",
    group_levels: Sequence[str] | None = None,
    cohort: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    simulations: int = 100_000,
    yates: bool = False,
    population: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Clinical variables by group: counts or summaries, and one test a variable.

    Parameters
    ----------
    variables : DataFrame, shape (n_samples, n_variables)
        Missing values get their own row and enter no test.
    groups : array_like of str, shape (n_samples,)
        Samples without a group are excluded with a warning.
    kinds : mapping of str to {"categorical", "ordered", "numeric"}
        How to read each column of `variables`. The levels of an ordered one are tested for a trend; their
        order is that of a pandas Categorical.
    numeric_test : {"welch", "t", "mann_whitney"}
        With more than two groups Welch's ANOVA, ANOVA, Kruskal-Wallis.
    categorical_test : {"fisher", "chi_square"}
    adjust_method : {"bh", "holm", "bonferroni", "none"}
        For `p_adjusted` over the variables.
    group_levels : sequence of str, optional
        Order of the groups (default: by name; low before high).
    cohort : array_like of str, optional
        With several cohorts, rows of variable by cohort follow (method `by cohort`), variables or
        groups that do not vary within cohorts are warned of, and each test has its p within cohorts.
    rng, simulations
        For Fisher tables too large to sum over, see :func:`prognomics.stats.exact_tests.fisher_exact`.
    yates : bool
        Yates' continuity correction of the chi-square of 2 x 2 tables.
    population : str, optional
    conf_level : float

    Returns
    -------
    DataFrame
        Columns `ASSOCIATION_COLUMNS`. Rows `count` hold the samples of a level in a group (percent of
        those with a value; the row `missing` percent of all), `summary` the numbers of a group, `test`
        the test: effect is the conditional odds ratio of the second level in the second group for a
        2 x 2 table, Cramer's V for a larger one; for a number the second group minus the first. The test
        within cohorts is in the same row (see :mod:`prognomics.association.association_within`).

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
    labels, cohort = text_labels(groups), cohort_labels(cohort)
    levels = list(group_levels) if group_levels is not None else level_order(labels)
    require_few_levels("group", levels, len(labels))
    members = {level: (labels == level).to_numpy() for level in levels}
    members = {level: mask for level, mask in members.items() if mask.any()}
    if len(members) < 2:
        raise Refused(
            "an association needs two groups",
            where=f"groups with samples: {first_few(members)}",
            hint="check the group column and the subset (--where)",
        )
    outside = len(labels) - int(sum(mask.sum() for mask in members.values()))
    if outside:
        warn("no-group", f"{outside} samples have no group and are excluded from the association")
    grouped = np.any(list(members.values()), axis=0)
    rows, tested = [], []
    for name in variables.columns:
        if check_kind(kinds, name) != "numeric":
            values = label_values(variables[name], name)
            rows += count_rows(name, values, members | {ALL: grouped})
            test = test_row(name, values.notna().to_numpy(), grouped)
            if kinds[name] == "ordered":
                test |= tests.trend_of_table(values, members)
            else:
                test |= tests.test_table(values, members, categorical_test, rng, simulations, conf_level, yates)
        else:
            values = numbers = number_cells(variables[name], name)
            rows += [summary_row(name, numbers[mask], group=g) for g, mask in (members | {ALL: grouped}).items()]
            test = test_row(name, ~np.isnan(numbers), grouped)
            test |= tests.test_numbers({group: numbers[mask] for group, mask in members.items()}, numeric_test,
                                       conf_level)  # fmt: skip
        if cohort is not None and not np.isnan(test["p_value"]):
            test |= groups_within(values, labels, list(members), cohort, kinds[name], numeric_test)
        rows.append(test)
        tested.append(test)
    _finish(tested, adjust_method)
    rows += cohort_rows(
        variables.assign(**{free_name(variables): labels.to_numpy()}),
        {**kinds, free_name(variables): "categorical"},
        cohort,
    )
    return assemble_table(rows, population)


def associate_marker(
    variables: pd.DataFrame,
    marker: np.ndarray,
    *,
    marker_name: str,
    kinds: Mapping[str, str],
    test: str = "mann_whitney",
    adjust_method: str = "bh",
    cohort: np.ndarray | None = None,
    population: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Clinical variables against a continuous marker.

    Parameters
    ----------
    variables, kinds, adjust_method, cohort, population, conf_level
        As in :func:`associate_groups`.
    marker : array_like of float, shape (n_samples,)
        Samples without a value are excluded.
    test : {"mann_whitney", "welch", "t"}
        Marker between the levels of a categorical variable (its omnibus with more than two levels). Against
        a numeric variable it is Spearman's correlation (effect rho, statistic R's S, p from t with n - 2
        degrees of freedom, as `cor.test(exact = FALSE)`). An ordered variable has Jonckheere's test.

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
    marker, cohort = np.asarray(marker, dtype=float), cohort_labels(cohort)
    known = ~np.isnan(marker)
    rows, tested = [], []
    for name in variables.columns:
        if check_kind(kinds, name) != "numeric":
            values = label_values(variables[name], name)
            samples = {level: marker[(values == level).to_numpy() & known] for level in level_order(values)}
            samples = {level: sample for level, sample in samples.items() if len(sample)}
            rows += [summary_row(name, sample, level=level) for level, sample in samples.items()]
            absent = values.isna().to_numpy() & known
            if absent.any():
                rows.append(summary_row(name, marker[absent], level=MISSING))
            row = test_row(name, values.notna().to_numpy(), known)
            if kinds[name] == "ordered":
                row |= tests.trend_of_numbers(samples)
            else:
                row |= tests.test_numbers(samples, test, conf_level)
        else:
            values = numbers = number_cells(variables[name], name)
            rows.append(summary_row(name, numbers[known]))
            both = known & ~np.isnan(numbers)
            row = test_row(name, ~np.isnan(numbers), known)
            row |= tests.test_spearman(marker[both], numbers[both], conf_level)
        if cohort is not None and not np.isnan(row["p_value"]):
            row |= marker_within(values, marker, cohort, kinds[name], test)
        rows.append(row)
        tested.append(row)
    _finish(tested, adjust_method)
    for row in rows:
        row["marker"] = marker_name
    return assemble_table(rows + cohort_rows(variables, kinds, cohort), population)


def label_values(column: pd.Series, name: str) -> pd.Series:
    """A categorical variable as text; BadInput where it has as many levels as an identifier."""
    labels = text_labels(column)
    known = labels.dropna()
    require_few_levels(name, list(known.unique()), len(known))
    return labels


def _check(test: str, allowed: tuple[Any, ...]) -> None:
    if test not in allowed:
        raise BadInput(f"unknown test {test!r}", hint=f"one of {', '.join(allowed)}")


def check_kind(kinds: Mapping[str, str], name: str) -> str:
    """The kind of a variable; BadInput where it is not known."""
    if kinds.get(name) not in KINDS:
        raise BadInput(f"variable {name} is neither categorical nor numeric", hint="say --factor or --numeric")
    return kinds[name]


def _finish(tests: list[dict[str, Any]], adjust_method: str) -> None:
    p_values = [row["p_value"] for row in tests]
    if np.isnan(np.asarray(p_values, dtype=float)).all():
        raise Refused(
            "no variable can be tested",
            where="; ".join(f"{row['variable']}: {row['note']}" for row in tests[:5]),
            hint="each variable is constant or has values in one group only; check columns and subset",
        )
    for row, p in zip(tests, adjust(p_values, adjust_method), strict=True):
        row["p_adjusted"] = p


def assemble_table(rows: list[dict[str, Any]], population: Any) -> pd.DataFrame:
    """The table of rows, with its population."""
    table = pd.DataFrame(rows, columns=list(ASSOCIATION_COLUMNS))
    table["population"] = population if population is not None else np.nan
    return table
