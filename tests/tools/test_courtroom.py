"""Simulated studies through study file, plan and report: a few in `make test`, many by `make proof-courtroom`."""

import sys
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "benchmarks"))

import courtroom  # noqa: E402


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("courtroom") / "log.tsv"
    courtroom.run(1, path)
    return path


def test_every_scenario_is_tried(log):
    rows = courtroom.table(log)
    assert list(rows.columns) == list(courtroom.COLUMNS)
    assert sorted(rows["scenario"]) == sorted(courtroom.SCENARIOS)
    assert rows.drop(columns=["scenario", "number"]).isin([0, 1]).all(axis=None)


def test_a_run_goes_on_where_it_was(log, monkeypatch):
    def again(scenario, number):
        raise AssertionError(f"{scenario} {number} was run again")

    before = log.read_text()
    monkeypatch.setattr(courtroom, "try_study", again)
    assert len(courtroom.run(1, log)) == len(courtroom.SCENARIOS)
    assert log.read_text() == before


def test_the_effect_is_claimed_and_the_null_is_not(log):
    claims = courtroom.table(log).set_index("scenario")["claim"]
    assert claims["effect"] == 1 and claims["no_effect"] == 0


def test_rates_are_printed_with_their_intervals():
    rows = pd.DataFrame(
        [{**dict.fromkeys(courtroom.COLUMNS, 0), "scenario": "no_effect", "number": i} for i in range(40)]
    )
    rows.loc[:1, "claim"] = 1
    (line,) = [line for line in courtroom.page(rows) if "key finding of the primary analysis" in line]
    assert "| 2 | 40 | 5.0% | 1.4% to 16.5% |" in line  # Wilson's interval, as prop.test(2, 40, correct = FALSE)
