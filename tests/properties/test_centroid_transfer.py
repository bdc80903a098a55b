"""Centroids learnt in one simulated cohort, applied to cohorts of other platforms after their own centering."""

import numpy as np
import pytest

from prognomics.signature.centroid import classify_centroid, labels_at_horizon
from prognomics.simulate.cohorts import simulate_cohorts

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")

GENES = [f"SIG{i}" for i in range(67)]
AGREEMENT = 0.9


def planted(rng, n, unit, offset, known):
    """Two classes with a pattern of 67 genes each, in a platform's unit; the label is right in a share of tumours."""
    truth = np.where(np.arange(n) % 2 == 0, "high", "low").astype(object)
    strength = np.where(truth == "high", 1.0, -1.0) * rng.uniform(0.6, 1.4, n)
    values = PATTERN[:, None] * strength + rng.normal(0, 0.5, (67, n))
    label = truth.copy()
    wrong = rng.permutation(n)[: round((1 - known) * n)]
    label[wrong] = np.where(truth[wrong] == "high", "low", "high")
    return unit * values + rng.normal(0, 3, (67, 1)) + offset, label


PATTERN = np.random.default_rng(1).normal(0, 0.8, 67)


def test_planted_agreement_on_another_platform():
    rng = np.random.default_rng(2)
    values, label = planted(rng, 160, 1.0, 8.0, known=AGREEMENT)
    trained = classify_centroid(values, GENES, mode="train", signature=GENES, labels=label)
    for unit, offset in ((0.4, 0.0), (2.5, 30.0)):
        values, label = planted(rng, 300, unit, offset, known=AGREEMENT)
        applied = classify_centroid(values, GENES, mode="apply", centroids=trained.centroids)
        assert np.mean(applied.classes == label) == pytest.approx(AGREEMENT, abs=0.01)
        half = classify_centroid(values[:40], GENES[:40], mode="apply", centroids=trained.centroids, min_coverage=0.5)
        assert half.n_genes == 40 and np.mean(half.classes == label) == pytest.approx(AGREEMENT, abs=0.02)


@pytest.fixture(scope="module")
def cohorts():
    """Three platforms of `simulate_cohorts`, whose 67 genes all rise with the risk, with one probe each."""
    study = simulate_cohorts(3, 200, 120, seed=9, event_fraction=0.5, signature_strength=0.9)
    wanted, found = study.genes.signature, {}
    for cohort in study.cohorts():
        features, values = cohort.expression.features, cohort.expression.values
        row = {symbol: i for i, symbol in enumerate(features["gene_symbol"])}
        values = np.log2(values + 1) if cohort.platform == "sequencing" else values
        genes = [gene for gene in wanted if gene in row]
        primary = (cohort.truth["tissue_type"] == "primary").to_numpy()
        found[cohort.platform] = values[[row[g] for g in genes]][:, primary], genes, cohort.truth[primary]
    return found


def agreement(classes, truth):
    return float(np.mean(classes == truth["risk_class"].to_numpy()))


def test_genes_that_all_rise_transfer_by_their_sizes_only(cohorts):
    """A correlation does not see a level: what is left is which genes rise more, and platforms differ in that."""
    values, genes, truth = cohorts["affymetrix"]
    trained = classify_centroid(values, genes, mode="train", signature=genes, labels=truth["risk_class"].to_numpy())
    values, genes, truth = cohorts["two_color"]
    labels = truth["risk_class"].to_numpy()
    applied = classify_centroid(values, genes, mode="apply", centroids=trained.centroids, min_coverage=0.7)
    own = classify_centroid(values, genes, mode="loocv", signature=genes, labels=labels)
    assert 0.65 < agreement(applied.classes, truth) < agreement(own.classes, truth) < 0.9


def test_centroids_learnt_from_survival_are_worth_about_as_much(cohorts):
    values, genes, truth = cohorts["affymetrix"]
    labels = labels_at_horizon(truth["mfs_time"], truth["mfs_event"], 36)
    trained = classify_centroid(values, genes, mode="train", signature=genes, labels=labels)
    values, genes, truth = cohorts["two_color"]
    classes = classify_centroid(values, genes, mode="apply", centroids=trained.centroids, min_coverage=0.7).classes
    assert agreement(np.where(classes == "event", "high", "low"), truth) > 0.65


def test_distances_do_not_know_the_unit_of_a_platform(cohorts):
    values, genes, truth = cohorts["two_color"]
    labels = truth["risk_class"].to_numpy()
    first = classify_centroid(values, genes, mode="loocv", signature=genes, labels=labels)
    again = classify_centroid(4 * values - 7, genes, mode="loocv", signature=genes, labels=labels)
    np.testing.assert_allclose(first.margin, again.margin, atol=1e-9)
    order = np.random.default_rng(0).permutation(len(labels))
    shuffled = classify_centroid(values[:, order], genes, mode="loocv", signature=genes, labels=labels[order])
    np.testing.assert_allclose(shuffled.margin, first.margin[order], atol=1e-9)
