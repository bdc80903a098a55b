"""`python -m tests.new_users make DIR` writes the tasks; `python -m tests.new_users grade DIR` reads the answers.

Each task is a folder with `task.md` and its files; the answer is `answer.json` beside them. The right answers are
computed again when they are graded, so that they stand in no file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from .task import grade
from .tasks import TASKS, make, text


def write_tasks(folder: Path) -> None:
    for number, task in enumerate(TASKS, 1):
        place = folder / f"{number:02d}-{task.name}"
        place.mkdir(parents=True)
        make(task, place)
        (place / "task.md").write_text(text(task), encoding="utf-8")


def grade_answers(folder: Path) -> dict[str, str]:
    """The grade of each task by its name; `none` without an answer."""
    grades = {}
    for number, task in enumerate(TASKS, 1):
        answer = folder / f"{number:02d}-{task.name}" / "answer.json"
        with tempfile.TemporaryDirectory() as again:
            expected = make(task, Path(again))
        grades[task.name] = grade(task, expected, json.loads(answer.read_text("utf-8"))) if answer.exists() else "none"
    return grades


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.new_users", description="Tasks for new users.")
    parser.add_argument("action", choices=["make", "grade"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.action == "make":
        write_tasks(options.folder)
        return
    grades = grade_answers(options.folder)
    for name, given in grades.items():
        print(f"{name}\t{given}")
    print(f"{sum(given == 'right' for given in grades.values())} of {len(grades)} right")


main()
