"""Maximum likelihood of parametric survival models: lifelines' fit, then Newton's method from its optimum.

lifelines ends where the likelihood changes by less than 1e-6 or so. After Newton's method the numbers are those of R's
`survival::survreg` (accelerated failure time models) and of a Poisson `glm` on split follow-up (piecewise exponential)
to 1e-6. If lifelines does not converge, Newton's method starts from least squares of log times instead, and `method`
states this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtri

from prognomics.errors import Refused
from prognomics.survival.parametric.families import FAMILIES
from prognomics.survival.parametric.lifelines_models import fitter_name, lifelines_optimum
from prognomics.survival.parametric.likelihood import (
    Derivatives,
    LogTimes,
    exposure,
    find_interval,
    log_time_likelihood,
    log_time_starts,
    piecewise_likelihood,
    piecewise_start,
    scale_and_shape,
)

ROUNDS, HALVINGS, TOLERANCE = 200, 40, 1e-9
PIECEWISE = "piecewise_exponential"
DISTRIBUTIONS = (*FAMILIES, PIECEWISE)
BY_LIFELINES = "maximum likelihood, lifelines {}, then Newton's method"
BY_NEWTON = "maximum likelihood, Newton's method from least squares (lifelines {} did not converge)"
LATE = "maximum likelihood, Newton's method from the model without entry times"
NESTED = "maximum likelihood, Newton's method from the larger model"


@dataclass(frozen=True)
class ParametricFit:
    """A fitted model.

    Attributes
    ----------
    distribution : str
    names : tuple of str
        Of the parameters: `(Intercept)`, the columns, `log(scale)` and `shape` of the models of log time; log rates by
        interval and the columns of the piecewise exponential one.
    theta : numpy.ndarray, shape (n_parameters,)
    covariance : numpy.ndarray, shape (n_parameters, n_parameters)
    loglik : float
        Of the times themselves, as `survreg` gives it.
    columns : slice
        Where in `theta` the coefficients of the design are: log time ratios, or log hazard ratios of the piecewise
        exponential model.
    breaks : tuple of float
        Where the rate of the piecewise exponential model changes.
    method : str
        How the maximum was found.
    """

    distribution: str
    names: tuple[str, ...]
    theta: np.ndarray
    covariance: np.ndarray
    loglik: float
    columns: slice
    breaks: tuple[float, ...] = ()
    method: str = ""

    @property
    def se(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance))

    def log_survival(self, months: np.ndarray, x: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
        """Log of survival by some times, shape (n_times, n_samples); x has shape (n_samples, n_columns)."""
        theta = self.theta if theta is None else theta
        months = np.asarray(months, float)
        if self.distribution == PIECEWISE:
            hazard = exposure(months, self.breaks) @ np.exp(theta[: len(self.breaks) + 1])
            result: np.ndarray = -hazard[:, None] * np.exp(x @ theta[self.columns])
            return result
        family = FAMILIES[self.distribution]
        sigma, q = scale_and_shape(family, theta)
        with np.errstate(divide="ignore"):
            log_time = np.log(months)
        w = (log_time[:, None] - (theta[0] + x @ theta[self.columns])) / sigma
        return np.where(np.isneginf(w), 0.0, family.log_survival(np.where(np.isneginf(w), 0.0, w), q))

    def mean_survival(self, months: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Average survival of samples by some times, with 95% limits (delta method, log-log), shape (n_times,)."""

        def mean(theta: np.ndarray) -> np.ndarray:
            result: np.ndarray = np.exp(self.log_survival(months, x, theta)).mean(axis=1)
            return result

        survival = mean(self.theta)
        steps = 1e-5 * np.maximum(self.se, 1e-8)
        slopes = np.stack([(mean(self.theta + step) - mean(self.theta - step)) / (2 * size)
                           for step, size in zip(np.diag(steps), steps, strict=True)])  # fmt: skip
        se = np.sqrt(np.einsum("it,ij,jt->t", slopes, self.covariance, slopes))
        inside = (survival > 0) & (survival < 1)
        log = np.log(np.where(inside, survival, 0.5))
        reach = float(ndtri(0.975)) * se / np.where(inside, survival * np.abs(log), 1)
        low, high = (np.where(inside, np.exp(log * np.exp(sign * reach)), survival) for sign in (1, -1))
        return survival, low, high


def fit_parametric(
    distribution: str,
    time: np.ndarray,
    event: np.ndarray,
    x: np.ndarray,
    columns: tuple[str, ...] = (),
    breaks: tuple[float, ...] = (),
    start: np.ndarray | None = None,
    entry: np.ndarray | None = None,
) -> ParametricFit:
    """Fit a distribution to censored times.

    lifelines fits the model; Newton's method goes on from its optimum until the digits no longer change, and gives the
    covariance.

    Parameters
    ----------
    distribution : str
        One of `DISTRIBUTIONS`.
    time : numpy.ndarray, shape (n_samples,)
        Positive.
    event : numpy.ndarray, shape (n_samples,)
    x : numpy.ndarray, shape (n_samples, n_columns)
        Of full rank together with a constant.
    columns : tuple of str
    breaks : tuple of float
        Of the piecewise exponential model.
    start : numpy.ndarray, shape (n_parameters,), optional
        Where Newton's method starts, instead of lifelines' optimum: of a nested model, the estimates of the model that
        contains it.
    entry : numpy.ndarray, shape (n_samples,), optional
        Below `time`: when samples came under observation; the likelihood is conditional on survival to it.

    Raises
    ------
    Refused
        The likelihood has no maximum that can be found.
    """
    size = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    center = x.mean(axis=0)
    scaled = (x - center) / size
    if distribution == PIECEWISE:
        n_rates, names = len(breaks) + 1, (*_rate_names(breaks), *columns)
        spent, at = exposure(time, breaks), find_interval(time, breaks)
        if entry is not None:
            spent = spent - exposure(entry, breaks)
        own_starts = [piecewise_start(spent, at, event, x.shape[1])]

        def function(theta: np.ndarray) -> Derivatives:
            return piecewise_likelihood(theta, spent, at, event, scaled)

    else:
        family, n_rates = FAMILIES[distribution], 1
        design = np.column_stack([np.ones(len(time)), scaled])
        own_starts = log_time_starts(family, design, np.log(time), event)
        rows = LogTimes.of(design, time, event, entry)
        names = ("(Intercept)", *columns, *(() if family.fixed_scale else ("log(scale)",)),
                 *(("shape",) if family.has_shape else ()))  # fmt: skip

        def function(theta: np.ndarray) -> Derivatives:
            return log_time_likelihood(theta, family, rows)

    place = slice(n_rates, n_rates + x.shape[1])
    back = np.eye(len(names))
    back[:n_rates, place] = -center / size
    back[place, place] = np.diag(1 / size)
    if start is None and entry is not None:
        first, method = None, LATE
        try:
            without = fit_parametric(distribution, time, event, x, columns, breaks)
            first = np.linalg.solve(back, without.theta)
        except Refused:
            pass  # other starts follow
    elif start is None:
        first = lifelines_optimum(distribution, time, event, scaled, breaks)
        method = BY_LIFELINES.format(fitter_name(distribution))
    else:
        first, method = np.linalg.solve(back, start), NESTED
    found = None if first is None else _maximize(function, first)
    if found is None:
        maxima = [one for one in (_maximize(function, own) for own in own_starts) if one]
        found = max(maxima, key=lambda one: one[2], default=None)
        method = LATE if entry is not None else BY_NEWTON.format(fitter_name(distribution))
    if found is None:
        raise Refused(f"the likelihood of the {distribution} model has no maximum that can be found",
                      hint="omit terms, or take another distribution")  # fmt: skip
    theta, covariance, loglik = found
    return ParametricFit(distribution, names, back @ theta, back @ covariance @ back.T, loglik, place, tuple(breaks),
                         method)  # fmt: skip


def _rate_names(breaks: tuple[float, ...]) -> list[str]:
    ends = [*(f"{b:g}" for b in breaks), ""]
    return [f"log(rate) {low:g}-{high}" for low, high in zip((0, *breaks), ends, strict=True)]


def _maximize(
    function: Callable[[np.ndarray], Derivatives], theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """The maximum of a log-likelihood, its inverse information, and its value; None if it is not found."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        loglik, gradient, hessian = function(theta)
        for _ in range(ROUNDS):
            step = _ascent(gradient, hessian)
            gain = float(gradient @ step)
            if not np.isfinite(gain):
                break
            if gain < TOLERANCE**2 * max(abs(loglik), 1) * 1e4:
                covariance = _inverse(-hessian)
                return None if covariance is None else (theta + step, covariance, loglik)
            for _ in range(HALVINGS):
                trial = function(theta + step)
                if np.isfinite(trial[0]) and np.isfinite(trial[2]).all() and trial[0] >= loglik - 1e-12 * abs(loglik):
                    break
                step = step / 2
            else:
                break
            theta, (loglik, gradient, hessian) = theta + step, trial
    return None


def _inverse(matrix: np.ndarray) -> np.ndarray | None:
    try:
        result: np.ndarray | None = cho_solve(cho_factor(matrix), np.eye(len(matrix)))
        return result
    except (np.linalg.LinAlgError, ValueError):
        return None


def _ascent(gradient: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Newton's step, with curvature made negative where it is not."""
    if not (np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return np.full(len(gradient), np.nan)
    values, vectors = np.linalg.eigh(-hessian)
    values = np.maximum(np.abs(values), 1e-10 * np.abs(values).max())
    result: np.ndarray = vectors @ ((vectors.T @ gradient) / values)
    return result
