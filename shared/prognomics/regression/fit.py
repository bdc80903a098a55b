"""Logistic regression, plain or conditional on strata, fitted by Newton's method, with profile-likelihood limits.

Numbers are those of R's `glm(family = binomial)` and `survival::clogit(method = "exact")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused, first_few, warn
from prognomics.modeling.newton import informative_columns, maximize, predictor, scaled_inverse
from prognomics.modeling.profile_likelihood import Point, profile_limits
from prognomics.regression.likelihoods import ConditionalLikelihood, PlainLikelihood

EPS = 1e-14
MOST_ITERATIONS = 200
LEAST_GAIN = 1e-15


@dataclass(frozen=True)
class LogisticFit:
    """A fitted model. Arrays over coefficients follow the columns of X.

    Attributes
    ----------
    columns : tuple of str
    beta, se : numpy.ndarray, shape (n_columns,)
        Log odds ratio per unit and its standard error; NaN where not estimable.
    covariance : numpy.ndarray, shape (n_columns, n_columns)
    estimable : numpy.ndarray of bool, shape (n_columns,)
    reason : tuple of str
        As of `CoxFit`: "collinear", "infinite", "drowned", or "".
    intercept : float
        Log odds at X = 0; NaN in a conditional model, which has none.
    loglik_null, loglik : float
        Without covariates (but the intercept) and at the estimate.
    df : int
        Columns that are not collinear; the intercept does not count.
    lr : float
        Likelihood-ratio chi-square on `df` degrees of freedom.
    n, n_events : int
        Samples, and those with the outcome.
    n_informative : int
        The fewer of those with and without the outcome, in strata that have both.
    linear_predictor : numpy.ndarray, shape (n_samples,)
        X beta, without the intercept; infinite coefficients enter with the value at which the fit stopped.
    case, stratum : numpy.ndarray, shape (n_samples,)
    conditional : bool
    """

    columns: tuple[Any, ...]
    beta: np.ndarray
    se: np.ndarray
    covariance: np.ndarray
    estimable: np.ndarray
    reason: tuple[Any, ...]
    intercept: float
    loglik_null: float
    loglik: float
    df: int
    lr: float
    iterations: int
    converged: bool
    n: int
    n_events: int
    n_informative: int
    linear_predictor: np.ndarray
    case: np.ndarray
    stratum: np.ndarray
    conditional: bool
    solution: LogisticSolution = field(repr=False)

    ratio: ClassVar[str] = "odds ratio"

    def profile_limits(self, conf_level: float = 0.95) -> np.ndarray:
        """Profile-likelihood limits of beta, shape (2, n_columns); NaN where not estimable."""
        limits = np.full((2, len(self.columns)), np.nan)
        solution = self.solution
        evaluate = partial(plain_point, solution.likelihood)
        best = evaluate(solution.beta)
        for place, column in enumerate(solution.kept):
            if self.estimable[column]:
                found = profile_limits(evaluate, best, place, conf_level, LEAST_GAIN)
                limits[:, column] = np.array(found) / solution.scale[place]
        return limits


@dataclass(frozen=True)
class LogisticSolution:
    """The fit in standardized columns: the columns of X that are kept, what divides them, their coefficients."""

    likelihood: PlainLikelihood | ConditionalLikelihood
    kept: np.ndarray
    scale: np.ndarray
    beta: np.ndarray
    center: np.ndarray


def plain_point(likelihood: PlainLikelihood | ConditionalLikelihood, beta: np.ndarray) -> Point:
    """The likelihood without penalty at one beta."""
    state = likelihood.state(beta)
    information = likelihood.information(state, None)
    inverse, _ = scaled_inverse(information)
    return Point(beta, state.loglik, likelihood.gradient(state, None), information, inverse)


def fit_logistic(
    case: np.ndarray, x: np.ndarray, strata: np.ndarray | None = None, columns: Sequence[str] | None = None
) -> LogisticFit:
    """Fit a logistic model.

    Parameters
    ----------
    case : array_like of bool, shape (n_samples,)
        Who has the outcome.
    x : array_like, shape (n_samples, n_columns)
        Covariates without missing values, without a column of ones. Any scale: they are standardized inside.
    strata : array_like, shape (n_samples,), optional
        Labels; the likelihood is then conditional on the number of cases of each stratum, exactly.
    columns : sequence of str, optional
        Names of the columns of `x`.

    Returns
    -------
    LogisticFit
        Agrees with `stats::glm`; with strata with `survival::clogit(method = "exact")`.

    Raises
    ------
    Refused
        One outcome only; no stratum has both outcomes.
    BadInput
        Missing or infinite values.
    """
    case, x = np.asarray(case, bool), np.asarray(x, float)
    x = x[:, None] if x.ndim == 1 else x
    if not np.isfinite(x).all():
        rows = np.flatnonzero(~np.isfinite(x).all(axis=1))
        raise BadInput(f"{len(rows)} samples have missing or infinite covariates",
                       where=f"positions (from 0) {first_few(rows)}", hint="fit on complete cases")  # fmt: skip
    require_both(case, f"{len(case)} samples")
    names = tuple(f"x{i + 1}" for i in range(x.shape[1])) if columns is None else tuple(columns)
    kind = PlainLikelihood if strata is None else ConditionalLikelihood
    stratum, _ = encode_levels(strata, len(case), "stratum")
    used = kind(x, case, stratum).informative
    if not used.any():
        raise Refused(f"none of {int(stratum.max()) + 1} strata has samples with and without the outcome",
                      hint="use other strata, or none (--strata none)")  # fmt: skip
    standardized, center, scale = _standardize(x, stratum, used)
    everything = kind(standardized, case, stratum)
    zero = everything.state(np.zeros(x.shape[1]))
    kept = informative_columns(everything.information(zero), float(used.sum()))
    likelihood = kind(standardized[:, kept], case, stratum)
    null = likelihood.state(np.zeros(len(kept)))
    newton = maximize(likelihood, null, EPS, MOST_ITERATIONS)
    if not newton.converged:
        warn("not-converged", f"the logistic model did not converge in {MOST_ITERATIONS} iterations")

    p, scale = x.shape[1], scale[kept]
    finite = ~(newton.running_off | newton.drowned)
    beta, covariance = np.full(p, np.nan), np.full((p, p), np.nan)
    beta[kept[finite]] = (newton.beta / scale)[finite]
    covariance[np.ix_(kept[finite], kept[finite])] = (newton.inverse / np.outer(scale, scale))[np.ix_(finite, finite)]
    reason = np.full(p, "collinear", dtype=object)
    reason[kept] = np.where(newton.running_off, "infinite", np.where(newton.drowned, "drowned", ""))
    intercept = np.nan
    if strata is None:
        intercept = float(newton.state.at.intercept[0] - (newton.beta / scale) @ center[0, kept])
    n_case = int(case[used].sum())
    return LogisticFit(
        columns=names, beta=beta, se=np.sqrt(np.diag(covariance)), covariance=covariance, estimable=~np.isnan(beta),
        reason=tuple(reason), intercept=intercept, loglik_null=null.loglik, loglik=newton.state.loglik, df=len(kept),
        lr=2 * (newton.state.loglik - null.loglik), iterations=newton.iterations, converged=newton.converged,
        n=len(case), n_events=int(case.sum()), n_informative=min(n_case, int(used.sum()) - n_case),
        linear_predictor=predictor(x, kept, newton.beta / scale), case=case, stratum=stratum,
        conditional=strata is not None,
        solution=LogisticSolution(likelihood, kept, scale, newton.beta, center[:, kept]),
    )  # fmt: skip


def require_both(case: np.ndarray, what: str) -> None:
    """Refuse samples that all have the same outcome."""
    n_case = int(np.sum(case))
    if n_case in (0, len(case)):
        said = "none" if n_case == 0 else "all"
        raise Refused(f"{said} of {what} have the outcome, so there are no odds to model",
                      hint="check --outcome-column, --outcome-level, the subset and missing values")  # fmt: skip


def _standardize(x: np.ndarray, stratum: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns about their medians within strata, divided by their pooled deviation; unused samples become 0."""
    centered, center = np.zeros_like(x), np.zeros((int(stratum.max()) + 1, x.shape[1]))
    for code in np.unique(stratum[used]):
        rows = stratum == code
        center[code] = np.median(x[rows], axis=0)
        centered[rows] = x[rows] - center[code]
    with np.errstate(over="ignore"):
        scale = np.sqrt((centered**2).sum(axis=0) / used.sum())
    size = np.abs(np.where(used[:, None], x, 0.0)).max(axis=0, initial=0.0)
    flat = scale <= 1e-13 * size
    scale = np.where(flat, 1.0, scale)
    return np.where(flat, 0.0, centered / scale), center, scale
