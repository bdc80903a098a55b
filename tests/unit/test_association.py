"""Variables by group: counts, tests, missing values, cohorts."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import ASSOCIATION_COLUMNS, associate_groups, associate_marker
from prognomics.compiled import compiled_loops
from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.stats.exact_tests import chi_square, fisher_exact
from prognomics.stats.fisher_2x2 import FULL_PRECISION, fisher_2x2
from prognomics.stats.fisher_tail import tail_p
from prognomics.stats.fisher_two_rows import two_rows_p

KINDS = {"sex": "categorical", "grade": "categorical", "age": "numeric", "same": "categorical"}


def sheet():
    return pd.DataFrame(
        {
            "sex": ["F", "M"] * 10,
            "grade": ["1", "2", "3", None] * 5,
            "age": np.arange(20.0) % 7 + 50,
            "same": ["x"] * 20,
        }
    )


GROUP = np.array(["low"] * 8 + ["high"] * 12, dtype=object)


def test_counts_percentages_and_the_row_of_missing_values():
    table = associate_groups(sheet(), GROUP, kinds=KINDS, numeric_test="welch")
    assert list(table.columns) == list(ASSOCIATION_COLUMNS)
    counts = table[(table["variable"] == "grade") & (table["row_type"] == "count")].set_index(["level", "group"])
    assert list(dict.fromkeys(counts.index.get_level_values("group"))) == ["low", "high", "all"]
    assert counts.loc[("1", "low"), "count"] == 2
    assert counts.loc[("1", "low"), "percent"] == pytest.approx(100 * 2 / 6)
    assert counts.loc[("missing", "high"), "count"] == 3
    assert counts.loc[("missing", "high"), "percent"] == pytest.approx(25.0)


def test_each_variable_has_one_test_row():
    table = associate_groups(sheet(), GROUP, kinds=KINDS, numeric_test="welch")
    tests = table[table["row_type"] == "test"].set_index("variable")
    assert list(tests["test"]) == ["fisher", "fisher", "welch", "fisher"]
    assert list(tests["effect_type"].fillna("NA")) == ["odds_ratio", "cramers_v", "mean_difference", "NA"]
    assert (tests.loc["grade", "n"], tests.loc["grade", "n_missing"]) == (15, 5)
    assert np.isnan(tests.loc["same", "p_value"]) and "no test" in tests.loc["same", "note"]
    assert tests.loc["age", "note"] == "high minus low"
    assert tests["p_adjusted"].notna().sum() == 3


@pytest.mark.parametrize(
    ("test", "two", "three"),
    [("welch", "welch", "welch_anova"), ("t", "t", "anova"), ("mann_whitney", "mann_whitney", "kruskal")],
)
def test_numbers_between_two_groups_and_more(test, two, three):
    three_groups = np.array(["a", "b", "c", "a"] * 5, dtype=object)
    for groups, expected in ((GROUP, two), (three_groups, three)):
        table = associate_groups(sheet()[["age"]], groups, kinds=KINDS, numeric_test=test)
        assert table[table["row_type"] == "test"]["test"].item() == expected


def test_a_continuous_marker():
    marker = np.r_[np.arange(19.0), np.nan]
    table = associate_marker(sheet(), marker, marker_name="XPO1", kinds=KINDS)
    tests = table[table["row_type"] == "test"].set_index("variable")
    assert list(tests["test"]) == ["mann_whitney", "kruskal", "spearman", "mann_whitney"]
    assert tests.loc["sex", "n"] == 19
    levels = table[(table["variable"] == "grade") & (table["row_type"] == "summary")]
    assert list(levels["level"]) == ["1", "2", "3", "missing"]
    assert list(levels["count"]) == [5, 5, 5, 4]
    assert set(table["marker"]) == {"XPO1"}


def test_variables_settled_by_cohorts_are_warned_of():
    cohort = np.array(["A"] * 8 + ["B"] * 12)
    data = sheet().assign(site=np.where(cohort == "A", "limb", "trunk"))[["sex", "site"]]
    with pytest.warns(AnalysisWarning) as caught:
        kinds = KINDS | {"site": "categorical"}
        table = associate_groups(data, GROUP, kinds=kinds, numeric_test="welch", cohort=cohort)
    texts = {w.message.code: w.message.text for w in caught}
    assert "site" in texts["nested-in-cohorts"] and "group" in texts["nested-in-cohorts"]
    by_cohort = table[(table["method"] == "by cohort") & (table["variable"] == "site") & (table["level"] == "limb")]
    assert dict(zip(by_cohort["group"], by_cohort["count"], strict=True)) == {"A": 8, "B": 0}


def test_faults_and_refusals():
    with pytest.raises(Refused, match="two groups"):
        associate_groups(sheet(), np.array(["low"] * 20, dtype=object), kinds=KINDS, numeric_test="welch")
    with pytest.raises(Refused, match="no variable"):
        associate_groups(sheet()[["same"]], GROUP, kinds=KINDS, numeric_test="welch")
    with pytest.raises(BadInput, match="text"):
        associate_groups(sheet()[["sex"]], GROUP, kinds={"sex": "numeric"}, numeric_test="welch")
    with pytest.raises(BadInput, match="neither"):
        associate_groups(sheet()[["sex"]], GROUP, kinds={}, numeric_test="welch")


def test_fisher_by_hand():
    # C(4,3) C(4,1) + C(4,4) in both directions, over C(8,4) = 70
    assert fisher_exact([[3, 1], [1, 3]]).p_value == pytest.approx(34 / 70)
    # 2 x 3 with all margins (2, 2): 90 labeled arrangements of six into three pairs of columns
    assert fisher_exact([[2, 0, 1], [0, 2, 1]]).p_value == pytest.approx(12 / 20)


def brute_force(table):
    """All permutations of the column labels, by recursion over the cells of small tables."""
    from scipy.special import gammaln

    rows, columns = table.sum(axis=1), table.sum(axis=0)

    def fill(left, columns):
        if len(columns) == 1:
            yield -gammaln(np.array(left) + 1).sum()
            return

        def spread(rest, total):
            if len(rest) == 1:
                if total <= rest[0]:
                    yield (total,)
                return
            for cell in range(min(rest[0], total) + 1):
                for more in spread(rest[1:], total - cell):
                    yield (cell, *more)

        for cells in spread(left, columns[0]):
            weight = -gammaln(np.array(cells) + 1).sum()
            for more in fill(tuple(a - b for a, b in zip(left, cells, strict=True)), columns[1:]):
                yield weight + more

    weights = np.array(list(fill(tuple(rows), tuple(columns))))
    observed = -gammaln(table + 1).sum()
    share = np.exp(weights - weights.max())
    return share[weights <= observed + 1e-7].sum() / share.sum()


@pytest.mark.parametrize("shape", [(2, 5), (3, 3), (3, 4), (4, 4), (3, 5), (2, 7)])
def test_fisher_equals_the_sum_over_all_tables(shape):
    rng = np.random.default_rng(sum(shape))
    for _ in range(4):
        table = rng.integers(0, 2 if max(shape) + min(shape) > 7 else 4, shape) + np.eye(*shape, dtype=int)
        assert fisher_exact(table).p_value == pytest.approx(brute_force(table), rel=1e-9)


def test_fisher_of_two_rows_equals_the_sum_over_all_tables():
    rng = np.random.default_rng(4)
    for columns in (2, 3, 5, 6):
        table = rng.integers(0, 5, (2, columns)) + np.eye(2, columns, dtype=int)
        table = table[:, table.sum(axis=0) > 0]
        assert two_rows_p(table) == pytest.approx(brute_force(table), rel=1e-9)
        assert two_rows_p(table[::-1, ::-1].T) == pytest.approx(brute_force(table), rel=1e-9)


def test_two_rows_too_large_for_the_sum_are_left_to_drawing():
    table = np.random.default_rng(0).multinomial(4000, np.ones(50) / 50).reshape(2, 25)
    assert two_rows_p(table) is None
    assert fisher_exact(table).method == "chi-square"


def test_a_table_too_large_for_the_sum_says_so():
    table = np.random.default_rng(0).multinomial(3000, np.ones(60) / 60).reshape(4, 15)
    chance = fisher_exact(table, rng=np.random.default_rng(1), simulations=20_000)
    assert (chance.method, chance.simulations) == ("monte carlo", 20_000)
    assert chance.p_value == pytest.approx(chi_square(table).p_value, abs=0.03)
    assert fisher_exact(table).method == "chi-square"


def test_monte_carlo_agrees_with_the_sum():
    from prognomics.stats.fisher_sampling import sampled_p

    table = np.array([[6, 2, 3], [1, 7, 4], [3, 3, 8]])
    exact = fisher_exact(table).p_value
    found = sampled_p(table, np.random.default_rng(2), 40_000)
    assert found.p_value == pytest.approx(exact, abs=0.008) and not found.weighted


@pytest.mark.parametrize("table", [
    [[22, 78, 14, 80, 14, 12], [158, 222, 126, 340, 108, 188]], [[50, 9, 2], [3, 30, 12], [9, 1, 47]],
    [[40, 60, 90], [11, 12, 60]]])  # fmt: skip
def test_importance_sampling_tells_how_small_a_p_is(table):
    """p of 3e-9, 2e-32 and 6e-4 from a few thousand tables, within four of their standard errors."""
    from prognomics.stats.fisher_sampling import sampled_p

    exact = fisher_exact(table).p_value
    found = sampled_p(np.array(table), np.random.default_rng(4), 20_000)
    assert found.weighted and found.relative_error < 0.2
    assert found.p_value == pytest.approx(exact, rel=4 * found.relative_error)


def test_odds_ratio_solved_to_full_precision():
    # the estimate makes the expected count the observed one
    table = np.array([[3, 1], [1, 3]])
    _, odds = fisher_2x2(table, root_tolerance=FULL_PRECISION)
    weights = np.array([1, 16, 36, 16, 1]) * odds.estimate ** np.arange(5)
    assert (weights * np.arange(5)).sum() / weights.sum() == pytest.approx(3, rel=1e-12)


def test_zero_cells_make_limits_open():
    result = fisher_exact([[0, 8], [5, 9]])
    assert (result.odds_ratio.estimate, result.odds_ratio.ci_low) == (0.0, 0.0)
    assert fisher_exact([[8, 0], [9, 5]]).odds_ratio.estimate == np.inf


@pytest.mark.parametrize("shape", [(3, 3), (3, 4), (4, 4)])
def test_all_ways_to_sum_all_tables_agree(shape):
    from prognomics.stats.fisher_network import network_p
    from prognomics.stats.fisher_sum import exact_p

    rng = np.random.default_rng(sum(shape))
    for size in (30, 80):
        table = rng.multinomial(size, np.ones(shape[0] * shape[1]) / np.prod(shape)).reshape(shape) + 1
        expected = exact_p(table)
        assert network_p(table) == pytest.approx(expected, rel=1e-9)
        if compiled_loops() is not None:
            assert tail_p(table) == pytest.approx(expected, rel=1e-9)


@pytest.mark.skipif(compiled_loops() is None, reason="the loops were not compiled")
@pytest.mark.parametrize("shape", [(3, 3), (3, 4), (3, 5), (4, 4), (3, 6)])
def test_the_compiled_sum_is_over_all_tables(shape):
    """Columns that are paired, listed between and added empty; rows that are equal or not."""
    rng = np.random.default_rng(sum(shape))
    for _ in range(3):
        table = rng.integers(0, 2 if sum(shape) > 7 else 3, shape) + np.eye(*shape, dtype=int)
        table = table[:, table.sum(axis=0) > 0]
        assert tail_p(table) == pytest.approx(brute_force(table), rel=1e-9)
        assert tail_p(table.T[::-1]) == pytest.approx(brute_force(table), rel=1e-9)


@pytest.mark.skipif(compiled_loops() is None, reason="the loops were not compiled")
def test_the_compiled_sum_checks_margins():
    good = np.array([3, 4], dtype=np.int64), np.array([2, 2, 2, 1], dtype=np.int64)
    assert compiled_loops().fisher_tail(*good, 0.0, 1e6) > 0
    assert compiled_loops().fisher_tail(*good, 0.0, 1.0) is None
    few = good[0][:1], good[1][:3]
    for rows, columns in ((good[0], good[1] + 1), (good[0] - 4, good[1] - 1), (good[0], few[1]), (few[0], good[1])):
        with pytest.raises(ValueError, match="margins"):
            compiled_loops().fisher_tail(rows, columns, 0.0, 1e6)
