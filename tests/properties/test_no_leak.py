"""A learned signature claims nothing where there is nothing, and finds what is there."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.matrix import ExpressionMatrix
from prognomics.learning.analysis import analyze_signature
from prognomics.learning.cohort_data import learning_data
from prognomics.learning.held_out import make_splits
from prognomics.learning.learner import Settings, assign_folds, learn

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")

SETTINGS = Settings(folds=5, smallest=0.1)  # the dense end of the path takes most of the time and is never chosen


def cohorts(seed, effect=0.0, n_genes=200, sizes=(60, 70, 80), batch=1.0):
    """Cohorts that differ in hazard and in the level of every gene; the first ten genes have the effect."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    cohort = np.repeat([f"c{i}" for i in range(len(sizes))], sizes)
    shift = {c: rng.normal(0, batch, n_genes) for c in np.unique(cohort)}
    hazard = {c: rng.normal(0, 0.5) for c in np.unique(cohort)}
    x = rng.normal(size=(n_genes, n))
    risk = effect * x[:10].sum(axis=0) + np.array([hazard[c] for c in cohort])
    time, end = rng.exponential(np.exp(-risk)) * 30, rng.uniform(12, 90, n)
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(n)], "cohort": cohort})
    values = x + np.array([shift[c] for c in cohort]).T
    matrix = ExpressionMatrix(values, [f"g{i}" for i in range(n_genes)], frame["sample_id"].tolist())
    return frame, matrix, np.minimum(time, end), (time <= end).astype(float)


def analyzed(seed, n_random=0, **options):
    frame, matrix, time, event = cohorts(seed, **options)
    data = learning_data(frame, matrix, time, event)
    common = {"endpoint": "os", "population": "all"}
    return analyze_signature(data, SETTINGS, leave_out="cohort", nested=True, fold_column=None, at=(), published={},
                             n_random=n_random, common=common)  # fmt: skip


def row(found, held_out="all", statistic="c_harrell", model="signature"):
    table = found.validation
    rows = table[(table["held_out"] == held_out) & (table["statistic"] == statistic) & (table["model"] == model)]
    return rows.iloc[0]


def test_the_held_out_cohort_never_reaches_the_learner():
    """Changing a cohort's outcomes changes nothing of the signature that predicts it."""
    frame, matrix, time, event = cohorts(1, effect=0.3)
    inside = (frame["cohort"] == "c0").to_numpy()
    for turned in (event, np.where(inside, 1 - event, event)):
        data = learning_data(frame, matrix, np.where(inside & (turned != event), time[::-1], time), turned)
        split = next(s for s in make_splits(data, "cohort", True, Settings()) if s.name == "c0")
        learned = learn(data, split.training, SETTINGS)
        if turned is event:
            first = learned.coefficients
        else:
            np.testing.assert_array_equal(learned.coefficients, first)
    assert (first != 0).any()


def test_the_signature_of_a_split_is_that_of_its_training_cohorts_alone():
    """What is held out is predicted by the model that the other cohorts give by themselves: folds, lambda and genes."""
    frame, matrix, time, event = cohorts(1, effect=0.5)
    frame["patient_id"] = [f"p{i // 2}" for i in range(len(frame))]
    data = learning_data(frame, matrix, time, event)
    for split in make_splits(data, "cohort", True, Settings()):
        inside = learn(data, split.training, SETTINGS)
        part = frame.iloc[split.training].reset_index(drop=True)
        alone = learning_data(part, matrix, time[split.training], event[split.training])
        own = learn(alone, np.arange(alone.n), SETTINGS)
        assert own.step == inside.step and (own.coefficients != 0).any()
        np.testing.assert_allclose(own.coefficients, inside.coefficients, rtol=0, atol=1e-9)


def test_a_patient_is_in_one_fold_only():
    frame, matrix, time, event = cohorts(2)
    frame["patient_id"] = [f"p{i // 2}" for i in range(len(frame))]
    data = learning_data(frame, matrix, time, event)
    folds = assign_folds(data, np.arange(data.n), 5, 1)
    assert pd.Series(folds).groupby(data.patient).nunique().max() == 1
    assert (np.bincount(folds, data.event) > 0).all()


def test_what_is_there_is_found():
    found = analyzed(3, effect=0.5, n_random=200)
    chosen = np.flatnonzero(found.learned.coefficients)
    assert len(set(chosen) & set(range(10))) >= 8
    own = row(found)
    assert own["ci_low"] > 0.6
    assert row(found, model="random_median")["p_value"] < 0.02
    assert row(found, "apparent")["estimate"] > own["estimate"]


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_the_early_end_of_the_folds_changes_no_choice(effect):
    frame, matrix, time, event = cohorts(5, effect=effect)
    data = learning_data(frame, matrix, time, event)
    whole = learn(data, np.arange(data.n), Settings(folds=5))
    early = learn(data, np.arange(data.n), Settings(folds=5), whole_path=False)
    np.testing.assert_array_equal(early.coefficients, whole.coefficients)
    assert len(early.mean) < len(whole.mean) and early.step == whole.step and early.one_se == whole.one_se
    np.testing.assert_array_equal(early.mean, whole.mean[: len(early.mean)])


def test_noise_gives_a_signature_that_is_worth_nothing_held_out():
    found = analyzed(4, n_random=50)
    if (found.learned.coefficients != 0).any():
        assert row(found, "apparent")["estimate"] > 0.55  # the optimism that held-out rows do not have
    assert abs(row(found)["estimate"] - 0.5) < 0.1


@pytest.mark.slow
def test_null_studies_claim_little():
    """The interval of the held-out C covers 0.5, and few null studies claim a signature; empty ones are counted."""
    empty = covered = claimed = total = 0
    for seed in range(200):
        found = analyzed(1000 + seed)
        own = row(found)
        if all(size == 0 for size in found.held_out.sizes):
            empty += 1
            continue
        total += 1
        covered += own["ci_low"] <= 0.5 <= own["ci_high"]
        claimed += own["ci_low"] > 0.5
    print(f"{total} studies with a signature, {empty} without; covered {covered}, claimed {claimed}")
    assert covered >= 0.91 * total and claimed <= 0.06 * 200
