"""Measures of a fixed linear predictor against R: concordance, coxph, pROC, glm."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import Refused
from prognomics.learning.validation import HeldOut, binary_measures, survival_measures

HERE = Path(__file__).parent / "learning"
REFERENCE = pd.read_csv(HERE / "validation.tsv", sep="\t", comment="#")
FRAME = pd.read_csv(HERE / "small.tsv", sep="\t")
LINEAR = (0.4 * FRAME["x1"] - 0.2 * FRAME["x2"] + 0.3 * FRAME["x3"]).to_numpy()


def same(rows, scenario):
    found = {row["statistic"]: row for row in rows if row["statistic"] != "auc" or row["time_months"] is None}
    expected = REFERENCE[REFERENCE["scenario"] == scenario]
    assert len(expected) >= 4
    for row in expected.itertuples():
        assert found[row.statistic]["estimate"] == pytest.approx(row.estimate, rel=1e-8), row.statistic
        assert found[row.statistic]["se"] == pytest.approx(row.se, rel=1e-7), row.statistic


@pytest.mark.parametrize("scenario", ["all", "strata"])
def test_survival(scenario):
    group = np.where(LINEAR >= 0.1, "high", "low")
    stratum = FRAME["cohort"].to_numpy() if scenario == "strata" else None
    data = HeldOut(FRAME["time"].to_numpy(), FRAME["event"].to_numpy(), LINEAR, stratum, (20.0,), group=group,
                   levels=("low", "high"))  # fmt: skip
    same(survival_measures(data), scenario)


def test_binary():
    same(binary_measures(FRAME["event"].to_numpy(float), LINEAR), "binary")


def test_binary_within_cohorts():
    """Pairs of one cohort only, and an intercept per cohort: pROC within cohorts, and glm with the cohort as factor."""
    same(binary_measures(FRAME["event"].to_numpy(float), LINEAR, FRAME["cohort"].to_numpy()), "binary_strata")


def test_a_score_has_no_probabilities():
    rows = binary_measures(FRAME["event"].to_numpy(float), LINEAR, absolute=False)
    assert [row["statistic"] for row in rows] == ["auc", "calibration_slope"]


def test_expected_events_of_the_model_itself():
    """Expected events of a Cox model in its own samples add up to the observed ones."""
    from prognomics.survival.cox.fit import fit_cox

    fit = fit_cox(FRAME["time"], FRAME["event"], FRAME[["x1"]].to_numpy(), None, "breslow")
    risk = np.exp(FRAME["x1"].to_numpy() * fit.beta[0])
    time, event = FRAME["time"].to_numpy(), FRAME["event"].to_numpy()
    steps = [(t, event[time == t].sum() / risk[time >= t].sum()) for t in np.unique(time[event == 1])]
    expected = np.array([sum(h for t, h in steps if t <= end) for end in time]) * risk
    rows = survival_measures(HeldOut(time, event, np.log(risk), expected=expected))
    found = next(row for row in rows if row["statistic"] == "observed_expected")
    assert found["estimate"] == pytest.approx(1.0, rel=1e-9)


def test_no_events_is_refused():
    with pytest.raises(Refused, match="none of the samples has the event"):
        survival_measures(HeldOut(np.array([1.0, 2.0]), np.zeros(2), np.zeros(2)))
