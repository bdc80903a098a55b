"""The reference of the spec language: every key of the schema is explained, every value of `type` and `kind` too."""

import json
from pathlib import Path

import pytest

from prognomics.data.registry import artifact_names
from prognomics.generate.to_reference import spec_page
from prognomics.spec.schema import schema_of
from prognomics.spec.shipped_yaml import specs_folder


def properties(part, place=""):
    """(place, schema) of every key, also of those inside others."""
    if isinstance(part, list):
        for one in part:
            yield from properties(one, place)
    elif isinstance(part, dict):
        for key, value in part.get("properties", {}).items():
            if isinstance(value, dict):
                yield f"{place}.{key}", value
        for key, value in part.items():
            if key not in ("allOf", "if", "anyOf"):
                yield from properties(value, f"{place}.{key}" if key != "properties" else place)


def test_every_key_has_a_meaning():
    found = dict(properties(schema_of("tool")))
    assert len(found) > 80 and [place for place, value in found.items() if not value.get("description")] == []


@pytest.mark.parametrize("key", ["type", "kind"])
def test_every_value_has_a_meaning(key):
    listed = schema_of("tool")["$defs"]["input"]["properties"][key]
    assert list(listed["meanings"]) == listed["enum"]


def test_the_page_names_all_keys_values_and_artifacts():
    page = spec_page()
    named = {place.rpartition(".")[2] for place, _ in properties(schema_of("tool"))} - {"that"}
    assert [key for key in sorted(named) if f"{key}`" not in page] == []
    assert [name for name in artifact_names() if f"| `{name}` |" not in page] == []
    assert "| `free` | any other text" in page and "**`shows`**" in page


def test_a_key_of_the_schema_is_a_key_of_the_page(monkeypatch):
    path = Path(specs_folder()) / "schema" / "tool.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["case"]["properties"]["weather"] = {"enum": ["sun", "rain"], "description": "how it was"}
    monkeypatch.setattr("prognomics.generate.to_reference.schema_of", lambda name: schema)
    assert "| `weather` | `sun`, `rain` | how it was |" in spec_page()
