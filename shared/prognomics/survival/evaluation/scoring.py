"""All measures of one prediction on one data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from prognomics.survival.evaluation.accuracy import brier, integrated, integrated_brier, scaled_brier
from prognomics.survival.evaluation.censoring import CensoringWeights
from prognomics.survival.evaluation.discrimination import Estimate, auc, auc_value, harrell_c, uno_c

ALWAYS = float("inf")
"""The horizon of a measure that takes in the whole follow-up."""
Measures = Mapping[tuple[str, float], Estimate]


@dataclass(frozen=True)
class Prediction:
    """What a model states of samples.

    Attributes
    ----------
    eta : numpy.ndarray, shape (n_samples,)
        Linear predictor.
    risk : numpy.ndarray, shape (n_horizons, n_samples)
        Probability of the event by each horizon.
    grid_risk : numpy.ndarray, shape (n_times, n_samples)
        And by each time of the grid that the Brier score is integrated over.
    """

    eta: np.ndarray
    risk: np.ndarray
    grid_risk: np.ndarray


class PerformanceMetrics:
    """A data set that predictions are measured on.

    Parameters
    ----------
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps.
    horizons : sequence of float
    grid : numpy.ndarray, shape (n_times,)
        See `prognomics.survival.evaluation.accuracy.integration_grid`; up to the largest horizon.
    """

    def __init__(
        self, time: np.ndarray, event: np.ndarray, stratum: np.ndarray, horizons: Sequence[float], grid: np.ndarray
    ) -> None:
        self.time, self.event, self.stratum = time, event, stratum
        self.horizons, self.grid = list(horizons), grid
        self.weights = CensoringWeights(time, event, stratum)
        self.statuses = [self.weights.status(horizon) for horizon in self.horizons]
        self.grid_statuses = [self.weights.status(horizon) for horizon in grid]

    def values(self, prediction: Prediction, null: np.ndarray | None = None) -> dict[tuple[str, float], float]:
        """The values of `measures` without what belongs to standard errors, for many repeats.

        Parameters
        ----------
        prediction : Prediction
        null : numpy.ndarray, optional
            `brier_values` of the prediction without covariates.
        """
        found = {("harrell_c", ALWAYS): harrell_c(self.time, self.event, prediction.eta, self.stratum).value}
        for horizon in (ALWAYS, *self.horizons):
            found["uno_c", horizon] = uno_c(self.weights, prediction.eta, horizon).value
        for horizon, status in zip(self.horizons, self.statuses, strict=True):
            found["auc", horizon] = auc_value(self.weights, status, prediction.eta)
        scores = self.brier_values(prediction)
        keys = [*(("brier", horizon) for horizon in self.horizons), ("integrated_brier", max(self.horizons))]
        found |= dict(zip(keys, scores.tolist(), strict=True))
        if null is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                scaled = 1.0 - scores / null
            found |= {("scaled_" + name, horizon): value
                      for (name, horizon), value in zip(keys, scaled.tolist(), strict=True)}  # fmt: skip
        return found

    def brier_values(self, prediction: Prediction) -> np.ndarray:
        """Brier scores at the horizons, then the integrated one, shape (n_horizons + 1,)."""
        weight, case, n_used = self._stacked
        risk = np.concatenate((prediction.risk, prediction.grid_risk))
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = (weight * (case - risk) ** 2).sum(axis=1) / n_used
        n = len(self.horizons)
        return np.append(scores[:n], integrated(scores[n:], self.grid, max(self.horizons)))

    @cached_property
    def _stacked(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights and cases at all horizons and times of the grid, and the samples used there."""
        statuses = [*self.statuses, *self.grid_statuses]
        return (np.array([s.weight for s in statuses]), np.array([s.case for s in statuses], dtype=float),
                np.array([s.used.sum() for s in statuses], dtype=float))  # fmt: skip

    def measures(self, prediction: Prediction, null: Measures | None = None) -> dict[tuple[str, float], Estimate]:
        """Every measure of a prediction, by name and horizon.

        Parameters
        ----------
        prediction : Prediction
        null : mapping, optional
            `accuracy` of the prediction without covariates, which Brier scores are scaled by.
        """
        found = {
            ("harrell_c", ALWAYS): harrell_c(self.time, self.event, prediction.eta, self.stratum),
            ("uno_c", ALWAYS): uno_c(self.weights, prediction.eta),
        }
        for horizon, status in zip(self.horizons, self.statuses, strict=True):
            found["uno_c", horizon] = uno_c(self.weights, prediction.eta, horizon)
            found["auc", horizon] = auc(self.weights, status, prediction.eta)
        found |= self.accuracy(prediction)
        if null is not None:
            for (name, horizon), one in null.items():
                found["scaled_" + name, horizon] = scaled_brier(found[name, horizon], one)
        return found

    def accuracy(self, prediction: Prediction) -> dict[tuple[str, float], Estimate]:
        """Brier scores at the horizons, and integrated up to the largest."""
        found = {("brier", h): brier(self.weights, status, risk)
                 for h, status, risk in zip(self.horizons, self.statuses, prediction.risk, strict=True)}  # fmt: skip
        last = max(self.horizons)
        found["integrated_brier", last] = integrated_brier(
            self.weights, self.grid_statuses, prediction.grid_risk, self.grid, last
        )
        return found
