"""The tasks discriminate: right answers are graded right, those of each trap are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .task import grade
from .tasks import TASKS, make, text


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_right_answers_pass_and_traps_do_not(task, tmp_path):
    expected = make(task, tmp_path)
    sentence = f"The tool said: {task.trap_words[0]}" if task.trap_words else None
    if task.refusal_is_right:
        assert grade(task, expected, {"refused": sentence}) == "right"
    else:
        assert grade(task, expected, dict(expected.right)) == "right"
    assert grade(task, expected, {}) == "wrong"
    for answers in expected.traps.values():
        assert grade(task, expected, dict(answers)) == "wrong"
        if sentence and not task.refusal_is_right:
            assert grade(task, expected, {**answers, "warning": sentence}) == "warned"


def test_a_task_is_the_same_each_time(tmp_path: Path):
    task = TASKS[1]
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    assert make(task, folders[0]) == make(task, folders[1])
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes()


def test_each_key_of_an_answer_is_named_in_the_question(tmp_path: Path):
    for number, task in enumerate(TASKS):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert all(f"`{key}`" in text(task) for key in make(task, folder).right)


def test_there_are_twenty_tasks_of_different_names():
    assert len({task.name for task in TASKS}) == len(TASKS) == 20
