"""What a run would make, and why; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prognomics.study.chosen import job_of, needed_for
from prognomics.study.places import read_any_study, require_apart
from prognomics.study.plan import make_plan
from prognomics.study.stamps import outdated


def preview(study_path: Path, out: Path, *, data: Path | None = None, offline: bool = False,
            until: Sequence[str] = (), force: Sequence[str] = ()) -> str:  # fmt: skip
    """The jobs of a run as text, one per line: whether it runs, its tools, and why.

    Raises
    ------
    UsageError, BadInput
        As `run`.
    """
    study, _ = read_any_study(study_path, data, out)
    plan = make_plan(study, offline=offline)
    require_apart(plan, study_path, out)
    jobs = plan.as_jobs()
    wanted = needed_for(jobs, [job_of(jobs, step) for step in until] or jobs)
    must_run = outdated(jobs, out, [job_of(jobs, step) for step in force])
    rows = []
    for name in wanted:
        tools = [call["tool"] for call in jobs[name]["calls"]]
        what = ", ".join(
            f"{tool} x {tools.count(tool)}" * (tools.count(tool) > 1) or tool for tool in dict.fromkeys(tools)
        )
        rows.append(
            ("runs" if name in must_run else "kept", jobs[name]["title"], what, must_run.get(name, "up to date"))
        )
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:<{widths[2]}}  {d}" for a, b, c, d in rows]
    run = sum(row[0] == "runs" for row in rows)
    return "\n".join([*lines, f"{run} of {len(rows)} jobs would run."])
