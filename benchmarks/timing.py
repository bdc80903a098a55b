"""Alternate ours and theirs in one run, and state the ratio of medians: absolute times mean nothing alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Action = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One comparison: `ratio` is ours over theirs for a cost, theirs over ours for a speed-up.

    `note` says what else is to be known: the share of the work that a slow peer was given, how well the numbers
    agree, how much memory was used. A peer that is not installed has NaN seconds.
    """

    name: str
    ours: float
    theirs: float
    peer: str
    goal: float
    kind: str
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs if self.kind == "cost" else self.theirs / self.ours

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.kind == "cost" else self.ratio >= self.goal

    @property
    def goal_text(self) -> str:
        return f"{'≤' if self.kind == 'cost' else '≥'} {self.goal:g}×"


def seconds(action: Action) -> float:
    """The time of one call: what the action says itself where it returns a float, else the clock on the wall."""
    began = time.perf_counter()
    told = action()
    return told if isinstance(told, float) else time.perf_counter() - began


def processor(action: Action) -> Action:
    """The same action, timed by the processor: for work of one thread, which other processes may interrupt."""

    def timed() -> float:
        began = time.process_time()
        action()
        return time.process_time() - began

    return timed


def process(*words: str) -> Action:
    """An action that runs a command in a fresh process."""
    return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# In between stands a small process: a child's peak memory is at least that of the process that started it.
_WATCH = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measured(words: Sequence[str], log: Path, folder: Path | None = None) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and the largest process's peak memory in MB of a command; `log` gets its words.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    with log.open("w") as said:
        watch = [sys.executable, "-c", _WATCH, *words]
        told = subprocess.run(watch, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder, check=True).stdout
    code, wall, spent, peak = map(float, told.split())
    if code:
        raise RuntimeError(f"{words[0]} failed: see {log}")
    return wall, spent, peak


def compare(name: str, ours: Action, theirs: Action | None, *, peer: str, goal: float, kind: str, rounds: int,
            scale: float = 1.0, note: str = "") -> Row:  # fmt: skip
    """Run both in turn, after one warm-up each, and take the medians; `scale` multiplies a peer's part of the work."""
    ours()
    if theirs is None:
        return Row(name, statistics.median(seconds(ours) for _ in range(rounds)), float("nan"), peer, goal, kind,
                   "peer not installed")  # fmt: skip
    if scale == 1.0:
        theirs()
    times = [(seconds(ours), scale * seconds(theirs)) for _ in range(rounds)]
    mine, other = zip(*times, strict=True)
    if scale > 1.0:
        note = "; ".join(filter(None, [f"peer measured on 1/{scale:g} of it", note]))
    return Row(name, statistics.median(mine), statistics.median(other), peer, goal, kind, note)
