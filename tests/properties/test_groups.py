"""What must not change: order of samples, increasing transformations, turning a table."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics.cutpoint.cutpoint import median_cut
from prognomics.errors import Refused
from prognomics.meta_analysis.pooling import pool
from prognomics.stats.exact_tests import fisher_exact
from prognomics.stats.multiple_testing import adjust
from prognomics.stats.rank_tests import mann_whitney
from prognomics.stats.roc import roc

SETTINGS = settings(max_examples=40, deadline=None)
values = st.lists(st.integers(-20, 20), min_size=2, max_size=30)


@SETTINGS
@given(values, values)
def test_u_of_both_orders_adds_up(x, y):
    one, other = mann_whitney(x, y, exact_p=True), mann_whitney(y, x, exact_p=True)
    assert one.u + other.u == len(x) * len(y)
    assert one.p_value == pytest.approx(other.p_value, nan_ok=True)
    assert one.p_exact == pytest.approx(other.p_exact, nan_ok=True)
    assert one.shift == pytest.approx(-other.shift)
    assert one.shift_low == pytest.approx(-other.shift_high)


@SETTINGS
@given(values, st.randoms())
def test_shuffling_moves_the_groups_along(x, random):
    order = list(range(len(x)))
    random.shuffle(order)
    try:
        cut = median_cut(x)
    except Refused:
        return
    again = median_cut(np.array(x)[order])
    assert again.lowest_high == cut.lowest_high
    assert list(again.groups) == list(cut.groups[order])


@SETTINGS
@given(values, values)
def test_a_roc_curve_knows_order_only(x, y):
    both, case = np.array([*x, *y], dtype=float), np.arange(len(x) + len(y)) < len(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            plain = roc(both, case, ~case, direction="high", rule="youden")
        except Refused:
            return
        bent = roc(np.exp(both / 9), case, ~case, direction="high", rule="youden")
        turned = roc(-both, case, ~case, direction="low", rule="youden")
    assert bent.lowest_high == pytest.approx(np.exp(plain.lowest_high / 9))
    assert bent.auc == plain.auc == turned.auc
    assert turned.optimum.sum() == plain.optimum.sum()


@SETTINGS
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=4))
def test_fisher_of_a_turned_table(rows):
    table = np.array(rows)
    try:
        p_value = fisher_exact(table).p_value
    except Refused:
        return
    assert 0 < p_value <= 1
    assert fisher_exact(table.T[::-1]).p_value == pytest.approx(p_value, rel=1e-9)


@SETTINGS
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusting_keeps_the_order_and_only_raises(p_values):
    for method in ("holm", "bh", "bonferroni"):
        adjusted = adjust(p_values, method)
        assert (adjusted >= np.array(p_values) - 1e-15).all() and (adjusted <= 1).all()
        order = np.argsort(p_values, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-15).all()


@SETTINGS
@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=8), st.floats(-2, 2))
def test_moving_all_effects_moves_the_pool(effects, shift):
    log_hr, se = (np.array(part) for part in zip(*effects, strict=True))
    one = pool(log_hr, se, tau="reml", hartung_knapp=True)
    moved = pool(log_hr + shift, se, tau="reml", hartung_knapp=True)
    assert moved.effect == pytest.approx(one.effect + shift, abs=1e-6)
    assert moved.tau2 == pytest.approx(one.tau2, rel=1e-5, abs=1e-6)
