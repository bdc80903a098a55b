"""Times and events of the samples of a frame, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.data.sheet import sample_names
from prognomics.errors import BadInput, Refused, first_few


def endpoint_arrays(
    frame: pd.DataFrame, time_months: object, event: object, need_events: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times and events of all samples, and which samples have both.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are allowed here.
    need_events : bool
        Refuse when no sample has the event.

    Returns
    -------
    time, event : numpy.ndarray of float, shape (n_samples,)
    known : numpy.ndarray of bool, shape (n_samples,)

    Raises
    ------
    BadInput
        Lengths differ, text instead of numbers, negative times, events other than 0 and 1.
    Refused
        No sample has the endpoint, or none has the event.
    """
    time, event = (parse_numeric(frame, values) for values in (time_months, event))
    known = ~(np.isnan(time) | np.isnan(event))
    ids = sample_names(frame)
    negative = known & ((time < 0) | np.isinf(time))
    if negative.any():
        raise BadInput(
            f"{int(negative.sum())} follow-up times are negative or infinite",
            where=f"samples {first_few(ids[negative])}",
            hint="correct them, or set them to missing",
        )
    odd = known & (event != 0) & (event != 1)
    if odd.any():
        raise BadInput(
            f"{int(odd.sum())} event flags are neither 0 nor 1",
            where=f"samples {first_few(ids[odd])}",
            hint="code the event as 1 and the end of follow-up without it as 0",
        )
    if not known.any():
        raise Refused(
            f"none of the {len(frame)} samples has a follow-up time and an event flag",
            hint="check the endpoint and the subset",
        )
    if need_events and not (event[known] == 1).any():
        raise Refused(
            f"none of the {int(known.sum())} samples with follow-up has the event",
            hint="check the event column, the subset, or take another endpoint",
        )
    return time, event, known


def parse_numeric(frame: pd.DataFrame, values: object) -> np.ndarray:
    """An array as long as the frame, or the column of that name, as floats, shape (n_samples,); BadInput otherwise."""
    if isinstance(values, str):
        if values not in frame.columns:
            raise BadInput(f"there is no column {values!r}", where="sample sheet")
        values = frame[values]
    try:
        numbers = pd.to_numeric(pd.Series(np.asarray(values)), errors="raise").to_numpy(dtype=float)
    except (ValueError, TypeError) as error:
        raise BadInput("follow-up times and event flags must be numbers", where=str(error)) from None
    if numbers.shape != (len(frame),):
        raise BadInput(f"{len(frame)} samples have {len(numbers)} follow-up times or event flags")
    result: np.ndarray = numbers
    return result
