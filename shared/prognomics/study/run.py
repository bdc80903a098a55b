"""Run a study: plan it, let Snakemake make what is missing or outdated, say where the report is."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from prognomics.errors import PrognomicsError, UsageFault
from prognomics.sources.transport.cache import cache_folder
from prognomics.study.file import read_study
from prognomics.study.job import FAILURES
from prognomics.study.places import require_apart, require_writable
from prognomics.study.plan import REPORT, Plan, make_plan
from prognomics.study.to_snakemake import snakefile

_STARTED = re.compile(r"^(?:local)?rule (\w+):")
_DONE = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)")
_STEPS = re.compile(r"^(\d+) of (\d+) steps")


class StudyFailed(PrognomicsError):
    """A step of the study failed; the exit code is the failed tool's."""

    def __init__(self, what: str, exit_code: int, **more: str):
        super().__init__(what, **more)
        self.exit_code = exit_code


def _say(text: str) -> None:
    print(text, flush=True)


def run(study_path: Path, out: Path, *, cores: int | None = None, data: Path | None = None, offline: bool = False,
        profile: str | None = None) -> None:  # fmt: skip
    """Run a study into the folder `out`; what is there and up to date is kept.

    Raises
    ------
    UsageFault
        If Snakemake is not installed, a file is missing, or another run uses the folder.
    StudyFailed
        If a step failed, with that tool's exit code.
    """
    if importlib.util.find_spec("snakemake") is None:
        raise UsageFault("running a study needs Snakemake", hint="pip install 'prognomics[study]'")
    study = read_study(study_path, data)
    plan = make_plan(study, offline=offline)
    if os.path.exists(out) and not os.path.isdir(out):
        raise UsageFault(f"{str(out)!r} is a file where the folder of results should be")
    require_apart(plan, study_path, out)
    require_writable(out)
    workflow = out / "workflow"
    with open(workflow / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageFault(f"another run is using {str(out)!r}", hint="wait for it to end") from None
        _write_if_new(workflow / "plan.json", plan.to_json())
        _write_if_new(workflow / "Snakefile", snakefile(plan))
        _drop_incomplete(plan, out)
        _say(f"Study: {study.raw['title']}")
        _say(f"{len(study.cohorts)} cohorts, {len(plan.jobs)} jobs, {sum(len(j.calls) for j in plan.jobs)} tool calls")
        _snakemake(plan, out, cores or os.cpu_count() or 1, profile)
    _say(f"Report: {(out / REPORT).resolve()}")


def _drop_incomplete(plan: Plan, out: Path) -> None:
    """Remove what a job made before it had all of its present outputs: Snakemake would take it for up to date."""
    for job in plan.jobs:
        files = [out / path for path in job.outputs]
        if not all(file.exists() for file in files):
            for file in files:
                if file.is_file():
                    file.unlink()


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _snakemake(plan: Plan, out: Path, cores: int, profile: str | None) -> None:
    for stale in (out / FAILURES).glob("*.json"):
        stale.unlink()
    command = [sys.executable, "-m", "snakemake", "--snakefile", "workflow/Snakefile", "--cores", str(cores),
               "--rerun-incomplete", "--nolock", "--nocolor", "--keep-going", "--scheduler", "greedy",
               "--max-checksum-file-size", "0", "--rerun-triggers", "mtime", "params", "input"]  # fmt: skip
    if profile:
        command += ["--profile", profile]
    began = time.monotonic()
    # Snakemake's own cache stays with the study; downloads and the list of fonts are shared between studies
    environment = {**os.environ, "XDG_CACHE_HOME": str((out / "workflow" / "cache").resolve()),
                   "PROGNOMICS_CACHE": str(cache_folder().resolve())}  # fmt: skip
    with contextlib.suppress(OSError):  # a home that cannot be written: matplotlib looks for fonts anew
        fonts = cache_folder().resolve() / "matplotlib"
        fonts.mkdir(parents=True, exist_ok=True)
        environment.setdefault("MPLCONFIGDIR", str(fonts))
    environment.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if name not in os.environ})
    process = subprocess.Popen(command, cwd=out, env=environment, text=True, bufsize=1, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, errors="replace")  # fmt: skip
    with open(out / "workflow" / "snakemake.log", "w", encoding="utf-8") as log:
        ran = _follow(process, plan, log)
    if process.wait() != 0:
        _fail(out)
    if ran:
        _say(f"Done in {time.monotonic() - began:.0f} s: {ran} jobs ran, {len(plan.jobs) - ran} were up to date.")
    else:
        _say("Nothing to do: every result is up to date.")


def _follow(process: subprocess.Popen, plan: Plan, log) -> int:
    """Show each job as it starts and ends; returns how many ended."""
    titles = {job.name: job.title for job in plan.jobs}
    started: dict[str, float] = {}
    ended, last = 0, ""
    for line in process.stdout:
        log.write(line)
        line = line.strip()
        if (match := _STARTED.match(line)) and match[1] in titles:
            started[match[1]] = time.monotonic()
        elif (match := _DONE.match(line)) and match[1] in titles:
            last, ended = match[1], ended + 1
        elif (match := _STEPS.match(line)) and last:
            took = time.monotonic() - started.get(last, time.monotonic())
            _say(f"  {ended:>2} of {int(match[2]) - 1}  {titles[last]} ({took:.1f} s)")
            last = ""
    return ended


def _fail(out: Path) -> None:
    require_writable(out)  # a full disk keeps the steps from leaving their messages
    failures = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((out / FAILURES).glob("*.json"))]
    if not failures:
        raise StudyFailed("the workflow engine failed", 1, where=str(out / "workflow" / "snakemake.log"))
    for failure in failures[1:]:
        print(f"error: {failure['step']}: {failure['message']}", file=sys.stderr)
    first = failures[0]
    raise StudyFailed(f"{first['tool']} failed in {first['step']}: {first['message']}", first["exit_code"])
