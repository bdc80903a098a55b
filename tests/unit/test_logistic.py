"""Logistic models: the exact conditional likelihood, separation, Firth's penalty, and what is refused."""

import itertools

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import Refused
from prognomics.regression.firth import fit_firth
from prognomics.regression.fit import fit_logistic
from prognomics.regression.likelihoods import ConditionalLikelihood
from prognomics.regression.subset_moments import subset_moments


def by_enumeration(case, x, strata, beta):
    """The conditional log likelihood over all subsets."""
    total = 0.0
    for label in np.unique(strata):
        rows = strata == label
        eta, n_case = x[rows] @ beta, int(case[rows].sum())
        sums = [eta[list(chosen)].sum() for chosen in itertools.combinations(range(rows.sum()), n_case)]
        total += eta[case[rows]].sum() - np.logaddexp.reduce(sums)
    return total


@pytest.fixture
def matched():
    rng = np.random.default_rng(3)
    strata = np.repeat(np.arange(6), [2, 3, 5, 7, 8, 4])
    x = rng.normal(size=(len(strata), 2))
    case = rng.random(len(strata)) < 1 / (1 + np.exp(-x[:, 0]))
    case[strata == 1] = True  # a stratum that says nothing
    case[:2] = [True, False]
    return case, x, strata


@pytest.mark.parametrize("far", [0.0, 300.0])
def test_conditional_likelihood_is_that_of_all_subsets(matched, far):
    case, x, strata = matched
    beta = np.array([0.7, -1.1])
    found = ConditionalLikelihood(x + far, case, strata).state(beta).loglik
    assert found == pytest.approx(by_enumeration(case, x, strata, beta), rel=1e-11)


def test_derivatives_of_the_conditional_likelihood(matched):
    case, x, strata = matched
    likelihood, beta, step = ConditionalLikelihood(x, case, strata), np.array([0.4, 0.2]), 1e-5
    at = likelihood.state(beta)
    ends = [(likelihood.state(beta + step * unit), likelihood.state(beta - step * unit)) for unit in np.eye(2)]
    slope = [(up.loglik - down.loglik) / (2 * step) for up, down in ends]
    np.testing.assert_allclose(likelihood.gradient(at), slope, atol=1e-8)
    curvature = [(likelihood.gradient(down) - likelihood.gradient(up)) / (2 * step) for up, down in ends]
    np.testing.assert_allclose(likelihood.information(at), curvature, atol=1e-8)
    against = np.array([[2.0, 0.3], [0.3, 0.5]])
    change = [((likelihood.information(u) - likelihood.information(d)) / (2 * step) * against).sum() for u, d in ends]
    np.testing.assert_allclose(likelihood.information_slope(at, against), change, atol=1e-8)


def test_strata_are_the_same_one_by_one_and_together():
    rng = np.random.default_rng(5)
    sizes, chosen = np.array([9, 8, 5]), np.array([3, 3, 2])
    eta, x = rng.normal(size=(3, 9)), rng.normal(size=(3, 9, 2))
    eta[np.arange(9) >= sizes[:, None]] = -np.inf
    together = subset_moments(eta, x, chosen)
    for i, n in enumerate(sizes):
        alone = subset_moments(eta[i : i + 1, :n], x[i : i + 1, :n], chosen[i : i + 1])
        np.testing.assert_allclose(together.log_total[i], alone.log_total[0], rtol=1e-13)
        np.testing.assert_allclose(together.covariance[i], alone.covariance[0], rtol=1e-11)


def test_cases_and_controls_may_change_places(matched):
    case, x, strata = matched
    one, other = fit_logistic(case, x, strata), fit_logistic(~case, x, strata)
    np.testing.assert_allclose(one.beta, -other.beta, rtol=1e-9)
    np.testing.assert_allclose(one.profile_limits(), -other.profile_limits()[::-1], rtol=1e-8)


@pytest.mark.parametrize("strata", [None, "one", "many"])
def test_a_separating_column_is_infinite_and_the_others_are_not(strata):
    rng = np.random.default_rng(8)
    n = 60
    x = rng.normal(size=(n, 2))
    case = rng.random(n) < 1 / (1 + np.exp(-x[:, 0]))
    apart = np.column_stack([x, case & (rng.random(n) < 0.4)])
    labels = {None: None, "one": np.zeros(n), "many": np.arange(n) % 4}[strata]
    fit = fit_logistic(case, apart, labels)
    assert fit.reason == ("", "", "infinite")
    limits = fit.profile_limits()
    assert np.isfinite(limits[:, :2]).all() and np.isnan(limits[:, 2]).all()
    kept = apart[:, 2] == 0  # the supremum is that of the samples which the column does not decide
    rest = fit_logistic(case[kept], x[kept], None if labels is None else labels[kept])
    if strata is None:
        np.testing.assert_allclose(fit.beta[:2], rest.beta, rtol=1e-6)
    penalized = fit_firth(fit, apart)
    assert np.isfinite(penalized.fit.beta).all() and np.isfinite(penalized.profile_limits()[0]).all()


def test_far_values_are_no_separation():
    rng = np.random.default_rng(9)
    x = rng.normal(60, 10, 80)
    x[3] = 99999
    case = rng.random(80) < 0.5
    case[3] = True
    assert fit_logistic(case, x).reason == ("",)


def test_what_has_no_odds_is_refused(matched):
    case, x, _ = matched
    with pytest.raises(Refused, match="none of"):
        fit_logistic(np.zeros(len(case), bool), x)
    with pytest.raises(Refused, match="strata"):
        fit_logistic(case, x, np.arange(len(case)))


@pytest.mark.parametrize(("strata", "levels"), [("none", ["CR"]), ("none", ["CR", "PR"]), ("cohort", ["CR"])])
def test_the_locked_model_gives_what_was_fitted(tmp_path, strata, levels):
    rng = np.random.default_rng(6)
    n = 90
    frame = pd.DataFrame({
        "sample_id": [f"S{i:02d}" for i in range(n)], "cohort": np.repeat(["a", "b"], n // 2), "x": rng.normal(size=n),
        "arm": rng.choice(["drug", "none"], n), "response": rng.choice(["CR", "PR", "SD"], n),
    })  # fmt: skip
    fitted = tools.logistic(samples=frame, covariate=["x", "arm"], interaction=["x:arm"], outcome_column="response",
                            outcome_level=levels, strata=[strata], model="multivariable")  # fmt: skip
    other = frame.assign(sample_id="N" + frame["sample_id"])
    applied = tools.apply_model(model=fitted.fitted, samples=other)
    beta = fitted.table.query("row_type == 'level'").set_index("term")["beta"]
    none = (frame["arm"] == "none").to_numpy()
    linear = (beta["x"] * frame["x"] + beta["arm"] * none + beta["x:arm"] * frame["x"] * none).to_numpy()
    if strata == "none":
        linear = linear + fitted.model["intercept"].iloc[0]
        brier = applied.validation.query("statistic == 'brier' and cohort == 'all'")["estimate"].iloc[0]
        assert brier == pytest.approx(fitted.model["brier"].iloc[0], rel=1e-9)
        np.testing.assert_allclose(applied.scores["linear_predictor"], linear, rtol=1e-9)
    else:
        assert np.ptp(applied.scores["linear_predictor"] - linear) < 1e-9
        assert applied.scores["probability"].isna().all()
