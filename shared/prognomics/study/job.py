"""Run one job of a plan in this process; failures are left where the study's runner finds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput, PrognomicsError
from prognomics.runtime.call import run_to_files, show_warnings
from prognomics.spec.loader import load_tool

FAILURES = Path("workflow/failures")


def read_plan(path: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a plan by name."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("plan") != 1:
        raise BadInput("this is no plan of a study", where=str(path))
    return {job["name"]: job for job in content["jobs"]}


def run_job(plan: Path, name: str) -> None:
    """Run the calls of a job; on an error its message and exit code are written beside the plan."""
    job = read_plan(plan)[name]
    for call in job["calls"]:
        for path in call["outputs"].values():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        try:
            outputs = {name: Path(path) for name, path in call["outputs"].items()}
            run = run_to_files(load_tool(call["tool"]), call["options"], outputs)
        except PrognomicsError as error:
            _leave(name, call, error.exit_code, str(error))
            raise
        except Exception as error:
            _leave(name, call, 1, f"this is a bug: {type(error).__name__}: {error}")
            raise
        show_warnings(run.warned)


def _leave(name: str, call: dict[str, Any], exit_code: int, message: str) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    where = call["outputs"].get("record", "")
    failure = {"job": name, "tool": call["tool"], "step": str(Path(where).parent), "exit_code": exit_code}
    (FAILURES / f"{name}.json").write_text(json.dumps({**failure, "message": message}, indent=1), encoding="utf-8")
