"""Harrell's concordance of a risk score with survival, and its standard error.

Harrell et al. (1982), doi 10.1001/jama.1982.03320430047030. The variance is the infinitesimal jackknife of
R's `survival::concordance` (time weight n); n log n in the number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput
from prognomics.survival.event_times import check_event_times

MANY = 20_000
"""Samples from which on sweeps beat NumPy's way."""


@dataclass(frozen=True)
class Concordance:
    """Fraction of comparable pairs in which the sample at higher risk has the earlier event.

    Attributes
    ----------
    estimate, se : float
        Ties in the score count one half. NaN where no pair is comparable.
    concordant, discordant, tied_score : float
        Comparable pairs of each kind (weighted where weights were given).
    influence : numpy.ndarray, shape (n_samples,) or (n_clusters,)
        What each sample (or cluster) adds to the estimate; squares sum to se**2.
    """

    estimate: float
    se: float
    concordant: float
    discordant: float
    tied_score: float
    influence: np.ndarray


def concordance(
    time: np.ndarray,
    event: np.ndarray,
    risk: np.ndarray,
    strata: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    entry: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    time_weights: np.ndarray | None = None,
    with_se: bool = True,
) -> Concordance:
    """Concordance of a risk score, as `concordance(Surv(time, event) ~ risk, reverse = TRUE)`.

    Two samples are comparable when the earlier time is an event and the other was still under
    observation: a censoring at the same time counts as later, two events at the same time are
    not comparable. With strata only pairs within a stratum count.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Near ties already merged.
    risk : array_like, shape (n_samples,)
        Higher means an earlier event. Scores tie when they are equal to the last bit.
    strata, weights, entry, cluster : array_like, shape (n_samples,), optional
        As in `fit_cox`.
    time_weights : array_like, shape (n_samples,), optional
        Factor of the pairs in which a sample has the earlier event, such as 1 / G(time-)^2 for R's
        `timewt = "n/G2"`; taken as known by the standard error.
    with_se : bool
        Whether standard error and influence are wanted; without them (NaN) half of the time is saved.

    Returns
    -------
    Concordance
    """
    time, event = check_event_times(time, event)
    n = len(time)
    risk = np.asarray(risk, dtype=float)
    if risk.shape != (n,) or not np.isfinite(risk).all():
        raise BadInput("risk scores must be finite numbers, one a sample")
    rank = np.unique(risk, return_inverse=True)[1].reshape(-1)
    stratum, _ = encode_levels(strata, n, "stratum")
    weight = np.ones(n) if weights is None else np.asarray(weights, dtype=float)

    if entry is None and time_weights is None and n >= MANY and compiled_loops() is not None:
        from prognomics.survival.concordance_sweeps import outlasting

        later, earlier = outlasting(time, event, rank, stratum, weight, with_se)
        deaths = np.flatnonzero(event)
        later = later[:, deaths]
    else:
        deaths, later, earlier = _pairs(time, event, rank, stratum, weight, entry, time_weights)

    own = weight[deaths]
    below, level, above = later
    totals = [float(own @ part) for part in (below, above, level)]
    pairs = sum(totals)
    nothing = float("nan")
    if pairs == 0:
        return Concordance(nothing, nothing, 0.0, 0.0, 0.0, np.full(n, nothing))
    somers = (totals[0] - totals[1]) / pairs
    if not with_se:
        return Concordance((somers + 1) / 2, nothing, totals[0], totals[1], totals[2], np.full(n, nothing))
    # For a death, samples of lower risk that last longer are concordant; for a sample that
    # lasts longer, deaths of higher risk are.
    discordant, tied, concordant = (part.copy() for part in earlier)
    concordant[deaths] += below
    discordant[deaths] += above
    tied[deaths] += level
    influence = weight * ((concordant - discordant) - somers * (concordant + discordant + tied)) / pairs
    if cluster is not None:
        influence = np.bincount(encode_levels(cluster, n, "cluster")[0], influence)
    influence = influence / 2
    return Concordance(
        (somers + 1) / 2, float(np.sqrt(np.sum(influence**2))), totals[0], totals[1], totals[2], influence
    )


def _pairs(
    time: np.ndarray,
    event: np.ndarray,
    rank: np.ndarray,
    stratum: np.ndarray,
    weight: np.ndarray,
    entry: np.ndarray | None,
    time_weights: np.ndarray | None,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The deaths, weights of samples that outlast each, and of deaths that each sample outlasts.

    The weights are those below, at and above the rank, three arrays.
    """
    clock = np.unique(time if entry is None else np.concatenate((time, entry)))
    per_stratum = 2 * len(clock) + 2
    base = stratum * per_stratum
    # Within a stratum: by time, events before censorings at the same time.
    key = base + 2 * np.searchsorted(clock, time) + ~event
    order = np.argsort(key, kind="stable")
    n_ranks = int(rank.max()) + 1
    everyone = _Counter(rank[order], weight[order], n_ranks)
    sorted_key = key[order]
    deaths = order[event[order]]
    death_key = key[deaths]
    begin = np.searchsorted(sorted_key, death_key + 1)
    end = np.searchsorted(sorted_key, base[deaths] + per_stratum)
    later = everyone.count(begin, end, rank[deaths])
    if entry is not None:
        entry_key = base + 2 * np.searchsorted(clock, entry)
        by_entry = np.argsort(entry_key, kind="stable")
        waiting = _Counter(rank[by_entry], weight[by_entry], n_ranks)
        begin = np.searchsorted(entry_key[by_entry], death_key)
        end = np.searchsorted(entry_key[by_entry], base[deaths] + per_stratum)
        later = tuple(a - b for a, b in zip(later, waiting.count(begin, end, rank[deaths]), strict=True))
    lowest = base if entry is None else entry_key + 1
    begin, end = np.searchsorted(death_key, lowest), np.searchsorted(death_key, key)
    own = weight[deaths]
    if time_weights is not None:
        factor = np.asarray(time_weights, dtype=float)[deaths]
        own, later = own * factor, tuple(part * factor for part in later)
    earlier = _Counter(rank[deaths], own, n_ranks).count(begin, np.maximum(begin, end), rank)
    return deaths, later, earlier


class _Counter:
    """Weights below, at and above a rank within any stretch of a sequence of ranks.

    A wavelet matrix: the sequence is split stably by one bit of the rank a level, so that a
    stretch stays a stretch at every level and all queries descend together.
    """

    def __init__(self, rank: np.ndarray, weight: np.ndarray, n_ranks: int):
        self.levels = []
        self.total = _prefix(weight)
        for bit in range(n_ranks.bit_length() - 1, -1, -1):
            one = (rank >> bit & 1).astype(bool)
            zero_count = np.concatenate(([0], np.cumsum(~one)))
            self.levels.append((bit, zero_count, _prefix(np.where(one, 0.0, weight))))
            rank = np.concatenate((rank[~one], rank[one]))
            weight = np.concatenate((weight[~one], weight[one]))
        self.sorted_total = _prefix(weight)

    def count(self, begin: np.ndarray, end: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights below, at and above `rank` among positions begin <= i < end."""
        total = self.total[end] - self.total[begin]
        below = np.zeros(len(rank))
        for bit, zero_count, zero_weight in self.levels:
            one = (rank >> bit & 1).astype(bool)
            zeros_begin, zeros_end = zero_count[begin], zero_count[end]
            below += np.where(one, zero_weight[end] - zero_weight[begin], 0.0)
            zeros = zero_count[-1]
            begin = np.where(one, zeros + begin - zeros_begin, zeros_begin)
            end = np.where(one, zeros + end - zeros_end, zeros_end)
        level = self.sorted_total[end] - self.sorted_total[begin]
        return below, level, total - below - level


def _prefix(weight: np.ndarray) -> np.ndarray:
    return np.concatenate(([0.0], np.cumsum(weight)))
