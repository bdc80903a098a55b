"""The log-rank screens in NumPy alone, one gene at a time."""

from __future__ import annotations

import numpy as np

from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.patterns import pattern_of


def screen_genes(values: np.ndarray, f: FollowUp, cuts: np.ndarray, results: np.ndarray) -> None:
    """As the compiled `screen_logrank` for all genes of `values`, shape (n_genes, n_columns)."""
    for row, cut, found in zip(values, cuts, results, strict=True):
        screen_gene(row[f.columns], f, cut, found)


def screen_gene(x: np.ndarray, follow_up: FollowUp, cut: float, found: np.ndarray) -> None:
    """One gene's sorted values, shape (n_samples,); a `cut` of NaN is its median."""
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
    high = x >= (np.median(x) if np.isnan(cut) else cut)
    if high.all() or not high.any():
        return
    stratum = np.cumsum(follow_up.first) - 1
    begin = pattern.bounds[:-1][stratum]
    at_risk = np.maximum(pattern.ends - begin, 1)
    deaths = pattern.deaths
    chance = np.where(at_risk > 1, deaths * (at_risk - deaths) / np.maximum(at_risk - 1, 1), 0.0)
    n_high = np.concatenate(([0], np.cumsum(high)))
    share = (n_high[pattern.ends] - n_high[begin]) / at_risk
    variance = float(chance @ (share * (1 - share)))
    if not variance > layout.LEAST_VARIANCE:
        return
    found[layout.CUT_STATE], found[layout.CUT_LOWEST_HIGH] = layout.OK, x[high].min()
    found[layout.CUT_N_HIGH], found[layout.CUT_EVENTS_HIGH] = high.sum(), event[high].sum()
    found[layout.CUT_NUMERATOR], found[layout.CUT_VARIANCE] = event[high].sum() - deaths @ share, variance
