"""Follow-up as the screen's loops read it: sorted once, then shared by all genes.

A *cell* is one distinct event time of one stratum, with everybody whose follow-up ends at it or later but before the
next event time of the stratum. Samples are sorted by stratum, then falling time, the deaths of a cell first, so that a
risk set is a running sum. Samples that end before the first event of their stratum form a last cell without deaths.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.survival.event_times import check_event_times, merge_near_ties


@dataclass(frozen=True)
class FollowUp:
    """Sorted follow-up of the samples of a screen.

    Attributes
    ----------
    columns : numpy.ndarray of int, shape (n_samples,)
        Column of the expression matrix of each sorted sample.
    event : numpy.ndarray of uint8, shape (n_samples,)
    cell : numpy.ndarray of int, shape (n_samples,)
    ends, deaths : numpy.ndarray of int, shape (n_cells,)
        End of each cell in the sorted samples, and how many of its first samples are deaths.
    first : numpy.ndarray of uint8, shape (n_cells,)
        1 where a stratum begins.
    stratum_bounds : numpy.ndarray of int, shape (n_strata + 1,)
        Sorted samples of each stratum.
    moment : numpy.ndarray of int, shape (n_samples,)
        Latest event time of any stratum that is not after the sample's time; -1 if there is none.
    cell_moment : numpy.ndarray of int, shape (n_cells,)
        The same of each cell's event time.
    n_moments : int
    """

    columns: np.ndarray
    event: np.ndarray
    cell: np.ndarray
    ends: np.ndarray
    deaths: np.ndarray
    first: np.ndarray
    stratum_bounds: np.ndarray
    moment: np.ndarray
    cell_moment: np.ndarray
    n_moments: int

    @property
    def arrays(self) -> tuple[np.ndarray | int, ...]:
        """All of it in the order above, as the compiled loops take it."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def n(self) -> int:
        return len(self.columns)

    @property
    def n_events(self) -> int:
        return int(self.event.sum())

    @property
    def n_strata(self) -> int:
        return len(self.stratum_bounds) - 1

    @property
    def stratum(self) -> np.ndarray:
        """Stratum of each sorted sample, shape (n_samples,)."""
        return np.repeat(np.arange(self.n_strata), np.diff(self.stratum_bounds))


def sort_follow_up(
    time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None, columns: np.ndarray | None = None
) -> FollowUp:
    """Sort follow-up for a screen.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Times and 0/1 flags without missing values; near ties are merged as R does.
    strata : array_like, shape (n_samples,), optional
    columns : array_like of int, shape (n_samples,), optional
        Where the samples are in the matrix; by default in this order.

    Returns
    -------
    FollowUp

    Raises
    ------
    BadInput
        As `check_event_times`.
    """
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    n = len(time)
    stratum, labels = encode_levels(strata, n, "stratum")
    moments = np.unique(time[event])
    moment = np.searchsorted(moments, time, side="right") - 1

    clock = np.full(n, -1, dtype=np.int64)  # latest event time of the own stratum, as a moment
    for code in range(len(labels)):
        own = stratum == code
        times = np.unique(time[own & event])
        at = np.searchsorted(times, time[own], side="right") - 1
        known = np.searchsorted(moments, times)
        clock[own] = np.where(at >= 0, known[np.maximum(at, 0)] if len(times) else -1, -1)
    order = np.lexsort((~event, -clock, stratum))
    s_stratum, s_clock = stratum[order], clock[order]
    starts = np.ones(n, dtype=bool)
    starts[1:] = (s_stratum[1:] != s_stratum[:-1]) | (s_clock[1:] != s_clock[:-1])
    begin = np.flatnonzero(starts)
    first = np.ones(len(begin), dtype=np.uint8)
    first[1:] = s_stratum[begin[1:]] != s_stratum[begin[1:] - 1]
    bounds = np.append(np.flatnonzero(np.concatenate(([True], s_stratum[1:] != s_stratum[:-1]))), n)
    where = np.arange(n) if columns is None else np.asarray(columns)
    return FollowUp(
        columns=np.ascontiguousarray(where[order], dtype=np.int64),
        event=event[order].astype(np.uint8),
        cell=np.cumsum(starts) - 1,
        ends=np.append(begin[1:], n),
        deaths=np.add.reduceat(event[order].astype(np.int64), begin),
        first=first,
        stratum_bounds=bounds,
        moment=moment[order],
        cell_moment=s_clock[begin],
        n_moments=len(moments),
    )


def martingale_residuals(follow_up: FollowUp, hazards: np.ndarray) -> np.ndarray:
    """Events less expected events of each sample.

    Parameters
    ----------
    follow_up : FollowUp
    hazards : numpy.ndarray, shape (n_samples,)
        Relative hazards in the sorted order, above 0.

    Returns
    -------
    numpy.ndarray, shape (n_samples,)
        With Breslow's baseline hazard; they sum to zero in each stratum.
    """
    f = follow_up
    running = np.concatenate(([0.0], np.cumsum(hazards)))
    begin = f.stratum_bounds[np.cumsum(f.first) - 1]
    rise = f.deaths / np.maximum(running[f.ends] - running[begin], np.finfo(float).tiny)
    later = np.cumsum(rise[::-1])[::-1]  # over this and all following cells, which are earlier times
    after = np.append(later, 0.0)[np.append(np.flatnonzero(f.first)[1:], len(rise))]  # of the strata that follow
    exposure = later - after[np.cumsum(f.first) - 1]
    result: np.ndarray = f.event - hazards * exposure[f.cell]
    return result
