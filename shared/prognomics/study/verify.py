"""Run a finished study again beside itself and say which results differ."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..artefacts.files import sha256
from ..errors import BadInput, UsageFault
from .job import read_plan, run_job
from .run import StudyFailed

PLAN = Path("workflow/plan.json")


def verify(folder: Path) -> int:
    """Repeat every step of the study in `folder` and compare all its files; returns how many agree.

    The inputs from outside are read where the study found them.

    Raises
    ------
    UsageFault
        If the folder holds no study.
    StudyFailed
        With exit code 3, if a result is missing or differs; the first difference of each file is named.
    """
    if not (folder / PLAN).is_file():
        raise UsageFault(f"{str(folder)!r} holds no study", hint="give the folder that `prognomics run` made")
    jobs = read_plan(folder / PLAN)
    outputs = [path for job in jobs.values() for call in job["calls"] for path in call["outputs"].values()]
    here = Path.cwd()
    original = folder.resolve()
    with tempfile.TemporaryDirectory() as again:
        os.chdir(again)
        try:
            for name in jobs:
                with contextlib.redirect_stderr(io.StringIO()):
                    run_job(original / PLAN, name)
            faults = [fault for path in outputs for fault in differences(original / path, Path(path), path)]
        finally:
            os.chdir(here)
    if faults:
        shown = "\n    ".join(faults[:20])
        raise StudyFailed(f"{len(faults)} of {len(outputs)} files differ from a new run", 3, where=shown)
    return len(outputs)


def differences(old: Path, new: Path, name: str) -> Iterator[str]:
    """How a file differs from its repetition, in a line (nothing if it does not)."""
    if not old.is_file():
        yield f"{name}: it is missing"
    elif sha256(old) != sha256(new):
        if name.endswith(".json"):
            yield f"{name}: {_first_field(old, new)}"
        elif name.endswith(".tsv"):
            yield f"{name}: {_first_cell(old, new)}"
        else:
            yield f"{name}: its content differs"


def _first_field(old: Path, new: Path) -> str:
    try:
        before, after = (json.loads(p.read_text(encoding="utf-8")) for p in (old, new))
    except json.JSONDecodeError:
        raise BadInput("a run record is damaged", where=str(old)) from None
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            return f"{key}: {_short(before.get(key))} where a new run gives {_short(after.get(key))}"
    return "its layout differs"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def _first_cell(old: Path, new: Path) -> str:
    before, after = (p.read_text(encoding="utf-8").splitlines() for p in (old, new))
    if len(before) != len(after):
        return f"{len(before)} lines where a new run gives {len(after)}"
    header = before[0].split("\t")
    for number, (left, right) in enumerate(zip(before, after), start=1):
        for column, was, now in zip(header, left.split("\t"), right.split("\t")):
            if was != now:
                return f"line {number}, column {column}: {was} where a new run gives {now}"
    return "the columns differ"
