"""Calibration of predicted log odds."""

from __future__ import annotations

import numpy as np

from prognomics.regression.fit import fit_logistic


def binary_calibration(outcome: np.ndarray, linear: np.ndarray) -> tuple[float, float]:
    """Calibration slope, the coefficient of the log odds with an intercept, and its standard error.

    NaN where the log odds separate the outcomes, or do not vary.
    """
    fit = fit_logistic(np.asarray(outcome) == 1, linear)
    return float(fit.beta[0]), float(fit.se[0])
