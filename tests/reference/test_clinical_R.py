"""Comparisons and associations against R: stats, coin."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import associate_groups, associate_marker
from prognomics.association.comparison import compare_groups
from prognomics.compiled import compiled_loops
from prognomics.stats import mean_tests, rank_tests
from prognomics.stats.exact_tests import chi_square, fisher_exact
from prognomics.stats.fisher_tail import tail_p
from prognomics.stats.fisher_two_rows import two_rows_p
from prognomics.stats.multiple_testing import adjust

HERE = Path(__file__).parent / "clinical"
REFERENCE = pd.read_csv(HERE / "reference.tsv", sep="\t", skipinitialspace=True)
REFERENCE = REFERENCE.set_index(["case", "stat"])["value"]
GROUPS = pd.read_csv(HERE / "groups.tsv", sep="\t")
SETS = list(GROUPS["set"].unique())
TABLES = pd.read_csv(HERE / "tables.tsv", sep="\t")


def samples(name):
    data = GROUPS[GROUPS["set"] == name]
    return {group: part["value"].to_numpy() for group, part in data.groupby("group")}


@pytest.mark.parametrize("name", SETS)
def test_mann_whitney(name):
    a, b = samples(name)["a"], samples(name)["b"]
    result = rank_tests.mann_whitney(a, b, exact_p=True)
    assert result.u == REFERENCE[name, "W"]
    assert result.p_value == pytest.approx(REFERENCE[name, "wilcox_p"], rel=1e-9)
    # away from exact cases wilcox.test finds shift and limits by root search to 1e-4
    loose = {"rel": 1e-12, "abs": 1e-12} if result.exact else {"abs": 1.1e-4}
    for stat in ("shift_low", "shift_high"):
        assert getattr(result, stat) == pytest.approx(REFERENCE[name, stat], **loose)
    if result.exact:
        assert result.shift == pytest.approx(REFERENCE[name, "shift"], rel=1e-12)
    if (name, "p_exact") in REFERENCE.index:
        assert result.p_exact == pytest.approx(REFERENCE[name, "p_exact"], rel=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_two_means(name):
    a, b = samples(name)["a"], samples(name)["b"]
    for result, key in ((mean_tests.welch_t(a, b), "welch"), (mean_tests.student_t(a, b), "student")):
        found = (result.statistic, result.df, result.p_value, result.ci_low, result.ci_high)
        for value, stat in zip(found, ("t", "df", "p", "low", "high"), strict=True):
            assert value == pytest.approx(REFERENCE[name, f"{key}.{stat}"], rel=1e-9), (key, stat)


@pytest.mark.parametrize("name", SETS)
def test_omnibus(name):
    parts = list(samples(name).values())
    kruskal = rank_tests.kruskal_wallis(parts)
    assert kruskal.statistic == pytest.approx(REFERENCE[name, "kruskal.H"], rel=1e-10)
    assert kruskal.p_value == pytest.approx(REFERENCE[name, "kruskal.p"], rel=1e-9)
    for result, key in ((mean_tests.anova(parts), "anova"), (mean_tests.welch_anova(parts), "welch_anova")):
        assert result.statistic == pytest.approx(REFERENCE[name, f"{key}.F"], rel=1e-9)
        assert result.df_residual == pytest.approx(REFERENCE[name, f"{key}.df_residual"], rel=1e-9)
        assert result.p_value == pytest.approx(REFERENCE[name, f"{key}.p"], rel=1e-8)


@pytest.mark.parametrize("name", ["three", "three_tied"])
def test_pairs_of_three_groups(name):
    data = GROUPS[GROUPS["set"] == name]
    for test, key, column in (
        ("anova", "pooled", "p_value"),
        ("anova", "holm", "p_adjusted"),
        ("kruskal", "dunn", "statistic"),
    ):
        table = compare_groups(data[["value"]].reset_index(drop=True), data["group"].to_numpy(), test=test)
        pairs = table[table["row_type"] == "pair"].set_index(["group", "versus"])
        for group, versus in (("b", "a"), ("c", "a"), ("c", "b")):
            expected = REFERENCE[name, f"{key}.{group}_{versus}"]
            assert pairs.loc[(group, versus), column] == pytest.approx(expected, rel=1e-9)


def test_quartiles():
    for name in SETS:
        data = GROUPS[GROUPS["set"] == name]
        table = compare_groups(data[["value"]].reset_index(drop=True), data["group"].to_numpy(), test="mann_whitney")
        row = table[(table["row_type"] == "group") & (table["group"] == "a")].iloc[0]
        for column, stat in (("q1", "q1"), ("median", "q2"), ("q3", "q3")):
            assert row[column] == pytest.approx(REFERENCE[name, stat], rel=1e-12, abs=1e-12)


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_within_cohorts():
    data = pd.read_csv(HERE / "strata.tsv", sep="\t")
    both = []
    for test in ("mann_whitney", "welch"):
        table = compare_groups(data[["value"]], data["group"], test=test, levels=["y", "x"], cohort=data["cohort"])
        both.append(table[table["test"].isin(["van_elteren", "linear_model"])].iloc[0])
    assert both[0]["statistic"] == pytest.approx(REFERENCE["strata", "van_elteren.z"], rel=1e-9)
    assert both[0]["p_value"] == pytest.approx(REFERENCE["strata", "van_elteren.p"], rel=1e-9)
    assert both[1]["effect"] == pytest.approx(REFERENCE["strata", "lm.beta"], rel=1e-9)
    assert both[1]["effect"] / both[1]["statistic"] == pytest.approx(REFERENCE["strata", "lm.se"], rel=1e-9)
    assert both[1]["p_value"] == pytest.approx(REFERENCE["strata", "lm.p"], rel=1e-8)


@pytest.mark.parametrize("name", list(TABLES["table"].unique()))
def test_fisher(name):
    part = TABLES[TABLES["table"] == name]
    table = part.pivot(index="row", columns="column", values="count").to_numpy()
    result = fisher_exact(table)
    assert result.method == "exact"
    assert result.p_value == pytest.approx(REFERENCE[name, "fisher_p"], rel=1e-8)
    turned = fisher_exact(table.T[::-1])
    assert turned.p_value == pytest.approx(result.p_value, rel=1e-10)
    squared = chi_square(table)
    assert squared.statistic == pytest.approx(REFERENCE[name, "chisq"], rel=1e-12)
    corrected = chi_square(table, yates=True)
    assert corrected.statistic == pytest.approx(REFERENCE[name, "chisq_default"], rel=1e-12)
    assert corrected.p_value == pytest.approx(REFERENCE[name, "chisq_default_p"], rel=1e-9)
    assert corrected.cramers_v == squared.cramers_v and corrected.corrected == (table.shape == (2, 2))
    assert squared.p_value == pytest.approx(REFERENCE[name, "chisq_p"], rel=1e-10)
    if table.shape == (2, 2):
        odds = result.odds_ratio
        for value, stat in zip((odds.estimate, odds.ci_low, odds.ci_high), ("or", "or_low", "or_high"), strict=True):
            assert value == pytest.approx(REFERENCE[name, stat], rel=1e-9)


@pytest.mark.parametrize("name", ["plain", "tied"])
def test_spearman(name):
    data = pd.read_csv(HERE / f"spearman_{name}.tsv", sep="\t")
    table = associate_marker(data[["x"]], data["y"], marker_name="y", kinds={"x": "numeric"})
    row = table[table["row_type"] == "test"].iloc[0]
    for column, stat in (("effect", "rho"), ("statistic", "S"), ("p_value", "p")):
        assert row[column] == pytest.approx(REFERENCE[f"spearman_{name}", stat], rel=1e-9)


@pytest.mark.parametrize("method", ["holm", "bh", "bonferroni"])
def test_adjusted_p(method):
    adjusted = adjust([0.01, 0.04, 0.03, np.nan, 0.005, 0.9, 0.03], method)
    expected = [REFERENCE[f"adjust_{method}", f"p{i}"] for i in range(1, 8)]
    np.testing.assert_allclose(adjusted, expected, rtol=1e-12)


@pytest.mark.parametrize("cohort", ["GSE51088", "GSE12470", "TCGA-CHOL"])
def test_xpo1_of_real_cohorts(shared_data, cohort):
    from test_classify_R import real

    values, case, control, contrast = real(shared_data, cohort)
    frozen = pd.read_csv(shared_data / "reference_R.tsv", sep="\t", comment="#").set_index(["key", "stat"])["value"]
    key = f"{cohort}.XPO1.{contrast}"
    x, y = values[case], values[control]
    welch = mean_tests.welch_t(x, y)
    # the frozen values are from before the matrices were rounded to six digits; R on the files gives ours
    assert welch.statistic == pytest.approx(frozen[key, "welch_t"], rel=1e-5)
    assert welch.p_value == pytest.approx(frozen[key, "welch_p"], rel=1e-4)
    if cohort == "GSE12470":
        assert welch.statistic == pytest.approx(9.90830248291, rel=1e-11)
    ranked = rank_tests.mann_whitney(x, y, exact_p=True)
    _, counts = rank_tests.midranks(np.concatenate([x, y]))
    normal = rank_tests._normal_p(ranked.u, len(x), len(y), counts)
    assert normal == pytest.approx(frozen[key, "wilcox_p_normal_cc"], rel=1e-9)
    if (key, "wilcox_p_default") in frozen.index:
        assert ranked.p_value == pytest.approx(frozen[key, "wilcox_p_default"], rel=1e-9)


@pytest.mark.parametrize("variable", ["Complexity", "Class"])
def test_fisher_of_real_sarcomas(shared_data, variable):
    frozen = pd.read_csv(shared_data / "reference_R.tsv", sep="\t", comment="#").set_index(["key", "stat"])["value"]
    tumours = pd.read_csv(shared_data / "sarcoma" / "meta_data.txt", sep="\t")
    scores = pd.read_csv(shared_data / "sarcoma" / "GSVA_CINSARC.txt", sep="\t")
    scores = scores.assign(lab_no=scores["UID"].str.split("_").str[0]).drop_duplicates("lab_no").set_index("lab_no")
    tumours["score"] = tumours["lab_no"].map(scores["CINSARC"])
    tumours = tumours[(tumours["Class"] != "Benign") & tumours["MFS_months_10"].notna() & tumours["score"].notna()]
    assert len(tumours) == frozen["hofvander_nonbenign.n", "n"]
    groups = np.where(tumours["score"] > 0, "high", "low")
    table = associate_groups(tumours[[variable]], groups, kinds={variable: "categorical"}, numeric_test="welch")
    test = table[table["row_type"] == "test"].iloc[0]
    key = f"hofvander_nonbenign.fisher_grp0_x_{variable}"
    assert test["p_value"] == pytest.approx(frozen[key, "p"], rel=1e-9)
    assert test["effect"] == pytest.approx(frozen[key, "or"], rel=1e-9)


@pytest.mark.parametrize("row", list(pd.read_csv(HERE / "fisher_large.tsv", sep="\t").itertuples()), ids=str)
@pytest.mark.skipif(compiled_loops() is None, reason="the sum of such tables is compiled")
def test_fisher_of_larger_tables(row):
    """3 x 5 with 300 and 4 x 4 with 120 samples among them; down the columns, as R fills a matrix."""
    table = np.array([int(n) for n in row.counts.split(",")]).reshape(row.n_columns, row.n_rows).T
    found = fisher_exact(table)
    assert found.method == "exact"
    assert found.p_value == pytest.approx(row.p_value, rel=1e-7)
    assert tail_p(table[::-1].T) == pytest.approx(found.p_value, rel=1e-9)


@pytest.mark.parametrize("row", list(pd.read_csv(HERE / "fisher_two_rows.tsv", sep="\t").itertuples()), ids=str)
def test_fisher_of_two_rows_and_many_columns(row):
    """Both groups of 300 samples in 12 levels among them."""
    table = np.array([int(n) for n in row.counts.split(",")]).reshape(row.n_columns, row.n_rows).T
    found = fisher_exact(table)
    assert found.method == "exact"
    assert found.p_value == pytest.approx(row.p_value, rel=1e-7)
    assert two_rows_p(table[::-1].T) == pytest.approx(found.p_value, rel=1e-9)
