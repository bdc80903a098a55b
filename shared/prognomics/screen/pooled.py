"""Effects of many genes in several cohorts, pooled gene by gene with random effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

BISECTIONS = 80


@dataclass(frozen=True)
class PooledScreen:
    """A pooled effect a gene, arrays of shape (n_genes,); NaN below two cohorts with an estimate.

    Attributes
    ----------
    effect, se, ci_low, ci_high, p_value : numpy.ndarray
        On the log scale.
    statistic : numpy.ndarray
        t, or z where Hartung and Knapp's interval would be narrower than the fixed one.
    n_cohorts : numpy.ndarray of int
    tau2, i2, q_p : numpy.ndarray
        Variance between cohorts, its fraction of all variance in percent, Cochran's test.
    """

    effect: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    n_cohorts: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    q_p: np.ndarray


def pool_genes(effects: np.ndarray, se: np.ndarray) -> PooledScreen:
    """Random-effects meta-analysis of each gene.

    Parameters
    ----------
    effects, se : numpy.ndarray, shape (n_genes, n_cohorts)
        NaN where a cohort has no estimate.

    Returns
    -------
    PooledScreen

    Notes
    -----
    Restricted maximum likelihood with Hartung and Knapp's standard error, never narrower than the fixed effect: as
    `survival.meta_analysis.pool` and `metafor::rma(method = "REML", test = "knha")`.
    """
    known = np.isfinite(effects) & np.isfinite(se) & (se > 0)
    k = known.sum(axis=1)
    enough = k >= 2
    y, variance = np.where(known, effects, 0.0), np.where(known, se, 1.0) ** 2
    fixed = known / variance
    with np.errstate(invalid="ignore", divide="ignore"):
        total = fixed.sum(axis=1)
        middle = (fixed * y).sum(axis=1) / total
        q = (fixed * (y - middle[:, None]) ** 2).sum(axis=1)
        typical = (k - 1) * total / (total**2 - (fixed**2).sum(axis=1))
        tau2 = _reml(y, variance, known)
        weight = known / (variance + tau2[:, None])
        effect = (weight * y).sum(axis=1) / weight.sum(axis=1)
        wald = 1 / np.sqrt(weight.sum(axis=1))
        spread = (weight * (y - effect[:, None]) ** 2).sum(axis=1) / (k - 1)
        knapped = np.sqrt(spread) * wald
        t, z, fixed_se = stdtrit(np.maximum(k - 1, 1), 0.975), ndtri(0.975), 1 / np.sqrt(total)
        widened = t * knapped < z * fixed_se
        error = np.where(widened, fixed_se, knapped)
        reach = np.where(widened, z, t) * error
        statistic = effect / error
        p = 2 * np.where(widened, ndtr(-abs(statistic)), stdtr(np.maximum(k - 1, 1), -abs(statistic)))
    parts = (effect, error, effect - reach, effect + reach, statistic, p)
    rest = (tau2, 100 * tau2 / (tau2 + typical), chdtrc(np.maximum(k - 1, 1), q))
    blank = [np.where(enough, part, np.nan) for part in (*parts, *rest)]
    columns: list[Any] = [*blank[:6], k, *blank[6:]]
    return PooledScreen(*columns)


def _reml(y: np.ndarray, variance: np.ndarray, known: np.ndarray) -> np.ndarray:
    """tau² of each gene: the highest root of the restricted likelihood's slope on a grid, bisected."""
    smallest = np.where(known, variance, np.inf).min(axis=1)
    largest = np.where(known, variance, 0.0).max(axis=1)
    span = np.where(known, y, -np.inf).max(axis=1) - np.where(known, y, np.inf).min(axis=1)
    top = 10 * (np.maximum(span, 0.0) ** 2 + largest)
    base = 1e-8 * np.minimum(smallest, top)
    tau2 = np.zeros(len(y))
    usable = np.flatnonzero(known.sum(axis=1) >= 2)
    y, variance, known = y[usable], variance[usable], known[usable]
    best, height = np.zeros(len(usable)), _height(np.zeros(len(usable)), y, variance, known)
    grid = [np.zeros(len(usable))]
    grid += [base[usable] * (top[usable] / base[usable]) ** (i / 59) for i in range(60)]
    before = _slope(grid[0], y, variance, known)
    for low, high in zip(grid[:-1], grid[1:], strict=True):
        after = _slope(high, y, variance, known)
        falls = np.flatnonzero((before > 0) & (after <= 0))
        if len(falls):
            part = (y[falls], variance[falls], known[falls])
            root = _bisect(low[falls], high[falls], *part)
            at = _height(root, *part)
            better = at > height[falls]
            best[falls[better]], height[falls[better]] = root[better], at[better]
        before = after
    tau2[usable] = best
    return tau2


def _bisect(low: np.ndarray, high: np.ndarray, *part: Any) -> np.ndarray:
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        rising = _slope(middle, *part) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    result: np.ndarray = 0.5 * (low + high)
    return result


def _residual(
    tau2: np.ndarray, y: np.ndarray, variance: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weight = known / (variance + tau2[:, None])
    total = weight.sum(axis=1)
    return weight, total, y - ((weight * y).sum(axis=1) / total)[:, None]


def _slope(tau2: np.ndarray, y: np.ndarray, variance: np.ndarray, known: np.ndarray) -> np.ndarray:
    weight, total, residual = _residual(tau2, y, variance, known)
    result: np.ndarray = (weight**2 * residual**2).sum(axis=1) - total + (weight**2).sum(axis=1) / total
    return result


def _height(tau2: np.ndarray, y: np.ndarray, variance: np.ndarray, known: np.ndarray) -> np.ndarray:
    weight, total, residual = _residual(tau2, y, variance, known)
    logs = np.log(np.where(known, weight, 1.0)).sum(axis=1)
    result: np.ndarray = 0.5 * (logs - np.log(total) - (weight * residual**2).sum(axis=1))
    return result
