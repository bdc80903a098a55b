"""Evaluation of models: values by hand, hard cases, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
import scipy.integrate

from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.survival.evaluation.accuracy import brier, integrated, integration_grid
from prognomics.survival.evaluation.analysis import evaluate_models
from prognomics.survival.evaluation.calibration import observed_over_expected, risk_groups
from prognomics.survival.evaluation.censoring import CensoringWeights
from prognomics.survival.evaluation.decision import net_benefit
from prognomics.survival.evaluation.discrimination import auc, roc_curve, uno_c
from prognomics.survival.evaluation.nomogram import round_values
from prognomics.survival.evaluation.optimism import draw

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
ONE = np.zeros(6, dtype=int)
TIME = np.array([1.0, 2, 3, 4, 5, 6])
EVENT = np.array([1, 0, 1, 1, 0, 1]).astype(bool)


def sheet(n=120, seed=0, cohorts=1, **columns):
    rng = np.random.default_rng(seed)
    marker = rng.normal(size=n).round(2)
    time = rng.exponential(40 * np.exp(-0.6 * marker)) + 1
    limit = rng.uniform(20, 130, n)
    frame = {"sample_id": [f"S{i}" for i in range(n)], "os_time": np.minimum(time, limit).round(1),
             "os_event": (time <= limit).astype(int), "age": rng.normal(60, 9, n).round(), "marker": marker,
             "cohort": [f"c{i % cohorts}" for i in range(n)]}  # fmt: skip
    return pd.DataFrame(frame | columns)


def evaluated(frame, covariates=("age",), marker="marker", at=(36,), **options):
    options = {"bootstraps": 0} | options
    return evaluate_models(frame, "os_time", "os_event", list(covariates), marker, at=at, **options)


def cells(found, model, metric):
    table = found.table
    return table[(table["model"] == model) & (table["metric"] == metric) & (table["validation"] == "apparent")].iloc[0]


def test_weights_by_hand():
    weights = CensoringWeights(TIME, EVENT, ONE)
    # one of five at risk is censored at 2, so G is 4/5 from there; one of two at 5, so 2/5
    np.testing.assert_allclose(weights.before_own_time, [1, 1, 0.8, 0.8, 0.8, 0.4])
    status = weights.status(3.5)
    assert status.case.tolist() == [True, False, True, False, False, False]
    np.testing.assert_allclose(status.weight, [1, 0, 1.25, 1.25, 1.25, 1.25])
    # with the weights the samples stand for all six
    assert status.weight.sum() == pytest.approx(6)


def test_an_event_leaves_before_a_censoring_of_its_time():
    weights = CensoringWeights(np.array([1.0, 1, 2]), np.array([True, False, True]), np.zeros(3, dtype=int))
    np.testing.assert_allclose(weights.before_own_time, [1, 1, 0.5])


def test_auc_by_hand():
    weights = CensoringWeights(TIME, EVENT, ONE)
    status = weights.status(3.5)
    risk = np.array([5.0, 0, 3, 4, 3, 1])
    # case at 1 (weight 1) beats all three controls; case at 3 (weight 5/4) beats one and ties with one
    wanted = (1 * 3 + 1.25 * 1.5) / (2.25 * 3)
    found = auc(weights, status, risk)
    assert found.value == pytest.approx(wanted)
    curve = roc_curve(weights, status, risk)
    area = scipy.integrate.trapezoid(curve.sensitivity, curve.false_positive)
    assert area == pytest.approx(wanted)
    assert curve.threshold[0] == np.inf


def test_brier_by_hand():
    weights = CensoringWeights(TIME, EVENT, ONE)
    score = brier(weights, weights.status(3.5), np.full(6, 0.5))
    assert score.value == pytest.approx(0.25)
    assert integrated(np.array([0.1, 0.3]), np.array([0.0, 2.0]), 4.0) == pytest.approx(0.2)
    assert integration_grid(TIME, 3.0, 100).tolist() == [0, 1, 2]
    assert len(integration_grid(np.arange(1000.0), 900, 50)) == 50


@pytest.mark.parametrize("strata", [1, 2])
def test_influence_is_what_a_sample_adds(strata):
    """The influence of a sample approximates what leaving it out changes."""
    rng = np.random.default_rng(5)
    n = 400
    time, event, risk = rng.exponential(10, n), rng.random(n) < 0.6, rng.normal(size=n)
    stratum = rng.integers(0, strata, n)

    def measures(keep):
        weights = CensoringWeights(time[keep], event[keep], stratum[keep])
        status = weights.status(8.0)
        predicted = 1 / (1 + np.exp(-risk[keep]))
        return (auc(weights, status, risk[keep]), brier(weights, status, predicted))

    everyone = measures(np.ones(n, dtype=bool))
    for i in range(0, n, 23):
        for whole, without in zip(everyone, measures(np.arange(n) != i), strict=True):
            assert whole.value - without.value == pytest.approx(whole.influence[i], abs=0.1 / n)


def test_strata_are_judged_apart():
    """A score that only tells strata apart is worth nothing within them, and all where they count as one."""
    rng = np.random.default_rng(2)
    stratum = np.repeat([0, 1], 100)
    time, event = rng.exponential(np.where(stratum == 1, 2.0, 20.0)), np.ones(200, dtype=bool)
    risk = stratum.astype(float)
    apart, joined = (CensoringWeights(time, event, codes) for codes in (stratum, np.zeros(200, dtype=int)))
    assert auc(apart, apart.status(2.0), risk).value == 0.5
    assert auc(joined, joined.status(2.0), risk).value > 0.7
    assert uno_c(apart, risk).value == 0.5


def test_follow_up_cut_at_the_horizon_has_controls():
    time, event = np.array([1.0, 5, 10, 10, 10]), np.array([1, 0, 0, 0, 1]).astype(bool)
    weights = CensoringWeights(time, event, np.zeros(5, dtype=int))
    status = weights.status(10.0)
    assert status.control.tolist() == [False, False, True, True, False]
    assert status.weight.sum() == pytest.approx(5)
    assert not weights.status(10.5).used.any()


def test_net_benefit_by_hand():
    time, event = np.array([1.0, 2, 30, 30]), np.array([1, 1, 0, 0]).astype(bool)
    benefit, n_high = net_benefit(time, event, np.array([0.9, 0.4, 0.5, 0.1]), 12.0, [0.2, 0.45, 0.95])
    # two of three above 0.2 have the event; one of two above 0.45; nobody above 0.95
    np.testing.assert_allclose(benefit, [2 / 4 - 1 / 4 * 0.25, 1 / 4 - 1 / 4 * 0.45 / 0.55, 0])
    assert n_high.tolist() == [3, 2, 0]
    unknown, _ = net_benefit(np.array([1.0, 2, 3]), np.array([1, 0, 0]).astype(bool), np.ones(3), 12.0, [0.5])
    assert np.isnan(unknown[0])


def test_observed_over_expected_by_hand():
    time, event = np.array([1.0, 2, 30, 30]), np.array([1, 1, 0, 0]).astype(bool)
    assert observed_over_expected(time, event, np.full(4, 0.25), 12.0).estimate == pytest.approx(2)
    none = observed_over_expected(time, event & False, np.full(4, 0.25), 12.0)
    assert none.estimate == 0 and np.isnan(none.ci_low)


def test_equal_risks_share_a_group():
    assert risk_groups(np.array([0.1, 0.1, 0.1, 0.2, 0.3]), 5).max() == 2
    assert risk_groups(np.full(9, 0.4), 4).tolist() == [0] * 9


@pytest.mark.parametrize(
    ("low", "high", "wanted"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (23, 81, [20, 40, 60, 80, 100]), (5, 5, [5])]
)
def test_round_values(low, high, wanted):
    np.testing.assert_allclose(round_values(low, high), wanted)


def test_bootstrap_draws_within_strata():
    stratum = np.array([0, 1, 0, 1, 1])
    rows = draw(20, stratum, np.random.default_rng(0))
    assert (stratum[rows] == stratum).all()


@QUIET
def test_the_nomogram_gives_the_models_risk():
    frame = sheet(cohorts=2)
    found = evaluated(frame, at=[36])
    table = found.nomogram[found.nomogram["model"] == "covariates+marker"]
    points = table[table["row_type"] == "points"]
    assert points["points"].max() == pytest.approx(100) and points["points"].min() == 0
    totals = table[(table["row_type"] == "total") & (table["stratum"] == "c0")]
    # risk rises with the points, by the hazard ratio that a point stands for
    hazard = -np.log1p(-totals["risk"].to_numpy())
    np.testing.assert_allclose(np.diff(np.log(hazard)), np.diff(totals["log_hazard"]), rtol=1e-6)
    assert set(table["stratum"].dropna()) == {"c0", "c1"}


@QUIET
def test_models_share_their_samples():
    frame = sheet()
    frame.loc[:9, "age"] = np.nan
    frame.loc[5:14, "marker"] = np.nan
    table = evaluated(frame).table
    assert set(table["n"]) == {105} and set(table["n_missing"]) == {15}
    assert set(table["model"]) == {"null", "covariates", "marker", "covariates+marker",
                                   "covariates+marker minus covariates"}  # fmt: skip


@QUIET
def test_optimism_of_noise():
    """Many worthless variables look good where they were fitted, and nowhere else."""
    rng = np.random.default_rng(3)
    noise = {f"x{i}": rng.normal(size=80) for i in range(12)}
    found = evaluated(sheet(80, **noise), list(noise), None, bootstraps=25, rng=rng)
    c, slope = cells(found, "covariates", "harrell_c"), cells(found, "covariates", "calibration_slope")
    assert c["estimate"] > 0.62 and c["corrected"] < c["estimate"] - 0.05
    assert slope["estimate"] == 1 and slope["corrected"] < 0.7
    assert c["bootstraps"] == 25


@QUIET
def test_the_same_seed_gives_the_same_table():
    first, second = (evaluated(sheet(60), bootstraps=5, rng=np.random.default_rng(4)).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_a_cohort_that_ends_early_is_left_out_there():
    frame = sheet(cohorts=2)
    short = frame["cohort"] == "c1"
    frame.loc[short & (frame["os_time"] > 24), "os_event"] = 0
    frame.loc[short, "os_time"] = frame.loc[short, "os_time"].clip(upper=24)
    with pytest.warns(AnalysisWarning, match=r"not judged at 36 months.*c1 \(24\)"):
        found = evaluated(frame, at=[24, 36])
    one, both = cells(found, "marker", "auc"), found.table
    assert one["n_case"] + one["n_control"] > 0
    late = both[(both["metric"] == "brier") & (both["time_months"] == 36) & (both["cohort"] == "c1")]
    assert late["estimate"].isna().all() and late["note"].str.contains("follow-up ends").all()


@QUIET
@pytest.mark.parametrize(("change", "metric"), [
    (lambda f: f.assign(os_time=f["os_time"].round(-1)), "auc"),  # heavy ties, times of 0
    (lambda f: f.assign(os_time=f["os_time"] * 1e-6), "brier"),
    (lambda f: f.assign(marker=f["age"]), "harrell_c"),  # collinear
    (lambda f: f.assign(marker=f["marker"].round()), "uno_c"),
    (lambda f: f.assign(marker=np.where(f.index < 3, "rare", "usual")), "harrell_c"),
    (lambda f: f.assign(cohort=[f"c{i % 40}" for i in range(len(f))]), "harrell_c"),  # three samples a cohort
    (lambda f: f.assign(cohort=np.where(f.index % 2, "a", None)), "harrell_c"),
])  # fmt: skip
def test_hard_data(change, metric):
    frame = change(sheet())
    at = [float(frame["os_time"].quantile(0.5))]
    found = evaluated(frame, at=at, bootstraps=3, rng=np.random.default_rng(0))
    row = cells(found, "covariates+marker", metric)
    assert 0 <= row["estimate"] <= 1


@QUIET
def test_a_marker_without_information_adds_nothing():
    found = evaluated(sheet().assign(marker=lambda f: 2 * f["age"]))
    table = found.table
    row = table[table["model"].str.contains("minus") & (table["metric"] == "likelihood_ratio")].iloc[0]
    assert row["df"] == 0 and np.isnan(row["p_value"]) and "no information" in row["note"]


@pytest.mark.parametrize(("options", "error", "text"), [
    ({"at": (1000,)}, Refused, "beyond the follow-up"),
    ({"at": (0,)}, UsageError, "positive number"),
    ({"covariates": (), "marker": None}, UsageError, "nothing to evaluate"),
    ({"covariates": ("marker",)}, UsageError, "at once"),
    ({"marker": "cohort", "strata": ("cohort",)}, UsageError, "at once"),
    ({"marker": "XPO1"}, BadInput, "XPO1"),
    ({"marker": "flat"}, Refused, "does not vary"),
    ({"marker": "event_itself"}, Refused, "separates"),
])  # fmt: skip
def test_refusals(options, error, text):
    frame = sheet(flat=1.0)
    frame["event_itself"] = frame["os_event"]
    with pytest.raises(error, match=text):
        evaluated(frame, **options)


def test_no_events_are_refused():
    with pytest.raises(Refused, match="event"):
        evaluated(sheet().assign(os_event=0))
    frame = sheet()
    frame.loc[frame["os_event"] == 1, "marker"] = np.nan
    with pytest.raises(Refused, match="complete cases"):
        evaluated(frame)


@QUIET
def test_few_cases_are_warned_of():
    with pytest.warns(AnalysisWarning, match="events by 2.5 months"):
        evaluated(sheet(), at=[2.5])
