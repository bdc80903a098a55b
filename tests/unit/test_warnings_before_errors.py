"""A call that fails still prints and records the warnings that came before the error."""

import json
import warnings

import pytest

from prognomics.errors import AnalysisWarning, BadInput
from prognomics.runtime import call as call_module
from prognomics.runtime.guard import guarded
from prognomics.runtime.to_click import run_tool
from prognomics.spec.loader import load_tool
from prognomics.study.job import FAILURES, run_job

MATRIX = "gene_id\tS1\tS2\nA\t3\t4\n"


def warn(code):
    warnings.warn(AnalysisWarning(code, f"of {code}"), stacklevel=2)


@pytest.fixture
def failing(monkeypatch, tmp_path):
    """`normalize`, which warns; fails where the method is `log2`, and in the writing of its output for `quantile`."""

    def normalize(expression, **options):
        warn("zero-times")
        if options["method"] == "log2":
            raise BadInput("the second step breaks")
        return {"expression": (lambda: 1 / 0) if options["method"] == "quantile" else expression}

    monkeypatch.setattr(call_module, "load_function", lambda tool: normalize)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.tsv").write_text(MATRIX)
    return tmp_path


@pytest.mark.parametrize(("method", "error"), [("log2", BadInput), ("quantile", ZeroDivisionError)])
def test_on_the_command_line(failing, capsys, method, error):
    given = {"expression": str(failing / "m.tsv"), "method": method}
    outputs = {"expression": failing / "o.tsv"}
    code = guarded(lambda: run_tool(load_tool("normalize"), given, outputs, debug=False), debug=False)
    assert code == (3 if error is BadInput else 1)
    printed = capsys.readouterr().err
    assert printed.startswith("error: ") and printed.count("warning: [zero-times] of zero-times") == 1


def test_in_a_study(failing, capsys):
    def made(name, method):
        outputs = {"expression": f"{name}/o.tsv", "record": f"{name}/record.json"}
        return {"tool": "normalize", "options": {"expression": "m.tsv", "method": method}, "outputs": outputs}

    job = {"name": "cohort_a", "calls": [made("1", "none"), made("2", "log2")], "inputs": [], "outputs": []}
    (failing / "plan.json").write_text(json.dumps({"plan": 1, "jobs": [job]}))
    with pytest.raises(BadInput):
        run_job(failing / "plan.json", "cohort_a")
    printed = capsys.readouterr().err.splitlines()
    assert printed == [f"warning: [zero-times] {step}: of zero-times" for step in "12"]
    failure = json.loads((failing / FAILURES / "cohort_a.json").read_text())
    assert (failure["step"], failure["exit_code"]) == ("2", 3) and "second step breaks" in failure["message"]
    assert [(w["step"], w["code"]) for w in failure["warnings"]] == [("1", "zero-times"), ("2", "zero-times")]
