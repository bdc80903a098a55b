"""Follow-up of the samples of a sheet: endpoint, late entry, and what is left of it from a landmark on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from prognomics.errors import Refused, UsageError, first_few, warn
from prognomics.survival.curves.kaplan_meier import SurvivalCurve, kaplan_meier
from prognomics.survival.endpoint_arrays import endpoint_arrays, parse_numeric
from prognomics.survival.event_times import merge_near_ties


@dataclass(frozen=True)
class FollowUp:
    """Follow-up of all samples; arrays of shape (n_samples,).

    Attributes
    ----------
    time : numpy.ndarray of float
        Months; near ties merged among the known ones.
    event : numpy.ndarray of bool
    entry : numpy.ndarray of float or None
        Months at which a sample came under observation; None where all did at 0.
    known : numpy.ndarray of bool
        Samples with time and event (and entry), that were under observation at all.
    weights : numpy.ndarray of float or None
        Case weights; of curves, not of the follow-up of the samples (`reverse`).
    """

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    known: np.ndarray
    weights: np.ndarray | None = None

    def curve(
        self, rows: np.ndarray, conf_type: str = "log", conf_level: float = 0.95, reverse: bool = False
    ) -> SurvivalCurve:
        """Kaplan-Meier curve of some samples; `reverse` exchanges event and censoring."""
        entry = None if self.entry is None else self.entry[rows]
        weights = None if self.weights is None or reverse else self.weights[rows]
        return kaplan_meier(self.time[rows], self.event[rows] ^ reverse, conf_type, conf_level, False, entry, weights)

    def at_risk(self, rows: np.ndarray, month: float) -> int:
        """How many of some samples are under observation just before a time."""
        there = rows & (self.time >= month)
        return int(there.sum() if self.entry is None else (there & (self.entry < month)).sum())


def follow_up_of(
    frame: pd.DataFrame, time_months: object, event: object, entry_months: object | None = None
) -> FollowUp:
    """Follow-up from arrays or names of columns, see `endpoint_arrays` (and what it raises)."""
    time, flags, known = endpoint_arrays(frame, time_months, event)
    entry, known = late_entry(frame, entry_months, time, known)
    if entry is None:
        time[known] = merge_near_ties(time[known])
    else:
        time[known], entry[known] = merge_near_ties(time[known], entry[known])
        known = known & (entry < time)
    return FollowUp(time, flags == 1, entry, known)


def late_entry(
    frame: pd.DataFrame, entry_months: object | None, time: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray]:
    """Entry times (an array or a column's name), and which samples are known with them.

    Samples that enter at or after the end of their follow-up were never under observation: they are excluded
    with a warning, as R does.

    Raises
    ------
    BadInput
        Entry times that are not numbers.
    Refused
        No sample is under observation.
    """
    if entry_months is None:
        return None, known
    entry = parse_numeric(frame, entry_months)
    known = known & ~np.isnan(entry)
    never = known & (entry >= time)
    if never.any():
        ids = frame["sample_id"].to_numpy() if "sample_id" in frame.columns else frame.index.to_numpy()
        warn(
            "never-under-observation",
            f"{int(never.sum())} samples enter at or after the end of their follow-up and are excluded: "
            f"{first_few(ids[never])}",
        )
    known = known & ~never
    if not known.any():
        raise Refused("no sample is under observation after its entry", hint="entry and follow-up are in months")
    return entry, known


def from_landmark(follow_up: FollowUp, landmark: float) -> FollowUp:
    """Follow-up of the samples at risk at a landmark, with time counted from there.

    At risk are those under observation and without the event after the landmark (entry <= landmark < time); all
    others are no longer `known`. Anderson, Cain and Gelber (1983), doi 10.1200/JCO.1983.1.11.710.

    Raises
    ------
    Refused
        Nobody is at risk at the landmark, or nobody who is has the event later.
    UsageError
        A negative landmark.
    """
    if not landmark >= 0:
        raise UsageError(f"the landmark is {landmark} months; it must be 0 or more")
    there = follow_up.known & (follow_up.time > landmark)
    if follow_up.entry is not None:
        there &= follow_up.entry <= landmark
    if not there.any():
        raise Refused(
            f"no sample is at risk at the landmark of {landmark:g} months",
            hint=f"the longest follow-up is {follow_up.time[follow_up.known].max():g} months",
        )
    if not follow_up.event[there].any():
        raise Refused(f"none of the {int(there.sum())} samples at risk at {landmark:g} months has the event later")
    return replace(follow_up, time=follow_up.time - landmark, entry=None, known=there)
