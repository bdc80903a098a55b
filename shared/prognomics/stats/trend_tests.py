"""Trend over ordered levels: Cochran-Armitage, linear-by-linear, Jonckheere-Terpstra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr


@dataclass(frozen=True)
class TrendTest:
    """A trend: its statistic, degrees of freedom (NaN for a normal statistic) and two-sided p.

    `effect` is Spearman's rho of a table, or Kendall's tau-b type share for Jonckheere: the chance that a
    sample of a higher level has the higher value, ties one half.
    """

    statistic: float
    df: float
    p_value: float
    effect: float


UNDEFINED = TrendTest(np.nan, np.nan, np.nan, np.nan)


def cochran_armitage(counts: np.ndarray) -> TrendTest:
    """Trend in proportions over ordered levels with scores 1, 2, …, as `prop.trend.test`.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (n_levels, 2)

    References
    ----------
    Armitage 1955, doi:10.2307/3001775.
    """
    correlation, n = _correlation(counts)
    if np.isnan(correlation):
        return UNDEFINED
    statistic = n * correlation**2
    return TrendTest(statistic, 1, float(chdtrc(1, statistic)), correlation)


def linear_by_linear(counts: np.ndarray) -> TrendTest:
    """Association of two ordered variables with scores 1, 2, …, as `coin::lbl_test`.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (n_levels, n_groups)

    References
    ----------
    Mantel 1963, doi:10.1080/01621459.1963.10500879.
    """
    correlation, n = _correlation(counts)
    if np.isnan(correlation):
        return UNDEFINED
    statistic = (n - 1) * correlation**2
    return TrendTest(statistic, 1, float(chdtrc(1, statistic)), correlation)


def _correlation(counts: np.ndarray) -> tuple[float, float]:
    """Pearson's correlation of the scores, and the number of samples."""
    counts = np.asarray(counts, dtype=float)
    n = counts.sum()
    rows, columns = np.arange(1.0, counts.shape[0] + 1), np.arange(1.0, counts.shape[1] + 1)
    rows = rows - (counts.sum(axis=1) @ rows) / n
    columns = columns - (counts.sum(axis=0) @ columns) / n
    spread = (counts.sum(axis=1) @ rows**2) * (counts.sum(axis=0) @ columns**2)
    return (float(rows @ counts @ columns / np.sqrt(spread)) if spread > 1e-12 * n**2 else np.nan), n


def jonckheere(samples: list[np.ndarray]) -> TrendTest:
    """Jonckheere-Terpstra test of rising values over ordered groups, two-sided, normal with ties.

    Jonckheere 1954, doi:10.1093/biomet/41.1-2.133; variance with ties as Hollander and Wolfe. `statistic` is z.

    Parameters
    ----------
    samples : list of numpy.ndarray
        In the order of the levels, none empty.
    """
    samples = [np.sort(np.asarray(sample, dtype=float)) for sample in samples]
    sizes = np.array([len(sample) for sample in samples], dtype=float)
    above = pairs = 0.0
    for i, lower in enumerate(samples):
        for higher in samples[i + 1 :]:
            below = np.searchsorted(lower, higher, "left") + np.searchsorted(lower, higher, "right")
            above += below.sum() / 2.0
            pairs += len(lower) * len(higher)
    n = sizes.sum()
    ties = np.unique(np.concatenate(samples), return_counts=True)[1].astype(float)

    def first(m: np.ndarray) -> float:
        return float((m * (m - 1) * (2 * m + 5)).sum())

    def second(m: np.ndarray) -> float:
        return float((m * (m - 1) * (m - 2)).sum())

    def third(m: np.ndarray) -> float:
        return float((m * (m - 1)).sum())

    variance = (n * (n - 1) * (2 * n + 5) - first(sizes) - first(ties)) / 72.0
    if n > 2:
        variance += second(sizes) * second(ties) / (36.0 * n * (n - 1) * (n - 2))
    if n > 1:
        variance += third(sizes) * third(ties) / (8.0 * n * (n - 1))
    if not variance > 1e-9 or len(ties) < 2:
        return UNDEFINED
    z = (above - pairs / 2.0) / np.sqrt(variance)
    return TrendTest(float(z), np.nan, float(2.0 * ndtr(-abs(z))), above / pairs)
