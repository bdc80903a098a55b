"""A nomogram as a table: the points of each value of a variable, and the risk that a sum of points stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from prognomics.survival.cox.design_matrix import Design
from prognomics.survival.cox.fit import CoxFit

MOST_POINTS = 100.0
VALUES_SHOWN = 6


def point_rows(design: Design, fit: CoxFit) -> tuple[list[dict], float, float]:
    """Points of levels and of round values of numbers, so that the variable with the widest range spans 0 to 100.

    Iasonos et al. (2008), doi 10.1200/JCO.2007.12.9791.

    Returns
    -------
    rows : list of dict
        `term`, `value`, `points`, `log_hazard` (its part of the linear predictor).
    per_point : float
        Linear predictor per point; NaN where no variable has an effect.
    lowest : float
        Linear predictor at 0 points.
    """
    rows, lowest, spans = [], 0.0, []
    beta = np.where(np.isnan(fit.beta), 0.0, fit.beta)
    for term in design.terms:
        if term.kind == "numeric":
            column = term.columns[0]
            values = round_values(design.x[:, column].min(), design.x[:, column].max())
            parts = [(f"{value:.10g}", value * beta[column]) for value in values]
        else:
            own = dict(zip(term.levels[1:], beta[list(term.columns)], strict=True))
            parts = [(level, float(own.get(level, 0.0))) for level in term.levels]
        effects = [part for _, part in parts]
        lowest += min(effects)
        spans.append(max(effects) - min(effects))
        rows += [{"term": term.name, "value": value, "log_hazard": part, "points": part - min(effects)}
                 for value, part in parts]  # fmt: skip
    widest = max(spans, default=0.0)
    per_point = widest / MOST_POINTS if widest > 0 else float("nan")
    for row in rows:
        row["points"] /= per_point
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


def total_rows(rows: Sequence[Mapping], per_point: float, lowest: float, baselines: Mapping[str, Mapping[float, float]],
               center: float) -> list[dict]:  # fmt: skip
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
