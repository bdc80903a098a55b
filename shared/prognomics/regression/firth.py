"""Firth's penalized logistic model: finite odds ratios where the likelihood has no maximum.

Firth (1993), doi 10.1093/biomet/80.1.27; Heinze and Schemper (2002), doi 10.1002/sim.1047: the log likelihood plus half
the log determinant of the information (that of the intercept too, in a model that has one). Tests and intervals are of
the profile penalized likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit

from prognomics.modeling.coefficient_tests import ChiSquareTest, chi_square
from prognomics.modeling.profile_likelihood import Point, maximize, profile_limits
from prognomics.regression.fit import LogisticFit
from prognomics.regression.likelihoods import ConditionalLikelihood


@dataclass(frozen=True)
class FirthLogisticFit:
    """A penalized fit.

    Attributes
    ----------
    fit : LogisticFit
        As of the model without penalty, with penalized estimates: log likelihoods are penalized, `lr` compares them
        at 0 and at the estimate, standard errors are of the information at the estimate.
    evaluate : function of beta to Point
        The penalized likelihood of the intercept, if the model has one, and the standardized coefficients.
    best : Point
    """

    fit: LogisticFit
    evaluate: Callable[[np.ndarray], Point]
    best: Point

    @property
    def _first(self) -> int:
        """Position of the first coefficient behind the intercept."""
        return len(self.best.beta) - len(self.fit.solution.kept)

    def test(self, columns: Sequence[int]) -> ChiSquareTest:
        """Penalized likelihood-ratio test that the coefficients of some columns are 0.

        The penalty is that of the whole model, as in `logistf::logistftest`. Collinear columns do not count.
        """
        free = np.ones(len(self.best.beta), dtype=bool)
        free[self._first :] = ~np.isin(self.fit.solution.kept, list(columns))
        if free.all():
            return chi_square(float("nan"), 0)
        held = maximize(self.evaluate, np.where(free, self.best.beta, 0.0), free)
        return chi_square(max(2 * (self.best.value - held.value), 0.0), int((~free).sum()))

    def profile_limits(self, conf_level: float = 0.95) -> np.ndarray:
        """Profile penalized likelihood limits of beta, shape (2, n_columns); NaN where collinear."""
        limits = np.full((2, len(self.fit.columns)), np.nan)
        solution = self.fit.solution
        for place, column in enumerate(solution.kept):
            found = profile_limits(self.evaluate, self.best, self._first + place, conf_level)
            limits[:, column] = np.array(found) / solution.scale[place]
        return limits


def fit_firth(fit: LogisticFit, x: np.ndarray) -> FirthLogisticFit:
    """Fit the model again with Firth's penalty.

    Parameters
    ----------
    fit : LogisticFit
        The model without penalty.
    x : numpy.ndarray, shape (n_samples, n_columns)
        Its covariates.

    Returns
    -------
    FirthLogisticFit
        Agrees with `logistf::logistf` and, in its estimates, with `brglm2::brglm_fit(type = "MPL_Jeffreys")`.
        Columns that are collinear stay out, infinite coefficients become finite.
    """
    solution = fit.solution
    likelihood, kept, scale = solution.likelihood, solution.kept, solution.scale
    first = 0 if fit.conditional else 1
    if fit.conditional:
        evaluate, start = partial(_conditional_point, likelihood), np.zeros(len(kept))
    else:
        with_one = np.column_stack([np.ones(fit.n), likelihood.x])
        evaluate = partial(_plain_point, with_one, fit.case.astype(float))
        start = np.append(np.log(fit.n_events / (fit.n - fit.n_events)), np.zeros(len(kept)))
    free = np.ones(len(start), dtype=bool)
    null = maximize(evaluate, start, np.arange(len(start)) < first)
    best = maximize(evaluate, start, free)
    p = len(fit.columns)
    beta, covariance = np.full(p, np.nan), np.full((p, p), np.nan)
    beta[kept] = best.beta[first:] / scale
    covariance[np.ix_(kept, kept)] = best.inverse[first:, first:] / np.outer(scale, scale)
    eta = np.zeros(fit.n)
    for column in kept:
        eta += x[:, column] * beta[column]
    kept_set = set(kept.tolist())
    shift = float(np.log(scale).sum())  # the penalty of the columns as given, not as standardized
    penalized = replace(
        fit, beta=beta, se=np.sqrt(np.diag(covariance)), covariance=covariance, estimable=~np.isnan(beta),
        reason=tuple("" if j in kept_set else "collinear" for j in range(p)),
        intercept=float(best.beta[0] - beta[kept] @ solution.center[0]) if first else float("nan"),
        loglik_null=null.value + shift, loglik=best.value + shift, lr=2 * (best.value - null.value),
        linear_predictor=eta, converged=True,
    )  # fmt: skip
    return FirthLogisticFit(penalized, evaluate, best)


def _plain_point(x: np.ndarray, outcome: np.ndarray, beta: np.ndarray) -> Point:
    """The penalized logistic likelihood; the first column of `x` is the intercept's."""
    eta = x @ beta
    probability = expit(eta)
    root = x * np.sqrt(probability * (1 - probability))[:, None]
    information = root.T @ root
    return _penalized(
        beta, float(np.sum(outcome * eta - np.logaddexp(0, eta))), x.T @ (outcome - probability), information,
        lambda inverse: x.T @ (np.einsum("ij,jk,ik->i", root, inverse, root) * (1 - 2 * probability)),
    )  # fmt: skip


def _conditional_point(likelihood: ConditionalLikelihood, beta: np.ndarray) -> Point:
    """The penalized exact conditional likelihood."""
    state = likelihood.state(beta)
    return _penalized(
        beta, state.loglik, likelihood.gradient(state), likelihood.information(state),
        lambda inverse: likelihood.information_slope(state, inverse),
    )  # fmt: skip


def _penalized(
    beta: np.ndarray, loglik: float, gradient: np.ndarray, information: np.ndarray, slope: Callable[..., Any]
) -> Point:
    """`slope` gives the derivative of the log determinant from the inverse information."""
    if not len(beta):
        return Point(beta, loglik, gradient, information, information)
    sign, log_determinant = np.linalg.slogdet(information)
    if not (sign > 0 and np.isfinite(log_determinant) and np.isfinite(loglik)):
        return Point.outside(beta)
    inverse = np.linalg.inv(information)
    return Point(beta, loglik + log_determinant / 2, gradient + slope(inverse) / 2, information, inverse)
