"""Calibration at a horizon: predicted risks against what happened, in groups and as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import Refused
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_at


@dataclass(frozen=True)
class CalibrationGroup:
    """Samples of like predicted risk: its mean, and the risk observed by Kaplan-Meier with its interval."""

    number: int
    n: int
    events: int
    predicted_low: float
    predicted_high: float
    predicted: float
    observed: float
    se: float
    ci_low: float
    ci_high: float


def risk_groups(risk: np.ndarray, groups: int) -> np.ndarray:
    """Groups 0, 1, … of rising risk, about equal in size; equal risks are never parted, shape (n_samples,)."""
    edges = np.unique(np.quantile(risk, np.linspace(0, 1, groups + 1)[1:-1]))
    codes = np.searchsorted(edges, risk, side="right")
    return np.unique(codes, return_inverse=True)[1].reshape(-1)


def observed_risk(time: np.ndarray, event: np.ndarray, horizon: float) -> tuple[float, float, float, float]:
    """1 - Kaplan-Meier at the horizon: estimate, standard error, log-log limits; NaN where follow-up ends before."""
    at = survival_at(kaplan_meier(time, event, conf_type="log-log", timefix=False), [horizon])
    return 1 - at.survival[0], at.se[0], 1 - at.ci_high[0], 1 - at.ci_low[0]


def calibration_groups(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizon: float, codes: np.ndarray
) -> list[CalibrationGroup]:
    """Predicted and observed risk by group (see `risk_groups`), as `rms::calibrate(cmethod = "KM")` compares them."""
    found = []
    for code in range(int(codes.max()) + 1):
        at = np.flatnonzero(codes == code)
        observed, se, low, high = observed_risk(time[at], event[at], horizon)
        events = int((event[at] & (time[at] <= horizon)).sum())
        found.append(CalibrationGroup(code + 1, len(at), events, float(risk[at].min()), float(risk[at].max()),
                                      float(risk[at].mean()), observed, se, low, high))  # fmt: skip
    return found


@dataclass(frozen=True)
class Ratio:
    """Observed over expected risk, with its standard error (of the ratio) and interval."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float


def observed_over_expected(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizon: float, stratum: np.ndarray | None = None
) -> Ratio:
    """Risk observed by Kaplan-Meier at the horizon over the mean predicted risk (calibration in the large).

    With strata the observed risk is that of each stratum, weighted by its size. The interval is on the log
    scale and takes the predictions as given.
    """
    stratum = np.zeros(len(time), dtype=int) if stratum is None else stratum
    share = variance = 0.0
    for code in np.unique(stratum):
        at = stratum == code
        one, se, _, _ = observed_risk(time[at], event[at], horizon)
        share += at.mean() * one
        variance += (at.mean() * se) ** 2
    expected = float(risk.mean())
    if not (share > 0 and expected > 0):
        return Ratio(share / expected if expected > 0 else np.nan, np.nan, np.nan, np.nan)
    ratio, log_se = share / expected, np.sqrt(variance) / share
    reach = np.exp(1.959963984540054 * log_se)
    return Ratio(float(ratio), float(ratio * log_se), float(ratio / reach), float(ratio * reach))


def calibration_slope(
    time: np.ndarray, event: np.ndarray, eta: np.ndarray, stratum: np.ndarray, ties: str
) -> tuple[float, float]:
    """Coefficient of the linear predictor in data it was not fitted on, and its standard error.

    Below 1 predictions are too extreme (van Houwelingen 2000, doi
    10.1002/1097-0258(20001230)19:24<3401::AID-SIM554>3.0.CO;2-2). NaN where it cannot be estimated.
    """
    try:
        fit = fit_cox(time, event, eta, stratum, ties)
    except Refused:
        return float("nan"), float("nan")
    return float(fit.beta[0]), float(fit.se[0])
