"""Specs in which keys still have their former names: accepted for one release, for the plugins that use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prognomics.spec.shipped_yaml import read_yaml

FORMER = {"artefact": "artifact", "proves": "shows"}
FORMER_LOOKS = {"group_colour": "group_color"}
_FREE = ("options", "table")  # keys under these are the author's own


def read_tool_spec(path: Path) -> Any:
    """The YAML of a tool's spec with the current names of its keys."""
    return with_current_keys(read_yaml(path))


def with_current_keys(raw: Any) -> Any:
    """The content with former keys renamed; what has the current key as well keeps both, and the schema refuses it."""
    if isinstance(raw, list):
        return [with_current_keys(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    renamed = {}
    for key, value in raw.items():
        current = FORMER.get(key, key)
        if key == "look" and isinstance(value, list):
            value = [FORMER_LOOKS.get(v, v) if isinstance(v, str) else v for v in value]
        free = key in _FREE and isinstance(value, dict)
        renamed[key if current in raw else current] = value if free else with_current_keys(value)
    return renamed
