"""Risk sets of a Cox model: who is at risk at each event, as index arrays made once per fit.

A *cell* is one distinct event time of one stratum. Samples are held sorted by stratum and
falling time, so that the sum over a risk set is a running sum read at one position. Late
entry (left truncation) subtracts the running sum over those who have not entered yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WIDEST = 300.0
"""Range of linear predictors whose exponentials are summed in one unit."""


@dataclass(frozen=True)
class RiskSets:
    """Sorted samples and the position of every risk set in them.

    All arrays of shape (n_samples,) are in the sorted order that `order` defines. A *death* is
    a sample with an event; deaths are sorted by cell. A *term* is one factor of the partial
    likelihood: Breslow and Efron both have one per death.

    Attributes
    ----------
    order : shape (n_samples,)
        Indices of the caller's samples, by stratum, then falling time.
    bounds : list of (begin, end)
        Sorted positions of each stratum.
    death : shape (n_deaths,)
        Sorted positions of the deaths.
    death_begin : shape (n_cells,)
        First death of each cell.
    death_cell : shape (n_deaths,)
        Cell of each death.
    fraction : shape (n_deaths,)
        Efron's fraction of the tied deaths already excluded from the risk set; 0 for Breslow.
    cell_last : shape (n_cells,)
        Sorted position of the last sample at risk.
    cell_bounds : list of (begin, end)
        Cells of each stratum, in falling time.
    sample_cell : shape (n_samples,)
        Latest cell of the stratum whose time is not after the sample's; n_cells if none.
    cell_time : shape (n_cells,)
    entry_order, entry_bounds, entry_last, entry_cell
        The same for entry times; None without late entry. `entry_last` is -1 where everybody
        has entered.
    """

    order: np.ndarray
    bounds: list[Any]
    death: np.ndarray
    death_begin: np.ndarray
    death_cell: np.ndarray
    fraction: np.ndarray
    cell_last: np.ndarray
    cell_bounds: list[Any]
    sample_cell: np.ndarray
    cell_time: np.ndarray
    entry_order: np.ndarray | None
    entry_last: np.ndarray | None
    entry_cell: np.ndarray | None

    @property
    def n_cells(self) -> int:
        return len(self.death_begin)

    @property
    def ever_at_risk(self) -> np.ndarray:
        """Which sorted samples are in a risk set, shape (n_samples,)."""
        if self.entry_cell is None:
            return self.sample_cell < self.n_cells
        return self.sample_cell < self.entry_cell

    def over_risk_set(self, values: np.ndarray, scaling: Scaling | None = None) -> np.ndarray:
        """Sums of `values` (sorted samples first) over each risk set, shape (n_cells, …).

        With `scaling` the values of each of its segments are in units of their own, and so are the sums.
        """
        if scaling is not None:
            result: np.ndarray = _carried(values, scaling.samples, scaling.factor)[self.cell_last]
            return result
        sums = _running(values, self.bounds)[self.cell_last]
        if self.entry_order is not None:
            waiting = _running(values[self.entry_order], self.bounds)[np.maximum(self.entry_last, 0)]
            waiting[self.entry_last < 0] = 0
            sums = sums - waiting
        result = sums
        return result

    def over_deaths(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` (sorted samples first) over the deaths of each cell, shape (n_cells, …)."""
        return np.add.reduceat(values[self.death], self.death_begin, axis=0)

    def per_cell(self, terms: np.ndarray) -> np.ndarray:
        """Sums over the terms of each cell, shape (n_cells, …)."""
        return np.add.reduceat(terms, self.death_begin, axis=0)

    def up_to_sample(self, cells: np.ndarray, scaling: Scaling | None = None) -> np.ndarray:
        """For each sorted sample, the sum of `cells` over the events it was at risk for."""
        padded = np.zeros((self.n_cells + 1, *cells.shape[1:]))
        if scaling is not None:
            later = [(self.n_cells - end, self.n_cells - begin) for begin, end in scaling.cells[::-1]]
            factor = np.append(scaling.factor[1:], 0.0)[::-1]
            padded[:-1] = _carried(cells[::-1], later, factor)[::-1]
            result: np.ndarray = padded[self.sample_cell]
            return result
        for begin, end in self.cell_bounds:
            padded[begin:end] = np.cumsum(cells[begin:end][::-1], axis=0)[::-1]
        sums = padded[self.sample_cell]
        result = sums if self.entry_cell is None else sums - padded[self.entry_cell]
        return result

    def highest(self, values: np.ndarray) -> np.ndarray:
        """The largest of `values` (sorted samples first, one column) in each risk set, shape (n_cells,)."""
        if self.entry_order is None:
            running = np.empty_like(values)
            for begin, end in self.bounds:
                np.maximum.accumulate(values[begin:end], out=running[begin:end])
            result: np.ndarray = running[self.cell_last]
            return result
        found = np.empty(self.n_cells)
        for (first, last), (begin, _) in zip(self.cell_bounds, self.bounds, strict=True):
            for cell in range(first, last):
                inside = slice(begin, int(self.cell_last[cell]) + 1)
                found[cell] = values[inside][self.entry_cell[inside] > cell].max()
        return found

    def scaling(self, eta: np.ndarray) -> tuple[np.ndarray, Scaling | None]:
        """What to take off linear predictors before they are exponentiated, shape (n_samples,), and how sums carry.

        Mostly the largest of the stratum. Where these range further than floating point does, the stratum is cut
        into segments of risk sets, and each has its own unit: the largest there was up to its first risk set.
        """
        shift = np.empty(len(eta))
        wide = False
        for begin, end in self.bounds:
            shift[begin:end] = eta[begin:end].max()
            wide |= not np.ptp(eta[begin:end]) < WIDEST
        if not wide or self.entry_order is not None or not np.isfinite(eta).all():
            return shift, None
        top = self.highest(eta)
        samples, cells, factor = [], [], []
        for (begin, end), (first, last) in zip(self.bounds, self.cell_bounds, strict=True):
            unit = None
            for cell in range(first, last):
                if unit is None or top[cell] > unit + WIDEST:
                    start = begin if unit is None else int(self.cell_last[cell - 1]) + 1
                    factor.append(0.0 if unit is None else float(np.exp(unit - top[cell])))
                    samples.append([start, end])
                    cells.append([cell, last])
                    if unit is not None:
                        samples[-2][1], cells[-2][1] = start, cell
                    unit = top[cell]
                    shift[start:end] = unit
            if first < last:  # nobody is at risk with those behind the last risk set
                idle = slice(int(self.cell_last[last - 1]) + 1, end)
                shift[idle] = np.maximum(shift[idle], eta[idle])
            else:
                samples.append([begin, end])
                cells.append([first, last])
                factor.append(0.0)
        return shift, Scaling(samples, cells, np.array(factor))


@dataclass(frozen=True)
class Scaling:
    """Segments of samples and of their risk sets (begin, end) that have a unit each.

    `factor`, shape (n_segments,), turns sums of the segment before into the unit of this one; 0 at the first
    segment of a stratum.
    """

    samples: list[Any]
    cells: list[Any]
    factor: np.ndarray


def _carried(values: np.ndarray, segments: list[Any], factor: np.ndarray) -> np.ndarray:
    """Running sums over segments, where what the one before summed up to counts `factor` times."""
    sums = np.empty_like(values)
    carry = None
    for (begin, end), times in zip(segments, factor, strict=True):
        np.cumsum(values[begin:end], axis=0, out=sums[begin:end])
        if times and carry is not None:
            sums[begin:end] += times * carry
        carry = sums[end - 1] if end > begin else None
    return sums


def _running(values: np.ndarray, bounds: list[Any]) -> np.ndarray:
    """Running sums that start again in each stratum."""
    if len(bounds) == 1:
        return np.cumsum(values, axis=0)
    sums = np.empty_like(values)
    for begin, end in bounds:
        np.cumsum(values[begin:end], axis=0, out=sums[begin:end])
    return sums


def make_risk_sets(
    time: np.ndarray, event: np.ndarray, stratum: np.ndarray, ties: str, entry: np.ndarray | None = None
) -> RiskSets:
    """Risk sets from checked input.

    Parameters
    ----------
    time : numpy.ndarray of float, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
        At least one is true.
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps.
    ties : {"efron", "breslow"}
    entry : numpy.ndarray of float, shape (n_samples,), optional
        A sample is at risk for events with entry < time of event <= its time.

    Returns
    -------
    RiskSets
    """
    n = len(time)
    order = np.lexsort((-time, stratum))
    s_time, s_event, s_stratum = time[order], event[order], stratum[order]
    begins = np.flatnonzero(np.concatenate(([True], s_stratum[1:] != s_stratum[:-1])))
    ends = np.append(begins[1:], n)
    bounds = list(zip(begins.tolist(), ends.tolist(), strict=True))

    death = np.flatnonzero(s_event)
    d_time, d_stratum = s_time[death], s_stratum[death]
    new = np.concatenate(([True], (d_time[1:] != d_time[:-1]) | (d_stratum[1:] != d_stratum[:-1])))
    death_begin = np.flatnonzero(new)
    death_cell = np.cumsum(new) - 1
    count = np.diff(np.append(death_begin, len(death)))
    fraction = np.zeros(len(death))
    if ties == "efron":
        fraction = (np.arange(len(death)) - death_begin[death_cell]) / count[death_cell]
    cell_time, cell_stratum = d_time[death_begin], d_stratum[death_begin]
    n_cells = len(death_begin)

    cell_last = np.empty(n_cells, dtype=np.intp)
    sample_cell = np.full(n, n_cells, dtype=np.intp)
    entry_order = entry_last = entry_cell = None
    if entry is not None:
        s_entry = entry[order]
        entry_order = np.lexsort((-s_entry, s_stratum))
        e_sorted = s_entry[entry_order]
        entry_last = np.full(n_cells, -1, dtype=np.intp)
        entry_cell = np.full(n, n_cells, dtype=np.intp)
    cell_bounds = []
    for code, (begin, end) in enumerate(bounds):
        first, last = np.searchsorted(cell_stratum, (code, code + 1))
        cell_bounds.append((int(first), int(last)))
        if first == last:
            continue
        falling = cell_time[first:last]
        cell_last[first:last] = begin + np.searchsorted(-s_time[begin:end], -falling, side="right") - 1
        at = np.searchsorted(-falling, -s_time[begin:end], side="left")
        sample_cell[begin:end] = np.where(at < last - first, first + at, n_cells)
        if entry is not None:
            waiting = np.searchsorted(-e_sorted[begin:end], -falling, side="right")
            entry_last[first:last] = np.where(waiting > 0, begin + waiting - 1, -1)
            at = np.searchsorted(-falling, -s_entry[begin:end], side="left")
            entry_cell[begin:end] = np.where(at < last - first, first + at, n_cells)
    return RiskSets(
        order, bounds, death, death_begin, death_cell, fraction, cell_last, cell_bounds,
        sample_cell, cell_time, entry_order, entry_last, entry_cell,
    )  # fmt: skip
