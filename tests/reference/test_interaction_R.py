"""Interactions with a stratum, x + x:stratum + strata(stratum), against coxph (make_interaction_references.R)."""

from pathlib import Path

import pandas as pd
import pytest

from prognomics.survival.cox.analysis import cox_analysis

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = pd.read_csv(FOLDER / "data.tsv", sep="\t", float_precision="round_trip")
EXPECTED = pd.read_csv(FOLDER / "interaction_expected.tsv", sep="\t", float_precision="round_trip")
GROUPS = list(EXPECTED.groupby(["dataset", "ties", "covariate"]))


@pytest.mark.parametrize(("key", "expected"), GROUPS, ids=["-".join(key) for key, _ in GROUPS])
def test_ratios_tests_and_effects_within_strata(key, expected):
    dataset, ties, covariate = key
    frame = DATA[DATA["dataset"] == dataset].reset_index(drop=True)
    frame["group"] = frame["group"].where(frame["group"] == "a", "other")
    name = {"g": "group"}.get(covariate, covariate)
    table = cox_analysis(
        frame, "time", "event", [name, "x2"], strata=["stratum"], ties=ties, model="multivariable",
        interactions=[(name, "stratum")],
    ).table  # fmt: skip
    r = expected.set_index("item")
    rows = table[table["term"] == f"{name}:stratum"]
    omnibus = rows[rows["row_type"] == "omnibus"].iloc[0]
    assert omnibus["df"] == r.loc["wald", "df"]
    assert omnibus["statistic"] == pytest.approx(r.loc["wald", "value"], rel=1e-7)
    assert omnibus["p_lr"] == pytest.approx(r.loc["lr_p", "value"], rel=1e-7)
    for kind, item in (("level", "ratio"), ("within", "within")):
        own = rows[rows["row_type"] == kind]
        own = own.set_index(own["level"].str.rpartition(":")[2])
        theirs = r[r.index.str.startswith(f"{item} ")]
        assert len(own) == len(theirs)
        for place, value in theirs["value"].items():
            level = place.split()[1]
            se = r.loc[f"{item}_se {level}", "value"]
            assert own.loc[level, "beta"] == pytest.approx(value, abs=1e-7 * se)
            assert own.loc[level, "se"] == pytest.approx(se, rel=1e-7)
    assert "stratum" not in set(table["term"])
