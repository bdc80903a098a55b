"""Documentation pages made from lists that all tools have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prognomics.data.registry import artifact, artifact_names
from prognomics.generate.to_docs import NOTICE, markdown_table
from prognomics.spec.schema import schema_of
from prognomics.warning_codes import warning_codes


def warnings_page() -> str:
    """`docs/warnings.md`: every code with its title, meaning and what to do."""
    parts = [
        NOTICE.replace("tool_specs", "shared/prognomics/warning_codes.yml"),
        "# Warnings and notes\n",
        "Each warning or note of a tool has a code. The code is printed in brackets before the text.",
        "The run record (`--out-record`) lists code and text, and a report shows them by code.",
        "A warning is a reason to doubt the result; a note states what a tool decided.\n",
    ]
    for kind, title in (("warning", "Warnings"), ("note", "Notes")):
        rows = [
            [f"`{e.code}`", f"**{e.title}.** {e.meaning}", e.action] for e in warning_codes().values() if e.kind == kind
        ]
        parts += [f"## {title}\n", markdown_table(["code", "meaning", "what to do"], rows)]
    return "\n".join(parts)


# ------------------------------------------------------------------ the spec language

PARTS = {
    "Tool": "",
    "Input": "input",
    "Section": "section",
    "Conditional": "conditional",
    "Output": "output",
    "Case": "case",
}


def spec_page() -> str:
    """`docs/spec_language.md`: every key of a tool spec, its meaning and its allowed values, from the schema."""
    schema = schema_of("tool")
    parts = [
        NOTICE.replace("tool_specs", "tool_specs/schema/tool.schema.json"),
        "# The spec language\n",
        f"{schema['description']}\n",
        "`prognomics spec check` names file, line and key of each problem. Keys in **bold** are needed.\n",
    ]
    for title, name in PARTS.items():
        part = schema["$defs"][name] if name else schema
        rows = [[f"**`{key}`**" if needed else f"`{key}`", _type_text(value, schema), value.get("description", "")]
                for key, needed, value in _keys(part, schema, "")]  # fmt: skip
        parts += [f"## {title}\n", markdown_table(["key", "value", "meaning"], rows)]
        for key, _, value in _keys(part, schema, ""):
            if "meanings" in value:
                words = value["enum"] if "enum" in value else value["items"]["enum"]
                meanings = [[f"`{word}`", value["meanings"][word]] for word in words]
                parts += [f"### Values of {key}\n", markdown_table(["value", "meaning"], meanings)]
    parts += [
        "## Artifacts\n",
        "What `artifact` may name. A case reads and writes each format by the ending of the file.\n",
    ]
    rows = [[f"`{name}`", artifact(name).title, ", ".join(f"`{f.ending}`" for f in artifact(name).formats)]
            for name in sorted(artifact_names())]  # fmt: skip
    parts.append(markdown_table(["artifact", "what", "endings"], rows))
    return "\n".join(parts)


def _keys(part: Mapping[str, Any], schema: Mapping[str, Any], above: str) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """(key, whether it is needed, its schema) of an object, with the keys of plain objects inside it."""
    for key, value in part.get("properties", {}).items():
        yield above + key, key in part.get("required", []), value
        inner = value.get("items", value) if value.get("type") == "array" else value
        inner = inner["additionalProperties"] if isinstance(inner.get("additionalProperties"), dict) else inner
        inner = next((one for one in inner.get("oneOf", []) if "properties" in one), inner)
        if "properties" in inner:
            yield from _keys(inner, schema, f"{above}{key}.")


def _type_text(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What a value is, in a few words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        target = schema["$defs"][name]
        return name if target.get("type") == "object" or name == "node" else _type_text(target, schema)
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if value.get("type") == "array":
        return f"list of {_type_text(value.get('items', {}), schema)}"
    kind = value.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else {"string": "text", "object": "mapping"}.get(kind, kind)
