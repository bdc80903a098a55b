"""One study through every engine: Snakemake here, a real Slurm, cwltool and Galaxy, and the checksums of its tables.

    python tests/same_study.py [--galaxy SERVER.json] [--write docs/how_we_know.md]

The study is that of the workflow `prognostic-marker`: three simulated cohorts of three platforms, from files to
report. Galaxy's tables are those of the newest invocation of that workflow on a running server.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import slurm_box

from prognomics.generate.export import study_workflow
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX
from prognomics.generate.to_galaxy_workflow import read_workflow, step_name
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan

REPOSITORY = Path(__file__).resolve().parents[1]
PLACE = REPOSITORY / "workflows" / "galaxy" / "prognostic-marker"
STUDY, DATA = PLACE / "study.yml", PLACE / "test-data"
SECONDS = 3600

Tables = dict[str, str]
"""SHA-256 of each table by its path in the folder of results."""


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tables(folder: Path) -> Tables:
    """The tables in a folder of results."""
    files = sorted(p for p in folder.rglob("*.tsv") if "workflow" not in p.relative_to(folder).parts)
    return {p.relative_to(folder).as_posix(): checksum(p.read_bytes()) for p in files}


def _run(words: list[str], folder: Path, **more: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **more}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr[-3000:]


def by_snakemake(folder: Path, *more: str, **environment: str) -> Tables:
    """The tables of `prognomics run`; further words go to it."""
    words = [sys.executable, "-m", "prognomics", "run", str(STUDY), "--data", str(DATA), "--out", str(folder / "out")]
    _run([*words, *more], folder, **environment)
    return tables(folder / "out")


def by_slurm(folder: Path) -> Tables:
    """The tables of `prognomics run --profile slurm` on a Slurm of this machine."""
    shipped = (REPOSITORY / "studies" / "profiles" / "slurm" / "config.yaml").read_text(encoding="utf-8")
    (folder / "profile").mkdir()
    (folder / "profile" / "config.yaml").write_text(shipped + "seconds-between-status-checks: 2\n", encoding="utf-8")
    box = slurm_box.Box(folder / "box")
    try:
        box.up()
        return by_snakemake(folder, "--profile", str(folder / "profile"), **box.environment)
    finally:
        box.down()


def by_cwltool(folder: Path) -> Tables:
    """The tables of the study as a CWL workflow; the names of its outputs are paths with dots."""
    (folder / "study.cwl").write_text(study_workflow(STUDY, DATA), encoding="utf-8")
    words = [sys.executable, "-m", "cwltool", "--no-container", "--preserve-environment", "PATH", "--outdir", "out",
             "--tmpdir-prefix", f"{folder}/t/", "study.cwl"]  # fmt: skip
    _run(words, folder, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    flat = tables(folder / "out")
    calls = [c for job in make_plan(read_study(STUDY, DATA)).jobs for c in job.calls]
    paths = {path.replace("/", "."): path for c in calls for path in c.outputs.values()}
    return {paths[name]: digest for name, digest in flat.items() if name in paths}


def by_galaxy(server: dict[str, str]) -> Tables:
    """The tables that users of the workflow see in their history; others stay hidden and are not compared."""

    def ask(path: str) -> Any:
        with urllib.request.urlopen(_request(server, path), timeout=60) as answer:
            return json.load(answer)

    workflow = read_workflow(PLACE / "workflow.yml")
    named = workflow.declared["name"]
    for each in ask("/api/invocations?include_nested_invocations=false&limit=50"):
        name = ask(f"/api/workflows/{each['workflow_id']}?instance=true")["name"]
        if name.startswith(named):
            invocation = ask(f"/api/invocations/{each['id']}")
            break
    else:
        raise SystemExit(f"no invocation of {named!r} is on {server['url']}")
    found: Tables = {}
    for call in (c for job in make_plan(read_study(STUDY, DATA)).jobs for c in job.calls):
        step = workflow.steps.get(step_name(call))
        for output, label in (step.results if step else {}).items():
            path = call.outputs.get(output.removeprefix(OUTPUT_PREFIX), "")
            if path.endswith(".tsv"):
                found[path] = checksum(_content(server, _dataset(invocation, label, path.split("/")[1], ask)))
    return found


def _request(server: dict[str, str], path: str) -> urllib.request.Request:
    return urllib.request.Request(server["url"] + path, headers={"x-api-key": server["user_key"]})


def _dataset(invocation: dict[str, Any], label: str, cohort: str, ask: Any) -> str:
    if label in invocation["outputs"]:
        return str(invocation["outputs"][label]["id"])
    collection = ask(f"/api/dataset_collections/{invocation['output_collections'][label]['id']}")
    return str({e["element_identifier"]: e["object"]["id"] for e in collection["elements"]}[cohort])


def _content(server: dict[str, str], dataset: str) -> bytes:
    with urllib.request.urlopen(_request(server, f"/api/datasets/{dataset}/display?raw=true"), timeout=60) as answer:
        return bytes(answer.read())


def compared(found: dict[str, Tables]) -> list[str]:
    """A row per table: the start of its checksum, and which engines made the same bytes."""
    first = next(iter(found.values()))
    title = f"| table | SHA-256 of {next(iter(found))} | {' | '.join(list(found)[1:])} |"
    lines = [title, "|---" * (len(found) + 1) + "|"]
    for path, digest in first.items():
        said = ["-" if path not in f else "same" if f[path] == digest else f"**{f[path][:12]}**"
                for f in list(found.values())[1:]]  # fmt: skip
        lines.append(f"| `{path}` | `{digest[:12]}` | {' | '.join(said)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--galaxy", type=Path, help="server.json of a running Galaxy in which the workflow was run")
    parser.add_argument("--write", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    found: dict[str, Tables] = {}
    ways = {"Snakemake": by_snakemake, "cwltool": by_cwltool}
    if not slurm_box.lacking():
        ways["Slurm"] = by_slurm
    for name, way in ways.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = way(Path(folder))
    if given.galaxy:
        found["Galaxy"] = by_galaxy(json.loads(given.galaxy.read_text(encoding="utf-8")))
    lines = compared(found)
    if given.write:
        sys.path.insert(0, str(REPOSITORY / "benchmarks"))
        from proof_page import heading, replace_table

        replace_table(given.write, "same study", [heading("make proof-engines", None), "", *lines])
    print("\n".join(lines))
    sys.exit(any("**" in line for line in lines))


if __name__ == "__main__":
    main()
