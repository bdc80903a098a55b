"""Where the results of a study may go: apart from all that it reads, to a folder that can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from prognomics.errors import BadInput, UsageError
from prognomics.runtime.inputs import Inputs, named_paths
from prognomics.runtime.messages import show_suspicion
from prognomics.runtime.spool import is_read_once, keep_stream
from prognomics.spec.loader import load_tool
from prognomics.study.check import require_sound
from prognomics.study.file import Study, read_study
from prognomics.study.plan import Plan

_PROBE_BYTES = 1 << 16


def kept_study(out: Path) -> Path:
    """Where a study that came through a pipe is kept."""
    return Path(os.path.realpath(out)) / "workflow" / "study.yml"


def read_any_study(path: Path, data: Path | None, out: Path) -> tuple[Study, str]:
    """A study, and its text if it comes through a pipe: it names files from where the user stands then.

    Raises
    ------
    UsageError, BadInput
    """
    if not is_read_once(path):
        return _read_sound(path, data, None), ""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "study.yml"
        keep_stream(path, kept)
        study = _read_sound(kept, data, Path.cwd())
        return replace(study, path=kept_study(out)), kept.read_text(encoding="utf-8")


def _read_sound(path: Path, data: Path | None, folder: Path | None) -> Study:
    """A study in which nothing is certainly wrong; suspicions are said on stderr."""
    try:
        study = read_study(path, data, folder)
    except BadInput as error:
        require_sound(path, data, folder)
        raise error
    for problem in require_sound(path, data, folder):
        show_suspicion(str(problem))
    return study


def require_apart(plan: Plan, study: Path, out: Path) -> None:
    """Refuse a folder of results that is, holds or lies within something that the study reads.

    Raises
    ------
    UsageError
    """
    read = [path for path in _read(plan) if path != kept_study(out)]
    Inputs([study, *read]).refuse_outputs({out: Path(os.path.realpath(out))})


def _read(plan: Plan) -> Iterator[Path]:
    """The files and folders from outside: what a step makes has a path within the folder of results."""
    for job in plan.jobs:
        for call in job.calls:
            tool = load_tool(call.tool)
            for item in tool.inputs:
                value = call.options.get(item.name)
                for one in value if isinstance(value, list) else [value]:
                    yield from (path for path in named_paths(item, one) if path.is_absolute())


def require_writable(out: Path) -> None:
    """Make the folder of results, and see whether it takes files.

    Raises
    ------
    UsageError
        A file in its place, a disk that is full or read-only, or no permission.
    """
    try:
        (out / "workflow").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out / "workflow") as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except OSError as fault:
        raise UsageError(f"the folder of results {str(out)[:200]!r} cannot be written: {os.strerror(fault.errno or 0)}",
                         hint="make room, or name another folder with --out") from None  # fmt: skip
