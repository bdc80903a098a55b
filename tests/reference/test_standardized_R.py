"""Survival standardized over covariates against riskRegression::ate, coxph and basehaz (make_standardized.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput, Refused, UsageError
from prognomics.survival.cox.standardized import standardized_table

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = pd.read_csv(FOLDER / "cox_more_data.tsv", sep="\t", float_precision="round_trip")
DATA = DATA.dropna(subset=["age", "stage"], ignore_index=True)
EXPECTED = pd.read_csv(FOLDER / "standardized_expected.tsv", sep="\t", float_precision="round_trip")
EXPECTED = {case: part.set_index("stat")["value"] for case, part in EXPECTED.groupby("case")}
COVARIATES = ["age", "sex", "gene"]


def untied():
    place = DATA.sort_values(["time", "sample_id"]).index.argsort()
    return DATA.assign(time=DATA["time"] + (place + 1) * 1e-3)


@pytest.mark.parametrize("case", ["tied", "untied"])
def test_survival_and_differences(case):
    data = DATA if case == "tied" else untied()
    found = standardized_table(data, "time", "event", "marker", COVARIATES, [6, 24, 48])
    wanted = EXPECTED[case]
    assert set(found["strata"]) == {"cohort"} and len(found) == 9
    for row in found.itertuples():
        name = f"{row.group if row.statistic == 'survival' else 'difference'} {row.time_months:g}"
        assert row.estimate == pytest.approx(wanted[name], rel=1e-6)
        assert row.se == pytest.approx(wanted[f"{name} se"], rel=1e-6)
        assert row.ci_low == pytest.approx(row.estimate - 1.959963984540054 * row.se)
    difference = found[found["statistic"] == "difference"].iloc[0]
    assert (difference["group"], difference["versus"]) == ("high", "low")


def test_without_months_every_event_time_is_given():
    found = standardized_table(DATA, "time", "event", "marker", ["age"], [], strata=["none"])
    survival = found[(found["statistic"] == "survival") & (found["group"] == "low")]
    assert survival["time_months"].tolist() == sorted(set(DATA["time"][DATA["event"] == 1]))
    assert (np.diff(survival["estimate"]) < 0).all()


def test_beyond_the_follow_up_of_a_stratum_nothing_is_given():
    short = DATA.assign(time=np.where(DATA["cohort"] == "a", np.minimum(DATA["time"], 12), DATA["time"]))
    found = standardized_table(short, "time", "event", "marker", ["age"], [6, 24])
    late = found[(found["time_months"] == 24) & (found["statistic"] == "survival")]
    assert late["estimate"].isna().all() and set(late["note"]) == {"beyond the follow-up of a stratum"}
    assert found[found["time_months"] == 6]["estimate"].notna().all()


def test_refusals():
    with pytest.raises(UsageError, match="over covariates"):
        standardized_table(DATA, "time", "event", "marker", [], [6])
    with pytest.raises(UsageError, match="both the group"):
        standardized_table(DATA, "time", "event", "marker", ["marker"], [6])
    with pytest.raises(UsageError, match="late entry"):
        standardized_table(DATA, "time", "event", "marker", ["age"], [6], weighted=True)
    never = DATA.assign(event=np.where(DATA["stage"] == "IV", 0, DATA["event"]))
    with pytest.raises(Refused, match="not estimable"):
        standardized_table(never, "time", "event", "marker", ["stage"], [6])
    with pytest.raises(BadInput, match="'age_years'"):
        standardized_table(DATA, "time", "event", "marker", ["age_years"], [6])
