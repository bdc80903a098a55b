"""Association of two variables within strata: the generalized Cochran-Mantel-Haenszel tests.

The statistic is a sum over strata of products of scores; given the values in each stratum its mean and covariance
under permutation are known. Indicator scores give the test of general association, ranks van Elteren's
test and its extensions, numbers a trend. Landis, Heyman and Koch (1978), doi 10.2307/1402373; Strasser and Weber
(1999), as `coin::independence_test(x ~ y | block)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtri

from prognomics.stats.rank_tests import midranks

NOTHING = float("nan")


@dataclass(frozen=True)
class StratifiedTest:
    """Chi-square within strata, and an effect where the test has one.

    Attributes
    ----------
    statistic, df, p_value : float
        NaN where no stratum shows anything.
    effect, ci_low, ci_high : float
    strata : tuple of str
        Strata that contribute.
    """

    statistic: float
    df: float
    p_value: float
    effect: float = NOTHING
    ci_low: float = NOTHING
    ci_high: float = NOTHING
    strata: tuple[Any, ...] = ()


def permutation_test(x: np.ndarray, y: np.ndarray, strata: np.ndarray) -> StratifiedTest:
    """Quadratic form of the summed products of scores, by their permutation covariance.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n_samples, n_x) and (n_samples, n_y)
        Scores.
    strata : numpy.ndarray of str, shape (n_samples,)
    """
    away, covariance, used = 0.0, 0.0, []
    for stratum in np.unique(strata):
        at = strata == stratum
        n = int(at.sum())
        if n < 2:
            continue
        a, b = x[at] - x[at].mean(axis=0), y[at] - y[at].mean(axis=0)
        if np.abs(a).max() < 1e-12 or np.abs(b).max() < 1e-12:
            continue
        away = away + (a.T @ b).ravel()
        covariance = covariance + np.kron(a.T @ a, b.T @ b) / (n - 1)
        used.append(str(stratum))
    if not used:
        return StratifiedTest(NOTHING, NOTHING, NOTHING)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values[-1]
    statistic = float(((vectors[:, kept].T @ away) ** 2 / values[kept]).sum())
    df = int(kept.sum())
    return StratifiedTest(statistic, df, float(chdtrc(df, statistic)), strata=tuple(used))


def indicators(labels: np.ndarray) -> np.ndarray:
    """One 0/1 column a label, shape (n_samples, n_labels)."""
    result: np.ndarray = (labels[:, None] == np.unique(labels)[None, :]).astype(float)
    return result


def ranks_within(values: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Midranks over n + 1 in each stratum, shape (n_samples, 1)."""
    scores = np.empty(len(values))
    for stratum in np.unique(strata):
        at = strata == stratum
        scores[at] = midranks(values[at])[0] / (at.sum() + 1)
    return scores[:, None]


def general_association(rows: np.ndarray, columns: np.ndarray, strata: np.ndarray) -> StratifiedTest:
    """Two categorical variables, as `mantelhaen.test(correct = FALSE)`; for two by two with the common odds ratio.

    Parameters
    ----------
    rows, columns : numpy.ndarray of str, shape (n_samples,)
        The odds ratio is that of the second row label in the second column label (sorted).
    strata : numpy.ndarray of str, shape (n_samples,)
    """
    test = permutation_test(indicators(rows), indicators(columns), strata)
    if not test.strata or len(np.unique(rows)) != 2 or len(np.unique(columns)) != 2:
        return test
    return StratifiedTest(test.statistic, test.df, test.p_value, *_common_odds(rows, columns, strata), test.strata)


def _common_odds(rows: np.ndarray, columns: np.ndarray, strata: np.ndarray) -> tuple[float, float, float]:
    """Mantel and Haenszel's odds ratio with the interval of Robins, Breslow and Greenland (doi 10.2307/2531052)."""
    up, right = rows == np.unique(rows)[1], columns == np.unique(columns)[1]
    r = s = pr = ps_qr = qs = 0.0
    for stratum in np.unique(strata):
        at = strata == stratum
        n = at.sum()
        a, d = (at & up & right).sum(), (at & ~up & ~right).sum()
        b, c = (at & up & ~right).sum(), (at & ~up & right).sum()
        concordant, discordant, p = a * d / n, b * c / n, (a + d) / n
        r, s = r + concordant, s + discordant
        pr, qs = pr + p * concordant, qs + (1 - p) * discordant
        ps_qr += p * discordant + (1 - p) * concordant
    if not (r > 0 and s > 0):
        return (r / s if s > 0 else np.inf if r > 0 else NOTHING), NOTHING, NOTHING
    se = np.sqrt(pr / (2 * r**2) + ps_qr / (2 * r * s) + qs / (2 * s**2))
    reach = np.exp(float(ndtri(0.975)) * se)
    return float(r / s), float(r / s / reach), float(r / s * reach)


def rank_association(values: np.ndarray, groups: np.ndarray, strata: np.ndarray) -> StratifiedTest:
    """Numbers between groups by their ranks within strata: van Elteren's test, for three groups and more too."""
    return permutation_test(ranks_within(values, strata), indicators(groups), strata)


def spearman_within(x: np.ndarray, y: np.ndarray, strata: np.ndarray) -> StratifiedTest:
    """Spearman's correlation within strata (Taylor 1987, doi 10.2307/2531822), ranks over n + 1.

    `effect` is the correlation of the ranks after taking out each stratum's mean.
    """
    a, b = ranks_within(x, strata), ranks_within(y, strata)
    test = permutation_test(a, b, strata)
    if not test.strata:
        return test
    for stratum in np.unique(strata):
        at = strata == stratum
        a[at], b[at] = a[at] - a[at].mean(), b[at] - b[at].mean()
    rho = float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))
    return StratifiedTest(test.statistic, test.df, test.p_value, rho, strata=test.strata)


def trend_within(x: np.ndarray, y: np.ndarray, strata: np.ndarray) -> StratifiedTest:
    """Correlation of scores within strata, as `coin::lbl_test` with blocks."""
    return permutation_test(x[:, None].astype(float), y[:, None].astype(float), strata)
