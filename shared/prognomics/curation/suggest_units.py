"""Guess the unit of a column of times: its heading and its values must agree."""

from __future__ import annotations

import numpy as np

from prognomics.data.mapping import TODO
from prognomics.data.time_units import named_unit, unit_doubt

LEAST_DAYS = 650.0  # months beyond are not credible
LONGEST_MONTHS = 400.0


def suggest_unit(times: np.ndarray, column: str, in_cells: str = "") -> tuple[str, str, bool]:
    """The unit of times, the reason, and whether it is sure.

    Parameters
    ----------
    times : numpy.ndarray, shape (n,)
        NaN where missing.
    column : str
        The heading.
    in_cells : str
        The unit that every cell states, or the empty string.

    Returns
    -------
    unit : str
        `days`, `weeks`, `months`, `years` or `TODO`.
    reason : str
    sure : bool
    """
    filled = times[~np.isnan(times)]
    longest = float(filled.max())
    stated = named_unit(column)
    if in_cells:
        doubt = unit_doubt(times, in_cells)
        if doubt or stated not in ("", in_cells):
            return f"{TODO}: {in_cells}?", f"its cells say {in_cells}, but {doubt or 'its name says ' + stated}", False
        return in_cells, f"its cells say {in_cells}; the longest is {longest:g}", True
    if stated:
        doubt = unit_doubt(times, stated)
        if doubt:
            return f"{TODO}: not {stated}?", f"its name says {stated}, but {doubt}", False
        return stated, f"its name says {stated}; the longest is {longest:g}", True
    fractional = bool(np.mean(filled != filled.round()) > 0.2)
    if longest > LEAST_DAYS:
        return "days", f"the longest, {longest:g}, fits days only", True
    if fractional and 30 < longest <= LONGEST_MONTHS and len(filled) >= 10:
        return "months", f"its name does not say the unit; fractions up to {longest:g} fit months only", False
    return TODO, f"the name does not say the unit; the longest is {longest:g}", False
