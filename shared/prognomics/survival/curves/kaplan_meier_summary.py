"""Rows of the Kaplan-Meier summary: rates, median, restricted mean, follow-up, and who is left at a landmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from prognomics.survival.curves.follow_up import FollowUp
from prognomics.survival.curves.kaplan_meier import SurvivalCurve, survival_at, survival_quantile
from prognomics.survival.curves.restricted_mean import restricted_mean

FEW_AT_RISK = 10


def summary_rows(
    curve: SurvivalCurve,
    follow_up: FollowUp,
    rows: np.ndarray,
    at: Sequence[float],
    horizon: float | None,
    probabilities: Sequence[float] = (),
) -> list[dict[str, Any]]:
    """Rows of one group.

    Parameters
    ----------
    curve : SurvivalCurve
        Of the group.
    follow_up : FollowUp
    rows : numpy.ndarray of bool, shape (n_samples,)
        Samples of the group.
    at : sequence of float
        Months at which survival is stated.
    horizon : float, optional
        Of the restricted mean, months.
    probabilities : sequence of float
        Of the event, by which time it has happened to that fraction (rows `quantile`).
    """
    base = {"n": curve.n, "events": curve.n_events}
    made = [base | row for row in _rates(curve, follow_up, rows, at)] if at else []
    method = "Kaplan-Meier, Brookmeyer-Crowley" + _weighted(curve)
    made.append(base | _quantile_row("median", survival_quantile(curve), method))
    for probability in probabilities:
        row = _quantile_row("quantile", survival_quantile(curve, probability), method)
        made.append(base | row | {"probability": probability})
    if horizon is not None:
        made.append(base | _mean_row(curve, horizon) | {"n_risk": follow_up.at_risk(rows, horizon)})
    time = follow_up.time[rows]
    potential = survival_quantile(follow_up.curve(rows, curve.conf_type, curve.conf_level, reverse=True))
    extent = {"min": time.min(), "max": time.max()}
    made.append(base | _quantile_row("followup_reverse_km", potential, "reverse Kaplan-Meier median") | extent)
    naive = {
        "statistic": "observed_time", "estimate": float(np.median(time)), "conf_type": None,
        "method": "median of observed times, events and censorings alike",
    }  # fmt: skip
    made.append(base | naive | extent)
    return made


def landmark_row(before: FollowUp, after: FollowUp, rows: np.ndarray, landmark: float) -> dict[str, Any]:
    """Who of a group (`rows` among all samples) is at risk at the landmark, and why the others are not."""
    known, there = before.known & rows, after.known & rows
    gone = known & ~there
    early = gone & (before.time <= landmark)
    parts = [
        (int((early & before.event).sum()), "with the event by then"),
        (int((early & ~before.event).sum()), "censored by then"),
        (int((gone & ~early).sum()), "not yet under observation"),
    ]
    said = ", ".join(f"{count} {what}" for count, what in parts if count) or "nobody"
    return {
        "statistic": "landmark", "time_months": float(landmark), "n": int(known.sum()),
        "events": parts[0][0], "n_risk": int(there.sum()), "conf_type": None,
        "estimate": int(there.sum()) / int(known.sum()) if known.any() else np.nan,
        "method": "samples at risk at the landmark; the other rows start from them, time counted from the landmark",
        "note": f"excluded: {said}",
    }  # fmt: skip


def _rates(curve: SurvivalCurve, follow_up: FollowUp, rows: np.ndarray, at: Sequence[float]) -> list[dict[str, Any]]:
    values = survival_at(curve, np.array(at))
    made = []
    for i, when in enumerate(at):
        n_risk = follow_up.at_risk(rows, when)
        shown = n_risk if curve.weighted is None else values.n_risk[i]
        note = ""
        if when > curve.time[-1]:
            note = _beyond(curve)
        elif n_risk < FEW_AT_RISK:
            note = f"fewer than {FEW_AT_RISK} at risk"
        made.append(
            {
                "statistic": "survival", "time_months": when, "n_risk": shown, "estimate": values.survival[i],
                "se": values.se[i], "ci_low": values.ci_low[i], "ci_high": values.ci_high[i],
                "method": f"Kaplan-Meier, {variance_name(curve)}", "note": note,
            }
        )  # fmt: skip
    return made


def _quantile_row(statistic: str, quantile: Any, method: str) -> dict[str, Any]:
    return {
        "statistic": statistic, "estimate": quantile.estimate, "ci_low": quantile.ci_low,
        "ci_high": quantile.ci_high, "method": method, "note": "not reached" if np.isnan(quantile.estimate) else "",
    }  # fmt: skip


def _mean_row(curve: SurvivalCurve, horizon: float) -> dict[str, Any]:
    row = {"statistic": "rmst", "time_months": float(horizon), "method": f"restricted mean, {variance_name(curve)}"}
    if horizon > curve.time[-1]:
        return row | {"note": _beyond(curve)}
    if horizon == 0:
        return row
    mean = restricted_mean(curve, horizon)
    return row | {"estimate": mean.estimate, "se": mean.se, "ci_low": mean.ci_low, "ci_high": mean.ci_high}


def variance_name(curve: SurvivalCurve) -> str:
    """How tables name the variance of a curve."""
    return "Greenwood" if curve.weighted is None else "weighted, robust variance by sample"


def _weighted(curve: SurvivalCurve) -> str:
    return "" if curve.weighted is None else f", {variance_name(curve)}"


def _beyond(curve: Any) -> Any:
    return f"beyond the last observed time of the group ({curve.time[-1]:g} months)"
