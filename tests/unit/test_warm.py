"""Jobs run by copies of a warm process: the same results, exit codes and endings as in processes of their own."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prognomics.study.warm import COMMAND, KILLED, SOCKET, VARIABLE
from prognomics.study.warm_loading import ALL_JOBS, BY_ENDING, named_modules

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies of a warm process are made on Linux")

SPEC = """
id: act
name: Act
summary: does as it is told
inputs:
  - {name: how, type: text, kind: free, label: How, help: What to do.}
outputs:
  - {name: scores, artifact: scores, label: Scores, help: One row.}
cases:
  - name: done
    shows: The job is done.
    options: {how: done}
    outputs: {scores: {assert: [{that: has_n_lines, n: 2}]}}
  - {name: fail, shows: The job fails., options: {how: fail}, fails: {exit_code: 4, stderr: [asked]}}
help: {what: This., method: That., limits: None known.}
"""
SCRIPT = """
import os, signal, time, warnings


def act(how):
    import pandas as pd
    from prognomics.errors import Refused, warn

    open(f"{how}.process", "w").write(f"{os.getpid()} {os.getppid()}")
    if how == "fail":
        warn("few-events-per-variable", "a warning before it")
        raise Refused("it was asked to fail")
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "sleep":
        time.sleep(600)
    print("said", how, flush=True)
    seen = [os.environ.get("OF_THE_ASKER", ""), os.environ.get("OF_THE_SERVER", ""), os.getcwd()]
    return {"scores": pd.DataFrame({"sample_id": ["s"], "score": [1.0], "seen": ["|".join(seen)]})}
"""
AT_ONCE = ("first", "second", "third", "fourth")
HOWS = ("done", "fail", "killed", "sleep", *AT_ONCE)


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return value


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Folder:
    """A study's folder with a plan, and what starts its jobs."""

    def __init__(self, path, tools):
        self.path, self.environment = path, {**os.environ, "PROGNOMICS_TOOL_PATH": str(tools)}
        self.environment.pop(VARIABLE, None)
        (path / "workflow" / "tmp").mkdir(parents=True)
        jobs = []
        for how in HOWS:
            outputs = {"scores": f"{how}/scores.tsv", "record": f"{how}/record.json"}
            calls = [{"tool": "act", "options": {"how": how}, "outputs": outputs}]
            jobs.append({"name": how, "title": how, "calls": calls, "inputs": [], "outputs": [*outputs.values()]})
        plan = {"plan": 1, "folder": str(path), "jobs": jobs}
        (path / "workflow" / "plan.json").write_text(json.dumps(plan))

    def start(self, name, **more):
        words = [sys.executable, "-m", "prognomics", "job", "workflow/plan.json", name]
        environment = {**self.environment, "OF_THE_ASKER": "yes", **more}
        return subprocess.Popen(words, cwd=self.path, env=environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)  # fmt: skip

    def job(self, name, **more):
        with self.start(name, **more) as process:
            said, errors = process.communicate(timeout=120)
        return process.returncode, said, errors

    def ran_by(self, name):
        """The process that ran a job, and its parent."""
        path = self.path / f"{name}.process"
        return tuple(int(n) for n in until(lambda: path.exists() and path.read_text()).split())

    def tables(self):
        return {str(p.relative_to(self.path)): p.read_bytes() for p in sorted(self.path.glob("*/*.*"))
                if p.parent.name in HOWS}  # fmt: skip


@pytest.fixture
def tools(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "act.yml").write_text(SPEC)
    (folder / "act.py").write_text(SCRIPT)
    return folder


@pytest.fixture
def folder(tmp_path, tools):
    return Folder(tmp_path / "out", tools)


@pytest.fixture
def server(folder):
    words = [sys.executable, "-m", "prognomics", COMMAND, SOCKET, "workflow/plan.json"]
    process = subprocess.Popen(words, cwd=folder.path, env={**folder.environment, "OF_THE_SERVER": "yes"})
    until(lambda: (folder.path / SOCKET).exists())
    folder.environment[VARIABLE] = SOCKET
    yield process
    process.kill()
    process.wait()


def test_results_messages_and_exit_codes_are_those_of_a_process_of_its_own(folder, server):
    warm = {how: folder.job(how) for how in ("done", "fail")}
    assert warm["done"][0] == 0, warm
    assert folder.ran_by("done")[1] == server.pid
    made, stamp = folder.tables(), (folder.path / "workflow" / "stamps" / "done.json").read_bytes()
    failure = (folder.path / "workflow" / "failures" / "fail.json").read_bytes()
    alone = {how: folder.job(how, **{VARIABLE: ""}) for how in ("done", "fail")}
    assert folder.ran_by("done")[1] == os.getpid()
    assert warm == alone
    assert (warm["done"][0], warm["fail"][0]) == (0, 4) and warm["done"][1] == "said done\n"
    assert made == folder.tables() and sorted(made) == ["done/record.json", "done/scores.tsv"]
    assert b"yes||" + os.fsencode(folder.path) in made["done/scores.tsv"]
    assert (folder.path / "workflow" / "stamps" / "done.json").read_bytes() == stamp
    assert (folder.path / "workflow" / "failures" / "fail.json").read_bytes() == failure


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_who_asked_ends_the_job_in_order(folder, server, number):
    asking = folder.start("sleep")
    job, _ = folder.ran_by("sleep")
    asking.send_signal(number)
    assert asking.wait(60) == 128 + number
    until(lambda: not is_alive(job))
    assert folder.tables() == {} and not list(folder.path.rglob("*.part"))
    assert folder.job("done")[0] == 0 and server.poll() is None


def test_a_job_ends_when_who_asked_is_killed(folder, server):
    asking = folder.start("sleep")
    job, _ = folder.ran_by("sleep")
    asking.kill()
    asking.wait()
    until(lambda: not is_alive(job))


def test_a_job_that_is_killed_is_a_failure_without_a_message(folder, server):
    assert folder.job("killed") == (KILLED, "", "")
    assert not (folder.path / "workflow" / "stamps").exists()


def test_a_job_goes_on_when_the_warm_process_is_killed_and_later_jobs_run_by_themselves(folder, server):
    asking = folder.start("sleep")
    job, _ = folder.ran_by("sleep")
    server.kill()
    server.wait()
    assert folder.job("done")[0] == 0
    assert folder.ran_by("done")[1] == os.getpid()
    assert is_alive(job) and asking.poll() is None
    asking.terminate()
    assert asking.wait(60) == 128 + signal.SIGTERM


def test_jobs_that_are_asked_for_at_once_are_each_run(folder, server):
    several = [folder.start(name) for name in AT_ONCE]
    assert [process.wait(120) for process in several] == [0, 0, 0, 0]
    for process in several:
        process.communicate()
    assert [folder.ran_by(name)[1] for name in AT_ONCE] == [server.pid] * 4


def test_the_socket_is_the_owners_alone(folder, server):
    assert (folder.path / SOCKET).stat().st_mode & 0o077 == 0


def test_what_it_loads_can_be_loaded(repository):
    names = [*ALL_JOBS, *(name for names in BY_ENDING.values() for name in names)]
    assert [name for name in names if importlib.util.find_spec(name) is None] == []
    assert "prognomics.report.figures.kaplan_meier" in set(named_modules(repository / "tools" / "kaplan_meier.py"))


def test_who_asks_loads_nothing_but_the_standard_library():
    code = "import sys, prognomics.study.warm; print(sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"click", "yaml", "numpy", "pandas"} & set(json.loads(loaded.replace("'", '"')))
