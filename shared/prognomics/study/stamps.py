"""Stamps: what a job was made from, written when it is done. Content decides whether it must run again.

A job is up to date if its stamp has the present digests of its options, code, inputs from outside and from other jobs,
and outputs. Dates of files, and where the study's folder is, have no part in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from prognomics.spec.loader import load_tool
from prognomics.study.content import Digests, code_digest
from prognomics.study.plan import split_role

STAMPS = Path("workflow/stamps")


def stamp_path(name: str) -> Path:
    """The stamp of a job, within the study's folder."""
    return STAMPS / f"{name}.json"


def made_from(job: dict[str, Any], root: Path, digests: Digests) -> dict[str, str]:
    """Digests of what a job depends on, by what it is: `options`, `code of TOOL`, and its files.

    Parameters
    ----------
    job : dict
        As in the plan's file.
    root : Path
        The study's folder, in which relative paths are.
    """
    parts = {f"code of {call['tool']}": code_digest(load_tool(call["tool"])) for call in job["calls"]}
    asked = [[call["tool"], _placeless(call), call["outputs"]] for call in job["calls"]]
    parts["options"] = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    for number, path in enumerate(job["inputs"]):
        label = f"{number} {Path(path).name}" if os.path.isabs(path) else path
        parts[label] = digests.of(root / path)
    return parts


def _placeless(call: dict[str, Any]) -> dict[str, Any]:
    """The options of a call with the names of outside files in place of where they are."""
    tool = load_tool(call["tool"])
    files = {i.name for i in tool.inputs if i.type == "data" or i.kind == "path"}
    return {name: _named(value) if name in files else value for name, value in call["options"].items()}


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(v) for v in value]
    role, path = split_role(value)
    return role + (Path(path).name if os.path.isabs(path) else path)


def write_stamp(job: dict[str, Any], parts: dict[str, str], root: Path) -> None:
    """Say that a job is done; `parts` are the digests from before it read its inputs."""
    digests = Digests()
    stamp = {"stamp": 1, "made_from": parts, "outputs": {path: digests.of(root / path) for path in job["outputs"]}}
    path = root / stamp_path(job["name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(part, path)


def outdated(jobs: dict[str, Any], root: Path, forced: Collection[str] = ()) -> dict[str, str]:
    """The jobs that must run, in order, and why; those of `forced` in any case."""
    digests = Digests()
    makers = {path: name for name, job in jobs.items() for path in job["outputs"]}
    found: dict[str, str] = {}
    for name, job in jobs.items():
        above = [makers[path] for path in job["inputs"] if makers.get(path) in found]
        why = "forced" if name in forced else ""
        why = why or (f"{jobs[above[0]]['title']} runs" if above else _why(job, root, digests))
        if why:
            found[name] = why
    return found


def _why(job: dict[str, Any], root: Path, digests: Digests) -> str:
    """Why a job must run; "" if it is up to date."""
    try:
        stamp = json.loads((root / stamp_path(job["name"])).read_text(encoding="utf-8"))
        before, outputs = dict(stamp["made_from"]), dict(stamp["outputs"])
    except (OSError, ValueError, TypeError, KeyError):
        return "not made yet"
    now = made_from(job, root, digests)
    changed = [part for part in sorted({*before, *now}) if before.get(part) != now.get(part)]
    if changed:
        return f"changed: {re.sub('^[0-9]+ ', '', changed[0])}"
    for path in job["outputs"]:
        made = digests.of(root / path)
        if not made or made != outputs.get(path):
            return f"{path} is {'not as it was made' if made else 'missing'}"
    return ""
