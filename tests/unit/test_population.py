"""A population is a list of conditions: a value may hold what separates conditions in print."""

import json
import pickle

import pandas as pd
import pytest

from prognomics import tools
from prognomics.cli import commands
from prognomics.data.population import EVERYONE, Population, as_population, population_of_record
from prognomics.data.sheet import as_sheet
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.joining import join

HARD = ["head & neck", "skin, trunk", "a; b", "lung & x=y", "R&D", "all"]
N = len(HARD)


def sheet():
    rows = 40 * N
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(rows)], "site": [HARD[i % N] for i in range(rows)],
        "cohort": ["east & west" if i // N % 2 else "north" for i in range(rows)],
        "stage": [["I", "II"][i // (2 * N) % 2] for i in range(rows)],
        "age_years": [40 + (i * 7) % 31 for i in range(rows)],
        "os_time": [1 + (i * 37) % 101 for i in range(rows)], "os_event": [(i * 53) % 97 % 2 for i in range(rows)],
    })  # fmt: skip


def test_it_prints_and_keeps_its_conditions():
    both = EVERYONE.meeting("site=head & neck").meeting("stage=II")
    assert both == "site=head & neck & stage=II" and both.conditions == ("site=head & neck", "stage=II")
    assert EVERYONE == "all" and EVERYONE.conditions == () and not EVERYONE.meeting().conditions
    assert Population(["a=1", "b=2", "a=1"]).conditions == ("a=1", "b=2")
    again = pickle.loads(pickle.dumps(both))
    assert again == both and again.conditions == both.conditions
    assert json.loads(json.dumps({"population": both})) == {"population": str(both)}


@pytest.mark.parametrize("conditions", [
    [], ["site=head & neck"], ["site=head & neck", "stage!=II"], ["cohort=a", "one sample per patient"],
    ["one sample per patient", "at risk at 6 months"], ["site=R&D", "one sample per patient", "at risk at 6 months"],
])  # fmt: skip
def test_printed_conditions_are_told_apart(conditions):
    assert as_population(str(Population(conditions))).conditions == tuple(conditions)


def test_the_list_of_a_record_decides_and_old_records_are_read():
    assert population_of_record({"population": "a=x & b=y", "population_conditions": ["a=x & b=y"]}).conditions == (
        "a=x & b=y",)  # fmt: skip
    assert population_of_record({"population": "a=x & b=y"}).conditions == ("a=x", "b=y")
    for damaged in ({}, {"population": None}, {"population": 3}, {"population_conditions": "a=b"}):
        assert population_of_record(damaged).conditions == ()


@pytest.mark.parametrize("value", HARD)
def test_a_value_is_one_value_in_tables_records_and_report(value, tmp_path):
    table, record, samples = tmp_path / "t.tsv", tmp_path / "r.json", tmp_path / "s.tsv"
    sheet().to_csv(samples, sep="\t", index=False)
    words = ["cox", "--samples", samples, "--covariate", "age_years", "--endpoint", "os", "--where", f"site={value}",
             "--where", "cohort=east & west", "--out-table", table, "--out-record", record]  # fmt: skip
    commands.main(list(map(str, words)), "prognomics", standalone_mode=False)
    written = json.loads(record.read_text())
    assert written["population_conditions"] == [f"site={value}", "cohort=east & west"]
    assert written["counts"]["n_matched"] == 20
    found = pd.read_csv(table, sep="\t", keep_default_na=False)
    assert set(found["population"]) == {written["population"]} == {f"site={value} & cohort=east & west"}
    step = join({}, [written], [], []).steps[0]
    assert step.conditions == (f"site={value}", "cohort=east & west")
    assert (step.scope, step.cohort) == ("per_cohort", "east & west")


def test_a_landmark_is_a_further_condition():
    found = tools.kaplan_meier(samples=sheet(), endpoint="os", where=["site=head & neck"], landmark=6)
    population = found.summary["population"].iloc[0]
    assert as_population(population).conditions == ("site=head & neck", "at risk at 6 months")


def test_sheets_keep_conditions_through_subsets():
    whole = as_sheet(sheet(), "s")
    assert whole.subset(["site=head & neck", "stage=II"]).population.conditions == ("site=head & neck", "stage=II")
    assert whole.subset([]).population == "all"


def test_counts_of_a_cut_name_whole_values():
    row = {"n_high": 10, "n_low": 12, "population": "site=head & neck & stage=II"}
    assert cut_counts(row, Declarations()) == "10 high, 12 low of samples with site=head & neck and stage=II"
