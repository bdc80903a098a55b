"""Logistic regression of a category on covariates by maximum likelihood, for two or more categories.

As R's `glm(family = binomial)` for two and `nnet::multinom` for more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import Refused

STEPS, GAIN, FARTHEST = 100, 1e-13, 30.0


@dataclass(frozen=True)
class Multinomial:
    """A fitted model.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (n_columns + 1, n_categories - 1)
        Intercept first; log odds against the first category.
    covariance : numpy.ndarray
        Of the coefficients, category by category (columns stacked).
    probability : numpy.ndarray, shape (n_samples, n_categories)
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    probability: np.ndarray


def fit_multinomial(
    x: np.ndarray, category: np.ndarray, n_categories: int, weights: np.ndarray | None = None
) -> Multinomial:
    """Fit by Newton's method with step halving.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_samples, n_columns)
        Without an intercept. Columns that follow from others have coefficient 0.
    category : numpy.ndarray of int, shape (n_samples,)
        Codes from 0; each occurs.
    n_categories : int
    weights : numpy.ndarray, shape (n_samples,), optional

    Raises
    ------
    Refused
        The covariates separate the categories: a coefficient is infinite.
    """
    n = len(x)
    weights = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    center, scale = x.mean(axis=0), x.std(axis=0)
    design = np.column_stack([np.ones(n), (x - center) / np.where(scale > 0, scale, 1.0)])
    kept = _independent(design)
    used, k = design[:, kept], n_categories - 1
    target = (category[:, None] == np.arange(1, n_categories)).astype(float)
    beta = np.zeros((used.shape[1], k))
    value, p = _likelihood(used @ beta, target, weights)
    for _ in range(STEPS):
        gradient = (used.T @ (weights[:, None] * (target - p))).T.ravel()
        information = _information(used, p, weights)
        step = np.linalg.lstsq(information, gradient, rcond=1e-14)[0].reshape(k, -1).T
        for _ in range(50):
            trial = beta + step
            gained, p_trial = _likelihood(used @ trial, target, weights)
            if gained >= value - 1e-12 * abs(value):
                break
            step /= 2
        change, beta, value, p = gained - value, trial, gained, p_trial
        if np.abs(used @ beta).max() > FARTHEST:
            raise Refused("the covariates separate the categories: a logistic model has infinite coefficients",
                          hint="omit the covariate that separates, or join its levels")  # fmt: skip
        if abs(change) <= GAIN * (abs(value) + GAIN) and np.abs(step).max() < 1e-8:
            break
    covariance = np.linalg.pinv(_information(used, p, weights), hermitian=True)
    everyone = np.column_stack([1 - p.sum(axis=1), p])
    return _unscaled(beta, covariance, kept, center, np.where(scale > 0, scale, 1.0), everyone)


def _likelihood(eta: np.ndarray, target: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    top = np.maximum(eta.max(axis=1), 0.0)
    total = np.exp(-top) + np.exp(eta - top[:, None]).sum(axis=1)
    value = float(weights @ ((target * eta).sum(axis=1) - top - np.log(total)))
    return value, np.exp(eta - top[:, None]) / total[:, None]


def _information(x: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    width, k = x.shape[1], p.shape[1]
    out = np.empty((k * width, k * width))
    for i in range(k):
        for j in range(k):
            v = weights * p[:, i] * ((i == j) - p[:, j])
            out[i * width : (i + 1) * width, j * width : (j + 1) * width] = x.T @ (v[:, None] * x)
    return out


def _independent(design: np.ndarray) -> np.ndarray:
    kept: list[int] = []
    for j in range(design.shape[1]):
        column = design[:, j]
        if kept:
            column = column - design[:, kept] @ np.linalg.lstsq(design[:, kept], column, rcond=None)[0]
        if np.sqrt(np.mean(column**2)) > 1e-7:
            kept.append(j)
    return np.array(kept)


def _unscaled(
    beta: np.ndarray,
    covariance: np.ndarray,
    kept: np.ndarray,
    center: np.ndarray,
    scale: np.ndarray,
    probability: np.ndarray,
) -> Multinomial:
    """Coefficients and covariance in the units of the covariates."""
    width, k = len(center) + 1, beta.shape[1]
    back = np.zeros((width, len(kept)))
    for place, j in enumerate(kept):
        if j == 0:
            back[0, place] = 1.0
        else:
            back[j, place] = 1.0 / scale[j - 1]
            back[0, place] = -center[j - 1] / scale[j - 1]
    whole = np.kron(np.eye(k), back)
    return Multinomial(back @ beta, whole @ covariance @ whole.T, probability)
