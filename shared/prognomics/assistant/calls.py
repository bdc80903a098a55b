"""What an assistant can call: every tool, checks and plans of studies, and descriptions; as JSON in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prognomics.assistant.folder import Folder
from prognomics.data.registry import artifact, artifact_names, artifacts_folder
from prognomics.errors import AnalysisWarning, BadInput, PrognomicsError, UsageError, unknown_name
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.model import Tool
from prognomics.spec.schema import validator
from prognomics.study.check import check_study
from prognomics.study.editor_schema import options_schema, schema_text
from prognomics.study.preview import preview

SHOWN_ROWS = 20
TEXT = {"type": "string"}
STUDY = {
    "study": {**TEXT, "description": "The study file."},
    "data": {**TEXT, "description": "Folder of its local files."},
}
STUDY_CALLS = {
    "study_check": "Check a study file: every error with line, field and what to write instead. Runs nothing.",
    "study_plan": "Show what a run of a study would make, and why. Runs nothing.",
}
SCHEMAS = ("tool", "mapping", "study")


def call_schemas() -> dict[str, tuple[str, dict[str, Any]]]:
    """Description and JSON Schema of the arguments of each call, by name."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in tool_names():
        tool = load_tool(name)
        schema = options_schema(tool, hidden=("url",))
        outputs = {o.name: {**TEXT, "description": f"{o.label}. {o.help}".strip()} for o in tool.outputs}
        schema["properties"]["outputs"] = {
            "type": "object", "minProperties": 1, "additionalProperties": False, "properties": outputs,
            "description": "Files to write, by output; a run record is written next to the first.",
        }  # fmt: skip
        needed = [i.name for i in tool.inputs if i.required and not i.conditions and i.type != "endpoint"]
        what = " ".join(tool.help.get("what", "").split())
        found[name] = (f"{tool.sentence} {what}", {**schema, "type": "object", "required": [*needed, "outputs"]})
    for name, text in STUDY_CALLS.items():
        schema = {"type": "object", "additionalProperties": False, "required": ["study"], "properties": STUDY}
        found[name] = (text, schema)
    return found


def call(folder: Folder, name: str, given: dict[str, Any], *, network: bool = False) -> dict[str, Any]:
    """Do one call within the folder.

    Raises
    ------
    PrognomicsError
        As the command line would, and `Refused` for files outside of the folder.
    """
    if name in STUDY_CALLS:
        return _study(folder, name, given)
    if name not in tool_names():
        raise unknown_name("call", name, [*tool_names(), *STUDY_CALLS])
    tool, given = load_tool(name), dict(given)
    outputs = given.pop("outputs", None)
    if not isinstance(outputs, dict) or not outputs:
        raise UsageError(
            "no output is named", hint=f"outputs: one or more of {', '.join(o.name for o in tool.outputs)}"
        )
    unknown = set(outputs) - {o.name for o in tool.outputs} - {"record"}
    if unknown:
        raise unknown_name("output", sorted(unknown)[0], [o.name for o in tool.outputs])
    placed = {output: folder.inside(str(path)) for output, path in outputs.items()}
    first = next(iter(placed.values()))
    placed.setdefault("record", folder.inside(f"{first.relative_to(folder.root)}.record.json"))
    options = folder.options(tool, given)
    if not network and options.get("source") not in (None, "local", "survset", "demo"):
        options["offline"] = True
    run = run_to_files(tool, options, placed)
    made = {output: str(path.relative_to(folder.root)) for output, path in placed.items() if path.exists()}
    return {"outputs": made, "warnings": _told(run.warned), "preview": _preview(tool, placed)}


def _study(folder: Folder, name: str, given: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(given.get("study"), str):
        raise UsageError("no study file is named", hint="study: FILE")
    path = folder.inside(given["study"])
    data = folder.inside(str(given["data"])) if given.get("data") else None
    if path.is_file():
        try:
            folder.study(path, data)
        except BadInput:
            pass  # no YAML: the check says where
    if name == "study_check":
        problems = check_study(path, data)
        return {"errors": sum(p.certain for p in problems), "problems": [str(p) for p in problems]}
    return {"plan": preview(path, folder.inside("results"), data=data)}


def _told(warned: list[AnalysisWarning]) -> list[dict[str, str]]:
    return [{"level": w.kind, "code": w.code, "text": w.text} for w in warned]


def _preview(tool: Tool, placed: dict[str, Path]) -> dict[str, list[str]]:
    """The first rows of the tables that were made."""
    shown = {}
    for name, path in placed.items():
        if name != "record" and artifact(tool.output(name).artifact).kind in ("table", "annotation", "sheet"):
            if path.is_file() and path.suffix == ".tsv":
                with open(path, encoding="utf-8") as rows:
                    shown[name] = [row.rstrip("\n") for row, _ in zip(rows, range(SHOWN_ROWS + 1), strict=False)]
    return shown


def as_error(error: PrognomicsError) -> dict[str, Any]:
    """An error as JSON: what, where, what to do, and the command line's exit code."""
    return {"error": error.what, "where": error.where, "hint": error.hint, "exit_code": error.exit_code}


# ------------------------------------------------------------------ descriptions


def description_names() -> list[str]:
    """Addresses of all descriptions."""
    names = [f"specs/{name}" for name in tool_names()]
    return [*names, *(f"artifacts/{name}" for name in artifact_names()), *(f"schemas/{name}" for name in SCHEMAS)]


def description(name: str) -> str:
    """A tool's spec or an artifact's definition (YAML), or a schema (JSON).

    Raises
    ------
    BadInput
        There is none of that name.
    """
    if name not in description_names():
        raise unknown_name("description", name, description_names())
    kind, _, which = name.partition("/")
    if kind == "specs":
        return load_tool(which).spec_path.read_text(encoding="utf-8")
    if kind == "artifacts":
        return (artifacts_folder() / f"{which}.yml").read_text(encoding="utf-8")
    return schema_text() if which == "study" else json.dumps(validator(which).schema, indent=1)
