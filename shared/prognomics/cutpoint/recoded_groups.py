"""Groups of groups: levels of a column joined, and patients of the two extremes of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.errors import Refused, UsageError, note, unknown_name

SHORT, LONG = "short", "long"


def recode_levels(column: str, labels: Sequence[object], names: Mapping[str, str]) -> np.ndarray:
    """Levels of a column under other names, so that several may become one; levels without a new name keep theirs.

    Parameters
    ----------
    column : str
    labels : sequence of str, shape (n_samples,)
        Missing is None.
    names : mapping of level to group

    Returns
    -------
    ndarray of object, shape (n_samples,)
        NaN where the column is missing.

    Raises
    ------
    UsageError
        No level is named.
    BadInput
        A level that no sample has.
    Refused
        One group only.
    """
    values = pd.Series(np.asarray(labels, dtype=object))
    present = sorted(values.dropna().astype(str).unique())
    if not names:
        raise UsageError("no level has a new name", hint="give --recode LEVEL=GROUP")
    for level in names:
        if level not in present:
            raise unknown_name(f"level of {column}", level, present)
    groups = values.map(lambda v: np.nan if pd.isna(v) else names.get(str(v), str(v))).to_numpy(dtype=object)
    if len(set(groups[~pd.isna(groups)])) < 2:
        raise Refused(f"the levels of {column} become one group only", hint="join fewer of them (--recode)")
    result: np.ndarray = groups
    return result


def survival_extremes(time: np.ndarray, event: np.ndarray, event_by: float, free_until: float) -> np.ndarray:
    """Short survivors with the event by a time, and long survivors without it until another; the others have no group.

    Who was censored before `free_until` may be either, and has no group: a note counts those, and the patients between.

    Parameters
    ----------
    time, event : numpy.ndarray, shape (n_samples,)
        Months and 0/1, NaN where missing.
    event_by, free_until : float
        Months; the first is not later than the second.

    Returns
    -------
    ndarray of object, shape (n_samples,)
        "short", "long" or NaN.

    Raises
    ------
    UsageError
        The times are in the wrong order.
    Refused
        One of the two groups is empty.
    """
    if not 0 < event_by <= free_until:
        raise UsageError(f"event by {event_by:g} and free until {free_until:g} months are not two extremes",
                         hint="give --event-by not later than --free-until")  # fmt: skip
    known = ~(np.isnan(time) | np.isnan(event))
    with np.errstate(invalid="ignore"):
        short = known & (event == 1) & (time <= event_by)
        long = known & ~short & (time >= free_until)
        censored = known & (event != 1) & (time < free_until)
    groups = np.full(len(time), np.nan, dtype=object)
    groups[short], groups[long] = SHORT, LONG
    between = int((known & ~short & ~long & ~censored).sum())
    note("survival-extremes", f"{int(short.sum())} with the event by {event_by:g} months, {int(long.sum())} without it "
         f"until {free_until:g}; excluded: {int(censored.sum())} censored before, {between} with the event between, "
         f"{int((~known).sum())} without follow-up")  # fmt: skip
    if not (short.any() and long.any()):
        raise Refused("one of the two extremes has no sample", hint="choose other months")
    return groups
