"""Run the workflow engine so that it and its jobs never outlive the run that started them.

Between `prognomics run` and the engine is a guard, `python -m prognomics.study.engine`. Guard, engine and jobs are one
process group, and all have the lock of the study's folder as their standard input: whichever of them lives holds it.
The guard ends the group when its end of a pipe closes, which is when the run stops or is killed. It also starts the
process whose copies run the jobs (`warm.py`), where jobs run on this machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from prognomics.study.slurm_jobs import cancel_left
from prognomics.study.warm import COMMAND, SOCKET, VARIABLE

PLAN = "workflow/plan.json"
LOG = Path("workflow/snakemake.log")
THREADS = ("OMP_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
           "NUMEXPR_NUM_THREADS")  # fmt: skip
PATIENCE_SECONDS = 10.0  # for jobs to end after TERM, and for an engine that has jobs elsewhere to cancel them
_STOPS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
REMOTE = "PROGNOMICS_REMOTE_JOBS"


class Stopped(Exception):
    """A signal asked the run to stop."""

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped on TERM, INT, and on HUP unless it is ignored (nohup); a later signal finds the stop under way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        for each in _STOPS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.getsignal(number) for number in _STOPS}
    for number in _STOPS:
        if number != signal.SIGHUP or before[number] != signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def started(command: list[str], folder: Path, environment: dict[str, str], lock: int,
            *, remote: bool) -> Iterator[subprocess.Popen[bytes]]:  # fmt: skip
    """The engine under its guard, its output as a pipe; when the block ends, however it does, all of it has ended."""
    watched, held = os.pipe()
    words = [sys.executable, "-m", "prognomics.study.engine", str(watched), *command]
    environment = {**environment, REMOTE: "1" if remote else ""}
    if not remote and sys.platform == "linux":
        environment[VARIABLE] = SOCKET
    process = subprocess.Popen(words, cwd=folder, env=environment, stdin=lock, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, bufsize=1, errors="replace",
                               start_new_session=True, pass_fds=[watched])  # fmt: skip
    os.close(watched)
    try:
        yield process
    finally:
        os.close(held)
        try:
            process.wait(3 * PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
        if process.wait() < 0:  # the guard was killed, perhaps alone
            _signal_group(process.pid, signal.SIGKILL)
            while living(process.pid):
                time.sleep(0.02)
        process.stdout.close()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


# ------------------------------------------------------------------ the guard


def guard(watched: int, command: list[str]) -> int:
    """Run the engine; end its group when it has ended or when `watched` closes. Returns the engine's exit code."""
    for number in _STOPS:
        signal.signal(number, lambda *_: None)  # the group is signaled, this process among it
    warm = _warm_process()
    engine = subprocess.Popen(command)
    stop = threading.Event()

    def watch() -> None:
        os.read(watched, 1)
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    while engine.poll() is None and not stop.is_set():
        time.sleep(0.02)
    _end_group(engine)
    if warm is not None:
        warm.wait()  # the time that its jobs took is counted
    return engine.wait() if engine.poll() is None or engine.returncode >= 0 else 128 - engine.returncode


def _warm_process() -> subprocess.Popen[bytes] | None:
    """The process whose copies run the jobs, if they run on this machine."""
    if os.environ.get(VARIABLE) != SOCKET or not os.path.isfile(PLAN):
        return None
    words = [sys.executable, "-m", "prognomics", COMMAND, SOCKET, PLAN]
    one_thread = dict.fromkeys(THREADS, "1")  # as the engine sets for each job
    return subprocess.Popen(words, env={**os.environ, **one_thread}, stderr=subprocess.DEVNULL)


def _end_group(engine: subprocess.Popen[bytes]) -> None:
    """End the engine and its jobs: with TERM, so that they tidy up, then with KILL.

    A local engine is killed first, or it would start further jobs; one that has jobs on other machines may cancel them.
    """
    patience = time.monotonic() + PATIENCE_SECONDS
    stopped = engine.poll() is None
    if stopped:
        if os.environ.get(REMOTE):
            engine.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                engine.wait(PATIENCE_SECONDS)
        engine.kill()
        engine.wait()
    if others := living(os.getpgrp(), os.getpid()):
        _signal_group(os.getpgrp(), signal.SIGTERM)
        while others and time.monotonic() < patience:
            time.sleep(0.02)
            others = living(os.getpgrp(), os.getpid())
    for process in others:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    while living(os.getpgrp(), os.getpid()):
        time.sleep(0.02)
    if stopped and os.environ.get(REMOTE):
        cancel_left(LOG)


def living(group: int, but: int = 0) -> list[int]:
    """Living processes of a group, one excluded; those that have ended and were not waited for do not count."""
    import psutil

    found = []
    for process in psutil.pids():
        with contextlib.suppress(psutil.Error, OSError):
            if process != but and os.getpgid(process) == group:
                if psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
    return found


if __name__ == "__main__":
    sys.exit(guard(int(sys.argv[1]), sys.argv[2:]))
