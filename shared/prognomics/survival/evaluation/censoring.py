"""Inverse probability of censoring weights: the status of each sample at a horizon, and what it represents.

A sample that had the event by the horizon is a case, one followed beyond it a control; each also represents
those like it that were censored before. Weights follow Graf et al. (1999), doi
10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5: 1 / G(T-) for a case and 1 / G(t) for
a control, G being the Kaplan-Meier estimate of remaining uncensored (events before censorings at one time).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CensoringCurve:
    """Kaplan-Meier estimate of the time to censoring of one stratum.

    Attributes
    ----------
    time : numpy.ndarray, shape (n_times,)
        Distinct observed times, ascending.
    remaining : numpy.ndarray, shape (n_times + 1,)
        G after each time; the first entry is 1, before all of them.
    n_risk : numpy.ndarray, shape (n_times,)
        At risk of censoring: those still followed, without the events of that time.
    n_censored : numpy.ndarray, shape (n_times,)
    """

    time: np.ndarray
    remaining: np.ndarray
    n_risk: np.ndarray
    n_censored: np.ndarray

    def before(self, times: np.ndarray) -> np.ndarray:
        """G just before each of `times`."""
        return self.remaining[np.searchsorted(self.time, times, side="left")]

    def at(self, times: np.ndarray) -> np.ndarray:
        """G after each of `times`."""
        return self.remaining[np.searchsorted(self.time, times, side="right")]


def censoring_curve(time: np.ndarray, event: np.ndarray) -> CensoringCurve:
    """The censoring distribution, as `prodlim::prodlim(Hist(time, event) ~ 1, reverse = TRUE)`.

    Parameters
    ----------
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
    """
    order = np.argsort(time, kind="stable")
    distinct, first = np.unique(time[order], return_index=True)
    events = np.add.reduceat(event[order].astype(float), first)
    leaving = np.diff(np.append(first, len(time)))
    n_risk = len(time) - first - events
    n_censored = leaving - events
    factor = 1.0 - np.divide(n_censored, n_risk, out=np.zeros(len(distinct)), where=n_risk > 0)
    return CensoringCurve(distinct, np.concatenate(([1.0], np.cumprod(factor))), n_risk, n_censored)


@dataclass(frozen=True)
class Status:
    """Cases and controls at one horizon, with their weights.

    Attributes
    ----------
    horizon : float
    case, control : numpy.ndarray of bool, shape (n_samples,)
        Neither, where follow-up ended without the event before the horizon, or the stratum's did.
    weight : numpy.ndarray, shape (n_samples,)
        0 for samples that are neither.
    used : numpy.ndarray of bool, shape (n_samples,)
        Samples of strata that are followed to the horizon.
    """

    horizon: float
    case: np.ndarray
    control: np.ndarray
    weight: np.ndarray
    used: np.ndarray


class CensoringWeights:
    """Weights of a data set, from one censoring curve a stratum.

    Parameters
    ----------
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps.
    """

    def __init__(self, time: np.ndarray, event: np.ndarray, stratum: np.ndarray):
        self.time, self.event, self.stratum = time, event, stratum
        self.members = [np.flatnonzero(stratum == code) for code in range(int(stratum.max()) + 1)]
        self.curves = [censoring_curve(time[at], event[at]) for at in self.members]
        self.longest = np.array([time[at].max() for at in self.members])
        self.ends_alive = np.array([not event[at][time[at] == time[at].max()].all() for at in self.members])
        self.before_own_time = np.empty(len(time))
        """G just before each sample's own time, shape (n_samples,)."""
        # steps of G: the distinct times of each stratum, and one beyond them
        self._first = np.cumsum([0, *(len(curve.time) + 1 for curve in self.curves)])
        self._place, self._followed = np.empty(len(time), dtype=np.intp), []
        for at, curve, first in zip(self.members, self.curves, self._first[:-1], strict=True):
            self.before_own_time[at] = curve.before(time[at])
            place = np.searchsorted(curve.time, time[at])
            self._place[at] = first + place
            self._followed.append(np.bincount(place)[::-1].cumsum()[::-1])

    def status(self, horizon: float) -> Status:
        """Cases, controls and weights at a horizon.

        A control is followed beyond the horizon. Where nobody in a stratum is, but some are followed
        exactly to it (follow-up was cut there), those are its controls. A stratum whose follow-up ends
        before the horizon has neither cases nor controls.
        """
        cut = (self.longest == horizon) & self.ends_alive
        followed = (self.longest > horizon) | cut
        remaining = np.ones(len(self.members))
        for code in np.flatnonzero(followed):
            curve = self.curves[code]
            remaining[code] = (curve.before if cut[code] else curve.at)(horizon)
        used = followed[self.stratum]
        case = used & self.event & (self.time <= horizon)
        control = used & ((self.time > horizon) | (cut[self.stratum] & (self.time == horizon) & ~self.event))
        weight = np.where(case, 1.0 / self.before_own_time, control / remaining[self.stratum])
        return Status(horizon, case, control, weight, used)

    def influence(self, term: np.ndarray, status: Status) -> np.ndarray:
        """What estimating G adds to the influence of each sample on a weighted sum.

        The sum is of `term`, in which each case enters with 1 / G(T-) and each control with 1 / G(t) at
        the horizon. Sample k moves -log G(s) by its censoring martingale, the integral of dM_k(u) / Y(u) up
        to s. Y counts all who are followed up to u; G itself takes the events of a time out first (both as
        riskRegression does).

        Parameters
        ----------
        term : numpy.ndarray, shape (n_samples,)
            Terms of the sum, weights included.
        status : Status

        Returns
        -------
        numpy.ndarray, shape (n_samples,)
        """
        return self.spread(self.by_step(term, status))

    def by_step(self, term: np.ndarray, status: Status) -> np.ndarray:
        """Sums of terms by the step of G up to which they reach; those of several horizons may be added up."""
        ends = np.where(status.case, self._place, self._last_steps(status)[self.stratum])
        chosen = status.case | status.control
        return np.bincount(ends[chosen], term[chosen], minlength=self._first[-1])

    def _last_steps(self, status: Status) -> np.ndarray:
        """In each stratum the step after the last one up to the horizon."""
        last = np.empty(len(self.members), dtype=np.intp)
        for code, curve in enumerate(self.curves):
            # where follow-up was cut at the horizon its censorings are no loss
            side = "left" if self.longest[code] == status.horizon else "right"
            last[code] = self._first[code] + np.searchsorted(curve.time, status.horizon, side=side)
        return last

    def spread(self, by_step: np.ndarray) -> np.ndarray:
        """The influence of each sample from sums of terms by step, shape (n_samples,)."""
        influence = np.empty(len(self.time))
        for code, (at, curve) in enumerate(zip(self.members, self.curves, strict=True)):
            begin, end = self._first[code], self._first[code + 1]
            place = self._place[at] - begin
            # behind[u]: terms whose G takes in the step at the distinct time u
            behind = by_step[begin:end][::-1].cumsum()[::-1][1:]
            followed = self._followed[code]
            per_risk = behind / followed
            exposure = np.cumsum(per_risk * curve.n_censored / followed)
            influence[at] = np.where(self.event[at], 0.0, per_risk[place]) - exposure[place]
        return influence
