"""A nomogram as a table: the points of each value of a variable, and the risk that a sum of points represents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.modeling.design_matrix import Design
from prognomics.survival.cox.fit import CoxFit

MOST_POINTS = 100.0
VALUES_SHOWN = 6
SURVIVAL_SHOWN = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01)


@dataclass(frozen=True)
class Axis:
    """The values of a variable and their part of the linear predictor."""

    term: str
    values: tuple[str, ...]
    effects: tuple[float, ...]


def numeric_axis(term: str, values: np.ndarray, beta: float) -> Axis:
    """Round numbers over the range of the values of samples (NaN where missing)."""
    shown = round_values(float(np.nanmin(values)), float(np.nanmax(values)))
    return Axis(term, tuple(f"{value:.10g}" for value in shown), tuple(value * beta for value in shown))


def design_axes(design: Design, fit: CoxFit) -> list[Axis]:
    """The axes of a fitted model; coefficients that are not estimable have no effect."""
    beta, axes = np.where(np.isnan(fit.beta), 0.0, fit.beta), []
    for term in design.terms:
        if term.kind == "numeric":
            axes.append(numeric_axis(term.name, design.x[:, term.columns[0]], float(beta[term.columns[0]])))
        else:
            own = dict(zip(term.levels[1:], beta[list(term.columns)].tolist(), strict=True))
            axes.append(Axis(term.name, tuple(term.levels), tuple(own.get(level, 0.0) for level in term.levels)))
    return axes


def nomogram_rows(
    axes: Sequence[Axis], baselines: Mapping[str, Mapping[float, float]], center: float
) -> list[dict[str, Any]]:
    """All rows of a nomogram: points of values, risk by the sum of points, and the sum of points of survival.

    Parameters
    ----------
    axes : sequence of Axis
    baselines : mapping of stratum name to mapping of horizon to cumulative hazard at the center
    center : float
        Linear predictor at which the baseline hazards hold.
    """
    points, per_point, lowest = point_rows(axes)
    rows = [{"row_type": "points", **row} for row in points]
    totals = total_rows(points, per_point, lowest, baselines, center)
    rows += [{"row_type": "total", **row} for row in totals]
    return rows + survival_rows(totals, per_point, lowest, baselines, center)


def point_rows(axes: Sequence[Axis]) -> tuple[list[dict[str, Any]], float, float]:
    """Points of levels and of round values of numbers, so that the variable with the widest range spans 0 to 100.

    Iasonos et al. (2008), doi 10.1200/JCO.2007.12.9791; points are those of R's `rms::nomogram`.

    Returns
    -------
    rows : list of dict
        `term`, `value`, `points`, `log_hazard` (its part of the linear predictor).
    per_point : float
        Linear predictor per point; NaN where no variable has an effect.
    lowest : float
        Linear predictor at 0 points.
    """
    lowest = float(sum(min(axis.effects) for axis in axes))
    widest = max((max(axis.effects) - min(axis.effects) for axis in axes), default=0.0)
    per_point = widest / MOST_POINTS if widest > 0 else float("nan")
    rows = [{"term": axis.term, "value": value, "log_hazard": effect,
             "points": (effect - min(axis.effects)) / per_point}
            for axis in axes for value, effect in zip(axis.values, axis.effects, strict=True)]  # fmt: skip
    return rows, per_point, lowest


def round_values(low: float, high: float) -> list[float]:
    """Round numbers that cover a range, at most about six."""
    if not high > low:
        return [float(low)]
    raw = (high - low) / (VALUES_SHOWN - 1)
    size = 10.0 ** np.floor(np.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first, last = np.floor(low / step), np.ceil(high / step)
    return [float(step * i) for i in np.arange(first, last + 1)]


def total_rows(
    rows: Sequence[Mapping[str, Any]], per_point: float, lowest: float,
    baselines: Mapping[str, Mapping[float, float]], center: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Risk by the sum of points, in each stratum at each horizon.

    Parameters
    ----------
    rows, per_point, lowest
        As `point_rows` gives them.
    baselines : mapping of stratum name to mapping of horizon to cumulative hazard at the center
    center : float
        Linear predictor at which the baseline hazards hold.
    """
    highest: dict[str, float] = {}
    for row in rows:
        highest[row["term"]] = max(highest.get(row["term"], 0.0), row["points"])
    totals = round_values(0.0, sum(highest.values()))
    return [
        {"points": total, "log_hazard": lowest + total * per_point, "stratum": stratum, "time_months": horizon,
         "risk": float(-np.expm1(-hazard * np.exp(lowest + total * per_point - center)))}
        for stratum, by_horizon in baselines.items() for horizon, hazard in by_horizon.items() for total in totals
    ]  # fmt: skip


def survival_rows(totals: Sequence[Mapping[str, Any]], per_point: float, lowest: float,
                  baselines: Mapping[str, Mapping[float, float]], center: float) -> list[dict[str, Any]]:  # fmt: skip
    """The sums of points at which survival is a round number, as far as sums of points reach."""
    most = max((row["points"] for row in totals), default=0.0)
    rows = []
    for stratum, by_horizon in baselines.items():
        for horizon, hazard in by_horizon.items():
            for survival in SURVIVAL_SHOWN if hazard > 0 and np.isfinite(hazard) else ():
                points = (np.log(-np.log(survival) / hazard) + center - lowest) / per_point
                if 0 <= points <= most:
                    rows.append({"row_type": "survival", "value": f"{survival:g}", "points": float(points),
                                 "log_hazard": lowest + points * per_point, "stratum": stratum,
                                 "time_months": horizon, "risk": 1 - survival})  # fmt: skip
    return rows
