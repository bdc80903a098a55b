"""Asymmetry of the funnel plot: do small cohorts have other effects?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

FEWEST = 10


def egger_row(effects: np.ndarray, se: np.ndarray, conf_level: float = 0.95) -> list[dict[str, Any]]:
    """Egger's test, as a list of one row of the meta-analysis table; empty below ten cohorts.

    Egger et al. (1997), doi 10.1136/bmj.315.7109.629: effects regressed on their standard errors with weights 1 / se².
    The row's `estimate` is the slope (the intercept of Egger's regression of effect / se on 1 / se), with Student's t
    on k - 2 degrees of freedom, as `metafor::regtest(model = "lm")`.

    Parameters
    ----------
    effects, se : numpy.ndarray, shape (n_cohorts,)
    conf_level : float
    """
    k = len(effects)
    if k < FEWEST or np.ptp(se) <= 1e-10 * se.max():
        return []
    design, outcome = np.column_stack([1 / se, np.ones(k)]), effects / se
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ (design.T @ outcome)
    residual = outcome - design @ beta
    error = float(np.sqrt(residual @ residual / (k - 2) * inverse[1, 1]))
    slope, reach = float(beta[1]), float(stdtrit(k - 2, 0.5 + conf_level / 2)) * error
    t = slope / error
    return [{
        "row_type": "egger", "cohort": "all", "estimate": slope, "se": error, "ci_low": slope - reach,
        "ci_high": slope + reach, "statistic": t, "df": k - 2, "p_value": float(2 * stdtr(k - 2, -abs(t))),
        "method": "Egger's test: slope of effects on their standard errors, weighted",
        "note": "small cohorts may differ for other reasons than selective publication",
    }]  # fmt: skip
