"""Absolute risks of a locked Cox model: which baseline each sample has, and the events expected of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.model import LockedModel
from prognomics.data.strata import COHORT

NEAR = 1e-9  # relative; times this close are one, as in R's survival


def strata_of(model: LockedModel, frame: pd.DataFrame) -> np.ndarray:
    """The stratum of each sample as the model names strata, shape (n_samples,); "" where a column of it is missing."""
    return stratum_names(frame, model.strata or (COHORT,))


def stratum_names(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Values of some columns, joined, shape (n_samples,); "" where one is missing, or is not in the frame."""
    if any(column not in frame.columns for column in columns):
        return np.full(len(frame), "", object)
    texts = [text_values(frame[column]) for column in columns]
    known = np.logical_and.reduce([text.notna().to_numpy() for text in texts])
    joined = [", ".join(map(str, row)) for row in zip(*texts, strict=True)]
    return np.where(known, np.array(joined, object), "")


def expected_events(
    model: LockedModel, linear_predictor: np.ndarray, time_months: np.ndarray, strata: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative hazard of each sample at its own time, as R's `predict(fit, newdata, type = "expected")`.

    Beyond the follow-up of the derivation the baseline stays where it ended.

    Parameters
    ----------
    model : LockedModel
    linear_predictor, time_months : numpy.ndarray, shape (n_samples,)
    strata : numpy.ndarray of str, shape (n_samples,)
        See `strata_of`.

    Returns
    -------
    expected : numpy.ndarray, shape (n_samples,)
        NaN without a baseline.
    beyond : numpy.ndarray of bool, shape (n_samples,)
        Samples followed longer than the baseline.
    """
    expected = np.full(len(linear_predictor), np.nan)
    beyond = np.zeros(len(linear_predictor), bool)
    single = len(model.baseline) == 1
    for curve in model.baseline:
        rows = np.full(len(strata), True) if single else strata == curve.stratum
        times, hazard = np.array(curve.time_months), np.concatenate([[0.0], curve.cumulative_hazard])
        own = time_months[rows] * (1 + NEAR)
        with np.errstate(over="ignore"):
            expected[rows] = hazard[np.searchsorted(times, own, side="right")] * np.exp(linear_predictor[rows])
        beyond[rows] = time_months[rows] > (times[-1] if len(times) else 0.0) * (1 + NEAR)
    return expected, beyond
