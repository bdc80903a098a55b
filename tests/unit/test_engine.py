"""Runs that are stopped or killed: the engine and its jobs end, and the folder stays locked until they are gone."""

import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest

from prognomics.errors import UsageError
from prognomics.study import lock as lock_module
from prognomics.study.engine import Stopped, started, stoppable
from prognomics.study.lock import LOCK, locked, read_locked

# A job that notes its process and ignores TERM; an engine that starts one, as Snakemake does, and waits for it.
JOB = (
    "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN) if sys.argv[1] == 'deaf' else 0; "
    "open('job', 'w').write(str(os.getpid())); time.sleep(600)"
)
ENGINE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {JOB!r}, sys.argv[1]])"
RUN = f"""
import signal
import sys
from pathlib import Path
from prognomics.study import engine
from prognomics.study.lock import locked
engine.PATIENCE_SECONDS = 2.0
here = Path.cwd()
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests themselves run under nohup
try:
    with locked(here) as lock, engine.stoppable():
        with engine.started([sys.executable, "-c", {ENGINE!r}, sys.argv[1]], here, dict(engine.os.environ), lock,
                            remote=False) as process:
            print("up", flush=True)
            process.wait()
except engine.Stopped as stop:
    sys.exit(128 + stop.number)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "workflow").mkdir()
    return tmp_path


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return value


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def is_locked(folder):
    with open(folder / LOCK) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def begin(folder, kind):
    process = subprocess.Popen([sys.executable, "-c", RUN, kind], cwd=folder)
    job = int(until(lambda: (folder / "job").is_file() and (folder / "job").read_text()))
    assert is_locked(folder)
    return process, job


@pytest.mark.parametrize("kind", ["quick", "deaf"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_engine_and_its_jobs_before_the_run_ends(folder, number, kind):
    process, job = begin(folder, kind)
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert not is_alive(job) and not is_locked(folder)


def test_after_a_kill_of_the_run_the_lock_holds_until_the_jobs_are_gone(folder, monkeypatch):
    process, job = begin(folder, "deaf")
    process.kill()
    process.wait()
    monkeypatch.setattr(lock_module, "PATIENCE_SECONDS", 0.2)
    with pytest.raises(UsageError, match="another run is using"), locked(folder):
        pass
    monkeypatch.setattr(lock_module, "PATIENCE_SECONDS", 60)
    with locked(folder):  # waited for the job
        assert not is_alive(job)


def test_a_job_that_lives_on_alone_holds_the_lock(folder):
    """Even with run, guard and engine killed at once."""
    process, job = begin(folder, "quick")
    os.kill(process.pid, signal.SIGSTOP)
    with open(f"/proc/{job}/stat") as stat:
        engine, guard = (int(n) for n in stat.read().rpartition(")")[2].split()[1:3])
    for pid in (guard, engine, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    assert is_alive(job) and is_locked(folder)
    os.kill(job, signal.SIGKILL)
    until(lambda: not is_locked(folder))


def test_a_run_under_nohup_goes_on_after_a_hangup(monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
            with pytest.raises(Stopped, match="SIGTERM"):
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(5)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_engines_exit_code_and_output_come_through(folder):
    words = [sys.executable, "-c", "print('said'); raise SystemExit(7)"]
    with locked(folder) as lock, started(words, folder, dict(os.environ), lock, remote=False) as process:
        assert process.stdout.read() == "said\n"
        assert process.wait() == 7


def test_readers_and_writers_keep_each_other_out(folder):
    with read_locked(folder):  # nothing was ever written
        pass
    with locked(folder), pytest.raises(UsageError, match="another run"), read_locked(folder):
        pass
    with read_locked(folder), read_locked(folder), pytest.raises(UsageError, match="another run"), locked(folder):
        pass


def test_a_file_system_without_locks_is_guarded_on_this_machine(folder, monkeypatch, tmp_path):
    real = fcntl.flock

    def flock(descriptor, kind):
        if os.readlink(f"/proc/self/fd/{descriptor}").startswith(str(folder / "workflow")):
            raise OSError(38, "none here")
        return real(descriptor, kind)

    monkeypatch.setattr(lock_module.fcntl, "flock", flock)
    monkeypatch.setattr(lock_module.tempfile, "gettempdir", lambda: str(tmp_path))
    with locked(folder), pytest.raises(UsageError, match="another run"), locked(folder):
        pass
    with locked(folder):
        pass
