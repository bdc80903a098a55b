"""The cumulative incidence of an event and of its competing event: the Aalen-Johansen estimate.

Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141-150. Estimates and standard errors are those of
R's `survival::survfit` for competing risks; the second standard error is that of `cmprsk::cuminc`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from prognomics.errors import UsageError
from prognomics.survival.event_times import check_event_times, merge_near_ties

CONF_TYPES = ("log-log", "plain")
CAUSES = ("event", "competing")


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of one cause; arrays of shape (n_times,).

    Attributes
    ----------
    estimate : numpy.ndarray
        Probability that the cause has occurred by the time.
    se : numpy.ndarray
        Its infinitesimal jackknife standard error, as `survfit`.
    se_delta : numpy.ndarray
        Its standard error by the delta method (Aalen), as `cmprsk::cuminc`.
    ci_low, ci_high : numpy.ndarray
        Pointwise limits, from `se`; on the log-log scale NaN while the estimate is 0 and once it is 1.
    """

    estimate: np.ndarray
    se: np.ndarray
    se_delta: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


@dataclass(frozen=True)
class IncidenceCurves:
    """The curves of one group of samples, one row per distinct time, ascending.

    Attributes
    ----------
    time : numpy.ndarray, shape (n_times,)
    n_risk, n_event, n_competing, n_censor : numpy.ndarray of int, shape (n_times,)
        At risk just before the time; events, competing events and censorings at it.
    survival : numpy.ndarray, shape (n_times,)
        Probability that neither has occurred by the time.
    naive : numpy.ndarray, shape (n_times,)
        One minus the Kaplan-Meier estimate that censors competing events: no probability, for comparison.
    causes : dict of {"event", "competing"} to Incidence
    n, events, competing : int
    """

    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    n_competing: np.ndarray
    n_censor: np.ndarray
    survival: np.ndarray
    naive: np.ndarray
    causes: dict[str, Incidence]
    n: int
    events: int
    competing: int


def cumulative_incidence(
    time: np.ndarray, causes: np.ndarray, conf_type: str = "log-log", conf_level: float = 0.95, timefix: bool = True
) -> IncidenceCurves:
    """Aalen-Johansen estimate, as `survfit(Surv(time, factor(causes)) ~ 1, conf.type=, conf.int=)`.

    Parameters
    ----------
    time : array_like, shape (n_samples,)
        Follow-up times, not negative.
    causes : array_like, shape (n_samples,)
        0 censored, 1 event, 2 competing event.
    conf_type : {"log-log", "plain"}
        Scale of the pointwise limits; plain limits are cut at 0 and 1.
    conf_level : float
        Between 0 and 1.
    timefix : bool
        Merge near ties; off where the times of all groups were merged together.

    Returns
    -------
    IncidenceCurves

    Raises
    ------
    BadInput
        Missing or negative times, other causes, no sample.
    UsageError
        Unknown `conf_type`, `conf_level` outside (0, 1).
    """
    if conf_type not in CONF_TYPES:
        raise UsageError(f"unknown interval type {conf_type!r}", hint=f"one of {', '.join(CONF_TYPES)}")
    if not 0 < conf_level < 1:
        raise UsageError(f"the confidence level is {conf_level}; it lies between 0 and 1")
    causes = np.asarray(causes, dtype=float)
    time, _ = check_event_times(time, np.where(causes == 2, 1.0, causes))
    time = merge_near_ties(time) if timefix else time
    order = np.argsort(time, kind="stable")
    ordered, code = time[order], causes[order].astype(np.int8)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    n_event, n_competing = (np.add.reduceat((code == cause).astype(np.int64), starts) for cause in (1, 2))
    n_risk = len(ordered) - starts
    leaving = np.diff(np.append(starts, len(ordered)))
    left = (n_risk - n_event - n_competing) / n_risk
    survival = np.cumprod(left)
    before = np.concatenate(([1.0], survival[:-1]))
    limits = (conf_type, float(ndtri(1 - (1 - conf_level) / 2)))
    found = {
        name: _incidence(own, other, n_risk, leaving, before, survival, *limits)
        for name, own, other in (("event", n_event, n_competing), ("competing", n_competing, n_event))
    }
    return IncidenceCurves(
        ordered[starts], n_risk, n_event, n_competing, leaving - n_event - n_competing, survival,
        1 - np.cumprod(1 - n_event / n_risk), found, len(time), int(n_event.sum()), int(n_competing.sum()),
    )  # fmt: skip


def _incidence(
    own: np.ndarray,
    other: np.ndarray,
    n_risk: np.ndarray,
    leaving: np.ndarray,
    before: np.ndarray,
    survival: np.ndarray,
    conf_type: str,
    z: float,
) -> Incidence:
    estimate = np.cumsum(before * own / n_risk)
    se = np.sqrt(_jackknife_variance(own, other, n_risk, leaving, before, estimate))
    low, high = _limits(estimate, se, conf_type, z)
    return Incidence(estimate, se, np.sqrt(_delta_variance(own, other, n_risk, before, survival, estimate)), low, high)


def _jackknife_variance(
    own: np.ndarray,
    other: np.ndarray,
    n_risk: np.ndarray,
    leaving: np.ndarray,
    before: np.ndarray,
    estimate: np.ndarray,
) -> np.ndarray:
    """Sum over samples of the squared derivative of the estimate by the sample's weight.

    The derivative of a sample that is still at risk is the same for all (`waiting`). Of one that left at u it is
    a + c (F(t) - F(u)): what it had then, and the change of the survival just before all later events.
    """
    events = own + other
    left = n_risk - events
    some = left > 0  # nobody is at risk afterwards where all have an event
    hazard = np.divide(events, n_risk * left.astype(float), out=np.zeros(len(left)), where=some)
    grown = np.cumsum(hazard)
    jump = before * own / n_risk
    waiting = np.cumsum(jump * (np.concatenate(([0.0], grown[:-1])) - 1 / n_risk))
    drop = np.divide(1.0, left, out=np.zeros(len(left)), where=some)
    offset = np.where(some, grown, 0.0)
    total = np.zeros(len(left))
    sums = [np.zeros(len(left)) for _ in range(3)]
    for count, reached, slope in (
        (own, waiting + before / n_risk, offset - drop),
        (other, waiting, offset - drop),
        (leaving - events, waiting, offset),
    ):
        constant = reached - slope * estimate
        for place, part in enumerate((constant**2, constant * slope, slope**2)):
            sums[place] += count * part
    squares, products, slopes = (np.cumsum(part) for part in sums)
    total = (n_risk - leaving) * waiting**2 + squares + 2 * estimate * products + estimate**2 * slopes
    result: np.ndarray = np.maximum(total, 0)
    return result


def _delta_variance(
    own: np.ndarray,
    other: np.ndarray,
    n_risk: np.ndarray,
    before: np.ndarray,
    survival: np.ndarray,
    estimate: np.ndarray,
) -> np.ndarray:
    """Aalen's variance in the form of Gray's `cinc`; it moves at events of the own cause only."""
    n_risk = n_risk.astype(float)
    alive = np.divide(1.0, survival, out=np.zeros(len(survival)), where=survival > 0)
    v1, v2, v3 = (np.zeros(len(n_risk)) for _ in range(3))
    for count, used, factor in (
        (other, survival > 0, estimate * alive),
        (own, np.ones(len(n_risk), dtype=bool), 1 + estimate * alive),
    ):
        tied = np.ones(len(n_risk))
        several = count > 1
        tied[several] -= (count[several] - 1) / (n_risk[several] - 1)
        share = np.where(used, before**2 * tied * count / n_risk**2, 0.0)
        v1 += factor**2 * share
        v2 += alive * factor * share
        v3 += alive**2 * share
    v1, v2, v3 = np.cumsum(v1), np.cumsum(v2), np.cumsum(v3)
    variance = np.maximum(v1 + estimate**2 * v3 - 2 * estimate * v2, 0)
    last = np.maximum.accumulate(np.where(own > 0, np.arange(len(own)), -1))
    return np.where(last >= 0, variance[np.maximum(last, 0)], 0.0)


def _limits(estimate: np.ndarray, se: np.ndarray, conf_type: str, z: float) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if conf_type == "plain":
            return np.maximum(estimate - z * se, 0), np.minimum(estimate + z * se, 1)
        inside = np.where((estimate <= 0) | (estimate >= 1), np.nan, estimate)
        half = z * se / (inside * np.log(inside))
        center = np.log(-np.log(inside))
        return np.exp(-np.exp(center - half)), np.exp(-np.exp(center + half))


@dataclass(frozen=True)
class IncidenceAt:
    """Incidence of one cause at given times, arrays of shape (n_asked,); NaN beyond the last observed time."""

    estimate: np.ndarray
    se: np.ndarray
    se_delta: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


def incidence_at(curves: IncidenceCurves, cause: str, times: np.ndarray) -> IncidenceAt:
    """Incidence at given times (in the curves' unit, any order), as `summary(survfit, times=, extend=FALSE)`.

    Before the first observed time the incidence and its limits are 0.
    """
    times = np.atleast_1d(np.asarray(times, dtype=float))
    row = np.searchsorted(curves.time, times, side="right")
    beyond = times > curves.time[-1]
    found = curves.causes[cause]

    def pick(values: np.ndarray, at_start: float) -> np.ndarray:
        return np.where(beyond, np.nan, np.concatenate(([at_start], values))[row])

    return IncidenceAt(
        pick(found.estimate, 0.0), pick(found.se, 0.0), pick(found.se_delta, 0.0), pick(found.ci_low, 0.0),
        pick(found.ci_high, 0.0),
    )  # fmt: skip
