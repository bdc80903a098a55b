"""The variance of a log-rank test whose samples are not independent: several of one patient.

Lin and Wei 1989, doi 10.1080/01621459.1989.10478874: the score residuals of the samples, summed over clusters. For
log-rank weights the test is the robust score test of R's `coxph(..., cluster = , ties = "breslow")`.
"""

from __future__ import annotations

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.errors import Refused


def clustered_covariance(
    residuals: np.ndarray,
    cluster: np.ndarray,
) -> np.ndarray:
    """Covariance of observed minus expected events by group, shape (n_groups, n_groups).

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n_samples, n_groups)
        As `score_residuals` gives them.
    cluster : numpy.ndarray, shape (n_samples,)
        Labels.

    Raises
    ------
    Refused
        Fewer than two clusters.
    """
    codes, labels = encode_levels(cluster, len(residuals), "cluster")
    if len(labels) < 2:
        raise Refused("a clustered test needs at least two clusters", where=f"only: {labels[0]}")
    sums = np.zeros((len(labels), residuals.shape[1]))
    np.add.at(sums, codes, residuals)
    return sums.T @ sums


def score_residuals(
    time: np.ndarray,
    event: np.ndarray,
    code: np.ndarray,
    stratum: np.ndarray,
    cell: np.ndarray,
    first: np.ndarray,
    deaths: np.ndarray,
    at_risk: np.ndarray,
    weight: np.ndarray,
    entry: np.ndarray | None,
) -> np.ndarray:
    """What each sample adds to observed minus expected events of the groups, shape (n_samples, n_groups).

    Parameters
    ----------
    time, event, code, stratum, entry : numpy.ndarray, shape (n_samples,)
        Sorted by stratum and time; `code` is the group.
    cell : numpy.ndarray of int, shape (n_samples,)
        Which time of which stratum a sample ends at.
    first : numpy.ndarray of int, shape (n_cells,)
        First sample of each cell.
    deaths, at_risk : numpy.ndarray, shape (n_cells, n_groups)
    weight : numpy.ndarray, shape (n_cells,)

    Returns
    -------
    numpy.ndarray
        They sum to observed minus expected events, weighted as the test.
    """
    n = at_risk.sum(axis=1)
    share = np.divide(at_risk, n[:, None], out=np.zeros_like(at_risk), where=n[:, None] > 0)
    hazard = np.divide(weight * deaths.sum(axis=1), n, out=np.zeros(len(n)), where=n > 0)
    # sums over the cells up to each one, with a zero before the first
    total = np.concatenate(([0.0], np.cumsum(hazard)))
    by_group = np.concatenate((np.zeros((1, at_risk.shape[1])), np.cumsum(hazard[:, None] * share, axis=0)))
    strata_of_cells = stratum[first]
    begin = np.searchsorted(strata_of_cells, stratum)
    if entry is not None:
        # a sample is at risk after its entry: cells up to that time are not its own
        clock = np.unique(np.concatenate((time, entry)))
        width = len(clock) + 1
        keys = strata_of_cells * width + np.searchsorted(clock, time[first])
        begin = np.searchsorted(keys, stratum * width + np.searchsorted(clock, entry), side="right")
    own = np.eye(at_risk.shape[1])[code]
    seen = event[:, None] * weight[cell][:, None] * (own - share[cell])
    end = cell + 1
    result: np.ndarray = seen - ((total[end] - total[begin])[:, None] * own - (by_group[end] - by_group[begin]))
    return result
