"""The JSON Schema of study files with the options of all tools, by which editors complete and mark mistakes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from prognomics import __version__
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.model import Input, Tool
from prognomics.spec.schema import validator

ID = f"urn:prognomics:study:{__version__}"
FILE = "study.schema.json"
MODELINE = f"# yaml-language-server: $schema={FILE}\n"
_TYPES = {"integer": "integer", "float": "number", "boolean": "boolean"}


def study_schema(tools: list[Tool] | None = None) -> dict[str, Any]:
    """The schema as a dict; of all tools by default, plugins among them."""
    tools = [load_tool(name) for name in tool_names()] if tools is None else tools
    schema = copy.deepcopy(validator("study").schema)
    schema = {"$schema": schema.pop("$schema"), "$id": ID, **schema}
    step = schema["$defs"]["steps"]["items"]
    step["properties"] |= {t.id: {**options_schema(t), "type": ["object", "null"]} for t in tools if t.id != "report"}
    step["additionalProperties"] = False
    return schema


def schema_text(tools: list[Tool] | None = None) -> str:
    """The schema as the text of a file."""
    return json.dumps(study_schema(tools), indent=1, ensure_ascii=False) + "\n"


def options_schema(tool: Tool, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of a tool's options; without those of `hidden` kinds."""
    excluded = {name for item in tool.inputs if item.kind in hidden for name in (item.name, *item.aliases)}
    return {
        "type": "object",
        "description": tool.sentence,
        "additionalProperties": False,
        "properties": {name: shape for name, shape in _named(tool) if name not in excluded},
    }


def _named(tool: Tool) -> Iterator[tuple[str, Any]]:
    """The options of a tool, and their former names as deprecated."""
    for item in (i for i in tool.inputs if "cli" in i.expose):
        yield item.name, _option(item)
        for alias in item.aliases:
            yield alias, {**_option(item), "deprecated": True}


def _option(item: Input) -> dict[str, Any]:
    one = _value(item)
    many = item.multiple or item.type == "repeat"
    shape: dict[str, Any] = {"anyOf": [{"type": "array", "items": one}, one]} if many else one
    if item.type == "repeat":
        pair = {"type": "array", "items": {"type": ["string", "number", "boolean"]}}
        shape = {"anyOf": [{"type": "array", "items": {"anyOf": [one, pair]}}, {"type": "object"}, one]}
    described = {"title": item.label, "description": item.help.strip()}
    if item.default not in (None, []):
        described["default"] = item.default
    return {**described, **shape}


def _value(item: Input) -> dict[str, Any]:
    if item.type == "select":
        return {"enum": [_written(v) for option in item.options for v in (option.value, *option.aliases)]}
    if item.type in _TYPES:
        limits = {"minimum": item.minimum, "maximum": item.maximum}
        return {"type": _TYPES[item.type], **{key: value for key, value in limits.items() if value is not None}}
    return {"type": ["string", "number", "boolean"] if item.type != "data" else "string"}


def _written(value: str) -> Any:
    """A choice as YAML reads it: 1 is a number."""
    return int(value) if value.isdigit() else value
