"""What jobs ask of a cluster, where fetches run, profiles, and what is said of jobs that failed."""

import io
import json
import os
from types import SimpleNamespace

import pytest
from small_study import STUDY, make_study

from prognomics.errors import BadInput, UsageError
from prognomics.spec.plugins import PLUGIN_PATH_VARIABLE
from prognomics.study import job as job_module
from prognomics.study import resources
from prognomics.study.chosen import job_of
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan
from prognomics.study.profiles import find_profile
from prognomics.study.progress import follow, study_failure
from prognomics.study.slurm_jobs import cancel_left
from prognomics.study.to_snakemake import snakefile


@pytest.fixture
def study(tmp_path, repository, monkeypatch):
    path = make_study(tmp_path / "study", repository / "test-data")
    monkeypatch.setenv(PLUGIN_PATH_VARIABLE, str(tmp_path / "study" / "tools"))
    return path


@pytest.fixture
def fetched(study):
    """The study with one cohort of a provider."""
    local = "fetch_cohort: {source: local, local_path: [folder]}"
    study.write_text(STUDY.replace(local, "fetch_cohort: {source: geo, accession: GSE1}"))
    return read_study(study, study.parent / "data")


def test_fetches_are_jobs_of_their_own_that_stay_here(fetched):
    assert [j.name for j in make_plan(fetched).jobs][:2] == ["cohort_alpha", "cohort_beta"]
    plan = make_plan(fetched, fetches_apart=True)
    assert [j.name for j in plan.jobs][:3] == ["fetch_alpha", "cohort_alpha", "cohort_beta"]
    fetch, rest = plan.jobs[:2]
    assert [c.tool for c in fetch.calls] == ["fetch_cohort"] and rest.calls[0].tool == "curate_samples"
    rules = {text.partition(":")[0]: text for text in snakefile(plan, remote=True).split("\nrule ")}
    assert "localrule: True" in rules["fetch_alpha"] and "fetch_alpha.json" in rules["cohort_alpha"]
    assert [name for name, text in rules.items() if "localrule" in text] == ["fetch_alpha"]
    jobs = plan.as_jobs()
    assert job_of(jobs, "alpha") == "cohort_alpha" and job_of(jobs, "fetch_alpha") == "fetch_alpha"
    calls = [c for j in make_plan(fetched).jobs for c in j.calls]
    assert [vars(c) for j in plan.jobs for c in j.calls] == [vars(c) for c in calls]


def test_without_the_network_nothing_has_to_stay_here(fetched):
    assert "localrule" not in snakefile(make_plan(fetched, offline=True, fetches_apart=True), remote=True)


def test_a_local_run_asks_for_nothing(study):
    text = snakefile(make_plan(read_study(study, study.parent / "data")))
    assert "resources" not in text and "threads" not in text


def test_threads_are_the_most_that_a_tool_of_the_job_uses(study):
    plan = make_plan(read_study(study, study.parent / "data"))
    found = {job.name: resources.job_threads(job) for job in plan.jobs}
    assert found["cohort_alpha"] == 4 and found["results_kaplan_meier"] == found["report"] == 1
    text = snakefile(plan, remote=True)
    assert text.count("PROGNOMICS_THREADS={threads} ") == len(plan.jobs) and "    threads: 4" in text


def test_memory_and_time_grow_with_the_inputs_and_with_attempts(tmp_path):
    (tmp_path / "workflow").mkdir()
    plan = tmp_path / "workflow" / "plan.json"
    jobs = [{"name": "a", "inputs": ["m.h5ad", "z.tsv.gz", "gone.tsv", "folder"], "outputs": []}]
    plan.write_text(json.dumps({"plan": 1, "jobs": jobs}))
    first = resources.needs("a", 1, plan)
    assert first == {"mem_mb": resources.BASE_MB, "runtime": resources.BASE_MINUTES}
    (tmp_path / "m.h5ad").write_bytes(bytes(20_000_000))
    more = resources.needs("a", 1, plan)
    assert more == {"mem_mb": resources.BASE_MB + 8 * 20, "runtime": resources.BASE_MINUTES + 10}
    (tmp_path / "z.tsv.gz").write_bytes(bytes(2_000_000))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(bytes(10_000_000))
    most = resources.needs("a", 1, plan)
    assert most["mem_mb"] == resources.BASE_MB + 8 * 40
    assert resources.needs("a", 3, plan) == {key: 4 * value for key, value in most.items()}


# ------------------------------------------------------------------ profiles


def test_profiles_by_path_and_by_name(tmp_path, repository, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped = find_profile("slurm")
    assert shipped.remote and os.path.samefile(shipped.name, repository / "studies" / "profiles" / "slurm")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.yaml").write_text("cores: 2\n")
    assert find_profile("mine").name == str(tmp_path / "mine") and not find_profile("mine").remote
    (tmp_path / "mine" / "config.yaml").write_text("executor: lsf\n")
    assert find_profile("./mine").remote
    assert find_profile("site").name == "site" and find_profile("site").remote  # one that Snakemake may know
    (tmp_path / "empty").mkdir()
    for name in ("./slrum", "empty", "/no/such/place"):
        with pytest.raises(UsageError, match="there is no profile"):
            find_profile(name)


# ------------------------------------------------------------------ failures

ERROR = """
Error in rule results_cox:
    message: SLURM-job '7' failed, SLURM status is: '{state}'. Detailed failure reason unavailable.
    jobid: 3
    log: /out/.snakemake/slurm_logs/rule_results_cox/7.log (check log file(s) for error details)
    external_jobid: 7

"""
DONE = "Finished jobid: 3 (Rule: results_cox)\n1 of 2 steps (50%) done\n"


def read(text):
    process = SimpleNamespace(stdout=io.StringIO(text))
    return follow(process, {"results_cox": "cox"}, io.StringIO())


@pytest.mark.parametrize("state", ["OUT_OF_MEMORY", "TIMEOUT", "NODE_FAIL", "FAILED", "PREEMPTED"])
def test_a_failed_job_is_named_with_number_state_and_log(state, tmp_path):
    ended, failed = read(ERROR.format(state=state))
    assert ended == 0
    said = study_failure(tmp_path, failed)
    assert f"cox (job 7 of the cluster, state {state}" in said.what and said.exit_code == 1
    assert said.where == "/out/.snakemake/slurm_logs/rule_results_cox/7.log" and "docs/clusters.md" in said.hint


def test_an_attempt_that_was_followed_by_one_that_succeeded_is_no_failure():
    assert read(ERROR.format(state="TIMEOUT") + DONE) == (1, [])


def test_without_a_cluster_the_log_of_the_run_is_named(tmp_path):
    _, failed = read("Error in rule results_cox:\n    jobid: 3\n\n")
    said = study_failure(tmp_path, failed)
    assert said.what.startswith("cox: ended before") and said.where.endswith("snakemake.log")


def test_what_would_fail_again_is_not_tried_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROGNOMICS_REMOTE_JOBS", "1")
    job_module.FAILURES.mkdir(parents=True)
    left = job_module.FAILURES / "a.json"
    for code in (1, 5):
        left.write_text(json.dumps({"exit_code": code, "message": "gone"}))
        job_module._require_worth_another_attempt("a")
    left.write_text(json.dumps({"exit_code": 3, "message": "no column grde"}))
    with pytest.raises(BadInput, match="no column grde"):
        job_module._require_worth_another_attempt("a")


def test_jobs_of_a_stopped_run_are_canceled_by_the_name_of_the_run(tmp_path, monkeypatch):
    (tmp_path / "scancel").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    (tmp_path / "scancel").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    log = tmp_path / "snakemake.log"
    cancel_left(log)
    log.write_text("Building DAG of jobs...\n")
    cancel_left(log)
    assert not (tmp_path / "asked").exists()
    log.write_text("Building DAG of jobs...\nSLURM run ID: 003f6ae1-337f-4ac1\nUsing shell\n")
    cancel_left(log)
    assert (tmp_path / "asked").read_text() == "--name 003f6ae1-337f-4ac1\n"
