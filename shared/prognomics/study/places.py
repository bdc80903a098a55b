"""Where the results of a study may go: apart from all that it reads, to a folder that can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from prognomics.errors import UsageFault
from prognomics.runtime.inputs import Inputs, named_paths
from prognomics.spec.loader import load_tool
from prognomics.study.plan import Plan

_PROBE_BYTES = 1 << 16


def require_apart(plan: Plan, study: Path, out: Path) -> None:
    """Refuse a folder of results that is, holds or lies within something that the study reads.

    Raises
    ------
    UsageFault
    """
    Inputs([study, *_read(plan)]).refuse_outputs({out: Path(os.path.realpath(out))})


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
    UsageFault
        A file in its place, a disk that is full or read-only, or no permission.
    """
    try:
        (out / "workflow").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out / "workflow") as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except OSError as fault:
        raise UsageFault(f"the folder of results {str(out)[:200]!r} cannot be written: {os.strerror(fault.errno or 0)}",
                         hint="make room, or name another folder with --out") from None  # fmt: skip
