"""The logistic log likelihood and its exact conditional form within strata, as functions of the coefficients.

Both have the shape that `prognomics.modeling.newton` climbs. The intercept of the first is at its optimum at
every beta; the conditional likelihood has none: it is the probability of the cases of each stratum, given how many
there are (Breslow and Day 1980, chapter 7), and that of `survival::clogit(method = "exact")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from prognomics.modeling.separation import recedes
from prognomics.regression.logistic_likelihood import LogisticLikelihood, LogisticOrder
from prognomics.regression.subset_moments import subset_moments


@dataclass(frozen=True)
class _State:
    loglik: float
    beta: np.ndarray


@dataclass(frozen=True)
class _PlainState(_State):
    at: LogisticLikelihood


@dataclass(frozen=True)
class _ConditionalState(_State):
    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class BinaryLikelihood:
    """What both likelihoods have in common.

    Attributes
    ----------
    x : numpy.ndarray, shape (n_samples, n_columns)
    case : numpy.ndarray of bool, shape (n_samples,)
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0.
    """

    x: np.ndarray
    case: np.ndarray
    stratum: np.ndarray

    def linear_predictor(self, beta: np.ndarray) -> np.ndarray:
        result: np.ndarray = self.x @ beta
        return result

    def means(self, state: _State) -> None:
        """Nothing: a state has all that derivatives need."""

    @cached_property
    def informative(self) -> np.ndarray:
        """Samples of strata that have both outcomes, bool, shape (n_samples,)."""
        n_case, size = (np.bincount(self.stratum, weights) for weights in (self.case, np.ones(len(self.case))))
        result: np.ndarray = ((n_case > 0) & (n_case < size))[self.stratum]
        return result

    def recedes(self, direction: np.ndarray) -> bool:
        """Whether no sample without the outcome is above one with it in its stratum, along a direction of beta."""
        used = self.informative

        def shortfall(eta: np.ndarray) -> np.ndarray:
            highest = np.full(int(self.stratum.max()) + 1, -np.inf)
            control = used & ~self.case
            np.maximum.at(highest, self.stratum[control], eta[control])
            case = used & self.case
            result: np.ndarray = highest[self.stratum[case]] - eta[case]
            return result

        return recedes(self.x, direction, shortfall)


@dataclass(frozen=True)
class PlainLikelihood(BinaryLikelihood):
    """The logistic log likelihood at its best intercept."""

    @cached_property
    def order(self) -> LogisticOrder:
        n = len(self.case)
        return LogisticOrder(np.arange(n), np.ones(n), self.case.astype(float), self.stratum)

    def state(self, beta: np.ndarray) -> _PlainState:
        at = self.order.evaluate(self.x @ beta)
        return _PlainState(at.value, beta, at)

    def gradient(self, state: _PlainState, means: None = None) -> np.ndarray:
        result: np.ndarray = self.x.T @ state.at.gradient
        return result

    def information(self, state: _PlainState, means: None = None) -> np.ndarray:
        return self.order.curvature(state.at, self.x)

    def square_sums(self, state: _PlainState) -> np.ndarray:
        result: np.ndarray = state.at.variance @ self.x**2
        return result


@dataclass(frozen=True)
class ConditionalLikelihood(BinaryLikelihood):
    """The exact conditional log likelihood."""

    @cached_property
    def blocks(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Strata of similar size as arrays: places of samples (-1: none), covariates, sign, size of the subsets.

        Where most samples of a stratum are cases, the subsets are those of the controls (sign -1).
        """
        order = np.argsort(self.stratum, kind="stable")
        begins = np.flatnonzero(np.diff(self.stratum[order], prepend=-1))
        groups: dict[tuple[int, int], list[Any]] = {}
        for rows in np.split(order, begins[1:]):
            n_case = int(self.case[rows].sum())
            if not 0 < n_case < len(rows):
                continue
            size = min(n_case, len(rows) - n_case)
            alike = (size.bit_length(), len(rows).bit_length())
            groups.setdefault(alike, []).append((rows, 1.0 if size == n_case else -1.0, size))
        made = []
        for members in groups.values():
            place = np.full((len(members), max(len(rows) for rows, _, _ in members)), -1)
            for i, (rows, _, _) in enumerate(members):
                place[i, : len(rows)] = rows
            sign = np.array([sign for _, sign, _ in members])
            size = np.array([size for _, _, size in members])
            signed = np.where((place >= 0)[..., None], self.x[place], 0.0) * sign[:, None, None]
            made.append((place, signed, sign, size))
        return made

    def state(self, beta: np.ndarray) -> _ConditionalState:
        p = self.x.shape[1]
        loglik, mean, covariance = 0.0, np.zeros(p), np.zeros((p, p))
        for x, size, eta, chosen in self._subsets(beta):
            found = subset_moments(eta, x, size)
            loglik += float(np.where(chosen, eta, 0.0).sum() - found.log_total.sum())
            # the covariates already have the sign: cases minus expected is the same for the complement
            mean += (x * chosen[..., None]).sum(axis=(0, 1)) - found.mean.sum(axis=0)
            covariance += found.covariance.sum(axis=0)
        return _ConditionalState(loglik, beta, mean, covariance)

    def gradient(self, state: _ConditionalState, means: None = None) -> np.ndarray:
        return state.mean

    def information(self, state: _ConditionalState, means: None = None) -> np.ndarray:
        return state.covariance

    def square_sums(self, state: _ConditionalState) -> np.ndarray:
        result: np.ndarray = np.diag(state.covariance) + (self.x[self.case] ** 2).sum(axis=0)
        return result

    def information_slope(self, state: _ConditionalState, against: np.ndarray) -> np.ndarray:
        """Derivative of the information by each coefficient, summed against a matrix, shape (n_columns,)."""
        slope = np.zeros(self.x.shape[1])
        for x, size, eta, _ in self._subsets(state.beta):
            slope += subset_moments(eta, x, size, against).third.sum(axis=0)
        return slope

    def _subsets(self, beta: np.ndarray) -> Iterator[Any]:
        """Of each block: covariates, size of the subsets, linear predictor, and which samples are the subset."""
        for place, x, sign, size in self.blocks:
            eta = np.where(place >= 0, x @ beta, -np.inf)
            chosen = np.where(place >= 0, self.case[place], False)
            yield x, size, eta, np.where(sign[:, None] > 0, chosen, (place >= 0) & ~chosen)
