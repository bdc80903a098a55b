"""Tests that allow for several samples of one patient, against `coxph(..., cluster = )`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import UsageError

FOLDER = Path(__file__).parent / "clusters"
SAMPLES = pd.read_csv(FOLDER / "samples.tsv", sep="\t")
WANTED = pd.read_csv(FOLDER / "reference.tsv", sep="\t").set_index(["key", "stat"])["value"].to_dict()
GENES = [f"gene{j}" for j in range(1, 5)]
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def logrank(comparison="overall", frame=SAMPLES, **options):
    table = tools.kaplan_meier(samples=frame, endpoint="os", cluster="patient_id", **options).test
    return table[table["comparison"] == comparison].iloc[0]


@pytest.mark.parametrize(("key", "comparison", "options"), [
    ("two", "overall", {"group_column": "g", "strata": ["none"]}),
    ("three", "overall", {"group_column": "g3", "strata": ["none"]}),
    ("strata", "overall", {"group_column": "g"}),
    ("late", "overall", {"group_column": "g3", "entry_time_column": "entry"}),
    ("pair", "y vs z", {"group_column": "g3", "strata": ["none"]}),
    ("trend", "trend", {"group_column": "g3", "strata": ["none"], "group_order": ["x", "y", "z"]}),
])  # fmt: skip
def test_the_log_rank_test_is_the_robust_score_test(key, comparison, options):
    row = logrank(comparison, **options)
    assert row["chisq"] == pytest.approx(WANTED[key, "chisq"], rel=1e-9)
    assert row["p_value"] == pytest.approx(WANTED[key, "p"], rel=1e-9)
    assert "robust variance clustered by patient_id" in row["method"]


def test_patients_that_are_copied_weigh_no_more_than_once():
    once = SAMPLES.drop_duplicates("patient_id")
    copy = once.assign(sample_id="copy" + once["sample_id"])
    for weights in ("logrank", "peto", "wilcoxon", "tarone_ware"):
        options = {"group_column": "g", "weights": weights, "strata": ["none"]}
        twice = logrank(frame=pd.concat([once, copy]), **options)
        assert twice["chisq"] == pytest.approx(logrank(frame=once, **options)["chisq"], rel=1e-9)


def test_samples_without_a_patient_stand_by_themselves():
    frame = SAMPLES.assign(patient_id=None)
    own = SAMPLES.assign(patient_id=SAMPLES["sample_id"])
    options = {"group_column": "g", "strata": ["none"]}
    assert logrank(frame=frame, **options)["chisq"] == logrank(frame=own, **options)["chisq"]
    found, wanted = (tools.cox(samples=f, endpoint="os", covariate=["age"], cluster="patient_id").table
                     for f in (frame, own))  # fmt: skip
    assert found["n"].tolist() == wanted["n"].tolist() and found["se"].tolist() == wanted["se"].tolist()


@pytest.mark.parametrize("covariate", [[], ["age"]])
def test_the_screen(covariate):
    table = tools.screen(samples=SAMPLES, score_column=GENES, endpoint="os", covariate=covariate, cluster="patient_id",
                         factor=[]).table.set_index("gene_id")  # fmt: skip
    for gene in GENES:
        key = f"screen{'TRUE' if not covariate else 'FALSE'}{gene}"
        assert table.loc[gene, "beta"] == pytest.approx(WANTED[key, "beta"], rel=1e-8)
        assert table.loc[gene, "se"] == pytest.approx(WANTED[key, "se"], rel=1e-8)
        assert table.loc[gene, "p_value"] == pytest.approx(WANTED[key, "p"], rel=1e-7)
    assert table["method"].str.contains("clustered by patient_id").all()


def test_the_meta_analysis():
    table = tools.meta_analysis(samples=SAMPLES, endpoint="os", marker_column="gene1", cluster="patient_id").table
    rows = {row["cohort"]: row for _, row in table[table["row_type"] == "cohort"].iterrows()}
    rows["stratified"] = table[table["row_type"] == "stratified"].iloc[0]
    for name in ("a", "b", "c", "stratified"):
        wanted = [WANTED[f"meta{name}", stat] for stat in ("beta", "se")]
        assert [rows[name]["log_hr"], rows[name]["se"]] == pytest.approx(wanted, rel=1e-7)


def test_what_has_no_clustered_form_is_refused():
    for options in ({"method": "logrank"}, {"cohorts": "pooled"}, {"permutations": 100}):
        with pytest.raises(UsageError, match=r"cluster"):
            tools.screen(samples=SAMPLES, score_column=GENES, endpoint="os", cluster="patient_id", **options)
    for options in ({}, {"group_column": "g", "horizon": 12}):
        with pytest.raises(UsageError, match="clusters"):
            tools.kaplan_meier(samples=SAMPLES, endpoint="os", cluster="patient_id", **options)


def test_a_cohort_of_one_patient_has_no_effect():
    frame = SAMPLES.assign(patient_id=np.where(SAMPLES["cohort"] == "a", "one", SAMPLES["patient_id"]))
    table = tools.meta_analysis(samples=frame, endpoint="os", marker_column="gene1", cluster="patient_id").table
    row = table[table["cohort"] == "a"].iloc[0]
    assert np.isnan(row["se"]) and "all samples are of one patient_id" in row["note"]
