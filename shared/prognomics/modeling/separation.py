"""Separation: whether a likelihood rises without end along a direction of the coefficients.

It does where every death has the highest linear predictor of its risk set and some risk set varies: the partial
likelihood has then no maximum (Bryson and Johnson 1981, doi 10.1080/00401706.1981.10486276). In a logistic model the
cases have the place of the deaths, all samples of the stratum that of the risk set (Albert and Anderson 1984,
doi 10.1093/biomet/71.1.1).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

ROUNDING = 1e-9
"""Shortfall of a death below the highest of its risk set, relative to the range, that is rounding."""


def recedes(x: np.ndarray, direction: np.ndarray, shortfall: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether the likelihood never falls along a direction.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_samples, n_columns)
    direction : numpy.ndarray, shape (n_columns,)
    shortfall : function of the linear predictor, shape (n_samples,)
        How far each death (or case) is below the highest that it is compared with.

    Notes
    -----
    A single column is compared exactly: its values are equal or they are not. With several columns the direction
    is known only up to rounding.
    """
    used = np.flatnonzero(direction)
    if len(used) == 0:
        return False
    if len(used) == 1:
        eta, slack = np.sign(direction[used[0]]) * x[:, used[0]], 0.0
    else:
        eta = x[:, used] @ direction[used]
        slack = ROUNDING * float(np.ptp(eta))
    return bool((shortfall(eta) <= slack).all())
