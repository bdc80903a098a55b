"""Cut-points without an outcome: what is high, what is stored, what is refused."""

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint.cut_policy import apply_cutpoint, cut_of_table, cut_within, join_groups, learn_cuts
from prognomics.cutpoint.cutpoint import apply_cut, fixed_cut, median_cut, quantile_cut, roc_cut, tertile_cut
from prognomics.cutpoint.cutpoint_table import CUTPOINT_COLUMNS, cutpoint_table
from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError


def test_a_value_equal_to_the_median_is_high():
    cut = median_cut([1, 2, 3, 4, 5])
    assert list(cut.groups) == ["low", "low", "high", "high", "high"]
    assert (cut.threshold, cut.lowest_high, cut.policy, cut.rule) == (3.0, 3.0, "outcome_blind", "median")


def test_lowest_high_is_an_observed_value():
    cut = median_cut([1, 2, 4, 8])
    assert (cut.threshold, cut.lowest_high) == (3.0, 4.0)
    assert list(apply_cut([3.5, 4, np.nan], cut.lowest_high))[:2] == ["low", "high"]


def test_missing_values_have_no_group_and_are_counted():
    cut = median_cut([1, np.nan, 3, 4])
    assert pd.isna(cut.groups[1])
    assert (cut.n_missing, cut.n_low, cut.n_high) == (1, 1, 2)


def test_two_quantiles_leave_the_middle_out():
    cut = quantile_cut(np.arange(1, 9), [0.75, 0.25])
    assert [g if isinstance(g, str) else None for g in cut.groups] == ["low"] * 2 + [None] * 4 + ["high"] * 2
    assert (cut.lowest_high, cut.lowest_not_low, cut.n_middle) == (7.0, 3.0, 4)
    kept = quantile_cut(np.arange(1, 9), [0.25, 0.75], keep_middle=True)
    assert list(kept.groups[2:6]) == ["middle"] * 4


def test_a_quantile_that_is_an_observed_value_is_high_in_spite_of_rounding():
    # (101 - 1) * 0.55 is 55.00000000000001 in floating point
    cut = quantile_cut(np.arange(101.0), [0.55])
    assert cut.lowest_high == 55.0


def test_a_fixed_value_is_prespecified():
    cut = fixed_cut([1.0, 2.0, 2.5], 2.0)
    assert (cut.policy, cut.lowest_high, cut.n_high) == ("prespecified", 2.0, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: fixed_cut([1.0, 2.0], 5.0),
        lambda: fixed_cut([1.0, 2.0], 0.5),
        lambda: median_cut([2.0, 2.0, 2.0]),
        lambda: median_cut([0.0, 0.0, 0.0, 1.0]),
        lambda: median_cut([np.nan, np.nan]),
    ],
)
def test_a_side_left_empty_is_refused(make):
    with pytest.raises(Refused):
        make()


@pytest.mark.parametrize("quantiles", [[0.0], [1.0], [0.5, 0.5], [0.1, 0.5, 0.9], []])
def test_quantiles_that_make_no_sense(quantiles):
    with pytest.raises(BadInput):
        quantile_cut([1.0, 2.0, 3.0], quantiles)


def test_infinite_values_are_no_values():
    with pytest.raises(BadInput):
        median_cut([1.0, np.inf])


def test_a_cut_learnt_in_some_samples_groups_all():
    cut = median_cut([1, 2, 3, 10, 20, 30], learn=[True] * 3 + [False] * 3, learnt_in="A")
    assert list(cut.groups) == ["low", "high", "high", "high", "high", "high"]


def test_the_table_has_the_columns_in_order_and_counts_events():
    cut = median_cut([1, 2, 3, 4, np.nan])
    table = cutpoint_table(cut, marker="XPO1", event=[1, 0, 1, np.nan, 1], endpoint="os", population="all")
    assert list(table.columns) == list(CUTPOINT_COLUMNS)
    row = table.iloc[0]
    assert (row["n_high"], row["n_low"], row["events_high"], row["events_low"], row["events"]) == (2, 2, 1, 1, 2)
    assert (row["n"], row["n_missing"], row["endpoint"], row["learnt_in"]) == (4, 1, "os", "all")
    assert pd.isna(row["auc"]) and pd.isna(row["p_naive"])


def test_cuts_within_cohorts():
    values = np.array([1, 2, 3, 11, 12, 13, np.nan])
    within = np.array(["A", "A", "A", "B", "B", "B", "C"], dtype=object)
    with pytest.warns(AnalysisWarning, match="C"):
        cuts = cut_within(median_cut, values, within)
    assert [cut.learnt_in for cut in cuts] == ["A", "B"]
    assert [g if isinstance(g, str) else None for g in join_groups(cuts, 7)] == [
        "low",
        "high",
        "high",
        "low",
        "high",
        "high",
        None,
    ]
    table = cutpoint_table(cuts, marker="m", event=[1, 1, 0, 0, 0, 1, 1])
    assert list(table["events"]) == [2, 1]


def test_a_cohort_without_a_cut_is_named():
    with pytest.raises(Refused) as refusal:
        cut_within(median_cut, [1, 2, 5, 5], np.array(["A", "A", "B", "B"], dtype=object))
    assert "B" in refusal.value.where


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_a_roc_cut_groups_the_samples_that_are_neither():
    values = np.array([1.0, 2, 3, 4, 5, 0.5, 9])
    case, control = np.array([0, 0, 1, 1, 1, 0, 0], bool), np.array([1, 1, 0, 0, 0, 0, 0], bool)
    cut = roc_cut(values, case, control, direction="high", rule="youden")
    assert (cut.lowest_high, cut.groups[5], cut.groups[6]) == (3.0, "low", "high")
    row = cutpoint_table(cut, marker="m").iloc[0]
    assert (row["n_high"], row["n_high_case"], row["n_high_control"], row["n_low"]) == (4, 3, 0, 3)


def test_tertiles_with_and_without_the_middle():
    cut = tertile_cut(np.arange(9.0))
    assert (cut.rule, cut.n_low, cut.n_middle, cut.n_high) == ("tertiles", 3, 3, 3)
    assert list(tertile_cut(np.arange(9.0), keep_middle=True).groups[3:6]) == ["middle"] * 3


def test_a_cut_learnt_in_some_samples_is_a_given_one_for_the_others():
    values = np.array([1.0, 2, 3, 4, 2.5, 3.5, 0, np.nan])
    learn = np.arange(8) < 4
    options = {"learn_name": "cohort=A", "direction": "high", "learnt_in": "all"}
    first, others = learn_cuts(median_cut, values, {}, learn=learn, **options)
    assert (first.policy, first.lowest_high, first.learnt_in, first.n_high) == ("outcome_blind", 3.0, "cohort=A", 2)
    assert (others.policy, others.rule, others.lowest_high, others.n_low) == ("prespecified", "median", 3.5, 2)
    assert listed(join_groups([first, others], 8)) == ["low", "low", "high", "high", "low", "high", "low", None]
    with pytest.raises(UsageError):
        learn_cuts(median_cut, values, {}, learn=learn, within=values, direction="high", learnt_in="all")


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisNote")
def test_a_table_hands_its_cut_on():
    values = np.array([1.0, 2, 3, 4, 2.5, 3.5, 0])
    cuts = learn_cuts(median_cut, values, {}, learn=np.arange(7) < 4, learn_name="A", direction="high", learnt_in="all")
    table = cutpoint_table(cuts, marker="m")
    put = apply_cutpoint(table, "m")(np.array([2.9, 3.0, 9.0]), learnt_in="all", direction="low")
    assert list(put.groups) == ["low", "high", "high"] and (put.learnt_in, put.rule) == ("A", "median")
    given = cutpoint_table(fixed_cut([1.0, 2.0, 5.0], 4.0), marker="m")
    assert cut_of_table(given, "m")["lowest_high"] == 4.0
    with pytest.warns(AnalysisWarning, match="learnt for m"):
        cut_of_table(given, "other")
    quartiles = cutpoint_table(quantile_cut(np.arange(8.0), [0.25, 0.75]), marker="m")
    put = apply_cutpoint(quartiles, "m")(np.array([0.0, 4, 9]), learnt_in="", direction="high")
    assert listed(put.groups) == ["low", None, "high"]
    two = pd.concat([given, cutpoint_table(median_cut([1.0, 2.0, 9.0]), marker="m")])
    assert cut_of_table(two, "m")["rule"] == "median"
    with pytest.raises(BadInput, match="2 cuts"):
        cut_of_table(pd.concat([quartiles, cutpoint_table(median_cut([1.0, 2.0, 9.0]), marker="m")]), "m")


def listed(groups):
    return [None if pd.isna(g) else g for g in groups]
