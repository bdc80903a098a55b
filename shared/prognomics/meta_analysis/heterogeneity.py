"""Limits of the variance between cohorts, by the Q-profile method."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri


def tau2_limits(effects: np.ndarray, variance: np.ndarray, conf_level: float = 0.95) -> tuple[float, float]:
    """Confidence limits of tau², as `metafor::confint.rma`.

    Viechtbauer (2007), doi 10.1002/sim.2514: the generalized Q, with weights 1 / (variance + tau²), falls as tau²
    grows; the limits are where it equals the quantiles of chi-square with k - 1 degrees of freedom.

    Parameters
    ----------
    effects, variance : numpy.ndarray, shape (n_cohorts,)
        Estimates and their sampling variances.
    conf_level : float

    Returns
    -------
    low, high : float
        0 where the Q of tau² = 0 lies below the quantile already.
    """
    tail = (1 - conf_level) / 2
    return tuple(tau2_at(effects, variance, float(chdtri(len(effects) - 1, p))) for p in (tail, 1 - tail))


def tau2_at(effects: np.ndarray, variance: np.ndarray, quantile: float) -> float:
    """The tau² at which the generalized Q equals a value; 0 where it is lower already at tau² = 0.

    At k - 1 it is the estimate of Paule and Mandel.
    """

    def excess(tau2: float) -> float:
        weight = 1.0 / (variance + tau2)
        return float(weight @ (effects - weight @ effects / weight.sum()) ** 2) - quantile

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(np.var(effects) + variance.max())
    while excess(high) > 0:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2
