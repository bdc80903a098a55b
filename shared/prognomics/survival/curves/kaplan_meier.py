"""The Kaplan-Meier estimate of survival: curve, rates at given times, quantiles.

Kaplan and Meier (1958), doi 10.1080/01621459.1958.10501452; variance by Greenwood.
Numbers are those of R's `survival::survfit`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from prognomics.errors import UsageError
from prognomics.survival.curves.weighted_curve import WeightedSteps, weighted_steps
from prognomics.survival.event_times import (
    NEAR_TIE,
    check_entry,
    check_event_times,
    group_starts,
    merge_near_ties,
)

CONF_TYPES = ("log", "log-log", "plain")


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: one row per distinct observed time, ascending.

    Attributes
    ----------
    time : numpy.ndarray, shape (n_times,)
        Distinct times, of events and of censorings, in the unit of the input.
    n_risk, n_event, n_censor : numpy.ndarray of int, shape (n_times,)
        At risk just before the time, events at it, censored at it.
    survival, se, ci_low, ci_high : numpy.ndarray, shape (n_times,)
        Estimate just after the time, Greenwood standard error of it (as `summary(survfit)`
        prints, not on the log scale), pointwise limits. NaN where R gives NA: the standard
        error and limits once survival is 0, log-log limits while it is 1.
    n, n_events : int
    conf_type : str
    conf_level : float
    weighted : WeightedSteps or None
        With case weights: counts are sums of weights, the variance is the robust one by sample.
    """

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    n_censor: np.ndarray
    survival: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    n: int
    n_events: int
    conf_type: str
    conf_level: float
    weighted: WeightedSteps | None = None


@dataclass(frozen=True)
class SurvivalAt:
    """Survival at asked times, arrays of shape (n_asked,), in the order asked.

    `n_risk` counts the samples with a time not before the asked one. Beyond the last
    observed time (where `summary.survfit(extend = FALSE)` gives no row) `n_risk` is 0 and
    the estimates are NaN.
    """

    time: np.ndarray
    n_risk: np.ndarray
    survival: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


@dataclass(frozen=True)
class Quantile:
    """A quantile of the survival time with its confidence limits; NaN where not reached."""

    probability: float
    estimate: float
    ci_low: float
    ci_high: float


def kaplan_meier(
    time: np.ndarray,
    event: np.ndarray,
    conf_type: str = "log",
    conf_level: float = 0.95,
    timefix: bool = True,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> SurvivalCurve:
    """Kaplan-Meier estimate, as `survfit(Surv(time, event) ~ 1, conf.type=, conf.int=)`.

    Parameters
    ----------
    time : array_like, shape (n_samples,)
        Follow-up times, not negative; an event at 0 is in the risk set at 0.
    event : array_like, shape (n_samples,)
        0/1 or bool.
    conf_type : {"log", "log-log", "plain"}
        Scale of the pointwise limits. "log" is exp(log S ± z·se/S) cut at 1 (R's default),
        "log-log" is on the scale of log(-log S), "plain" is S ± z·se cut at 0 and 1.
    conf_level : float
        Between 0 and 1.
    timefix : bool
        Merge near ties. Switch it off for the curves of groups whose times were merged
        together beforehand, as R does.
    entry : array_like, shape (n_samples,), optional
        Times of late entry (left truncation), before `time`: a sample is at risk at t when
        entry < t <= time, as `Surv(entry, time, event)`.
    weights : array_like, shape (n_samples,), optional
        Positive case weights; the variance is the robust one by sample (`survfit(weights =, robust = TRUE)`).

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    BadInput
        Missing or negative times, events other than 0 and 1, no sample.
    UsageError
        Unknown `conf_type`, `conf_level` outside (0, 1).
    """
    if conf_type not in CONF_TYPES:
        raise UsageError(f"unknown interval type {conf_type!r}", hint=f"one of {', '.join(CONF_TYPES)}")
    if not 0 < conf_level < 1:
        raise UsageError(f"the confidence level is {conf_level}; it lies between 0 and 1")
    time, event = check_event_times(time, event)
    entry = check_entry(entry, time)
    if timefix and entry is not None:
        time, entry = merge_near_ties(time, entry)
        check_entry(entry, time)
    if weights is not None:
        time = merge_near_ties(time) if timefix and entry is None else time
        return _weighted(weighted_steps(time, event, np.asarray(weights, dtype=float), entry), conf_type, conf_level)
    ordered, flags = _sort_with_flags(time, event)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if timefix and entry is None:
        starts = starts[group_starts(ordered[starts])]
    cuts = ordered[starts]
    n_risk = len(ordered) - starts
    if entry is not None:
        n_risk = n_risk - (len(entry) - np.searchsorted(np.sort(entry), cuts, side="left"))
    leaving = np.diff(np.append(starts, len(ordered)))
    n_event = np.add.reduceat(flags, starts)

    survival = np.cumprod(1 - n_event / n_risk)
    with np.errstate(divide="ignore"):
        log_se = np.sqrt(np.cumsum(n_event / (n_risk * (n_risk - n_event).astype(float))))
    with np.errstate(invalid="ignore"):
        se = survival * log_se
    ci_low, ci_high = _limits(survival, log_se, conf_type, conf_level)
    return SurvivalCurve(
        cuts, n_risk, n_event, leaving - n_event, survival, se, ci_low, ci_high,
        len(time), int(event.sum()), conf_type, conf_level,
    )  # fmt: skip


def _weighted(steps: WeightedSteps, conf_type: str, conf_level: float) -> SurvivalCurve:
    log_se = steps.log_se()
    with np.errstate(invalid="ignore"):
        se = steps.survival * log_se
    ci_low, ci_high = _limits(steps.survival, log_se, conf_type, conf_level)
    return SurvivalCurve(
        steps.time, steps.n_risk, steps.n_event, steps.n_censor, steps.survival, se, ci_low, ci_high,
        len(steps.end), int(steps.event.sum()), conf_type, conf_level, steps,
    )  # fmt: skip


def _sort_with_flags(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times in order, and the event flag of each as an integer.

    The bits of floats that are not negative have the order of the floats, so the flag rides
    along as the lowest bit of an integer key: one sort of plain numbers, no index.
    """
    key = (time + 0.0).view(np.uint64) << np.uint64(1) | event
    key.sort()
    return (key >> np.uint64(1)).view(float), (key & np.uint64(1)).astype(np.int64)


def _limits(
    survival: np.ndarray, log_se: np.ndarray, conf_type: str, conf_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise limits from the standard error of log S; NaN where the scale is undefined."""
    z = float(ndtri(1 - (1 - conf_level) / 2))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if conf_type == "plain":
            half = z * survival * log_se
            return np.maximum(survival - half, 0), np.minimum(survival + half, 1)
        log_s = np.where(survival == 0, np.nan, np.log(survival))
        if conf_type == "log":
            return np.exp(log_s - z * log_se), np.minimum(np.exp(log_s + z * log_se), 1)
        log_s = np.where(survival == 1, np.nan, log_s)
        center, half = np.log(-log_s), z * log_se / -log_s
        return np.exp(-np.exp(center + half)), np.exp(-np.exp(center - half))


def survival_at(curve: SurvivalCurve, times: np.ndarray) -> SurvivalAt:
    """Survival at given times, as `summary(survfit, times=, extend=FALSE)`.

    Parameters
    ----------
    curve : SurvivalCurve
    times : array_like, shape (n_asked,)
        In the unit of the curve, any order.

    Returns
    -------
    SurvivalAt
        Before the first observed time survival is 1 with limits 1 and 1; beyond the last
        one `n_risk` is 0 and the estimates are NaN.
    """
    times = np.atleast_1d(np.asarray(times, dtype=float))
    row = np.searchsorted(curve.time, times, side="right")
    beyond = times > curve.time[-1]

    def pick(values: np.ndarray, at_start: float) -> np.ndarray:
        padded = np.concatenate(([at_start], values))[row]
        return np.where(beyond, np.nan, padded)

    n_risk = np.append(curve.n_risk, 0)[np.searchsorted(curve.time, times, side="left")]
    return SurvivalAt(
        times, n_risk, pick(curve.survival, 1.0), pick(curve.se, 0.0),
        pick(curve.ci_low, 1.0), pick(curve.ci_high, 1.0),
    )  # fmt: skip


def survival_quantile(curve: SurvivalCurve, probability: float = 0.5) -> Quantile:
    """The time by which the fraction `probability` has had the event, with its confidence limits.

    Estimate and limits are those of `summary(survfit)$table`: the first times at which the curve and its pointwise
    limits reach 1 - `probability` (Brookmeyer and Crowley 1982, doi 10.2307/2530286), in the middle of a stretch
    that is flat at this level and ends. An upper limit can rise again later; what it does after the first time does
    not matter. R's `quantile(survfit)` differs in both: of a curve that ends flat at the level it takes the middle up
    to the last observed time.

    Parameters
    ----------
    curve : SurvivalCurve
    probability : float
        Between 0 and 1; 0.5 is the median.

    Returns
    -------
    Quantile
        NaN where the curve, or its limit, does not come down to the level.
    """
    if not 0 < probability < 1:
        raise UsageError(f"the probability of a survival quantile is {probability}; it lies between 0 and 1")
    level = 1 - probability
    curves = (curve.survival, curve.ci_low, curve.ci_high)
    return Quantile(probability, *(_first_reached(curve.time, values, level) for values in curves))


def _first_reached(time: np.ndarray, limit: np.ndarray, level: float) -> float:
    """First time at which a curve or a limit of it is at or below the level, NaN if never.

    If it stays exactly at the level, the middle between that time and the first at which it is lower.
    """
    reached = np.flatnonzero(limit < level + NEAR_TIE)
    if not len(reached):
        return float("nan")
    first = reached[0]
    lower = reached[limit[reached] < limit[first]]
    if abs(limit[first] - level) < NEAR_TIE and len(lower):
        return float((time[first] + time[lower[0]]) / 2)
    return float(time[first])
