"""`prognomics run` with Snakemake: resume, only what changed, exit codes."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("snakemake") is None, reason="Snakemake is not installed")

STUDY = """
study: 1
title: Two simulated cohorts
question: Does a study run, resume, and run again only what changed?
marker: XPO1
endpoint: {name: os, definition: death from any cause}
cohorts:
  alpha: {steps: [fetch_cohort: {source: local, local_path: [alpha.tsv, alpha.clinical.tsv]}, curate_samples: {mapping: alpha.yml}]}
  beta:
    steps:
      - fetch_cohort: {source: local, local_path: [beta.probes.tsv, beta.clinical.tsv, beta.features.tsv]}
        also: [features]
      - curate_samples: {mapping: beta.yml}
      - map_genes: {}
pool: [merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}]
steps:
  - cutpoint: {gene: XPO1, name: XPO1_group}
  - kaplan_meier: {group_column: XPO1_group, endpoint: os, at: [24], where: [tissue_type=primary]}
    across: [stratified, unstratified]
"""  # noqa: E501
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
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory, repository):
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yml").write_text(STUDY)
    (folder / "beta.yml").write_text(BETA)
    (folder / "alpha.yml").write_text((repository / "test-data" / "alpha.mapping.yml").read_text())
    return folder


def command(folder, repository, name="study.yml", out="out"):
    return [sys.executable, "-m", "prognomics", "run", str(folder / name), "--out", str(folder / out), "--data",
            str(repository / "test-data"), "--cores", "2"]  # fmt: skip


def run(folder, repository, **options):
    return subprocess.run(command(folder, repository, **options), capture_output=True, text=True)


def test_a_study_runs_is_resumed_and_reruns_what_changed(study, repository):
    # killed in the middle, with all its processes
    process = subprocess.Popen(command(study, repository), stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not (study / "out" / "cohorts").is_dir() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (study / "out" / "report.html").exists()

    part = subprocess.run([*command(study, repository), "--until", "merge_cohorts"], capture_output=True, text=True)
    assert part.returncode == 0 and "report was not made" in part.stdout, part.stderr
    assert (study / "out" / "pooled").is_dir() and not (study / "out" / "results").exists()

    done = run(study, repository)
    assert done.returncode == 0, done.stderr
    assert "Report: " in done.stdout and (study / "out" / "report.html").is_file()
    assert "XPO1" in (study / "out" / "report.html").read_text()

    again = run(study, repository)
    assert again.returncode == 0 and "Nothing to do" in again.stdout

    with open(study / "beta.yml", "a") as mapping:
        mapping.write("  sex: {column: Sex}\n")
    changed = run(study, repository)
    assert changed.returncode == 0, changed.stderr
    assert "cohort beta" in changed.stdout and "merge cohorts" in changed.stdout and "report" in changed.stdout
    assert "cohort alpha" not in changed.stdout and "1 were up to date" in changed.stdout


def test_verify_finds_a_changed_result(study, repository):
    out = study / "out"
    words = [sys.executable, "-m", "prognomics", "verify", str(out)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "files agree" in done.stdout
    table = out / "results" / "kaplan_meier" / "stratified" / "test.tsv"
    table.write_text(table.read_text().replace("cohort\toverall", "none\toverall", 1))
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 3 and "1 of " in done.stderr and "files differ from a new run" in done.stderr
    assert "test.tsv: line 2, column strata: none where a new run gives cohort" in done.stderr


def verify(folder, *more):
    words = [sys.executable, "-m", "prognomics", "verify", str(folder), *more]
    return subprocess.run(words, capture_output=True, text=True)


def test_verify_repeats_one_step_and_names_what_changed(study, repository):
    out = study / "out"
    assert run(study, repository).returncode == 0
    (out / "results" / "cutpoint" / "table.tsv").write_text("damaged")  # of another step
    done = verify(out, "--step", "merge_cohorts")
    assert done.returncode == 0 and "4 files agree" in done.stdout, done.stderr
    assert verify(out, "--step", "cutpoint").returncode == 3
    unknown = verify(out, "--step", "cutpiont")
    assert unknown.returncode == 2 and "cutpoint" in unknown.stderr
    plan = out / "workflow" / "plan.json"
    text = plan.read_text()
    plan.write_text(text.replace('tissue_type=primary"', 'tissue_type!=normal"'))
    changed = verify(out, "--step", "merge_cohorts")
    plan.write_text(text)
    assert changed.returncode == 3
    assert 'record.json: parameter reference_samples: "tissue_type=primary" where' in changed.stderr
    record = out / "pooled" / "merge_cohorts" / "record.json"
    text = record.read_text()
    made_by = json.loads(text)
    record.write_text(json.dumps({**made_by, "versions": {**made_by["versions"], "numpy": "0.9"}}))
    changed = verify(out, "--step", "merge_cohorts")
    record.write_text(text)
    assert changed.returncode == 3 and 'record.json: version numpy: "0.9" where' in changed.stderr
    sheet = out / "cohorts" / "alpha" / "2_curate_samples" / "samples.tsv"
    sheet.write_text(sheet.read_text().replace("primary", "relapse", 1))
    changed = verify(out, "--step", "merge_cohorts")
    assert changed.returncode == 3 and "record.json: input samples: " in changed.stderr


def test_a_failed_step_gives_its_exit_code_and_message(study, repository):
    (study / "wrong.yml").write_text(STUDY.replace("at: [24]", "at: [2400]"))
    done = run(study, repository, name="wrong.yml", out="wrong")
    assert done.returncode == 4
    assert "kaplan_meier failed" in done.stderr and "2400" in done.stderr and "Traceback" not in done.stderr
    assert not (study / "wrong" / "report.html").exists()


def test_a_fault_in_the_study_file_is_found_before_anything_runs(study, repository):
    (study / "typo.yml").write_text(STUDY.replace("group_column", "group_colum"))
    done = run(study, repository, name="typo.yml", out="typo")
    assert done.returncode == 3 and "kaplan_meier" in done.stderr
    assert not (study / "typo" / "cohorts").exists()


def test_run_and_verify_agree_on_a_folder_that_was_moved_and_on_one_that_was_edited(study, repository, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(study, tmp_path / "study", ignore=shutil.ignore_patterns("wrong", "typo"))
    shutil.copytree(repository / "test-data", data, ignore=shutil.ignore_patterns("*.CEL*", "*.tar"))
    moved = [*command(tmp_path / "study", repository)[:-4], "--data", str(data), "--cores", "2"]
    first = subprocess.run(moved, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    again = subprocess.run(moved, capture_output=True, text=True)
    assert again.returncode == 0 and "Nothing to do" in again.stdout, again.stdout
    done = verify(tmp_path / "study" / "out")
    assert done.returncode == 0, done.stderr
    matrix = bytearray((data / "alpha.tsv").read_bytes())
    matrix[-2] = ord("1") if matrix[-2] != ord("1") else ord("2")
    (data / "alpha.tsv").write_bytes(matrix)
    done = verify(tmp_path / "study" / "out")
    assert done.returncode == 3, done.stderr
    differing, _, every = done.stderr.split(" files differ")[0].rpartition("error: ")[2].partition(" of ")
    assert 0 < int(differing) <= int(every)
    changed = subprocess.run(moved, capture_output=True, text=True)
    assert "cohort alpha" in changed.stdout and "cohort beta" not in changed.stdout
    done = verify(tmp_path / "study" / "out")
    assert done.returncode == 0, done.stderr
