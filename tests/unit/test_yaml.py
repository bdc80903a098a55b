"""YAML from strangers: aliases that multiply, nesting without end, files that are too large."""

import pytest

from prognomics.data.mapping import load_mapping
from prognomics.errors import BadInput
from prognomics.spec.shipped_yaml import parse_yaml

BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
HOSTILE = {
    "aliases": (BOMB, "stands for more than", "aliases"),
    "itself": ("&a [*a]", "levels deep", "aliases"),
    "brackets": ("[" * 300 + "]" * 300, "levels deep", "too deeply"),
    "brackets without end": ("[" * 50_000, "levels deep", "too deeply"),
    "braces": ("{a: " * 6000 + "1" + "}" * 6000, "levels deep", "too deeply"),
    "indentation": ("".join(" " * i + "a:\n" for i in range(300)), "levels deep", "too deeply"),
    "size": ("a: " + "x" * (1 << 20), "larger than a megabyte", "larger than a megabyte"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts_are_refused(kind):
    text, of_a_study, of_a_mapping = HOSTILE[kind]
    with pytest.raises(BadInput, match=of_a_study):
        parse_yaml(text, "f")
    with pytest.raises(BadInput, match=of_a_mapping):
        load_mapping(text)


def test_aliases_as_people_use_them():
    assert parse_yaml("a: &a [1, 2]\nb: *a\nc: {<<: {x: 1}, y: *a}", "f") == {"a": [1, 2], "b": [1, 2], "c": {
        "x": 1, "y": [1, 2]}}  # fmt: skip
