"""Kaplan-Meier curves of weighted samples: weighted counts, and the robust variance by sample.

The variance is the infinitesimal jackknife of R's `survfit(..., weights = , robust = TRUE)`: the sum over samples of
the squared product of weight and derivative of the estimate with respect to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WeightedSteps:
    """Weighted counts at the distinct times of a curve, and what the variance of its estimates needs.

    Attributes
    ----------
    time, n_risk, n_event, n_censor, survival : numpy.ndarray, shape (n_times,)
    end, start : numpy.ndarray of int, shape (n_samples,)
        Place of each sample's last time among the times; number of times up to its entry.
    event, weight : numpy.ndarray, shape (n_samples,)
    """

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    n_censor: np.ndarray
    survival: np.ndarray
    end: np.ndarray
    start: np.ndarray
    event: np.ndarray
    weight: np.ndarray

    def _jumps(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the derivative of -log S: what an event adds at each time, and what being at risk takes off."""
        left = self.n_risk - self.n_event
        usable = left > 1e-12 * self.n_risk
        own = np.divide(1.0, left, out=np.zeros(len(left)), where=usable)
        return own, np.divide(self.n_event, self.n_risk * left, out=np.zeros(len(left)), where=usable)

    def log_se(self) -> np.ndarray:
        """Standard error of log S at each time, shape (n_times,); 0 where S is 0, as R's `survfit` has it."""
        own, risk = self._jumps()
        total = np.concatenate(([0.0], np.cumsum(risk)))
        square, n = self.weight**2, len(self.time)
        before = total[self.start]
        done = square * (self.event * own[self.end] - (total[self.end + 1] - before)) ** 2
        variance = np.cumsum(np.bincount(self.end, done, n))
        # those at risk beyond a time: (total - before)^2, in three sums over who has entered and not ended
        here = total[1:]
        parts = []
        for value in (square, square * before, square * before**2):
            entered = np.cumsum(np.bincount(self.start, value, n + 1))[:n]
            parts.append(entered - np.cumsum(np.bincount(self.end, value, n)))
        variance += np.maximum(here**2 * parts[0] - 2 * here * parts[1] + parts[2], 0.0)
        return np.where(self.survival > 0, np.sqrt(variance), 0.0)

    def restricted_mean_variance(self, horizon: float) -> float:
        """Variance of the area under the curve up to a horizon."""
        own, risk = self._jumps()
        inside = self.time <= horizon
        edges = np.append(self.time[inside], horizon)
        areas = np.diff(edges) * self.survival[inside]
        ahead = np.zeros(len(self.time))
        ahead[inside] = np.cumsum(areas[::-1])[::-1]
        total = np.concatenate(([0.0], np.cumsum(risk * ahead)))
        influence = self.event * (own * ahead)[self.end] - (total[self.end + 1] - total[self.start])
        return float(np.sum((self.weight * influence) ** 2))


def weighted_steps(
    time: np.ndarray, event: np.ndarray, weight: np.ndarray, entry: np.ndarray | None = None
) -> WeightedSteps:
    """Weighted counts and survival at each distinct time.

    Parameters
    ----------
    time, event : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    weight : numpy.ndarray, shape (n_samples,)
        Not negative.
    entry : numpy.ndarray, shape (n_samples,), optional
        At risk at t when entry < t <= time.
    """
    cuts, end = np.unique(time, return_inverse=True)
    n = len(cuts)
    start = np.zeros(len(time), dtype=np.intp) if entry is None else np.searchsorted(cuts, entry, side="right")
    leaving = np.bincount(end, weight, n)
    n_event = np.bincount(end, weight * event, n)
    entered = np.cumsum(np.bincount(start, weight, n + 1))[:n]
    n_risk = entered - np.concatenate(([0.0], np.cumsum(leaving)[:-1]))
    n_risk = np.maximum(n_risk, leaving)  # what rounding of the running sums takes from the last
    left = np.where(n_risk - n_event <= 1e-12 * n_risk, 0.0, n_risk - n_event)
    survival = np.cumprod(np.divide(left, n_risk, out=np.ones(n), where=n_risk > 0))
    return WeightedSteps(cuts, n_risk, n_event, np.maximum(leaving - n_event, 0.0), survival, end, start,
                         event.astype(float), weight)  # fmt: skip
