"""Calibration of predicted log odds."""

from __future__ import annotations

import numpy as np

from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
from prognomics.regression.logistic_likelihood import order_by_outcome


def binary_calibration(outcome: np.ndarray, linear: np.ndarray) -> tuple[float, float]:
    """Calibration slope, the coefficient of the log odds with an intercept, and its standard error."""
    risk = order_by_outcome(outcome)
    free = PathProblem(np.arange(len(outcome)), risk, np.zeros(1), 1.0, np.array([0.0]), standardize=False)
    (path,) = elastic_net_paths(linear[None, :], [free])
    slope = float(path.dense(1)[0, 0])
    centered = (linear - linear.mean())[:, None]
    information = risk.curvature(risk.evaluate(slope * centered[:, 0]), centered) * len(outcome)
    return slope, float(1 / np.sqrt(information[0, 0]))
