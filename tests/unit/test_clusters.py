"""Consensus clustering: planted classes are found, chosen and named; what cannot be clustered is refused."""

import numpy as np
import pytest

from prognomics.errors import AnalysisWarning, Refused
from prognomics.signature.centroid import classify_centroid
from prognomics.signature.clusters import class_centroids, cluster_samples, scaled_profiles


def planted(k, each=20, seed=1, genes=12):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(k), each)
    levels = rng.permuted(np.tile(np.arange(k), (genes, 1)), axis=1)  # each gene orders the classes in its own way
    levels[: genes // 2] = np.arange(k)
    return levels[:, truth] * 2.0 + rng.normal(size=(genes, len(truth))) * 0.4, truth


def generator():
    return np.random.Generator(np.random.PCG64(7))


@pytest.mark.parametrize("k", [2, 3])
def test_planted_classes_are_found_and_named_by_their_mean(k):
    values, truth = planted(k)
    scaled, _ = scaled_profiles(values, ["a"] * len(truth), "overall")
    found = cluster_samples(scaled, [2, 3, 4], resamples=20, fraction=0.8, rng=generator())
    assert found.table.loc[found.table["chosen"] == "yes", "k"].tolist() == [k]
    classes = [set(found.classes[truth == c]) for c in range(k)]
    assert all(len(names) == 1 for names in classes)
    means = {name: scaled[:, found.classes == name].mean() for name in found.names}
    assert list(means.values()) == sorted(means.values()) and found.names[0] == "low" and found.names[-1] == "high"
    row = found.table[found.table["chosen"] == "yes"].iloc[0]
    assert row["pac"] == 0 and row["consensus_within"] == 1 and row["silhouette"] > 0.5


def test_scaling_within_cohorts_takes_the_cohorts_out():
    values, truth = planted(2)
    cohorts = np.tile(["a", "b"], len(truth) // 2)
    values = values + np.where(cohorts == "b", 9.0, 0.0)
    for scaling, alike in (("within_cohort", truth), ("none", (cohorts == "b") * 1)):
        scaled, _ = scaled_profiles(values, cohorts, scaling)
        found = cluster_samples(scaled, [2], resamples=10, fraction=0.8, rng=generator())
        assert len(set(zip(found.classes, alike, strict=True))) == 2, scaling


def test_centroids_give_the_classes_back_in_another_cohort():
    values, truth = planted(2)
    genes = [f"G{i}" for i in range(len(values))]
    scaled, centered = scaled_profiles(values, ["a"] * len(truth), "within_cohort")
    found = cluster_samples(scaled, [2], resamples=10, fraction=0.8, rng=generator())
    centroids = class_centroids(centered, genes, found.classes, found.names)
    other = values + 3 + np.random.default_rng(5).normal(size=values.shape) * 0.2
    again = classify_centroid(other, genes, mode="apply", centroids=centroids)
    assert (again.classes == found.classes).mean() > 0.95


def test_missing_values_stand_at_the_mean_and_flat_genes_do_not_matter():
    values, truth = planted(2)
    values[0, 3] = np.nan
    values[1, : len(truth) // 2] = 5.0
    cohorts = np.where(truth == 0, "a", "b")
    scaled, centered = scaled_profiles(values, cohorts, "within_cohort")
    assert scaled[0, 3] == 0 and np.isnan(centered[0, 3]) and (scaled[1, truth == 0] == 0).all()
    assert np.isfinite(scaled_profiles(values, cohorts, "none")[0]).all()


def test_noise_is_warned_of():
    with pytest.warns(AnalysisWarning, match="weak-clusters"):
        cluster_samples(np.random.default_rng(3).normal(size=(30, 40)), [2], resamples=10, fraction=0.8,
                        rng=generator())  # fmt: skip


def test_what_cannot_be_divided_is_refused():
    with pytest.raises(Refused, match="classes cannot be made"):
        cluster_samples(np.ones((4, 30)), [2], resamples=5, fraction=0.8, rng=generator())
    with pytest.raises(Refused, match="too few to scale"):
        scaled_profiles(np.ones((3, 4)), ["a", "a", "a", "b"], "within_cohort")
