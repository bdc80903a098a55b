"""ROC curves: direction, rules, ties, few controls."""

import numpy as np
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.stats.roc import ROC_COLUMNS, clopper_pearson, roc

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def curve(cases, controls, **options):
    values = np.array([*cases, *controls], dtype=float)
    case = np.arange(len(values)) < len(cases)
    return roc(values, case, ~case, **({"direction": "high", "rule": "youden"} | options))


@QUIET
def test_auc_counts_ties_half():
    assert curve([2, 3], [1, 2]).auc == pytest.approx(3.5 / 4)
    assert curve([1, 4], [2, 3], direction="low").auc == 0.5


@QUIET
def test_direction_low_expects_cases_below_the_cut():
    result = curve([1, 2, 3], [4, 5, 6], direction="low")
    assert (result.auc, result.lowest_high) == (1.0, 4.0)
    assert result.sensitivity[result.chosen] == result.specificity[result.chosen] == 1.0


def test_the_wrong_direction_is_refused_not_turned_round():
    with pytest.raises(Refused, match="no threshold"):
        curve([1, 2, 3], [4, 5, 6])


def test_an_auc_below_half_is_warned_of():
    with pytest.warns(AnalysisWarning) as caught:
        curve([1, 2, 9], [4, 5, 6])
    assert "auc-below-half" in [w.message.code for w in caught]


@QUIET
def test_all_tied_optima_are_found_and_the_most_specific_is_taken():
    # thresholds 2 and 4 both have J = 1/2
    result = curve([2, 4], [1, 3])
    assert result.n_tied_optima == 2
    assert list(result.thresholds[result.optimum]) == [2.0, 4.0]
    assert (result.lowest_high, result.specificity[result.chosen]) == (4.0, 1.0)


@QUIET
def test_least_specificity():
    result = curve([2, 4, 6, 8], [1, 3, 5, 7], rule="min_specificity", min_specificity=0.5)
    assert (result.lowest_high, result.specificity[result.chosen]) == (4.0, 0.5)
    with pytest.raises(BadInput):
        curve([2, 4], [1, 3], rule="min_specificity")


def test_four_controls_are_shown_and_get_no_interval():
    with pytest.warns(AnalysisWarning) as caught:
        result = curve(np.arange(10, 40), [1, 2, 3, 12])
    assert "few-controls" in [w.message.code for w in caught]
    assert (result.auc_ci_method, np.isnan(result.auc_low), result.n_control) == ("none", True, 4)
    assert "1 2 3 12" in " ".join(result.notes)
    assert result.specificity_ci == pytest.approx(clopper_pearson(4, 4))


def test_ten_controls_get_delong():
    result = curve(np.arange(0.5, 30), np.arange(10) - 3.0)
    assert result.auc_ci_method == "delong"
    assert result.auc_low < result.auc < result.auc_high


def test_separated_groups_say_that_the_interval_is_void():
    with pytest.warns(AnalysisWarning, match="no width"):
        result = curve(np.arange(20, 40), np.arange(12))
    assert (result.auc_low, result.auc_high) == (1.0, 1.0)


@QUIET
def test_the_curve_as_a_table():
    table = curve([2, 4], [1, 3]).table("XPO1")
    assert list(table.columns) == list(ROC_COLUMNS)
    assert list(table["threshold"][:4]) == [1, 2, 3, 4] and np.isnan(table["threshold"].iloc[4])
    assert list(table["sensitivity"]) == [1, 1, 0.5, 0.5, 0]
    assert list(table["specificity"]) == [0, 0.5, 0.5, 1, 1]
    assert list(table["chosen"]) == ["no", "no", "no", "yes", "no"]


def test_no_controls_no_cases_and_constants_are_refused():
    for cases, controls in (([1, 2], []), ([], [1, 2]), ([1, 1], [1, 1]), ([1, 2], [np.nan])):
        with pytest.raises(Refused):
            curve(cases, controls)


def test_a_sample_cannot_be_case_and_control():
    with pytest.raises(BadInput, match="both"):
        roc([1.0, 2.0], [True, True], [False, True], direction="high", rule="youden")


def test_clopper_pearson_at_the_ends():
    assert clopper_pearson(0, 4) == pytest.approx((0.0, 1 - 0.025**0.25))
    assert clopper_pearson(4, 4) == pytest.approx((0.025**0.25, 1.0))
