"""Restricted cubic splines: knots at fixed quantiles, and a basis that is linear beyond the outer ones.

Stone and Koo (1985); Durrleman and Simon (1989), doi 10.1002/sim.4780080504; knots and scaling after Harrell,
Regression Modeling Strategies, 2nd ed. (2015), doi 10.1007/978-3-319-19425-7, section 2.4.
"""

from __future__ import annotations

import numpy as np

from prognomics.errors import Refused
from prognomics.stats.splines import spline_basis

__all__ = ["harrell_knots", "spline_basis"]

SMALL_SAMPLE, FROM_THE_END = 100, 5


def harrell_knots(x: np.ndarray, n_knots: int = 4) -> np.ndarray:
    """Knots at Harrell's quantiles of a variable, shape (n_knots,).

    The outer ones stand at the 10th and 90th percentile for three knots, the 5th and 95th for four to six, the 2.5th
    and 97.5th for seven; the others at equal steps of probability between. Below 100 values the outer knots are the
    fifth smallest and fifth largest value. Quantiles are R's default (type 7), as in `Hmisc::rcspline.eval` where
    no value at an end of the range makes up 5% of the data.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_samples,)
        Without missing values.
    n_knots : int
        From 3 to 7.

    Raises
    ------
    Refused
        The knots do not differ: too few distinct values.
    """
    outer = {3: 0.10, 7: 0.025}.get(n_knots, 0.05)
    x = np.sort(np.asarray(x, dtype=float))
    if len(x) > FROM_THE_END:
        knots = np.quantile(x, np.linspace(outer, 1 - outer, n_knots))
        if len(x) < SMALL_SAMPLE:
            knots[[0, -1]] = x[FROM_THE_END - 1], x[-FROM_THE_END]
        if (np.diff(knots) > 0).all():
            result: np.ndarray = knots
            return result
    raise Refused(
        f"{len(np.unique(x))} distinct values among {len(x)} do not hold {n_knots} knots apart",
        hint="ask for fewer knots, or enter the variable as a line or a factor",
    )
