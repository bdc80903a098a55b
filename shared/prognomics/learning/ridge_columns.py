"""Ridge regression with more columns than samples: the optimum over all columns by way of one column per sample.

Without the absolute penalty the optimum lies in the span of the samples: with the columns over the roots of their
penalty factors, Z (samples in rows), Z Z' = U D U', the coefficients are Z' U D^(-1/2) theta, where theta has the same
ridge penalty and the columns U D^(1/2). Memory is of the order of samples by samples, not columns by columns.

Steps are Newton's; its linear systems are solved by conjugate gradients, which the orthogonal columns make short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from prognomics.learning.active_columns import (
    KKT,
    MOST_HALVINGS,
    ROUNDING,
    STALLED,
    STALLED_KKT,
    STALLED_ROUNDING,
    no_optimum,
)  # fmt: skip
from prognomics.learning.partial_likelihood import Likelihood, RiskOrder
from prognomics.regression.logistic_likelihood import LogisticLikelihood, LogisticOrder

CHUNK = 2048
LEAST_EIGENVALUE = 1e-13  # of the largest: what is below is rounding
MOST_STEPS, MOST_PRODUCTS = 200, 500
INEXACT = 1e-2  # of the gradient: how far a Newton step is solved


class RidgeColumns:
    """The place of `ActiveColumns` where all columns have a coefficient.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_columns, n_all)
        Columns in rows, as given.
    where : numpy.ndarray of int, shape (n,)
        Column of the matrix of each sorted sample.
    center, scale, factor : numpy.ndarray, shape (n_columns,)
        Scale is infinite for columns that do not vary; factors of 0 are not penalized.
    risk : RiskOrder or LogisticOrder
    at : Likelihood or LogisticLikelihood
        Where all coefficients are 0.

    Attributes
    ----------
    at : Likelihood or LogisticLikelihood
        At the coefficients.
    rows : numpy.ndarray of int
        All columns that vary: none is left to join.
    """

    def __init__(
        self, values: np.ndarray, where: np.ndarray, center: np.ndarray, scale: np.ndarray, factor: np.ndarray,
        risk: RiskOrder | LogisticOrder, at: Likelihood | LogisticLikelihood,
    ) -> None:  # fmt: skip
        self._values, self._where, self._center = values, where, center
        self._risk, self.at = risk, at
        self._free = np.flatnonzero((factor == 0) & np.isfinite(scale))
        self._rows = np.flatnonzero((factor > 0) & np.isfinite(scale))
        self.rows = np.concatenate([self._free, self._rows])
        self._unit = scale * np.sqrt(factor)  # what a column is divided by, so that all have the same penalty
        self._scale = scale
        gram = np.zeros((risk.n, risk.n))
        for begin in range(0, len(self._rows), CHUNK):
            part = self._standardized(self._rows[begin : begin + CHUNK], self._unit)
            gram += part.T @ part
        size, vectors = np.linalg.eigh(gram)
        kept = size > LEAST_EIGENVALUE * max(float(size[-1]), np.finfo(float).tiny)
        root = np.sqrt(size[kept])
        self._back = vectors[:, kept] / root
        own = self._standardized(self._free, scale)
        self._columns = np.vstack([own, (vectors[:, kept] * root).T])
        self._penalized = np.arange(len(self._columns)) >= len(self._free)
        self._theta = np.zeros(len(self._columns))
        self._squares = self._columns**2

    def solution(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns with a coefficient, and their coefficients per standard deviation."""
        free = len(self._free)
        by_sample = self._back @ self._theta[free:]
        spread = np.zeros(self._values.shape[1])
        spread[self._where] = by_sample
        unit = self._unit[self._rows]
        beta = (self._values[self._rows] @ spread - self._center[self._rows] * by_sample.sum()) / unit
        # back from the common penalty to standard deviations
        return self.rows, np.concatenate([self._theta[:free], beta * self._scale[self._rows] / unit])

    def optimize(self, penalty: float) -> None:
        """Go to the optimum at a penalty.

        Raises
        ------
        Refused
            The likelihood has no optimum, as where an unpenalized column separates events.
        """
        self._optimize(penalty, np.ones(len(self._theta), bool))

    def optimize_unpenalized(self) -> None:
        """Go to the optimum of the columns that are not penalized, while the others stay at 0; raises as `optimize`."""
        if len(self._free):
            self._optimize(0.0, ~self._penalized)

    def _optimize(self, penalty: float, moving: np.ndarray) -> None:
        ridge = penalty * self._penalized
        gradient = moving * (self._columns @ self.at.gradient - ridge * self._theta)
        least, stalled = np.inf, 0
        for _ in range(MOST_STEPS):
            miss = float(np.linalg.norm(gradient))
            stalled = 0 if miss < least / 2 else stalled + 1
            least = min(least, miss)
            near = miss <= max(STALLED_KKT * penalty, STALLED_ROUNDING)
            if miss <= max(KKT * min(penalty, 1.0), ROUNDING) or (near and stalled >= STALLED):
                return
            step = self._newton(gradient, ridge, moving)
            if not self._move(step, ridge):
                if near:
                    return
                break
            gradient = moving * (self._columns @ self.at.gradient - ridge * self._theta)
        raise no_optimum(penalty)

    def _newton(self, gradient: np.ndarray, ridge: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """The step that curvature and gradient give, by conjugate gradients."""
        at: Any = self.at  # of the kind that the outcome takes
        curvature = self._risk.curvature_diagonal(at)
        diagonal = self._squares @ curvature + ridge

        def product(step: np.ndarray) -> np.ndarray:
            turned = self._columns @ self._risk.curvature_product(at, step @ self._columns)
            return np.asarray(moving * turned + ridge * step)

        return conjugate_gradients(product, gradient, np.maximum(diagonal, np.finfo(float).tiny))

    def _move(self, step: np.ndarray, ridge: np.ndarray) -> bool:
        now = self._objective(self._theta, self.at.value, ridge)
        size = 1.0
        for _ in range(MOST_HALVINGS):
            trial = self._theta + size * step
            at = self._risk.evaluate(trial @ self._columns)
            if self._objective(trial, at.value, ridge) <= now + 1e-14 * abs(now):
                self._theta, self.at = trial, at
                return True
            size /= 2
        return False

    @staticmethod
    def _objective(theta: np.ndarray, value: float, ridge: np.ndarray) -> float:
        return -value + float(ridge @ theta**2) / 2

    def _standardized(self, rows: np.ndarray, unit: np.ndarray) -> np.ndarray:
        part = self._values[np.ix_(rows, self._where)]
        return np.asarray((part - self._center[rows, None]) / unit[rows, None])


def conjugate_gradients(
    product: Callable[[np.ndarray], np.ndarray], right: np.ndarray, diagonal: np.ndarray
) -> np.ndarray:
    """The solution of a positive definite system, to INEXACT of the right side; scaled by its diagonal.

    Parameters
    ----------
    product : callable
        Multiplies a vector by the matrix.
    right, diagonal : numpy.ndarray, shape (n,)
    """
    found, left = np.zeros(len(right)), right.copy()
    scaled = left / diagonal
    way, square = scaled.copy(), float(left @ scaled)
    enough = INEXACT * float(np.linalg.norm(right))
    for _ in range(MOST_PRODUCTS):
        turned = product(way)
        bend = float(way @ turned)
        if not bend > 0:
            break
        found = found + (square / bend) * way
        left = left - (square / bend) * turned
        if np.linalg.norm(left) <= enough:
            break
        scaled = left / diagonal
        square, before = float(left @ scaled), square
        way = scaled + (square / before) * way
    return found if found.any() else right / diagonal
