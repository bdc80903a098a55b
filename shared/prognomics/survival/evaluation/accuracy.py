"""Accuracy of predicted risks: the Brier score at a horizon, over a stretch of time, and against no model at all."""

from __future__ import annotations

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
    n = int(status.used.sum())
    if not n:
        return undefined(len(risk))
    residual = status.weight * (status.case - risk) ** 2
    value = float(residual.sum() / n)
    own = np.where(status.used, residual - value, 0.0) / n
    return with_se(value, own + weights.influence(residual / n, status))


def scaled_brier(model: Estimate, null: Estimate) -> Estimate:
    """1 - Brier / Brier of the null model (index of prediction accuracy), with the delta method's error.

    Kattan and Gerds (2018), doi 10.1186/s41512-018-0029-2.
    """
    if not null.value > 0:
        return undefined(len(model.influence))
    ratio = model.value / null.value
    influence = -(model.influence - ratio * null.influence) / null.value
    return Estimate(1.0 - ratio, float(np.sqrt(np.sum(influence**2))), influence)


def brier_over_time(weights: CensoringWeights, risk: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Brier score at each time, shape (n_times,); `risk` of shape (n_times, n_samples)."""
    scores = np.empty(len(times))
    for i, horizon in enumerate(times):
        status = weights.status(horizon)
        n = int(status.used.sum())
        scores[i] = float((status.weight * (status.case - risk[i]) ** 2).sum() / n) if n else np.nan
    return scores


def integration_grid(time: np.ndarray, horizon: float, limit: int) -> np.ndarray:
    """Times from 0 at which scores may change, up to the horizon; at most `limit` of them, evenly picked."""
    distinct = np.unique(np.concatenate(([0.0], time[time < horizon])))
    if len(distinct) > limit:
        distinct = distinct[np.unique(np.linspace(0, len(distinct) - 1, limit).round().astype(int))]
    return distinct


def integrated(scores: np.ndarray, grid: np.ndarray, horizon: float) -> float:
    """Mean of a score over 0 to the horizon, as steps that begin at the grid's times (as `pec::crps`)."""
    return float(scores @ np.diff(np.append(grid, horizon)) / horizon)
