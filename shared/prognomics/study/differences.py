"""How a file differs from its repetition: which cell, by how much, which input, parameter or version is behind it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput
from prognomics.io.file_kinds import sha256
from prognomics.io.json_text import parse_json

DATES = ("datePublished", "endTime")  # all that may differ between two crates
DATED = "report_crate"
CAUSES = (("inputs", "input"), ("parameters", "parameter"), ("tool_version", "version"), ("versions", "version"),
          ("plugin", "plugin"))  # fmt: skip


def differences(old: Path, new: Path, name: str) -> Iterator[str]:
    """How a file differs from its repetition, in a line (nothing if it does not)."""
    if not old.is_file():
        yield f"{name}: it is missing"
    elif sha256(old) == sha256(new):
        return
    elif name.endswith(".json"):
        yield from (f"{name}: {said}" for said in _record(old, new))
    elif name.endswith(".tsv"):
        yield f"{name}: {_cells(old, new)}"
    elif name.endswith(".zip"):
        yield from (f"{name}: {said}" for said in _members(old, new))
    else:
        yield f"{name}: its content differs"


def _record(old: Path, new: Path) -> Iterator[str]:
    """What a run record and its repetition disagree on first: causes (inputs, parameters, versions) before results."""
    before, after = (_loaded(p) for p in (old, new))
    if before == after:
        return  # a crate of another day
    for key, kind in CAUSES:
        was, now = (_named(record.get(key)) for record in (before, after))
        for name in sorted({*was, *now}):
            if was.get(name) != now.get(name):
                what = f"{kind} {name}" if name else kind
                yield f"{what}: {_short(was.get(name))} where a new run gives {_short(now.get(name))}"
                return
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield f"{key}: {_short(before.get(key))} where a new run gives {_short(after.get(key))}"
            return


def _loaded(path: Path) -> dict[str, Any]:
    try:
        record = parse_json(path.read_text(encoding="utf-8"))
    except ValueError:
        raise BadInput("a run record is damaged", where=str(path)) from None
    if not isinstance(record, dict):
        raise BadInput("a run record is damaged", where=str(path))
    dated = [f for f in record.get("outputs") or [] if isinstance(f, dict) and f.get("artefact") == DATED]
    for file in dated:
        file.pop("sha256", None)
    return record


def _named(value: Any) -> dict[str, Any]:
    """The parts of a record's entry by name: parameters, versions, or files by option and place."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        named: dict[str, Any] = {}
        for file in value:
            option = str(file.get("option", "")) if isinstance(file, dict) else ""
            same = sum(name.partition(" ")[0] == option for name in named)
            checksum = file.get("sha256") if isinstance(file, dict) else file
            named[option if not same else f"{option} {same + 1}"] = checksum
        return named
    return {"": value}


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def _cells(old: Path, new: Path) -> str:
    """The first cell that differs, how many do, and the largest relative difference of a number."""
    before, after = (p.read_text(encoding="utf-8", errors="replace").splitlines() for p in (old, new))
    if len(before) != len(after):
        return f"{len(before)} lines where a new run gives {len(after)}"
    header = before[0].split("\t") if before else []
    first, count, largest = "", 0, 0.0
    for number, (left, right) in enumerate(zip(before, after, strict=True), start=1):
        if left == right:
            continue
        cells = left.split("\t"), right.split("\t")
        if len(cells[0]) != len(cells[1]):
            return f"line {number}: {len(cells[0])} columns where a new run gives {len(cells[1])}"
        for column, was, now in zip(header, *cells, strict=False):
            if was != now:
                count += 1
                largest = max(largest, _relative(was, now))
                first = first or f"line {number}, column {column}: {was} where a new run gives {now}"
    more = f"; {count} cells differ" if count > 1 else ""
    more += f"; numbers by up to {largest:.1e} of their size" if largest else ""
    return (first or "the layout differs") + more


def _relative(was: str, now: str) -> float:
    try:
        left, right = float(was), float(now)
    except ValueError:
        return 0.0
    size = max(abs(left), abs(right))
    return abs(left - right) / size if 0 < size < float("inf") else 0.0


def _members(old: Path, new: Path) -> Iterator[str]:
    """Files in an archive that differ; the day in a crate's metadata may."""
    before, after = (_contents(p) for p in (old, new))
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield f"{name} is {'missing' if was is None else 'no longer made'}"
        elif was != now and _undated(was) != _undated(now):
            yield f"{name} differs"


def _contents(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {"the archive": path.read_bytes()}


def _undated(data: bytes) -> Any:
    """A crate's metadata without its day; other content as it is."""
    try:
        document = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return data
    if isinstance(document, dict) and isinstance(document.get("@graph"), list):
        graph = [e for e in document["@graph"] if isinstance(e, dict)]
        return {**document, "@graph": [{k: v for k, v in e.items() if k not in DATES} for e in graph]}
    return document
