"""Cuts, classes and pooled effects on the real cohorts, through the command line, against values from R."""

import csv

import numpy as np
import pandas as pd
import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded

ROUNDED = 2e-6
"""Two of the matrices hold six digits of the values that R was given."""
OVARIAN = ("GSE51088", "GSE19829.GPL8300", "GSE8842")


@pytest.fixture
def run(tmp_path):
    def made(*words):
        words = list(map(str, words))
        assert guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=True) == 0

    made.folder = tmp_path
    return made


def reference(folder, key):
    with (folder / "reference_R.tsv").open() as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return {row["stat"]: float(row["value"]) for row in rows if row["key"] == key}


def ovarian(folder, name):
    """The sheet of a cohort and its row of XPO1."""
    clinical = pd.read_csv(folder / f"ovarian/{name}.clinical.tsv.gz", sep="\t").rename(columns={"sample": "sample_id"})
    matrix = pd.read_csv(folder / f"ovarian/{name}.expression.tsv.gz", sep="\t", index_col="gene").loc[["XPO1"]]
    clinical["cohort"] = name
    if "days_to_death" in clinical:
        clinical["os_time"] = clinical["days_to_death"] / 30.4375
        clinical["os_event"] = clinical["vital_status"].map({"deceased": 1, "living": 0})
    return clinical, matrix.rename_axis("gene_id")


def save(frame, path, index=False):
    frame.to_csv(path, sep="\t", index=index, na_rep="NA")
    return path


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("name", ["GSE51088", "GSE12470"])
def test_youden_cut_against_healthy(name, shared_data, run):
    clinical, matrix = ovarian(shared_data, name)
    expected = reference(shared_data, f"{name}.XPO1.tumor_vs_healthy")
    table, curve = run.folder / "table.tsv", run.folder / "roc.tsv"
    run("cutpoint", "--samples", save(clinical, run.folder / "s.tsv"), "--expression",
        save(matrix, run.folder / "m.tsv", True), "--gene", "XPO1", "--method", "roc", "--case", "sample_type=tumor",
        "--control", "sample_type=healthy", "--out-table", table, "--out-roc", curve)  # fmt: skip
    row = pd.read_csv(table, sep="\t").iloc[0]
    assert row["auc"] == pytest.approx(expected["AUC"], rel=1e-9)
    assert row["sensitivity"] + row["specificity"] - 1 == pytest.approx(expected["youden"], rel=1e-9)
    assert row["lowest_high"] == pytest.approx(expected["cut_ge"], rel=ROUNDED)
    assert (row["n_case"], row["n_control"]) == (expected["nT"], expected["nN"])
    assert row["n_tied_optima"] == expected["n_ties_at_max"] and row["auc_ci_method"] == "delong"
    points = pd.read_csv(curve, sep="\t")
    assert points.loc[points["chosen"] == "yes", "threshold"].item() == pytest.approx(row["lowest_high"])


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_nine_normals_give_no_interval(shared_data, run):
    matrix, sheet = cholangio(shared_data)
    run("cutpoint", "--samples", save(sheet, run.folder / "s.tsv"), "--expression",
        save(matrix.loc[["XPO1"]], run.folder / "m.tsv", True), "--gene", "XPO1", "--method", "roc", "--out-table",
        run.folder / "t.tsv")  # fmt: skip
    row = pd.read_csv(run.folder / "t.tsv", sep="\t").iloc[0]
    assert row["auc"] == pytest.approx(reference(shared_data, "TCGA-CHOL.XPO1.tumor_vs_normal")["AUC"], rel=1e-9)
    assert (row["n_case"], row["n_control"], row["auc_ci_method"]) == (36, 9, "none") and np.isnan(row["auc_low"])
    assert "9 controls, all shown" in row["note"]


def cholangio(folder):
    """Log matrix by symbol, and samples with survival by 24 months as the outcome."""
    rsem = pd.read_csv(folder / "tcga/TCGA-CHOL.rsem.tsv.gz", sep="\t", index_col=0)
    symbol = rsem.index.str.split("|").str[0]
    matrix = np.log2(rsem[~symbol.duplicated(keep=False)] + 1)
    matrix.index = pd.Index(symbol[~symbol.duplicated(keep=False)], name="gene_id")
    clinical = pd.read_csv(folder / "tcga/TCGA-CHOL.clinical.tsv.gz", sep="\t")
    sheet = pd.DataFrame({
        "sample_id": rsem.columns,
        "tissue_type": np.where(rsem.columns.str.endswith("-11"), "normal", "primary"),
    }).merge(clinical.rename(columns={"sample": "sample_id", "OS": "os_event"}), how="left")  # fmt: skip
    return matrix, sheet.assign(os_time=sheet["OS.time"] / 30.4375)[["sample_id", "tissue_type", "os_time", "os_event"]]


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("listed", ["cinsarc_hacksig.csv", "cinsarc_hofvander.txt"])
def test_cinsarc_lists_as_they_are(listed, shared_data, run):
    matrix, sheet = cholangio(shared_data)
    path = shared_data / "signatures" / listed
    wanted = {line.split(",")[2] if "," in line else line for line in path.read_text().split()[1:]}
    wanted |= {"C13orf34", "H2AFX", "SGOL2"}
    words = ["--expression", save(matrix[matrix.index.isin(wanted)], run.folder / "m.tsv", True), "--samples",
             save(sheet, run.folder / "s.tsv"), "--where", "tissue_type=primary", "--signature", path,
             "--endpoint", "os", "--horizon", 24, "--class-label", "event=high", "--class-label",
             "event_free=low"]  # fmt: skip
    coverage, classes = run.folder / "coverage.tsv", run.folder / "classes.tsv"
    run("classify_centroid", *words, "--out-coverage", coverage)
    used = pd.read_csv(coverage, sep="\t").set_index("gene_id")["status"]
    assert len(used) == 67 and set(used[used != "found"].index) == {"BORA", "H2AX", "SGO2"}
    older = pd.DataFrame({"gene_id": ["BORA", "H2AX", "SGO2"], "alias": ["C13orf34", "H2AFX", "SGOL2"]})
    run("classify_centroid", *words, "--aliases", save(older, run.folder / "a.tsv"), "--name", "CINSARC",
        "--out-coverage", coverage, "--out-classes", classes)  # fmt: skip
    assert set(pd.read_csv(coverage, sep="\t")["status"]) == {"found", "alias"}
    made = pd.read_csv(classes, sep="\t")
    assert len(made) == 36 and set(made["CINSARC"]) == {"high", "low"}
    nearest = made[["CINSARC_distance_high", "CINSARC_distance_low"]].idxmin(axis=1).str.rsplit("_").str[-1]
    assert (nearest == made["CINSARC"]).all()


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_three_ovarian_cohorts_as_coxph(shared_data, run):
    """R's beta per unit times the standard deviation of the cohort's own samples."""
    parts = [ovarian(shared_data, name) for name in OVARIAN]
    sheet = pd.concat([clinical for clinical, _ in parts], ignore_index=True)
    matrix = pd.concat([row for _, row in parts], axis=1)
    run("meta_analysis", "--samples", save(sheet, run.folder / "s.tsv"), "--expression",
        save(matrix, run.folder / "m.tsv", True), "--gene", "XPO1", "--endpoint", "os", "--where", "sample_type=tumor",
        "--out-table", run.folder / "t.tsv")  # fmt: skip
    table = pd.read_csv(run.folder / "t.tsv", sep="\t").set_index(["row_type", "cohort"])
    for (clinical, row), name in zip(parts, OVARIAN, strict=True):
        expected = reference(shared_data, f"{name}.OS.XPO1.cox_efron.XPO1")
        model = reference(shared_data, f"{name}.OS.XPO1.cox_efron.model")
        own = clinical.assign(x=row.loc["XPO1"].reindex(clinical["sample_id"]).to_numpy())
        spread = own[own["sample_type"] == "tumor"].dropna(subset=["os_time", "os_event", "x"])["x"].std()
        ours = table.loc[("cohort", name)]
        assert (ours["n"], ours["events"]) == (model["n"], model["events"])
        assert ours["log_hr"] == pytest.approx(expected["beta"] * spread, rel=ROUNDED)
        assert ours["statistic"] == pytest.approx(expected["z"], rel=ROUNDED)
    assert {"random", "fixed", "stratified", "leave_out"} < set(table.index.get_level_values(0))
