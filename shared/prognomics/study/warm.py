"""Jobs of a study as copies of one warm process, so that libraries are loaded once per run and not once per job.

`python -m prognomics warm-jobs SOCKET PLAN` loads what the jobs of a plan need and forks one process per job. A job
is started as before, `python -m prognomics job PLAN NAME`: if the environment names the socket, this process lends the
new one its open files, environment and folder, passes signals on to it, and ends with its exit code. A job ends with
the process that started it; it does not need the warm one once it has begun. If nobody answers, the process that
asked runs the job itself. This module loads nothing else at its start: the process that asks should cost little.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import NoReturn

COMMAND = "warm-jobs"
VARIABLE = "PROGNOMICS_WARM_JOBS"
SOCKET = "workflow/tmp/jobs.socket"
KILLED = 128 + signal.SIGKILL
PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


# ------------------------------------------------------------------ the process that asks


def ask(words: list[str]) -> int | None:
    """The exit code of a command of the suite that a copy of the warm process ran; None if nobody began with it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(os.environ[VARIABLE])
            socket.send_fds(line, [b"\0"], [0, 1, 2])
            request = json.dumps({"words": words, "folder": os.getcwd(), "environment": dict(os.environ)})
            line.sendall(request.encode() + b"\n")
            answers = line.makefile("rb")
            process = answers.readline()
        except OSError:
            return None
        if not process.endswith(b"\n"):
            return None

        def pass_on(number: int, frame: object) -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), number)

        for each in PASSED_ON:
            signal.signal(each, pass_on)
        try:
            code = answers.readline()
        except OSError:
            code = b""
        return int(code) if code.endswith(b"\n") else KILLED


# ------------------------------------------------------------------ the warm process


def serve(path: str, plan: str) -> socket.socket:
    """Fork a process for each job that is requested; returns in those processes, with the line to who asked.

    Requests wait until what all jobs need is loaded. What single jobs need is loaded when nobody asks.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o077)
    listener.bind(path)
    os.umask(before)
    listener.listen(1024)
    from prognomics.study.warm_loading import loading

    waiting = None
    for _ in loading(plan):
        waiting = waiting or signal.signal(signal.SIGCHLD, _reap)  # loading itself may wait for a process
        while select.select([listener], [], [], 0)[0]:
            if line := _forked(listener):
                return line
    while True:
        if line := _forked(listener):
            return line


def _forked(listener: socket.socket) -> socket.socket | None:
    """Fork on the next request; the line to who asked in the new process, None in this one."""
    line, _ = listener.accept()
    with line, contextlib.suppress(OSError):  # no process can be made: who asked runs the job itself
        if os.fork() == 0:
            listener.close()
            return line.dup()
    return None


def _reap(number: int, frame: object) -> None:
    """Wait for jobs that have ended, so that the time they took is counted."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


# ------------------------------------------------------------------ a job, in a copy of the warm process


def run(line: socket.socket, main: Callable[[list[str]], None]) -> NoReturn:
    """Run the command that was requested as the process would that asked, by the command line `main`, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, lent, _, _ = socket.recv_fds(line, 1, 3)
    request = json.loads(line.makefile("rb").readline())
    for number, descriptor in enumerate(lent):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    tempfile.tempdir = None  # what the environment states
    line.sendall(b"%d\n" % os.getpid())
    threading.Thread(target=_end_with, args=[line], daemon=True).start()
    code = 1
    try:
        main(request["words"])
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        with contextlib.suppress(OSError):
            line.sendall(b"%d\n" % code)
        os._exit(code)


def _end_with(line: socket.socket) -> None:
    """End this process immediately when the one that asked has ended."""
    with contextlib.suppress(OSError):
        while line.recv(1):
            pass
    os._exit(KILLED)
