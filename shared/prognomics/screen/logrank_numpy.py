"""The log-rank screens in NumPy alone: every cut at once from a table of who is at risk, one gene at a time."""

from __future__ import annotations

import numpy as np

from prognomics.screen import logrank_loops as loops
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.patterns import pattern_of


def screen_gene(x: np.ndarray, follow_up: FollowUp, middle: float | None, min_fraction: float, found: np.ndarray):
    """One gene's sorted values, shape (n_samples,); `middle` is its median, None to try every cut."""
    kept = np.flatnonzero(~np.isnan(x))
    pattern = pattern_of(follow_up, kept, np.zeros(1, dtype=int))
    x, event = x[kept], follow_up.event[kept].astype(float)
    n = len(x)
    found[loops.N_USED], found[loops.EVENTS], found[loops.STATE] = n, event.sum(), loops.NO_EVENTS
    if n == 0:
        return
    found[loops.MEAN] = x.mean()
    if event.sum() == 0:
        return
    found[loops.STATE] = loops.CONSTANT
    if x.min() == x.max():
        return
    found[loops.STATE] = loops.NO_CUT
    order = np.argsort(x, kind="stable")
    distinct = np.flatnonzero(np.diff(x[order]) > 0) + 1
    if middle is None:
        lows = distinct[(distinct >= max(1, int(n * min_fraction))) & (distinct <= int(n * (1 - min_fraction)))]
        odds = lows[:-1] * (n - lows[1:]) / ((n - lows[:-1]) * lows[1:])
        steps = np.sqrt(1 - odds)
        found[loops.STEPS], found[loops.CUBES] = steps.sum(), (steps**3).sum()
    else:
        lows = np.array([int((x < middle).sum())])
        lows = lows[lows > 0]
    if len(lows) == 0:
        return
    stratum = np.cumsum(follow_up.first) - 1
    begin = np.where(pattern.bounds[:-1] < n, pattern.bounds[:-1], n)[stratum]
    at_risk = np.maximum(pattern.ends - begin, 1)
    deaths = pattern.deaths
    chance = np.where(at_risk > 1, deaths * (at_risk - deaths) / np.maximum(at_risk - 1, 1), 0.0)
    busy = np.flatnonzero(deaths > 0)
    # low samples at risk at each death's cell: those of the stratum in this or an earlier cell
    rank = np.empty(n, dtype=int)
    rank[order] = np.arange(n)
    is_low = np.vstack([np.zeros(len(lows)), np.cumsum(rank[:, None] < lows, axis=0)])
    low = is_low[pattern.ends[busy]] - is_low[begin[busy]]
    share = low / at_risk[busy, None]
    variance = chance[busy] @ (share * (1 - share))
    expected = deaths[busy] @ share
    observed = np.cumsum(event[order])[lows - 1]
    numerator = expected - observed
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(variance > loops.LEAST_VARIANCE, numerator**2 / variance, -1.0)
    best = int(np.flatnonzero(statistic >= statistic.max() * (1 - 1e-12))[0])
    if statistic[best] < 0:
        return
    found[loops.STATE], found[loops.LOWEST_HIGH] = loops.OK, x[order[lows[best]]]
    found[loops.N_HIGH], found[loops.EVENTS_HIGH] = n - lows[best], event.sum() - observed[best]
    found[loops.NUMERATOR], found[loops.VARIANCE] = numerator[best], variance[best]
    if middle is not None:
        found[loops.STEPS] = found[loops.CUBES] = np.nan
