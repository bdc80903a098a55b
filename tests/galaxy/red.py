"""What a user reads of a run that failed: each failing case is red, and says our sentence where Galaxy shows it.

    red.py SERVER.json PLANEMO.json

Galaxy shows the beginning of the message in the history (`misc_info`), and the whole of it behind the bug button
(the job's standard error).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from server import request

KINDS = 10
BUG = ("Traceback", "internal error", "this is a bug")


def failed_runs(report: Path) -> list[dict[str, Any]]:
    """The jobs of planemo's report that were to fail, and did."""
    ran = [t["data"] for t in json.loads(report.read_text())["tests"]]
    return [t["job"] | {"test": t["test_index"]} for t in ran
            if t["status"] == "success" and (t.get("job") or {}).get("state") == "error"]  # fmt: skip


def sentence(stderr: str) -> str:
    """The line of a message that names the error."""
    return next((line for line in stderr.splitlines() if line.startswith("error: ")), "")


def faults(job: dict[str, Any], full: dict[str, Any], datasets: list[dict[str, Any]]) -> list[str]:
    """What is wrong with how a failed job and its data sets look."""
    wrong, said = [], sentence(full.get("tool_stderr") or "")
    if not said:
        wrong.append("the bug report does not state an error of ours")
    if "what to do: " not in (full.get("tool_stderr") or ""):
        wrong.append("the bug report does not state what to do")
    wrong += [f"the bug report contains {text!r}" for text in BUG if text in (full.get("tool_stderr") or "")]
    if full.get("exit_code") not in (2, 3, 4):
        wrong.append(f"the exit code is {full.get('exit_code')}")
    if not datasets:
        wrong.append("there is no data set")
    for dataset in datasets:
        if dataset["state"] != "error":
            wrong.append(f"the data set {dataset['name']!r} is not red")
        if said not in (dataset.get("misc_info") or ""):
            wrong.append(f"the history shows {dataset.get('misc_info')!r}, not {said!r}")
    return [f"{job['tool_id']}, test {job['test'] + 1}: {w}" for w in wrong]


def main(server_file: str, report_file: str) -> None:
    server = json.loads(Path(server_file).read_text())
    jobs, wrong = failed_runs(Path(report_file)), []
    sentences = set()
    for job in jobs:
        full = request(f"{server['url']}/api/jobs/{job['id']}?full=true", server["user_key"])
        datasets = [
            request(f"{server['url']}/api/datasets/{o['id']}", server["user_key"]) for o in job["outputs"].values()
        ]
        wrong += faults(job, full, datasets)
        sentences.add(sentence(full.get("tool_stderr") or ""))
    print(f"{len(jobs)} failed runs with {len(sentences)} messages, {len(wrong)} of them shown wrongly")
    if wrong or len(sentences) < KINDS:
        sys.exit("\n".join(wrong) or f"fewer than {KINDS} kinds of bad input were tried")


if __name__ == "__main__":
    main(*sys.argv[1:])
