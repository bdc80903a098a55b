"""Files that a study names and needs to run again: mappings, signatures, gene sets; never those of patients.

A file is taken only if a run record names its checksum as an input: what is in the crate is what ran, and a study file
that names something else on the machine gets nothing of it.
"""

from __future__ import annotations

import hashlib
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from prognomics.data.registry import artifact
from prognomics.errors import PrognomicsError
from prognomics.report.results.joining import list_outputs
from prognomics.report.wording import clean_text
from prognomics.spec.loader import load_tool, tool_names

LARGEST = 50_000_000  # bytes
OF_PATIENTS = ("matrix", "sheet", "annotation")  # kinds of artifacts with a row or column per sample
ELSEWHERE = "files"  # the folder of files that were outside the study's


@dataclass(frozen=True)
class StudyFile:
    """A file of the crate; `name` is what the study file calls it."""

    name: str
    path: str
    kind: str
    data: bytes
    sha256: str


def study_files(study: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> tuple[list[StudyFile], list[str]]:
    """The files at hand, and the names of those that are not in the crate, each with why."""
    folder = getattr(study, "folder", None)
    used = {sha for record in records for _, sha in list_outputs(record, "inputs")}
    found: dict[str, StudyFile] = {}
    missing: dict[str, None] = {}
    for name, kind, local in dict.fromkeys(_named(study)):
        if local:
            missing[f"{name}: of the data folder (--data); data of patients are not in the crate"] = None
            continue
        data = _read(Path(folder), name) if folder else None
        sha = hashlib.sha256(_plain(data)).hexdigest() if data is not None else ""
        if data is None or sha not in used:
            missing[f"{name}: not at hand as it was when the study ran"] = None
            continue
        found[name] = StudyFile(name, _place(name), kind, data, sha)
    return list(found.values()), list(missing)


def study_text(text: str, files: Sequence[StudyFile]) -> str:
    """The study file with the places in the crate of files that were outside its folder."""
    for file in files:
        if file.path != file.name:
            text = text.replace(file.name, file.path)
    return text


def _named(study: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """(name, artifact, whether it is of the data folder) of each file that a step of the study file names."""
    cohorts = study.get("cohorts")
    cohorts = cohorts.values() if isinstance(cohorts, Mapping) else ()
    groups = [c.get("steps") for c in cohorts if isinstance(c, Mapping)]
    groups += [study.get(name) for name in ("within", "pool", "steps")]
    known = set(tool_names())
    for step in (s for group in groups for s in (group if isinstance(group, list) else []) if isinstance(s, Mapping)):
        for tool, options in step.items():
            if tool in known and isinstance(options, Mapping):
                yield from _of_options(tool, options)


def _of_options(tool: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    try:
        inputs = load_tool(tool).inputs
    except PrognomicsError:
        return
    for item in inputs:
        value = options.get(item.name)
        if value is None or not (item.type == "data" or item.kind == "path"):
            continue
        for part in map(clean_text, value if isinstance(value, list) else [value]):
            if part.startswith("step:"):
                continue
            local = item.kind == "path" or part.startswith("data:") or not _is_open(item.artifact)
            yield part, item.artifact or "file", local


def _is_open(name: str | None) -> bool:
    return bool(name) and not artifact(name).of_cohort and artifact(name).kind not in OF_PATIENTS


def _read(folder: Path, name: str) -> bytes | None:
    """The bytes of a regular file that is not too large."""
    try:
        path = folder / name
        status = path.stat()
        regular = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
        return path.read_bytes() if regular else None
    except (OSError, ValueError):
        return None


def _plain(data: bytes) -> bytes:
    """The content, as records name it: decompressed."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        content = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, LARGEST)
        return content if len(content) < LARGEST else data
    except zlib.error:
        return data


def _place(name: str) -> str:
    """Where a file is in the crate: as in the study's folder, else under `files`."""
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    clash = path.parts[:1] and path.parts[0] in ("tables", "plots", "records", "study.yml", "report.html", "README.md",
                                                 "ro-crate-metadata.json")  # fmt: skip
    if inside and not clash:
        return str(path)
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in path.name)
    return f"{ELSEWHERE}/{digest}_{plain}"
