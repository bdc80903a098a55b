"""The log-rank screens in NumPy alone: every cut at once from a table of who is at risk, one gene at a time."""

from __future__ import annotations

import numpy as np

from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.patterns import pattern_of


def screen_genes(values: np.ndarray, f: FollowUp, searched: bool, min_fraction: float, results: np.ndarray) -> None:
    """As the compiled `screen_logrank` for all genes of `values`, shape (n_genes, n_columns)."""
    for row, found in zip(values, results, strict=True):
        x = row[f.columns]
        known = x[~np.isnan(x)]
        middle = np.median(known) if len(known) else np.nan
        screen_gene(x, f, None if searched else middle, min_fraction, found)


def screen_gene(x: np.ndarray, follow_up: FollowUp, middle: float | None, min_fraction: float, found: np.ndarray):
    """One gene's sorted values, shape (n_samples,); `middle` is its median, None to try every cut."""
    kept = np.flatnonzero(~np.isnan(x))
    pattern = pattern_of(follow_up, kept, np.zeros(1, dtype=int))
    x, event = x[kept], follow_up.event[kept].astype(float)
    n = len(x)
    found[layout.N_USED], found[layout.EVENTS], found[layout.CUT_STATE] = n, event.sum(), layout.NO_EVENTS
    if n == 0:
        return
    found[layout.MEAN] = x.mean()
    if event.sum() == 0:
        return
    found[layout.CUT_STATE] = layout.CONSTANT
    if x.min() == x.max():
        return
    found[layout.CUT_STATE] = layout.NO_CUT
    order = np.argsort(x, kind="stable")
    distinct = np.flatnonzero(np.diff(x[order]) > 0) + 1
    if middle is None:
        lows = distinct[(distinct >= max(1, int(n * min_fraction))) & (distinct <= int(n * (1 - min_fraction)))]
        odds = lows[:-1] * (n - lows[1:]) / ((n - lows[:-1]) * lows[1:])
        steps = np.sqrt(1 - odds)
        found[layout.CUT_STEPS], found[layout.CUT_CUBES] = steps.sum(), (steps**3).sum()
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
        statistic = np.where(variance > layout.LEAST_VARIANCE, numerator**2 / variance, -1.0)
    if statistic.max() < 0:
        return
    best = int(np.flatnonzero(statistic >= statistic.max() * (1 - 1e-12))[0])
    found[layout.CUT_STATE], found[layout.CUT_LOWEST_HIGH] = layout.OK, x[order[lows[best]]]
    found[layout.CUT_N_HIGH], found[layout.CUT_EVENTS_HIGH] = n - lows[best], event.sum() - observed[best]
    found[layout.CUT_NUMERATOR], found[layout.CUT_VARIANCE] = numerator[best], variance[best]
    if middle is not None:
        found[layout.CUT_STEPS] = found[layout.CUT_CUBES] = np.nan
