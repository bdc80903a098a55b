"""How much of a searched cutpoint's hazard ratio is left in other patients.

A cut that was searched for looks better than it is. Cross-validation says by how much: each patient is called worse
or better by a cutpoint that was searched without him, and the log hazard ratio of those two groups over the average one
of the searches is the shrinkage factor (a cross-validated shrinkage factor as Verweij and van Houwelingen 1993,
doi 10.1002/sim.4780122407, for searched cutpoints Schumacher, Hollaender and Sauerbrei 1997, Statistics in Medicine
16:2813-2827). The interval repeats search and shrinkage in bootstrap samples (Hollaender, Sauerbrei and Schumacher
2004, doi 10.1002/sim.1611).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.cutpoint.cut_statistics import best_cuts
from prognomics.cutpoint.logrank_scores import rank_follow_up
from prognomics.stats.monte_carlo import mean_error
from prognomics.survival.cox.two_groups import FollowUp, follow_up, log_hazard_ratio, log_hazard_ratios

FOLDS = 10
FEWEST_REPEATS, MOST_REPEATS = 40, 400
PRECISE = 0.01
"""Monte Carlo error of the shrunken log hazard ratio at which no more divisions into folds are made."""
BLOCK = 2_000_000
"""Values of the marker, over all searches, held at a time."""
FEWEST = 20
"""Bootstrap samples that must give an estimate for an interval."""
NOT_KNOWN = float("nan")


@dataclass(frozen=True)
class ShrunkenEffect:
    """The hazard ratio of a searched cutpoint, as found and shrunken.

    Attributes
    ----------
    log_hr, se : float
        Of high against low at the cutpoint as found; the standard error knows nothing of the search.
    factor : float
        Shrinkage factor between 0 (nothing is left) and 1.
    shrunken, low, high : float
        Shrunken log hazard ratio and its bootstrap interval.
    cut_low, cut_high : float
        Between which values the bootstrap samples put the cutpoint.
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

    def divisions_held(self) -> int:
        """Divisions into folds that are searched in together."""
        return max(1, BLOCK // ((FOLDS + 1) * len(self.values)))

    def shrunken(self, draws: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Search in each draw of the samples, and shrink by cross-validation.

        Parameters
        ----------
        draws : numpy.ndarray of int, shape (n_draws, n_drawn)
            Samples, some several times.
        folds : numpy.ndarray of int, shape (n_draws, n_divisions, n_samples)
            Copies of one sample stay in one fold.

        Returns
        -------
        cut, log_hr : numpy.ndarray, shape (n_draws,)
            NaN where a search finds none.
        factor : numpy.ndarray, shape (n_draws, n_divisions)
        """
        n = len(self.values)
        counts = np.array([np.bincount(drawn, minlength=n) for drawn in draws])[:, None]
        outside = (folds[:, :, None] == np.arange(FOLDS)[:, None]).reshape(len(draws), -1, n)
        outside = np.concatenate([outside, np.zeros((len(draws), 1, n), dtype=bool)], axis=1)
        cuts = np.array([self._cuts(drawn, out) for drawn, out in zip(draws, outside, strict=True)])
        log_hr = self._log_hr(self.values >= cuts[:, :, None], np.where(outside, 0, counts))
        of_folds = [found[:, :-1].reshape(*folds.shape[:2], FOLDS) for found in (cuts, log_hr)]
        cut_outside, log_hr_outside = (np.take_along_axis(found, folds, axis=2) for found in of_folds)
        called, known = ~np.isnan(log_hr_outside), ~np.isnan(of_folds[1])
        honest = self._log_hr(called & ((self.values >= cut_outside) == (log_hr_outside > 0)), counts * called)
        size = np.where(known, np.abs(of_folds[1]), 0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
        factor = np.divide(honest, size, out=np.full(size.shape, NOT_KNOWN), where=size > 0)
        return cuts[:, -1], log_hr[:, -1], np.clip(factor, 0.0, 1.0)

    def _cuts(self, drawn: np.ndarray, outside: np.ndarray) -> np.ndarray:
        """What searches find among the samples `drawn` without those `outside`, (n_searches, n_samples)."""
        follow_up = rank_follow_up(self.time[drawn], self.event[drawn], self.stratum[drawn])
        values = np.where(outside[:, drawn], np.nan, self.values[drawn])
        return best_cuts(values, follow_up, self.min_fraction).lowest_high

    def _log_hr(self, high: np.ndarray, counts: np.ndarray) -> np.ndarray:
        n = high.shape[-1]
        return log_hazard_ratios(self.data, high.reshape(-1, n), counts.reshape(-1, n))[0].reshape(high.shape[:-1])


def shrunken_effect(
    values: np.ndarray, time: np.ndarray, event: np.ndarray, lowest_high: float, min_fraction: float,
    n_bootstraps: int, rng: np.random.Generator,
    strata: np.ndarray | None = None, conf_level: float = 0.95,
) -> ShrunkenEffect:  # fmt: skip
    """Shrink the hazard ratio of a searched cut by cross-validation, with a bootstrap interval.

    Parameters
    ----------
    values, time, event : array_like, shape (n_samples,)
        Marker, follow-up and 0/1 flag, none missing.
    lowest_high : float
        The cutpoint that was found.
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
    log_hr, se = log_hazard_ratio(samples.data, values >= lowest_high)
    factor, error, n_repeats = _averaged(samples, log_hr, rng)
    groups = [np.flatnonzero(stratum == s) for s in np.unique(stratum)]
    cuts, shrunken = [], []
    for begin in range(0, n_bootstraps, block := samples.divisions_held()):
        size = min(block, n_bootstraps - begin)
        draws, folds = zip(*((_drawn(groups, rng), _fold(len(values), rng)) for _ in range(size)), strict=True)
        cut, own, shrinkage = samples.shrunken(np.array(draws), np.array(folds)[:, None])
        own = own * shrinkage[:, 0]
        cuts += list(cut[~np.isnan(own)])
        shrunken += list(own[~np.isnan(own)])
    tails = [(1 - conf_level) / 2, (1 + conf_level) / 2]
    limits = [*np.quantile(shrunken, tails), *np.quantile(cuts, tails)] if len(cuts) >= FEWEST else [NOT_KNOWN] * 4
    return ShrunkenEffect(log_hr, se, factor, factor * log_hr, *map(float, limits), len(cuts), n_repeats, error)


def _drawn(groups: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([rng.choice(rows, len(rows)) for rows in groups])


def _fold(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(n) % FOLDS


def _averaged(samples: _Samples, log_hr: float, rng: np.random.Generator) -> tuple[float, float, int]:
    """The factor averaged over divisions, the Monte Carlo error of the shrunken log hazard ratio, and how many."""
    n, block = len(samples.values), samples.divisions_held()
    once, factors = np.arange(n)[None], []
    n_repeats, error = 0, NOT_KNOWN
    while n_repeats < MOST_REPEATS and not error <= PRECISE:
        folds = np.array([_fold(n, rng) for _ in range(FEWEST_REPEATS)])
        for begin in range(0, FEWEST_REPEATS, block):
            factor = samples.shrunken(once, folds[None, begin : begin + block])[2][0]
            factors += list(factor[~np.isnan(factor)])
        n_repeats += FEWEST_REPEATS
        if len(factors) < 2 or log_hr != log_hr:
            break
        error = abs(log_hr) * mean_error(factors)
    return (float(np.mean(factors)) if factors else NOT_KNOWN), error, n_repeats
