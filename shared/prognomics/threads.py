"""How many threads a tool may use."""

from __future__ import annotations

import os

VARIABLES = ("PROGNOMICS_THREADS", "GALAXY_SLOTS")


def n_threads() -> int:
    """What `PROGNOMICS_THREADS` or Galaxy's `GALAXY_SLOTS` says, else the processors that this process may use."""
    for name in VARIABLES:
        value = os.environ.get(name, "")
        if value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
