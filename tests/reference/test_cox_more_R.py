"""Subgroups of a Cox analysis against coxph and anova (make_cox_more_references.R)."""

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
