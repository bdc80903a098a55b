"""Outliers and heavy tails: 500 data sets whose Cox models `survival::coxph` fits (make_extreme_references.R).

Wherever R converges without a warning and gives a coefficient, so do we, and it is the same. Where R warns that a
coefficient may be infinite it is, or R lost it: its sums of exp(linear predictor) overflow, ours do not.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.screen import cox_adjusted, cox_screen
from prognomics.screen.follow_up import sort_follow_up
from prognomics.survival.cox.fit import fit_cox

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"
DATA = dict(list(pd.read_csv(FOLDER / "extreme_data.tsv.gz", sep="\t", float_precision="round_trip").groupby("set")))
EXPECTED = pd.read_csv(FOLDER / "extreme_expected.tsv.gz", sep="\t", float_precision="round_trip")
KINDS = sorted(EXPECTED["kind"].unique())


def columns_of(row):
    return ["x1"] if row.model == "x1" else ["x1", "x2"]


def strata_of(row, data):
    return data["stratum"] if "strata" in row.model else None


def apart(x, time, event):
    """Whether every death has the highest, or the lowest, value of its risk set."""
    pairs = [(x[i], x[time >= time[i]]) for i in np.flatnonzero(event)]
    return all(own >= rest.max() for own, rest in pairs) or all(own <= rest.min() for own, rest in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_is_that_of_coxph(kind):
    compared = 0
    for row in EXPECTED[EXPECTED["kind"] == kind].itertuples():
        data, names = DATA[row.set], columns_of(row)
        fit = fit_cox(data["time"], data["event"], data[names].to_numpy(float), strata_of(row, data), row.ties)
        beta, se = np.array([row.beta1, row.beta2])[: len(names)], np.array([row.se1, row.se2])[: len(names)]
        assert fit.converged, row
        given = np.isfinite(beta)
        if row.status == "ok" and given.any():
            compared += 1
            known = given & fit.estimable
            assert known.any() and (known == given).all(), row
            assert (np.abs(fit.beta - beta)[known] < 1e-7 * se[known]).all(), row
            np.testing.assert_allclose(fit.se[known], se[known], rtol=2e-7, err_msg=str(row))
            np.testing.assert_allclose(fit.loglik, row.loglik, rtol=1e-9, err_msg=str(row))
        elif "infinite" not in fit.reason:  # what R lost: our maximum is one
            assert fit.loglik >= row.null - 1e-9 and fit.estimable.all()
        for j, why in enumerate(fit.reason):
            if why == "infinite":
                assert names[j] == "x2" or row.model != "x1" or apart(data["x1"], data["time"], data["event"]), row
    assert compared > 250


@pytest.mark.parametrize("path", ["compiled", "numpy"])
def test_the_screen_has_the_same_numbers(path, monkeypatch):
    if path == "numpy":
        for module in (cox_screen, cox_adjusted):
            monkeypatch.setattr(module, "compiled_loops", lambda: None)
    compared = 0
    for row in EXPECTED.itertuples():
        if row.status != "ok" or not np.isfinite(row.beta1) or (row.model != "x1" and not np.isfinite(row.beta2)):
            continue
        data = DATA[row.set]
        follow_up = sort_follow_up(data["time"], data["event"], strata_of(row, data))
        covariates = None if row.model == "x1" else data[["x2"]].to_numpy(float)[follow_up.columns]
        found = cox_screen.cox_screen(data[["x1"]].to_numpy(float).T, follow_up, row.ties, covariates)
        assert found.state[0] == "", row
        assert abs(found.beta[0] - row.beta1) < 1e-7 * row.se1, row
        assert abs(found.se[0] / row.se1 - 1) < 2e-7, row
        compared += 1
    assert compared > 1300
