"""What changes measures of models and tests of association, and what does not."""

import warnings
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics.errors import AnalysisWarning
from prognomics.modeling import newton
from prognomics.modeling.newton import _running_off
from prognomics.stats import effect_sizes, stratified_tests, trend_tests
from prognomics.stats.rank_tests import share_above
from prognomics.survival.evaluation.analysis import evaluate_models
from prognomics.survival.evaluation.censoring import CensoringWeights
from prognomics.survival.evaluation.discrimination import auc

FEW = settings(max_examples=8, deadline=None)
MANY = settings(max_examples=40, deadline=None)


def sheet(seed, n=60):
    rng = np.random.default_rng(seed)
    marker = rng.normal(size=n).round(1)
    time, limit = rng.exponential(30 * np.exp(-0.5 * marker)).round() + 1, rng.uniform(10, 90, n).round()
    return pd.DataFrame({"marker": marker, "age": rng.normal(60, 9, n).round(),
                         "grade": rng.integers(1, 4, n).astype(str), "cohort": rng.choice(["a", "b"], n),
                         "os_time": np.minimum(time, limit), "os_event": (time <= limit).astype(int)})  # fmt: skip


def measured(frame, at=24.0, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        table = evaluate_models(frame, "os_time", "os_event", ["age", "grade"], "marker", at=[at], bootstraps=0,
                                factors=["grade"], **options).table  # fmt: skip
    return table.set_index(["model", "metric", "validation", "cohort", "time_months"])[["estimate", "se"]]


@FEW
@given(st.integers(0, 10_000))
def test_the_order_of_samples_changes_nothing(seed):
    frame = sheet(seed)
    shuffled = frame.sample(frac=1, random_state=seed)
    found = []

    def watched(*given):
        found.append(_running_off(*given))
        return found[-1]

    with mock.patch.object(newton, "_running_off", watched):
        first, second = measured(frame), measured(shuffled)
    # Where a coefficient has no finite value, its fit stops when nothing more is to be gained: the sixth decimal then
    # depends on the order in which the samples are summed.
    infinite = any(columns is not None and columns.any() for columns in found)
    np.testing.assert_allclose(first, second, rtol=1e-6, atol=2e-5 if infinite else 1e-9)


@FEW
@given(st.integers(0, 10_000))
def test_with_ids_the_order_of_samples_changes_no_bit(seed):
    frame = sheet(seed)
    frame["sample_id"] = [f"S{i:02d}" for i in range(len(frame))]
    pd.testing.assert_frame_equal(measured(frame), measured(frame.sample(frac=1, random_state=seed)), check_exact=True)


@FEW
@given(st.integers(0, 10_000), st.sampled_from([0.25, 12.0]))
def test_the_unit_of_time_changes_nothing(seed, factor):
    frame = sheet(seed)
    rescaled = frame.assign(os_time=frame["os_time"] * factor)
    np.testing.assert_allclose(measured(frame), measured(rescaled, 24.0 * factor), rtol=1e-5, atol=1e-8)


@FEW
@given(st.integers(0, 10_000))
def test_coding_changes_nothing(seed):
    """Another reference level, other names, another unit of the marker: the same predictions."""
    frame = sheet(seed)
    recoded = frame.assign(grade=frame["grade"].map({"1": "z", "2": "y", "3": "x"}), marker=3 - 10 * frame["marker"])
    np.testing.assert_allclose(measured(frame), measured(recoded), rtol=1e-5, atol=1e-7)


@MANY
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_auc_depends_on_the_order_of_risks_alone(seed, strata):
    rng = np.random.default_rng(seed)
    n = 40
    weights = CensoringWeights(rng.exponential(5, n).round(1), rng.random(n) < 0.7, np.arange(n) % strata)
    status, risk = weights.status(3.0), rng.normal(size=n).round(1)
    found = auc(weights, status, risk)
    if np.isnan(found.value):
        return
    assert auc(weights, status, np.exp(risk)).value == pytest.approx(found.value)
    assert auc(weights, status, -risk).value == pytest.approx(1 - found.value)
    assert auc(weights, status, -risk).se == pytest.approx(found.se)


@MANY
@given(st.integers(0, 10_000))
def test_weights_stand_for_every_sample(seed):
    rng = np.random.default_rng(seed)
    n = 30
    weights = CensoringWeights(rng.exponential(5, n), rng.random(n) < 0.6, np.zeros(n, dtype=int))
    status = weights.status(float(rng.uniform(0, 3)))
    if status.control.any():
        assert status.weight.sum() == pytest.approx(n)


@MANY
@given(st.integers(0, 10_000))
def test_tests_within_strata(seed):
    rng = np.random.default_rng(seed)
    n = 50
    x, y, k = rng.choice(list("abc"), n), rng.choice(list("pq"), n), rng.choice(list("uvw"), n)
    found = stratified_tests.general_association(x, y, k)
    other = stratified_tests.general_association(y, x, k)
    assert found.p_value == pytest.approx(other.p_value, rel=1e-9)
    order = rng.permutation(n)
    assert stratified_tests.general_association(x[order], y[order], k[order]).p_value == pytest.approx(found.p_value)
    values = rng.normal(size=n).round(1)
    ranked = stratified_tests.rank_association(values, y, k)
    # a shift of a whole stratum moves no rank within it
    shifted = stratified_tests.rank_association(values + 10 * (k == "u"), y, k)
    assert shifted.p_value == pytest.approx(ranked.p_value)
    assert stratified_tests.spearman_within(values, values, k).effect == pytest.approx(1)


@MANY
@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-50, 50))
def test_standardized_effects_have_no_unit(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.5, 1, 12), rng.normal(size=15)
    d, moved = effect_sizes.cohens_d(x, y), effect_sizes.cohens_d(scale * x + shift, scale * y + shift)
    assert [moved.estimate, moved.ci_low, moved.ci_high] == pytest.approx([d.estimate, d.ci_low, d.ci_high], rel=1e-6)
    back = effect_sizes.cohens_d(y, x)
    assert [-back.estimate, -back.ci_high, -back.ci_low] == pytest.approx([d.estimate, d.ci_low, d.ci_high], rel=1e-6)
    assert share_above(x, y) == pytest.approx(1 - share_above(y, x))


@MANY
@given(st.integers(0, 10_000))
def test_trends_turn_round_with_the_levels(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 20, size=(4, 2))
    found, turned = trend_tests.cochran_armitage(counts), trend_tests.cochran_armitage(counts[::-1])
    assert (turned.p_value, turned.effect) == pytest.approx((found.p_value, -found.effect))
    samples = [rng.normal(size=6).round(1) for _ in range(3)]
    found, turned = trend_tests.jonckheere(samples), trend_tests.jonckheere(samples[::-1])
    assert (turned.statistic, turned.effect) == pytest.approx((-found.statistic, 1 - found.effect))
