"""Follow-up that ends with an event, a competing event or censoring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, warn
from prognomics.survival.endpoint_arrays import endpoint_arrays, parse_numeric
from prognomics.survival.event_times import merge_near_ties


@dataclass(frozen=True)
class CompetingFollowUp:
    """Arrays of shape (n_samples,).

    Attributes
    ----------
    time : numpy.ndarray of float
        Months, near ties merged among the known ones; NaN where missing.
    causes : numpy.ndarray of float
        0 censored, 1 event, 2 competing event; NaN where missing.
    known : numpy.ndarray of bool
        Samples with both.
    """

    time: np.ndarray
    causes: np.ndarray
    known: np.ndarray


def competing_follow_up(frame: pd.DataFrame, time_months: object, causes: object) -> CompetingFollowUp:
    """Follow-up from arrays or names of columns.

    Raises
    ------
    BadInput
        Causes other than 0, 1 and 2, negative times, arrays of different lengths.
    Refused
        No sample has the endpoint, or none has the event of interest.

    Warns
    -----
    no-competing-events
    """
    codes = parse_numeric(frame, causes)
    wrong = ~np.isnan(codes) & ~np.isin(codes, (0, 1, 2))
    if wrong.any():
        raise BadInput(
            f"{int(wrong.sum())} event codes are none of 0, 1 and 2",
            where=f"values {sorted(set(codes[wrong]))[:5]}",
            hint="0 is censored, 1 the event, 2 a competing event",
        )
    time, event, known = endpoint_arrays(frame, time_months, np.where(codes == 2, 0.0, codes))
    time[known] = merge_near_ties(time[known])
    if not (codes[known] == 2).any():
        warn(
            "no-competing-events",
            "no sample has a competing event (coded 2): the cumulative incidence equals 1 - Kaplan-Meier, and the "
            "Fine-Gray model equals the Cox model",
        )
    return CompetingFollowUp(time, np.where(codes == 2, 2.0, event), known)
