"""A study as a CWL workflow: run by cwltool, its tables are byte for byte those of the study's own run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prognomics.generate.export import study_workflow
from prognomics.study.file import read_study
from prognomics.study.job import run_job
from prognomics.study.plan import make_plan

pytest.importorskip("cwltool")

STUDY = """
study: 1
title: A study of two cohorts
question: Does a workflow runner make the same tables?
marker: XPO1
endpoint: {name: os, definition: death from any cause}
cohorts:
  alpha: {steps: [fetch_cohort: {source: local, local_path: [alpha.tsv, samples=alpha.clinical.tsv]}, curate_samples: {mapping: alpha.yml}]}
  beta: {steps: [fetch_cohort: {source: local, local_path: [folder]}, curate_samples: {mapping: alpha.yml}]}
pool: [merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}]
steps:
  - cutpoint: {gene: XPO1, name: XPO1_group, where: [tissue_type=primary]}
  - cox: {covariate: [XPO1_group, stage], endpoint: os, reference_level: {stage: I}, where: [tissue_type=primary]}
    across: [stratified, unstratified]
"""  # noqa: E501


@pytest.fixture
def study(tmp_path, repository):
    source = repository / "test-data"
    (tmp_path / "data" / "folder").mkdir(parents=True)
    for name in ("alpha.tsv", "alpha.clinical.tsv"):
        text = (source / name).read_text()
        (tmp_path / "data" / name).write_text(text)
        (tmp_path / "data" / "folder" / name).write_text(text.replace("A", "B") if name.endswith("A") else text)
    (tmp_path / "alpha.yml").write_text((source / "alpha.mapping.yml").read_text())
    (tmp_path / "study.yml").write_text(STUDY)
    return tmp_path / "study.yml"


def test_the_tables_of_cwltool_are_those_of_the_study(study, tmp_path, monkeypatch):
    beta = tmp_path / "data" / "folder"
    matrix = (beta / "alpha.tsv").read_text().split("\n", 1)
    ids = [f"x{name}" for name in matrix[0].split("\t")[1:]]
    (beta / "alpha.tsv").write_text("\t".join([matrix[0].split("\t")[0], *ids]) + "\n" + matrix[1])
    clinical = (beta / "alpha.clinical.tsv").read_text().splitlines()
    (beta / "alpha.clinical.tsv").write_text("\n".join([clinical[0], *(f"x{line}" for line in clinical[1:])]) + "\n")

    (tmp_path / "workflow.cwl").write_text(study_workflow(study, tmp_path / "data"))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = [sys.executable, "-m", "cwltool", "--no-container", "--preserve-environment", "PATH", "--outdir",
             str(tmp_path / "cwl"), "--tmpdir-prefix", f"{tmp_path}/t/", str(tmp_path / "workflow.cwl")]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    made = json.loads(done.stdout)

    plan = make_plan(read_study(study, tmp_path / "data"))
    (tmp_path / "local").mkdir()
    (tmp_path / "plan.json").write_text(plan.to_json())
    monkeypatch.chdir(tmp_path / "local")
    for job in plan.jobs[:-1]:
        run_job(tmp_path / "plan.json", job.name)
    tables = sorted(p for p in Path().rglob("*.tsv"))
    assert len(tables) > 10
    for path in tables:
        assert (tmp_path / "cwl" / ".".join(path.parts)).read_bytes() == path.read_bytes(), path
    assert (tmp_path / "cwl" / "report.html").is_file() and len(made) > len(tables)
