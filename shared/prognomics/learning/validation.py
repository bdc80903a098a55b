"""How a fixed linear predictor does in samples that it was not fitted to, as rows of the validation tables.

Harrell's C as R's `concordance`; Uno's C (doi 10.1002/sim.4154); time-dependent AUC (doi 10.1002/sim.5958); Brier
score; calibration slope and observed over expected events (van Houwelingen 2000, doi
10.1002/1097-0258(20001230)19:24<3401::AID-SIM554>3.0.CO;2-2); hazard ratio per standard deviation and between groups.
Nothing is fitted to the samples but these measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from prognomics.data.strata import encode_levels
from prognomics.errors import Refused
from prognomics.regression.discrimination import auc_within
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.evaluation.accuracy import brier
from prognomics.survival.evaluation.calibration import calibration_slope, observed_over_expected
from prognomics.survival.evaluation.censoring import CensoringWeights
from prognomics.survival.evaluation.discrimination import auc, harrell_c, uno_c
from prognomics.survival.event_times import merge_near_ties

REACH = float(ndtri(0.975))
NO_ERROR = 1e-12  # a constant prediction: what is left of its standard error is rounding


@dataclass(frozen=True)
class HeldOut:
    """Samples with an outcome and a prediction.

    Attributes
    ----------
    time, event : numpy.ndarray, shape (n,)
    linear : numpy.ndarray, shape (n,)
        Linear predictor; finite.
    stratum : numpy.ndarray or None, shape (n,)
        Only samples of one stratum are compared with each other.
    horizons : sequence of float
        Months.
    survival : numpy.ndarray or None, shape (n, n_horizons)
        Predicted survival at the horizons; NaN where the model has none.
    expected : numpy.ndarray or None, shape (n,)
        Expected events of each sample over its follow-up: its cumulative hazard.
    group : numpy.ndarray of str or None, shape (n,)
        Groups by the model's cutpoints.
    levels : sequence of str
        Their order; the first is the reference.
    """

    time: np.ndarray
    event: np.ndarray
    linear: np.ndarray
    stratum: np.ndarray | None = None
    horizons: Sequence[float] = ()
    survival: np.ndarray | None = None
    expected: np.ndarray | None = None
    group: np.ndarray | None = None
    levels: Sequence[str] = ()

    def pick(self, rows: np.ndarray) -> HeldOut:
        """Some of the samples."""

        def part(value: np.ndarray) -> np.ndarray:
            result: np.ndarray = None if value is None else value[rows]
            return result

        return HeldOut(self.time[rows], self.event[rows], self.linear[rows], part(self.stratum), self.horizons,
                       part(self.survival), part(self.expected), part(self.group), self.levels)  # fmt: skip


def survival_measures(data: HeldOut) -> list[dict[str, object]]:
    """Rows of a validation table: `statistic, time_months, estimate, se, ci_low, ci_high, p_value`, and `n, events`.

    Parameters
    ----------
    data : HeldOut

    Raises
    ------
    Refused
        No events.
    """
    time, event = merge_near_ties(np.asarray(data.time, float)), np.asarray(data.event, float) == 1
    if not event.any():
        raise Refused("none of the samples has the event")
    stratum = encode_levels(data.stratum, len(time), "stratum")[0]
    weights = CensoringWeights(time, event, stratum)
    rows = [plain_row("c_harrell", None, *_of(harrell_c(time, event, data.linear, stratum)), null=0.5)]
    last = max(data.horizons) if len(data.horizons) else np.inf
    end = last if np.isfinite(last) else None
    rows.append(plain_row("c_uno", end, *_of(uno_c(weights, data.linear, last)), null=0.5))
    rows += [plain_row("auc", h, *_of(auc(weights, weights.status(h), data.linear)), null=0.5) for h in data.horizons]
    slope, se = calibration_slope(time, event, data.linear, stratum, "efron")
    rows.append(plain_row("calibration_slope", None, slope, se, null=1.0))
    spread = float(np.std(data.linear, ddof=1)) if len(time) > 1 else 0.0
    rows.append(_ratio("hr_per_sd", slope * spread, se * spread))
    rows += _groups(data, time, event, stratum)
    for k, h in enumerate(data.horizons):
        rows += _at_horizon(data, k, h, weights, time, event, stratum)
    if data.expected is not None and np.isfinite(data.expected).any():
        known = np.isfinite(data.expected)
        observed, expected = int(event[known].sum()), float(data.expected[known].sum())
        ratio, se = (observed / expected, np.sqrt(observed) / expected) if expected > 0 else (np.nan, np.nan)
        rows.append(_log_ratio("observed_expected", None, ratio, se))
    return [{**row, "n": len(time), "events": int(event.sum())} for row in rows]


def binary_measures(
    outcome: np.ndarray, linear: np.ndarray, stratum: np.ndarray | None = None, absolute: bool = True
) -> list[dict[str, object]]:
    """The same of a logistic model: AUC (DeLong), calibration slope, observed over expected, Brier score.

    Parameters
    ----------
    outcome : numpy.ndarray of 0/1, shape (n,)
    linear : numpy.ndarray, shape (n,)
        Log odds.
    stratum : numpy.ndarray, shape (n,), optional
        AUC is that of pairs within a stratum, and the slope has an intercept per stratum.
    absolute : bool
        Whether these are log odds, so that there are probabilities; False for a score.

    Raises
    ------
    Refused
        All samples of each stratum have the same outcome.
    """
    from prognomics.learning.binary import binary_calibration

    one = np.zeros(len(outcome), int) if stratum is None else stratum
    area, error = auc_within(outcome == 1, linear, one)
    if np.isnan(area):
        raise Refused("all samples have the same outcome")
    with np.errstate(over="ignore"):
        risk = 1 / (1 + np.exp(-linear))
    slope, se = binary_calibration(outcome, linear, stratum)
    squared = (outcome - risk) ** 2
    n, events, expected = len(outcome), float(outcome.sum()), float(risk.sum())
    spread = np.sqrt(float((risk * (1 - risk)).sum()))
    rows = [
        plain_row("auc", None, area, error, null=0.5),
        plain_row("calibration_slope", None, slope, se, null=1.0),
    ]
    if absolute:
        rows += [
            _log_ratio("observed_expected", None, events / expected, spread / expected),
            plain_row("brier", None, float(squared.mean()), float(squared.std(ddof=1) / np.sqrt(n))),
        ]
    return [{**row, "n": n, "events": int(events)} for row in rows]


def _groups(data: HeldOut, time: np.ndarray, event: np.ndarray, stratum: np.ndarray) -> list[dict[str, Any]]:
    if data.group is None or len(data.levels) < 2:
        return []
    held = [level for level in data.levels if (data.group == level).any()]
    if len(held) < 2:
        return []
    design = np.column_stack([(data.group == level).astype(float) for level in held[1:]])
    try:
        fit = fit_cox(time, event, design, stratum, "efron")
    except Refused:
        return []
    return [_ratio(f"hr_{level}_vs_{held[0]}", fit.beta[j], fit.se[j]) for j, level in enumerate(held[1:])]


def _at_horizon(
    data: HeldOut,
    k: int,
    horizon: float,
    weights: CensoringWeights,
    time: np.ndarray,
    event: np.ndarray,
    stratum: np.ndarray,
) -> list[dict[str, Any]]:
    if data.survival is None:
        return []
    risk = 1 - data.survival[:, k]
    if np.isnan(risk).any():
        return []
    rows, status = [], weights.status(horizon)
    at = status.used if status.used.any() else np.ones(len(time), bool)  # strata that are followed to the horizon
    ratio = observed_over_expected(time[at], event[at], risk[at], horizon, stratum[at])
    p = _p(np.log(ratio.estimate), ratio.se / ratio.estimate) if ratio.estimate > 0 else np.nan
    rows.append(_named("observed_expected", horizon, ratio.estimate, ratio.se, ratio.ci_low, ratio.ci_high, p))
    rows.append(plain_row("brier", horizon, *_of(brier(weights, status, risk))))
    return rows


def _of(found: Any) -> tuple[float, float]:
    return found.value, found.se


def _p(distance: float, se: float) -> float:
    return float(2 * ndtr(-abs(distance) / se)) if se > NO_ERROR else float("nan")


def _named(
    statistic: str, months: float | None, estimate: float, se: float, low: float, high: float, p: float
) -> dict[str, Any]:
    return {"statistic": statistic, "time_months": months, "estimate": estimate, "se": se, "ci_low": low,
            "ci_high": high, "p_value": p}  # fmt: skip


def plain_row(
    statistic: str, months: float | None, estimate: float, se: float, null: float | None = None
) -> dict[str, Any]:
    """A row whose interval is symmetric; `p_value` is against `null`, if there is one."""
    p = _p(estimate - null, se) if null is not None else float("nan")
    return _named(statistic, months, estimate, se, estimate - REACH * se, estimate + REACH * se, p)


def _ratio(statistic: str, beta: float, se: float) -> dict[str, Any]:
    low, high = np.exp(beta - REACH * se), np.exp(beta + REACH * se)
    return _named(statistic, None, float(np.exp(beta)), float(np.exp(beta) * se), float(low), float(high), _p(beta, se))


def _log_ratio(statistic: str, months: Any, estimate: float, se: float) -> dict[str, Any]:
    if not estimate > 0:
        return _named(statistic, months, estimate, np.nan, np.nan, np.nan, np.nan)
    reach = np.exp(REACH * se / estimate)
    p = _p(np.log(estimate), se / estimate)
    return _named(statistic, months, estimate, se, estimate / reach, estimate * reach, p)
