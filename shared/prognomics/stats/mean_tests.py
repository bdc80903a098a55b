"""Tests of means: Welch, Student, classic and Welch's analysis of variance, and a difference within cohorts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit


@dataclass(frozen=True)
class MeanTest:
    """A t or F statistic; for two samples the difference of means x - y with its interval."""

    statistic: float
    df: float
    p_value: float
    difference: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    df_residual: float = np.nan


UNDEFINED = MeanTest(np.nan, np.nan, np.nan)


def _from_difference(difference: float, se: float, df: float, conf_level: float) -> MeanTest:
    # R calls data essentially constant where the error drowns in rounding
    if not (df > 0 and se > 0):
        return MeanTest(np.nan, np.nan, np.nan, difference)
    t = difference / se
    reach = float(stdtrit(df, 0.5 + conf_level / 2.0)) * se
    return MeanTest(t, df, float(2.0 * stdtr(df, -abs(t))), difference, difference - reach, difference + reach)


def welch_t(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> MeanTest:
    """Welch's t-test (Welch 1947, doi:10.1093/biomet/34.1-2.28), as `t.test`; NaN with one value or no spread."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    m, n = len(x), len(y)
    difference = float(x.mean() - y.mean())
    if min(m, n) < 2:
        return MeanTest(np.nan, np.nan, np.nan, difference)
    vx, vy = x.var(ddof=1) / m, y.var(ddof=1) / n
    se = np.sqrt(vx + vy)
    if se <= 10 * np.finfo(float).eps * max(abs(x.mean()), abs(y.mean())):
        return MeanTest(np.nan, np.nan, np.nan, difference)
    df = (vx + vy) ** 2 / (vx**2 / (m - 1) + vy**2 / (n - 1))
    return _from_difference(difference, float(se), float(df), conf_level)


def student_t(
    x: np.ndarray, y: np.ndarray, conf_level: float = 0.95, *, residual: tuple[float, float] | None = None
) -> MeanTest:
    """Student's t-test with one variance, as `t.test(var.equal = TRUE)`.

    Parameters
    ----------
    x, y : ndarray
    conf_level : float
    residual : tuple of (variance, df), optional
        A variance from more groups than these two, as `pairwise.t.test(pool.sd = TRUE)`.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    m, n = len(x), len(y)
    difference = float(x.mean() - y.mean())
    if residual is None:
        if m + n < 3:
            return MeanTest(np.nan, np.nan, np.nan, difference)
        residual = _residual([x, y])
    variance, df = residual
    se = np.sqrt(variance * (1.0 / m + 1.0 / n))
    if not se > 10 * np.finfo(float).eps * max(abs(x.mean()), abs(y.mean())):
        return MeanTest(np.nan, np.nan, np.nan, difference)
    return _from_difference(difference, float(se), float(df), conf_level)


def _residual(samples: list[np.ndarray]) -> tuple[float, int]:
    df = sum(len(s) for s in samples) - len(samples)
    squares = sum(float(((s - s.mean()) ** 2).sum()) for s in samples)
    return (squares / df if df > 0 else np.nan), df


def pooled_variance(samples: list[np.ndarray]) -> tuple[float, float]:
    """Within-group variance of all groups and its degrees of freedom."""
    return _residual([np.asarray(s, dtype=float) for s in samples])


def anova(samples: list[np.ndarray]) -> MeanTest:
    """One-way analysis of variance, as `oneway.test(var.equal = TRUE)`; `df` between, `df_residual` within."""
    samples = [np.asarray(s, dtype=float) for s in samples]
    k = len(samples)
    variance, df = _residual(samples)
    if df <= 0 or not variance > 0:
        return UNDEFINED
    grand = np.concatenate(samples).mean()
    between = sum(len(s) * (s.mean() - grand) ** 2 for s in samples) / (k - 1)
    f = float(between / variance)
    return MeanTest(f, k - 1, float(fdtrc(k - 1, df, f)), df_residual=df)


def welch_anova(samples: list[np.ndarray]) -> MeanTest:
    """Welch's analysis of variance (1951, doi:10.1093/biomet/38.3-4.330), as `oneway.test`."""
    samples = [np.asarray(s, dtype=float) for s in samples]
    sizes = np.array([len(s) for s in samples], dtype=float)
    if sizes.min() < 2:
        return UNDEFINED
    variances = np.array([s.var(ddof=1) for s in samples])
    if not (variances > 0).all():
        return UNDEFINED
    k, weights = len(samples), sizes / variances
    means = np.array([s.mean() for s in samples])
    total = weights.sum()
    spread = float(((1.0 - weights / total) ** 2 / (sizes - 1)).sum()) / (k * k - 1)
    between = float((weights * (means - (weights * means).sum() / total) ** 2).sum()) / (k - 1)
    f, df = between / (1.0 + 2.0 * (k - 2) * spread), 1.0 / (3.0 * spread)
    return MeanTest(f, k - 1, float(fdtrc(k - 1, df, f)), df_residual=df)


def difference_within(
    x: np.ndarray, y: np.ndarray, x_strata: np.ndarray, y_strata: np.ndarray, conf_level: float = 0.95
) -> MeanTest:
    """Difference of means adjusted for strata, as the group's coefficient in `lm(value ~ group + stratum)`.

    Strata that hold one of the samples only are excluded.
    """
    strata = np.intersect1d(x_strata, y_strata)
    keep_x, keep_y = np.isin(x_strata, strata), np.isin(y_strata, strata)
    values = np.concatenate([x[keep_x], y[keep_y]])
    labels = np.concatenate([x_strata[keep_x], y_strata[keep_y]])
    member = np.concatenate([np.ones(keep_x.sum()), np.zeros(keep_y.sum())])
    for stratum in strata:
        inside = labels == stratum
        values[inside] -= values[inside].mean()
        member[inside] -= member[inside].mean()
    df, weight = len(values) - len(strata) - 1, float(member @ member)
    if weight == 0:
        return UNDEFINED
    difference = float(member @ values) / weight
    if df <= 0:
        return MeanTest(np.nan, np.nan, np.nan, difference)
    variance = float(((values - difference * member) ** 2).sum()) / df
    return _from_difference(difference, float(np.sqrt(variance / weight)), df, conf_level)


def anova_within(values: np.ndarray, groups: np.ndarray, strata: np.ndarray) -> tuple[MeanTest, int]:
    """The groups' F given the strata, as `anova(lm(value ~ stratum), lm(value ~ stratum + group))`.

    Strata that hold one group only are excluded.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples,)
    groups, strata : ndarray, shape (n_samples,)

    Returns
    -------
    MeanTest
        NaN without a stratum that holds two groups, or without spread.
    int
        Strata that contribute.
    """
    both = [stratum for stratum in np.unique(strata) if len(np.unique(groups[strata == stratum])) > 1]
    if not both:
        return UNDEFINED, 0
    keep = np.isin(strata, both)
    values, groups, strata = values[keep].astype(float), groups[keep], strata[keep]
    member = (groups[:, None] == np.unique(groups)[None, :]).astype(float)
    for stratum in both:
        at = strata == stratum
        values[at] -= values[at].mean()
        member[at] -= member[at].mean(axis=0)
    fitted, _, rank, _ = np.linalg.lstsq(member, values, rcond=1e-10)
    total, explained = float(values @ values), float(((member @ fitted) ** 2).sum())
    df, df_residual = int(rank), len(values) - len(both) - int(rank)
    if df_residual <= 0 or not total - explained > 1e-12 * total:
        return UNDEFINED, len(both)
    f = explained / df / ((total - explained) / df_residual)
    return MeanTest(f, df, float(fdtrc(df, df_residual, f)), df_residual=df_residual), len(both)
