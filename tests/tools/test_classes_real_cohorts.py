"""CINSARC's classes and scores on real cohorts through the command line: coverage stated, numbers as R's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded

REFERENCE = Path(__file__).parents[1] / "reference" / "classify" / "real_reference.tsv"
OVARIAN = {"GSE51088": 43, "GSE19829.GPL8300": 46, "GSE8842": 28}

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def run(tmp_path):
    def made(*words):
        words = list(map(str, words))
        assert guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=True) == 0

    made.folder = tmp_path
    return made


def cholangio(folder, made):
    """Log matrix of the tumours by symbol, and their survival."""
    rsem = pd.read_csv(folder / "tcga/TCGA-CHOL.rsem.tsv.gz", sep="\t", index_col=0)
    rsem = np.log2(rsem.loc[:, rsem.columns.str.endswith("-01")] + 1)
    symbol = rsem.index.str.split("|").str[0]
    rsem = rsem[~symbol.duplicated()].set_axis(symbol[~symbol.duplicated()]).rename_axis("gene_id")
    rsem.to_csv(made / "m.tsv", sep="\t")
    clinical = pd.read_csv(folder / "tcga/TCGA-CHOL.clinical.tsv.gz", sep="\t").set_index("sample").loc[rsem.columns]
    sheet = pd.DataFrame({"os_time": clinical["OS.time"] / 30.4375, "os_event": clinical["OS"]})
    sheet.rename_axis("sample_id").to_csv(made / "s.tsv", sep="\t", na_rep="NA")
    return ["--expression", made / "m.tsv", "--samples", made / "s.tsv"]


def test_leave_one_out_distances_of_cholangiocarcinoma_as_R(shared_data, repository, run):
    words = cholangio(shared_data, run.folder)
    run("classify_centroid", *words, "--signature", repository / "studies/signatures/cinsarc.tsv", "--endpoint", "os",
        "--horizon", 24, "--permutations", 49, "--name", "CINSARC", "--out-classes", run.folder / "c.tsv",
        "--out-coverage", run.folder / "v.tsv", "--out-test", run.folder / "t.tsv")  # fmt: skip
    coverage = pd.read_csv(run.folder / "v.tsv", sep="\t").set_index("gene_id")
    assert coverage["status"].value_counts().to_dict() == {"found": 64, "alias": 3}
    assert coverage.loc[["BORA", "H2AX", "SGO2"], "matched_as"].tolist() == ["C13orf34", "H2AFX", "SGOL2"]
    expected = pd.read_csv(REFERENCE, sep="\t", skipinitialspace=True)
    expected = expected.pivot(index="case", columns="stat", values="value")
    made = pd.read_csv(run.folder / "c.tsv", sep="\t").set_index("sample_id").loc[expected.index]
    for name in ("event", "event_free"):
        np.testing.assert_allclose(made[f"CINSARC_distance_{name}"], expected[name], rtol=1e-9)
    nearest = np.where(expected["event"] <= expected["event_free"], "event", "event_free")
    assert (made["CINSARC"] == nearest).all() and set(made["CINSARC_learnt"]) == {"leave_one_out", "all_training"}
    row = pd.read_csv(run.folder / "t.tsv", sep="\t").iloc[0]
    assert row["n"] == 36 and 0 < row["p_permutation"] <= 1 and row["test"] == "log-rank"


@pytest.mark.parametrize("cohort", sorted(OVARIAN))
def test_coverage_of_the_ovarian_cohorts(cohort, shared_data, repository, run):
    folder = shared_data / "ovarian"
    matrix = pd.read_csv(folder / f"{cohort}.expression.tsv.gz", sep="\t", index_col=0).rename_axis("gene_id")
    matrix[~matrix.index.str.contains("///")].to_csv(run.folder / "m.tsv", sep="\t", na_rep="NA")
    clinical = pd.read_csv(folder / f"{cohort}.clinical.tsv.gz", sep="\t", index_col=0).loc[matrix.columns]
    event, months = clinical["vital_status"].map({"deceased": 1, "living": 0}), clinical["days_to_death"] / 30.4375
    sheet = pd.DataFrame({"kind": clinical["sample_type"], "os_time": months, "os_event": event})
    sheet.rename_axis("sample_id").to_csv(run.folder / "s.tsv", sep="\t", na_rep="NA")
    words = ["--expression", run.folder / "m.tsv", "--samples", run.folder / "s.tsv", "--where", "kind=tumor",
             "--signature", repository / "studies/signatures/cinsarc.tsv", "--min-coverage", 0.4]  # fmt: skip
    run("classify_centroid", *words, "--endpoint", "os", "--horizon", 36, "--name", "CINSARC", "--out-classes",
        run.folder / "c.tsv", "--out-coverage", run.folder / "v.tsv")  # fmt: skip
    used = pd.read_csv(run.folder / "v.tsv", sep="\t")["status"].isin(["found", "alias"])
    assert (len(used), used.sum()) == (67, OVARIAN[cohort])
    classes = pd.read_csv(run.folder / "c.tsv", sep="\t")
    assert set(classes["CINSARC"].dropna()) == {"event", "event_free"}
    assert len(classes) == (sheet["kind"] == "tumor").sum()
    run("score_signature", *words, "--method", "singscore", "--name", "CINSARC", "--out-scores", run.folder / "z.tsv")
    scores = pd.read_csv(run.folder / "z.tsv", sep="\t")["CINSARC"]
    assert scores.notna().all() and scores.between(-0.5, 0.5).all()
