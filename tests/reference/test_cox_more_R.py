"""Subgroups and combinations of markers against coxph and anova (make_cox_more_references.R, make_combinations.R)."""

from pathlib import Path

import pandas as pd
import pytest

from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.outputs import further_tables

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = pd.read_csv(FOLDER / "cox_more_data.tsv", sep="\t", float_precision="round_trip")
EXPECTED = pd.read_csv(FOLDER / "cox_more_expected.tsv", sep="\t", float_precision="round_trip")
EXPECTED = {case: part.set_index("stat")["value"] for case, part in EXPECTED.groupby("case")}


COMBINED = pd.read_csv(FOLDER / "combinations_expected.tsv", sep="\t", float_precision="round_trip")


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-9)


def subgroups(marker, *names, covariates=("age",), **options):
    found = cox_analysis(DATA, "time", "event", [marker, *covariates], model="multivariable", markers=[marker],
                         subgroups=names, reference_levels={"marker": "low"} if marker == "marker" else {},
                         **options)  # fmt: skip
    return further_tables(found, "km")["subgroups"]()


@pytest.mark.parametrize("marker", ["g", "gene"])
@pytest.mark.parametrize("name", ["sex", "stage", "cohort"])
def test_each_level_and_the_interaction(marker, name):
    r = EXPECTED[f"subgroup {marker} {name}"]
    table = subgroups({"g": "marker"}.get(marker, marker), name)
    rows = table[table["subgroup"] == name]
    test = rows[rows["row_type"] == "interaction"].iloc[0]
    assert (test["df"], test["n_tests"]) == (r["df"], 1)
    assert test["statistic"] == close(r["wald"])
    assert test["p_lr"] == close(r["p_lr"])
    levels = rows[rows["row_type"] == "level"].set_index("level")
    shown = [stat.split()[1] for stat in r.index if stat.startswith("beta ")]
    assert sorted(levels.index) == sorted([*shown, *(["IV"] if name == "stage" else [])])
    for level in shown:
        row = levels.loc[level]
        assert row["beta"] == pytest.approx(r[f"beta {level}"], abs=1e-6 * r[f"se {level}"])
        assert row["se"] == close(r[f"se {level}"])
        assert row["hr_alone"] == close(r[f"hr_alone {level}"])
        assert row["ci_high_alone"] == close(r[f"ci_high_alone {level}"])
    assert levels["n_level"].sum() == DATA["age"].notna().sum()
    if name == "stage":
        assert levels.loc["IV", "estimable"] == "no"
        assert levels.loc["IV", "events_level"] == 0
        assert "IV" in test["note"]
    within = rows[rows["row_type"] == "interaction_within"]
    assert len(within) == (name != "cohort")
    if len(within):
        assert within.iloc[0]["statistic"] == close(r["within wald"])
        assert within.iloc[0]["p_lr"] == close(r["within p_lr"])


def test_a_continuous_variable_at_its_quartiles():
    r = EXPECTED["subgroup g age"]
    rows = subgroups("marker", "age").query("subgroup == 'age'")
    test = rows[rows["row_type"] == "interaction"].iloc[0]
    assert test["statistic"] == close(r["wald"])
    assert test["p_lr"] == close(r["p_lr"])
    levels = rows[rows["row_type"] == "level"].set_index("level")
    for level, row in levels.iterrows():
        assert row["beta"] == pytest.approx(r[f"beta {level}"], abs=1e-6 * r[f"se {level}"])
        assert row["se"] == close(r[f"se {level}"])
    assert len(levels) == 3


# ------------------------------------------------------------------ effects that change over time

STEPS = ["0-12", "12-24", "24-"]
OPTIONS = {
    "plain": {"strata": ["none"]}, "strata": {}, "late": {"entry_time": "entry"}, "weights": {"weights": "weight"},
    "cluster": {"cluster": "unit"}, "factor": {}, "gene": {"strata": ["none"]},
}  # fmt: skip


def over_time(design, function, **options):
    frame = DATA.assign(unit=[str((i + 1) % 97) for i in range(len(DATA))])
    if design == "factor":
        frame = frame[frame["stage"] != "IV"]
    term = {"factor": "stage", "gene": "gene"}.get(design, "marker")
    found = cox_analysis(frame, "time", "event", ["age", term], model="multivariable",
                         reference_levels={"marker": "low"} if term == "marker" else {}, time_varying=[term],
                         time_function=function, **OPTIONS[design], **options)  # fmt: skip
    return found, found.table[found.table["term"] == term]


@pytest.mark.parametrize("design", ["plain", "strata", "late", "weights", "cluster", "factor"])
def test_an_effect_by_intervals(design):
    r = EXPECTED[f"step {design}"]
    found, rows = over_time(design, "step", time_splits=[24, 12])
    omnibus = rows[rows["row_type"] == "omnibus"].iloc[0]
    assert omnibus["df"] == r["df"]
    assert omnibus["statistic"] == close(r["wald"])
    assert omnibus["p_lr"] == close(r["p_lr"])
    assert found.model["loglik"].iloc[0] == close(r["loglik"])
    assert found.model["concordance"].iloc[0] == close(r["concordance"])
    assert found.model["n"].iloc[0] == found.data.frame["age"].notna().sum()
    age = found.table[found.table["term"] == "age"].iloc[0]
    assert age["beta"] == close(r["beta age"])
    assert age["n"] == found.model["n"].iloc[0]
    levels = rows[rows["row_type"] == "level"]
    for column, level in (("A", levels["level"].iloc[0]), ("B", "III")):
        if column == "B" and design != "factor":
            continue
        own = levels[levels["level"] == level].set_index("interval")
        assert list(own.index) == STEPS
        for k, interval in enumerate(STEPS, start=1):
            row = own.loc[interval]
            assert row["beta"] == pytest.approx(r[f"beta {column}{k}"], abs=1e-6 * r[f"se {column}{k}"])
            assert row["se"] == close(r[f"se {column}{k}"])
            assert (row["n"], row["events"]) == (r[f"n {k}"], r[f"events {k}"])


@pytest.mark.parametrize("design", ["plain", "strata", "late", "weights", "gene"])
def test_an_effect_along_log_time(design):
    r = EXPECTED[f"log {design}"]
    found, rows = over_time(design, "log")
    omnibus = rows[rows["row_type"] == "omnibus"].iloc[0]
    assert omnibus["df"] == 1
    assert omnibus["p_lr"] == close(r["p_lr"])
    assert found.model["loglik"].iloc[0] == close(r["loglik"])
    levels = rows[rows["row_type"] == "level"]
    assert [value if isinstance(value, str) else None for value in levels["interval"]] == [None, "log(t + 1)"]
    made = [found.table[found.table["term"] == "age"].iloc[0], levels.iloc[0], levels.iloc[1]]
    for i, row in enumerate(made, start=1):
        assert row["beta"] == pytest.approx(r[f"beta {i}"], abs=1e-6 * r[f"se {i}"])
        if design != "weights":  # robust here, as for any weights that are not integers
            assert row["se"] == close(r[f"se {i}"])


@pytest.mark.parametrize("strata", ["cohort", "none"])
def test_unadjusted_models_of_the_complete_cases_of_the_adjusted_one(strata):
    """make_complete_cases.R: coxph of each variable in the samples that have all of them."""
    r = pd.read_csv(FOLDER / "complete_cases_expected.tsv", sep="\t", skipinitialspace=True)
    r["strata"], r["term"] = r["strata"].str.strip(), r["term"].str.strip()
    found = cox_analysis(DATA, "time", "event", ["marker", "age", "sex"], strata=[strata], complete_cases=True,
                         reference_levels={"marker": "low"})  # fmt: skip
    table = found.table[found.table["row_type"] == "level"]
    ours = table[table["model"] == "univariable_complete_cases"].set_index("term")
    for row in r[r["strata"] == strata].itertuples():
        one = ours.loc[row.term]
        names = ["hr", "ci_low", "ci_high", "p_value", "p_lr"]
        assert [one[n] for n in names] == [close(getattr(row, n)) for n in names]
        assert (one["n"], one["events"]) == (row.n, row.events)
    joint = table[table["model"] == "multivariable"]
    assert (
        set(ours["n"]) == set(joint["n"]) and (table[table["model"] == "univariable"]["n"] > joint["n"].iloc[0]).any()
    )
    assert "univariable_complete_cases" not in set(found.model["model"]) | set(found.ph["model"])


@pytest.mark.parametrize("case", ["strata", "plain", "no standard", "late"])
def test_each_combination_of_markers(case):
    """What each, each pair and all add to age within cohorts, and what the others add to them: anova of coxph."""
    standard = [] if case == "no standard" else ["age"]
    found = cox_analysis(DATA[DATA["age"].notna()] if not standard else DATA, "time", "event",
                         ["marker", "gene", "sex", *standard], model="multivariable", markers=["marker", "gene", "sex"],
                         reference_levels={"marker": "low"}, strata=["none"] if case == "plain" else ["cohort"],
                         entry_time="entry" if case == "late" else None)  # fmt: skip
    table = further_tables(found, "km")["combinations"]().set_index("markers")
    expected = COMBINED[COMBINED["case"] == case].pivot(index="markers", columns="stat", values="value")
    assert sorted(table.index) == sorted(expected.index) and len(table) == 7
    assert set(table["standard"]) == {"age" if standard else "none"}
    for markers, row in table.iterrows():
        for stat, value in expected.loc[markers].dropna().items():
            assert row[stat] == close(value), (markers, stat)
    assert table.loc["marker + gene + sex", "lr_others"] != table.loc["marker", "lr_others"]  # NA against a number
    assert table.loc["marker", "others"] == "gene + sex"
