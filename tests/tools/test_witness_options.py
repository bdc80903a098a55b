"""The witness of a study whose models have options, from splines to Firth's penalty."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from test_witness import WITH_R, hear, rows, unpacked
from trial_study import DECLARED, make_trial, run_calls

COLUMNS = "  weight: {column: w}\n  centre: {column: centre}\n  entry_months: {column: entry, unit: months}\n"
COX = {  # the options of each Cox model, and its number of covariates
    "cox_spline": "covariate: [age_years, sex], spline: [age_years]",
    "cox_interaction": 'covariate: [sex, age_years], interaction: ["MKI67:sex"]',
    "cox_products": 'covariate: [sex, stage, age_years], interaction: ["sex:stage", "MKI67:age_years"]',
    "cox_weights": "covariate: [age_years], weight_column: weight",
    "cox_cluster": "covariate: [age_years], cluster: centre",
    "cox_entry": "covariate: [age_years], entry_time_column: entry_months",
    "cox_step": "covariate: [stage], time_varying: [MKI67, stage], time_function: step, time_split: [12, 30]",
    "cox_log": "covariate: [sex], time_varying: [MKI67], time_function: log",
    "cox_firth": "covariate: [sex], penalty: firth",
}
TABLES = {"cox_spline": "[added]", "cox_interaction": "[added]"}
OTHERS = """
  - cox: {gene: [MKI67, TOP2A], covariate: [sex, age_years], endpoint: os, marker: [MKI67, TOP2A]}
    as: cox_two
    also: [combinations, added]
    across: [stratified]
  - cutpoint: {gene: MKI67, method: median, name: MKI67_group}
  - cutpoint: {gene: TOP2A, method: maxstat, endpoint: os, strata: none, correction: lausen_schumacher, name: best}
    as: cut_best
  - kaplan_meier: {group_column: MKI67_group, endpoint: os, at: [24], horizon: 36, quantile: [0.25]}
    also: [difference]
    across: [stratified]
  - kaplan_meier: {group_column: MKI67_group, endpoint: os, weights: fleming_harrington, early_power: 1, late_power: 0}
    as: km_weights
    across: [stratified]
  - meta_analysis: {gene: MKI67, covariate: [age_years, sex], endpoint: os}
  - logistic: {gene: [MKI67], covariate: [age_years, sex], outcome_column: stage}
  - screen: {endpoint: os, covariate: [age_years, sex]}
  - associate: {gene: MKI67, variable: [age_years, sex, stage]}
"""


def study_with_options(folder):
    models = ""
    for name, options in COX.items():
        also = f"\n    also: {TABLES[name]}" if name in TABLES else ""
        models += (
            f"\n  - cox: {{gene: [MKI67], endpoint: os, {options}}}\n    as: {name}\n    across: [stratified]{also}"
        )
    study = make_trial(folder, steps=models + OTHERS)
    text = re.sub(r"populations:\n(  .*\n)+", "", DECLARED)
    study.write_text(f"{study.read_text()}{text}patient_data: included\n")
    for table in (folder / "data").glob("*.clinical.tsv"):
        frame = pd.read_csv(table, sep="\t")
        order = np.arange(len(frame))
        frame["w"] = 0.5 + order % 4 / 2
        frame["centre"] = [f"c{i % 12}" for i in order]
        frame["entry"] = np.round(0.3 * frame["os_months"] * (order % 3 == 0), 2)
        frame.to_csv(table, sep="\t", index=False, lineterminator="\n")
    mapping = folder / "mapping.yml"
    mapping.write_text(mapping.read_text().replace("columns:\n", f"columns:\n{COLUMNS}"))
    return study


@WITH_R
def test_r_computes_models_with_options(tmp_path):
    study = study_with_options(tmp_path / "study")
    out = run_calls(study, tmp_path / "study" / "data", tmp_path / "out")
    witness = unpacked(out / "report.zip", tmp_path / "crate")
    code, counts, said = hear(witness)
    assert code == 0, said
    assert counts["stored numbers that differ"] == counts["printed numbers that are not R's value rounded"] == 0
    found = {row["id"]: row for row in rows(witness / "findings.tsv")}
    told = [(found[row["id"]], row) for row in rows(witness / "witness.tsv")]
    assert not [row for _, row in told if row["status"].startswith("R:")]
    done = {}
    for finding, row in told:
        if row["status"] == "recomputed" and int(row["fields_compared"]):
            done.setdefault(finding["step"], []).append(finding)
    terms = {f["terms"] for those in done.values() for f in those}
    for kind in ("<spline>", "<product>", "<step>", "<log>"):
        assert any(kind in t for t in terms), kind
    for option, value in {"weight_column": "weight", "cluster": "centre", "entry_time_column": "entry_months",
                          "penalty": "firth"}.items():  # fmt: skip
        mine = [f for those in done.values() for f in those if f.get(option) == value and f["artifact"] == "cox_table"]
        assert len(mine) >= 4, option
    measures = {f["measure"] for those in done.values() for f in those}
    assert {"likelihood-ratio test of what the marker adds", "likelihood-ratio test of what the markers add",
            "quantile of survival", "odds ratio"} <= measures  # fmt: skip
    artifacts = {f["artifact"] for those in done.values() for f in those}
    assert {"km_difference", "meta_table", "screen_table", "association_table", "odds_model"} <= artifacts
