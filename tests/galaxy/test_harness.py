"""The parts of the Galaxy harness that need no Galaxy: a run that lost or failed a test must be red."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WRAPPER = '<tool id="a"><tests><test/><test/></tests></tool>'


@pytest.fixture
def summarize(tmp_path):
    def run(statuses, *flags, problem="Expected 7+-0 lines in the output found 41"):
        (tmp_path / "a.xml").write_text(WRAPPER)
        tests = [{"data": {"tool_id": "a", "test_index": i, "status": s, "time_seconds": 1.0,
                           "output_problems": None if s == "success" else [problem]}}
                 for i, s in enumerate(statuses)]  # fmt: skip
        (tmp_path / "r.json").write_text(json.dumps({"tests": tests}))
        words = [*flags, tmp_path / "r.json", *([] if flags else [tmp_path / "a.xml"])]
        return subprocess.run([sys.executable, HERE / "summary.py", *words], capture_output=True, text=True)

    return run


def test_all_passed(summarize):
    assert summarize(["success", "success"]).returncode == 0


@pytest.mark.parametrize("statuses", [["success", "failure"], ["success", "error"], ["success"], []])
def test_failed_or_missing_tests_are_red(summarize, statuses):
    assert summarize(statuses).returncode != 0


def test_a_failure_says_why(summarize):
    assert "7+-0 lines" in summarize(["success", "failure"]).stdout


def test_the_self_test_needs_its_own_failure(summarize):
    assert summarize(["failure"], "--expect-failure").returncode == 0
    assert summarize(["success"], "--expect-failure").returncode != 0
    assert summarize(["error"], "--expect-failure", problem="no connection").returncode != 0


def test_constraints_hold_versions_only():
    lines = (HERE / "constraints-galaxy.txt").read_text().split()
    assert lines
    assert all("==" in line and "/" not in line and "@" not in line for line in lines)


def test_nothing_is_open_of_what_reviewers_ask_of_wrappers(repository):
    import merge_ready

    tools = merge_ready.wrappers(repository)
    assert len(tools) > 25
    open_points = {
        point: list(check(w)) for _, point, check in merge_ready.TOOL_POINTS for w in tools if list(check(w))
    }
    assert open_points == {}
    assert [test for _, _, test in merge_ready.TESTED if not (repository / test).exists()] == []
