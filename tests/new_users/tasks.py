"""All tasks, in their order of difficulty, and how one is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from . import cohort_tasks, door_tasks, first_tasks, model_tasks
from .task import Expected, Task

SEED = 20260
TASKS = [*first_tasks.TASKS, *door_tasks.TASKS, *cohort_tasks.TASKS, *model_tasks.TASKS]
QUESTIONS = yaml.safe_load((Path(__file__).parent / "questions.yml").read_text(encoding="utf-8"))
HOW_TO_ANSWER = """
Write `answer.json` into this folder: an object with the keys in backticks above. Use the suite and its documentation
alone. Where a tool refuses, or warns of something that makes the answer doubtful, copy its sentence into `"refused"` or
`"warning"`.
"""


def make(task: Task, folder: Path) -> Expected:
    """Write a task's files; always the same ones."""
    return task.make(folder, np.random.default_rng([SEED, sum(task.name.encode())]))


def text(task: Task) -> str:
    return f"# {task.name}\n\n{QUESTIONS[task.name]}\n{HOW_TO_ANSWER}"
