"""The stratified log partial likelihood with Breslow's ties as a function of the linear predictor.

For models with thousands of candidate columns: value, gradient and curvature by running sums over samples sorted once.
Breslow (1974), doi 10.2307/2529620.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.data.strata import encode_levels
from prognomics.errors import Refused
from prognomics.survival.event_times import check_event_times, merge_near_ties

MAX_LINEAR = 500.0


@dataclass(frozen=True)
class Likelihood:
    """Log partial likelihood at a linear predictor.

    Attributes
    ----------
    value : float
    gradient : numpy.ndarray, shape (n,)
        By each sorted sample's linear predictor; sums to 0 in each stratum.
    hazard : numpy.ndarray, shape (n,)
        Weighted relative hazards, on a scale of their stratum.
    total : numpy.ndarray, shape (n_times,)
        Their sum over each risk set.
    exposure : numpy.ndarray, shape (n,)
        Expected events of each sample.
    """

    value: float
    gradient: np.ndarray
    hazard: np.ndarray
    total: np.ndarray
    exposure: np.ndarray


@dataclass(frozen=True)
class RiskOrder:
    """Samples sorted by stratum, then falling time; arrays of shape (n,) unless said otherwise.

    Attributes
    ----------
    order : numpy.ndarray of int
        Position of each sorted sample among the samples given.
    weight : numpy.ndarray
        Case weights; they sum to 1.
    death : numpy.ndarray
        Weight of an event, 0 where follow-up is censored.
    end : numpy.ndarray of int, shape (n_times,)
        The samples at risk at each distinct event time are those of its stratum before this one.
    deaths : numpy.ndarray, shape (n_times,)
        Weight of the events at that time.
    first_time : numpy.ndarray of int
        The first event time (they run backward) at which a sample is at risk; the last is its stratum's.
    strata : list of (slice, slice)
        Samples and event times of each stratum.
    bounds : numpy.ndarray of int, shape (n_strata, 2)
        Where these slices end.
    """

    order: np.ndarray
    weight: np.ndarray
    death: np.ndarray
    end: np.ndarray
    deaths: np.ndarray
    first_time: np.ndarray
    strata: list[Any]
    bounds: np.ndarray

    @property
    def n(self) -> int:
        return len(self.order)

    @property
    def saturated(self) -> float:
        """Log likelihood of a model that predicts each event exactly, for the deviance."""
        return -float(self.deaths @ np.log(self.deaths))

    def evaluate(self, linear: np.ndarray) -> Likelihood:
        """Value and gradient of the log partial likelihood at a linear predictor in sorted order, shape (n,)."""
        loops = compiled_loops()
        if loops is None:
            return self.evaluate_slowly(linear)
        hazard, total, exposure = np.empty(self.n), np.empty(len(self.deaths)), np.empty(self.n)
        value = loops.breslow(
            np.ascontiguousarray(linear), self.weight, self.end, self.deaths, self.first_time, self.bounds, hazard,
            total, exposure,
        )  # fmt: skip
        return Likelihood(value + float(self.death @ linear), self.death - exposure, hazard, total, exposure)

    def evaluate_slowly(self, linear: np.ndarray) -> Likelihood:
        """The same without compiled loops."""
        hazard, total, exposure = np.zeros(self.n), np.zeros(len(self.deaths)), np.zeros(self.n)
        value = float(self.death @ linear)
        for samples, times in self.strata:
            if times.start == times.stop:
                continue
            # sums stay within a stratum and run from small to large, so that nothing is lost by cancellation
            top = linear[samples].max()
            part = self.weight[samples] * np.exp(np.maximum(linear[samples] - top, -MAX_LINEAR))
            sums = np.cumsum(part)[self.end[times] - 1 - samples.start]
            rise = np.append(np.cumsum((self.deaths[times] / sums)[::-1])[::-1], 0.0)
            hazard[samples], total[times] = part, sums
            exposure[samples] = part * rise[np.minimum(self.first_time[samples], times.stop) - times.start]
            value -= float(self.deaths[times] @ (np.log(sums) + top))
        return Likelihood(value, self.death - exposure, hazard, total, exposure)

    def curvature(self, at: Likelihood, columns: np.ndarray) -> np.ndarray:
        """Information of some columns, shape (n_columns, n_columns): the negative second derivative."""
        root, mean = self.curvature_parts(at, columns)
        result: np.ndarray = root.T @ root - mean.T @ mean
        return result

    def curvature_parts(self, at: Likelihood, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Matrices of a row per sample and per event time: their products with themselves differ by the information.

        Parameters
        ----------
        at : Likelihood
        columns : numpy.ndarray, shape (n, n_columns)
            In sorted order, centered so that running sums lose nothing.
        """
        rows = columns.T  # a column of the matrix is contiguous in memory
        mean = np.empty((rows.shape[0], len(self.deaths)))
        weighted = rows * at.hazard
        for samples, times in self.strata:
            mean[:, times] = np.cumsum(weighted[:, samples], axis=1)[:, self.end[times] - 1 - samples.start]
        mean *= np.sqrt(self.deaths) / at.total
        return (rows * np.sqrt(at.exposure)).T, mean.T

    def curvature_product(self, at: Likelihood, vector: np.ndarray) -> np.ndarray:
        """The information by linear predictors times a vector, both of shape (n,), without the matrix."""
        product = np.zeros(self.n)
        weighted = at.hazard * vector
        share = self.deaths / at.total**2
        for samples, times in self.strata:
            if times.start == times.stop:
                continue
            sums = np.cumsum(weighted[samples])[self.end[times] - 1 - samples.start] * share[times]
            rise = np.append(np.cumsum(sums[::-1])[::-1], 0.0)
            back = rise[np.minimum(self.first_time[samples], times.stop) - times.start]
            product[samples] = at.exposure[samples] * vector[samples] - at.hazard[samples] * back
        return product

    def curvature_diagonal(self, at: Likelihood) -> np.ndarray:
        """An upper bound of the diagonal of that information, shape (n,)."""
        return at.exposure


def order_by_risk(
    time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None, weights: np.ndarray | None = None
) -> RiskOrder:
    """Sort follow-up for `evaluate`.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Without missing values; near ties are merged as R does.
    strata : array_like, shape (n_samples,), optional
    weights : array_like, shape (n_samples,), optional
        Case weights of at least 0, not all 0.

    Raises
    ------
    BadInput
        As `check_event_times`.
    Refused
        No events.
    """
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    weight = np.ones(len(time)) if weights is None else np.asarray(weights, float)
    weight = weight / weight.sum()
    stratum = encode_levels(strata, len(time), "stratum")[0]
    order = np.lexsort((~event, -time, stratum))
    time, weight, stratum = time[order], weight[order], stratum[order]
    death = np.where(event[order], weight, 0.0)
    if not (death > 0).any():
        raise Refused("there are no events")
    at = np.flatnonzero(death > 0)
    new = np.append(True, (stratum[at][1:] != stratum[at][:-1]) | (time[at][1:] != time[at][:-1]))
    group = np.cumsum(new) - 1
    lead = at[new]
    deaths = np.bincount(group, death[at])
    new_time = np.append(True, (stratum[1:] != stratum[:-1]) | (time[1:] != time[:-1]))
    starts = np.append(np.flatnonzero(new_time), len(time))
    end = starts[np.searchsorted(starts, lead, side="right")]
    first = np.searchsorted(end, np.arange(len(time)), side="right")  # times run backward, so risk sets grow
    codes = np.arange(stratum[-1] + 1)
    samples, times = np.searchsorted(stratum, codes, "right"), np.searchsorted(stratum[lead], codes, "right")
    slices = [tuple(slice(int(a[c - 1]) if c else 0, int(a[c])) for a in (samples, times)) for c in codes]
    return RiskOrder(order, weight, death, end, deaths, first, slices, np.column_stack([samples, times]))
