"""The test of a variable within cohorts, beside the one over all of them.

What differs between cohorts cannot pass for an association here: Cochran-Mantel-Haenszel for categories (with
the common odds ratio of two by two), van Elteren's test and its extension for numbers by rank, a linear model with
the cohorts for means, Taylor's stratified correlation for two numbers, a stratified trend for ordered levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from prognomics.association.association_rows import text_labels
from prognomics.stats import mean_tests, rank_tests
from prognomics.stats import stratified_tests as stratified
from prognomics.stats.descriptives import level_order


def cohort_labels(cohort: np.ndarray | None) -> np.ndarray | None:
    """Cohorts as text; None if there are fewer than two, so that there is nothing to take out."""
    if cohort is None:
        return None
    labels = np.array(["(no cohort)" if label is None or label != label else str(label) for label in cohort])
    return labels if len(np.unique(labels)) > 1 else None


def groups_within(
    values: np.ndarray | pd.Series,
    labels: pd.Series,
    groups: list[Any],
    cohort: np.ndarray,
    kind: str,
    numeric_test: str,
) -> dict[str, Any]:
    """Cells of the test of a variable and groups within cohorts.

    Parameters
    ----------
    values : Series of str or ndarray of float, shape (n_samples,)
    labels : Series of str, shape (n_samples,)
        The groups.
    groups : list of str
        In order.
    cohort : ndarray of str, shape (n_samples,)
    kind : {"categorical", "ordered", "numeric"}
    numeric_test : {"welch", "t", "mann_whitney"}
    """
    keep = pd.notna(values) & labels.isin(groups).to_numpy()
    codes = _codes(labels[keep], groups)
    cohort = cohort[keep]
    if kind == "numeric":
        return _numbers_between(np.asarray(values)[keep], codes, cohort, numeric_test)
    values = pd.Series(values)
    rows = _codes(values[keep], level_order(text_labels(values)))
    if kind == "ordered":
        return _cells("linear_by_linear", stratified.trend_within(rows, codes, cohort))
    return _cells("cochran_mantel_haenszel", stratified.general_association(rows, codes, cohort), "odds_ratio")


def marker_within(
    values: pd.Series, marker: np.ndarray, cohort: np.ndarray, kind: str, numeric_test: str
) -> dict[str, Any]:
    """Cells of the test of a variable and a continuous marker within cohorts; parameters as `groups_within`."""
    keep = pd.notna(values) & ~np.isnan(marker)
    marker, cohort = marker[keep], cohort[keep]
    if kind == "numeric":
        found = stratified.spearman_within(marker, np.asarray(values, dtype=float)[keep], cohort)
        return _cells("spearman", found, "spearman_rho")
    values = pd.Series(values)
    codes = _codes(values[keep], level_order(text_labels(values)))
    if kind == "ordered":
        ranks = stratified.ranks_within(marker, cohort)[:, 0]
        return _cells("linear_by_linear", stratified.trend_within(ranks, codes, cohort))
    return _numbers_between(marker, codes, cohort, numeric_test)


def _codes(labels: pd.Series, levels: list[str]) -> np.ndarray:
    """Position of each label among the levels, so that the second level counts as the higher one."""
    place = {level: i for i, level in enumerate(levels)}
    return np.array([place[label] for label in labels], dtype=int)


def _numbers_between(values: np.ndarray, codes: np.ndarray, cohort: np.ndarray, numeric_test: str) -> dict[str, Any]:
    present = np.unique(codes)
    two = len(present) == 2
    if numeric_test == "mann_whitney":
        found = stratified.rank_association(values, codes, cohort)
        cells = _cells("van_elteren", found)
        if two and found.strata:
            first, second = codes == present[0], codes == present[1]
            auc = rank_tests.van_elteren(values[second], values[first], cohort[second], cohort[first]).effect
            cells |= {"effect_within": auc, "effect_within_type": "auc_within_cohorts"}
        return cells
    found, used = mean_tests.anova_within(values, codes, cohort)
    if np.isnan(found.p_value):
        return {}
    cells = {"test_within": "linear_model", "p_within": found.p_value, "n_cohorts_within": used}
    if two:
        first, second = codes == present[0], codes == present[1]
        r = mean_tests.difference_within(values[second], values[first], cohort[second], cohort[first])
        cells |= {"effect_within": r.difference, "effect_within_type": "mean_difference", "ci_within_low": r.ci_low,
                  "ci_within_high": r.ci_high}  # fmt: skip
    return cells


def _cells(test: str, found: stratified.StratifiedTest, effect_type: str | None = None) -> dict[str, Any]:
    if not found.strata:
        return {}
    cells = {"test_within": test, "p_within": found.p_value, "n_cohorts_within": len(found.strata)}
    if not np.isnan(found.effect):
        cells |= {"effect_within": found.effect, "effect_within_type": effect_type, "ci_within_low": found.ci_low,
                  "ci_within_high": found.ci_high}  # fmt: skip
    return cells
