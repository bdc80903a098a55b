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


STDERR = "error: no such gene\n  what to do: see the list\nwarning: [few-events] few events\n"
RED = {"state": "error", "name": "Table", "misc_info": STDERR[:255]}


@pytest.mark.parametrize(
    ("full", "dataset", "fault"),
    [
        ({}, {}, None),
        ({"tool_stderr": ""}, {}, "does not state an error"),
        ({"tool_stderr": "Traceback\n" + STDERR}, {}, "contains 'Traceback'"),
        ({"tool_stderr": "error: no such gene\n"}, {}, "does not state what to do"),
        ({"exit_code": 1}, {}, "exit code is 1"),
        ({}, {"state": "ok"}, "is not red"),
        ({}, {"misc_info": "warning: [few-events] few events"}, "the history shows 'warning"),
    ],
)
def test_a_failure_that_a_user_cannot_understand_is_reported(full, dataset, fault):
    import red

    job = {"tool_id": "a", "test": 0}
    wrong = red.faults(job, {"tool_stderr": STDERR, "exit_code": 3} | full, [RED | dataset])
    assert wrong == [] if fault is None else any(fault in line for line in wrong)


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


def test_a_command_that_names_a_file_of_galaxy_is_found():
    import remote

    assert remote.shared_paths("prognomics cox --samples 'samples/a' --out-table '/g/remote/staging/1/o'", "/g") == []
    assert remote.shared_paths("ln -s '/g/data/objects/1.dat' 'samples/a'", "/g") == ["/g/data/"]
