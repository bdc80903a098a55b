"""CWL tools: valid, and the marked cases give the same assertions and the same bytes as the command line."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from prognomics.generate.build import builtin_tools
from prognomics.generate.cases import output_faults, run_case
from prognomics.generate.to_cwl import cwl_files, job, main_outputs, output_name

pytest.importorskip("cwltool")

TOOLS = {t.id: t for t in builtin_tools()}
FILES = cwl_files(list(TOOLS.values()))
MARKED = [pytest.param(t, c, id=f"{t.id}-{c.name}") for t in TOOLS.values() for c in t.cases if "cwl" in c.engines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The CWL files, freshly written."""
    folder = tmp_path_factory.mktemp("cwl")
    for path, text in FILES.items():
        (folder / Path(path).name).write_text(text, encoding="utf-8")
    return folder


def contents(path):
    """The bytes of a file, or of each file of a folder."""
    return {p.name: p.read_bytes() for p in path.iterdir()} if path.is_dir() else path.read_bytes()


@pytest.fixture
def runner(monkeypatch, capfd):
    """cwltool in this process, with the environment's commands on the path."""
    from cwltool.main import main

    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(*words):
        out, errors = io.StringIO(), io.StringIO()
        code = main([*map(str, words)], stdout=out, stderr=errors)
        return code, out.getvalue(), errors.getvalue() + capfd.readouterr().err

    return run


@pytest.mark.parametrize("path", FILES)
def test_valid(path, folder, runner):
    code, said, errors = runner("--validate", folder / Path(path).name)
    assert code == 0, said + errors
    assert "WARNING" not in errors.upper(), errors


@pytest.mark.parametrize(("tool", "case"), MARKED)
def test_marked_case(tool, case, folder, runner, repository, tmp_path):
    (tmp_path / "job.json").write_text(json.dumps(job(tool, case, repository / "test-data")))
    made = tmp_path / "made"
    code, said, errors = runner("--no-container", "--preserve-environment", "PATH", "--outdir", made,
                                "--tmpdir-prefix", f"{tmp_path}/t/", folder / f"{tool.id}.cwl",
                                tmp_path / "job.json")  # fmt: skip
    if case.exit_code:
        assert code != 0
        assert all(text in errors for text in case.stderr), errors
        assert not made.exists() or not list(made.iterdir())
        return
    assert code == 0, errors
    given = json.loads(said)
    by_hand = tmp_path / "cli"
    by_hand.mkdir()
    assert run_case(tool, case, repository / "test-data", by_hand) == []
    for name in case.outputs:
        path = Path(given[output_name(tool.output(name))]["path"])
        assert output_faults(tool, case, name, path) == []
        assert contents(path) == contents(by_hand / path.name), f"{path.name} differs from the command line's"
    wanted = {output_name(tool.output(name)) for name in case.outputs}
    wanted |= {output_name(tool.output(name)) for name in main_outputs(tool)}
    assert {name for name, value in given.items() if value} == wanted
