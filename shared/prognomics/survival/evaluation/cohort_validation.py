"""Leave-one-cohort-out validation: each cohort is predicted by a model fitted to all others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.errors import AnalysisWarning, Refused
from prognomics.survival.evaluation.calibration import Ratio, calibration_slope, observed_over_expected
from prognomics.survival.evaluation.prediction import (
    baseline_hazard,
    fit_risk_model,
    predicted_risk,
    survival_steps,
)
from prognomics.survival.evaluation.scoring import PerformanceMetrics, Prediction


@dataclass(frozen=True)
class LeftOut:
    """How a model of the other cohorts does in one cohort.

    Attributes
    ----------
    cohort : str
    n, events : int
    measures : dict
        Of `PerformanceMetrics`; empty where nothing could be fitted or judged.
    slope : tuple of (estimate, standard error)
    ratios : dict of horizon to Ratio
        Observed over expected risk.
    note : str
    """

    cohort: str
    n: int
    events: int
    measures: dict[Any, Any]
    slope: tuple[float, float]
    ratios: dict[float, Ratio]
    note: str = ""


def leave_one_cohort_out(
    x, time, event, stratum, cohort: np.ndarray, horizons: Sequence[float], grid: np.ndarray, ties: str
) -> list[LeftOut]:
    """Validation in each cohort, and in all of them together by the pairs within cohorts.

    The left-out cohort has no baseline hazard in a stratified model, so absolute risks come from one baseline
    of all training samples given the coefficients. The null model is the Kaplan-Meier curve of the training samples.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_samples, n_columns)
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
    stratum : numpy.ndarray of int, shape (n_samples,)
        Of the models that are fitted.
    cohort : numpy.ndarray of str, shape (n_samples,)
    horizons, grid
        As `PerformanceMetrics`.
    ties : {"efron", "breslow"}

    Returns
    -------
    list of LeftOut
        In the order of the cohorts' names; the last is named "all" where two or more could be predicted.
    """
    n = len(time)
    eta, risk, null = np.full(n, np.nan), np.full((len(horizons), n), np.nan), np.full((len(horizons), n), np.nan)
    grid_risk, grid_null = np.full((len(grid), n), np.nan), np.full((len(grid), n), np.nan)
    found = []
    for name in np.unique(cohort):
        out = cohort == name
        model = _fit(x[~out], time[~out], event[~out], stratum[~out], ties)
        if model is None:
            note = "no model can be fitted to the other cohorts"
            found.append(LeftOut(str(name), int(out.sum()), int(event[out].sum()), {}, (np.nan, np.nan), {}, note))
            continue
        fitted, pooled = model
        eta[out] = fitted.linear_predictor(x[out])
        inside = np.zeros(int(out.sum()), dtype=int)
        for target, baseline, times in ((risk, null, horizons), (grid_risk, grid_null, grid)):
            target[:, out] = predicted_risk(eta[out], [pooled], inside, times)
            baseline[:, out] = 1.0 - survival_steps(time[~out], event[~out], np.asarray(times, dtype=float))[:, None]
        found.append(_judge(str(name), out, inside, time, event, eta, risk, grid_risk, null, grid_null, horizons, grid,
                            ties))  # fmt: skip
    known = ~np.isnan(eta)
    codes = np.unique(cohort[known], return_inverse=True)[1].reshape(-1)
    if known.any() and codes.max() > 0:
        found.append(_judge("all", known, codes, time, event, eta, risk, grid_risk, null, grid_null, horizons, grid,
                            ties))  # fmt: skip
    return found


def _fit(x, time, event, stratum, ties):
    """A model and one baseline hazard of all its samples; None where nothing can be estimated."""
    if not event.any():
        return None
    stratum = np.unique(stratum, return_inverse=True)[1].reshape(-1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        try:
            fitted = fit_risk_model(time, event, x, stratum, ties)
        except Refused:
            return None
    if not (fitted.fit.df and np.isfinite(fitted.fit.solution.beta).all()):
        return None
    relative = np.exp(fitted.linear_predictor(x))
    return fitted, baseline_hazard(time, event, relative, np.zeros(len(time), dtype=int), ties)[0]


def _judge(name, out, stratum, time, event, eta, risk, grid_risk, null, grid_null, horizons, grid, ties) -> LeftOut:
    events = int(event[out].sum())
    note = "" if events >= 10 else f"{events} events: too few to judge by"
    if not events:
        return LeftOut(name, int(out.sum()), events, {}, (np.nan, np.nan), {}, note)
    metrics = PerformanceMetrics(time[out], event[out], stratum, horizons, grid)
    measures = metrics.measures(
        Prediction(eta[out], risk[:, out], grid_risk[:, out]),
        metrics.accuracy(Prediction(eta[out], null[:, out], grid_null[:, out])),
    )
    ratios = {}
    for i, (horizon, status) in enumerate(zip(horizons, metrics.statuses, strict=True)):
        at = np.flatnonzero(out)[status.used]
        if len(at):
            ratios[horizon] = observed_over_expected(time[at], event[at], risk[i, at], horizon, stratum[status.used])
    slope = calibration_slope(time[out], event[out], eta[out], stratum, ties)
    return LeftOut(name, int(out.sum()), events, measures, slope, ratios, note)
