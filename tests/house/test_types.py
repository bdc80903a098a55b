"""The gate of types: modules that are not clean are listed with their number of errors, which may only shrink."""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def check_types():
    spec = importlib.util.spec_from_file_location("check_types", REPOSITORY / "packaging" / "check_types.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_more_errors_than_are_listed_are_refused(check_types):
    lines = ["a.py:1: error: x  [y]", "a.py:2: error: x  [y]", "a.py:2: note: z", "b/c.py:3: error: x  [y]", "other"]
    found = check_types.count_errors(lines)
    assert found == {"a.py": 2, "b/c.py": 1}
    assert check_types.problems(found, Counter({"a.py": 2, "b/c.py": 1, "gone.py": 4})) == []
    assert check_types.problems(found, Counter({"a.py": 1, "b/c.py": 5})) == ["a.py: 2 errors of types, 1 are listed"]
    assert check_types.problems(found, Counter({"a.py": 2})) == ["b/c.py: 1 errors of types, 0 are listed"]


def test_the_list_is_read_as_it_is_written(check_types):
    found = Counter({"b.py": 2, "a.py": 1})
    assert check_types.read_listed(check_types.list_text(found)) == found
    text = check_types.LISTED.read_text(encoding="utf-8")
    listed = check_types.read_listed(text)
    assert check_types.list_text(listed) == text and all(number > 0 for number in listed.values())
