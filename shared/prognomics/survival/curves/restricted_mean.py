"""Restricted mean survival time, and its difference between groups.

Royston and Parmar (2013), doi 10.1186/1471-2288-13-152; variance by Greenwood's terms. Numbers are those of
R's `print(survfit, rmean = horizon)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfc, ndtri

from prognomics.errors import Refused
from prognomics.survival.curves.kaplan_meier import SurvivalCurve


@dataclass(frozen=True)
class RestrictedMean:
    """Mean survival time up to a horizon, with its standard error and normal limits."""

    horizon: float
    estimate: float
    se: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class MeanDifference:
    """Difference of restricted means with normal limits, z and its two-sided p-value."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    z: float
    p_value: float


def restricted_mean(curve: SurvivalCurve, horizon: float) -> RestrictedMean:
    """Mean survival time up to a horizon, as `print(survfit, rmean = horizon)`.

    The area under the curve from 0 to `horizon`; beyond the last observed time the curve is
    carried on flat, as R does (callers refuse such a horizon where it would mislead). Of a
    weighted curve the variance is the robust one. The limits are normal, at the level of the curve.

    Raises
    ------
    Refused
        The horizon is not positive.
    """
    if not horizon > 0:
        raise Refused(f"the horizon of the restricted mean is {horizon}; it must be positive")
    inside = (curve.time <= horizon) & (curve.time > 0)
    steps = curve.survival[inside]
    start = 1.0 if not (curve.time == 0).any() else float(curve.survival[curve.time == 0][0])
    edges = np.concatenate(([0.0], curve.time[inside], [horizon]))
    rectangles = np.diff(edges) * np.concatenate(([start], steps))
    remaining = np.cumsum(rectangles[::-1])[::-1]
    n_risk, n_event = curve.n_risk.astype(float), curve.n_event
    left = n_risk - n_event
    hazard_variance = np.divide(n_event, n_risk * left, out=np.zeros(len(left)), where=left > 0)
    variance = float(np.sum(remaining[1:] ** 2 * hazard_variance[inside]))
    if curve.weighted is not None:
        variance = curve.weighted.restricted_mean_variance(horizon)
    elif (curve.time == 0).any():
        variance += float(remaining[0] ** 2 * hazard_variance[0])
    estimate, se = float(rectangles.sum()), float(np.sqrt(variance))
    z = float(ndtri(1 - (1 - curve.conf_level) / 2))
    return RestrictedMean(float(horizon), estimate, se, estimate - z * se, estimate + z * se)


def mean_difference(differences: np.ndarray, variances: np.ndarray, conf_level: float = 0.95) -> MeanDifference:
    """A difference of restricted means, or the differences within strata as one.

    Parameters
    ----------
    differences, variances : array_like, shape (n_strata,)
        Restricted mean of one group minus that of the other, and the sum of their variances, in each stratum.
        Strata are weighed by inverse variance; a single one is the plain difference.
    conf_level : float

    Returns
    -------
    MeanDifference
        NaN where a variance is zero (a group without events up to the horizon in all strata).
    """
    differences, variances = np.atleast_1d(differences).astype(float), np.atleast_1d(variances).astype(float)
    if len(differences) == 0 or not (variances > 0).all():
        nothing = float("nan")
        known = float(differences[0]) if len(differences) == 1 else nothing
        return MeanDifference(known, nothing, nothing, nothing, nothing, nothing)
    weight = 1 / variances
    estimate, se = float(weight @ differences / weight.sum()), float(1 / np.sqrt(weight.sum()))
    reach = float(ndtri(1 - (1 - conf_level) / 2)) * se
    z = estimate / se
    return MeanDifference(estimate, se, estimate - reach, estimate + reach, z, float(erfc(abs(z) / np.sqrt(2))))
