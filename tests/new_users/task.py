"""What a task is: a question, its files, the right answers and those that a trap leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Answers = dict[str, float | int | str]


@dataclass(frozen=True)
class Expected:
    """Right answers by key, and the answers of each way to be wrong."""

    right: Answers
    traps: dict[str, Answers] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A question (questions.yml) with data.

    name: its folder
    make: writes the files into a folder and gives the expected answers
    trap_words: what a warning or refusal that names the trap holds (one of them)
    refusal_is_right: the data cannot answer the question, so the right answer is a refusal
    tolerance: largest relative difference of numbers
    """

    name: str
    make: Callable[[Path, np.random.Generator], Expected]
    trap_words: tuple[str, ...] = ()
    refusal_is_right: bool = False
    tolerance: float = 0.01


def names_the_trap(task: Task, sentence: object) -> bool:
    """Whether a warning or refusal that was quoted is about the trap."""
    return isinstance(sentence, str) and any(word in sentence.casefold() for word in task.trap_words)


def is_near(given: object, expected: float | int | str, tolerance: float) -> bool:
    if isinstance(expected, str):
        return isinstance(given, str) and given.strip().casefold() == expected.casefold()
    if isinstance(given, bool) or not isinstance(given, int | float):
        return False
    if isinstance(expected, int):
        return given == expected
    return abs(given - expected) <= tolerance * max(abs(expected), 0.02)


def grade(task: Task, expected: Expected, answer: dict[str, object]) -> str:
    """`right`, `warned` (no or a wrong answer, but the tool's sentence named the trap) or `wrong`."""
    refused, warning = answer.get("refused"), answer.get("warning")
    if task.refusal_is_right:
        return "right" if names_the_trap(task, refused) else "wrong"
    if all(is_near(answer.get(key), value, task.tolerance) for key, value in expected.right.items()):
        return "right"
    return "warned" if names_the_trap(task, refused) or names_the_trap(task, warning) else "wrong"
