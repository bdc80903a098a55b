"""Jobs of a run on Slurm that its engine did not live to cancel: those being submitted when it was stopped."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

_RUN = re.compile(r"^SLURM run ID: ([\w-]+)$", re.M)  # as Snakemake's plugin states it; its jobs have this name


def cancel_left(log: Path) -> None:
    """Cancel all jobs of the run whose engine wrote this log; nothing happens if it used no Slurm."""
    try:
        found = _RUN.search(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return
    if found and shutil.which("scancel"):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(["scancel", "--name", found[1]], capture_output=True, timeout=8)
