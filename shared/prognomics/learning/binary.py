"""Calibration of predicted log odds."""

from __future__ import annotations

import numpy as np

from prognomics.regression.fit import fit_logistic


def binary_calibration(
    outcome: np.ndarray, linear: np.ndarray, stratum: np.ndarray | None = None
) -> tuple[float, float]:
    """Calibration slope, the coefficient of the log odds with an intercept per stratum, and its standard error.

    NaN where the log odds separate the outcomes, or do not vary. As `glm(outcome ~ linear + factor(stratum))`.

    Parameters
    ----------
    outcome : numpy.ndarray of 0/1, shape (n,)
    linear : numpy.ndarray, shape (n,)
    stratum : numpy.ndarray, shape (n,), optional
        Strata in which all samples have one outcome do not count.
    """
    case, columns = np.asarray(outcome) == 1, linear[:, None]
    if stratum is not None:
        codes = np.unique(stratum, return_inverse=True)[1]
        mixed = np.array([len(set(case[codes == code])) == 2 for code in range(codes.max() + 1)])
        rows = mixed[codes]
        others = np.flatnonzero(mixed)[1:]
        columns = np.column_stack([linear, codes[:, None] == others])[rows]
        case = case[rows]
    fit = fit_logistic(case, columns)
    return float(fit.beta[0]), float(fit.se[0])
