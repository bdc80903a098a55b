"""Log-likelihoods of parametric models with their derivatives, and starting values without lifelines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.survival.parametric.families import Family

SHAPE_STEP = 1e-5
WIDE_SHAPE_STEP = 2e-3
SHAPES_TRIED = (1.0, 0.01, -1.0, 2.5)
LARGEST = 700.0
Derivatives = tuple[float, np.ndarray, np.ndarray]
"""Log-likelihood, gradient and Hessian."""


def exposure(time: np.ndarray, breaks: tuple[float, ...]) -> np.ndarray:
    """Time spent in each interval, shape (n_times, n_intervals)."""
    edges = np.r_[0.0, breaks]
    spent: np.ndarray = np.clip(np.asarray(time, float)[:, None] - edges, 0, np.diff(np.r_[edges, np.inf]))
    return spent


def find_interval(time: np.ndarray, breaks: tuple[float, ...]) -> np.ndarray:
    """The interval in which each time ends, shape (n_times,); a break belongs to the interval before it."""
    return np.searchsorted(breaks, time, side="left")


def scale_and_shape(family: Family, theta: np.ndarray) -> tuple[float, float]:
    q = float(theta[-1]) if family.has_shape else 0.0
    log_scale = 0.0 if family.fixed_scale else theta[-2] if family.has_shape else theta[-1]
    return float(np.exp(log_scale)), q


@dataclass(frozen=True)
class LogTimes:
    """What a model of log time is fitted to.

    A sample with late entry is two rows: its follow-up with weight 1, and its entry, censored, with weight -1, since
    its likelihood is conditional on survival to the entry.
    """

    design: np.ndarray
    log_time: np.ndarray
    event: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, design: np.ndarray, time: np.ndarray, event: np.ndarray, entry: np.ndarray | None) -> LogTimes:
        """Rows of samples; an entry of 0 is none."""
        late = np.zeros(0, int) if entry is None else np.flatnonzero(entry > 0)
        log_entry = np.zeros(0) if entry is None else np.log(entry[late])
        return cls(np.vstack([design, design[late]]), np.r_[np.log(time), log_entry],
                   np.r_[event, np.zeros(len(late))], np.r_[np.ones(len(time)), -np.ones(len(late))])  # fmt: skip


def log_time_likelihood(theta: np.ndarray, family: Family, rows: LogTimes) -> Derivatives:
    """Of a model of log time; derivatives by the shape are differences."""

    def moved(step: float) -> Derivatives:
        return _location_scale(np.r_[theta[:-1], theta[-1] + step], family, rows)

    loglik, gradient, hessian = _location_scale(theta, family, rows)
    if family.has_shape:
        above, below = moved(SHAPE_STEP), moved(-SHAPE_STEP)
        slope = (above[0] - below[0]) / (2 * SHAPE_STEP)
        curve = (above[0] - 2 * loglik + below[0]) / SHAPE_STEP**2
        cross = (above[1] - below[1]) / (2 * SHAPE_STEP)
        if abs(theta[-1]) > 10 * WIDE_SHAPE_STEP:  # narrow differences of the log-likelihood lose digits
            h = WIDE_SHAPE_STEP
            far_below, below_, above_, far_above = (moved(k * h)[0] for k in (-2, -1, 1, 2))
            slope = (8 * (above_ - below_) - (far_above - far_below)) / (12 * h)
            curve = (16 * (above_ + below_) - (far_above + far_below) - 30 * loglik) / (12 * h**2)
        gradient = np.r_[gradient, slope]
        hessian = np.block([[hessian, cross[:, None]], [cross[None], np.array([[curve]])]])
    return loglik, gradient, hessian


def _location_scale(theta: np.ndarray, family: Family, rows: LogTimes) -> Derivatives:
    design, log_time, dead = rows.design, rows.log_time, rows.event == 1
    p = design.shape[1]
    sigma, q = scale_and_shape(family, theta)
    w = (log_time - design @ theta[:p]) / sigma
    log_f, log_s = family.log_density(w, q), family.log_survival(w, q)
    slope, curve = family.slope(w, q), family.curvature(w, q)
    hazard = np.exp(np.minimum(log_f - log_s, LARGEST))
    loglik = float(rows.weight @ np.where(dead, log_f - np.log(sigma) - log_time, log_s))
    first = rows.weight * np.where(dead, slope, -hazard)
    second = rows.weight * np.where(dead, curve, -hazard * (slope + hazard))
    gradient = -design.T @ first / sigma
    hessian = (design * second[:, None]).T @ design / sigma**2
    if not family.fixed_scale:
        cross = design.T @ (first + second * w) / sigma
        gradient = np.r_[gradient, -(first @ w) - dead.sum()]
        hessian = np.block([[hessian, cross[:, None]], [cross[None], np.array([[second @ w**2 + first @ w]])]])
    return loglik, gradient, hessian


def piecewise_likelihood(
    theta: np.ndarray, spent: np.ndarray, at: np.ndarray, event: np.ndarray, x: np.ndarray
) -> Derivatives:
    """Of the piecewise exponential model: log rates by interval, then log hazard ratios."""
    n_rates = spent.shape[1]
    rates, eta = np.exp(theta[:n_rates]), x @ theta[n_rates:]
    expected = spent * rates * np.exp(np.minimum(eta, LARGEST))[:, None]
    total = expected.sum(axis=1)
    loglik = float(event @ (theta[at] + eta) - total.sum())
    gradient = np.r_[np.bincount(at, event, n_rates) - expected.sum(axis=0), x.T @ (event - total)]
    cross = -expected.T @ x
    hessian = np.block([[-np.diag(expected.sum(axis=0)), cross], [cross.T, -(x * total[:, None]).T @ x]])
    return loglik, gradient, hessian


def log_time_starts(family: Family, design: np.ndarray, log_time: np.ndarray, event: np.ndarray) -> list[np.ndarray]:
    """Least squares of log times, moved up for censoring, with the log deviation of the residuals; several shapes."""
    beta = np.linalg.lstsq(design, log_time, rcond=None)[0]
    beta[0] += np.log(len(event) / event.sum()) / 2
    scale = [] if family.fixed_scale else [np.log(max((log_time - design @ beta).std(), 0.05))]
    return [np.r_[beta, scale, shape] for shape in ([[q] for q in SHAPES_TRIED] if family.has_shape else [[]])]


def piecewise_start(spent: np.ndarray, at: np.ndarray, event: np.ndarray, n_columns: int) -> np.ndarray:
    """Rates without covariates."""
    events = np.bincount(at, event, spent.shape[1])
    start: np.ndarray = np.r_[np.log(np.maximum(events, 0.5) / spent.sum(axis=0)), np.zeros(n_columns)]
    return start
