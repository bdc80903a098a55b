"""Distributions of log survival time: log T = mu + sigma W, as in R's `survreg` and `flexsurv`.

Each function takes w and the shape q of the generalized gamma distribution (Prentice 1974, doi 10.1093/biomet/61.3.539;
not read by the others) and works on arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln, log_expit, log_ndtr

SMALLEST_SHAPE = 1e-4  # below it the generalized gamma distribution is the log-normal one
LARGEST = 700.0
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Family:
    """A distribution of W.

    Attributes
    ----------
    log_density, slope, curvature : function of (w, q)
        Log density of W and its first two derivatives.
    log_survival : function of (w, q)
    fixed_scale : bool
        sigma is 1.
    has_shape : bool
    """

    log_density: Callable[..., Any]
    slope: Callable[..., Any]
    curvature: Callable[..., Any]
    log_survival: Callable[..., Any]
    fixed_scale: bool = False
    has_shape: bool = False


def _exp(w: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.exp(np.minimum(w, LARGEST))
    return result


def _gamma_parts(w: np.ndarray, q: float) -> tuple[float, np.ndarray]:
    k = 1 / q**2
    return k, k * _exp(q * w)


def _gamma_density(w: np.ndarray, q: float) -> np.ndarray:
    if abs(q) < SMALLEST_SHAPE:
        result: np.ndarray = NORMAL.log_density(w, q)
        return result
    k, u = _gamma_parts(w, q)
    result = np.log(abs(q)) + k * np.log(k) - gammaln(k) + w / q - u
    return result


def _gamma_slope(w: np.ndarray, q: float) -> np.ndarray:
    return -w if abs(q) < SMALLEST_SHAPE else -np.expm1(np.minimum(q * w, LARGEST)) / q


def _gamma_curvature(w: np.ndarray, q: float) -> np.ndarray:
    return -np.ones_like(w) if abs(q) < SMALLEST_SHAPE else -_exp(q * w)


def _gamma_survival(w: np.ndarray, q: float) -> np.ndarray:
    if abs(q) < SMALLEST_SHAPE:
        result: np.ndarray = log_ndtr(-w)
        return result
    k, u = _gamma_parts(w, q)
    with np.errstate(divide="ignore"):
        result = np.log(gammaincc(k, u) if q > 0 else gammainc(k, u))
        return result


EXTREME = Family(lambda w, q: w - _exp(w), lambda w, q: 1 - _exp(w), lambda w, q: -_exp(w), lambda w, q: -_exp(w))
NORMAL = Family(lambda w, q: -0.5 * w**2 - HALF_LOG_2PI, lambda w, q: -w, lambda w, q: -np.ones_like(w),
                lambda w, q: log_ndtr(-w))  # fmt: skip
LOGISTIC = Family(lambda w, q: log_expit(w) + log_expit(-w), lambda w, q: -np.tanh(w / 2),
                  lambda w, q: -0.5 / np.cosh(np.clip(w / 2, -LARGEST / 2, LARGEST / 2)) ** 2,
                  lambda w, q: log_expit(-w))  # fmt: skip
FAMILIES = {
    "weibull": EXTREME,
    "exponential": Family(EXTREME.log_density, EXTREME.slope, EXTREME.curvature, EXTREME.log_survival, True),
    "log_normal": NORMAL,
    "log_logistic": LOGISTIC,
    "generalized_gamma": Family(_gamma_density, _gamma_slope, _gamma_curvature, _gamma_survival, has_shape=True),
}
