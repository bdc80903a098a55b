"""A study on a real Slurm of this machine: the tables of a local run, what jobs ask for, what is said of failures."""

import hashlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import slurm_box
from small_study import make_study

MISSING = [name for name in ("snakemake", "snakemake_executor_plugin_slurm") if importlib.util.find_spec(name) is None]
WHY = ", ".join(f"{name} is not installed" for name in MISSING) or slurm_box.lacking()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY or "-")


@pytest.fixture(scope="module")
def place(tmp_path_factory, repository):
    """A folder with the study, and with the suite's profile, made to look at jobs more often."""
    folder = tmp_path_factory.mktemp("cluster")
    make_study(folder / "study", repository / "test-data")
    text = (repository / "studies" / "profiles" / "slurm" / "config.yaml").read_text()
    for name, retries in (("profile", 2), ("once", 0)):
        (folder / name).mkdir()
        (folder / name / "config.yaml").write_text(
            text.replace("retries: 2", f"retries: {retries}") + "seconds-between-status-checks: 2\n"
        )
    return folder


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    box = slurm_box.Box(tmp_path_factory.mktemp("slurm") / "box")
    try:
        box.up()
        yield box
    finally:
        box.down()


def words(out, *more):
    return [sys.executable, "-m", "prognomics", "--tool-path", "study/tools", "run", "study/study.yml", "--data",
            "study/data", "--out", out, *more]  # fmt: skip


def run(place, out, *more, box=None):
    environment = {**os.environ, **(box.environment if box else {}), "OMP_NUM_THREADS": "1"}
    return subprocess.run(words(out, *more), cwd=place, env=environment, capture_output=True, text=True, timeout=400)


def start(place, box, out, *more):
    environment = {**os.environ, **box.environment, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(words(out, *more), cwd=place, env=environment, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)  # fmt: skip


def tables(folder):
    files = sorted(p for p in folder.rglob("*.tsv") if "workflow" not in p.parts)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def queued(box, states="PENDING,RUNNING,COMPLETING"):
    return box.ask("squeue", "--noheader", f"--states={states}", "--format=%i").split()


def wait_for(found, seconds=120):
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


@pytest.fixture(scope="module")
def local(place):
    """The results of a run without a cluster; what a cluster makes of them again is theirs."""
    done = run(place, "local", "--cores", "2")
    assert done.returncode == 0, done.stderr
    return place / "local"


def test_the_tables_are_those_of_a_local_run(place, local, slurm):
    done = run(place, "remote", "--profile", "profile", box=slurm)
    log = (place / "remote" / "workflow" / "snakemake.log").read_text()
    assert done.returncode == 0, done.stderr + log + slurm.logs()
    assert tables(place / "remote") == tables(local) and len(tables(local)) > 10
    listed = slurm.ask("squeue", "--noheader", "--states=all", "--format=%T|%m|%l|%C")
    jobs = [line.split("|") for line in listed.split()]
    assert len(jobs) == 7 and {job[0] for job in jobs} == {"COMPLETED"}
    assert {job[3] for job in jobs} == {"1", "4"}  # a tool with threads is in four of them
    assert all(re.fullmatch(r"1[5-9]\d\dM", job[1]) and job[2] == "30:00" for job in jobs), jobs
    again = run(place, "remote", "--cores", "2")
    assert again.returncode == 0 and "Nothing to do" in again.stdout, again.stdout


def test_a_job_that_was_killed_is_named_with_its_number_its_state_and_its_log(place, local, slurm):
    process = start(
        place, slurm, local.name, "--profile", "once", "--force", "merge_cohorts", "--until", "merge_cohorts"
    )
    (number,) = wait_for(lambda: queued(slurm, "RUNNING"))
    wait_for(lambda: list((local / ".snakemake").rglob(f"{number}.log")))
    slurm.ask("scancel", number)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 1
    assert f"merge cohorts (job {number} of the cluster, state CANCELLED (it was canceled))" in said, said
    log = re.search(r"(/\S+/rule_pooled_merge_cohorts/\S*\.log)", said)
    assert log and f"/{number}.log" in log[1] and os.path.isfile(log[1]), said


def test_after_a_node_was_lost_a_further_run_gives_the_same_tables(place, local, slurm):
    process = start(place, slurm, "lost", "--profile", "once")
    wait_for(lambda: queued(slurm, "RUNNING"))
    slurm.kill_node()
    slurm.ask("scontrol", "update", f"NodeName={slurm.node}", "State=DOWN", "Reason=lost")  # as a health check does
    slurm.start_node()
    slurm.ask("scontrol", "update", f"NodeName={slurm.node}", "State=RESUME")
    wait_for(lambda: "idle" in slurm.ask("sinfo", "--noheader", "--format=%T"))
    for number in queued(slurm, "PENDING"):  # Slurm itself would wait for two minutes
        slurm.ask("scontrol", "update", f"JobId={number}", "StartTime=now")
    process.communicate(timeout=400)
    if process.returncode:  # jobs of a lost node are queued again, or fail and are named
        again = run(place, "lost", "--profile", "once", box=slurm)
        assert again.returncode == 0, again.stderr
    assert tables(place / "lost") == tables(local)


def test_an_error_of_a_tool_is_not_tried_again(place, local, slurm):
    text = (place / "study" / "study.yml").read_text()
    (place / "study" / "study.yml").write_text(text.replace("at: [24]", "at: [2400]"))
    process = run(place, local.name, "--profile", "profile", box=slurm)
    (place / "study" / "study.yml").write_text(text)
    assert process.returncode == 4 and "kaplan_meier failed" in process.stderr and "2400" in process.stderr


def test_term_cancels_the_jobs_of_the_cluster(place, local, slurm):
    process = start(place, slurm, local.name, "--profile", "profile", "--force", "merge_cohorts")
    wait_for(lambda: queued(slurm))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
    wait_for(lambda: not queued(slurm), 30)
