"""Searched cuts: the statistic by hand, the window, strata, corrections, what is shrunken and what is refused."""

import numpy as np
import pytest

from prognomics.cutpoint import maximally_selected as corrections
from prognomics.cutpoint.cut_search import permuted_maxima, search_cut
from prognomics.cutpoint.logrank_scores import logrank_scores
from prognomics.cutpoint.searched_cut import searched_cut
from prognomics.cutpoint.shrunken_effect import FOLDS, _Samples, shrunken_effect
from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.two_groups import follow_up, log_hazard_ratio, log_hazard_ratios
from prognomics.survival.curves.logrank import logrank

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def cohort(n=80, effect=0.0, seed=0, decimals=8):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n).round(decimals)
    death, lost = rng.exponential(30, n) * np.exp(-effect * (x >= 0)), rng.uniform(10, 80, n)
    return x, np.minimum(death, lost), (death <= lost).astype(float)


def searched(x, t, e, seed=1, **options):
    settings = dict(min_fraction=0.1, correction="permutation", n_permutations=199, n_bootstraps=0, direction="high",
                    rng=np.random.default_rng(seed))  # fmt: skip
    return searched_cut(x, t, e, **{**settings, **options})


def test_scores_by_hand():
    # 1 of 4, 1 of 3, none, 1 of 1 at risk
    np.testing.assert_allclose(logrank_scores([1, 2, 3, 4], [1, 1, 0, 1]), [3 / 4, 5 / 12, -7 / 12, -7 / 12])
    # two samples of one time: each event over the samples that are later, plus one; with strata over all at risk
    np.testing.assert_allclose(logrank_scores([1, 1, 2], [1, 1, 1]), [0, 0, -1])
    np.testing.assert_allclose(logrank_scores([1, 1, 2], [1, 1, 1], [0, 1, 0]), [1 / 3, 1 / 3, -2 / 3])


def test_score_sums_are_observed_less_expected():
    x, t, e = cohort()
    test = logrank(t, e, x >= 0.3)
    assert logrank_scores(t, e)[x >= 0.3].sum() == pytest.approx((test.observed - test.expected)[1], rel=1e-12)


def test_statistic_by_hand():
    x, scores = np.array([3.0, 1, 2, 4]), np.array([0.5, -1, 0.2, 0.3])
    search = search_cut(x, scores, 0.25)
    assert list(search.lowest_high) == [2, 3, 4] and list(search.n_low) == [1, 2, 3]
    variance = scores @ scores * np.array([1 * 3, 2 * 2, 3 * 1]) / (4 * 3)
    np.testing.assert_allclose(search.z, [1, 0.8, 0.3] / np.sqrt(variance))
    assert search.lowest_high[search.chosen] == 2 and search.n_tied == 1


def test_the_window_and_values_equal_to_the_cut():
    x = np.repeat([1.0, 2, 3, 4, 5], 4)
    search = search_cut(x, np.random.default_rng(0).normal(size=20), 0.3)
    assert list(search.lowest_high[search.inside]) == [3, 4] and list(search.n_low[search.inside]) == [8, 12]
    for least, message in ((0.4, "no cut"), (0.5, "least share")):
        with pytest.raises((Refused, BadInput), match=message):
            search_cut(np.repeat([0.0, 1.0], [6, 2]), np.arange(8.0), least)
    with pytest.raises(Refused, match="no cut"):
        search_cut(np.ones(9), np.arange(9.0), 0.1)


def test_strata_take_the_cohort_out():
    x, t, e = cohort(120, seed=3)
    stratum = np.repeat([0, 1], 60)
    x, t = x + 3 * stratum, t / (1 + 9 * stratum)
    plain, within = (searched(x, t, e, stratum=s) for s in (np.zeros(120, int), stratum))
    assert plain.search.p["permutation"] < 0.02 < 0.1 < within.search.p["permutation"]
    assert np.isnan(within.search.p["lausen_schumacher"])
    scores = logrank_scores(t, e, stratum)
    one = search_cut(x[:60], scores[:60], 0.1)
    both = search_cut(x + 9 * stratum, scores, 0.1, stratum)
    np.testing.assert_allclose(both.z[both.n_low < 60], one.z, rtol=1e-9)
    with pytest.raises(UsageError, match="one stratum"):
        searched(x, t, e, stratum=stratum, correction="hothorn_lausen")


def test_permutations_keep_strata_and_the_seed():
    x, t, e = cohort(60, seed=4)
    search = search_cut(x, logrank_scores(t, e, x > 0), 0.1, x > 0)
    first, again = (permuted_maxima(search, 50, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(first, again) and len(np.unique(first)) > 40


def test_corrections_at_their_limits():
    assert corrections.permutation_p(3.0, np.zeros(99)) == 0.01
    assert corrections.permutation_p(0.0, np.zeros(99)) == 1.0
    assert corrections.lausen_schumacher_p(0.5, 0.1, 0.9) == 1.0
    assert corrections.improved_bonferroni_p(1.0, np.arange(10, 90), 100) == 1.0
    one = corrections.improved_bonferroni_p(1.959964, [50], 100)
    assert one == pytest.approx(0.05, abs=1e-6)
    assert np.isnan(corrections.hothorn_lausen_p(np.arange(200.0), np.arange(20, 180)))


def test_exact_bound_of_few_samples_by_enumeration():
    from itertools import permutations

    scores, n_low = np.array([3, 0, 1, 2, 5]), np.array([1, 2, 3])
    centered = scores - scores.mean()
    deviation = np.sqrt(n_low * (5 - n_low) / (5 * 4) * (centered @ centered))
    maxima = [np.abs(np.cumsum(centered[list(order)])[n_low - 1] / deviation).max() for order in permutations(range(5))]
    observed = np.abs(np.cumsum(centered)[n_low - 1] / deviation).max()
    exact = np.mean(np.array(maxima) > observed + 1e-9)
    assert exact <= corrections.hothorn_lausen_p(scores, n_low) <= 1


def test_two_groups_agree_with_the_general_model():
    rng = np.random.default_rng(5)
    t, e, g, s = np.ceil(rng.exponential(8, 90)), rng.random(90) < 0.6, rng.random(90) < 0.4, rng.integers(0, 3, 90)
    for strata in (None, s):
        fit = fit_cox(t, e, g.astype(float), strata=strata, eps=1e-14)
        found = log_hazard_ratio(follow_up(t, e, strata), g)
        assert found == pytest.approx((fit.beta[0], fit.se[0]), rel=1e-9)
    counts = rng.integers(0, 3, 90)
    rows = np.repeat(np.arange(90), counts)
    fit = fit_cox(t[rows], e[rows], g[rows].astype(float), eps=1e-14)
    assert log_hazard_ratio(follow_up(t, e), g, counts)[0] == pytest.approx(fit.beta[0], rel=1e-9)
    assert np.isnan(log_hazard_ratio(follow_up([1, 2, 3, 4], [1, 1, 0, 0]), [True, True, False, False])[0])


def test_nothing_is_left_of_a_marker_that_means_nothing_and_much_of_a_strong_one():
    found = {}
    for effect in (0.0, 1.2):
        x, t, e = cohort(120, effect, seed=11)
        search = search_cut(x, logrank_scores(t, e), 0.1)
        cut = float(search.lowest_high[search.chosen])
        found[effect] = shrunken_effect(x, t, e, cut, 0.1, 40, np.random.default_rng(7))
    assert abs(found[0.0].shrunken) < 0.5 * abs(found[0.0].log_hr) and found[0.0].low <= 0 <= found[0.0].high
    assert 0.6 < found[1.2].factor <= 1 and found[1.2].low > 0 and found[1.2].cut_low <= 0.1 and found[1.2].n_used == 40


def test_samples_without_an_outcome_are_grouped_and_not_searched():
    x, t, e = cohort(90, 1.0, seed=8)
    t[:10], x[10] = np.nan, np.nan
    cut = searched(x, t, e)
    assert cut.search.n == 79 and cut.n_low + cut.n_high == 89 and cut.n_missing == 1
    assert cut.policy == "searched" and "10 samples without an outcome" in cut.notes[0]
    row = cut.search.row()
    assert row["p_naive"] < row["p_corrected"] and row["window_low"] < cut.lowest_high < row["window_high"]
    assert (cut.search.profile["chosen"] == "yes").sum() == 1


def test_a_result_against_the_declared_direction_is_warned_of():
    x, t, e = cohort(90, 1.0, seed=8)
    with pytest.warns(AnalysisWarning, match="declared side"):
        cut = searched(x, t, e, direction="low")
    assert "declared direction" in cut.notes[-1]
    with pytest.raises(Refused, match="no events"):
        searched(x, t, np.zeros(90))


def test_another_seed_hardly_moves_the_shrunken_hazard_ratio():
    rng = np.random.default_rng(5)
    n = 90
    x = rng.standard_normal(n)
    t, e = rng.exponential(1, n) / np.exp(0.5 * x), (rng.random(n) < 0.6).astype(float)
    search = search_cut(x, logrank_scores(t, e), 0.1)
    cut = float(search.lowest_high[search.chosen])
    found = [shrunken_effect(x, t, e, cut, 0.1, 0, np.random.default_rng(seed)) for seed in range(4)]
    assert max(one.error for one in found) <= 0.02
    assert np.ptp([one.shrunken for one in found]) < 6 * max(one.error for one in found)


def test_hazard_ratios_of_many_divisions_are_those_of_each():
    rng = np.random.default_rng(14)
    t, e, s = np.ceil(rng.exponential(8, 60)), rng.random(60) < 0.5, rng.integers(0, 2, 60)
    high = rng.random((6, 60)) < np.array([0.5, 0.1, 0.9, 0.5, 0.0, 1.0])[:, None]
    counts = rng.integers(0, 3, (6, 60))
    high[3] = e  # nobody below has an event: no finite estimate
    beta, se = log_hazard_ratios(follow_up(t, e, s), high, counts)
    for row in range(3):
        rows = np.repeat(np.arange(60), counts[row])
        fit = fit_cox(t[rows], e[rows], high[row, rows].astype(float), strata=s[rows], eps=1e-14)
        assert (beta[row], se[row]) == pytest.approx((fit.beta[0], fit.se[0]), rel=1e-9)
    assert np.isnan(beta[3:]).all() and np.isnan(se[3:]).all()


@pytest.mark.parametrize("strata", [False, True])
def test_shrinkage_is_that_of_one_search_and_one_fit_after_the_other(strata):
    rng = np.random.default_rng(6)
    x, t, e = cohort(70, 0.8, seed=2)
    x, t, s = np.round(x, 1), np.ceil(t * 10), rng.integers(0, 2, 70) if strata else np.zeros(70, dtype=int)
    samples = _Samples(x, t, e, s, follow_up(t, e, s), 0.2)
    draws, folds = rng.integers(0, 70, (2, 70)), rng.integers(0, FOLDS, (2, 2, 70))
    cut, log_hr, factor = samples.shrunken(draws, folds)

    def search(rows):
        found = search_cut(x[rows], logrank_scores(t[rows], e[rows], s[rows]), 0.2, s[rows])
        lowest_high = found.lowest_high[found.chosen]
        return lowest_high, fit_cox(t[rows], e[rows], (x[rows] >= lowest_high).astype(float), strata=s[rows]).beta[0]

    for draw in range(2):
        assert (cut[draw], log_hr[draw]) == pytest.approx(search(draws[draw]), rel=1e-6)
        for division in range(2):
            fold = folds[draw, division][draws[draw]]
            worse, sizes = np.zeros(70), []
            for k in range(FOLDS):
                lowest_high, found = search(draws[draw][fold != k])
                above = x[draws[draw][fold == k]] >= lowest_high
                worse[fold == k] = above if found > 0 else ~above
                sizes.append(abs(found))
            rows = draws[draw]
            honest = fit_cox(t[rows], e[rows], worse, strata=s[rows]).beta[0]
            assert factor[draw, division] == pytest.approx(np.clip(honest / np.mean(sizes), 0, 1), rel=1e-6, abs=1e-9)


def test_a_searched_cut_warns_of_tests_that_do_not_correct_for_it():
    with pytest.warns(AnalysisWarning) as caught:
        searched(*cohort(90, 1.0, seed=8))
    text = next(str(w.message) for w in caught if w.message.code == "searched-cut")
    assert "cox, kaplan_meier and other tools do not correct for the search" in text
