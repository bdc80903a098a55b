"""evaluate_model and associate on real cohorts, against R (`evaluation/make_real.R`); skipped without the cohorts."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools

HERE = Path(__file__).parent / "evaluation"
EXPECTED = pd.read_csv(HERE / "real_expected.tsv", sep="\t", dtype=str, keep_default_na=False)
WANTED = {(row.case, row.stat, row.at): float(row.value) for row in EXPECTED.itertuples()}
MODELS = {  # data, covariates, marker
    "GSE51088.XPO1": ("GSE51088", [], "XPO1"), "GSE51088.both": ("GSE51088", ["age"], "XPO1"),
    "GSE51088.stage": ("GSE51088", ["tumorstage", "age"], None), "GSE8842.both": ("GSE8842", ["age"], "XPO1"),
    "sarcoma.CINSARC": ("sarcoma", [], "CINSARC"), "sarcoma.complexity": ("sarcoma", ["Complexity"], "CINSARC"),
}  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def read(path):
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NA", ""], quoting=csv.QUOTE_NONE)


@cache
def sheet(folder, name):
    if name == "sarcoma":
        meta, score = read(folder / "sarcoma/meta_data.txt"), read(folder / "sarcoma/GSVA_CINSARC.txt")
        score["lab_no"] = score["UID"].str.replace("_RNAseq.*", "", regex=True)
        frame = meta.merge(score.drop_duplicates("lab_no"), on="lab_no").query("Class != 'Benign'")
        frame = frame.rename(columns={"MFS_months_10": "os_time", "Met_10": "os_event"})
        return frame.assign(sample_id=[f"{lab}.{i}" for i, lab in enumerate(frame["lab_no"])])
    frame = read(folder / f"ovarian/{name}.clinical.tsv.gz")
    matrix = read(folder / f"ovarian/{name}.expression.tsv.gz").set_index("gene")
    frame = frame.rename(columns={"sample": "sample_id", "age_at_initial_pathologic_diagnosis": "age"})
    frame["XPO1"] = matrix.loc["XPO1", frame["sample_id"]].astype(float).to_numpy()
    known = frame["vital_status"].notna()
    frame = frame.assign(
        cohort=name,
        os_time=frame["days_to_death"].astype(float) / 30.4375,
        os_event=np.where(known, (frame["vital_status"] == "deceased").astype(float), np.nan),
    )
    return frame[frame["sample_type"] == "tumor"].reset_index(drop=True)


@cache
def evaluated(folder, case):
    name, covariates, marker = MODELS[case]
    at = sorted({float(row.at) for row in EXPECTED.itertuples() if row.case == case and row.at != "NA"})
    options = {"covariate": covariates, "factor": [c for c in covariates if c == "tumorstage"]}
    if marker:
        options["marker_column"] = marker
    table = tools.evaluate_model(samples=sheet(folder, name), endpoint="os", at=at, bootstraps=0, **options).table
    model = "covariates+marker" if covariates and marker else "marker" if marker else "covariates"
    return table[(table["model"] == model) & (table["validation"] == "apparent")]


@pytest.mark.parametrize(("case", "stat", "at"), [key for key in WANTED if key[0] in MODELS])
def test_measure(shared_data, case, stat, at):
    table = evaluated(shared_data, case)
    if stat == "n":
        assert set(table["n"]) == {WANTED[case, stat, at]}
        return
    metric, _, column = stat.partition(".")
    row = table[(table["metric"] == metric) & (table["time_months"].isna() if at == "NA" else
                                               np.isclose(table["time_months"].astype(float), float(at)))]  # fmt: skip
    assert len(row) == 1
    assert row.iloc[0][column or "estimate"] == pytest.approx(WANTED[case, stat, at], rel=1e-6)


@cache
def pooled(folder):
    frame = pd.concat([sheet(folder, "GSE51088"), sheet(folder, "GSE8842")], ignore_index=True)
    median = frame.groupby("cohort")["XPO1"].transform("median")
    return frame.assign(half=np.where(frame["XPO1"].isna(), None, np.where(frame["XPO1"] >= median, "high", "low")))


def test_two_cohorts_stratified(shared_data):
    table = tools.evaluate_model(samples=pooled(shared_data), endpoint="os", at=[36], bootstraps=0, covariate=["age"],
                                 marker_column="XPO1").table  # fmt: skip
    own = table[(table["validation"] == "apparent")].set_index(["model", "metric"])
    for (model, metric), column, stat in (
        (("covariates+marker", "harrell_c"), "estimate", "harrell_c"),
        (("covariates+marker", "harrell_c"), "se", "harrell_c.se"),
        (("covariates+marker", "likelihood_ratio"), "estimate", "lr"),
        (("covariates+marker minus covariates", "likelihood_ratio"), "p_value", "p_marker"),
    ):  # fmt: skip
        found = np.ravel(own.loc[(model, metric), column])[0]
        assert found == pytest.approx(WANTED["pooled", stat, "NA"], rel=1e-6), stat
    left = table[table["validation"] == "leave_one_cohort_out"]
    assert set(left["cohort"]) == {"GSE51088", "GSE8842", "all"}


@cache
def associated(folder):
    table = tools.associate(
        samples=pooled(folder), group_column="half", factor=["tumorstage"], ordered=["tumorstage=1,2,3,4"],
        variable=["summarygrade", "histological_type", "tumorstage", "age"]).table  # fmt: skip
    return table[table["row_type"] == "test"].set_index("variable")


@pytest.mark.parametrize(("variable", "column", "case", "stat"), [
    ("summarygrade", "p_within", "cmh", "p"), ("summarygrade", "effect_within", "cmh", "odds"),
    ("histological_type", "p_within", "cmh_types", "p"), ("tumorstage", "p_value", "trend", "p"),
    ("tumorstage", "p_within", "trend", "p_within"), ("age", "effect_within", "age", "difference"),
    ("age", "p_within", "age", "p_within")])  # fmt: skip
def test_association_within_cohorts(shared_data, variable, column, case, stat):
    found = associated(shared_data).loc[variable, column]
    if stat == "odds":
        found = 1 / found  # the grades' reference is low here, and high, the first by name, in R
    assert found == pytest.approx(WANTED[case, stat, "NA"], rel=1e-6)


def test_correlation_within_cohorts(shared_data):
    table = tools.associate(samples=pooled(shared_data), score_column="XPO1", variable=["age"]).table
    row = table[table["row_type"] == "test"].iloc[0]
    assert row["p_within"] == pytest.approx(WANTED["spearman", "p_within", "NA"], rel=1e-6)
