"""Table one, declared orders, trends and tests within cohorts: by hand, and on hard data."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import associate_groups, associate_marker
from prognomics.association.comparison import compare_groups
from prognomics.association.comparison_by_cohort import compare_by_cohort
from prognomics.association.description import describe_samples
from prognomics.association.table_one import table_one
from prognomics.data.ordered_levels import declare_order
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.stats import effect_sizes, stratified_tests, trend_tests

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
GROUPS = np.array(["low"] * 4 + ["high"] * 4, dtype=object)
VARIABLES = pd.DataFrame({"sex": ["f", "f", "m", None, "m", "m", "m", "f"],
                          "age": [50, 60, 70, 80, 40, np.nan, 60, 70.0]})  # fmt: skip
KINDS = {"sex": "categorical", "age": "numeric"}


def grouped(variables=VARIABLES, groups=GROUPS, kinds=KINDS, **options):
    return associate_groups(variables, groups, kinds=kinds, numeric_test="welch", **options)


def marked(variables, marker, kinds, **options):
    return associate_marker(variables, marker, marker_name="m", kinds=kinds, **options)


def test_of(table, variable):
    return table[(table["row_type"] == "test") & (table["variable"] == variable)].iloc[0]


test_of.__test__ = False


def test_table_one_by_hand():
    made = table_one(grouped())
    assert list(made.columns) == ["variable", "level", "low", "high", "all", "p", "p_adjusted", "test", "effect",
                                  "p_within_cohorts"]  # fmt: skip
    assert made.iloc[0][["variable", "low", "high", "all"]].tolist() == ["n", "4", "4", "8"]
    cells = made.set_index("level")
    assert cells.loc["f", ["low", "high", "all"]].tolist() == ["2 (66.7%)", "1 (25.0%)", "3 (42.9%)"]
    assert cells.loc["mean (SD)", "low"] == "65.0 (12.9)"
    assert cells.loc["median (quartiles)", "high"] == "60.0 (50.0 to 65.0)"
    assert cells.loc["missing", "low"].tolist() == ["1", "0"]  # of sex and of age
    assert made.iloc[1]["test"] == "fisher"


def test_table_one_of_a_marker():
    made = table_one(marked(VARIABLES, np.arange(8.0), KINDS))
    assert list(made.columns[:4]) == ["variable", "level", "n", "marker"]
    assert made.set_index("level").loc["f", "marker"] == "1.00 (0.500 to 4.00)"


def test_a_group_named_as_a_column_keeps_apart():
    made = table_one(grouped(groups=np.array(["test"] * 4 + ["other"] * 4, dtype=object)))
    assert "test_" in made.columns and made.columns.is_unique


def test_declared_orders():
    frame = pd.DataFrame({"stage": ["II", "I", None, "III"]})
    made = declare_order(frame, [("stage", "III, I,II")])
    assert made["stage"].cat.categories.tolist() == ["III", "I", "II"]
    for column, order, error in (("stage", "I,II", BadInput), ("stage", "I", UsageError), ("x", "a,b", UsageError),
                                 ("stage", "I,I,II,III", UsageError)):  # fmt: skip
        with pytest.raises(error):
            declare_order(frame, [(column, order)])


def test_the_order_decides_the_trend():
    frame = pd.DataFrame({"stage": ["a", "a", "b", "b", "c", "c"] * 10})
    groups = np.array(["low", "low", "high", "high", "low", "high"] * 10, dtype=object)
    found = {order: test_of(grouped(declare_order(frame, [("stage", order)]), groups, {"stage": "ordered"}), "stage")
             for order in ("a,b,c", "a,c,b", "c,b,a")}  # fmt: skip
    assert found["a,c,b"]["effect"] == pytest.approx(found["a,c,b"]["statistic"] ** 0.5 / 60**0.5)
    assert found["a,c,b"]["p_value"] < found["a,b,c"]["p_value"]
    assert found["a,b,c"]["effect"] == pytest.approx(-found["c,b,a"]["effect"])
    assert "a < c < b" in found["a,c,b"]["note"]


def test_jonckheere_by_hand():
    found = trend_tests.jonckheere([np.array([1.0, 2]), np.array([3.0]), np.array([4.0, 5])])
    # all 2 + 4 + 2 pairs rise; the variance without ties is (5*4*15 - 2*1*9*2) / 72
    assert found.effect == 1
    assert found.statistic == pytest.approx(4 / np.sqrt((5 * 4 * 15 - 2 * 9 * 2) / 72))
    assert np.isnan(trend_tests.jonckheere([np.ones(3), np.ones(4)]).p_value)
    assert np.isnan(trend_tests.cochran_armitage(np.array([[3, 0], [5, 0]])).p_value)


def test_two_cohorts_that_disagree():
    """Pooled counts show an association that neither cohort has."""

    def counts(a, b, c, d, cohort):
        return (
            [("x", "low", cohort)] * a
            + [("y", "low", cohort)] * b
            + [("x", "high", cohort)] * c
            + [("y", "high", cohort)] * d
        )

    rows = pd.DataFrame(counts(80, 20, 20, 5, "A") + counts(4, 16, 20, 80, "B"), columns=["v", "g", "cohort"])
    groups = rows["g"].to_numpy(object)
    row = test_of(grouped(rows[["v"]], groups, {"v": "categorical"}, cohort=rows["cohort"]), "v")
    assert row["p_value"] < 1e-8
    assert row["p_within"] == pytest.approx(1) and row["effect_within"] == pytest.approx(1)
    assert row["n_cohorts_within"] == 2


@QUIET
@pytest.mark.parametrize("values", [
    ["a"] * 6 + ["b"] * 6,  # nested in cohorts: nothing within them
    [None] * 11 + ["a"],
])  # fmt: skip
def test_nothing_within_cohorts_leaves_the_cells_empty(values):
    frame = pd.DataFrame({"v": values, "age": np.arange(12.0)})
    cohort = np.repeat(["A", "B"], 6)
    groups = np.array(["low", "high"] * 6, dtype=object)
    row = test_of(grouped(frame, groups, {"v": "categorical", "age": "numeric"}, cohort=cohort), "v")
    assert np.isnan(row["p_within"])


@QUIET
def test_hard_variables():
    n = 30
    groups = np.array(["low", "high", "high"] * 10, dtype=object)
    cohort = np.array(["A", "B", None] * 10, dtype=object)
    frame = pd.DataFrame({
        "constant": 1.0, "ties": np.repeat([1.0, 2.0], 15), "empty": np.nan, "one_each": [f"v{i}" for i in range(n)],
        "single": ["x"] + [None] * (n - 1), "fine": np.arange(n, dtype=float)})  # fmt: skip
    kinds = dict.fromkeys(frame, "numeric") | {"one_each": "categorical", "single": "categorical"}
    tests = grouped(frame, groups, kinds, cohort=cohort).query("row_type == 'test'").set_index("variable")
    assert tests.loc[["constant", "empty", "single"], "p_value"].isna().all()
    assert tests.loc[["constant", "empty", "single"], "note"].notna().all()
    assert tests.loc["fine", "p_value"] > 0.5 and tests.loc["one_each", "p_value"] == pytest.approx(1)
    table_one(grouped(frame, groups, kinds, cohort=cohort))
    tests = marked(frame, np.arange(n) % 7.0, kinds, cohort=cohort).query("row_type == 'test'").set_index("variable")
    assert np.isnan(tests.loc["single", "p_value"]) and tests.loc["ties", "p_value"] > 0


def test_sizes_without_spread():
    same = np.full(5, 2.0)
    assert np.isnan(effect_sizes.cohens_d(same, same + 1).estimate)
    assert np.isnan(effect_sizes.cohens_d(np.array([1.0]), np.array([2.0])).estimate)
    assert np.isnan(effect_sizes.auc_limits(same, np.arange(20.0))[0])
    zero = effect_sizes.eta_squared(0.0, 2, 10)
    assert (zero.estimate, zero.ci_low) == (0, 0) and zero.ci_high >= 0
    perfect = effect_sizes.auc_limits(np.arange(10.0) + 20, np.arange(10.0))
    assert perfect == (1, 1)


def test_odds_that_are_infinite():
    x, g = np.array(["a"] * 5 + ["b"] * 5), np.array(["c"] * 5 + ["d"] * 5)
    found = stratified_tests.general_association(x, g, np.array(["k"] * 10))
    assert found.effect == np.inf and np.isnan(found.ci_low)


@QUIET
def test_each_cohort_by_itself():
    rng = np.random.default_rng(0)
    values = pd.DataFrame({"m": rng.normal(size=40)})
    groups = np.array(["normal", "tumour"] * 15 + ["tumour"] * 10, dtype=object)
    cohort = np.array(["A"] * 20 + ["B"] * 10 + ["C"] * 10, dtype=object)
    table = compare_by_cohort(values, groups, cohort, test="welch", levels=["normal", "tumour"], reference=None)
    pairs = table[table["row_type"] == "pair"].set_index("cohort")
    alone = compare_groups(values[:20], groups[:20], test="welch")
    assert pairs.loc["A", "p_value"] == alone[alone["row_type"] == "pair"].iloc[0]["p_value"]
    assert pairs.loc["B", "n"] == 5
    last = table[table["cohort"] == "C"]
    assert len(last) == 1 and "two groups" in last.iloc[0]["note"]
    whole = compare_by_cohort(values, groups, None, test="t")
    assert set(whole["cohort"]) == {"all"}


def test_nothing_to_relate_is_still_refused():
    with pytest.raises(Refused, match="no variable can be tested"):
        grouped(pd.DataFrame({"v": ["x"] * 8}), kinds={"v": "categorical"})


def test_a_description_of_all_samples_has_no_tests():
    frame = pd.DataFrame({"sex": ["f", "m", None, "f"], "age": [40.0, np.nan, 60.0, 80.0]})
    kinds = {"sex": "categorical", "age": "numeric"}
    found = describe_samples(frame, kinds=kinds, cohort=np.array(["a", "a", "b", "b"], dtype=object))
    assert set(found["row_type"]) == {"count", "summary"}
    everyone = found[found["method"] != "by cohort"]
    assert set(everyone["group"]) == {"all"}
    assert everyone.set_index("level").loc["f", ["count", "percent"]].tolist() == [2, pytest.approx(200 / 3)]
    assert everyone[everyone["variable"] == "age"][["mean", "n_missing"]].to_numpy().tolist() == [[60.0, 1.0]]
    assert found[found["method"] == "by cohort"]["group"].unique().tolist() == ["a", "b"]
    made = table_one(found)
    assert made.columns.tolist() == ["variable", "level", "all"]
    assert made["all"].tolist() == [
        "4",
        "",
        "2 (66.7%)",
        "1 (33.3%)",
        "1",
        "",
        "60.0 (20.0)",
        "60.0 (50.0 to 70.0)",
        "1",
    ]


def test_a_description_needs_samples():
    with pytest.raises(Refused, match="no samples"):
        describe_samples(pd.DataFrame({"sex": []}), kinds={"sex": "categorical"})
