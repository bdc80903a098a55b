"""The standardized linear rank statistic of every cutpoint of many markers, and the largest of each.

This is the statistic of R's `maxstat::maxstat.test(smethod = "LogRank")`; within strata that of
`coin::maxstat_test(Surv(time, event) ~ x | stratum)`. All tools that search for a cutpoint take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.cutpoint.logrank_scores import RankedFollowUp
from prognomics.threads import in_threads

EQUAL = 1e-12
"""Relative difference below which statistics are equal."""
CHUNK = 64


@dataclass(frozen=True)
class BestCuts:
    """The best cutpoint of each marker, arrays of shape (n_markers,).

    Attributes
    ----------
    n_low : numpy.ndarray of int
        Samples below the cut with the largest absolute statistic, the lowest one of equals; 0 where no cut inside the
        window has variance.
    lowest_high : numpy.ndarray
        The smallest value called high; NaN without a cutpoint.
    z : numpy.ndarray
        Its statistic, positive where the high group has more events than expected; maxstat's M is the absolute.
    n_candidates : numpy.ndarray of int
        Cuts inside the window.
    steps, cubes : numpy.ndarray
        Sums over neighboring candidates of t and t^3, where 1 - t^2 is the squared correlation of their statistics.
    span : numpy.ndarray
        Within strata the sum of -log(1 - t^2), which the window gives without; NaN without.
    """

    n_low: np.ndarray
    lowest_high: np.ndarray
    z: np.ndarray
    n_candidates: np.ndarray
    steps: np.ndarray
    cubes: np.ndarray
    span: np.ndarray

    @property
    def statistic(self) -> np.ndarray:
        result: np.ndarray = np.abs(self.z)
        return result


N_RESULTS = len(fields(BestCuts))


def window(n: int, min_fraction: float) -> tuple[int, int]:
    """Least and largest size of the low group, as `maxstat.test(minprop = f, maxprop = 1 - f)`."""
    return max(1, int(np.floor(n * min_fraction))), int(np.floor(n * (1 - min_fraction)))


def best_cuts(
    values: np.ndarray, follow_up: RankedFollowUp, min_fraction: float, threads: int | None = None
) -> BestCuts:
    """The best cutpoint of each row of `values`, among the samples that it has.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_markers, n_samples)
        NaN where missing.
    follow_up : RankedFollowUp
        Of the same samples.
    min_fraction : float
        See :func:`window`.
    threads : int, optional
        Results do not depend on it.
    """
    results = np.empty((len(values), N_RESULTS))
    whole = follow_up.scores(np.ones((1, values.shape[1]), dtype=bool))

    def work(begin: int, end: int) -> None:
        part = np.ascontiguousarray(values[begin:end], dtype=np.float64)
        known = ~np.isnan(part)
        scores = whole if known.all() else follow_up.scores(known)
        results[begin:end] = cut_statistics(part, scores, follow_up.stratum, min_fraction)[0]

    in_threads(work, len(values), CHUNK, threads)
    n_low, lowest_high, z, n_candidates, *rest = results.T
    return BestCuts(n_low.astype(int), lowest_high, z, n_candidates.astype(int), *rest)


def cut_statistics(
    values: np.ndarray, scores: np.ndarray, stratum: np.ndarray, min_fraction: float, profile: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Results of a search in each row, and the statistic of each cutpoint.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_rows, n_samples)
    scores : numpy.ndarray of float64, shape (n_rows, n_samples) or (1, n_samples)
    stratum : numpy.ndarray of int64, shape (n_samples,)
        Codes from 0.
    min_fraction : float
    profile : bool
        Whether every cutpoint's statistic is wanted.

    Returns
    -------
    results : numpy.ndarray, shape (n_rows, N_RESULTS)
        Columns as the attributes of `BestCuts`.
    profile : numpy.ndarray, shape (n_rows, n_samples) or (0, 0)
        The statistic with 1, 2, ... low samples; NaN where values are equal, 0 without variance.
    """
    results = np.empty((len(values), N_RESULTS))
    every = np.empty(values.shape) if profile else np.empty((0, 0))
    n_strata = int(stratum.max()) + 1 if len(stratum) else 0
    if (loops := compiled_loops()) is not None:
        loops.search_cuts(values, 0, len(values), scores, stratum, n_strata, min_fraction, results, every)
        return results, every
    for row, x in enumerate(values):
        own = scores[row if len(scores) > 1 else 0]
        results[row], z = _search_row(x, own, stratum, n_strata, min_fraction)
        if profile:
            every[row] = z
    return results, every


def _search_row(x: Any, scores: Any, stratum: Any, n_strata: Any, min_fraction: Any) -> Any:
    order = np.argsort(x, kind="stable")[: int((~np.isnan(x)).sum())]
    n, ordered = len(order), x[order]
    m = np.arange(1, n)
    sums, variance = np.zeros(max(n - 1, 0)), np.zeros(max(n - 1, 0))
    parts = []
    for code in range(n_strata):
        own = stratum[order] == code
        size, low = int(own.sum()), np.cumsum(own)[:-1]
        s = np.where(own, scores[order], 0.0)
        off = np.where(own, s - s.sum() / max(size, 1), 0.0)
        large = np.abs(off) > EQUAL * np.abs(scores[order]).max(initial=0.0)
        unit = (off[large] ** 2).sum() / (size * (size - 1)) if size > 1 else 0.0
        sums += np.cumsum(off)[:-1]
        variance += unit * low * (size - low)
        parts.append((unit, low, size))
    profile, found = np.full(len(x), np.nan), np.full(N_RESULTS, np.nan)
    z = np.divide(-sums, np.sqrt(variance), out=np.zeros(len(sums)), where=variance > 0)
    cut = ordered[1:] > ordered[:-1]
    profile[: len(z)][cut] = z[cut]
    least, most = window(n, min_fraction)
    inside = cut & (m >= least) & (m <= most)
    usable = np.flatnonzero(inside & (variance > 0))
    before, after = usable[:-1], usable[1:]
    shared = sum(unit * low[before] * (size - low[after]) for unit, low, size in parts)
    apart = np.maximum(1 - shared / variance[before] * (shared / variance[after]), 0.0)
    found[0], found[3] = 0, inside.sum()
    found[4], found[5] = np.sqrt(apart).sum(), (apart**1.5).sum()
    with np.errstate(divide="ignore"):
        found[6] = np.nan if n_strata == 1 else -np.log1p(-apart).sum()
    if len(usable):
        size = np.abs(z[usable])
        best = usable[np.flatnonzero(size >= size.max() * (1 - EQUAL))[0]]
        found[:3] = best + 1, ordered[best + 1], z[best]
    return found, profile
