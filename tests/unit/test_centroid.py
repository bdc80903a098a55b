"""Nearest centroids: modes, what is excluded, coverage, labels by a horizon."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.signature.centroid import classify_centroid, labels_at_horizon
from prognomics.signature.signature_genes import match_signature

GENES = [f"G{i}" for i in range(12)]


def tumours(seed=0, n=20, shift=2.0):
    rng = np.random.default_rng(seed)
    labels = np.array(["high", "low"] * (n // 2), dtype=object)
    values = rng.normal(8, 1, (12, n))
    values[:6, labels == "high"] += shift
    return values, labels


def test_training_recovers_planted_classes_and_hands_out_centroids():
    values, labels = tumours()
    result = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    assert list(result.classes) == list(labels)
    assert list(result.centroids.columns) == ["gene_id", "high", "low"]
    centered = values - values.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(result.centroids["high"], centered[:, labels == "high"].mean(axis=1))
    assert (result.margin > 0).all()


def test_a_left_out_sample_does_not_see_its_own_value():
    values, labels = tumours()
    result = classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=labels)
    rest = np.arange(20) != 4
    mean = values[:, rest].mean(axis=1, keepdims=True)
    centroids = [(values[:, rest & (labels == k)] - mean).mean(axis=1) for k in ("high", "low")]
    own = pd.Series(values[:, 4] - mean[:, 0]).rank()
    expected = [1 - own.corr(pd.Series(c).rank()) for c in centroids]
    np.testing.assert_allclose(result.distances.iloc[4], expected)
    # an outlying sample cannot pull its own centroid
    values[:, 4] *= 100
    again = classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=labels)
    trained = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    assert trained.distances["high"][4] < 0.1 < again.distances["high"][4]


def test_centroids_apply_to_other_samples_after_their_own_centering():
    values, labels = tumours()
    trained = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    other, truth = tumours(seed=5)
    result = classify_centroid(other + 50, GENES, mode="apply", centroids=trained.centroids)
    assert list(result.classes) == list(truth)


def test_samples_without_a_label_are_classified_but_train_nothing():
    values, labels = tumours()
    full = classify_centroid(values[:, :18], GENES, mode="train", signature=GENES, labels=labels[:18])
    labels = labels.copy()
    labels[18:] = None
    result = classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=labels)
    assert result.n_training == {"high": 9, "low": 9} == full.n_training
    assert pd.notna(result.classes[18])


def test_three_classes():
    rng = np.random.default_rng(2)
    labels = np.array(["a", "b", "c"] * 6, dtype=object)
    values = rng.normal(0, 0.3, (12, 18))
    for i, name in enumerate("abc"):
        values[4 * i : 4 * i + 4, labels == name] += 2
    result = classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=labels)
    assert list(result.classes) == list(labels)
    ordered = np.sort(result.distances.to_numpy(), axis=1)
    np.testing.assert_allclose(result.margin, ordered[:, 1] - ordered[:, 0])


def test_older_symbols_are_found_in_both_directions():
    aliases = {"CDK1": ["CDC2"], "SGO2": "SGOL2"}
    assert match_signature(["CDC2", "SGO2"], ["CDK1", "SGOL2", "TTK"], aliases) == {"CDK1": "CDC2", "SGOL2": "SGO2"}
    assert match_signature(["CDC2", "CDK1"], ["CDK1"], aliases) == {"CDK1": "CDK1"}


def test_coverage_is_stated_and_has_a_floor():
    values, labels = tumours()
    values[3] = 5.0
    values[4] = np.nan
    with pytest.warns(AnalysisWarning, match="10 of 13"):
        result = classify_centroid(
            values, GENES, mode="train", signature=[*GENES, "ABSENT"], labels=labels, min_coverage=0.7
        )
    status = result.coverage.set_index("gene_id")["status"]
    assert (status["ABSENT"], status["G3"], status["G4"], status["G0"]) == ("missing", "constant", "no value", "found")
    assert (result.n_genes, result.n_signature) == (10, 13)
    with pytest.raises(BadInput, match="10 of the 13"):
        classify_centroid(values, GENES, mode="train", signature=[*GENES, "ABSENT"], labels=labels, min_coverage=0.8)


def test_missing_values_are_left_out_gene_by_gene():
    values, labels = tumours()
    values[0, 0] = np.nan
    values[:, 1] = np.nan
    with pytest.warns(AnalysisWarning, match="1 samples"):
        result = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    assert result.classes[0] == "high" and pd.isna(result.classes[1]) and np.isnan(result.margin[1])


def test_one_class_is_refused():
    values, labels = tumours()
    for bad in (np.full(20, "high", dtype=object), np.where(np.arange(20) == 0, "low", "high").astype(object)):
        with pytest.raises(Refused):
            classify_centroid(values, GENES, mode="loocv", signature=GENES, labels=bad)


def test_the_table_of_classes():
    values, labels = tumours()
    result = classify_centroid(values, GENES, mode="train", signature=GENES, labels=labels)
    table = result.table([f"S{i}" for i in range(20)], "cinsarc")
    assert list(table.columns[:3]) == ["sample_id", "cinsarc", "cinsarc_margin"]


def test_labels_at_a_horizon():
    labels = labels_at_horizon([10, 70, 20, 60, 60, np.nan, 61], [1, 1, 0, 0, 1, 1, 0], 60)
    assert [x if isinstance(x, str) else None for x in labels] == [
        "event",
        "event_free",
        None,
        "event_free",
        "event",
        None,
        "event_free",
    ]
    with pytest.raises(Refused):
        labels_at_horizon([10, 20], [1, 0], 60)
