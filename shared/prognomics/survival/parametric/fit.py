"""Maximum likelihood of parametric survival models by Newton's method.

Numbers are those of R's `survival::survreg` (accelerated failure time models) and of a Poisson `glm` on split
follow-up (piecewise exponential).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtri

from prognomics.errors import Refused
from prognomics.survival.parametric.families import FAMILIES, Family

ROUNDS, HALVINGS, TOLERANCE = 200, 40, 1e-9
SHAPE_STEP = 1e-5
PIECEWISE = "piecewise_exponential"
DISTRIBUTIONS = (*FAMILIES, PIECEWISE)
SHAPES_TRIED = (1.0, 0.01, -1.0, 2.5)


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
    """

    distribution: str
    names: tuple
    theta: np.ndarray
    covariance: np.ndarray
    loglik: float
    columns: slice
    breaks: tuple = ()

    @property
    def se(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance))

    def log_survival(self, months: np.ndarray, x: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
        """Log of survival by some times, shape (n_times, n_samples); x has shape (n_samples, n_columns)."""
        theta = self.theta if theta is None else theta
        months = np.asarray(months, float)
        if self.distribution == PIECEWISE:
            hazard = exposure(months, self.breaks) @ np.exp(theta[: len(self.breaks) + 1])
            return -hazard[:, None] * np.exp(x @ theta[self.columns])
        family = FAMILIES[self.distribution]
        sigma, q = _scale_and_shape(family, theta)
        with np.errstate(divide="ignore"):
            log_time = np.log(months)
        w = (log_time[:, None] - (theta[0] + x @ theta[self.columns])) / sigma
        return np.where(np.isneginf(w), 0.0, family.log_survival(np.where(np.isneginf(w), 0.0, w), q))

    def mean_survival(self, months: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Average survival of samples by some times, with 95% limits (delta method, log-log), shape (n_times,)."""

        def mean(theta):
            return np.exp(self.log_survival(months, x, theta)).mean(axis=1)

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


def fit_parametric(distribution: str, time: np.ndarray, event: np.ndarray, x: np.ndarray, columns: tuple = (),
                   breaks: tuple = ()) -> ParametricFit:  # fmt: skip
    """Fit a distribution to censored times.

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

    Raises
    ------
    Refused
        The likelihood has no maximum that can be found.
    """
    size = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    center = x.mean(axis=0)
    scaled = (x - center) / size
    if distribution == PIECEWISE:
        n_rates = len(breaks) + 1
        spent, at = exposure(time, breaks), np.searchsorted(breaks, time, side="left")
        start = np.r_[
            np.log(np.maximum(np.bincount(at, event, n_rates), 0.5) / spent.sum(axis=0)), np.zeros(x.shape[1])
        ]
        theta, covariance, loglik = _maximize(lambda t: _piecewise(t, spent, at, event, scaled), start, distribution)
        back = np.eye(len(theta))
        back[:n_rates, n_rates:] = -center / size
        back[n_rates:, n_rates:] = np.diag(1 / size)
        intervals = [
            f"{low:g}-{high}" for low, high in zip((0, *breaks), (*(f"{b:g}" for b in breaks), ""), strict=True)
        ]
        names, place = (*(f"log(rate) {name}" for name in intervals), *columns), slice(n_rates, None)
    else:
        family = FAMILIES[distribution]
        design = np.column_stack([np.ones(len(time)), scaled])
        log_time = np.log(time)
        start = _start(design, log_time, event)
        if family.fixed_scale:
            start = start[:-1]
        starts = [np.r_[start, q] for q in SHAPES_TRIED] if family.has_shape else [start]
        theta, covariance, loglik = _best(
            lambda t: _accelerated(t, family, design, log_time, event), starts, distribution
        )
        p = design.shape[1]
        back = np.eye(len(theta))
        back[0, 1:p] = -center / size
        back[1:p, 1:p] = np.diag(1 / size)
        names = ("(Intercept)", *columns, *(() if family.fixed_scale else ("log(scale)",)),
                 *(("shape",) if family.has_shape else ()))  # fmt: skip
        place = slice(1, p)
    return ParametricFit(distribution, names, back @ theta, back @ covariance @ back.T, loglik, place, tuple(breaks))


def exposure(time: np.ndarray, breaks: tuple) -> np.ndarray:
    """Time spent in each interval, shape (n_times, n_intervals)."""
    edges = np.r_[0.0, breaks]
    return np.clip(np.asarray(time, float)[:, None] - edges, 0, np.diff(np.r_[edges, np.inf]))


def _scale_and_shape(family: Family, theta: np.ndarray) -> tuple[float, float]:
    q = float(theta[-1]) if family.has_shape else 0.0
    log_scale = 0.0 if family.fixed_scale else theta[-2] if family.has_shape else theta[-1]
    return float(np.exp(log_scale)), q


def _accelerated(theta, family, design, log_time, event):
    """Log-likelihood, gradient and Hessian of a model of log time; the shape by differences of the gradient."""
    loglik, gradient, hessian = _location_scale(theta, family, design, log_time, event)
    if family.has_shape:
        ends = []
        for sign in (1, -1):
            moved = theta.copy()
            moved[-1] += sign * SHAPE_STEP
            ends.append(_location_scale(moved, family, design, log_time, event))
        slope = (ends[0][0] - ends[1][0]) / (2 * SHAPE_STEP)
        curve = (ends[0][0] - 2 * loglik + ends[1][0]) / SHAPE_STEP**2
        if abs(theta[-1]) > 0.02:  # differences of the log-likelihood lose digits: a wider step of higher order
            slope, curve = _wide_differences(theta, family, design, log_time, event, loglik)
        cross = (ends[0][1] - ends[1][1]) / (2 * SHAPE_STEP)
        gradient = np.r_[gradient, slope]
        hessian = np.block([[hessian, cross[:, None]], [cross[None], np.array([[curve]])]])
    return loglik, gradient, hessian


def _wide_differences(theta, family, design, log_time, event, loglik):
    step = 2e-3
    values = {}
    for k in (-2, -1, 1, 2):
        moved = theta.copy()
        moved[-1] += k * step
        values[k] = _location_scale(moved, family, design, log_time, event)[0]
    slope = (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * step)
    curve = (16 * (values[1] + values[-1]) - (values[2] + values[-2]) - 30 * loglik) / (12 * step**2)
    return slope, curve


def _location_scale(theta, family, design, log_time, event):
    p = design.shape[1]
    sigma, q = _scale_and_shape(family, theta)
    w = (log_time - design @ theta[:p]) / sigma
    log_f, log_s = family.log_density(w, q), family.log_survival(w, q)
    slope, curve = family.slope(w, q), family.curvature(w, q)
    hazard = np.exp(np.minimum(log_f - log_s, 700.0))
    dead = event == 1
    loglik = float(np.where(dead, log_f - np.log(sigma) - log_time, log_s).sum())
    first = np.where(dead, slope, -hazard)
    second = np.where(dead, curve, -hazard * (slope + hazard))
    gradient = -design.T @ first / sigma
    hessian = (design * second[:, None]).T @ design / sigma**2
    if not family.fixed_scale:
        cross = design.T @ (first + second * w) / sigma
        gradient = np.r_[gradient, -(first @ w) - dead.sum()]
        hessian = np.block([[hessian, cross[:, None]], [cross[None], np.array([[second @ w**2 + first @ w]])]])
    return loglik, gradient, hessian


def _piecewise(theta, spent, at, event, x):
    n_rates = spent.shape[1]
    rates, eta = np.exp(theta[:n_rates]), x @ theta[n_rates:]
    risk = np.exp(np.minimum(eta, 700.0))
    expected = spent * rates * risk[:, None]
    total = expected.sum(axis=1)
    loglik = float(event @ (theta[at] + eta) - total.sum())
    gradient = np.r_[np.bincount(at, event, n_rates) - expected.sum(axis=0), x.T @ (event - total)]
    cross = -expected.T @ x
    hessian = np.block([[-np.diag(expected.sum(axis=0)), cross], [cross.T, -(x * total[:, None]).T @ x]])
    return loglik, gradient, hessian


def _start(design, log_time, event):
    """Least squares of log times, moved up for censoring; the logarithm of their residual deviation last."""
    beta = np.linalg.lstsq(design, log_time, rcond=None)[0]
    beta[0] += np.log(len(event) / event.sum()) / 2
    return np.r_[beta, np.log(max((log_time - design @ beta).std(), 0.05))]


def _best(function, starts, distribution):
    found, refusal = [], None
    for start in starts:
        try:
            found.append(_maximize(function, start, distribution))
        except Refused as one:
            refusal = one
    if not found:
        raise refusal
    return max(found, key=lambda one: one[2])


def _maximize(function: Callable, theta: np.ndarray, distribution: str) -> tuple[np.ndarray, np.ndarray, float]:
    """The maximum of a log-likelihood, its inverse information, and its value."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        loglik, gradient, hessian = function(theta)
        for _ in range(ROUNDS):
            step = _ascent(gradient, hessian)
            gain = float(gradient @ step)
            if not np.isfinite(gain):
                break
            if gain < TOLERANCE**2 * max(abs(loglik), 1) * 1e4:
                covariance = _inverse(-hessian)
                if covariance is None:
                    break
                return theta + step, covariance, loglik
            for _ in range(HALVINGS):
                trial = function(theta + step)
                if np.isfinite(trial[0]) and np.isfinite(trial[2]).all() and trial[0] >= loglik - 1e-12 * abs(loglik):
                    break
                step = step / 2
            else:
                break
            theta, (loglik, gradient, hessian) = theta + step, trial
    raise Refused(f"the likelihood of the {distribution} model has no maximum that can be found",
                  hint="leave out terms, or take another distribution")  # fmt: skip


def _inverse(matrix: np.ndarray) -> np.ndarray | None:
    try:
        return cho_solve(cho_factor(matrix), np.eye(len(matrix)))
    except (np.linalg.LinAlgError, ValueError):
        return None


def _ascent(gradient: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Newton's step, with curvature made negative where it is not."""
    if not (np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return np.full(len(gradient), np.nan)
    values, vectors = np.linalg.eigh(-hessian)
    values = np.maximum(np.abs(values), 1e-10 * np.abs(values).max())
    return vectors @ ((vectors.T @ gradient) / values)
