"""Predictions of a Cox model: the linear predictor, and the risk of an event by a time in each stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.survival.cox.fit import CoxFit, fit_cox
from prognomics.survival.cox.risk_sets import make_risk_sets

LARGEST = 650.0


@dataclass(frozen=True)
class CumulativeHazard:
    """A step function of time, 0 before its first step."""

    time: np.ndarray
    value: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        return np.concatenate(([0.0], self.value))[np.searchsorted(self.time, times, side="right")]


def baseline_hazard(
    time: np.ndarray, event: np.ndarray, relative: np.ndarray, stratum: np.ndarray, ties: str
) -> list[CumulativeHazard]:
    """Cumulative baseline hazard of each stratum, given relative hazards.

    The increments match the partial likelihood: Breslow's, or Efron's where tied deaths leave the risk set
    one after the other. With all relative hazards 1 it is the Nelson-Aalen estimate or Fleming and
    Harrington's. Agrees with `survfit(coxph)`.

    Parameters
    ----------
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
        At least one is true.
    relative : numpy.ndarray, shape (n_samples,)
        exp(linear predictor).
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps.
    ties : {"efron", "breslow"}
    """
    sets = make_risk_sets(time, event, stratum, ties)
    hazard = relative[sets.order]
    at_risk, tied = sets.over_risk_set(hazard), sets.over_deaths(hazard)
    step = sets.per_cell(1.0 / (at_risk[sets.death_cell] - sets.fraction * tied[sets.death_cell]))
    return [
        CumulativeHazard(sets.cell_time[begin:end][::-1], np.cumsum(step[begin:end][::-1]))
        for begin, end in sets.cell_bounds
    ]


@dataclass(frozen=True)
class RiskModel:
    """A fitted model that predicts.

    Attributes
    ----------
    fit : CoxFit
    center : numpy.ndarray, shape (n_columns,)
        Covariates at which the baseline hazards hold, so that they stay in range.
    baseline : list of CumulativeHazard
        One a stratum.
    """

    fit: CoxFit
    center: np.ndarray
    baseline: list[Any]

    def linear_predictor(self, x: np.ndarray) -> np.ndarray:
        """Log relative hazard of samples, against the center, shape (n_samples,)."""
        return linear_predictor(self.fit, x, self.center)

    def risk(self, x: np.ndarray, stratum: np.ndarray, times: Sequence[float]) -> np.ndarray:
        """Predicted probability of the event by each time, shape (n_times, n_samples)."""
        return predicted_risk(self.linear_predictor(x), self.baseline, stratum, times)


def linear_predictor(fit: CoxFit, x: np.ndarray, center: np.ndarray) -> np.ndarray:
    """(x - center) beta, column by column so that equal rows give equal bits; collinear columns count nothing."""
    eta = np.zeros(len(x))
    for column, value in zip(fit.solution.kept, fit.solution.beta / fit.solution.scale, strict=True):
        eta += (x[:, column] - center[column]) * value
    return eta


def fit_risk_model(time: np.ndarray, event: np.ndarray, x: np.ndarray, stratum: np.ndarray, ties: str) -> RiskModel:
    """Cox model with its baseline hazards; see `fit_cox` for parameters, Raises and near ties."""
    fit = fit_cox(time, event, x, stratum, ties)
    center = np.median(x, axis=0)  # a mean follows a single extreme value
    relative = relative_hazard(linear_predictor(fit, x, center))
    return RiskModel(fit, center, baseline_hazard(fit.time, fit.event, relative, fit.stratum, ties))


def relative_hazard(eta: np.ndarray) -> np.ndarray:
    """exp(linear predictor), held within what floating point sums: a sample farther out is certain anyway."""
    result: np.ndarray = np.exp(np.clip(eta, -LARGEST, LARGEST))
    return result


def predicted_risk(
    eta: np.ndarray, baseline: list[CumulativeHazard], stratum: np.ndarray, times: Sequence[float] | np.ndarray
) -> np.ndarray:
    """1 - exp(-H(t) exp(eta)), shape (n_times, n_samples)."""
    times = np.asarray(times, dtype=float)
    risk = np.empty((len(times), len(eta)))
    with np.errstate(over="ignore", invalid="ignore"):
        relative = relative_hazard(eta)
        for code, hazard in enumerate(baseline):
            at = np.flatnonzero(stratum == code)
            exposure = hazard.at(times)[:, None] * relative[at]
            risk[:, at] = -np.expm1(-np.nan_to_num(exposure, nan=0.0, posinf=np.inf))
    return risk


def kaplan_meier_risk(
    time: np.ndarray, event: np.ndarray, stratum: np.ndarray, times: Sequence[float] | np.ndarray
) -> np.ndarray:
    """1 - Kaplan-Meier of each sample's stratum, the model without covariates, shape (n_times, n_samples)."""
    times = np.asarray(times, dtype=float)
    risk = np.empty((len(times), len(time)))
    for code in range(int(stratum.max()) + 1):
        at = np.flatnonzero(stratum == code)
        risk[:, at] = 1.0 - survival_steps(time[at], event[at], times)[:, None]
    return risk


def survival_steps(time: np.ndarray, event: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Kaplan-Meier survival after each of `times`, carried on flat; near ties already merged."""
    order = np.argsort(time, kind="stable")
    distinct, first = np.unique(time[order], return_index=True)
    events = np.add.reduceat(event[order].astype(float), first)
    survival = np.concatenate(([1.0], np.cumprod(1.0 - events / (len(time) - first))))
    return survival[np.searchsorted(distinct, times, side="right")]
