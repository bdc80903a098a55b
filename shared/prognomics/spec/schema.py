"""Specs, studies and mappings against their JSON Schemas: each problem with file, line and field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput, near_names, shortened
from prognomics.spec.former_keys import read_tool_spec
from prognomics.spec.shipped_yaml import read_yaml, specs_folder
from prognomics.spec.yaml_lines import Lines


@cache
def _schemas() -> dict[str, Any]:
    return {p.name: json.loads(p.read_text()) for p in sorted((specs_folder() / "schema").glob("*.json"))}


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema `tool_specs/schema/<name>.schema.json`."""
    return dict(_schemas()[f"{name}.schema.json"])


@cache
def validator(schema: str) -> Any:
    """The JSON Schema validator of `tool_specs/schema/<schema>.schema.json`."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    registry = Registry().with_resources((name, Resource.from_contents(s)) for name, s in _schemas().items())
    return Draft202012Validator(_schemas()[f"{schema}.schema.json"], registry=registry)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a YAML file, where, and what to do; one that is not `certain` is a suspicion."""

    path: Path
    line: int
    field: str
    what: str
    hint: str = ""
    certain: bool = True

    def __str__(self) -> str:
        text = f"{self.path}:{self.line}: {self.field}: {self.what}"
        return f"{text}; {self.hint}" if self.hint else text


def proposal(name: str, known: Iterable[str], limit: int = 12) -> str:
    """What to write instead of a name that is not known: near names, or a few of all."""
    known = list(dict.fromkeys(map(str, known)))
    near = near_names(name, known)
    if near:
        return f"did you mean {' or '.join(near)}?"
    more = ", …" if len(known) > limit else ""
    return f"there are: {', '.join(known[:limit])}{more}" if known and limit else ""


def spelled(field: Sequence[Any]) -> str:
    """A field as messages show it: `steps[2].cox`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in field).lstrip(".") or "the file"


def _deepest(error: Any) -> Any:
    """The innermost cause of a schema error; alternatives (`oneOf`) hide it."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


def _explained(error: Any) -> Iterator[tuple[list[Any], str, str]]:
    """Field, message and proposal of a schema error."""
    field = list(error.absolute_path)
    if error.validator == "additionalProperties" and "properties" in error.schema:
        known = list(error.schema["properties"])
        for name in [key for key in error.instance if key not in known]:
            yield [*field, name], f"unknown field {str(name)!r}", proposal(str(name), known)
    elif error.validator == "enum":
        what = f"{shortened(str(error.instance))!r} is not allowed"
        yield field, what, proposal(str(error.instance), error.validator_value)
    elif error.validator == "minItems":
        yield field, f"has {len(error.instance)} of at least {error.validator_value} entries", ""
    else:
        yield field, error.message[:300], ""


def schema_faults(schema: str, raw: Any, path: Path, lines: Lines | None = None) -> list[Problem]:
    """What a YAML file breaks of its schema, each with line, field and proposal."""
    errors = sorted(validator(schema).iter_errors(raw), key=lambda e: list(map(str, e.absolute_path)))
    if errors and lines is None:
        lines = Lines(path.read_text(encoding="utf-8"))
    return [
        Problem(path, lines.of(field), spelled(field), what, hint)
        for error in errors
        for field, what, hint in _explained(_deepest(error))
    ]


def schema_problems(schema: str, raw: Any, path: Path) -> list[str]:
    """What a YAML file breaks of its schema, each with file, line and field."""
    return list(map(str, schema_faults(schema, raw, path)))


def check_yaml(schema: str, path: Path) -> Any:
    """The content of a YAML file that follows its schema.

    Raises
    ------
    BadInput
        With file, line and field of each problem.
    """
    raw = read_tool_spec(path) if schema == "tool" else read_yaml(path)
    problems = schema_problems(schema, raw, path)
    if problems:
        raise BadInput(f"{path.name} does not follow the {schema} schema", where="\n    ".join(problems[:10]))
    return raw


def check_tool_file(path: Path) -> None:
    """BadInput if the spec at `path` breaks the schema (for plugins, before they are used)."""
    check_yaml("tool", path)
