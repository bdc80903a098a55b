"""Run one job of a plan in this process; failures are left where the study's runner finds them."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from prognomics.errors import AnalysisNote, BadInput, PrognomicsError, Refused, UsageError
from prognomics.runtime.call import run_to_files
from prognomics.runtime.messages import show_warnings
from prognomics.spec.loader import load_tool
from prognomics.study.content import Digests
from prognomics.study.engine import REMOTE
from prognomics.study.plan import split_role
from prognomics.study.stamps import made_from, write_stamp

FAILURES = Path("workflow/failures")
_STOPS = (signal.SIGTERM, signal.SIGHUP)


def read_plan(path: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a plan by name.

    Where the study's folder was moved since it was planned, files from outside that moved with it are named where
    they are now.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("plan") != 1:
        raise BadInput("this is not the plan of a study", where=str(path))
    was, now = content.get("folder"), os.path.realpath(path.parent.parent)
    jobs = content["jobs"] if was in (None, now) else _moved(content["jobs"], was, now)
    return {job["name"]: job for job in jobs}


def _moved(value: Any, was: str, now: str) -> Any:
    if isinstance(value, list):
        return [_moved(v, was, now) for v in value]
    if isinstance(value, dict):
        return {key: _moved(v, was, now) for key, v in value.items()}
    if not isinstance(value, str):
        return value
    role, path = split_role(value)
    if not os.path.isabs(path):
        return value
    moved = os.path.normpath(os.path.join(now, os.path.relpath(path, was)))
    return role + moved if os.path.exists(moved) else value


def run_planned(plan: Path, name: str) -> None:
    """Run a job for the workflow engine, in the study's folder; its stamp is written when all of it is done."""
    for number in _STOPS:
        signal.signal(number, _stop)
    job = read_plan(plan)[name]
    _require_worth_another_attempt(name)
    parts = made_from(job, Path.cwd(), Digests())
    run_job(plan, name)
    (FAILURES / f"{name}.json").unlink(missing_ok=True)  # of an earlier attempt
    write_stamp(job, parts, Path.cwd())


def _stop(number: int, frame: object) -> None:
    """End by an exception, so that what is half made is tidied up; a second signal does not disturb that."""
    for each in _STOPS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _require_worth_another_attempt(name: str) -> None:
    """On a cluster: raise again what an earlier attempt of this run ended with, if it would end so again."""
    left = FAILURES / f"{name}.json"
    if os.environ.get(REMOTE) and left.is_file():
        failure = json.loads(left.read_text(encoding="utf-8"))
        for kind in (UsageError, BadInput, Refused):
            if failure["exit_code"] == kind.exit_code:
                raise kind(failure["message"])


def run_job(plan: Path, name: str) -> None:
    """Run the calls of a job; of an error, message, exit code and the warnings before it are left beside the plan."""
    warned: list[dict[str, str]] = []
    for call in (job := read_plan(plan)[name])["calls"]:
        for path in call["outputs"].values():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        try:
            outputs = {name: Path(path) for name, path in call["outputs"].items()}
            run = run_to_files(load_tool(call["tool"]), call["options"], outputs)
        except Exception as error:
            known = isinstance(error, PrognomicsError)
            message = str(error) if known else f"this is a bug: {type(error).__name__}: {error}"
            warned += _as_data(call, getattr(error, "warned", []))
            show_warnings(getattr(error, "warned", []), _step(call))
            _leave(job["name"], call, error.exit_code if known else 1, message, warned)
            raise
        show_warnings(run.warned, _step(call))
        warned += _as_data(call, run.warned)


def _step(call: dict[str, Any]) -> str:
    return str(Path(call["outputs"].get("record", "")).parent)


def _as_data(call: dict[str, Any], warned: list[Any]) -> list[dict[str, str]]:
    return [{"step": _step(call), "code": w.code, "text": w.text} for w in warned if not isinstance(w, AnalysisNote)]


def _leave(job: str, call: dict[str, Any], exit_code: int, message: str, warned: list[dict[str, str]]) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    failure = {"job": job, "tool": call["tool"], "step": _step(call), "exit_code": exit_code, "message": message,
               "warnings": warned}  # fmt: skip
    (FAILURES / f"{job}.json").write_text(json.dumps(failure, indent=1), encoding="utf-8")
