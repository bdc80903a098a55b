"""P-values of a maximally selected statistic: what the best of many cutpoints may claim.

The largest of the standardized statistics over all candidate cuts is not normal: of cutpoints tried between the
quartiles of a marker that means nothing, the best is below 0.05 in a quarter of all samples. Each function takes
that maximum and what it needs of the design, and returns the probability of one as large under the null
hypothesis:

- :func:`lausen_schumacher_p`: the limiting process, from the window alone;
- :func:`improved_bonferroni_p`: an upper bound, from the group sizes of the candidates;
- :func:`hothorn_lausen_p`: an upper bound from the exact conditional distribution of each candidate;
- :func:`permutation_p`: the fraction of permutations of the outcome.

They are those of R's `maxstat::maxstat.test` (`pmethod` Lau92, Lau94, HL and condMC).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from prognomics.cutpoint.cut_statistics import EQUAL, BestCuts

LARGEST_EXACT = 170
"""Samples up to which :func:`hothorn_lausen_p` is computed; R's own limit (its factorials overflow beyond)."""

LONGEST = 1e6
"""Span of a process that forgets itself on the way, where strata hold different values of a marker."""


def lausen_schumacher_p(statistic: float, low: float, high: float) -> float:
    """P of the limiting process (a Brownian bridge between two fractions of the samples).

    Parameters
    ----------
    statistic : float or numpy.ndarray
        Largest absolute standardized statistic, of one marker or of each of many; NaN stays NaN.
    low, high : float
        The window: least and largest fraction of samples in the low group, 0 < low < high < 1.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `statistic`.

    References
    ----------
    Lausen and Schumacher 1992, doi:10.2307/2532740, after Miller and Siegmund 1982, doi:10.2307/2529881;
    `maxstat::pLausen92`. Accurate for small p; 1 for statistics below 1, where it does not hold.
    """
    return brownian_p(statistic, np.log(high * (1 - low) / ((1 - high) * low)))


def brownian_p(statistic: float | np.ndarray, span: float | np.ndarray) -> float | np.ndarray:
    """The same from the logarithmic span of the limiting process between the first and the last candidate."""
    statistic = np.asarray(statistic, dtype=float)
    b = np.fmax(statistic, 1.0)
    density = np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    span = np.minimum(span, LONGEST)
    tail = np.clip(4 * density / b + density * (b - 1 / b) * span, 0.0, 1.0)
    return np.where(np.isnan(statistic), np.nan, np.where(statistic <= 1.0, 1.0, tail))[()]


def improved_bonferroni_p(statistic: float, n_low: np.ndarray, n_samples: int) -> float:
    """Upper bound of p from the candidates' group sizes (improved Bonferroni inequality).

    Parameters
    ----------
    statistic : float
        Largest absolute standardized statistic.
    n_low : array_like of int, shape (n_candidates,)
        Samples in the low group of each candidate, ascending.
    n_samples : int

    References
    ----------
    Worsley 1983, doi:10.1093/biomet/70.2.455; Lausen, Sauerbrei and Schumacher 1994, in Computational
    Statistics (Physica), 73-88; `maxstat::pLausen94`, not beyond 1.
    """
    sizes = np.asarray(n_low, dtype=float)
    left, right = sizes[:-1], sizes[1:]
    step = np.sqrt(1 - left * (n_samples - right) / ((n_samples - left) * right))
    return float(crossing_p(statistic, step.sum(), (step**3).sum()))


def smaller_bound(found: BestCuts, min_fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """The smaller of the first two p-values for each of many markers, and which one it is.

    Parameters
    ----------
    found : BestCuts
        Within strata both take the correlation of neighboring candidates from the strata's own group sizes.
    min_fraction : float
        The window that was searched.

    Returns
    -------
    p : numpy.ndarray, shape (n_markers,)
        NaN without a cutpoint.
    correction : numpy.ndarray of str, shape (n_markers,)
        "Lau92" or "Lau94", as `maxstat.test` calls them; "" without a cutpoint.
    """
    low, high = min_fraction, 1 - min_fraction
    span = np.where(np.isnan(found.span), np.log(high * (1 - low) / ((1 - high) * low)), found.span)
    limiting, bound = brownian_p(found.statistic, span), crossing_p(found.statistic, found.steps, found.cubes)
    name = np.where(limiting <= bound, "Lau92", "Lau94")
    return np.minimum(limiting, bound), np.where(found.n_low > 0, name, "").astype(object)


def crossing_p(statistic: float | np.ndarray, steps: float | np.ndarray, cubes: float | np.ndarray) -> np.ndarray:
    """The improved Bonferroni bound of many markers, from sums over their neighboring candidates.

    Parameters
    ----------
    statistic : array_like, shape (n_markers,)
        Largest absolute standardized statistic.
    steps, cubes : array_like, shape (n_markers,)
        Sums of t and of t^3, where t^2 = 1 - m (n - m') / ((n - m) m') for neighbors with m and m' low samples.
    """
    z = np.asarray(statistic, dtype=float)
    p = 2 * ndtr(-z) + np.exp(-0.5 * z**2) / np.pi * (steps - (z**2 / 4 - 1) * cubes / 6)
    result: np.ndarray = np.clip(p, 0.0, 1.0)
    return result


def hothorn_lausen_p(scores: np.ndarray, n_low: np.ndarray) -> float:
    """Upper bound of p from the exact conditional distribution of the score sum at each candidate.

    The probability that candidate j exceeds the maximum, less the part in which candidate j - 1 exceeded it so
    far that no value of the samples between could bring it back, summed over the candidates.

    Parameters
    ----------
    scores : array_like, shape (n_samples,)
        Scores of the samples in ascending order of the marker. They are mapped to integers between 0 and
        n_samples (`maxstat.test(iscores = TRUE)`), which is why this p has its own maximum.
    n_low : array_like of int, shape (n_candidates,)
        Samples in the low group of each candidate, ascending.

    Returns
    -------
    float
        NaN above `LARGEST_EXACT` samples or for scores that are all equal.

    References
    ----------
    Hothorn and Lausen 2003, doi:10.1016/S0167-9473(02)00225-6, with the shift algorithm of Streitberg and
    Röhmel 1986; as `maxstat::pmaxstat`, which counts statistics above the maximum, and those equal to it if there is
    one candidate only. With ties in the marker `pmaxstat` also subtracts for group sizes that are not candidates, and
    with few samples for sums that leap from one tail to the other. Its p is then smaller and can lie below the
    permutation p, so that it is not a bound.
    """
    whole = _whole_scores(np.asarray(scores, dtype=float))
    n, sizes = len(whole), np.asarray(n_low, dtype=int)
    if n > LARGEST_EXACT or not whole.any() or not len(sizes):
        return float("nan")
    total = int(whole.sum())
    expected = sizes / n * total
    deviation = np.sqrt(sizes * (n - sizes) / (n**2 * (n - 1)) * (n * float((whole**2).sum()) - float(total) ** 2))
    largest = np.max(np.abs(np.cumsum(whole)[sizes - 1] - expected) / deviation)
    chances = _sum_distribution(np.sort(whole))[sizes]
    sums = np.arange(total + 1)
    at_least = largest * (1 - EQUAL) if len(sizes) == 1 else largest
    beyond = np.abs(sums - expected[:, None]) / deviation[:, None] > at_least
    ordered = np.sort(whole)
    p = float(chances[0][beyond[0]].sum())
    for j in range(1, len(sizes)):
        added = sizes[j] - sizes[j - 1]
        most, least = int(ordered[n - added :].sum()), int(ordered[:added].sum())
        below = beyond[j - 1] & (sums < expected[j - 1]) & _still(beyond[j] & (sums < expected[j]), most)
        above = beyond[j - 1] & (sums > expected[j - 1]) & _still(beyond[j] & (sums > expected[j]), least)
        p += float(chances[j][beyond[j]].sum() - chances[j - 1][below | above].sum())
    return min(1.0, p)


def permutation_p(statistic: float, maxima: list[float] | np.ndarray) -> float:
    """Fraction of permutations with a maximum at least as large, the observed order counted as one of them.

    `maxima` has shape (n_permutations,). Phipson and Smyth 2010, doi:10.2202/1544-6115.1585: never 0.
    """
    maxima = np.asarray(maxima, dtype=float)
    return float((1 + np.count_nonzero(maxima >= statistic * (1 - 1e-12))) / (1 + len(maxima)))


def _whole_scores(scores: np.ndarray) -> np.ndarray:
    """Scores as integers from 0, the largest being their number; halves are doubled."""
    fraction = scores - np.floor(scores)
    if not fraction.any():
        whole = scores
    elif np.all(fraction[fraction != 0] == 0.5):
        whole = 2 * scores
    else:
        shifted = scores - scores.min()
        whole = np.round(shifted * len(scores) / shifted.max())
    result: np.ndarray = (whole - whole.min()).astype(int)
    return result


def _sum_distribution(scores: np.ndarray) -> np.ndarray:
    """P(sum = s) of a random subset of each size m, shape (n + 1, total + 1); item by item (shift algorithm)."""
    n, total = len(scores), int(scores.sum())
    chance = np.zeros((n + 1, total + 1))
    chance[0, 0] = 1.0
    reached = 0
    for j, score in enumerate(scores, start=1):
        # a subset of size m of the first j items holds item j with probability m / j
        share = np.arange(1, j + 1)[:, None] / j
        holding = chance[:j, : reached + 1] * share
        chance[1 : j + 1, : reached + 1] *= 1 - share
        chance[1 : j + 1, score : score + reached + 1] += holding
        reached += int(score)
    return chance


def _still(beyond: np.ndarray, added: int) -> np.ndarray:
    """Sums from which one is beyond even after `added`."""
    kept = np.zeros(len(beyond), dtype=bool)
    kept[: len(beyond) - added] = beyond[added:]
    return kept
