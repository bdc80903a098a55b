"""Predicted probabilities against observed proportions, in groups of rising probability."""

from __future__ import annotations

import numpy as np

from prognomics.survival.evaluation.calibration import risk_groups


def binary_calibration_rows(outcome: np.ndarray, linear: np.ndarray, groups: int) -> list[dict[str, object]]:
    """Rows of the calibration table, with exact (Clopper-Pearson) limits as R's `binom.test`.

    Parameters
    ----------
    outcome : numpy.ndarray of 0/1, shape (n,)
    linear : numpy.ndarray, shape (n,)
        Log odds.
    groups : int
        Of about equal size; equal predictions are never parted.
    """
    from prognomics.stats.roc import clopper_pearson

    risk = 1 / (1 + np.exp(-linear))
    codes = risk_groups(risk, groups)
    rows = []
    for code in range(int(codes.max()) + 1):
        at = codes == code
        n, events = int(at.sum()), int(outcome[at].sum())
        low, high = clopper_pearson(events, n)
        share = events / n
        se = float(np.sqrt(share * (1 - share) / n))
        rows.append({"time_months": np.nan, "group": code + 1, "n": n, "events": events,
                     "predicted_low": float(risk[at].min()), "predicted_high": float(risk[at].max()),
                     "predicted": float(risk[at].mean()), "observed": share, "se": se,
                     "ci_low": low, "ci_high": high})  # fmt: skip
    return rows
