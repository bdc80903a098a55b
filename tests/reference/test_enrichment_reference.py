"""Enrichment against gseapy (scores, leading edges; p by range), R's phyper, and all sets of a small ranking."""

from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.enrichment.null_scores import null_scores, random_sets, tail_probabilities
from prognomics.enrichment.overlap import hypergeometric_upper
from prognomics.enrichment.score import enrichment_scores

HERE = Path(__file__).parent / "enrichment"
GSEAPY = dict(tuple(pd.read_csv(HERE / "gseapy.tsv", sep="\t", comment="#").groupby("weight")))
PHYPER = pd.read_csv(HERE / "phyper.tsv", sep="\t", comment="#")


@pytest.mark.parametrize("weight", GSEAPY)
def test_as_gseapy(weight):
    found = tools.enrichment(table=str(HERE / "ranked.tsv"), sets=[str(HERE / "sets.gmt")], weight=weight).table
    found, wanted = found.set_index("set"), GSEAPY[weight].set_index("set")
    assert set(found.index) == set(wanted.index)
    wanted = wanted.loc[found.index]
    np.testing.assert_allclose(found["es"], wanted["es"], rtol=1e-6)
    np.testing.assert_allclose(found["nes"], wanted["nes"], rtol=0.04)
    for name, row in wanted.iterrows():
        ours, theirs = found.loc[name, "p_value"], row["p_value"]
        ties = 0.01 if weight == 0 and theirs > 0.5 else 5e-4  # unweighted scores take few values
        assert abs(ours - theirs) < 5 * np.sqrt(theirs * (1 - theirs) / 5000) + ties, name
        assert set(found.loc[name, "leading_edge"].split(",")) == set(row["leading_edge"].split(";")), name


def test_hypergeometric_tails_as_r():
    found = [hypergeometric_upper(*row) for row in PHYPER[["overlap", "marked", "drawn", "total"]].to_numpy().tolist()]
    np.testing.assert_allclose(found, PHYPER["p"], rtol=1e-8, atol=1e-290)


def slow_score(places, weights):
    """The running sum gene by gene."""
    inside, total = set(places), sum(weights[i] for i in places)
    height, high, low = 0.0, 0.0, 0.0
    for rank, weight in enumerate(weights):
        if rank in inside:
            height += weight / total if total else 1.0 / len(places)
        else:
            height -= 1.0 / (len(weights) - len(places))
        high, low = max(high, height), min(low, height)
    return 0.0 if abs(high + low) < 1e-12 else high if high > -low else low


@pytest.mark.parametrize("power", [0.0, 1.0, 3.0])
def test_scores_as_gene_by_gene(power):
    rng = np.random.default_rng(8)
    statistic = np.sort(rng.standard_normal(60))[::-1]
    statistic[25:35] = 0
    weights = np.abs(statistic) ** power
    for size in (1, 2, 10, 59):
        sets = random_sets(rng, 20, size, 60)
        wanted = [slow_score(places.tolist(), weights.tolist()) for places in sets]
        np.testing.assert_allclose(enrichment_scores(sets, weights), wanted, atol=1e-12)
    zeros = np.arange(25, 30)[None, :]
    assert enrichment_scores(zeros, weights)[0] == pytest.approx(slow_score(zeros[0].tolist(), weights.tolist()))


def test_random_sets_are_equally_likely():
    for size in (2, 1, 5):  # drawn again, and by sorting
        sets = random_sets(np.random.default_rng(size), 60_000, size, 12)
        assert (np.diff(sets, axis=1) > 0).all() and sets.min() == 0 and sets.max() == 11
        _, counts = np.unique(sets @ (13 ** np.arange(size)), return_counts=True)
        expected = 60_000 / comb(12, size)
        assert len(counts) == comb(12, size)
        assert ((counts - expected) ** 2 / expected).sum() < len(counts) + 5 * np.sqrt(2 * len(counts))


def test_p_against_all_sets_of_a_small_ranking():
    rng = np.random.default_rng(1)
    weights = np.abs(np.sort(rng.standard_normal(22))[::-1])
    scores = np.sort(enrichment_scores(np.array(list(combinations(range(22), 5))), weights))[::-1]
    null = null_scores(weights, 5, 40_000, 1)
    assert (null >= scores[2000]).mean() == pytest.approx((scores >= scores[2000]).mean(), rel=0.06)
    thresholds = scores[[0, 3, 26, 263]]
    wanted = np.log([(scores >= at).mean() for at in thresholds])
    runs = [tail_probabilities(weights, 5, thresholds, seed) for seed in range(12)]
    found, errors = (np.array([run[part] for run in runs]) for part in (0, 1))
    away = (found.mean(axis=0) - wanted) / (errors.mean(axis=0) / np.sqrt(12))
    assert (np.abs(away) < 3.5).all()
    assert (np.abs(found - wanted) < 4 * errors).all()


def test_tails_of_ties_and_of_impossible_scores_end():
    logs, _ = tail_probabilities(np.ones(8), 2, np.array([1.0, 1.5]), 3)
    assert np.exp(logs[0]) == pytest.approx(1 / 28, rel=0.8)
    assert logs[1] < logs[0]
