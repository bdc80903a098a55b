"""Tests of pairs: Wilcoxon's signed ranks and the paired t-test.

Wilcoxon 1945, doi:10.2307/3001968; Hodges and Lehmann 1963, doi:10.1214/aoms/1177704172. Numbers are those of R's
`wilcox.test(paired = TRUE, conf.int = TRUE)` and `t.test(paired = TRUE)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from prognomics.stats.mean_tests import MeanTest
from prognomics.stats.rank_tests import midranks

DIGITS = 10
EXACT_BELOW = 50
MOST_EXACT = 1000
MOST_AVERAGES = 20_000_000


@dataclass(frozen=True)
class SignedRank:
    """Wilcoxon's signed-rank test of pairs.

    Attributes
    ----------
    v : float
        Sum of the ranks of positive differences.
    p_value : float
        Exact below fifty differences without ties and zeros, else the normal approximation with continuity correction.
    p_exact : float
        Over all assignments of signs to the ranks as they are, ties included; NaN above `MOST_EXACT` differences.
    exact : bool
        Whether `p_value` is exact.
    n_zero : int
        Differences of zero, which have no part in the test.
    tied : bool
    shift, shift_low, shift_high : float
        Hodges-Lehmann estimate (median of the averages of two differences, or of one with itself) and its interval.
    """

    v: float
    p_value: float
    p_exact: float
    exact: bool
    n_zero: int
    tied: bool
    shift: float
    shift_low: float
    shift_high: float


def differences(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x - y rounded to ten digits, shape (n_pairs,): what is left of floating point is not a difference.

    Ten decimals for values of 1 and more, ten significant digits below, and never more digits than doubles hold.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    size = float(max(np.abs(x).max(initial=0.0), np.abs(y).max(initial=0.0)))
    if size == 0:
        result: np.ndarray = x - y
        return result
    wanted = DIGITS - min(0, int(np.floor(np.log10(size))))
    held = int(np.floor(-np.log10(4 * np.finfo(float).eps) - np.log10(size)))
    result = np.round(x - y, min(wanted, held))
    return result


def signed_rank(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> SignedRank:
    """Wilcoxon's signed-rank test of the pairs (x_i, y_i), two-sided.

    Parameters
    ----------
    x, y : ndarray, shape (n_pairs,)
        Finite, at least one pair.
    conf_level : float

    Returns
    -------
    SignedRank
        As R, zeros are dropped before ranking. NaN where every difference is zero. R finds the estimate and its
        limits by a root search to 1e-4 unless the test is exact; here they are the averages themselves. For few tied
        differences that search ends at a lower confidence level; here the interval is the widest that there is.
    """
    d = differences(x, y)
    n_zero = int((d == 0).sum())
    d = d[d != 0]
    n = len(d)
    if n == 0:
        return SignedRank(0.0, np.nan, np.nan, False, n_zero, False, 0.0, np.nan, np.nan)
    ranks, counts = midranks(np.abs(d))
    v, tied = float(ranks[d > 0].sum()), bool((counts > 1).any())
    exact = n < EXACT_BELOW and not tied and not n_zero
    sigma = np.sqrt(n * (n + 1) * (2 * n + 1) / 24.0 - float((counts.astype(float) ** 3 - counts).sum()) / 48.0)
    p_exact = _exact_p(ranks, v)
    away = abs(v - n * (n + 1) / 4.0)
    p = p_exact if exact else min(1.0, float(2.0 * ndtr(-max(away - 0.5, 0.0) / sigma)) if away else 1.0)
    return SignedRank(v, p, p_exact, exact, n_zero, tied, *_hodges_lehmann(d, exact, sigma, conf_level))


def _sign_counts(doubled: np.ndarray) -> np.ndarray:
    """Fraction of the assignments of signs by which positive doubled ranks add up to 0, 1, …"""
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0], reach = 1.0, 1
    for step in np.sort(doubled):
        added = ways[:reach].copy()
        ways[:reach] *= 0.5
        ways[step : step + reach] += 0.5 * added
        reach += int(step)
    return ways


def _exact_p(ranks: np.ndarray, v: float) -> float:
    if len(ranks) > MOST_EXACT:
        return np.nan
    doubled = np.rint(2 * ranks).astype(np.int64)
    ways, total = _sign_counts(doubled), int(doubled.sum())
    away = abs(2 * int(round(2 * v)) - total)
    return min(1.0, float(ways[np.abs(2 * np.arange(total + 1) - total) >= away].sum()))


def _hodges_lehmann(d: np.ndarray, exact: bool, sigma: float, conf_level: float) -> tuple[float, float, float]:
    n = len(d)
    m = n * (n + 1) // 2
    if m > MOST_AVERAGES:
        return np.nan, np.nan, np.nan
    row, column = np.triu_indices(n)
    averages = np.sort((d[row] + d[column]) / 2.0)
    shift = float(np.median(averages))
    tail = (1.0 - conf_level) / 2.0
    if exact:
        below = np.cumsum(_sign_counts(np.arange(1, n + 1)))
        lowest = max(1, int(np.searchsorted(below, tail * (1 - 1e-14), side="left")))
    else:
        # the test accepts a shift while the averages above it are within z sigma + 1/2 of half of all
        lowest = max(1, int(np.ceil(m / 2.0 - float(ndtri(1.0 - tail)) * sigma - 0.5)))
    return shift, float(averages[lowest - 1]), float(averages[m - lowest])


def paired_t(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> MeanTest:
    """Student's t-test of the pairs (x_i, y_i); NaN with one pair or constant differences.

    Parameters
    ----------
    x, y : ndarray, shape (n_pairs,)
    conf_level : float
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    d = x - y
    n, mean = len(d), float(np.mean(d))
    se = float(np.std(d, ddof=1) / np.sqrt(n)) if n > 1 else 0.0
    noise = 10 * np.finfo(float).eps * max(abs(mean), float(np.abs(x).max()), float(np.abs(y).max()))
    if not se > noise:
        return MeanTest(np.nan, n - 1 if n > 1 else np.nan, np.nan, mean)
    t, reach = mean / se, float(stdtrit(n - 1, 0.5 + conf_level / 2.0)) * se
    return MeanTest(t, n - 1, float(2.0 * stdtr(n - 1, -abs(t))), mean, mean - reach, mean + reach)
