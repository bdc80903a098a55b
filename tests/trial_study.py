"""A study of four small invented cohorts with two endpoints, two subgroups and two markers, made and run in a folder.

The cohorts disagree, the second marker has a cutpoint of its own, and one endpoint has a meta-analysis that the other
lacks: what a page may mix up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

COHORTS = {"acc": 0.9, "chol": 0.3, "ucs": -0.1, "uvm": 0.6}  # log hazard ratio per unit of the first marker
PLACES = ("cohorts", "pooled", "results")
GENES = ["MKI67", "TOP2A", "XPO1", "TP53", "MYC"]
MAPPING = """
sample_id: sample_id
patient_id: patient
tissue_type: {column: tissue, values: {tumor: primary}}
endpoints:
  os:
    definition: death from any cause
    time: {column: os_months, unit: months}
    event: {column: os_status, event: dead, censored: alive}
  pfi:
    definition: progression, new tumor or death with tumor
    time: {column: pfi_months, unit: months}
    event: {column: pfi_status, event: progressed, censored: free}
columns:
  age_years: {column: age, unit: years}
  sex: {column: sex, values: {f: female, m: male}}
  stage: {column: stage, values: {early: early, late: late}}
"""
DECLARED = """
primary: {marker: MKI67, endpoint: os, population: all, contrast: continuous}
endpoints:
  os: {definition: death from any cause, origin: diagnosis, event: death}
  pfi: {definition: "progression, new tumor or death with tumor", origin: diagnosis, event: progression}
populations:
  all: {title: All primary tumors}
  women: {title: Women, where: [sex=female]}
  late: {title: Late stage, where: [stage=late]}
markers: [MKI67, TOP2A]
labels:
  variables: {age_years: Age, sex: Sex, stage: Stage, MKI67_group: MKI67 group}
  levels: {sex: {female: Female, male: Male}}
  units: {age_years: years}
  cohorts: {acc: Adrenocortical carcinoma, chol: Cholangiocarcinoma, ucs: Uterine carcinosarcoma, uvm: Uveal melanoma}
"""
STUDY = """
study: 1
title: Proliferation and outcome in four rare cancers
question: Do patients with high expression of MKI67 die or progress earlier, and in which of the cancers?
marker: MKI67
endpoint: {name: os, definition: death from any cause}
limits: [The cohorts are of different cancers.]
cohorts:
%(cohorts)s
within: [normalize: {method: none}]
pool: [merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}]
steps:
  - cutpoint: {gene: TOP2A, method: median, name: TOP2A_group}
    as: cut_second
  - cutpoint: {gene: MKI67, method: median, name: MKI67_group}
  - kaplan_meier: {group_column: MKI67_group, endpoint: os, at: [24]}
    across: [cohorts, stratified, unstratified]
  - kaplan_meier: {group_column: MKI67_group, endpoint: pfi, at: [24]}
    as: km_pfi
    across: [stratified]
  - kaplan_meier: {group_column: TOP2A_group, endpoint: os, at: [24]}
    as: km_second
    across: [stratified]
  - cox: {gene: [MKI67], endpoint: os, model: univariable}
    as: cox_os
    across: [cohorts, stratified, unstratified]
  - cox: {gene: [MKI67], endpoint: os, model: univariable, where: [sex=female]}
    as: cox_women
    across: [cohorts, stratified]
  - cox: {gene: [MKI67], endpoint: os, model: univariable, where: [stage=late]}
    as: cox_late
    across: [stratified]
  - cox: {gene: [MKI67], endpoint: pfi, model: univariable}
    as: cox_pfi
    across: [cohorts, stratified]
  - cox: {gene: [MKI67], covariate: [age_years, sex, stage], endpoint: os, model: both}
    as: cox_adjusted
    across: [stratified]
  - cox: {gene: [TOP2A], endpoint: os, model: univariable}
    as: cox_second
    across: [cohorts, stratified]
  - cox: {gene: [MKI67], endpoint: os, model: univariable, spline: [MKI67]}
    as: cox_curve
    across: [stratified]
  - cox: {gene: [MKI67], covariate: [sex], endpoint: os, model: multivariable, interaction: ["MKI67:sex"]}
    as: cox_interaction
    across: [stratified]
  - meta_analysis: {gene: MKI67, endpoint: pfi}
    as: meta_pfi
%(more)s
"""
META_OF_THE_FIRST = """
  - meta_analysis: {gene: MKI67, endpoint: os}
    as: meta_os
"""


def _cohort(name: str, effect: float, seed: int, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log2 expression (genes × samples) and a clinical table; ages of some are missing."""
    rng = np.random.default_rng(seed)
    ids = [f"{name}{i:02d}" for i in range(1, n + 1)]
    values = rng.normal(8, 1, (len(GENES), n))
    values[1] = 0.6 * (values[0] - 8) + 0.8 * (values[1] - 8) + 7
    marker, sex = values[0] - 8, rng.choice(["f", "m"], n)
    late = rng.random(n) < 1 / (1 + np.exp(-marker))
    hazard = 0.02 * np.exp(effect * marker + 0.5 * late + 0.3 * (sex == "m"))
    table: dict[str, object] = {"sample_id": ids, "patient": ids, "tissue": "tumor"}
    for endpoint, words, pace in (("os", ("dead", "alive"), 1.0), ("pfi", ("progressed", "free"), 1.6)):
        at, censored = rng.exponential(1 / (pace * hazard)), rng.uniform(10, 90, n)
        table[f"{endpoint}_months"] = np.maximum(np.round(np.minimum(at, censored), 1), 0.1)
        table[f"{endpoint}_status"] = np.where(at <= censored, *words)
    age = pd.Series(np.round(rng.normal(60, 10, n)))
    age[[1, 5]] = np.nan
    table |= {"age": age, "sex": sex, "stage": np.where(late, "late", "early")}
    matrix = pd.DataFrame(np.round(values, 4), index=pd.Index(GENES, name="gene_id"), columns=ids)
    return matrix, pd.DataFrame(table)


def make_trial(folder: Path, *, declared: bool = True, more: str = "", n: int = 48, steps: str = "") -> Path:
    """Write data, mapping and study file; returns the study file. `steps` are others than the study's own."""
    data = folder / "data"
    data.mkdir(parents=True)
    first = "    steps: [fetch_cohort: {source: local, local_path: [%s.tsv, samples=%s.clinical.tsv]}, " \
        "curate_samples: {mapping: mapping.yml}]"  # fmt: skip
    for seed, (name, effect) in enumerate(COHORTS.items(), start=11):
        matrix, table = _cohort(name, effect, seed, n)
        matrix.to_csv(data / f"{name}.tsv", sep="\t", lineterminator="\n")
        table.to_csv(data / f"{name}.clinical.tsv", sep="\t", index=False, lineterminator="\n")
    cohorts = "\n".join(f"  {name}:\n{first % (name, name)}" for name in COHORTS)
    (folder / "mapping.yml").write_text(MAPPING)
    text = STUDY % {"cohorts": cohorts, "more": more}
    if steps:
        text = f"{text.partition(chr(10) + 'steps:')[0]}\nsteps:\n{steps}\n"
    (folder / "study.yml").write_text(text + (DECLARED if declared else ""))
    return folder / "study.yml"


def declare(study: Path, text: str) -> Path:
    """The same study with these declarations, next to it."""
    other = study.with_name("declared.yml")
    other.write_text(study.read_text() + text)
    return other


def run_calls(study: Path, data: Path, out: Path, *, only: str = "") -> Path:
    """Run every call of a study in this process, or those of one tool; returns the folder of results."""
    from prognomics.runtime.call import run_to_files
    from prognomics.spec.loader import load_tool
    from prognomics.study.file import read_study
    from prognomics.study.plan import make_plan

    def placed(value: object) -> object:
        if isinstance(value, list):
            return [placed(v) for v in value]
        made = isinstance(value, str) and value.partition("/")[0] in PLACES
        return str(out / value) if made else value

    for job in make_plan(read_study(study, data)).jobs:
        for call in (c for c in job.calls if not only or c.tool == only):
            outputs = {name: out / path for name, path in call.outputs.items()}
            for path in outputs.values():
                path.parent.mkdir(parents=True, exist_ok=True)
            run_to_files(load_tool(call.tool), {k: placed(v) for k, v in call.options.items()}, outputs)
    return out
