"""Sizes of differences on common scales, with intervals: Cohen's d, Hedges' g, AUC, eta squared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, ncfdtr, nctdtr, ndtri

from prognomics.stats.fisher_2x2 import FULL_PRECISION, brent_root

FEWEST_FOR_DELONG = 10


@dataclass(frozen=True)
class Size:
    """An effect with its limits."""

    estimate: float
    ci_low: float
    ci_high: float


UNDEFINED = Size(np.nan, np.nan, np.nan)


def cohens_d(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> Size:
    """Difference of means x - y in units of the pooled standard deviation.

    The limits are exact for normal values: the noncentralities of t that put (1 - conf_level) / 2 into a tail
    (Steiger and Fouladi 1997). NaN without spread or with fewer than three values.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    m, n = len(x), len(y)
    df = m + n - 2
    if df < 1 or not min(m, n):
        return UNDEFINED
    spread = np.sqrt((((x - x.mean()) ** 2).sum() + ((y - y.mean()) ** 2).sum()) / df)
    if not spread > 10 * np.finfo(float).eps * max(abs(x.mean()), abs(y.mean())):
        return UNDEFINED
    d, unit = float((x.mean() - y.mean()) / spread), float(np.sqrt(1.0 / m + 1.0 / n))
    tail = (1.0 - conf_level) / 2.0
    t = d / unit
    low, high = (_centrality(lambda nc, p=p: float(nctdtr(df, nc, t)) - p, t, 1.0) * unit for p in (1.0 - tail, tail))
    return Size(d, low, high)


def _centrality(falling: Callable[..., Any], start: float, step: float) -> float:
    """Where a function that falls with the noncentrality is zero; the bracket grows from `start`."""
    low = high = start
    while falling(low) < 0:
        low, step = low - step, 2.0 * step
    while falling(high) > 0:
        high, step = high + step, 2.0 * step
    return brent_root(falling, low, high, FULL_PRECISION) if low < high else start


def hedges_g(d: Size, n: int) -> Size:
    """Cohen's d freed of its bias in small samples, by the exact factor (Hedges 1981, doi 10.2307/1164588).

    Parameters
    ----------
    d : Size
    n : int
        Samples of both groups.
    """
    df = n - 2
    factor = float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)) if df > 1 else np.nan
    return Size(d.estimate * factor, d.ci_low * factor, d.ci_high * factor)


def auc_limits(x: np.ndarray, y: np.ndarray, conf_level: float = 0.95) -> tuple[float, float]:
    """DeLong's interval of the chance that x exceeds y, as `pROC::ci.auc`; NaN below ten values on a side.

    DeLong, DeLong and Clarke-Pearson (1988), doi 10.2307/2531595.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if min(len(x), len(y)) < FEWEST_FOR_DELONG:
        return np.nan, np.nan
    of_x, of_y = _share_below(x, y), 1.0 - _share_below(y, x)
    se = np.sqrt(of_x.var(ddof=1) / len(x) + of_y.var(ddof=1) / len(y))
    reach = float(ndtri(0.5 + conf_level / 2.0)) * se
    auc = of_x.mean()
    return float(max(0.0, auc - reach)), float(min(1.0, auc + reach))


def _share_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    others = np.sort(others)
    return (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / (2.0 * len(others))


def eta_squared(f: float, df: float, df_residual: float, conf_level: float = 0.95) -> Size:
    """Fraction of the variance between groups in an analysis of variance, from its F.

    Limits by the noncentral F (Steiger 2004, doi 10.1037/1082-989X.9.2.164): noncentrality over itself plus n.
    """
    if not (f >= 0 and df > 0 and df_residual > 0):
        return UNDEFINED
    tail, n = (1.0 - conf_level) / 2.0, df + df_residual + 1.0
    limits = []
    for p in (1.0 - tail, tail):
        if float(ncfdtr(df, df_residual, 0.0, f)) <= p:
            limits.append(0.0)
            continue
        centrality = _centrality(lambda nc, p=p: float(ncfdtr(df, df_residual, max(nc, 0.0), f)) - p, 0.0, df * f + 1.0)
        limits.append(centrality / (centrality + n))
    return Size(f * df / (f * df + df_residual), *limits)
