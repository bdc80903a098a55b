"""Separation: whether a partial likelihood rises without end along a direction of the coefficients.

It does where every death has the highest linear predictor of its risk set and some risk set varies: the partial
likelihood has then no maximum (Bryson and Johnson 1981, doi 10.1080/00401706.1981.10486276).
"""

from __future__ import annotations

import numpy as np

from prognomics.survival.cox.partial_likelihood import PartialLikelihood

ROUNDING = 1e-9
"""Shortfall of a death below the highest of its risk set, relative to the range, that is rounding."""


def recedes(likelihood: PartialLikelihood, direction: np.ndarray) -> bool:
    """Whether the likelihood never falls along a direction.

    Parameters
    ----------
    likelihood : PartialLikelihood
    direction : numpy.ndarray, shape (n_columns,)

    Notes
    -----
    A single column is compared exactly: its values are equal or they are not. With several columns the direction
    is known only up to rounding.
    """
    sets = likelihood.risk_sets
    used = np.flatnonzero(direction)
    if len(used) == 0:
        return False
    if len(used) == 1:
        eta, slack = np.sign(direction[used[0]]) * likelihood.x[:, used[0]], 0.0
    else:
        eta = likelihood.x[:, used] @ direction[used]
        slack = ROUNDING * float(np.ptp(eta))
    short = sets.highest(eta)[sets.death_cell] - eta[sets.death]
    return bool((short <= slack).all())
