"""Cox's hazard ratio of one group against the other, fast enough for resampling.

The same numbers as :func:`prognomics.survival.cox.fit.fit_cox` with one 0/1 column and Efron's ties; here the sums over
risk sets reduce to counts, and a sample may count several times, as in a bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.survival.event_times import check_event_times, merge_near_ties

ITERATIONS = 60
CLOSE = 1e-12
NOBODY = 1e-9
"""Above the rounding error of a number of samples, and below any such number."""


@dataclass(frozen=True)
class FollowUp:
    """Samples ordered by stratum and falling time: what all fits of one endpoint share.

    Attributes
    ----------
    order : numpy.ndarray of int, shape (n_samples,)
    event : numpy.ndarray of bool, shape (n_samples,)
        In that order.
    begins, ends : numpy.ndarray of int, shape (n_times,)
        Rows of each distinct time of a stratum.
    stratum_begins : numpy.ndarray of int, shape (n_times,)
        First row of that stratum: those at risk are the rows from there to `ends`.
    """

    order: np.ndarray
    event: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    stratum_begins: np.ndarray


def follow_up(time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None) -> FollowUp:
    """Order the samples of an endpoint for :func:`log_hazard_ratio`; near ties are merged."""
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    stratum, _ = encode_levels(strata, len(time), "stratum")
    order = np.lexsort((-time, stratum))
    time, stratum = time[order], stratum[order]
    new_stratum = np.append(True, stratum[1:] != stratum[:-1])
    begins = np.flatnonzero(new_stratum | np.append(True, time[1:] != time[:-1]))
    starts = np.flatnonzero(new_stratum)
    own = starts[np.searchsorted(starts, begins, side="right") - 1]
    return FollowUp(order, event[order], begins, np.append(begins[1:], len(time)), own)


def log_hazard_ratio(data: FollowUp, high: np.ndarray, counts: Any = None) -> tuple[float, float]:
    """Log hazard ratio of the samples in `high` against the others, and its standard error.

    Parameters
    ----------
    data : FollowUp
    high : array_like of bool, shape (n_samples,)
        In the samples' own order.
    counts : array_like of int, shape (n_samples,), optional
        How often each sample counts (0 excludes it); by default once.

    Returns
    -------
    tuple of float
        NaN where a group is empty, has no event, or the two are never at risk together: no finite estimate.
    """
    beta, se = log_hazard_ratios(data, np.asarray(high)[None], None if counts is None else np.asarray(counts)[None])
    return float(beta[0]), float(se[0])


def log_hazard_ratios(
    data: FollowUp, high: np.ndarray, counts: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios of many divisions of the same samples into two groups.

    Parameters
    ----------
    data : FollowUp
    high : array_like of bool, shape (n_divisions, n_samples)
    counts : array_like of int, shape (n_divisions, n_samples) or (1, n_samples), optional
        As in :func:`log_hazard_ratio`.

    Returns
    -------
    beta, se : numpy.ndarray, shape (n_divisions,)
    """
    high = np.asarray(high, dtype=float)[:, data.order]
    counts = np.ones((1, high.shape[1])) if counts is None else np.asarray(counts, dtype=float)[:, data.order]
    at_risk, deaths = (np.broadcast_to(a, (len(high), len(data.ends))) for a in _by_time(data, counts))
    high_at_risk, high_deaths = _by_time(data, counts * high)
    happened = deaths > 0
    # one term per event, division by division: of d events at a time, Efron takes 0/d, 1/d, ... of them out again
    size = deaths[happened].astype(int)
    share = (np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)) / np.repeat(size, size)
    above = np.repeat(high_at_risk[happened], size) - share * np.repeat(high_deaths[happened], size)
    below = np.repeat(at_risk[happened], size) - share * np.repeat(deaths[happened], size) - above
    division = np.repeat(np.nonzero(happened)[0], size)
    observed = high_deaths.sum(axis=1)
    # the score falls from `observed - terms with nobody low` to `observed - terms with anybody high`
    nobody_low, anybody_high = (
        np.bincount(division[which], minlength=len(high)) for which in (below <= NOBODY, above > NOBODY)
    )
    finite = (observed - nobody_low > NOBODY) & (anybody_high - observed > NOBODY)
    return _newton(above, below, division, observed, finite)


def _newton(
    above: np.ndarray, below: np.ndarray, division: np.ndarray, observed: np.ndarray, going: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Solve the score equations of all divisions that have a solution; NaN for the others."""
    beta, se = np.zeros(len(observed)), np.full(len(observed), np.nan)
    going, step = going.copy(), np.zeros(len(observed))
    beta[~going] = np.nan
    for _ in range(ITERATIONS):
        own = going[division]
        above, below, division = above[own], below[own], division[own]
        if not len(division):
            break
        p = above / (above + below * np.exp(-beta[division]))
        expected, information = (np.bincount(division, term, len(beta)) for term in (p, p * (1 - p)))
        step[going] = (observed - expected)[going] / information[going]
        beta[going] += np.clip(step[going], -1.0, 1.0)
        se[going] = information[going] ** -0.5
        going &= ~(np.abs(step) < CLOSE)
    return beta, se


def _by_time(data: FollowUp, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Samples at risk at each distinct time, and events at it; arrays of shape (n_divisions, n_times)."""
    none = np.zeros((len(counts), 1))
    running = np.hstack([none, np.cumsum(counts, axis=1)])
    events = np.hstack([none, np.cumsum(counts * data.event, axis=1)])
    at_risk = running[:, data.ends] - running[:, data.stratum_begins]
    return at_risk, events[:, data.ends] - events[:, data.begins]
