"""What a job of a plan needs on a cluster: memory and time from the size of its inputs, and processors."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from prognomics.spec.loader import load_tool
from prognomics.study.job import read_plan
from prognomics.study.plan import Job, uses_network

BASE_MB = 1500  # Snakemake, which is started in the job as well, and the libraries
FACTOR = 8  # times the bytes of the inputs; 20,000 genes of 1,400 samples took 1.4 GB
COMPRESSED = 5  # a compressed file counts as this many of its size
BASE_MINUTES = 30
MINUTES_PER_MB = 0.5
_COMPRESSED = (".gz", ".zip", ".xz", ".bz2", ".tar")


def needs(name: str, attempt: int, plan: Path = Path("workflow/plan.json")) -> dict[str, int]:
    """Megabytes (`mem_mb`) and minutes (`runtime`) of a job, in the study's folder; each further attempt gets more.

    Parameters
    ----------
    name : str
        The job's name in the plan.
    attempt : int
        1 for the first.
    """
    size = _megabytes(_jobs(plan)[name], plan.parent.parent)
    times: int = 2 ** (attempt - 1)
    return {
        "mem_mb": int(BASE_MB + FACTOR * size) * times,
        "runtime": int(BASE_MINUTES + MINUTES_PER_MB * size) * times,
    }


@cache
def _jobs(plan: Path) -> dict[str, dict[str, Any]]:
    return read_plan(plan)


def _megabytes(job: dict[str, Any], root: Path) -> float:
    """The size of a job's inputs that are there, and of what its calls take from each other once it is."""
    files = [path for path in (*job["inputs"], *job["outputs"]) if not path.endswith((".html", ".zip", ".svg"))]
    return sum(_size(root / path) for path in dict.fromkeys(files)) / 1e6


def _size(path: Path) -> float:
    if path.is_dir():
        return sum(_size(Path(place, name)) for place, _, files in os.walk(path) for name in files)
    try:
        return path.stat().st_size * (COMPRESSED if path.suffix in _COMPRESSED else 1)
    except OSError:
        return 0.0


def job_threads(job: Job) -> int:
    """The processors that a job can make use of: the most that one of its tools states (`threads`)."""
    return max([load_tool(call.tool).threads for call in job.calls], default=1)


def fetches(job: Job) -> bool:
    """Whether a job fetches from a provider: a node of a cluster may have no network."""
    return any(uses_network(load_tool(c.tool), c.options) and not c.options.get("offline") for c in job.calls)
