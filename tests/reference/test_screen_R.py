"""The screen against R, gene by gene: Cox to 1e-9 and better, log-rank at the median."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.screen import cox_screen as cox_module
from prognomics.screen import logrank_screen as logrank_module
from prognomics.screen.cox_screen import cox_screen
from prognomics.screen.follow_up import sort_follow_up
from prognomics.screen.logrank_screen import logrank_screen

FOLDER = Path(__file__).parent / "screen"
SAMPLES = pd.read_csv(FOLDER / "samples.tsv", sep="\t")
GENES = pd.read_csv(FOLDER / "genes.tsv", sep="\t", index_col=0)
REFERENCE = pd.read_csv(FOLDER / "reference.tsv", sep="\t", keep_default_na=False, na_values=["NA"])
VALUES = GENES.to_numpy()


@pytest.fixture(params=["compiled", "numpy"])
def path(request, monkeypatch):
    """Both ways to compute; the loops themselves may not have been built."""
    if request.param == "numpy":
        from prognomics.screen import cox_adjusted

        for module in (cox_module, logrank_module, cox_adjusted):
            monkeypatch.setattr(module, "compiled_loops", lambda: None)
    return request.param


def _follow_up(time, strata):
    return sort_follow_up(SAMPLES[time], SAMPLES["event"], None if strata == "none" else SAMPLES["cohort"])


@pytest.mark.parametrize("adjusted", ["none", "age+grade"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", ["none", "cohort"])
@pytest.mark.parametrize("time", ["untied", "tied"])
def test_cox(path, time, strata, ties, adjusted):
    chosen = REFERENCE.query("test == 'cox' and time == @time and strata == @strata and ties == @ties")
    expected = chosen[chosen["adjusted"] == adjusted].set_index("gene").loc[list(GENES.index)]
    follow_up = _follow_up(time, strata)
    covariates = None
    if adjusted != "none":
        covariates = SAMPLES[["age", "grade"]].to_numpy(float)[follow_up.columns]
    found = cox_screen(VALUES, follow_up, ties, covariates)
    np.testing.assert_array_equal(found.n, expected["n"])
    np.testing.assert_array_equal(found.events, expected["events"])
    np.testing.assert_allclose(found.beta, expected["beta"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.se, expected["se"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.loglik, expected["loglik"], rtol=1e-12)
    np.testing.assert_allclose(found.ph_chisq, expected["ph_chisq"], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("strata", ["none", "cohort"])
@pytest.mark.parametrize("time", ["untied", "tied"])
def test_logrank(path, time, strata):
    chosen = REFERENCE.query("time == @time and strata == @strata")
    follow_up = _follow_up(time, strata)
    median = chosen[chosen["test"] == "logrank"].set_index("gene").loc[list(GENES.index)]
    np.testing.assert_allclose(logrank_screen(VALUES, follow_up).chisq, median["ph_chisq"], rtol=1e-9)
