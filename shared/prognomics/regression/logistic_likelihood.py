"""The logistic log likelihood with an intercept per stratum, as a function of the linear predictor.

It has the shape of `prognomics.learning.partial_likelihood`, so that one path serves both outcomes. The intercepts are
at their optimum at every linear predictor (a profile likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused

STEPS = 100


@dataclass(frozen=True)
class LogisticLikelihood:
    """Log likelihood at a linear predictor.

    Attributes
    ----------
    value : float
    gradient : numpy.ndarray, shape (n,)
        Sums to 0 in each stratum.
    variance : numpy.ndarray, shape (n,)
        Weight times p (1 - p).
    intercept : numpy.ndarray, shape (n_strata,)
    """

    value: float
    gradient: np.ndarray
    variance: np.ndarray
    intercept: np.ndarray


@dataclass(frozen=True)
class LogisticOrder:
    """A yes/no outcome of samples.

    Attributes
    ----------
    order : numpy.ndarray of int, shape (n,)
        The identity: samples need no order here.
    weight : numpy.ndarray, shape (n,)
        Sums to 1.
    outcome : numpy.ndarray, shape (n,)
        0 or 1.
    stratum : numpy.ndarray of int, shape (n,)
    """

    order: np.ndarray
    weight: np.ndarray
    outcome: np.ndarray
    stratum: np.ndarray
    saturated: float = 0.0

    @property
    def n(self) -> int:
        return len(self.order)

    def evaluate(self, linear: np.ndarray) -> LogisticLikelihood:
        """Value and gradient at a linear predictor, shape (n,)."""
        n_strata = int(self.stratum.max()) + 1
        total = np.bincount(self.stratum, self.weight * self.outcome, n_strata)
        size = np.bincount(self.stratum, self.weight, n_strata)
        middle = np.bincount(self.stratum, self.weight * linear, n_strata) / size
        with np.errstate(divide="ignore"):
            intercept = np.log(total) - np.log(size - total) - middle
        inner = (total > 0) & (total < size)  # the other strata say nothing: their likelihood is 1
        intercept = np.where(inner, intercept, 0.0)
        low, high = np.full(n_strata, -np.inf), np.full(n_strata, np.inf)
        for _ in range(STEPS):
            p = _expit(linear + intercept[self.stratum])
            miss = total - np.bincount(self.stratum, self.weight * p, n_strata)
            slope = np.bincount(self.stratum, self.weight * p * (1 - p), n_strata)
            low, high = np.where(miss > 0, intercept, low), np.where(miss < 0, intercept, high)
            trial = intercept + np.clip(miss / np.maximum(slope, np.finfo(float).tiny), -5, 5)
            outside = (trial <= low) | (trial >= high)
            with np.errstate(invalid="ignore"):
                trial = np.where(outside & np.isfinite(low + high), (low + high) / 2, trial)
            trial = np.where(inner, trial, 0.0)
            if np.abs(trial - intercept).max() <= 1e-15 * (1 + np.abs(intercept).max()):
                break
            intercept = trial
        told = inner[self.stratum]
        eta = linear + intercept[self.stratum]
        p = _expit(eta)
        value = np.where(told, self.weight * (self.outcome * eta - np.logaddexp(0, eta)), 0.0).sum()
        gradient = np.where(told, self.weight * (self.outcome - p), 0.0)
        return LogisticLikelihood(float(value), gradient, np.where(told, self.weight * p * (1 - p), 0.0), intercept)

    def intercepts(self, linear: np.ndarray) -> np.ndarray:
        """Intercept of each stratum at a linear predictor of shape (n,); NaN where a stratum has one outcome only."""
        outcomes = np.bincount(self.stratum, self.outcome)
        mixed = (outcomes > 0) & (outcomes < np.bincount(self.stratum))
        return np.where(mixed, self.evaluate(linear).intercept, np.nan)

    def mean_intercept(self, linear: np.ndarray) -> float:
        """Intercept at a linear predictor, shape (n,): the weighted mean of strata that have both outcomes."""
        own = self.intercepts(linear)
        known = ~np.isnan(own)
        weights = np.bincount(self.stratum, self.weight)[known]
        return float(np.average(own[known], weights=weights)) if known.any() else 0.0

    def curvature(self, at: LogisticLikelihood, columns: np.ndarray) -> np.ndarray:
        """Information of some columns, shape (n_columns, n_columns), with the intercepts profiled out."""
        root, mean = self.curvature_parts(at, columns)
        result: np.ndarray = root.T @ root - mean.T @ mean
        return result

    def curvature_parts(self, at: LogisticLikelihood, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Matrices of a row per sample and per stratum: their products with themselves differ by the information."""
        n_strata = int(self.stratum.max()) + 1
        root = columns * np.sqrt(at.variance)[:, None]
        size = np.bincount(self.stratum, at.variance, n_strata)
        mean = np.zeros((n_strata, columns.shape[1]))
        np.add.at(mean, self.stratum, columns * at.variance[:, None])
        return root, mean / np.sqrt(np.maximum(size, np.finfo(float).tiny))[:, None]

    def curvature_product(self, at: LogisticLikelihood, vector: np.ndarray) -> np.ndarray:
        """The information by linear predictors times a vector, both of shape (n,), with the intercepts profiled out."""
        size = np.bincount(self.stratum, at.variance)
        mean = np.bincount(self.stratum, at.variance * vector) / np.maximum(size, np.finfo(float).tiny)
        product: np.ndarray = at.variance * (vector - mean[self.stratum])
        return product

    def curvature_diagonal(self, at: LogisticLikelihood) -> np.ndarray:
        """An upper bound of the diagonal of that information, shape (n,)."""
        return at.variance


def order_by_outcome(
    outcome: np.ndarray, strata: np.ndarray | None = None, weights: np.ndarray | None = None
) -> LogisticOrder:
    """Prepare a yes/no outcome for a path.

    Parameters
    ----------
    outcome : array_like of 0/1 or bool, shape (n_samples,)
    strata, weights : array_like, shape (n_samples,), optional

    Raises
    ------
    BadInput
        Values other than 0 and 1.
    Refused
        One of the two outcomes is missing.
    """
    outcome = np.asarray(outcome, float)
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise BadInput("an outcome is 0 or 1")
    if outcome.min() == outcome.max():
        raise Refused("all samples have the same outcome")
    weight = np.ones(len(outcome)) if weights is None else np.asarray(weights, float)
    stratum = encode_levels(strata, len(outcome), "stratum")[0]
    return LogisticOrder(np.arange(len(outcome)), weight / weight.sum(), outcome, stratum)


def _expit(x: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    result: np.ndarray = expit(x)
    return result
