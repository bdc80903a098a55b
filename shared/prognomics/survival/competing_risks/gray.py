"""Gray's test of equal cumulative incidence of one cause between groups, over strata.

Gray (1988), doi 10.1214/aos/1176350951. Numbers are those of `cmprsk::cuminc(group =, strata =)` with rho = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from prognomics.data.strata import encode_levels
from prognomics.errors import Refused
from prognomics.survival.event_times import check_event_times, merge_near_ties

SINGULAR = 1e-7
"""Smallest eigenvalue of the scores' correlation, relative to the largest, with which there is a test."""


@dataclass(frozen=True)
class GrayTest:
    """Scores of all groups but the last, their covariance, and the test.

    Attributes
    ----------
    score : numpy.ndarray, shape (n_groups - 1,)
    covariance : numpy.ndarray, shape (n_groups - 1, n_groups - 1)
    statistic, p_value : float
        NaN where the covariance is singular: a group is never at risk next to the others.
    df : int
    """

    score: np.ndarray
    covariance: np.ndarray
    statistic: float
    df: int
    p_value: float


def gray_test(
    time: np.ndarray,
    causes: np.ndarray,
    group: np.ndarray,
    strata: np.ndarray | None = None,
    cause: int = 1,
    timefix: bool = True,
) -> GrayTest:
    """Compare the cumulative incidence of one cause between groups.

    Parameters
    ----------
    time : array_like, shape (n_samples,)
    causes : array_like, shape (n_samples,)
        0 censored, 1 event, 2 competing event.
    group : array_like, shape (n_samples,)
        Labels; two or more.
    strata : array_like, shape (n_samples,), optional
        Scores and covariances are summed over strata.
    cause : {1, 2}
        Which cause is compared; the other one competes.
    timefix : bool
        Merge near ties.

    Returns
    -------
    GrayTest

    Raises
    ------
    Refused
        One group only.
    BadInput
        Wrong times or causes, arrays of different lengths.
    """
    causes = np.asarray(causes, dtype=float)
    time, _ = check_event_times(time, np.where(causes == 2, 1.0, causes))
    time = merge_near_ties(time) if timefix else time
    code, levels = encode_levels(group, len(time), "group")
    if len(levels) < 2:
        raise Refused("Gray's test needs at least two groups", where=f"only group: {levels[0]}")
    stratum, _ = encode_levels(strata, len(time), "stratum")
    kind = np.where(causes == cause, 1, np.where(causes == 0, 0, 2))
    score, covariance = np.zeros(len(levels)), np.zeros((len(levels), len(levels)))
    for part in range(stratum.max() + 1):
        rows = stratum == part
        own, spread = _stratum_sums(time[rows], kind[rows], code[rows], len(levels))
        score += own
        covariance += spread
    score, covariance = score[:-1], covariance[:-1, :-1]
    statistic = _quadratic_form(score, covariance)
    df = len(levels) - 1
    p_value = float(chdtrc(df, statistic)) if np.isfinite(statistic) else float("nan")
    return GrayTest(score, covariance, statistic, df, p_value)


def _quadratic_form(score: np.ndarray, covariance: np.ndarray) -> float:
    size = np.sqrt(np.diag(covariance).clip(0))
    if not (size > 0).all():
        return float("nan")
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    if values[0] <= SINGULAR * values[-1]:
        return float("nan")
    return float(np.sum((vectors.T @ (score / size)) ** 2 / values))


def _stratum_sums(time: np.ndarray, kind: np.ndarray, code: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of all groups and their covariance in one stratum, summed over its times.

    Notation of Gray's paper: `share` is R_r = Y_r / S_r(t-), `a` the weights of the counting processes, `c` the
    integrals that the covariance needs; `v2` and `v3` are the sums that multiply `c` at the end.
    """
    distinct, place = np.unique(time, return_inverse=True)
    deaths = [np.zeros((len(distinct), n_groups)) for _ in range(3)]
    for which in range(3):
        rows = kind == which
        np.add.at(deaths[which], (place[rows], code[rows]), 1)
    leaving = deaths[0] + deaths[1] + deaths[2]
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    keep = (deaths[1] + deaths[2]).sum(axis=1) > 0
    own, other, at_risk = deaths[1][keep], deaths[2][keep], at_risk[keep]
    there = at_risk > 0
    risk = np.where(there, at_risk, 1.0)
    survival = np.cumprod(np.where(there, (at_risk - own - other) / risk, 1.0), axis=0)
    before = np.vstack((np.ones(n_groups), survival[:-1]))
    incidence = np.cumsum(np.where(there, before * own / risk, 0.0), axis=0)
    incidence_before = np.vstack((np.zeros(n_groups), incidence[:-1]))
    share = np.where(there, at_risk / np.where(there, before, 1.0), 0.0)
    total, n_own = share.sum(axis=1), own.sum(axis=1)
    pooled = np.cumsum(n_own / total)
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    expected = share * (1 - incidence_before)
    score = np.where(there, own - n_own[:, None] * expected / expected.sum(axis=1, keepdims=True), 0.0).sum(axis=0)

    a = -share[:, :, None] * share[:, None, :] / total[:, None, None]
    a[:, range(n_groups), range(n_groups)] = share * (1 - share / total[:, None])
    # of the last group at risk a is 0, also where the pooled incidence has reached 1
    alone = (a == 0).all(axis=(1, 2))
    c = np.cumsum(
        a * np.where(alone, 0.0, n_own / np.where(alone, 1.0, total * (1 - pooled_before)))[:, None, None], axis=0
    )
    alive = survival > 0
    relative = np.where(alive, (1 - pooled)[:, None] / np.where(alive, survival, 1.0), 0.0)

    t4 = np.where(alive, 1 - relative, 1.0)
    tied = _tied(n_own[:, None], total[:, None] * before)
    weight = np.where(there, tied * before * n_own[:, None] / (total[:, None] * risk), 0.0)
    direct = a - t4[:, None, :] * c
    v3 = (t4**2 * weight).sum(axis=0)
    v2 = np.einsum("tik,tk->ik", direct, t4 * weight)
    covariance = np.einsum("tik,tjk,tk->ij", direct, direct, weight, optimize=True)

    weight = np.where(alive & there, _tied(other, at_risk) * before**2 * other / risk**2, 0.0)
    v3 += (relative**2 * weight).sum(axis=0)
    v2 -= np.einsum("tik,tk->ik", c, relative**2 * weight)
    covariance += np.einsum("tik,tjk,tk->ij", c, c, relative**2 * weight, optimize=True)

    end = c[-1] if len(c) else np.zeros((n_groups, n_groups))
    covariance += (end * v3) @ end.T + end @ v2.T + v2 @ end.T
    return score, covariance


def _tied(count: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Gray's factor for several events at one time."""
    several = (count > 1) & (at_risk > 1)
    return 1 - np.where(several, (count - 1) / np.where(several, at_risk - 1, 1.0), 0.0)
