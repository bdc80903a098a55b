"""Rank tests: Mann-Whitney with its exact distributions, van Elteren, Kruskal-Wallis, Dunn, Spearman."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, comb, ndtr, ndtri, stdtr

EXACT_BELOW = 50
EXACT_P_BELOW = 10
LARGEST_EXACT_WORK = 1.5e9
MOST_PAIRS = 20_000_000


@dataclass(frozen=True)
class MannWhitney:
    """Two samples compared by ranks.

    Attributes
    ----------
    u : float
        Pairs with x above y, ties one half (scipy's statistic for (x, y), R's W).
    p_value : float
        Two-sided, as `wilcox.test`: exact when both samples are below 50 and free of ties,
        else normal with continuity correction and tie-corrected variance.
    p_exact : float
        Exact two-sided p given the ties (NaN if not requested or too large to compute).
    exact : bool
        Whether `p_value` is the exact one.
    auc : float
        u / (n_x n_y), the chance that x exceeds y.
    shift, shift_low, shift_high : float
        Hodges-Lehmann estimate of x - y with its interval.
    """

    u: float
    p_value: float
    p_exact: float
    exact: bool
    auc: float
    shift: float
    shift_low: float
    shift_high: float


def midranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks with ties averaged, and the sizes of the groups of equal values."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[inverse.ravel()], counts


def share_above(x: np.ndarray, y: np.ndarray) -> float:
    """The chance that a value of x exceeds one of y, equal ones by half: U over the number of pairs."""
    ordered = np.sort(y)
    return float(np.mean(np.searchsorted(ordered, x, "left") + np.searchsorted(ordered, x, "right")) / (2 * len(y)))


def mann_whitney(x: np.ndarray, y: np.ndarray, *, exact_p: bool, conf_level: float = 0.95) -> MannWhitney:
    """Mann-Whitney test with the Hodges-Lehmann shift, two-sided.

    Parameters
    ----------
    x, y : ndarray, shape (n_x,) and (n_y,)
        Without NaN, at least one value each.
    exact_p : bool
        Compute `p_exact` too.
    conf_level : float

    Returns
    -------
    MannWhitney

    Notes
    -----
    Without ties `p_exact` doubles the smaller tail, which by symmetry is also the probability
    of a U at least as far from its mean. With ties it is that probability under the permutation
    distribution given the midranks (shift algorithm, Streitberg and Roehmel 1986), as
    `coin::wilcox_test(distribution = "exact")`. The interval of the shift inverts the test that
    gave `p_value` (Bauer 1972, doi:10.1080/01621459.1972.10481279), as
    `wilcox.test(conf.int = TRUE)`, whose normal-theory limits R finds only to 1e-4.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    m, n = len(x), len(y)
    ranks, counts = midranks(np.concatenate([x, y]))
    u = float(ranks[:m].sum() - m * (m + 1) / 2.0)
    tied = bool((counts > 1).any())
    exact = m < EXACT_BELOW and n < EXACT_BELOW and not tied
    p_exact = np.nan
    if exact or (exact_p and not tied):
        p_exact = _exact_untied(u, m, n)
    elif exact_p:
        p_exact = _exact_tied(ranks, m)
    p_value = p_exact if exact else _normal_p(u, m, n, counts)
    shift = _hodges_lehmann(x, y, exact, conf_level)
    return MannWhitney(u, p_value, p_exact if exact_p else np.nan, exact, u / (m * n), *shift)


def _sigma(m: int, n: int, counts: np.ndarray) -> float:
    total = m + n
    ties = float((counts.astype(float) ** 3 - counts).sum())
    return np.sqrt(m * n / 12.0 * (total + 1 - ties / (total * (total - 1)))) if total > 1 else 0.0


def _normal_p(u: float, m: int, n: int, counts: np.ndarray) -> float:
    away = abs(u - m * n / 2.0)
    sigma = _sigma(m, n, counts)
    if sigma == 0:
        return np.nan
    return min(1.0, float(2.0 * ndtr(-max(away - 0.5, 0.0) / sigma)))


def u_counts(m: int, n: int, largest: int) -> np.ndarray:
    """How many arrangements of m and n untied values give U = 0, 1, …, `largest` (Python integers).

    The coefficients of the Gaussian binomial, built up factor by factor:
    [n+i choose i] = [n+i-1 choose i-1] (1 - q^(n+i)) / (1 - q^i).
    """
    m, n = min(m, n), max(m, n)
    # floats only where integers would be slow; there the terms stay far from each other's rounding
    counts = np.zeros(largest + 1, dtype=object if m * (largest + 1) < 3_000_000 else float)
    counts[0] = 1
    for i in range(1, m + 1):
        if n + i <= largest:
            counts[n + i :] = counts[n + i :] - counts[: -(n + i)]
        for start in range(min(i, largest + 1)):
            counts[start::i] = np.cumsum(counts[start::i])
    return counts


def _exact_untied(u: float, m: int, n: int) -> float:
    tail = min(u, m * n - u)
    if min(m, n) * tail > 4e7:
        return np.nan
    count = u_counts(m, n, int(tail)).sum()
    return min(1.0, 2.0 * float(count / comb(m + n, m, exact=True)))


def _exact_tied(ranks: Any, m: Any) -> Any:
    """P(|W - E| >= |w - E|) over all choices of m of the midranks, in doubled ranks."""
    doubled = np.rint(2.0 * ranks).astype(np.int64)
    observed = int(doubled[:m].sum())
    total = len(doubled)
    if m > total - m:
        m, observed = total - m, int(doubled.sum()) - observed
    doubled = np.sort(doubled)
    least = int(doubled[:m].sum())
    # counting from the smallest rank keeps the sums, and so the table, short
    steps, width = doubled - doubled[0], int(doubled[-m:].sum()) - m * int(doubled[0]) + 1
    if float(total) * m * width > LARGEST_EXACT_WORK or least == int(doubled[-m:].sum()):
        return np.nan
    ways = np.zeros((m + 1, width))
    ways[0, 0] = 1.0
    for used, step in enumerate(steps, start=1):
        reach = min(width, int(steps[max(0, used - m) : used].sum()) + 1)
        added = ways[:-1, : reach - step].copy()
        ways[1:, step:reach] += added
    sums = np.arange(width) + m * int(doubled[0])
    mean2 = m * int(doubled.sum())
    far = np.abs(total * sums - mean2) >= abs(total * observed - mean2)
    return min(1.0, float(ways[m, far].sum() / ways[m].sum()))


def _hodges_lehmann(x: np.ndarray, y: np.ndarray, exact: bool, conf_level: float) -> tuple[float, float, float]:
    m, n = len(x), len(y)
    pairs = m * n
    if pairs > MOST_PAIRS:
        return np.nan, np.nan, np.nan
    differences = (x[:, None] - y[None, :]).ravel()
    if exact:
        lowest = _lowest_order(m, n, (1.0 - conf_level) / 2.0)
        at = np.array([lowest - 1, pairs - lowest])
    else:
        counts = np.concatenate([np.unique(x, return_counts=True)[1], np.unique(y, return_counts=True)[1]])
        # the test accepts a shift d while #(x - y > d) is within z sigma + 1/2 of half the pairs
        reach = float(ndtri(0.5 + conf_level / 2.0)) * _sigma(m, n, counts) + 0.5
        lowest = int(np.ceil(pairs / 2.0 - reach))
        at = np.array([max(lowest, 1) - 1, pairs - max(lowest, 1)])
    middle = np.array([(pairs - 1) // 2, pairs // 2])
    ordered = np.partition(differences, np.unique(np.concatenate([at, middle])))
    return float(ordered[middle].mean()), float(ordered[at[0]]), float(ordered[at[1]])


def _lowest_order(m: int, n: int, tail: float) -> int:
    """R's `qwilcox(tail, m, n)`, at least 1."""
    below = np.cumsum(u_counts(m, n, m * n // 2))
    share = np.array([float(b) for b in below]) / float(comb(m + n, m, exact=True))
    return max(1, int(np.searchsorted(share, tail * (1 - 1e-14), side="left")))


@dataclass(frozen=True)
class RankTest:
    """A statistic with its degrees of freedom (NaN for a normal one), p-value and effect."""

    statistic: float
    df: float
    p_value: float
    effect: float


def van_elteren(x: np.ndarray, y: np.ndarray, x_strata: np.ndarray, y_strata: np.ndarray) -> RankTest:
    """Mann-Whitney stratified: within-stratum rank sums weighted by 1 / (N_k + 1).

    Parameters
    ----------
    x, y : ndarray
        The two samples.
    x_strata, y_strata : ndarray
        Their strata; strata that hold one sample only contribute nothing.

    Returns
    -------
    RankTest
        `statistic` is z (no continuity correction), `effect` the weighted mean of the
        within-stratum chances that x exceeds y.

    References
    ----------
    van Elteren 1960. Equals `coin::independence_test` on within-block ranks / (N_k + 1).
    """
    away = variance = chance = weights = 0.0
    for stratum in np.intersect1d(x_strata, y_strata):
        a, b = x[x_strata == stratum], y[y_strata == stratum]
        m, n = len(a), len(b)
        ranks, counts = midranks(np.concatenate([a, b]))
        u, weight = ranks[:m].sum() - m * (m + 1) / 2.0, 1.0 / (m + n + 1)
        away += weight * (u - m * n / 2.0)
        variance += (weight * _sigma(m, n, counts)) ** 2
        chance += weight * u
        weights += weight * m * n
    z = away / np.sqrt(variance) if variance > 0 else np.nan
    return RankTest(z, np.nan, float(2.0 * ndtr(-abs(z))), chance / weights if weights else np.nan)


def kruskal_wallis(samples: list[np.ndarray]) -> RankTest:
    """Kruskal-Wallis test with tie correction, as `kruskal.test`; `effect` is epsilon squared.

    Parameters
    ----------
    samples : list of ndarray
        Two or more groups, none empty. NaN results when all values are equal.

    References
    ----------
    Kruskal and Wallis 1952, doi:10.1080/01621459.1952.10483441.
    """
    sizes = np.array([len(s) for s in samples])
    ranks, counts = midranks(np.concatenate(samples))
    total = len(ranks)
    sums = np.add.reduceat(ranks, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    ties = float((counts.astype(float) ** 3 - counts).sum())
    spread = 1.0 - ties / (float(total) ** 3 - total)
    if spread <= 0:
        return RankTest(np.nan, len(samples) - 1, np.nan, np.nan)
    h = (12.0 / (total * (total + 1)) * float((sums**2 / sizes).sum()) - 3.0 * (total + 1)) / spread
    return RankTest(h, len(samples) - 1, float(chdtrc(len(samples) - 1, h)), h / (total - 1))


def dunn(samples: list[np.ndarray], i: int, j: int) -> RankTest:
    """Dunn's comparison of group i with group j on the ranks of all groups.

    `statistic` is z, positive when group i ranks higher; `effect` the difference of mean ranks.
    Dunn 1964, doi:10.1080/00401706.1964.10490181, with the tie correction; p two-sided.
    """
    ranks, counts = midranks(np.concatenate(samples))
    total = len(ranks)
    parts = np.split(ranks, np.cumsum([len(s) for s in samples])[:-1])
    ties = float((counts.astype(float) ** 3 - counts).sum())
    variance = total * (total + 1) / 12.0 - ties / (12.0 * (total - 1))
    away = float(parts[i].mean() - parts[j].mean())
    se = np.sqrt(variance * (1.0 / len(parts[i]) + 1.0 / len(parts[j])))
    z = away / se if se > 0 else np.nan
    return RankTest(z, np.nan, float(2.0 * ndtr(-abs(z))), away)


@dataclass(frozen=True)
class Spearman:
    """Spearman's correlation with R's S statistic, p-value and interval."""

    rho: float
    s: float
    df: float
    p_value: float
    ci_low: float
    ci_high: float


def spearman(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> Spearman:
    """Spearman's rank correlation, as `cor.test(method = "spearman", exact = FALSE)`.

    p from Student's t with n - 2 degrees of freedom; S = (n³ - n)(1 - rho) / 6. The interval
    (which R does not give) is Fisher's z with the variance (1 + rho²/2) / (n - 3) of Bonett and
    Wright 2000, doi:10.1007/BF02294183. NaN with fewer than three pairs or a constant variable.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = len(x)
    rx, ry = midranks(x)[0], midranks(y)[0]
    rx, ry = rx - rx.mean(), ry - ry.mean()
    scale = np.sqrt((rx @ rx) * (ry @ ry)) if n > 2 else 0.0
    if scale == 0:
        return Spearman(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan)
    rho = float(np.clip(rx @ ry / scale, -1.0, 1.0))
    s = (float(n) ** 3 - n) * (1.0 - rho) / 6.0
    t = rho * np.sqrt((n - 2) / (1.0 - rho**2)) if abs(rho) < 1 else np.inf
    p = float(2.0 * stdtr(n - 2, -abs(t)))
    if n > 3 and abs(rho) < 1:
        reach = float(ndtri(0.5 + conf_level / 2.0)) * np.sqrt((1.0 + rho**2 / 2.0) / (n - 3))
        low, high = np.tanh(np.arctanh(rho) - reach), np.tanh(np.arctanh(rho) + reach)
    else:
        low = high = np.nan
    return Spearman(rho, s, n - 2, p, float(low), float(high))
