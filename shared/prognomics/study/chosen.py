"""Jobs that a user names: by the job's name, its title or its folder; and what they need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prognomics.errors import UsageError, near_names
from prognomics.study.plan import FETCH


def job_of(jobs: dict[str, Any], step: str) -> str:
    """The job of a step, by the job's name, its title or its folder: `cox_adjusted`, `results/cox_adjusted`.

    Raises
    ------
    UsageError
        There is none.
    """
    wanted = step.strip("/").replace("/", "_").replace("-", "_")
    for name, job in jobs.items():
        short = "" if name.startswith(FETCH) else name.partition("_")[2]
        if wanted in (name, short, job["title"].replace(" ", "_")):
            return name
    names = [job["title"].replace(" ", "_") for job in jobs.values()]
    near = near_names(wanted, names)
    hint = f"did you mean {' or '.join(near)}?" if near else f"its steps: {', '.join(names)}"
    raise UsageError(f"the study has no step {step!r}", hint=hint)


def needed_for(jobs: dict[str, Any], wanted: Iterable[str]) -> list[str]:
    """The wanted jobs and all whose files they take, directly or not, in their order."""
    makers = {path: name for name, job in jobs.items() for path in job["outputs"]}
    found, todo = set(), list(wanted)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [makers[path] for path in jobs[name]["inputs"] if path in makers]
    return [name for name in jobs if name in found]
