"""Firth's penalized Cox model: finite estimates where the likelihood has no maximum.

Firth (1993), doi 10.1093/biomet/80.1.27; for the Cox model Heinze and Schemper (2001),
doi 10.1111/j.0006-341X.2001.00114.x: the log partial likelihood plus half the log determinant of the
information. Tests and intervals are of the profile penalized likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from prognomics.modeling.coefficient_tests import ChiSquareTest, CoefficientTests, chi_square
from prognomics.modeling.profile_likelihood import Point, maximize, profile_limits
from prognomics.survival.cox.fit import CoxFit, Solution
from prognomics.survival.cox.partial_likelihood import PartialLikelihood, State


@dataclass(frozen=True)
class FirthFit:
    """A penalized fit.

    Attributes
    ----------
    fit : CoxFit
        As of the model without penalty, with penalized estimates: log-likelihoods are penalized, `lr` compares them
        at 0 and at the estimate, standard errors are of the information at the estimate, `score` is NaN.
    ci_low, ci_high : numpy.ndarray, shape (n_columns,)
        Profile penalized likelihood limits of beta; NaN where not estimable (collinear), infinite where the
        likelihood does not fall far enough.
    """

    fit: CoxFit
    ci_low: np.ndarray
    ci_high: np.ndarray

    def test(self, columns: Sequence[int]) -> ChiSquareTest:
        """Penalized likelihood-ratio test that the coefficients of some columns are 0.

        The penalty is that of the whole model, as in `coxphf::coxphftest`. Collinear columns do not count.
        """
        solution = self.fit.solution
        tested = np.isin(solution.kept, list(columns))
        if not tested.any():
            return chi_square(float("nan"), 0)
        free = ~tested
        start = np.where(free, solution.beta, 0.0)
        found = maximize(partial(_evaluate, solution.likelihood), start, free)
        return chi_square(max(2 * (self.fit.loglik - found.value), 0.0), int(tested.sum()))

    def coefficient_tests(self, wald: CoefficientTests) -> CoefficientTests:
        """Tests and limits of the profile likelihood in place of Wald's; z is the signed root of the chi-square."""
        tests = [self.test([column]) for column in range(len(self.ci_low))]
        chisq, p = (np.array([getattr(test, name) for test in tests]) for name in ("chisq", "p_value"))
        with np.errstate(over="ignore"):
            limits = np.exp(self.ci_low), np.exp(self.ci_high)
        return CoefficientTests(np.sign(self.fit.beta) * np.sqrt(chisq), p, wald.hr, *limits)


def fit_firth(fit: CoxFit, x: np.ndarray, conf_level: float = 0.95) -> FirthFit:
    """Fit the model again with Firth's penalty.

    Parameters
    ----------
    fit : CoxFit
        The model without penalty.
    x : numpy.ndarray, shape (n_samples, n_columns)
        Its covariates, in the caller's order.
    conf_level : float

    Returns
    -------
    FirthFit
        Agrees with `coxphf::coxphf` (Breslow's ties there; Efron's here where the fit has them). Columns that are
        collinear stay out, infinite coefficients become finite.
    """
    solution = fit.solution
    likelihood, kept, scale = solution.likelihood, solution.kept, solution.scale
    k, p = len(kept), len(fit.columns)
    if k == 0:
        return FirthFit(fit, np.full(p, np.nan), np.full(p, np.nan))
    free = np.ones(k, dtype=bool)
    evaluate = partial(_evaluate, likelihood)
    null = evaluate(np.zeros(k))
    best = maximize(evaluate, np.zeros(k), free)
    covariance = np.full((p, p), np.nan)
    covariance[np.ix_(kept, kept)] = best.inverse / np.outer(scale, scale)
    beta = np.full(p, np.nan)
    beta[kept] = best.beta / scale
    limits = np.full((2, p), np.nan)
    for place, column in enumerate(kept):
        limits[:, column] = np.array(profile_limits(evaluate, best, place, conf_level)) / scale[place]
    eta = np.zeros(len(x))
    for column in kept:
        eta += x[:, column] * beta[column]
    reason = tuple("" if j in set(kept.tolist()) else "collinear" for j in range(p))
    se = np.sqrt(np.diag(covariance))
    penalized = replace(
        fit, beta=beta, se=se, naive_se=se, covariance=covariance, estimable=~np.isnan(beta), reason=reason,
        loglik_null=null.value, loglik=best.value, lr=2 * (best.value - null.value), score=float("nan"),
        wald=float(best.beta @ np.linalg.solve(best.inverse, best.beta)), linear_predictor=eta, converged=True,
        solution=Solution(likelihood, kept, scale, best.beta),
    )  # fmt: skip
    return FirthFit(penalized, limits[0], limits[1])


def _evaluate(likelihood: PartialLikelihood, beta: np.ndarray) -> Point:
    state = likelihood.state(beta)
    means = likelihood.means(state)
    information = likelihood.information(state, means)
    sign, log_determinant = np.linalg.slogdet(information)
    if not (sign > 0 and np.isfinite(log_determinant) and np.isfinite(state.loglik)):
        return Point.outside(beta)
    inverse = np.linalg.inv(information)
    gradient = likelihood.gradient(state, means) + _penalty_gradient(likelihood, state, means, inverse)
    return Point(beta, state.loglik + log_determinant / 2, gradient, information, inverse)


def _penalty_gradient(
    likelihood: PartialLikelihood, state: State, means: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    """Half the trace of (inverse information × its derivative), shape (n_columns,).

    The derivative is the sum over the terms of the third central moments of the covariates in the risk set:
    with q = x' A x it is E[q x_r] - E[q] m_r - 2 m' A Cov(x, x_r), summed, for A the inverse information.
    """
    sets, x = likelihood.risk_sets, likelihood.x

    def moment(values: np.ndarray) -> np.ndarray:
        weighted = state.hazard[:, None] * values
        total, tied = sets.over_risk_set(weighted, state.scaling), sets.over_deaths(weighted)
        sums = total[sets.death_cell] - sets.fraction[:, None] * tied[sets.death_cell]
        result: np.ndarray = sums / state.denominator[:, None]
        return result

    p = x.shape[1]
    quadratic = np.einsum("ij,jk,ik->i", x, inverse, x)[:, None]
    of_quadratic, with_x = moment(quadratic), moment(quadratic * x)
    upper = np.triu_indices(p)
    second = np.empty((len(means), p, p))
    second[:, upper[0], upper[1]] = moment(x[:, upper[0]] * x[:, upper[1]])
    second[:, upper[1], upper[0]] = second[:, upper[0], upper[1]]
    covariance = second - means[:, :, None] * means[:, None, :]
    third = with_x - of_quadratic * means - 2 * np.einsum("ti,tij->tj", means @ inverse, covariance)
    result: np.ndarray = state.term_weight @ third / 2
    return result
