"""A small study with every kind of step, for tests of what runs again and of what happens when it is stopped."""

from pathlib import Path

STUDY = """
study: 1
title: Every kind of step
question: Does a study end as it should, however often it was stopped?
marker: XPO1
endpoint: {name: os, definition: death from any cause}
cohorts:
  alpha: {steps: [fetch_cohort: {source: local, local_path: [folder]}, curate_samples: {mapping: alpha.yml}]}
  beta:
    steps:
      - fetch_cohort: {source: local, local_path: [beta.probes.tsv, samples=beta.clinical.tsv, beta.features.tsv]}
        also: [features]
      - curate_samples: {mapping: beta.yml}
      - map_genes: {}
within: [normalize: {method: none}]
pool: [merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}]
steps:
  - cutpoint: {gene: XPO1, name: XPO1_group}
  - gene_difference: {first: XPO1, second: TP53}
  - kaplan_meier: {group_column: XPO1_group, endpoint: os, at: [24], where: [tissue_type=primary]}
    across: [cohorts, stratified, unstratified]
"""
BETA = """
sample_id: sample_id
tissue_type: {column: tissue, values: {primary: primary, normal: normal, relapse: relapse}}
missing: [NA]
endpoints:
  os:
    definition: death from any cause
    time: {column: os_months, unit: months}
    event: {column: os_status, event: dead, censored: alive}
columns:
  age_years: {column: Age at diagnosis, unit: years}
# as published
"""
PLUGIN = """
id: gene_difference
name: Gene difference
summary: scores each sample by the difference of two genes
inputs:
  - {name: expression, type: data, artifact: expression_matrix, label: Expression matrix, help: Log scale.}
  - {name: first, type: text, kind: gene, label: First gene, help: The first gene.}
  - {name: second, type: text, kind: gene, label: Second gene, help: The second gene.}
outputs:
  - {name: scores, artifact: scores, label: Scores, help: One row per sample.}
cases:
  - name: difference
    shows: The second is subtracted.
    options: {expression: m.tsv, first: A, second: B}
    outputs: {scores: {assert: [{that: has_n_lines, n: 3}]}}
  - name: unknown_gene
    shows: An unknown gene is named.
    options: {expression: m.tsv, first: Q, second: B}
    fails: {exit_code: 3, stderr: ["Q"]}
help: {what: The difference., method: Subtraction., limits: None known.}
# one of our own
"""
SCRIPT = """
from pathlib import Path

WEIGHT = Path(__file__).with_name("weight.txt")


def gene_difference(expression, first, second):
    import pandas as pd

    difference = expression.gene(first) - float(WEIGHT.read_text()) * expression.gene(second)
    return {"scores": pd.DataFrame({"sample_id": expression.sample_ids, "difference": difference})}
"""


def make_study(folder: Path, test_data: Path) -> Path:
    """Write the study, its mappings, data and plugin into a folder; returns the study file."""
    (folder / "data" / "folder").mkdir(parents=True)
    (folder / "tools").mkdir()
    for name in ("beta.probes.tsv", "beta.clinical.tsv", "beta.features.tsv"):
        (folder / "data" / name).write_bytes((test_data / name).read_bytes())
    for name in ("alpha.tsv", "alpha.clinical.tsv"):
        (folder / "data" / "folder" / name).write_bytes((test_data / name).read_bytes())
    (folder / "alpha.yml").write_bytes((test_data / "alpha.mapping.yml").read_bytes())
    (folder / "beta.yml").write_text(BETA)
    (folder / "tools" / "gene_difference.yml").write_text(PLUGIN)
    (folder / "tools" / "gene_difference.py").write_text(SCRIPT)
    (folder / "tools" / "weight.txt").write_text("1.0\n")
    (folder / "study.yml").write_text(STUDY)
    return folder / "study.yml"
