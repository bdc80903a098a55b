"""How much of a searched cut's hazard ratio is left in other patients.

A cut that was searched for looks better than it is. Cross-validation says by how much: each patient is called worse
or better by a cut that was searched without him, and the log hazard ratio of those two groups over the average one
of the searches is the shrinkage factor (a cross-validated shrinkage factor as Verweij and van Houwelingen 1993,
doi 10.1002/sim.4780122407, for searched cuts Schumacher, Hollaender and Sauerbrei 1997, Statistics in Medicine
16:2813-2827). The interval repeats search and shrinkage in bootstrap samples (Hollaender, Sauerbrei and Schumacher
2004, doi 10.1002/sim.1611).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.cutpoint.cut_search import search_cut
from prognomics.cutpoint.logrank_scores import logrank_scores
from prognomics.errors import Refused
from prognomics.stats.monte_carlo import mean_error
from prognomics.survival.cox.two_groups import FollowUp, follow_up, log_hazard_ratio

FOLDS = 10
FEWEST_REPEATS, MOST_REPEATS = 40, 400
PRECISE = 0.01
"""Monte Carlo error of the shrunken log hazard ratio at which no more divisions into folds are made."""
FEWEST = 20
"""Bootstrap samples that must give an estimate for an interval."""
NOT_KNOWN = float("nan")


@dataclass(frozen=True)
class ShrunkenEffect:
    """The hazard ratio of a searched cut, as found and shrunken.

    Attributes
    ----------
    log_hr, se : float
        Of high against low at the cut as found; the standard error knows nothing of the search.
    factor : float
        Shrinkage factor between 0 (nothing is left) and 1.
    shrunken, low, high : float
        Shrunken log hazard ratio and its bootstrap interval.
    cut_low, cut_high : float
        Between which values the bootstrap samples put the cut.
    n_used : int
        Bootstrap samples with an estimate.
    n_repeats : int
        Divisions into folds.
    error : float
        Monte Carlo standard error of `shrunken`: what another seed would change it by.
    """

    log_hr: float
    se: float
    factor: float
    shrunken: float
    low: float
    high: float
    cut_low: float
    cut_high: float
    n_used: int
    n_repeats: int = 0
    error: float = NOT_KNOWN


@dataclass(frozen=True)
class _Samples:
    values: np.ndarray
    time: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    data: FollowUp
    min_fraction: float

    def found(self, counts: np.ndarray) -> tuple[float, float]:
        """The cut that a search finds, and its log hazard ratio; NaN where it finds none."""
        rows = np.repeat(np.arange(len(counts)), counts)
        scores = logrank_scores(self.time[rows], self.event[rows], self.stratum[rows])
        try:
            search = search_cut(self.values[rows], scores, self.min_fraction, self.stratum[rows])
        except Refused:
            return NOT_KNOWN, NOT_KNOWN
        cut = float(search.lowest_high[search.chosen])
        return cut, log_hazard_ratio(self.data, self.values >= cut, counts)[0]

    def factor(self, counts: np.ndarray, rng: np.random.Generator) -> float:
        """The cross-validated shrinkage factor; copies of one sample stay in one fold."""
        fold = rng.permutation(len(counts)) % FOLDS
        worse, called, sizes = np.zeros(len(counts)), np.zeros(len(counts), dtype=bool), []
        for k in range(FOLDS):
            cut, log_hr = self.found(np.where(fold == k, 0, counts))
            if log_hr == log_hr:
                outside = fold == k
                above = self.values[outside] >= cut
                worse[outside] = above if log_hr > 0 else ~above
                called |= outside
                sizes.append(abs(log_hr))
        honest = log_hazard_ratio(self.data, worse, counts * called)[0] if sizes else NOT_KNOWN
        return float(np.clip(honest / np.mean(sizes), 0.0, 1.0)) if honest == honest else NOT_KNOWN


def shrunken_effect(
    values, time, event, lowest_high: float, min_fraction: float, n_bootstraps: int, rng: np.random.Generator,
    strata=None, conf_level: float = 0.95,
) -> ShrunkenEffect:  # fmt: skip
    """Shrink the hazard ratio of a searched cut by cross-validation, with a bootstrap interval.

    Parameters
    ----------
    values, time, event : array_like, shape (n_samples,)
        Marker, follow-up and 0/1 flag, none missing.
    lowest_high : float
        The cut that was found.
    min_fraction : float
        Of the search, see :func:`prognomics.cutpoint.cut_search.search_cut`.
    n_bootstraps : int
        Samples are drawn within strata; 0 for no interval.
    rng : numpy.random.Generator
    strata : array_like, shape (n_samples,), optional

    Returns
    -------
    ShrunkenEffect
        NaN where the hazard ratio is not finite, or fewer than `FEWEST` bootstrap samples give one.

    Notes
    -----
    Ten folds, the factor of the samples averaged over 40 to 400 divisions, as many as give a Monte Carlo error of
    0.01. In trials (150 samples, 70% events, window
    from 10%) the interval held the true value in 100% and 99% of samples at hazard ratios of 1 and 2; that of the cut
    as found in 51% at 1.
    """
    values, time, event = (np.asarray(a, dtype=float) for a in (values, time, event))
    stratum = np.zeros(len(values), dtype=int) if strata is None else np.asarray(strata)
    samples = _Samples(values, time, event, stratum, follow_up(time, event, stratum), min_fraction)
    once = np.ones(len(values), dtype=int)
    log_hr, se = log_hazard_ratio(samples.data, values >= lowest_high)
    factor, error, n_repeats = _averaged(samples, once, log_hr, rng)
    groups = [np.flatnonzero(stratum == s) for s in np.unique(stratum)]
    cuts, shrunken = [], []
    for _ in range(n_bootstraps):
        drawn = np.concatenate([rng.choice(rows, len(rows)) for rows in groups])
        counts = np.bincount(drawn, minlength=len(values))
        cut, own = samples.found(counts)
        own *= samples.factor(counts, rng)
        if own == own:
            cuts.append(cut)
            shrunken.append(own)
    tails = [(1 - conf_level) / 2, (1 + conf_level) / 2]
    limits = [*np.quantile(shrunken, tails), *np.quantile(cuts, tails)] if len(cuts) >= FEWEST else [NOT_KNOWN] * 4
    return ShrunkenEffect(log_hr, se, factor, factor * log_hr, *map(float, limits), len(cuts), n_repeats, error)


def _averaged(samples, once, log_hr, rng):
    """The factor averaged over divisions, the Monte Carlo error of the shrunken log hazard ratio, and how many."""
    factors: list[float] = []
    n_repeats, error = 0, NOT_KNOWN
    while n_repeats < MOST_REPEATS and not error <= PRECISE:
        for _ in range(FEWEST_REPEATS):
            factor = samples.factor(once, rng)
            factors += [factor] if factor == factor else []
        n_repeats += FEWEST_REPEATS
        if len(factors) < 2 or log_hr != log_hr:
            break
        error = abs(log_hr) * mean_error(factors)
    return (float(np.mean(factors)) if factors else NOT_KNOWN), error, n_repeats
