"""Cox models with closed forms, and what is not estimable."""

import warnings

import numpy as np
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.modeling.coefficient_tests import coefficient_tests, likelihood_ratio_test, wald_test
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.model_tests import model_tests
from prognomics.survival.cox.partial_likelihood import PartialLikelihood
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.cox.risk_sets import make_risk_sets
from prognomics.survival.curves.logrank import logrank


@pytest.fixture
def data():
    generator = np.random.default_rng(3)
    x = generator.normal(size=(80, 2))
    time = np.ceil(generator.exponential(10, 80) * np.exp(-0.5 * x[:, 0]))
    return time, generator.random(80) < 0.7, x


def test_one_event_has_a_closed_form():
    # One event, of a sample with x = 1 among two with 1 and one with 0: L(b) = e^b / (2 e^b + 1).
    fit = fit_cox([1, 2, 3], [1, 0, 0], [1, 1, 0])
    assert fit.loglik_null == pytest.approx(-np.log(3))
    assert fit.reason == ("infinite",) and fit.loglik == pytest.approx(-np.log(2), rel=1e-6)


def test_three_samples_by_hand():
    # L(b) = e^b / (e^b + 2) * 1 / 2 for x = 1, 0, 0 dying in the order 0, 1 (x), 0.
    fit = fit_cox([1, 2, 3], [1, 1, 1], [0, 1, 0], eps=1e-14)
    # d/db of -log(e^b + 2) + b - log(e^b + 1) is 0 at e^b = sqrt(2)
    assert fit.beta[0] == pytest.approx(np.log(2) / 2, rel=1e-12)
    r = np.sqrt(2)
    assert fit.se[0] == pytest.approx(1 / np.sqrt(2 * r / (r + 2) ** 2 + r / (r + 1) ** 2))
    assert fit.loglik == pytest.approx(-np.log(r + 2) + np.log(r) - np.log(r + 1))


def test_score_test_without_ties_is_the_logrank(data):
    _, event, x = data
    time = np.random.default_rng(1).permutation(80) + 1.0
    fit = fit_cox(time, event, x[:, 0] > 0)
    assert fit.score == pytest.approx(logrank(time, event, x[:, 0] > 0).chisq)


def test_scale_and_shift_of_covariates(data):
    time, event, x = data
    plain = fit_cox(time, event, x)
    scaled = fit_cox(time, event, x * [1e-9, 1e9] + [1e-7, -1e10])
    np.testing.assert_allclose(scaled.beta, plain.beta / [1e-9, 1e9], rtol=1e-9)
    np.testing.assert_allclose(scaled.loglik, plain.loglik, rtol=1e-12)


def test_collinear_columns_are_left_out(data):
    time, event, x = data
    plain = fit_cox(time, event, x[:, :1])
    fit = fit_cox(time, event, np.column_stack([x[:, 0], 3 - 2 * x[:, 0], np.full(80, 0.1)]))
    assert fit.reason == ("", "collinear", "collinear") and fit.df == 1
    assert fit.beta[0] == pytest.approx(plain.beta[0]) and fit.loglik == pytest.approx(plain.loglik)
    assert np.isnan(fit.beta[1:]).all() and np.isnan(fit.se[1:]).all()


def test_covariate_constant_within_strata_is_not_estimable(data):
    time, event, x = data
    strata = x[:, 0] > 0
    assert fit_cox(time, event, strata.astype(float), strata=strata).reason == ("collinear",)


@pytest.mark.parametrize("eps", [1e-9, 1e-14])
def test_level_without_events(data, eps):
    time, event, x = data
    level = np.arange(80) % 4 == 0
    event = event & ~level
    fit = fit_cox(time, event, np.column_stack([level, x[:, 0]]), eps=eps)
    # the limit of an infinitely low hazard is that those samples are never at risk
    rest = fit_cox(time[~level], event[~level], x[~level, 0], eps=1e-14)
    assert fit.estimable.tolist() == [False, True] and fit.reason[0] == "infinite"
    assert fit.beta[1] == pytest.approx(rest.beta[0], rel=1e-5)
    assert fit.se[1] == pytest.approx(rest.se[0], rel=1e-5)
    assert fit.loglik == pytest.approx(rest.loglik, rel=1e-7)
    assert np.isnan(fit.wald) and np.isnan(wald_test(fit, [0, 1]).p_value)
    assert likelihood_ratio_test(fit).p_value < 1
    assert fit.df == 2


def test_reference_without_events_takes_all_levels_with_it(data):
    time, event, x = data
    level = np.arange(80) % 3
    event = event & (level != 0)
    fit = fit_cox(time, event, np.column_stack([level == 1, level == 2, x[:, 0]]))
    assert fit.estimable.tolist() == [False, False, True]


def test_two_levels_without_events_are_not_compared(data):
    time, event, x = data
    level = np.arange(80) % 4
    event = event & (level > 1)
    fit = fit_cox(time, event, np.column_stack([level == 1, level == 2, level == 3, x[:, 0]]))
    assert fit.estimable.tolist() == [False, False, False, True]


def test_strong_but_finite_effects_are_estimable():
    time, x = np.arange(1.0, 41), np.r_[np.ones(19), 0, 1, np.zeros(19)]
    fit = fit_cox(time, np.ones(40), x)
    assert fit.estimable[0] and fit.beta[0] > 2


def test_separation_by_a_continuous_covariate():
    time = np.arange(1.0, 21)
    assert fit_cox(time, np.ones(20), -time).reason == ("infinite",)


def test_clusters_of_one_differ_from_the_model_only_in_the_robust_part(data):
    time, event, x = data
    plain, robust = fit_cox(time, event, x), fit_cox(time, event, x, cluster=np.arange(80))
    np.testing.assert_allclose(robust.naive_se, plain.se)
    np.testing.assert_allclose(robust.beta, plain.beta)
    assert not np.allclose(robust.se, plain.se) and robust.n_clusters == 80


def test_weights_of_two_are_two_samples_under_breslow(data):
    time, event, x = data
    twice = fit_cox(np.tile(time, 2), np.tile(event, 2), np.tile(x, (2, 1)), ties="breslow")
    weighted = fit_cox(time, event, x, ties="breslow", weights=np.full(80, 2.0))
    np.testing.assert_allclose(weighted.beta, twice.beta)
    np.testing.assert_allclose(weighted.se, twice.se)


def test_entry_before_everything_changes_nothing(data):
    time, event, x = data
    late = fit_cox(time, event, x, entry=np.full(80, 0.0))
    np.testing.assert_allclose(late.beta, fit_cox(time, event, x).beta)


def test_time_split_in_two_is_the_same_model(data):
    time, event, x = data
    cut = np.minimum(time, 5)
    later = time > 5
    split = fit_cox(
        np.r_[cut, time[later]], np.r_[event & ~later, event[later]], np.vstack([x, x[later]]),
        entry=np.r_[np.zeros(80), np.full(later.sum(), 5.0)],
    )  # fmt: skip
    plain = fit_cox(time, event, x)
    np.testing.assert_allclose(split.beta, plain.beta)
    assert split.loglik == pytest.approx(plain.loglik)
    whole, parts = model_tests(plain), model_tests(split)
    assert parts.concordance == pytest.approx(whole.concordance)
    assert cox_zph(split, "identity").overall.chisq == pytest.approx(cox_zph(plain, "identity").overall.chisq)


def test_model_and_coefficient_tests(data):
    fit = fit_cox(*data)
    tests, rows = model_tests(fit), coefficient_tests(fit)
    assert tests.lr == pytest.approx(2 * (fit.loglik - fit.loglik_null)) and tests.df == 2
    assert tests.aic == pytest.approx(4 - 2 * fit.loglik) and tests.epv == fit.n_events / 2
    np.testing.assert_allclose(rows.hr, np.exp(fit.beta))
    np.testing.assert_allclose(rows.ci_low, np.exp(fit.beta - 1.959963984540054 * fit.se))
    assert wald_test(fit, [0, 1]).chisq == pytest.approx(fit.wald)
    assert wald_test(fit, [0]).p_value == pytest.approx(rows.p_value[0])


def test_concordance_by_hand():
    # events at 1 and 2: (1,2) concordant, (1,3) discordant, (2,3) tied
    value = concordance([1, 2, 3], [1, 1, 0], [5, 4, 6])
    assert (value.concordant, value.discordant) == (1, 2)
    value = concordance([1, 2, 3], [1, 1, 0], [5, 4, 4])
    assert value.tied_score == 1 and value.estimate == pytest.approx(2.5 / 3)
    assert np.isnan(concordance([1, 2], [0, 1], [1, 2]).estimate)


def test_events_at_zero_have_no_logarithm(data):
    time, event, x = data
    time[:3], event[:3] = 0, True
    fit = fit_cox(time, event, x)
    assert fit.n_events == event.sum()
    with pytest.raises(Refused, match="logarithm"):
        cox_zph(fit, "log")


def test_what_is_refused(data):
    time, event, x = data
    with pytest.raises(Refused, match="no events"):
        fit_cox(time, np.zeros(80), x)
    with pytest.raises(Refused, match="two clusters"):
        fit_cox(time, event, x, cluster=np.zeros(80))
    with pytest.raises(UsageError, match="ties"):
        fit_cox(time, event, x, ties="exact")
    with pytest.raises(BadInput, match="missing or infinite"):
        fit_cox(time, event, np.where(x > 2, np.nan, x))
    with pytest.raises(BadInput, match="weights"):
        fit_cox(time, event, x, weights=np.zeros(80))
    with pytest.raises(BadInput, match="enter"):
        fit_cox(time, event, x, entry=time)
    with pytest.warns(AnalysisWarning, match="did not converge"):
        fit_cox(time, event, x, max_iterations=1)


def test_separation_is_seen_with_late_entry():
    """Those who enter later have the largest hazards on the way to the end: rounding stops the steps before it."""
    entry = [0, 0, 0, 0, 4, 6, 0, 0, 14, 0, 0, 16, 16]
    time = [1, 4, 4, 6, 6, 8, 9, 12, 16, 16, 17, 18, 19]
    event = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]
    x = [-0.58, 1.03, -0.59, -0.96, 0.49, -0.04, -0.33, 0.62, 1.13, 1.47, 0.19, -0.7, -0.33]
    for ties in ("efron", "breslow"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = fit_cox(time, event, np.array(x), entry=entry, ties=ties)
        assert fit.reason == ("infinite",) and np.isnan(fit.beta[0])


def test_sums_out_of_the_range_of_floats_are_not_where_the_search_goes():
    """Late entry: who is far out enters after the first event, whose risk set has hazards of almost 0 then."""
    time, entry = np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 0, 2.5])
    sets = make_risk_sets(time, np.ones(4, dtype=bool), np.zeros(4, dtype=np.intp), "breslow", entry)
    x = np.array([0.1, 0.2, 0.3, 1.0])[sets.order, None]
    likelihood = PartialLikelihood(sets, x, np.ones(4))
    for beta in np.geomspace(1, 2000, 200):
        state = likelihood.state(np.array([beta]))
        if np.isfinite(state.loglik):
            assert np.isfinite(likelihood.information(state, likelihood.means(state))).all()
        else:
            assert state.loglik == -np.inf and beta > 40
