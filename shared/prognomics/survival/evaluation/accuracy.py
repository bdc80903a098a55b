"""Accuracy of predicted risks: the Brier score at a horizon, over a stretch of time, and against no model at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.survival.evaluation.censoring import CensoringWeights, Status
from prognomics.survival.evaluation.discrimination import Estimate, undefined, with_se


def brier(weights: CensoringWeights, status: Status, risk: np.ndarray) -> Estimate:
    """Mean squared distance of predicted risk and outcome, as `riskRegression::Score(metrics = "brier")`.

    Graf et al. (1999), see `prognomics.survival.evaluation.censoring`. The variance takes in the estimation of the
    censoring weights, as Score's with `conservative = FALSE`.

    Parameters
    ----------
    weights : CensoringWeights
    status : Status
        Of the horizon.
    risk : numpy.ndarray, shape (n_samples,)
        Predicted probability of the event by the horizon.
    """
    value, own, by_step = brier_parts(weights, status, risk)
    return with_se(value, own + weights.spread(by_step)) if value == value else undefined(len(risk))


def brier_parts(weights: CensoringWeights, status: Status, risk: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """The score, each sample's own part in it, and the parts by step of the censoring curve; NaN without samples."""
    n = int(status.used.sum())
    if not n:
        return float("nan"), np.full(len(risk), np.nan), np.full(1, np.nan)
    residual = status.weight * (status.case - risk) ** 2
    value = float(residual.sum() / n)
    return value, np.where(status.used, residual - value, 0.0) / n, weights.by_step(residual / n, status)


def scaled_brier(model: Estimate, null: Estimate) -> Estimate:
    """1 - Brier / Brier of the null model (index of prediction accuracy), with the delta method's error.

    Kattan and Gerds (2018), doi 10.1186/s41512-018-0029-2.
    """
    if not null.value > 0:
        return undefined(len(model.influence))
    ratio = model.value / null.value
    influence = -(model.influence - ratio * null.influence) / null.value
    return Estimate(1.0 - ratio, float(np.sqrt(np.sum(influence**2))), influence)


def integrated_brier(
    weights: CensoringWeights, statuses: Sequence[Status], risk: np.ndarray, grid: np.ndarray, horizon: float
) -> Estimate:
    """Brier score averaged over the time up to the horizon, with its standard error.

    Parameters
    ----------
    weights : CensoringWeights
    statuses : sequence of Status
        At the times of the grid.
    risk : numpy.ndarray, shape (n_times, n_samples)
    grid : numpy.ndarray, shape (n_times,)
        See `integration_grid`.
    horizon : float
    """
    scores, own, by_step = np.empty(len(grid)), 0.0, 0.0
    for i, (status, width) in enumerate(zip(statuses, np.diff(np.append(grid, horizon)) / horizon, strict=True)):
        scores[i], part, steps = brier_parts(weights, status, risk[i])
        own, by_step = own + width * part, by_step + width * steps
    value = integrated(scores, grid, horizon)
    return with_se(value, own + weights.spread(by_step)) if value == value else undefined(len(weights.time))


def integration_grid(time: np.ndarray, horizon: float, limit: int) -> np.ndarray:
    """Times from 0 at which scores may change, up to the horizon; at most `limit` of them, evenly picked."""
    distinct = np.unique(np.concatenate(([0.0], time[time < horizon])))
    if len(distinct) > limit:
        distinct = distinct[np.unique(np.linspace(0, len(distinct) - 1, limit).round().astype(int))]
    return distinct


def integrated(scores: np.ndarray, grid: np.ndarray, horizon: float) -> float:
    """Mean of a score over 0 to the horizon, as steps that begin at the grid's times (as `pec::crps`)."""
    return float(scores @ np.diff(np.append(grid, horizon)) / horizon)
