"""Rows of the tables of parametric models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from prognomics.data.registry import table_columns
from prognomics.survival.curves.kaplan_meier import survival_at
from prognomics.survival.parametric.fit import PIECEWISE, ParametricFit
from prognomics.survival.parametric.samples import Samples

FIT_COLUMNS = table_columns("parametric_fit")
TABLE_COLUMNS = table_columns("parametric_table")
SURVIVAL_COLUMNS = table_columns("parametric_survival_table")
CURVE_COLUMNS = table_columns("parametric_curve")
KAPLAN_MEIER = "kaplan_meier"
REACH = float(ndtri(0.975))
PROPORTIONAL = ("weibull", "exponential")


def fit_row(name: str, fit: ParametricFit, samples: Samples) -> dict[str, Any]:
    """The row of a distribution in the table of fits; the null model has no covariates and no strata."""
    null = samples.nested(fit, without=samples.columns)
    n, p, df = int(samples.rows.sum()), len(fit.theta), len(samples.columns)
    lr = 2 * (fit.loglik - null.loglik)
    left = len(samples.time) - n
    return {
        "distribution": name, "n": len(samples.time), "events": int(samples.event.sum()), "n_parameters": p,
        "loglik_null": null.loglik, "loglik": fit.loglik, "lr": lr if df else None, "df": df,
        "p_lr": float(chdtrc(df, max(lr, 0))) if df else None, "aic": 2 * p - 2 * fit.loglik,
        "bic": p * np.log(n) - 2 * fit.loglik, "method": fit.method,
        "note": f"{left} samples of levels without events are not in the likelihood" if left else "",
    }  # fmt: skip


def effect_rows(name: str, fit: ParametricFit, samples: Samples) -> list[dict[str, Any]]:
    """Rows of the coefficients, then of the other parameters."""
    design, rows = samples.design, []
    base = {"distribution": name, "n": len(samples.time), "events": int(samples.event.sum()),
            "method": fit.method}  # fmt: skip
    place = {column: fit.columns.start + i for i, column in enumerate(samples.columns)}
    for term in design.terms:
        if term.kind == "factor":
            counts = [(level, term.n_level[level], term.events_level[level]) for level in term.levels]
            for i, (level, n_level, events_level) in enumerate(counts):
                own = {**base, "term": term.name, "level": level, "n_level": n_level, "events_level": events_level}
                if i == 0:
                    rows.append({**own, "row_type": "reference", "time_ratio": None if name == PIECEWISE else 1.0})
                else:
                    column = term.columns[i - 1]
                    estimate = _effect(name, fit, samples, column, place)
                    rows.append({**own, "row_type": "level", "reference": term.reference, **estimate})
        else:
            for column in term.columns:
                rows.append({**base, "row_type": "level", "term": term.name, "unit": "1",
                             **_effect(name, fit, samples, column, place)})  # fmt: skip
    others = [j for j in range(len(fit.theta)) if j not in place.values()]
    return rows + [{**base, "row_type": "parameter", "term": fit.names[j], "beta": fit.theta[j], "se": fit.se[j]}
                   for j in others]  # fmt: skip


def _effect(name: str, fit: ParametricFit, samples: Samples, column: int, place: dict[int, int]) -> dict[str, Any]:
    if column in samples.reason:
        return {"estimable": "no", "note": samples.reason[column]}
    j = place[column]
    beta, se = fit.theta[j], fit.se[j]
    z = beta / se
    ratio = dict(zip(("", "low", "high"), np.exp(beta + np.array([0, -1, 1]) * REACH * se), strict=True))
    cells = {"beta": beta, "se": se, "statistic": z, "p_value": float(2 * ndtr(-abs(z))), "estimable": "yes"}
    null = samples.nested(fit, without=[column])
    cells["p_lr"] = float(chdtrc(1, max(2 * (fit.loglik - null.loglik), 0)))
    if name == PIECEWISE:
        return cells | {"hr": ratio[""], "hr_ci_low": ratio["low"], "hr_ci_high": ratio["high"],
                        "note": "beta is a log hazard ratio"}  # fmt: skip
    cells |= {"time_ratio": ratio[""], "ci_low": ratio["low"], "ci_high": ratio["high"]}
    if name in PROPORTIONAL:
        log_hr, log_se = _log_hazard_ratio(fit, j)
        hr = np.exp(log_hr + np.array([0, -1, 1]) * REACH * log_se)
        cells |= dict(zip(("hr", "hr_ci_low", "hr_ci_high"), hr.tolist(), strict=True))
    return cells


def _log_hazard_ratio(fit: ParametricFit, j: int) -> tuple[float, float]:
    """-beta / sigma of a Weibull model and its standard error by the delta method."""
    if fit.names[-1] != "log(scale)":
        return -fit.theta[j], fit.se[j]
    sigma = np.exp(fit.theta[-1])
    slope = np.zeros(len(fit.theta))
    slope[j], slope[-1] = -1 / sigma, fit.theta[j] / sigma
    return float(-fit.theta[j] / sigma), float(np.sqrt(slope @ fit.covariance @ slope))


def survival_rows(
    fits: Mapping[str, Any], samples: Samples, groups: Mapping[str, Any], at: Sequence[float]
) -> list[dict[str, Any]]:
    """Survival by given times, by group, with the Kaplan-Meier estimate; averaged over the covariates of the group."""
    rows: list[dict[str, Any]] = []
    times = np.array(sorted(dict.fromkeys(float(t) for t in at)))
    if not len(times):
        return rows
    for group, inside in groups.items():
        fitted = inside & samples.rows
        time, event = samples.time[inside], samples.event[inside]
        known = survival_at(samples.curve(inside), times).survival
        for name, fit in fits.items():
            if not fitted.any():
                continue
            survival, low, high = fit.mean_survival(times, samples.x[fitted])
            rows += [
                {"distribution": name, "group": group, "time_months": t, "n": len(time), "events": int(event.sum()),
                 "survival": survival[i], "ci_low": low[i], "ci_high": high[i], "kaplan_meier": known[i],
                 "extrapolated": "yes" if t > time.max() else "no", "method": fit.method}
                for i, t in enumerate(times)
            ]  # fmt: skip
    return rows


def curve_rows(
    fits: Mapping[str, Any], samples: Samples, groups: Mapping[str, Any], times: np.ndarray
) -> list[dict[str, Any]]:
    """Points of the curves of each distribution and group, and the steps of Kaplan-Meier."""
    rows = []
    for group, inside in groups.items():
        time, curve = samples.time[inside], samples.curve(inside)
        rows += [{"distribution": KAPLAN_MEIER, "group": group, "time_months": t, "survival": s,
                  "ci_low": low, "ci_high": high, "extrapolated": "no"}
                 for t, s, low, high in zip(
                     np.r_[0.0, curve.time], *(np.r_[1.0, c] for c in (curve.survival, curve.ci_low, curve.ci_high)),
                     strict=True)]  # fmt: skip
        fitted = inside & samples.rows
        for name, fit in fits.items():
            if not fitted.any():
                continue
            survival, low, high = fit.mean_survival(times, samples.x[fitted])
            rows += [{"distribution": name, "group": group, "time_months": t, "survival": survival[i], "ci_low": low[i],
                      "ci_high": high[i], "extrapolated": "yes" if t > time.max() else "no"}
                     for i, t in enumerate(times)]  # fmt: skip
    return rows
