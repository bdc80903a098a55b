"""Scores of random gene sets, and the probability of scores that random sets hardly reach.

Random sets of one size estimate p-values down to one over their number. Smaller ones are estimated by adaptive
multilevel splitting: sets above the median score are kept and moved at random without falling below it, again and
again; each level halves the probability. Korotkevich et al. (2021), doi 10.1101/060012.
"""

from __future__ import annotations

import numpy as np
from scipy.special import polygamma, psi

from prognomics.enrichment.score import enrichment_scores

CHAINS = 101
SMALLEST = 1e-20
VALUES_AT_ONCE = 1 << 21
TURNOVER = 0.5  # of a set's genes that are replaced between two levels
MOST_STEPS = 200
DENSE = 0.2  # from this fraction of all genes on, sets are drawn by sorting random numbers


def random_sets(rng: np.random.Generator, n_sets: int, size: int, n_genes: int) -> np.ndarray:
    """Random subsets of ranks, each equally likely, rising in each row; shape (n_sets, size) of int32."""
    if size > DENSE * n_genes:
        order = np.argpartition(rng.random((n_sets, n_genes)), size - 1, axis=1)[:, :size]
        return np.sort(order.astype(np.int32), axis=1)
    places = np.sort(rng.integers(0, n_genes, (n_sets, size), dtype=np.int32), axis=1)
    rows = np.arange(n_sets)
    while len(rows):  # what was drawn twice is drawn again; by symmetry every subset stays equally likely
        part = places[rows]
        twice = np.zeros(part.shape, dtype=bool)
        twice[:, 1:] = part[:, 1:] == part[:, :-1]
        found = twice.any(axis=1)
        rows, part, twice = rows[found], part[found], twice[found]
        part[twice] = rng.integers(0, n_genes, int(twice.sum()), dtype=np.int32)
        part.sort(axis=1)
        places[rows] = part
    return places


def null_scores(weights: np.ndarray, size: int, n_sets: int, seed: int) -> np.ndarray:
    """Enrichment scores of random sets, shape (n_sets,); they depend on the seed and the size only."""
    rng = np.random.default_rng([seed, size, 0])
    step = max(1, VALUES_AT_ONCE // (len(weights) if size > DENSE * len(weights) else size))
    parts = [min(step, n_sets - start) for start in range(0, n_sets, step)]
    return np.concatenate([enrichment_scores(random_sets(rng, n, size, len(weights)), weights) for n in parts])


def tail_probabilities(
    weights: np.ndarray, size: int, scores: np.ndarray, seed: int, *, chains: int = CHAINS
) -> tuple[np.ndarray, np.ndarray]:
    """Probability that a random set has at least these scores, however small.

    Parameters
    ----------
    weights : numpy.ndarray, shape (n_genes,)
    size : int
    scores : numpy.ndarray, shape (n_scores,)
        Positive.
    seed : int
    chains : int
        Sets that are moved.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        Natural logarithms of the probabilities, and their standard errors. None is below `SMALLEST`.
    """
    rng = np.random.default_rng([seed, size, 1])
    places = random_sets(rng, chains, size, len(weights))
    reached = enrichment_scores(places, weights)
    log_p, variance, swaps = 0.0, 0.0, max(1, size // 2)
    found, errors = np.full((2, len(scores)), np.nan)
    waiting = np.ones(len(scores), dtype=bool)
    while waiting.any():
        level = _next_level(reached)
        for i in np.flatnonzero(waiting):
            above = int((reached >= scores[i]).sum())
            if level is None or scores[i] <= level or log_p < np.log(SMALLEST):
                counted = max(above, 0.5)
                found[i] = log_p + psi(counted) - psi(chains + 1.0) if above < chains else log_p
                errors[i] = np.sqrt(variance + polygamma(1, counted) - polygamma(1, chains + 1.0))
                waiting[i] = False
        if level is None or not waiting.any():
            break
        kept = np.flatnonzero(reached >= level)
        log_p += psi(float(len(kept))) - psi(chains + 1.0)
        variance += float(polygamma(1, float(len(kept))) - polygamma(1, chains + 1.0))
        copies = np.concatenate([kept, rng.choice(kept, chains - len(kept))])
        places, reached, swaps = _move(rng, places[copies], reached[copies], weights, level, swaps)
    return np.maximum(found, np.log(SMALLEST)), errors


def _next_level(reached: np.ndarray) -> float | None:
    """The median score, or the next higher one if most are equal; None if all are."""
    ordered = np.sort(reached)
    middle = ordered[len(ordered) // 2]
    if middle > ordered[0]:
        return float(middle)
    higher = ordered[ordered > middle]
    return float(higher[0]) if len(higher) else None


def _move(
    rng: np.random.Generator, places: np.ndarray, reached: np.ndarray, weights: np.ndarray, level: float, swaps: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Exchange genes of each set for random others where the score stays at the level or above."""
    chains, size = places.shape
    row = np.arange(chains)[:, None]
    inside = np.zeros((chains, len(weights)), dtype=bool)
    inside[row, places] = True
    replaced, steps, tried, taken = 0.0, 0, 0, 0
    while replaced < TURNOVER * size and steps < MOST_STEPS:
        if swaps == 1:
            out = rng.integers(0, size, (chains, 1))
        else:
            out = np.argpartition(rng.random((chains, size)), swaps - 1, axis=1)[:, :swaps]
        new = np.sort(rng.integers(0, len(weights), (chains, swaps), dtype=np.int32), axis=1)
        free = ~inside[row, new].any(axis=1) & ~(new[:, 1:] == new[:, :-1]).any(axis=1)
        moved = places.copy()
        moved[row, out] = new
        moved.sort(axis=1)
        scores = np.where(free, enrichment_scores(moved, weights), -np.inf)
        good = np.flatnonzero(scores >= level)
        inside[good[:, None], places[good]] = False
        inside[good[:, None], moved[good]] = True
        places[good], reached[good] = moved[good], scores[good]
        replaced += len(good) * swaps / chains
        steps, tried, taken = steps + 1, tried + chains, taken + len(good)
        if tried >= 4 * chains:
            swaps = max(1, swaps // 2) if taken < 0.25 * tried else swaps
            tried = taken = 0
    return places, reached, swaps
