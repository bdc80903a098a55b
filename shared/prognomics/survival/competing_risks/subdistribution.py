"""Risk sets of the Fine-Gray model: samples stay in them after a competing event, with decreasing weight.

Fine and Gray (1999), doi 10.1080/01621459.1999.10474144. A sample with a competing event at u has the weight
G(t-) / G(u-) in the risk set at t > u, G the Kaplan-Meier estimate of being uncensored. The weight is a product of one
factor of the sample and one of the time, so that all sums are running sums and no rows are split.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from prognomics.survival.cox.partial_likelihood import PartialLikelihood, State
from prognomics.survival.cox.risk_sets import RiskSets, Scaling, make_risk_sets


@dataclass(frozen=True)
class SubdistributionRiskSets(RiskSets):
    """Risk sets with weights; arrays over samples are in the sorted order.

    Attributes
    ----------
    factor : numpy.ndarray, shape (n_samples,)
        1 / G(u-) of a sample with a competing event at u, else 0.
    cell_factor : numpy.ndarray, shape (n_cells,)
        G(t-) at the cell's time.
    after : numpy.ndarray of int, shape (n_samples,)
        The earliest cell after a competing event, as a position in cells of falling time; -1 if none.
    censored : numpy.ndarray of bool, shape (n_samples,)
    sorted_time : numpy.ndarray, shape (n_samples,)
    """

    factor: np.ndarray
    cell_factor: np.ndarray
    after: np.ndarray
    censored: np.ndarray
    sorted_time: np.ndarray

    @property
    def ever_at_risk(self) -> np.ndarray:
        return (self.sample_cell < self.n_cells) | (self.after >= 0)

    def over_risk_set(self, values: np.ndarray, scaling: Scaling | None = None) -> np.ndarray:
        sums = super().over_risk_set(values, scaling)
        result: np.ndarray = sums + _times(self.cell_factor, self._gone(_times(self.factor, values)))
        return result

    def up_to_sample(self, cells: np.ndarray, scaling: Scaling | None = None) -> np.ndarray:
        sums = super().up_to_sample(cells, scaling)
        running = np.empty_like(cells)
        weighted = _times(self.cell_factor, cells)
        for begin, end in self.cell_bounds:
            np.cumsum(weighted[begin:end], axis=0, out=running[begin:end])
        staying = self.after >= 0
        sums[staying] += _times(self.factor[staying], running[self.after[staying]])
        return sums

    def highest(self, values: np.ndarray) -> np.ndarray:
        found = super().highest(values)
        staying = np.where(self.after >= 0, values, -np.inf)
        for (begin, end), (first, last) in zip(self.bounds, self.cell_bounds, strict=True):
            top = np.append(np.maximum.accumulate(staying[begin:end][::-1])[::-1], -np.inf)
            found[first:last] = np.maximum(found[first:last], top[self.cell_last[first:last] + 1 - begin])
        return found

    def scaling(self, eta: np.ndarray) -> tuple[np.ndarray, Scaling | None]:
        shift = np.empty(len(eta))
        for begin, end in self.bounds:
            shift[begin:end] = eta[begin:end].max()
        return shift, None

    def _gone(self, values: np.ndarray) -> np.ndarray:
        """Sums over the samples whose time is before each cell's, shape (n_cells, ...)."""
        sums = np.zeros((self.n_cells, *values.shape[1:]))
        for (begin, end), (first, last) in zip(self.bounds, self.cell_bounds, strict=True):
            running = np.zeros((end - begin + 1, *values.shape[1:]))
            np.cumsum(values[begin:end][::-1], axis=0, out=running[1:])
            sums[first:last] = running[end - 1 - self.cell_last[first:last]]
        return sums


def _times(factor: np.ndarray, values: np.ndarray) -> np.ndarray:
    result: np.ndarray = factor.reshape(-1, *[1] * (values.ndim - 1)) * values
    return result


def subdistribution_risk_sets(
    time: np.ndarray, causes: np.ndarray, stratum: np.ndarray, ties: str, censored_last: bool
) -> SubdistributionRiskSets:
    """Risk sets of cause 1, from checked input.

    Parameters
    ----------
    time : numpy.ndarray of float, shape (n_samples,)
        Near ties merged.
    causes : numpy.ndarray of float, shape (n_samples,)
        0 censored, 1 event, 2 competing event.
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps; each has its own censoring distribution.
    ties : {"efron", "breslow"}
    censored_last : bool
        Whether samples with an event are out of the risk set of a censoring at the same time (as `finegray`), or in
        it (as `cmprsk::crr`).

    Returns
    -------
    SubdistributionRiskSets
    """
    sets = make_risk_sets(time, causes == 1, stratum, ties)
    ordered, kind = time[sets.order], causes[sets.order]
    factor, cell_factor = np.zeros(len(time)), np.ones(sets.n_cells)
    after = np.full(len(time), -1, dtype=np.intp)
    for (begin, end), (first, last) in zip(sets.bounds, sets.cell_bounds, strict=True):
        at, before = _uncensored(ordered[begin:end], kind[begin:end], censored_last)
        gone = begin + np.flatnonzero(kind[begin:end] == 2)
        factor[gone] = 1 / before[np.searchsorted(at, ordered[gone])]
        cell_factor[first:last] = before[np.searchsorted(at, sets.cell_time[first:last])]
        reached = np.where(sets.sample_cell[gone] < sets.n_cells, sets.sample_cell[gone], last) - 1
        after[gone] = np.where(reached >= first, reached, -1)
    own = {field.name: getattr(sets, field.name) for field in fields(RiskSets)}
    return SubdistributionRiskSets(
        **own, factor=np.where(after >= 0, factor, 0.0), cell_factor=cell_factor, after=after, censored=kind == 0,
        sorted_time=ordered,
    )  # fmt: skip


def _uncensored(time: np.ndarray, kind: np.ndarray, censored_last: bool) -> tuple[np.ndarray, np.ndarray]:
    """Distinct times, and the probability of being uncensored just before each."""
    at, place = np.unique(time, return_inverse=True)
    censored = np.bincount(place, weights=kind == 0)
    leaving = np.bincount(place)
    at_risk = np.cumsum(leaving[::-1])[::-1] - (leaving - censored if censored_last else 0)
    left = np.divide(censored, at_risk, out=np.zeros(len(at)), where=censored > 0)
    before = np.concatenate(([1.0], np.cumprod(1 - left)[:-1]))
    if not censored_last and at[0] == 0:
        before[0] = 1 - left[0]  # crr has no time before 0
    return at, before


class FineGrayLikelihood(PartialLikelihood):
    """The likelihood whose score residuals include that the censoring distribution is estimated, as `cmprsk::crr`."""

    def score_residuals(self, state: State, means: np.ndarray) -> np.ndarray:
        """Score residuals, shape (n_samples, n_columns): Fine and Gray's eta + psi."""
        term = (state.term_weight / state.denominator)[:, None]
        residuals = super().score_residuals(state, means)
        return residuals + censoring_residuals(self.risk_sets, self.x, state.hazard[:, None], term, means)


def censoring_residuals(
    sets: SubdistributionRiskSets, x: np.ndarray, hazard: np.ndarray, term: np.ndarray, means: np.ndarray
) -> np.ndarray:
    """Fine and Gray's psi, shape (n_samples, n_columns), of one model, or of one model per column.

    It is the martingale of each sample's censoring, times q(u) over the number at risk at u.

    Parameters
    ----------
    sets : SubdistributionRiskSets
    x : numpy.ndarray, shape (n_samples, n_columns)
    hazard : numpy.ndarray, shape (n_samples, 1) or (n_samples, n_columns)
        Relative hazards.
    term : numpy.ndarray, shape (n_deaths, 1) or (n_deaths, n_columns)
        One over the denominator of each term.
    means : numpy.ndarray, shape (n_deaths, n_columns)
    """
    jump, mean_jump = (_times(sets.cell_factor, sets.per_cell(part)) for part in (term, term * means))
    carried = _times(sets.factor, hazard)
    psi = np.zeros(x.shape)
    for (begin, end), (first, last) in zip(sets.bounds, sets.cell_bounds, strict=True):
        time, censored, own = sets.sorted_time[begin:end], sets.censored[begin:end], carried[begin:end]
        at, place = np.unique(time, return_inverse=True)
        gone = [_before(at, time, values) for values in (own, own * x[begin:end])]
        later = [_not_before(at, sets.cell_time[first:last], values[first:last]) for values in (jump, mean_jump)]
        q = gone[1] * later[0] - gone[0] * later[1]
        at_risk = np.cumsum(np.bincount(place)[::-1])[::-1][:, None]
        count = np.bincount(place, weights=censored)[:, None]
        compensator = np.cumsum(count * q / at_risk**2, axis=0)
        psi[begin:end] = np.where(censored[:, None], (q / at_risk)[place], 0.0) - compensator[place]
    return psi


def _before(at: Any, time: Any, values: Any) -> Any:
    """Sums of values (falling time) over times before each of the rising times."""
    running = np.vstack((np.zeros(values.shape[1]), np.cumsum(values[::-1], axis=0)))
    return running[np.searchsorted(time[::-1], at, side="left")]


def _not_before(at: Any, time: Any, values: Any) -> Any:
    """Sums of values (falling time) over times not before each of the rising times."""
    running = np.vstack((np.zeros(values.shape[1]), np.cumsum(values, axis=0)))
    return running[len(time) - np.searchsorted(time[::-1], at, side="left")]
