"""Discrimination: Harrell's and Uno's concordance, and the ROC curve of cases and controls at a horizon.

With strata only pairs within a stratum count, so that differences between cohorts neither help nor harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.survival.concordance import Concordance, concordance
from prognomics.survival.evaluation.censoring import CensoringWeights, Status


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and the influence of each sample on it.

    Attributes
    ----------
    value, se : float
    influence : numpy.ndarray, shape (n_samples,)
        Squares sum to se**2; differences of two estimates on the same samples have the
        influence's difference.
    """

    value: float
    se: float
    influence: np.ndarray

    def minus(self, other: Estimate) -> Estimate:
        """The difference of two estimates on the same samples, with its own standard error."""
        influence = self.influence - other.influence
        return Estimate(self.value - other.value, float(np.sqrt(np.sum(influence**2))), influence)


def undefined(n_samples: int) -> Estimate:
    return Estimate(float("nan"), float("nan"), np.full(n_samples, np.nan))


def harrell_c(time: np.ndarray, event: np.ndarray, risk: np.ndarray, stratum: np.ndarray) -> Estimate:
    """Harrell's C, as `concordance(Surv(time, event) ~ risk, reverse = TRUE)`; see `concordance`."""
    return _estimate(concordance(time, event, risk, stratum))


def uno_c(weights: CensoringWeights, risk: np.ndarray, horizon: float = np.inf) -> Estimate:
    """Uno's C, as `concordance(…, timewt = "n/G2", ymax = horizon)`.

    Uno et al. (2011), doi 10.1002/sim.4154: the pairs of an event at time T count 1 / G(T-)^2, and events
    after the horizon do not count. The standard error takes G as known, as R's does. In a stratum with a single event R
    leaves the weight out; here it has the weight that the definition gives it.

    Parameters
    ----------
    weights : CensoringWeights
        Holds times, events and strata.
    risk : numpy.ndarray, shape (n_samples,)
        Higher means an earlier event.
    horizon : float
    """
    late = weights.time > horizon
    time, event = np.where(late, horizon, weights.time), weights.event & ~late
    if not event.any():
        return undefined(len(time))
    pair_weight = np.zeros(len(time))
    pair_weight[event] = weights.before_own_time[event] ** -2.0
    return _estimate(concordance(time, event, risk, weights.stratum, time_weights=pair_weight))


def _estimate(found: Concordance) -> Estimate:
    return Estimate(found.estimate, found.se, found.influence)


@dataclass(frozen=True)
class RocCurve:
    """Cumulative/dynamic ROC curve at a horizon, from the highest threshold down.

    Attributes
    ----------
    threshold : numpy.ndarray, shape (n_points,)
        A risk at or above it counts as high; the first is infinite. NaN with several strata, each of which
        has thresholds of its own.
    sensitivity, false_positive : numpy.ndarray, shape (n_points,)
        Weighted fractions of cases and controls at or above the threshold.
    """

    threshold: np.ndarray
    sensitivity: np.ndarray
    false_positive: np.ndarray


def roc_curve(weights: CensoringWeights, status: Status, risk: np.ndarray) -> RocCurve:
    """The ROC curve of a score for cases by the horizon against controls beyond it.

    Heagerty et al. (2000), doi 10.1111/j.0006-341X.2000.00337.x, weights by the inverse probability of
    censoring. With strata a case is placed among the controls of its own stratum (Janes and Pepe 2009, doi
    10.1093/biomet/asp002); the area is that of `auc`, but for ties across the placements.
    """
    if len(weights.members) == 1:
        order = np.argsort(-risk, kind="stable")
        case = np.where(status.case, status.weight, 0.0)[order]
        control = np.where(status.control, status.weight, 0.0)[order]
        last = np.flatnonzero(np.append(np.diff(risk[order]) != 0, True))
        true, false = np.cumsum(case)[last] / case.sum(), np.cumsum(control)[last] / control.sum()
        return RocCurve(np.append(np.inf, risk[order][last]), np.append(0.0, true), np.append(0.0, false))
    share, case_weight, _ = _placements(weights, status, risk)
    cases = np.flatnonzero(case_weight > 0)
    place, weight = 1.0 - share[cases], case_weight[cases]
    order = np.argsort(place, kind="stable")
    last = np.flatnonzero(np.append(np.diff(place[order]) != 0, True))
    false = np.concatenate(([0.0], place[order][last], [1.0]))
    true = np.cumsum(weight[order])[last] / weight.sum()
    return RocCurve(np.full(len(false), np.nan), np.concatenate(([0.0], true, [1.0])), false)


def auc(weights: CensoringWeights, status: Status, risk: np.ndarray) -> Estimate:
    """Area under the cumulative/dynamic ROC curve, as `riskRegression::Score(metrics = "auc")`.

    Uno et al. (2007), doi 10.1198/016214507000000149; the variance, which takes in the estimation of the
    censoring weights, as Blanche, Dartigues and Jacqmin-Gadda (2013), doi 10.1002/sim.5958. With strata it is
    the chance that a case has a higher risk than a control of its own stratum (Janes and Pepe 2009, doi
    10.1093/biomet/asp002).

    Parameters
    ----------
    weights : CensoringWeights
    status : Status
        Of the horizon.
    risk : numpy.ndarray, shape (n_samples,)

    Returns
    -------
    Estimate
        NaN if there are no cases or no controls.
    """
    share, case_weight, control_part = _placements(weights, status, risk)
    total = case_weight.sum()
    if not total > 0:
        return undefined(len(risk))
    value = float(case_weight @ share / total)
    own = (case_weight * (share - value) + control_part) / total
    return with_se(value, own + weights.influence(own, status))


def auc_value(weights: CensoringWeights, status: Status, risk: np.ndarray) -> float:
    """The value of `auc` alone."""
    share, case_weight, _ = _placements(weights, status, risk)
    total = case_weight.sum()
    return float(case_weight @ share / total) if total > 0 else float("nan")


def _placements(
    weights: CensoringWeights, status: Status, risk: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For cases the weighted share of their stratum's controls below them, and their weight; for controls their part.

    The part of a control is its weight times how much more often than the stratum's mean it lies below the
    cases, which is what its weight changes in the sum over cases.
    """
    n = len(risk)
    share, case_weight, part = np.zeros(n), np.zeros(n), np.zeros(n)
    for members in weights.members:
        case, control = members[status.case[members]], members[status.control[members]]
        if not (len(case) and len(control)):
            continue
        w_case, w_control = status.weight[case], status.weight[control]
        size = w_control.sum()
        share[case] = _share_below(risk[case], risk[control], w_control) / size
        case_weight[case] = w_case
        below = w_case.sum() - _share_below(risk[control], risk[case], w_case)
        part[control] = w_control * (below - w_case @ share[case]) / size
    return share, case_weight, part


def _share_below(values: np.ndarray, others: np.ndarray, other_weight: np.ndarray) -> np.ndarray:
    """For each value, the weight of the others below it, equal ones by half."""
    order = np.argsort(others, kind="stable")
    running = np.concatenate(([0.0], np.cumsum(other_weight[order])))
    ordered = others[order]
    return (running[np.searchsorted(ordered, values, "left")] + running[np.searchsorted(ordered, values, "right")]) / 2


def with_se(value: float, influence: np.ndarray) -> Estimate:
    """The standard error is the standard deviation of the influences over the root of n, as Score's."""
    n = len(influence)
    if n > 1:
        influence = (influence - influence.mean()) * np.sqrt(n / (n - 1))
    return Estimate(value, float(np.sqrt(np.sum(influence**2))), influence)
