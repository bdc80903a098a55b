"""The maximally selected log-rank statistic of one marker: every cut-point, their maximum, its null distribution.

Lausen and Schumacher (1992), doi 10.2307/2532740; Hothorn and Lausen (2003), doi 10.1016/S0167-9473(02)00225-6.
The statistic is that of R's `maxstat::maxstat.test(smethod = "LogRank")`; strata are this project's addition:
scores are made and permuted within strata, and numerators and variances are summed over them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import BadInput, Refused
from prognomics.survival.event_times import check_event_times, codes_of, merge_near_ties

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
        The smallest value called high by each cut, ascending: all cuts that leave neither side empty.
    n_low : numpy.ndarray of int, shape (n_cuts,)
    z : numpy.ndarray, shape (n_cuts,)
        Standardised log-rank statistic; positive where the high group has more events than expected. 0 where the
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
        return int((np.abs(self.z[self.inside]) >= self.statistic * (1 - 1e-12)).sum())


def logrank_scores(time, event, strata=None) -> np.ndarray:
    """Log-rank scores: the event less the hazard accumulated until the sample's time.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Follow-up time and 0/1 flag.
    strata : array_like, shape (n_samples,), optional
        Labels; scores are made within each.

    Returns
    -------
    numpy.ndarray, shape (n_samples,)
        Each event among samples of equal times adds one over the number of samples at or after that time, less the
        other samples of that time: the scores of Hothorn and Lausen, as `exactRankTests::cscores(type = "LogRank")`.
        Without equal times they are martingale residuals of the null model, and sum over a group to observed less
        expected events.
    """
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    stratum, _ = codes_of(strata, len(time), "stratum")
    scores = np.empty(len(time))
    for code in np.unique(stratum):
        rows = np.flatnonzero(stratum == code)
        rows = rows[np.argsort(time[rows], kind="stable")]
        last = np.searchsorted(time[rows], time[rows], side="right")
        hazard = np.cumsum(event[rows] / (len(rows) - last + 1))
        scores[rows] = event[rows] - hazard[last - 1]
    return scores


def search_cut(values, scores, min_fraction: float, strata=None) -> CutSearch:
    """The standardised score sum at every cut, and the best within a window.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
        The marker, no value missing.
    scores : array_like, shape (n_samples,)
        See :func:`logrank_scores`.
    min_fraction : float
        Least share of samples on either side, below 0.5: the low group has at least floor(n f) and at most
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
    stratum, _ = codes_of(strata, n, "stratum")
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    n_low = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
    least, most = max(1, int(np.floor(n * min_fraction))), int(np.floor(n * (1 - min_fraction)))
    inside = (n_low >= least) & (n_low <= most)
    if not inside.any():
        raise Refused(f"no cut leaves at least {min_fraction:.0%} of the {n} samples on either side",
                      where=f"{len(np.unique(values))} different values of the marker",
                      hint="a marker with few or heavily tied values cannot be searched; lower --min-fraction, or give "
                           "a cut beforehand")  # fmt: skip
    moved, deviation = _standard(scores, stratum, order, n_low)
    z = np.divide(-np.cumsum(moved)[n_low - 1], deviation, out=np.zeros(len(n_low)), where=deviation > 0)
    if not deviation[inside].any():
        raise Refused("the outcome has no information on any cut: there are no events at risk together",
                      hint="check the endpoint and the subset")
    size = np.where(inside, np.abs(z), -1.0)
    chosen = int(np.flatnonzero(size >= size.max() * (1 - 1e-12))[0])
    return CutSearch(order, ordered[n_low], n_low, z, inside, chosen, scores, stratum)


def _standard(scores, stratum, order, n_low):
    """Scores centred within strata, in the marker's order, and the deviation of their sum at each cut.

    The variance of a sum of m of n scores drawn without replacement, summed over the strata.
    """
    centred, variance = scores.copy(), np.zeros(len(n_low))
    for code in np.unique(stratum):
        rows = stratum == code
        centred[rows] -= centred[rows].mean()
        n = int(rows.sum())
        if n > 1:
            low = np.cumsum(rows[order])[n_low - 1]
            variance += low * (n - low) / (n * (n - 1)) * float(centred[rows] @ centred[rows])
    return centred[order], np.sqrt(variance)


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
