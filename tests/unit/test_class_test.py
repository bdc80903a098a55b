"""Leave-one-out classes: their test and its permutation, distances, floors, what a class is marked as."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput
from prognomics.signature.centroid import classify_centroid, labels_at_horizon
from prognomics.signature.centroid_distance import correlation_distances
from prognomics.signature.class_test import Outcome, class_test
from prognomics.survival.curves.logrank import logrank

GENES = [f"G{i}" for i in range(20)]
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def tumours(seed=0, n=60, hazard=0.0):
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=n)
    values = rng.normal(size=(20, n)) + np.linspace(-1.5, 1.5, 20)[:, None] * latent
    death, lost = rng.exponential(40, n) * np.exp(-hazard * latent), rng.uniform(10, 120, n)
    return values, np.minimum(death, lost), (death <= lost).astype(float)


def classes(values, labels, **options):
    return classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=labels, **options)


def judged(found, labels, time, event, n=99, stratum=None):
    stratum = np.zeros(len(labels), dtype=int) if stratum is None else stratum
    outcome = Outcome(np.array(labels, dtype=object), time, event, stratum, "os")
    return class_test(found, outcome, n_permutations=n, min_margin=0.0, rng=np.random.default_rng(1)).iloc[0]


def test_the_naive_p_is_the_log_rank_test_of_the_classes():
    values, time, event = tumours(hazard=1.2)
    labels = labels_at_horizon(time, event, 36)
    found = classes(values, labels)
    row = judged(found, labels, time, event)
    expected = logrank(time, event, found.classes.astype(str))
    assert (row["p_naive"], row["statistic"]) == pytest.approx((expected.p_value, expected.chisq))
    assert row["p_permutation"] <= 0.02 and row["n"] == 60 and row["test"] == "log-rank"


def test_a_signature_of_nothing_has_a_larger_permutation_p():
    small = 0
    for seed in range(4):
        values, time, event = tumours(seed=seed)
        labels = labels_at_horizon(time, event, 36)
        row = judged(classes(values, labels), labels, time, event, n=49)
        small += row["p_permutation"] <= 0.05
    assert small <= 1


def test_a_column_is_tested_by_chi_square_within_strata():
    values, time, event = tumours(hazard=2.0, seed=3)
    labels = np.where(event == 1, "yes", "no").astype(object)
    labels[:5] = None
    found = classes(values, labels)
    row = judged(found, labels, None, None, stratum=np.repeat([0, 1], 30))
    counts = pd.crosstab(found.classes[5:], labels[5:]).to_numpy(float)
    expected = counts.sum(1)[:, None] * counts.sum(0) / counts.sum()
    assert row["statistic"] == pytest.approx(((counts - expected) ** 2 / expected).sum())
    assert row["n"] == 55 and row["df"] == 1 and np.isnan(row["events"])


def test_all_in_one_class_cannot_be_tested():
    values, time, event = tumours()
    labels = labels_at_horizon(time, event, 36)
    found = classes(values, labels)
    found.classes[:] = "event"
    with pytest.warns(AnalysisWarning, match="one class"):
        row = judged(found, labels, time, event)
    assert np.isnan(row["p_naive"]) and np.isnan(row["p_permutation"])


def test_a_class_is_marked_by_how_it_was_learnt():
    values, time, event = tumours()
    labels = labels_at_horizon(time, event, 36)
    unknown = pd.isna(pd.Series(labels)).to_numpy()
    found = classes(values, labels)
    assert set(found.learnt[unknown]) == {"all_training"} and set(found.learnt[~unknown]) == {"leave_one_out"}
    trained = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    applied = classify_centroid(values, GENES, mode="apply", centroids=trained.centroids)
    assert set(applied.learnt) == {"applied"} and set(trained.learnt) == {"own_training", "all_training"}
    assert list(applied.classes) == list(trained.classes)


def test_unclassified_below_a_floor_keeps_its_distances():
    values, time, event = tumours()
    labels = labels_at_horizon(time, event, 36)
    free, floored = classes(values, labels), classes(values, labels, min_margin=0.2)
    near = free.margin < 0.2
    assert near.any() and pd.isna(floored.classes[near]).all() and not pd.isna(floored.classes[~near]).any()
    pd.testing.assert_frame_equal(free.distances, floored.distances)


def test_distances_are_those_of_pandas():
    rng = np.random.default_rng(4)
    samples, centroids = rng.normal(size=(5, 12)).round(1), rng.normal(size=(3, 12)).round(1)
    samples[0, 3], centroids[1, 7], samples[4] = np.nan, np.nan, 1.0
    for name in ("spearman", "pearson", "kendall"):
        found = correlation_distances(samples, centroids, name)
        for i, sample in enumerate(samples[:4]):
            used = ~np.isnan(sample) & ~np.isnan(centroids).any(axis=0)
            for k, centroid in enumerate(centroids):
                x, y = pd.Series(sample[used]), pd.Series(centroid[used])
                x, y = (x.rank(), y.rank()) if name == "spearman" else (x, y)
                if name != "kendall":
                    assert found[i, k] == pytest.approx(1 - x.corr(y))
        assert np.isnan(found[4]).all()
    tau = correlation_distances(np.array([[1.0, 2, 3, 4]]), np.array([[1.0, 3, 2, 4], [4, 3, 2, 1]]), "kendall")
    np.testing.assert_allclose(tau, [[1 - 4 / 6, 2]])


def test_unknown_distance():
    values, time, event = tumours()
    with pytest.raises(BadInput, match="cosine"):
        classes(values, labels_at_horizon(time, event, 36), distance="cosine")
