"""Follow-up times and event flags: cheap checks, and R's rule for nearly equal times.

Times that differ by rounding noise only (0.1 + 0.2 and 0.3) are one time to a reader and
two to a computer; every estimator here sees them through `merge_near_ties` first.
"""

from __future__ import annotations

from typing import overload

import numpy as np

from prognomics.errors import BadInput, first_few

NEAR_TIE = float(np.sqrt(np.finfo(float).eps))


@overload
def merge_near_ties(time: np.ndarray) -> np.ndarray: ...


@overload
def merge_near_ties(time: np.ndarray, first: np.ndarray, /, *more: np.ndarray) -> tuple[np.ndarray, ...]: ...


def merge_near_ties(time: np.ndarray, *more: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
    """Replace times that are equal but for rounding by the smallest of them.

    Two neighboring distinct times are one when they differ by at most the square root of the
    machine precision, absolutely or relative to the mean of the distinct absolute times.
    Several arrays (entry and exit times) share one set of distinct times.

    Agrees with `survival::aeqSurv` (the option `timefix` of survfit, survdiff and coxph).

    Parameters
    ----------
    time, *more : numpy.ndarray, shape (n_samples,)
        Times without missing values; infinite values are left alone.

    Returns
    -------
    numpy.ndarray or tuple of numpy.ndarray
        The arrays with near ties merged, in the order given.
    """
    arrays = (time, *more)
    distinct = np.unique(np.concatenate(arrays) if more else time)
    distinct = distinct[np.isfinite(distinct)]
    merged = tuple(_snap(array, distinct) for array in arrays)
    return merged if more else merged[0]


def group_starts(distinct: np.ndarray) -> np.ndarray:
    """Which of the sorted distinct times begin a group of near ties, shape (n_times,), bool."""
    starts = np.ones(len(distinct), dtype=bool)
    if len(distinct) > 1:
        gap = np.diff(distinct)
        scale = np.mean(np.abs(distinct))
        starts[1:] = ~((gap <= NEAR_TIE) | (gap <= NEAR_TIE * scale))
    return starts


def _snap(array: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    starts = group_starts(distinct)
    if starts.all():
        return array
    cuts = distinct[starts]
    position = np.searchsorted(cuts, array, side="right") - 1
    return np.where(np.isfinite(array), cuts[np.maximum(position, 0)], array)


def check_event_times(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Float times and boolean events, checked.

    Parameters
    ----------
    time : array_like, shape (n_samples,)
        Follow-up times, any unit, not negative; zero is allowed.
    event : array_like, shape (n_samples,)
        1 (or True) where the event happened at `time`, 0 where follow-up ended without it.

    Returns
    -------
    time : numpy.ndarray of float, shape (n_samples,)
    event : numpy.ndarray of bool, shape (n_samples,)

    Raises
    ------
    BadInput
        Lengths differ, nothing is left, a time is missing, infinite or negative, or an event
        is neither 0 nor 1. Missing values are dropped by the caller, which counts them.
    """
    time, flags = np.asarray(time, dtype=float), np.asarray(event)
    if time.ndim != 1 or time.shape != flags.shape:
        raise BadInput(f"times and events differ in shape: {time.shape} and {flags.shape}")
    if time.size == 0:
        raise BadInput("there are no samples with a follow-up time and an event flag")
    wrong = ~np.isfinite(time) | (time < 0)
    if wrong.any():
        raise BadInput(
            f"{int(wrong.sum())} follow-up times are missing, infinite or negative",
            where=f"positions (from 0) {first_few(np.flatnonzero(wrong))}",
            hint="times are numbers from 0 up; drop or correct these samples",
        )
    if flags.dtype != bool:
        numbers = flags.astype(float)
        wrong = (numbers != 0) & (numbers != 1)
        if wrong.any():
            raise BadInput(
                f"{int(wrong.sum())} event flags are neither 0 nor 1",
                where=f"values {first_few(np.unique(numbers[wrong]))}",
                hint="code the event as 1 and the end of follow-up without it as 0",
            )
        flags = numbers == 1
    return time, flags


def check_entry(entry: np.ndarray | None, time: np.ndarray) -> np.ndarray | None:
    """Entry times of left-truncated follow-up: finite and before the exit time (Raises BadInput)."""
    if entry is None:
        return None
    entry = np.asarray(entry, dtype=float)
    if entry.shape != time.shape:
        raise BadInput(f"entry times and times differ in shape: {entry.shape} and {time.shape}")
    wrong = ~np.isfinite(entry) | (entry >= time)
    if wrong.any():
        raise BadInput(
            f"{int(wrong.sum())} samples enter at or after the end of their follow-up",
            where=f"positions (from 0) {first_few(np.flatnonzero(wrong))}",
            hint="drop them: they were never under observation",
        )
    return entry
