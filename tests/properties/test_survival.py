"""What must not change a survival analysis, and what must."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prognomics.modeling.coefficient_tests import coefficient_tests
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_quantile
from prognomics.survival.curves.logrank import logrank

FEW = settings(max_examples=30, deadline=None)


@st.composite
def cohorts(draw):
    n = draw(st.integers(8, 40))
    time = draw(arrays(float, n, elements=st.integers(0, 12).map(float)))
    event = draw(arrays(bool, n))
    assume(event.any())
    generator = np.random.default_rng(draw(st.integers(0, 2**16)))
    return time, event, generator.normal(size=(n, 2)), generator.integers(0, 3, n), generator


@FEW
@given(cohorts())
def test_order_of_samples_is_irrelevant(cohort):
    time, event, x, group, generator = cohort
    order = generator.permutation(len(time))
    one, two = kaplan_meier(time, event), kaplan_meier(time[order], event[order])
    np.testing.assert_array_equal(one.survival, two.survival)
    a, b = (fit_cox(time[i], event[i], x[i], strata=group[i] > 1) for i in (slice(None), order))
    np.testing.assert_allclose(b.loglik, a.loglik, rtol=1e-10, atol=1e-12)
    assert a.reason == b.reason
    np.testing.assert_allclose(b.beta, a.beta, rtol=1e-6, atol=1e-8)


@FEW
@given(cohorts(), st.sampled_from([1e-6, 0.5, 30.4375, 1e8]))
def test_unit_of_time_changes_no_test(cohort, unit):
    time, event, x, group, _ = cohort
    assume(len(np.unique(group)) > 1)
    scaled = time * unit
    assume(len(kaplan_meier(scaled, event).time) == len(np.unique(time)))
    one, two = logrank(time, event, group), logrank(scaled, event, group)
    np.testing.assert_allclose(two.chisq, one.chisq, rtol=1e-9)
    a, b = fit_cox(time, event, x), fit_cox(scaled, event, x)
    np.testing.assert_allclose(b.beta, a.beta, rtol=1e-12)
    np.testing.assert_allclose(cox_zph(b, "identity").overall.chisq, cox_zph(a, "identity").overall.chisq, rtol=1e-6)
    median = survival_quantile(kaplan_meier(time, event)).estimate
    np.testing.assert_allclose(survival_quantile(kaplan_meier(scaled, event)).estimate, median * unit)


@FEW
@given(cohorts())
def test_exchanging_the_reference_turns_the_hazard_ratio_over(cohort):
    time, event, _, group, _ = cohort
    high = (group > 0).astype(float)
    one, two = fit_cox(time, event, high), fit_cox(time, event, 1 - high)
    assert one.reason == two.reason
    np.testing.assert_allclose(two.beta, -one.beta)
    np.testing.assert_allclose(coefficient_tests(two).p_value, coefficient_tests(one).p_value)
    np.testing.assert_allclose(one.loglik, two.loglik)


@FEW
@given(cohorts())
def test_curve_is_a_survival_curve(cohort):
    time, event, *_ = cohort
    curve = kaplan_meier(time, event)
    assert (np.diff(curve.survival) <= 0).all() and curve.survival[0] <= 1 and curve.survival[-1] >= 0
    assert curve.n_event.sum() == event.sum() and (curve.n_event + curve.n_censor).sum() == len(time)
    known = ~np.isnan(curve.ci_low)
    assert (curve.ci_low[known] <= curve.survival[known]).all()
    assert (curve.ci_high[known] >= curve.survival[known]).all()


@FEW
@given(cohorts())
def test_observed_equals_expected_in_all(cohort):
    time, event, _, group, _ = cohort
    assume(len(np.unique(group)) > 1)
    for weights in ("logrank", "wilcoxon", "peto"):
        test = logrank(time, event, group, strata=time > 6, weights=weights)
        np.testing.assert_allclose(test.observed.sum(), test.expected.sum())


@FEW
@given(cohorts())
def test_concordance_agrees_with_all_pairs(cohort):
    time, event, x, group, _ = cohort
    risk = np.round(x[:, 0])
    counts = np.zeros(3)
    for i in np.flatnonzero(event):
        later = ((time > time[i]) | ((time == time[i]) & ~event)) & (group == group[i])
        counts += [(risk[later] < risk[i]).sum(), (risk[later] > risk[i]).sum(), (risk[later] == risk[i]).sum()]
    value = concordance(time, event, risk, strata=group)
    assert [value.concordant, value.discordant, value.tied_score] == list(counts)
    reverse = concordance(time, event, -risk, strata=group)
    if counts.sum():
        np.testing.assert_allclose(reverse.estimate, 1 - value.estimate)
        np.testing.assert_allclose(reverse.se, value.se, atol=1e-15)


def test_separation_by_one_event_is_found_in_any_order_of_samples():
    """Both coefficients run off together; at the end of the likelihood no digits of the information are left."""
    for seed, n, event in ((0, 37, 10), (1, 20, 0), (2, 9, 5), (6, 20, 0), (15, 20, 15), (17, 37, 5), (21, 20, 0)):
        generator = np.random.default_rng(seed)
        x, group = generator.normal(size=(n, 2)), generator.integers(0, 3, n)
        died = np.arange(n) == event
        for order in (generator.permutation(n) for _ in range(4)):
            fit = fit_cox(np.zeros(n), died[order], x[order], strata=group[order] > 1)
            assert fit.reason == ("infinite", "infinite"), (seed, fit.reason)
