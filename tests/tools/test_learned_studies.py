"""Studies that derive a signature or a model and apply it elsewhere: their plans, and runs on real cohorts."""

import pandas as pd
import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def test_each_breast_cohort_is_held_out_once(repository):
    jobs = {job.name: job for job in make_plan(read_study(repository / "studies" / "breast_signature.yml")).jobs}
    for cohort in ("gse1992", "gse3143", "gse4335"):
        learned = jobs[f"results_without_{cohort}"].calls[0].options
        applied = jobs[f"results_without_{cohort}_validation"].calls[0].options
        assert applied["where"] == ["tissue_type=primary", f"cohort={cohort}"]
        assert learned["where"][0] == applied["where"][0] and cohort not in learned["where"][-1]
        assert applied["model"].startswith(f"results/without_{cohort}/")


def cohort(folder, name, months):
    """Matrix and sheet of an ovarian cohort, without genes that have missing values."""
    matrix = pd.read_csv(folder / f"ovarian/{name}.expression.tsv.gz", sep="\t", index_col=0)
    matrix = matrix[~matrix.index.str.contains("///")].dropna()
    clinical = pd.read_csv(folder / f"ovarian/{name}.clinical.tsv.gz", sep="\t", index_col=0).loc[matrix.columns]
    clinical = clinical[clinical["sample_type"] == "tumor"]
    sheet = pd.DataFrame({"cohort": name, "os_time": clinical["days_to_death"] / months,
                          "os_event": (clinical["vital_status"] == "deceased").astype(int)})  # fmt: skip
    return matrix[sheet.index].rename_axis("gene_id"), sheet.rename_axis("sample_id").dropna()


def test_a_signature_of_one_ovarian_cohort_in_another(shared_data, tmp_path):
    """Derived, locked, and validated unchanged; its own samples are refused."""
    names = {"train": "GSE51088", "test": "GSE19829.GPL8300"}
    for part, name in names.items():
        matrix, sheet = cohort(shared_data, name, 30.4375)
        matrix.to_csv(tmp_path / f"{part}.tsv", sep="\t")
        sheet.to_csv(tmp_path / f"{part}.samples.tsv", sep="\t")

    def run(*words):
        words = [str(w) for w in words]
        return guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=True)

    def data(part):
        files = ["--expression", tmp_path / f"{part}.tsv", "--samples", tmp_path / f"{part}.samples.tsv"]
        return [*files, "--endpoint", "os"]

    model, table = tmp_path / "model.json", tmp_path / "validation.tsv"
    learn = ["--leave-out", "none", "--no-nested", "--alpha", 0.1, "--random-signatures", 0, "--top-variance", 1000]
    assert run("learn_signature", *data("train"), *learn, "--lambda", 0.3, "--out-fitted", model) == 0
    apply = ["apply_model", "--model", model, "--min-genes", 0.3, "--at", 36, "--out-validation", table]
    assert run(*apply, *data("test")) == 0
    found = pd.read_csv(table, sep="\t").set_index("statistic")
    assert found.loc["c_harrell", "events"].max() == 23
    assert found.loc["c_harrell", "ci_low"].min() < found.loc["c_harrell", "estimate"].max() < 1
    assert run(*apply, *data("train")) == 4
