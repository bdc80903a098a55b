"""What Snakemake prints while a study runs: jobs that end are shown, those that fail are kept with what is known."""

from __future__ import annotations

import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from prognomics.errors import PrognomicsError
from prognomics.runtime.messages import say, show_error, show_warning
from prognomics.study.job import FAILURES

_STARTED = re.compile(r"^(?:local)?rule (\w+):")
_DONE = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)")
_STEPS = re.compile(r"^(\d+) of (\d+) steps")
_FAILED = re.compile(r"^Error in (?:group|rule) (\w+)[,:]")
_FIELD = re.compile(r"^(message|log|external_jobid): (.*)")
_STATE = re.compile(r"[Ss]tatus is: '?([A-Z_]+)")
_WARNING = re.compile(r"^warning: \[([a-z0-9-]+)\] ")
STATES = {
    "OUT_OF_MEMORY": "it needed more memory than it was given",
    "TIMEOUT": "it needed more time than it was given",
    "NODE_FAIL": "its node failed",
    "PREEMPTED": "it had to make place for other jobs",
    "CANCELLED": "it was canceled",
}


class StudyFailed(PrognomicsError):
    """A step of the study failed; the exit code is the failed tool's."""

    def __init__(self, what: str, exit_code: int, **more: str):
        super().__init__(what, **more)
        self.exit_code = exit_code


@dataclass
class FailedJob:
    """A job that failed, and what a cluster stated about it: `message`, `log`, `external_jobid`."""

    title: str
    stated: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The cluster's word for how the job ended, as TIMEOUT; "" if it gave none."""
        found = _STATE.search(self.stated.get("message", ""))
        return found[1] if found else ""

    @property
    def log(self) -> str:
        """Where the cluster's log of the job is."""
        return self.stated.get("log", "").partition(" (check log file")[0]

    def __str__(self) -> str:
        number = self.stated.get("external_jobid", "")
        why = f"{self.state} ({STATES[self.state]})" if self.state in STATES else self.state
        parts = [f"job {number} of the cluster" if number else "", f"state {why}" if why else ""]
        told = ", ".join(filter(None, parts))
        return f"{self.title} ({told})" if told else self.title


def follow(process: subprocess.Popen[str], titles: dict[str, str], log: TextIO) -> tuple[int, list[FailedJob]]:
    """Show jobs as they end, and warnings; returns how many ended, and those that failed, the last attempt of each.

    Parameters
    ----------
    process : Popen
        Snakemake, its output as a pipe.
    titles : dict
        Titles of jobs by their names.
    log : file
        Where its output is kept.
    """
    started_at: dict[str, float] = {}
    ended, last, failing = 0, "", ""
    failed: dict[str, FailedJob] = {}
    for line in process.stdout or ():
        log.write(line)
        line = line.strip()
        if warned := _WARNING.match(line):
            show_warning("warning", warned[1], line[warned.end() :])
        elif (match := _STARTED.match(line)) and match[1] in titles:
            started_at[match[1]] = time.monotonic()
        elif (match := _FAILED.match(line)) and match[1] in titles:
            failing = match[1]
            failed[failing] = FailedJob(titles[failing])
        elif failing and (match := _FIELD.match(line)):
            failed[failing].stated[match[1]] = match[2]
        elif (match := _DONE.match(line)) and match[1] in titles:
            last, ended = match[1], ended + 1
            failed.pop(last, None)  # an earlier attempt
        elif (match := _STEPS.match(line)) and last:
            took = time.monotonic() - started_at.get(last, time.monotonic())
            say(f"  {ended:>2} of {int(match[2]) - 1}  {titles[last]} ({took:.1f} s)")
            last = ""
        elif not line:
            failing = ""
    return ended, list(failed.values())


def study_failure(out: Path, failed: list[FailedJob]) -> StudyFailed:
    """What to raise after jobs failed: a tool's own message, else what the cluster stated, else where the log is."""
    failures = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((out / FAILURES).glob("*.json"))]
    where = str(out / "workflow" / "snakemake.log")
    if not failures and failed:
        names = ", ".join(dict.fromkeys(map(str, failed)))
        logs = ", ".join(dict.fromkeys(filter(None, (job.log for job in failed))))
        if any(job.state for job in failed):
            hint = "look into the log; memory and time of a job can be set in the profile (docs/clusters.md)"
        else:
            hint = "was it killed, or memory exhausted? run it again to go on"
        return StudyFailed(f"{names}: ended before it was done and left no message", 1, where=logs or where, hint=hint)
    if not failures:
        return StudyFailed("the workflow engine failed", 1, where=where)
    for failure in failures[1:]:
        show_error(f"{failure['step']}: {failure['message']}", failure["exit_code"])
    first = failures[0]
    return StudyFailed(f"{first['tool']} failed in {first['step']}: {first['message']}", first["exit_code"])
