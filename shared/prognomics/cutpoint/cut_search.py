"""The maximally selected log-rank statistic of one marker: every cutpoint, their maximum, its null distribution.

Lausen and Schumacher (1992), doi 10.2307/2532740; Hothorn and Lausen (2003), doi 10.1016/S0167-9473(02)00225-6.
The statistic is that of R's `maxstat::maxstat.test(smethod = "LogRank")`, and within strata that of
`coin::maxstat_test(Surv(time, event) ~ x | stratum)`: scores are permuted within strata, and numerators and variances
are summed over them. It comes from :mod:`prognomics.cutpoint.cut_statistics`, as in a screen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.cutpoint.cut_statistics import EQUAL, cut_statistics, window
from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused

BLOCK = 2_000_000
"""Permuted scores held at a time."""


@dataclass(frozen=True)
class CutSearch:
    """All candidate cuts of a marker and their statistics.

    Attributes
    ----------
    order : numpy.ndarray of int, shape (n_samples,)
        Samples in ascending order of the marker.
    lowest_high : numpy.ndarray, shape (n_cuts,)
        The smallest value called high by each cutpoint, ascending: all cutpoints that leave neither side empty.
    n_low : numpy.ndarray of int, shape (n_cuts,)
    z : numpy.ndarray, shape (n_cuts,)
        Standardized log-rank statistic; positive where the high group has more events than expected. 0 where the
        scores have no variance.
    inside : numpy.ndarray of bool, shape (n_cuts,)
        Cuts within the window, the candidates.
    chosen : int
        Position of the candidate with the largest absolute statistic, the lowest one of equals.
    scores : numpy.ndarray, shape (n_samples,)
        Log-rank scores in the samples' own order.
    stratum : numpy.ndarray of int, shape (n_samples,)
    """

    order: np.ndarray
    lowest_high: np.ndarray
    n_low: np.ndarray
    z: np.ndarray
    inside: np.ndarray
    chosen: int
    scores: np.ndarray
    stratum: np.ndarray

    @property
    def statistic(self) -> float:
        """The largest absolute statistic over the candidates (maxstat's M)."""
        return float(abs(self.z[self.chosen]))

    @property
    def n_candidates(self) -> int:
        return int(self.inside.sum())

    @property
    def n_tied(self) -> int:
        """Candidates that reach the largest statistic."""
        return int((np.abs(self.z[self.inside]) >= self.statistic * (1 - EQUAL)).sum())


def search_cut(
    values: np.ndarray, scores: np.ndarray, min_fraction: float, strata: np.ndarray | None = None
) -> CutSearch:
    """The standardized score sum at every cutpoint, and the best within a window.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
        The marker, no value missing.
    scores : array_like, shape (n_samples,)
        See :func:`prognomics.cutpoint.logrank_scores.logrank_scores`.
    min_fraction : float
        Least fraction of samples on either side, below 0.5: the low group has at least floor(n f) and at most
        floor(n (1 - f)) samples, as in `maxstat.test(minprop = f, maxprop = 1 - f)`.
    strata : array_like, shape (n_samples,), optional

    Raises
    ------
    BadInput
        A fraction outside [0, 0.5).
    Refused
        No cut inside the window, or scores without variance (no event).
    """
    if not 0.0 <= min_fraction < 0.5:
        raise BadInput(f"a least share of {min_fraction:g} on either side", hint="--min-fraction lies in 0 to 0.5")
    values, scores = np.asarray(values, dtype=float), np.asarray(scores, dtype=float)
    n = len(values)
    stratum, _ = encode_levels(strata, n, "stratum")
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    n_low = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
    least, most = window(n, min_fraction)
    inside = (n_low >= least) & (n_low <= most)
    if not inside.any():
        raise Refused(f"no cut leaves at least {min_fraction:.0%} of the {n} samples on either side",
                      where=f"{len(np.unique(values))} different values of the marker",
                      hint="a marker with few or heavily tied values cannot be searched; lower --min-fraction, or give "
                           "a cut beforehand")  # fmt: skip
    found, profile = cut_statistics(values[None], scores[None], stratum.astype(np.int64), min_fraction, profile=True)
    n_best = int(found[0, 0])
    if not n_best:
        raise Refused("the outcome has no information on any cut: there are no events at risk together",
                      hint="check the endpoint and the subset")  # fmt: skip
    z, chosen = profile[0, n_low - 1], int(np.flatnonzero(n_low == n_best)[0])
    return CutSearch(order, ordered[n_low], n_low, z, inside, chosen, scores, stratum)


def _standard(
    scores: np.ndarray, stratum: np.ndarray, order: np.ndarray, n_low: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores centered within strata, in the marker's order, and the deviation of their sum at each cutpoint.

    The variance of a sum of m of n scores drawn without replacement, summed over the strata.
    """
    centered, variance = scores.copy(), np.zeros(len(n_low))
    for code in np.unique(stratum):
        rows = stratum == code
        centered[rows] -= centered[rows].mean()
        n = int(rows.sum())
        if n > 1:
            low = np.cumsum(rows[order])[n_low - 1]
            variance += low * (n - low) / (n * (n - 1)) * float(centered[rows] @ centered[rows])
    return centered[order], np.sqrt(variance)


def permuted_maxima(search: CutSearch, n_permutations: int, rng: np.random.Generator) -> np.ndarray:
    """The largest statistic over the candidates with the outcomes shuffled within strata, shape (n_permutations,)."""
    n_low = search.n_low[search.inside]
    moved, deviation = _standard(search.scores, search.stratum, search.order, n_low)
    usable = deviation > 0
    inverse = np.where(usable, 1.0 / np.where(usable, deviation, 1.0), 0.0)
    stratum = search.stratum[search.order]
    rows = [np.flatnonzero(stratum == code) for code in np.unique(stratum)]
    maxima = np.empty(n_permutations)
    block = max(1, BLOCK // len(moved))
    for begin in range(0, n_permutations, block):
        size = min(block, n_permutations - begin)
        shuffled = np.empty((size, len(moved)))
        for inside in rows:
            shuffled[:, inside] = rng.permuted(np.broadcast_to(moved[inside], (size, len(inside))), axis=1)
        sums = np.cumsum(shuffled, axis=1, out=shuffled)[:, n_low - 1]
        maxima[begin : begin + size] = np.abs(sums * inverse).max(axis=1)
    return maxima
