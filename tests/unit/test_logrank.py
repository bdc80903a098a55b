"""Log-rank tests that can be checked by hand."""

import numpy as np
import pytest

from prognomics.errors import BadInput, Refused, UsageError
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.curves.logrank import logrank, logrank_trend, pairwise_logrank


def test_four_samples_by_hand():
    # Risk sets (a, b): time 1: (2, 2), a dies; time 2: (1, 2), b dies; time 3: (1, 1), a dies.
    test = logrank([1, 3, 2, 4], [1, 1, 1, 0], ["a", "a", "b", "b"])
    assert test.observed.tolist() == [2, 1]
    np.testing.assert_allclose(test.expected, [1 / 2 + 1 / 3 + 1 / 2, 1 / 2 + 2 / 3 + 1 / 2])
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert test.chisq == pytest.approx((2 - 4 / 3) ** 2 / variance)
    assert test.df == 1 and test.levels == ("a", "b")


def test_weights_by_hand():
    data = ([1, 3, 2, 4], [1, 1, 1, 0], ["a", "a", "b", "b"])
    assert logrank(*data, weights="wilcoxon").observed.tolist() == [4 + 2, 3]
    np.testing.assert_allclose(logrank(*data, weights="peto").observed, [1 + 0.5, 0.75])


def test_stratum_with_one_group_adds_nothing():
    time, event, group = [1, 3, 2, 4], [1, 1, 1, 0], ["a", "a", "b", "b"]
    alone = logrank(time, event, group)
    more = logrank(time + [1, 2], event + [1, 1], group + ["a", "a"], strata=[1] * 4 + [2] * 2)
    assert more.chisq == pytest.approx(alone.chisq)


def test_groups_never_side_by_side_cost_a_degree_of_freedom():
    group, strata = ["a", "b"] * 4 + ["c", "d"] * 4, [1] * 8 + [2] * 8
    time, event = np.arange(16) % 8 + 1.0, np.ones(16)
    test = logrank(time, event, group, strata)
    halves = [logrank(time[i], event[i], group[i]).chisq for i in (slice(0, 8), slice(8, 16))]
    assert test.df == 2 and test.chisq == pytest.approx(sum(halves))
    nothing = logrank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "a", "b", "b"], [1, 1, 2, 2])
    assert np.isnan(nothing.chisq) and nothing.df == 0


def test_trend_of_two_groups_is_the_test():
    test = logrank([1, 3, 2, 4, 6], [1, 1, 1, 0, 1], ["a", "a", "b", "b", "a"])
    assert logrank_trend(test).chisq == pytest.approx(test.chisq)
    assert logrank_trend(test, [5, 9]).chisq == pytest.approx(test.chisq)


def test_pairs_use_their_own_samples():
    time, event = np.arange(1.0, 10), np.ones(9)
    group = np.tile(["a", "b", "c"], 3)
    pairs = pairwise_logrank(time, event, group, levels=("c", "b", "a"), p_adjust="holm")
    assert [pair.levels for pair in pairs] == [("c", "b"), ("c", "a"), ("b", "a")]
    rows = group != "b"
    assert pairs[1].chisq == pytest.approx(logrank(time[rows], event[rows], group[rows]).chisq)


def test_what_is_refused():
    with pytest.raises(Refused, match="at least two groups"):
        logrank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(Refused, match="no events"):
        logrank([1, 2], [0, 0], ["a", "b"])
    with pytest.raises(UsageError, match="weights"):
        logrank([1, 2], [1, 1], ["a", "b"], weights="tarone")
    with pytest.raises(BadInput, match="levels"):
        logrank([1, 2], [1, 1], ["a", "b"], levels=("a", "x"))


def test_adjustment_by_hand():
    np.testing.assert_allclose(adjust([0.01, 0.04, 0.03], "bh"), [0.03, 0.04, 0.04])
    np.testing.assert_allclose(adjust([0.01, 0.04, 0.03], "holm"), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(adjust([0.02, np.nan], "bh"), [0.02, np.nan])
    with pytest.raises(BadInput):
        adjust([0.1], "sidak")
