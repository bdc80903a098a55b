"""Specs, studies and mappings against their JSON Schemas: each problem with file, line and field."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput
from prognomics.spec.shipped_yaml import read_yaml, specs_folder


@cache
def _schemas() -> dict[str, Any]:
    return {p.name: json.loads(p.read_text()) for p in sorted((specs_folder() / "schema").glob("*.json"))}


@cache
def validator(schema: str) -> Any:
    """The JSON Schema validator of `tool_specs/schema/<schema>.schema.json`."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    registry = Registry().with_resources((name, Resource.from_contents(s)) for name, s in _schemas().items())
    return Draft202012Validator(_schemas()[f"{schema}.schema.json"], registry=registry)


def line_of(path: Path, field: list[Any]) -> int:
    """The line of a YAML file on which a field stands, counted from 1."""
    import yaml

    node = yaml.compose(path.read_text(encoding="utf-8"))
    line = node.start_mark.line
    for key in field:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _spelled(field: list[Any]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in field).lstrip(".") or "the file"


def _deepest(error: Any) -> Any:
    """The innermost cause of a schema error; alternatives (`oneOf`) hide it."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


def schema_problems(schema: str, raw: Any, path: Path) -> list[str]:
    """What a YAML file breaks of its schema, each with file, line and field."""
    problems = []
    for error in sorted(validator(schema).iter_errors(raw), key=lambda e: list(map(str, e.absolute_path))):
        cause = _deepest(error)
        field = list(cause.absolute_path)
        problems.append(f"{path}:{line_of(path, field)}: {_spelled(field)}: {cause.message[:300]}")
    return problems


def check_yaml(schema: str, path: Path) -> Any:
    """The content of a YAML file that follows its schema.

    Raises
    ------
    BadInput
        With file, line and field of each problem.
    """
    raw = read_yaml(path)
    problems = schema_problems(schema, raw, path)
    if problems:
        raise BadInput(f"{path.name} does not follow the {schema} schema", where="\n    ".join(problems[:10]))
    return raw


def check_tool_file(path: Path) -> None:
    """BadInput if the spec at `path` breaks the schema (for plugins, before they are used)."""
    check_yaml("tool", path)
