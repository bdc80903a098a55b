"""What others need to apply a Cox model: its coefficients, and the survival of a reference sample.

Breslow (1974), doi 10.2307/2529620, for the baseline hazard; with Efron's ties the hazard of tied events is the sum
of Efron's terms. Numbers are those of R's `survival::survfit.coxph` and `basehaz`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from prognomics.survival.cox.fit import CoxFit

WIDEST = 700.0


@dataclass(frozen=True)
class BaselineCurve:
    """Baseline of one stratum: a row an event time, ascending, and a last one where follow-up ends.

    Attributes
    ----------
    stratum : int
    time, n_risk, n_event, cumulative_hazard, se : numpy.ndarray, shape (n_times,)
        At risk just before the time and events at it; the cumulative hazard of the reference sample and its standard
        error (of log survival; the uncertainty of the coefficients is in it).
    """

    stratum: int
    time: np.ndarray
    n_risk: np.ndarray
    n_event: np.ndarray
    cumulative_hazard: np.ndarray
    se: np.ndarray


def baseline_curves(fit: CoxFit, x: np.ndarray, center: np.ndarray) -> list[BaselineCurve]:
    """Cumulative hazard of the reference sample in each stratum.

    Parameters
    ----------
    fit : CoxFit
        Every coefficient finite or collinear.
    x : numpy.ndarray, shape (n_samples, n_columns)
        Its covariates, in the caller's order.
    center : numpy.ndarray, shape (n_columns,)
        Covariates of the reference sample.

    Returns
    -------
    list of BaselineCurve
        By stratum code. The survival of a sample with covariates x is
        exp(-cumulative_hazard * exp((x - center) @ beta)).
    """
    sets = fit.solution.likelihood.risk_sets
    used = np.flatnonzero(~np.isnan(fit.beta))
    beta, away = fit.beta[used], x[:, used] - center[used]
    away = away[sets.order]
    eta = away @ beta
    shift = eta.max() if len(eta) else 0.0
    weights = fit.solution.likelihood.weights
    hazard = weights * np.exp(np.maximum(eta - shift, -WIDEST))

    def of_terms(values: np.ndarray) -> np.ndarray:
        cell = sets.death_cell
        result: np.ndarray = sets.over_risk_set(values)[cell] - sets.fraction[:, None] * sets.over_deaths(values)[cell]
        return result

    denominator = of_terms(hazard[:, None])[:, 0]
    count = np.diff(np.append(sets.death_begin, len(sets.death)))
    term_weight = (sets.per_cell(weights[sets.death]) / count)[sets.death_cell]
    size = np.exp(-shift)
    step = term_weight / denominator * size
    spread = term_weight / denominator**2 * size**2
    drift = step[:, None] * (of_terms(hazard[:, None] * away) / denominator[:, None])
    cells = [sets.per_cell(part) for part in (step, spread, drift)]
    covariance = fit.covariance[np.ix_(used, used)]

    curves = []
    for code, (begin, end) in enumerate(sets.cell_bounds):
        rows = slice(begin, end)
        time = sets.cell_time[rows][::-1]
        cumulative, variance, path = (np.cumsum(part[rows][::-1], axis=0) for part in cells)
        variance = variance + np.einsum("ij,jk,ik->i", path, covariance, path)
        inside = fit.stratum == code
        n_risk, n_event = _counts(fit, inside, time)
        last = float(fit.time[inside].max())
        if not len(time) or last > time[-1]:
            tail = _counts(fit, inside, np.array([last]))
            time, n_risk, n_event = (np.append(a, b) for a, b in ((time, last), (n_risk, tail[0]), (n_event, tail[1])))
            cumulative, variance = (np.append(a, a[-1] if len(a) else 0.0) for a in (cumulative, variance))
        curves.append(BaselineCurve(code, time, n_risk, n_event, cumulative, np.sqrt(variance)))
    return curves


def _counts(fit: CoxFit, inside: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    exits, events = np.sort(fit.time[inside]), np.sort(fit.time[inside & fit.event])
    n_risk = len(exits) - np.searchsorted(exits, time, side="left")
    if fit.entry is not None:
        entries = np.sort(fit.entry[inside])
        n_risk = n_risk - (len(entries) - np.searchsorted(entries, time, side="left"))
    n_event = np.searchsorted(events, time, side="right") - np.searchsorted(events, time, side="left")
    return n_risk, n_event


def survival_limits(
    cumulative_hazard: np.ndarray, se: np.ndarray, conf_level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Survival and its limits on the log scale (R's default), cut at 1."""
    reach = float(ndtri(1 - (1 - conf_level) / 2)) * se
    low, high = np.exp(-cumulative_hazard - reach), np.exp(-cumulative_hazard + reach)
    return np.exp(-cumulative_hazard), low, np.minimum(high, 1.0)
