"""Groups compared: rows, ranks by hand, confounding with cohort."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.comparison import COMPARISON_COLUMNS, TESTS, compare_groups
from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.stats.confounding import check_contrast
from prognomics.stats.mean_tests import anova, student_t, welch_t
from prognomics.stats.multiple_testing import adjust
from prognomics.stats.rank_tests import mann_whitney, u_counts

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def frame(*values):
    return pd.DataFrame({"XPO1": np.concatenate(values).astype(float)})


def names(**sizes):
    return np.repeat(list(sizes), list(sizes.values())).astype(object)


def test_u_counts_by_hand():
    # two and two values: 6 arrangements with U = 0, 1, 2, 2, 3, 4
    assert list(u_counts(2, 2, 4)) == [1, 1, 2, 1, 1]
    assert sum(u_counts(5, 7, 35)) == 792


def test_exact_p_by_hand():
    # the most extreme of the C(5, 2) = 10 choices, in two directions
    result = mann_whitney([4, 5], [1, 2, 3], exact_p=True)
    assert (result.u, result.p_value, result.p_exact, result.exact) == (6.0, 0.2, 0.2, True)


def test_exact_p_with_ties_by_hand():
    # ranks 1, 2.5, 2.5, 4; choosing two: sums 3.5 3.5 5 5 6.5 6.5, mean 5; 6.5 lies 1.5 away, as 4 of 6 do
    result = mann_whitney([2, 3], [1, 2], exact_p=True)
    assert result.p_exact == pytest.approx(4 / 6)
    assert not result.exact


def test_four_against_many_shows_both_p():
    rng = np.random.default_rng(0)
    table = compare_groups(
        frame(rng.normal(size=4) - 2, rng.normal(size=1362)), names(normal=4, primary=1362), test="mann_whitney"
    )
    pair = table[table["row_type"] == "pair"].iloc[0]
    assert (pair["group"], pair["versus"], pair["n"], pair["n_versus"]) == ("primary", "normal", 1362, 4)
    assert pair["p_exact"] < pair["p_value"]
    assert "normal approximation" in pair["method"]
    assert pair["auc"] == pytest.approx(pair["statistic"] / (4 * 1362))


@pytest.mark.parametrize("test", TESTS)
def test_rows_and_columns(test):
    rng = np.random.default_rng(1)
    values = frame(rng.normal(size=12), rng.normal(size=15), rng.normal(size=11))
    values.iloc[0] = np.nan
    table = compare_groups(values, names(a=12, b=15, c=11), test=test, population="tissue_type=primary")
    assert list(table.columns) == list(COMPARISON_COLUMNS)
    assert list(table["row_type"]) == ["group"] * 3 + ["pair"] * 3 + ["omnibus"]
    assert list(table["n"]) == [11, 15, 11, 15, 11, 11, 37]
    assert table["n_missing"].iloc[0] == 1
    pairs = table[table["row_type"] == "pair"]
    np.testing.assert_allclose(pairs["p_adjusted"], adjust(pairs["p_value"], "holm"))
    assert set(table["population"]) == {"tissue_type=primary"}


def test_two_groups_have_no_omnibus_unless_asked_for():
    values, groups = frame([1, 2, 3], [2, 4, 5]), names(a=3, b=3)
    assert "omnibus" not in set(compare_groups(values, groups, test="welch")["row_type"])
    assert "omnibus" in set(compare_groups(values, groups, test="anova")["row_type"])


def test_pairs_against_a_reference():
    table = compare_groups(frame([1, 2], [2, 4], [5, 7]), names(a=2, b=2, c=2), test="t", reference="b")
    pairs = table[table["row_type"] == "pair"]
    assert list(zip(pairs["group"], pairs["versus"], strict=True)) == [("a", "b"), ("c", "b")]
    assert list(pairs["effect"]) == [-1.5, 3.0]


def test_a_reference_beside_chosen_levels_is_one_of_them():
    table = compare_groups(frame([1, 2], [2, 4], [5, 7]), names(a=2, b=2, c=2), test="t", levels=["c"], reference="a")
    pair = table[table["row_type"] == "pair"]
    assert list(table["group"]) == ["a", "c", "c"] and pair["versus"].item() == "a"


def test_numbers_are_no_groups():
    with pytest.raises(BadInput, match="31 groups are too many"):
        compare_groups(frame(range(31)), np.arange(31).astype(str).astype(object), test="t")


def test_low_comes_before_high():
    table = compare_groups(frame([5, 6], [1, 2]), names(high=2, low=2), test="welch")
    assert list(table["group"]) == ["low", "high", "high"]


def test_anova_of_two_groups_is_the_squared_t():
    x, y = np.array([1.0, 2, 4]), np.array([3.0, 7, 8, 9])
    assert anova([x, y]).statistic == pytest.approx(student_t(x, y).statistic ** 2)
    assert anova([x, y]).p_value == pytest.approx(student_t(x, y).p_value)


def test_what_cannot_be_tested_is_a_row_with_a_note():
    assert np.isnan(welch_t([1.0], [1.0, 2.0]).p_value)
    table = compare_groups(frame([3, 3, 3], [3, 3, 3]), names(a=3, b=3), test="welch")
    pair = table[table["row_type"] == "pair"].iloc[0]
    assert np.isnan(pair["p_value"]) and pair["note"].startswith("no test")
    table = compare_groups(frame([1, 2], [np.nan, np.nan], [3, 5]), names(a=2, b=2, c=2), test="mann_whitney")
    assert table.set_index(["group", "versus"]).loc[("b", "a"), "note"] == "no value in b"


def test_refusals_and_faults():
    with pytest.raises(Refused):
        compare_groups(frame([1, 2]), names(a=2), test="welch")
    with pytest.raises(Refused):
        compare_groups(frame([1, 2], [np.nan]), names(a=2, b=1), test="welch")
    with pytest.raises(BadInput, match="test"):
        compare_groups(frame([1], [2]), names(a=1, b=1), test="z")
    with pytest.raises(BadInput, match="group 'tumour'"):
        compare_groups(frame([1], [2]), names(tumor=1, b=1), test="welch", reference="tumour")


def test_samples_without_a_group_are_warned_of():
    groups = names(a=2, b=3)
    groups[4] = None
    with pytest.warns(AnalysisWarning, match="1 samples have no group"):
        table = compare_groups(frame([1, 2], [3, 4, 5]), groups, test="welch")
    assert table["n"].iloc[1] == 2


def test_a_contrast_between_cohorts_is_refused_with_its_table():
    values, groups = frame(np.arange(5), np.arange(8)), names(normal=5, primary=8)
    with pytest.raises(Refused) as refusal:
        compare_groups(values, groups, test="mann_whitney", cohort=np.repeat(["A", "B"], [5, 8]))
    assert "5 normal" in refusal.value.where and "8 primary" in refusal.value.where


def test_only_the_confounded_pair_goes():
    rng = np.random.default_rng(3)
    values, groups = frame(rng.normal(size=40)), names(normal=10, primary=20, relapse=10)
    cohort = np.array(["A"] * 10 + ["B", "C"] * 15)
    table = compare_groups(values, groups, test="mann_whitney", cohort=cohort)
    pairs = table[table["row_type"] == "pair"]
    assert pairs.loc[pairs["versus"] == "normal", "p_value"].isna().all()
    both = pairs[(pairs["group"] == "relapse") & (pairs["versus"] == "primary")]
    assert list(both["test"]) == ["mann_whitney", "van_elteren"] and both["p_value"].notna().all()
    assert "confounded" in table["note"].iloc[-1]


def test_four_normals_in_one_cohort_warn_and_get_the_estimate_within():
    rng = np.random.default_rng(4)
    values, groups = frame(rng.normal(size=4) - 2, rng.normal(size=60)), names(normal=4, primary=60)
    cohort = np.array(["A"] * 24 + ["B"] * 40)
    with pytest.warns(AnalysisWarning) as caught:
        table = compare_groups(values, groups, test="welch", cohort=cohort)
    assert [w.message.code for w in caught] == ["nearly-confounded"]
    within = table[table["test"] == "linear_model"].iloc[0]
    inside = values["XPO1"][:24]
    assert within["effect"] == pytest.approx(inside[4:].mean() - inside[:4].mean())
    assert (within["n"], within["n_versus"]) == (20, 4)


def test_one_cohort_is_never_confounded():
    assert not check_contrast([True, False], [False, True], ["A", "A"]).confounded
