"""Sample sizes against R's rpact (Schoenfeld), published examples, and simulation against the formulas."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput, Refused, UsageError
from prognomics.stats.power import needed_information, power_of, smallest_ratio
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.logrank import logrank
from prognomics.survival.planning.analysis import Question, plan_study, study_power
from prognomics.survival.planning.observed import observed_study
from prognomics.survival.planning.simulation import draw_observed, draw_trial, score_statistics, simulated_power
from prognomics.survival.planning.trial import Trial, planned_trial, smallest_effect

EXPECTED = pd.read_csv(Path(__file__).parent / "planning" / "expected.tsv", sep="\t").pivot(
    index="key", columns="name", values="value"
)


@pytest.mark.parametrize("key", EXPECTED.index)
def test_sample_size_of_two_groups(key):
    ratio, power, fraction, accrual, follow_up, dropout, sides = map(float, key.split("|"))
    trial = Trial(False, (fraction,), (40.0,), accrual, follow_up, dropout)
    n, events = trial.needed(np.log(ratio), power, 0.05, int(sides))
    assert events == pytest.approx(EXPECTED.loc[key, "events"], rel=1e-7)
    assert n == pytest.approx(EXPECTED.loc[key, "n"], rel=1e-6)


def test_published_examples():
    collett = 4 * needed_information(-0.562, 0.9)  # Modeling Survival Data: 133 events
    assert collett == pytest.approx(133.0, abs=0.1)
    myeloma = Trial(True, (0.5,), (1.0,), r_squared=0.1837)  # Hsieh and Lavori: log BUN, SD 0.3126, 106 patients
    needed = needed_information(0.3126, 0.8, sides=1) / myeloma.variances()[0]
    assert np.ceil(needed / 0.738) == 106


def test_power_and_smallest_effect_are_inverse():
    trial = planned_trial("groups", [0.3, 0.5], [30.0, 80.0], None, 12.0, 40.0, 0.02, 0.0, 0.0)
    for sign in (1, -1):
        found = smallest_effect(lambda _: trial, 300, 0.8, 0.05, 2, sign)
        assert power_of(found, 300 * trial.information(found)) == pytest.approx(0.8, abs=1e-9)
        assert trial.needed(found, 0.8, 0.05, 2)[0] == pytest.approx(300, rel=1e-9)
    assert smallest_effect(lambda _: trial, 4, 0.99, 1e-6, 2, 1) == np.inf
    assert smallest_ratio(40.0, 0.8) == pytest.approx(np.exp((1.959964 + 0.8416212) / np.sqrt(40)), rel=1e-6)
    assert smallest_ratio(0.0, 0.8) == np.inf


def test_smallest_ratio_of_z_and_t():
    for row in pd.read_csv(Path(__file__).parent / "planning" / "smallest.tsv", sep="\t").itertuples():
        found = smallest_ratio(row.se**-2, row.power, df=row.df)
        assert found == pytest.approx(row.ratio, rel=1e-8), row


@pytest.mark.parametrize("effect", ["groups", "continuous"])
def test_a_fraction_of_events_is_that_of_the_study_at_the_effect(effect):
    """The power at the smallest effect is the one that was asked for, with the number of events that was stated."""

    def trial_at(log_ratio):
        return planned_trial(effect, [0.4], [], 0.4, 0.0, None, 0.0, 0.0, log_ratio)

    found = plan_study(trial_at, [300], Question((0.8, 0.9), ())).table
    assert found["events"].tolist() == [120, 120]
    assert found["event_fraction"].tolist() == pytest.approx([0.4, 0.4], abs=1e-9)
    for row in found.itertuples():
        for ratio in (row.hazard_ratio, row.hazard_ratio_below):
            again = plan_study(trial_at, [300], Question((0.8,), (ratio,))).table
            power = again.loc[again["question"] == "power", "power"].item()
            assert power == pytest.approx(row.power, abs=1e-6)


@pytest.mark.parametrize("effect", ["groups", "continuous"])
def test_simulation_agrees_with_the_formula(effect):
    trial = planned_trial(effect, [0.4, 0.6, 0.5], [20.0, 40.0, 90.0], None, 24.0, 30.0, 0.05, 0.0, 0.0)
    power, se = simulated_power(draw_trial(trial, 330), np.log(1.4), 330, 4000, 3, 0.05, 2)
    assert power == pytest.approx(power_of(np.log(1.4), 330 * trial.information(np.log(1.4))), abs=0.025)
    size, _ = simulated_power(draw_trial(trial, 330), 0.0, 330, 4000, 3, 0.05, 2)
    assert size == pytest.approx(0.025, abs=0.009)
    assert se < 0.01


def test_statistics_are_those_of_the_tests():
    trial = planned_trial("groups", [0.4, 0.6], [20.0, 60.0], None, 24.0, 30.0, 0.0, 0.0, 0.0)
    drawn = draw_trial(trial, 90)(0.3, 3, np.random.default_rng(1))
    z = score_statistics(drawn)
    stratum = np.repeat([0, 1], 45)
    for i in range(3):
        time, event, x = (np.concatenate([part[k][i] for part in drawn]) for k in range(3))
        assert z[i] ** 2 == pytest.approx(logrank(time, event, x, stratum).chisq, rel=1e-9)
        assert z[i] ** 2 == pytest.approx(fit_cox(time, event, x, stratum).score, rel=1e-9)


def cohorts(n=400, seed=5):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(n)], "cohort": np.repeat(["a", "b"], n // 2)})
    frame["marker"] = rng.normal(size=n) + 3 * (frame["cohort"] == "b")
    frame["group"] = np.where(rng.random(n) < np.where(frame["cohort"] == "a", 0.2, 0.7), "high", "low")
    frame["age"] = frame["marker"] + rng.normal(size=n)
    time, end = rng.exponential(30, n), rng.uniform(5, 60, n)
    frame["os_time"], frame["os_event"] = np.minimum(time, end), (time < end).astype(int)
    return frame


def test_a_data_set_without_an_effect_has_the_information_of_its_model():
    frame = cohorts()
    for marker, covariates in (("group", []), ("marker", []), ("marker", ["age"])):
        study = observed_study(frame, "os_time", "os_event", marker, covariates=covariates)
        x = np.column_stack([study.marker, *[frame[c] for c in covariates]])
        fit = fit_cox(frame["os_time"], frame["os_event"], x, study.stratum)
        assert 1 / np.sqrt(study.information) == pytest.approx(fit.se[0], rel=0.06)
    unstratified = observed_study(frame, "os_time", "os_event", "group", strata=["none"])
    share = (frame["group"] == "high").mean()
    assert unstratified.information == pytest.approx(frame["os_event"].sum() * share * (1 - share))


def test_simulated_data_sets_have_the_events_of_the_data_set():
    study = observed_study(cohorts(), "os_time", "os_event", "group")
    for effect in (0.0, 1.5):
        drawn = draw_observed(study)(effect, 300, np.random.default_rng(2))
        for stratum, (_, event, _) in enumerate(drawn):
            assert event.sum(axis=1).mean() == pytest.approx(study.events[stratum], rel=0.05)
    found = study_power(study, Question([0.8], [1.6], simulations=2000))
    assert (found.table["power"] - found.table["power_simulated"]).abs().max() < 0.04
    assert found.table["question"].tolist() == ["smallest_effect", "power", "sample_size"]


def test_what_cannot_be_planned():
    frame = cohorts()
    frame["three"] = np.resize(["x", "y", "z"], len(frame))
    frame["nested"] = frame["cohort"]
    with pytest.raises(BadInput, match="3 groups"):
        observed_study(frame, "os_time", "os_event", "three")
    with pytest.raises(Refused, match="does not vary"):
        observed_study(frame, "os_time", "os_event", "nested")
    with pytest.raises(Refused, match="determine"):
        observed_study(frame.assign(twice=2 * frame["marker"]), "os_time", "os_event", "marker", covariates=["twice"])
    trial = partial(planned_trial, "groups", [0.5], [], 0.4, 0.0, None, 0.0, 0.0)
    with pytest.raises(UsageError, match="nothing to compute"):
        plan_study(trial, [], Question([0.8], []))
    with pytest.raises(UsageError, match="no effect"):
        plan_study(trial, [], Question([0.8], [1.0]))
    wrong = [
        ([0.5], [], None, 0.0, None, 0.0),
        ([0.5], [9.0], 0.4, 0.0, 9.0, 0.0),
        ([0.5], [9.0], None, 0.0, None, 0.0),
        ([0.5, 0.4], [9.0, 9.0, 9.0], None, 0.0, 9.0, 0.0),
        ([0.5], [], 0.4, 12.0, None, 0.0),
    ]
    for options in wrong:
        with pytest.raises(UsageError):
            planned_trial("groups", *options, 0.0, 0.0)
