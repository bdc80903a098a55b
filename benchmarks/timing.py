"""Alternate ours and theirs in one run, and state the ratio of medians: absolute times mean nothing alone."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison: `ratio` is ours over theirs for a cost, theirs over ours for a speed-up."""

    name: str
    ours: float
    theirs: float
    peer: str
    goal: float
    kind: str

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs if self.kind == "cost" else self.theirs / self.ours

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.kind == "cost" else self.ratio >= self.goal

    @property
    def goal_text(self) -> str:
        return f"{'≤' if self.kind == 'cost' else '≥'} {self.goal:g}×"


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def process(*words: str) -> Callable[[], object]:
    """An action that runs a command in a fresh process."""
    return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object], *, peer: str, goal: float, kind: str,
            rounds: int) -> Row:  # fmt: skip
    """Run both in turn, after one warm-up each, and take the medians."""
    ours(), theirs()
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    mine, other = zip(*times)
    return Row(name, statistics.median(mine), statistics.median(other), peer, goal, kind)
