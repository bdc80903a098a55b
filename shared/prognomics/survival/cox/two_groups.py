"""Cox's hazard ratio of one group against the other, fast enough for resampling.

The same numbers as :func:`prognomics.survival.cox.fit.fit_cox` with one 0/1 column and Efron's ties; here the sums over
risk sets reduce to counts, and a sample may count several times, as in a bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.survival.event_times import check_event_times, codes_of, merge_near_ties

ITERATIONS = 60
CLOSE = 1e-12


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


def follow_up(time, event, strata=None) -> FollowUp:
    """Order the samples of an endpoint for :func:`log_hazard_ratio`; near ties are merged."""
    time, event = check_event_times(time, event)
    time = merge_near_ties(time)
    stratum, _ = codes_of(strata, len(time), "stratum")
    order = np.lexsort((-time, stratum))
    time, stratum = time[order], stratum[order]
    new_stratum = np.append(True, stratum[1:] != stratum[:-1])
    begins = np.flatnonzero(new_stratum | np.append(True, time[1:] != time[:-1]))
    starts = np.flatnonzero(new_stratum)
    own = starts[np.searchsorted(starts, begins, side="right") - 1]
    return FollowUp(order, event[order], begins, np.append(begins[1:], len(time)), own)


def log_hazard_ratio(data: FollowUp, high, counts=None) -> tuple[float, float]:
    """Log hazard ratio of the samples in `high` against the others, and its standard error.

    Parameters
    ----------
    data : FollowUp
    high : array_like of bool, shape (n_samples,)
        In the samples' own order.
    counts : array_like of int, shape (n_samples,), optional
        How often each sample counts (0 leaves it out); by default once.

    Returns
    -------
    tuple of float
        NaN where a group is empty, has no event, or the two are never at risk together: no finite estimate.
    """
    high = np.asarray(high, dtype=float)[data.order]
    counts = np.ones(len(high)) if counts is None else np.asarray(counts, dtype=float)[data.order]
    at_risk, deaths = _by_time(data, counts)
    high_at_risk, high_deaths = _by_time(data, counts * high)
    happened = deaths > 0
    size = deaths[happened].astype(int)
    first = np.repeat(np.cumsum(size) - size, size)
    share = (np.arange(size.sum()) - first) / np.repeat(size, size)
    above = np.repeat(high_at_risk[happened], size) - share * np.repeat(high_deaths[happened], size)
    below = np.repeat(at_risk[happened], size) - share * np.repeat(deaths[happened], size) - above
    observed = float(high_deaths.sum())
    # the score falls from `observed - terms with nobody low` to `observed - terms with anybody high`
    if not observed - np.count_nonzero(below <= 1e-9) > 1e-9 or not np.count_nonzero(above > 1e-9) - observed > 1e-9:
        return float("nan"), float("nan")
    beta = 0.0
    for _ in range(ITERATIONS):
        p = above / (above + below * np.exp(-beta))
        information = float(p @ (1 - p))
        step = (observed - float(p.sum())) / information
        beta += float(np.clip(step, -1.0, 1.0))
        if abs(step) < CLOSE:
            break
    return beta, information**-0.5


def _by_time(data, counts):
    """Samples at risk at each distinct time, and events at it."""
    running = np.append(0.0, np.cumsum(counts))
    events = np.append(0.0, np.cumsum(counts * data.event))
    return running[data.ends] - running[data.stratum_begins], events[data.ends] - events[data.begins]
