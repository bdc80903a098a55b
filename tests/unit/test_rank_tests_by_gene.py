"""Mann-Whitney of every gene: the same as gene by gene (which is compared with R), with ties, gaps and empty groups."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.comparison import compare_groups
from prognomics.association.comparison_by_gene import compare_by_gene
from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import AnalysisWarning, Refused
from prognomics.stats import ordering
from prognomics.stats.rank_tests import mann_whitney
from prognomics.stats.rank_tests_by_gene import mann_whitney_by_gene


def _odd(values):
    values[3, 2] = values[4, :40] = np.nan
    values[5], values[6], values[7, :9] = 1.0, np.nan, np.nan
    values[8, 3] = values[8, 12]
    values[9] = np.round(values[9])
    return values


@pytest.fixture(params=["compiled", "numpy"])
def path(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(ordering, "compiled_loops", lambda: None)


@pytest.mark.parametrize("n, n_group", [(30, 9), (300, 90)])
def test_as_gene_by_gene(path, n, n_group):
    values = _odd(np.random.default_rng(n).normal(7, 2, (150, n)))
    group, versus = np.arange(n) < n_group, np.arange(n) >= n_group + 2  # two samples belong to neither
    found = mann_whitney_by_gene(values, group, versus)
    for i, row in enumerate(values):
        x, y = (row[who & ~np.isnan(row)] for who in (group, versus))
        assert (found.n[i], found.n_versus[i]) == (len(x), len(y))
        if not len(x) or not len(y):
            assert np.isnan(found.u[i]) and np.isnan(found.p_value[i])
            continue
        one = mann_whitney(x, y, exact_p=False)
        assert found.u[i] == one.u
        assert found.exact[i] == one.exact
        assert found.auc[i] == one.auc
        np.testing.assert_allclose(found.p_value[i], one.p_value, rtol=1e-12)


def test_threads_change_no_bit():
    values = _odd(np.random.default_rng(1).normal(size=(700, 40)))
    group = np.arange(40) % 3 == 0
    one, many = (mann_whitney_by_gene(values, group, ~group, threads=threads) for threads in (1, 3))
    np.testing.assert_array_equal(one.p_value, many.p_value)
    np.testing.assert_array_equal(one.u, many.u)


def test_pairs_in_every_gene():
    """Samples that the matrix lacks and missing values are excluded; p is corrected within a pair."""
    values = np.array([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, np.nan], [1, 1, 1, 1, 1, 1]])
    expression = ExpressionMatrix(values, ["UP", "DOWN", "FLAT"], list("abcdef"))
    table = compare_by_gene(expression, list("xabcdef"), ["low", *["low"] * 3, *["high"] * 3], population="all of them")
    assert table["gene"].tolist() == ["UP", "DOWN", "FLAT"]
    assert set(table["group"]) == {"high"} and set(table["versus"]) == {"low"}
    up, down, flat = table.to_dict("records")
    assert (up["n"], up["n_versus"], up["median"], up["difference"], up["statistic"]) == (3, 3, 5.0, 3.0, 9.0)
    assert (up["p_value"], up["p_adjusted"]) == pytest.approx((0.1, 0.2))  # 2 / choose(6, 3); of two that have a p
    assert (down["n"], down["statistic"], down["auc"], down["rank_biserial"]) == (2, 0.0, 0.0, -1.0)
    assert np.isnan(flat["p_value"]) and flat["auc"] == 0.5
    assert set(table["population"]) == {"all of them"}


def test_pairs_confounded_with_cohort_have_no_rows():
    expression = ExpressionMatrix(np.random.default_rng(1).normal(size=(2, 9)), ["A", "B"], [f"S{i}" for i in range(9)])
    groups, cohort = np.repeat(["a", "b", "c"], 3), ["x", "x", "y", "x", "y", "y", "z", "z", "z"]
    with pytest.warns(AnalysisWarning, match="c and a; c and b"):
        table = compare_by_gene(expression, expression.sample_ids, groups, cohort=cohort)
    assert set(zip(table["group"], table["versus"], strict=True)) == {("b", "a")}
    with pytest.raises(Refused, match="no gene can be compared"):
        compare_by_gene(expression, expression.sample_ids, groups, levels=["a", "c"], cohort=cohort)


def test_within_cohorts_as_the_comparison_of_one_gene():
    """Statistic, p, chance and numbers of each gene are those of the comparison of that gene alone."""
    rng = np.random.default_rng(6)
    cohort = np.repeat(["a", "b", "c"], [40, 30, 20])
    groups = np.where(rng.random(90) < np.where(cohort == "a", 0.7, 0.3), "high", "low")
    groups[cohort == "c"] = "high"
    values = rng.normal(size=(12, 90)) + 2.0 * (cohort != "b")
    values[1::3] = values[1::3].round()
    values[2::4, rng.random(90) < 0.2] = np.nan
    values[11, (cohort == "b") & (groups == "low")] = np.nan  # one cohort is left
    genes = [f"G{i}" for i in range(12)]
    expression = ExpressionMatrix(values, genes, [f"S{i}" for i in range(90)])
    table = compare_by_gene(expression, expression.sample_ids, groups, cohort=cohort).set_index("gene")
    with pytest.warns(AnalysisWarning, match="nearly-confounded"):
        one = compare_groups(pd.DataFrame(values.T, columns=genes), groups, test="mann_whitney", cohort=cohort)
    within = one[one["test"] == "van_elteren"].set_index("marker").loc[table.index]
    pooled = one[one["test"] == "mann_whitney"].set_index("marker").loc[table.index]
    for ours, theirs in (("statistic", "statistic"), ("p_value", "p_value"), ("auc", "effect"), ("n", "n"),
                         ("n_versus", "n_versus")):  # fmt: skip
        np.testing.assert_allclose(table[ours].astype(float), within[theirs].astype(float), rtol=1e-10)
    np.testing.assert_allclose(table["p_unstratified"], pooled["p_value"].astype(float), rtol=1e-10)
    assert table["note"].notna().sum() == 1 and "1 cohort" in table.loc["G11", "note"]
    assert set(table["strata"]) == {"cohort"} and table["difference"].abs().max() < 1.5
    assert (table["p_unstratified"] < 0.05).sum() > 8 > 2 > (table["p_value"] < 0.05).sum()


def test_few_controls_are_said_and_have_an_exact_p():
    rng = np.random.default_rng(7)
    values = rng.normal(size=(3, 60))
    expression = ExpressionMatrix(values, list("ABC"), [f"S{i}" for i in range(60)])
    groups = np.repeat(["normal", "primary", "normal", "primary"], [2, 28, 2, 28])
    plain = compare_by_gene(expression, expression.sample_ids, groups).set_index("gene")
    for gene, row in zip("ABC", values, strict=True):
        expected = mann_whitney(row[groups == "primary"], row[groups == "normal"], exact_p=True)
        assert plain.loc[gene, "p_exact"] == pytest.approx(expected.p_exact, rel=1e-12)
        assert plain.loc[gene, "p_value"] == pytest.approx(expected.p_value, rel=1e-12)
    with pytest.warns(AnalysisWarning, match="nearly-confounded"):
        weak = compare_by_gene(expression, expression.sample_ids, groups, cohort=np.repeat(["x", "y"], 30))
    assert weak["note"].str.contains("4 normal").all()
