"""Log-rank scores: what a linear rank statistic sums over a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.survival.event_times import check_event_times, merge_near_ties


@dataclass(frozen=True)
class RankedFollowUp:
    """Follow-up in the order of time, for scores of many subsets of the samples.

    Attributes
    ----------
    order : numpy.ndarray of int, shape (n_samples,)
        Samples by rising time.
    event : numpy.ndarray of float, shape (n_samples,)
        In that order.
    starts : numpy.ndarray of int, shape (n_times,)
        Where each distinct time begins in that order.
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 in the samples' own order.
    n_strata : int
    """

    order: np.ndarray
    event: np.ndarray
    starts: np.ndarray
    stratum: np.ndarray
    n_strata: int

    def scores(self, known: np.ndarray) -> np.ndarray:
        """Scores of each row's known samples among themselves.

        Parameters
        ----------
        known : numpy.ndarray of bool, shape (n_rows, n_samples)

        Returns
        -------
        numpy.ndarray, shape (n_rows, n_samples)
            See :func:`logrank_scores`; NaN where not known.
        """
        here = known[:, self.order].astype(float)
        deaths = np.add.reduceat(here * self.event, self.starts, axis=1)
        present = np.add.reduceat(here, self.starts, axis=1)
        later = present[:, ::-1].cumsum(axis=1)[:, ::-1] - present
        at_risk = later + (1.0 if self.n_strata == 1 else present)
        hazard = np.cumsum(deaths / np.maximum(at_risk, 1.0), axis=1)
        time = np.repeat(np.arange(len(self.starts)), np.diff(np.append(self.starts, len(self.order))))
        scores = np.full(known.shape, np.nan)
        scores[:, self.order] = np.where(here > 0, self.event - hazard[:, time], np.nan)
        return scores


def rank_follow_up(time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None) -> RankedFollowUp:
    """Sort follow-up for scores; parameters and errors as :func:`logrank_scores`."""
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    stratum, labels = encode_levels(strata, len(time), "stratum")
    order = np.argsort(time, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(time[order]) > 0)))
    return RankedFollowUp(order, event[order].astype(float), starts, stratum.astype(np.int64), len(labels))


def logrank_scores(time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None) -> np.ndarray:
    """Log-rank scores: the event less the hazard accumulated until the sample's time.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Follow-up time and 0/1 flag.
    strata : array_like, shape (n_samples,), optional
        Labels. Scores are made of all samples together; the statistic compares them within strata.

    Returns
    -------
    numpy.ndarray, shape (n_samples,)
        Without strata each event among samples of equal times adds one over the number of samples that are later,
        plus one: Hothorn and Lausen's scores, as `exactRankTests::cscores(type = "LogRank")`, which `maxstat` uses.
        With several strata it adds one over the number of samples that are not earlier, as `coin::logrank_trafo`,
        the default of `coin::maxstat_test(Surv(time, event) ~ x | stratum)`. Both are the same without equal times:
        martingale residuals of the null model.

    Raises
    ------
    BadInput
        As `check_event_times`.
    """
    ranked = rank_follow_up(time, event, strata)
    result: np.ndarray = ranked.scores(np.ones((1, len(ranked.order)), dtype=bool))[0]
    return result
