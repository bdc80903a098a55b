"""compare_groups and associate on the real cohorts, against R.

The cohorts lie outside the repository; tests that need them skip without. Their reference table was made before
the files were rounded to five or six digits, so that its t-values differ in the sixth; ranks do not.
`groups/real_expected.tsv` holds what R 4.2.2 gives on the files themselves.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.stats.rank_tests import _normal_p, midranks

HERE = Path(__file__).parent
REAL = pd.read_csv(HERE / "groups/real_expected.tsv", sep="\t").set_index(["key", "stat"])["value"]
QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@cache
def reference(folder):
    table = pd.read_csv(folder / "reference_R.tsv", sep="\t", comment="#")
    return table.set_index(["key", "stat"])["value"].astype(float)


def read(path):
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NA", ""], quoting=csv.QUOTE_NONE)


@cache
def cohort(folder, name):
    """Sheet and matrix of one cohort, with the group of each sample in column `kind`."""
    if name == "TCGA-CHOL":
        rsem = read(folder / "tcga/TCGA-CHOL.rsem.tsv.gz").set_index("gene").filter(like="XPO1|", axis=0)
        matrix = np.log2(rsem.astype(float) + 1).rename(index=lambda row: row.split("|")[0])
        kinds = np.where([s.endswith("-11") for s in matrix.columns], "normal", "tumor")
        return pd.DataFrame({"sample_id": matrix.columns, "kind": kinds}), matrix
    sheet = read(folder / f"ovarian/{name}.clinical.tsv.gz").rename(columns={"sample": "sample_id"})
    matrix = read(folder / f"ovarian/{name}.expression.tsv.gz").set_index("gene").astype(float)
    return sheet.assign(kind=sheet["sample_type"]), matrix


CONTRASTS = [
    ("TCGA-CHOL", "normal", "TCGA-CHOL.XPO1.tumor_vs_normal"),
    ("GSE51088", "healthy", "GSE51088.XPO1.tumor_vs_healthy"),
    ("GSE12470", "healthy", "GSE12470.XPO1.tumor_vs_healthy"),
]


def compared(folder, name, control, test):
    sheet, matrix = cohort(folder, name)
    table = tools.compare_groups(samples=sheet, expression=matrix, gene="XPO1", group_column="kind", test=test,
                                 level=[control, "tumor"]).table  # fmt: skip
    return table[table["row_type"] == "pair"].iloc[0]


@pytest.mark.parametrize(("name", "control", "key"), CONTRASTS)
def test_mann_whitney_of_tumour_and_normal(shared_data, name, control, key):
    wanted = reference(shared_data)[key]
    pair = compared(shared_data, name, control, "mann_whitney")
    assert (pair["group"], pair["versus"]) == ("tumor", control)
    assert (pair["n"], pair["n_versus"]) == (wanted["nT"], wanted["nN"])
    assert pair["auc"] == pytest.approx(wanted["AUC"], rel=1e-11)
    assert pair["statistic"] == pytest.approx(wanted["AUC"] * wanted["nT"] * wanted["nN"], rel=1e-11)
    # only the cholangiocarcinomas are few enough and free of ties
    assert ("exact" in pair["method"]) == (name == "TCGA-CHOL")
    stat = "wilcox_p_default" if name == "TCGA-CHOL" else "wilcox_p_normal_cc"
    assert pair["p_value"] == pytest.approx(wanted[stat], rel=1e-9)
    assert np.isnan(pair["p_exact"]) == (pair["n_versus"] >= 10)
    sheet, matrix = cohort(shared_data, name)
    values = matrix.loc["XPO1", sheet["sample_id"][sheet["kind"].isin([control, "tumor"])]].dropna()
    approximate = _normal_p(pair["statistic"], pair["n"], pair["n_versus"], midranks(values.to_numpy())[1])
    assert approximate == pytest.approx(wanted["wilcox_p_normal_cc"], rel=1e-9)


@pytest.mark.parametrize(("name", "control", "key"), CONTRASTS)
def test_welch_of_tumour_and_normal(shared_data, name, control, key):
    pair = compared(shared_data, name, control, "welch")
    wanted, rounded = reference(shared_data)[key], REAL[f"{name}.{control}_tumor"]
    for column, stat in (("statistic", "welch_t"), ("df", "welch_df"), ("p_value", "welch_p")):
        assert pair[column] == pytest.approx(rounded[stat], rel=1e-10), column
        if stat in wanted:
            assert pair[column] == pytest.approx(wanted[stat], rel=1e-4 if column == "p_value" else 1e-5), column


def test_the_shift_of_tumour_and_normal(shared_data):
    wanted = REAL["GSE12470.healthy_tumor"]
    pair = compared(shared_data, "GSE12470", "healthy", "mann_whitney")
    assert pair["statistic"] == wanted["U"]
    assert pair["p_value"] == pytest.approx(wanted["p"], rel=1e-9)
    # with ties R finds the shift and its limits by a root search; the median of all differences lies near
    assert pair["effect"] == pytest.approx(wanted["shift"], abs=2e-3)
    assert pair["ci_low"] == pytest.approx(wanted["shift_low"], abs=1.1e-4)
    assert pair["ci_high"] == pytest.approx(wanted["shift_high"], abs=1.1e-4)


@pytest.mark.parametrize(
    ("test", "stat", "omnibus"),
    [("mann_whitney", "p", "kruskal_p"), ("welch", "welch_p", "welch_anova_p"), ("anova", "pooled_p", "anova_p")],
)
def test_five_kinds_of_tissue(shared_data, test, stat, omnibus):
    sheet, matrix = cohort(shared_data, "GSE51088")
    table = tools.compare_groups(samples=sheet, expression=matrix, gene="XPO1", group_column="sample_type",
                                 test=test).table  # fmt: skip
    pairs = table[table["row_type"] == "pair"]
    assert len(pairs) == 10
    for _, pair in pairs.iterrows():
        wanted = REAL[f"GSE51088.types.{pair['group']}.{pair['versus']}"]
        assert pair["p_value"] == pytest.approx(wanted[stat], rel=1e-8)
        if test == "mann_whitney":
            assert pair["statistic"] == wanted["U"]
            assert pair["p_adjusted"] == pytest.approx(wanted["p_holm"], rel=1e-8)
    last = table[table["row_type"] == "omnibus"].iloc[0]
    assert last["p_value"] == pytest.approx(REAL["GSE51088.types", omnibus], rel=1e-8)


@pytest.mark.parametrize("variable", ["Complexity", "Class"])
def test_fisher_of_sarcoma_features(shared_data, variable):
    meta, score = (read(shared_data / f"sarcoma/{name}.txt") for name in ("meta_data", "GSVA_CINSARC"))
    score["lab_no"] = score["UID"].str.replace("_RNAseq.*", "", regex=True)
    sheet = meta.merge(score, on="lab_no").query("Class != 'Benign'").dropna(subset=["MFS_months_10", "Met_10"])
    sheet = sheet.rename(columns={"lab_no": "sample_id"}).assign(grp=np.where(sheet["CINSARC"] > 0, "high", "low"))
    assert len(sheet) == 455
    table = tools.associate(samples=sheet, group_column="grp", variable=[variable]).table
    row = table[table["row_type"] == "test"].iloc[0]
    wanted = reference(shared_data)[f"hofvander_nonbenign.fisher_grp0_x_{variable}"]
    assert row["p_value"] == pytest.approx(wanted["p"], rel=1e-9)
    assert row["effect"] == pytest.approx(wanted["or"], rel=1e-6)


@pytest.fixture(scope="module")
def tumours(shared_data):
    sheet, matrix = cohort(shared_data, "GSE51088")
    sheet = sheet[sheet["kind"] == "tumor"].rename(columns={"age_at_initial_pathologic_diagnosis": "age"})
    xpo1 = matrix.loc["XPO1", sheet["sample_id"]].to_numpy()
    return sheet.assign(half=np.where(xpo1 >= np.nanmedian(xpo1), "high", "low")), matrix


def rows_of_tests(table):
    return table[table["row_type"] == "test"].set_index("variable")


def test_features_of_two_halves(tumours):
    features = ["histological_type", "summarystage", "summarygrade", "tumorstage"]
    made = {test: rows_of_tests(tools.associate(samples=tumours[0], group_column="half", variable=[*features, "age"],
                                           factor=["tumorstage"], test=test).table)
            for test in ("auto", "t")}  # fmt: skip
    for name in features:
        assert made["auto"].loc[name, "p_value"] == pytest.approx(REAL[f"GSE51088.half.{name}", "fisher_p"], rel=1e-8)
    stage, wanted = made["auto"].loc["summarystage"], REAL["GSE51088.half.summarystage"]
    for column, stat in (("effect", "odds_ratio"), ("ci_low", "or_low"), ("ci_high", "or_high")):
        assert stage[column] == pytest.approx(wanted[stat], rel=1e-4), column
    assert made["auto"].loc["age", "p_value"] == pytest.approx(REAL["GSE51088.half.age", "welch_p"], rel=1e-9)
    assert made["t"].loc["age", "p_value"] == pytest.approx(REAL["GSE51088.half.age", "student_p"], rel=1e-9)


def test_features_of_a_continuous_marker(tumours):
    sheet, matrix = tumours
    found = rows_of_tests(tools.associate(samples=sheet, expression=matrix, gene="XPO1",
                                     variable=["age", "histological_type", "summarystage"]).table)  # fmt: skip
    for name, column, stat in (("age", "effect", "rho"), ("age", "p_value", "p"),
                               ("histological_type", "p_value", "kruskal_p"),
                               ("summarystage", "p_value", "wilcox_p")):  # fmt: skip
        assert found.loc[name, column] == pytest.approx(REAL[f"GSE51088.XPO1.{name}", stat], rel=1e-8), (name, column)


@pytest.fixture(scope="module")
def letter():
    """1,362 samples, six subtypes by two groups, as a sheet."""
    tables = pd.read_csv(HERE / "clinical/tables.tsv", sep="\t").query("table == 'letter'")
    long = tables.loc[tables.index.repeat(tables["count"])].reset_index(drop=True)
    return pd.DataFrame({"sample_id": [f"S{i}" for i in range(len(long))], "subtype": "s" + long["column"].astype(str),
                         "group": "g" + long["row"].astype(str)})  # fmt: skip


def test_fisher_of_the_letters_size_is_exact(letter):
    wanted = pd.read_csv(HERE / "clinical/reference.tsv", sep="\t", skipinitialspace=True).set_index(["case", "stat"])
    assert len(letter) == 1362
    variable, group = ("subtype", "group") if letter["subtype"].nunique() == 6 else ("group", "subtype")
    row = rows_of_tests(tools.associate(samples=letter, group_column=group, variable=[variable]).table).iloc[0]
    assert row["method"] == "Fisher exact, two-sided"
    assert row["p_value"] == pytest.approx(float(wanted.loc[("letter", "fisher_p"), "value"]), rel=1e-8)


@QUIET
def test_four_normals_of_the_letters_size_with_the_figure(tmp_path):
    """4 normals in one of 15 cohorts, 1,362 primaries, 32 relapses: warned of, both p shown, drawn."""
    rng = np.random.default_rng(1)
    kinds = np.repeat(["normal", "primary", "relapse"], [4, 1362, 32])
    cohorts = np.r_[["c0"] * 4, [f"c{i % 15}" for i in range(1394)]]
    sheet = pd.DataFrame({"sample_id": [f"S{i}" for i in range(1398)], "tissue_type": kinds, "cohort": cohorts,
                          "XPO1": rng.normal(size=1398) - 2 * (kinds == "normal")})  # fmt: skip
    made = tools.compare_groups(samples=sheet, score_column="XPO1", group_column="tissue_type")
    assert "nearly-confounded" in {w.code for w in made.warnings}
    pair = made.table.query("row_type == 'pair' and group == 'primary' and versus == 'normal'").set_index("test")
    assert 3 < pair.loc["mann_whitney", "p_value"] / pair.loc["mann_whitney", "p_exact"]
    assert (pair.loc["van_elteren", "n"], pair.loc["van_elteren", "n_versus"]) == (91, 4)
    made.plot.save(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 20_000
