"""The doors of an installed package, each opened as on a fresh machine.

A wheel is built and unpacked elsewhere; nothing of the repository is used.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PLANEMO = next(
    (p for p in (shutil.which("planemo"), Path.home() / ".cache/prognomics-galaxy/venv/bin/planemo")
     if p and Path(p).is_file()), None)  # fmt: skip
SECONDS = 300
pytest.importorskip("setuptools", reason="setuptools is not installed")


class Machine:
    """A folder with the unpacked wheel, and a folder to work in."""

    def __init__(self, wheel: Path, work: Path):
        self.work = work
        self.home = work.parent / "site"
        if not self.home.is_dir():
            zipfile.ZipFile(wheel).extractall(self.home)
        self.environment = {**os.environ, "PYTHONPATH": str(self.home), "OMP_NUM_THREADS": "1",
                            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # fmt: skip

    def run(self, *words: str) -> str:
        done = subprocess.run(words, cwd=self.work, env=self.environment, capture_output=True, text=True,
                              timeout=SECONDS)  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def prognomics(self, *words: str) -> str:
        return self.run(sys.executable, "-m", "prognomics", *words)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=repository, capture_output=True, text=True).stdout
    for name in [n for n in listed.split("\0") if n and not n.startswith(("tests/", "docs/", "results/"))]:
        if (repository / name).is_file():  # building writes next to the sources
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, folder / "source" / name)
    words = [sys.executable, "setup.py", "--quiet", "bdist_wheel", "--dist-dir", str(folder)]
    done = subprocess.run(words, cwd=folder / "source", capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr[-2000:]
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture
def machine(wheel: Path, tmp_path: Path) -> Machine:
    work = tmp_path / "work"
    work.mkdir()
    return Machine(wheel, work)


def test_what_runs_is_the_wheel(machine: Machine) -> None:
    place = machine.run(sys.executable, "-c", "import prognomics.tools as t; print(t.__file__)")
    assert place.startswith(str(machine.home))
    assert "compiled loops" in machine.prognomics("--version")


@pytest.mark.skipif(find_spec("SurvSet") is None, reason="SurvSet is not installed")
def test_a_study_is_copied_checked_and_planned(machine: Machine) -> None:
    machine.prognomics("study", "copy", "breast_xpo1", "--out", "mine")
    assert "no error" in machine.prognomics("study", "check", "mine/breast_xpo1.yml")
    assert "jobs would run" in machine.prognomics("study", "plan", "mine/breast_xpo1.yml")


@pytest.mark.skipif(PLANEMO is None, reason="planemo is not installed")
def test_planemo_finds_nothing_in_the_exported_wrappers(machine: Machine) -> None:
    machine.prognomics("galaxy", "export", "galaxy")
    assert sorted(p.name for p in (machine.work / "galaxy").iterdir()) == ["test-data", "tools"]
    tools = [f"galaxy/tools/{name}.xml" for name in ("cox", "kaplan_meier", "simulate_cohorts")]
    said = machine.run(str(PLANEMO), "lint", "--fail_level", "warn", "--skip", "BioToolsValid", *tools)
    assert said.count("Linting tool") == 3 and "WARNING" not in said


@pytest.mark.skipif(find_spec("mcp") is None, reason="mcp is not installed")
def test_the_client_of_the_sdk_runs_a_tool(machine: Machine) -> None:
    import mcp

    shutil.copy(machine.home / "prognomics" / "test_data" / "alpha.samples.tsv", machine.work)
    server = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "prognomics", "mcp", str(machine.work)], env=machine.environment
    )
    call = {"samples": "alpha.samples.tsv", "endpoint": "os", "covariate": ["age_years"], "outputs": {"table": "c.tsv"}}

    async def talk() -> tuple[Any, Any]:
        async with mcp.Client(server) as client:
            return await client.list_tools(), await client.call_tool("cox", call)

    listed, done = asyncio.run(talk())
    assert {"cox", "study_check", "study_plan"} <= {t.name for t in listed.tools} and not done.is_error
    assert json.loads(done.content[0].text)["outputs"]["table"] == "c.tsv"
    machine.prognomics("cox", "--samples", "alpha.samples.tsv", "--endpoint", "os", "--covariate", "age_years",
                       "--out-table", "again.tsv")  # fmt: skip
    assert (machine.work / "c.tsv").read_bytes() == (machine.work / "again.tsv").read_bytes()


def test_a_plugin_from_its_template_to_its_first_result(machine: Machine) -> None:
    machine.prognomics("plugin", "new", "count_levels", "--out", "plugin")
    place = "plugin/count_levels"
    for what in ("build", "check", "cases"):
        machine.prognomics("spec", what, "--tool-path", place)
    assert {p.suffix for p in (machine.work / place).rglob("count_levels.*")} >= {".yml", ".py", ".xml", ".cwl"}


@pytest.mark.skipif(find_spec("cwltool") is None, reason="cwltool is not installed")
def test_two_exported_tools_chained_by_cwltool(machine: Machine) -> None:
    data = machine.home / "prognomics" / "test_data"
    for name in ("alpha.tsv", "alpha.samples.tsv"):
        shutil.copy(data / name, machine.work)
    machine.prognomics("cwl", "export", "cwl")
    (machine.work / "chain.cwl").write_text(CHAIN)
    words = ["--no-container", "--preserve-environment", "PATH", "--preserve-environment", "PYTHONPATH", "--outdir",
             "out", "chain.cwl", "--samples", "alpha.samples.tsv", "--expression", "alpha.tsv"]  # fmt: skip
    made = json.loads(machine.run(sys.executable, "-m", "cwltool", *words))["summary"]["path"]
    machine.prognomics("cutpoint", "--samples", "alpha.samples.tsv", "--expression", "alpha.tsv", "--gene", "XPO1",
                       "--name", "g", "--out-groups", "groups.tsv")  # fmt: skip
    machine.prognomics("kaplan_meier", "--samples", "alpha.samples.tsv", "--annotation", "groups.tsv", "--group-column",
                       "g", "--endpoint", "os", "--out-summary", "summary.tsv")  # fmt: skip
    assert Path(made).read_bytes() == (machine.work / "summary.tsv").read_bytes()


CHAIN = """
cwlVersion: v1.2
class: Workflow
inputs: {samples: File, expression: File}
outputs: {summary: {type: File, outputSource: curves/summary_file}}
steps:
  groups:
    run: cwl/cutpoint.cwl
    in: {samples: samples, expression: expression, gene: {default: XPO1}, name: {default: g}}
    out: [groups_file]
  curves:
    run: cwl/kaplan_meier.cwl
    in:
      samples: samples
      annotation: {source: [groups/groups_file], linkMerge: merge_flattened}
      group_column: {default: g}
      endpoint: {default: os}
    out: [summary_file]
"""
