"""Every case of every spec, through the command line in this process."""

import pytest

from prognomics.generate.build import builtin_tools
from prognomics.generate.cases import run_case

CASES = [pytest.param(tool, case, id=f"{tool.id}-{case.name}") for tool in builtin_tools() for case in tool.cases]


@pytest.mark.parametrize(("tool", "case"), CASES)
def test_case(tool, case, repository, tmp_path):
    for module in case.needs:
        pytest.importorskip(module, exc_type=(ImportError, OSError))
    assert run_case(tool, case, repository / "test-data", tmp_path) == []


def test_a_wrong_assertion_fails(repository, tmp_path):
    """The harness itself: an assertion that does not hold is reported."""
    from dataclasses import replace

    from prognomics.spec.loader import load_tool

    tool = load_tool("normalize")
    case = next(c for c in tool.cases if c.name == "quantile")
    wrong = replace(case, outputs={"expression": {"assert": [{"that": "has_n_lines", "n": 7}]}})
    assert "has_n_lines" in str(wrong.outputs)
    assert run_case(tool, wrong, repository / "test-data", tmp_path)


def test_a_wrong_exit_code_fails(repository, tmp_path):
    from dataclasses import replace

    from prognomics.spec.loader import load_tool

    tool = load_tool("normalize")
    case = next(c for c in tool.cases if c.exit_code)
    assert run_case(tool, replace(case, exit_code=4), repository / "test-data", tmp_path)
