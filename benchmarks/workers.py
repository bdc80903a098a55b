"""Peers as processes that live through a run: data are handed over once, each request is one timed call."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "peers"
PYTHON = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"


class Worker:
    """A peer's script (`peers/*.R`, `peers/*.py`) that runs the jobs it is asked for.

    The script prints the names of its jobs, then reads a name a line, runs the job and prints a JSON object:
    `seconds` (processor time of the call), and `values`, some of the numbers that it found.
    """

    def __init__(self, script: str, *arguments: str):
        runner = _rscript() if script.endswith(".R") else _python()
        self.jobs: dict[str, bool] = {}
        self.process = None
        self.values: dict[str, np.ndarray] = {}
        if runner is None:
            return
        self.process = subprocess.Popen(
            [runner, str(FOLDER / script), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.jobs = dict.fromkeys(self._line().split(), True)

    def _line(self) -> str:
        while line := self.process.stdout.readline():
            if line.startswith("@"):
                return line[1:]
        return ""

    def job(self, name: str):
        """An action for `compare` that returns the seconds of one call; None where the peer lacks it."""
        if name not in self.jobs:
            return None

        def run() -> float:
            self.process.stdin.write(name + "\n")
            self.process.stdin.flush()
            told = json.loads(self._line())
            self.values[name] = np.array(told["values"], dtype=float)
            return float(told["seconds"])

        return run

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


def _rscript() -> str | None:
    return shutil.which("Rscript")


def _python() -> str | None:
    return str(PYTHON) if PYTHON.exists() else None


def agreement(ours: np.ndarray, theirs: np.ndarray | None) -> str:
    """The largest difference, for a row's note; nothing where the peer was not run."""
    if theirs is None or not len(theirs):
        return ""
    return f"largest difference {np.nanmax(np.abs(np.asarray(ours)[: len(theirs)] - theirs)):.1e}"
