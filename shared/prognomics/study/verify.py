"""Run a finished study, or one step of it, again beside itself and say which results differ."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.errors import UsageError
from prognomics.study.chosen import job_of
from prognomics.study.differences import differences
from prognomics.study.job import read_plan, run_job
from prognomics.study.lock import read_locked
from prognomics.study.run import StudyFailed

PLAN = Path("workflow/plan.json")
MOST = 20  # differences that are shown


def verify(folder: Path, step: str | None = None) -> int:
    """Repeat every step of the study in `folder`, or one, and compare all its files; returns how many agree.

    The inputs from outside are read where the study found them; a single step takes what the other steps made as it
    lies in the folder.

    Raises
    ------
    UsageError
        If the folder holds no study, no step of that name, or a run is writing to it.
    StudyFailed
        With exit code 3, if a result is missing or differs; the first difference of each file is named.
    """
    if not (folder / PLAN).is_file():
        raise UsageError(f"{str(folder)!r} holds no study", hint="give the folder that `prognomics run` made")
    jobs = read_plan(folder / PLAN)
    with read_locked(folder):
        return _verify(folder, jobs, step)


def _verify(folder: Path, jobs: dict[str, Any], step: str | None) -> int:
    original = folder.resolve()
    chosen = list(jobs) if step is None else [job_of(jobs, step)]
    outputs = [path for name in chosen for call in jobs[name]["calls"] for path in call["outputs"].values()]
    with tempfile.TemporaryDirectory() as again, _inside(Path(again)):
        for name in chosen:
            if step is not None:
                _bring_inputs(jobs[name], original)
            with contextlib.redirect_stderr(io.StringIO()):
                run_job(original / PLAN, name)
        differing = {path: list(differences(original / path, Path(path), path)) for path in outputs}
    faults = [error for said in differing.values() for error in said]
    if faults:
        count = sum(map(bool, differing.values()))
        shown = "\n    ".join([*faults[:MOST], *([f"and {len(faults) - MOST} more"] if len(faults) > MOST else [])])
        raise StudyFailed(f"{count} of {len(outputs)} files differ from a new run", 3, where=shown)
    return len(outputs)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


def _bring_inputs(job: dict[str, Any], original: Path) -> None:
    """Links to what other steps made, where the step looks for it."""
    for path in job["inputs"]:
        if Path(path).is_absolute():
            continue
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).symlink_to(original / path)
