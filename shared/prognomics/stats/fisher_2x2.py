"""The 2 x 2 table given its margins: Fisher's exact p and the conditional odds ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp

RELATIVE_TOLERANCE = 1e-7
# `uniroot` stops here by default, and so do the odds ratio and the limits of `fisher.test`
R_ROOT_TOLERANCE = float(np.finfo(float).eps ** 0.25)
FULL_PRECISION = 1e-14


@dataclass(frozen=True)
class OddsRatio:
    """Conditional maximum-likelihood odds ratio of a 2 x 2 table with its exact interval."""

    estimate: float
    ci_low: float
    ci_high: float


def fisher_2x2(
    table: np.ndarray, conf_level: float = 0.95, *, root_tolerance: float = R_ROOT_TOLERANCE
) -> tuple[float, OddsRatio]:
    """Exact two-sided p and the conditional odds ratio, as `fisher.test`.

    Parameters
    ----------
    table : ndarray of int, shape (2, 2)
        No margin zero.
    conf_level : float
    root_tolerance : float
        How closely estimate and limits are solved, on the scale of the odds ratio below 1 and of its
        inverse above. The default is R's and gives R's numbers, which are good to about four
        digits (fewer for a limit in the hundreds); `FULL_PRECISION` solves the equations exactly.

    Notes
    -----
    Given the margins the first cell is hypergeometric, non-central with the odds ratio. The estimate
    makes its mean the observed count; the limits put (1 - conf_level) / 2 in a tail (Cornfield 1956).
    """
    x = int(table[0, 0])
    first, second, drawn = int(table[:, 0].sum()), int(table[:, 1].sum()), int(table[0].sum())
    support = np.arange(max(0, drawn - second), min(drawn, first) + 1)
    log_weight = -(
        gammaln(support + 1.0)
        + gammaln(first - support + 1.0)
        + gammaln(drawn - support + 1.0)
        + gammaln(second - drawn + support + 1.0)
    )
    log_weight -= logsumexp(log_weight)
    weight = np.exp(log_weight)
    observed = log_weight[x - support[0]]
    p_value = min(1.0, float(weight[log_weight <= observed + np.log1p(RELATIVE_TOLERANCE)].sum()))
    tail = (1.0 - conf_level) / 2.0

    def probabilities(odds: float) -> np.ndarray:
        if odds == 0.0:
            result: np.ndarray = (support == support[0]).astype(float)
            return result
        tilted = log_weight + np.log(odds) * support
        tilted = np.exp(tilted - tilted.max())
        result = tilted / tilted.sum()
        return result

    def mean(odds: float) -> float:
        return float((support * probabilities(odds)).sum()) - x

    def upper_tail(odds: float) -> float:
        return float(probabilities(odds)[support >= x].sum()) - tail

    def lower_tail(odds: float) -> float:
        return tail - float(probabilities(odds)[support <= x].sum())

    lowest, highest = x == support[0], x == support[-1]
    estimate = 0.0 if lowest else np.inf if highest else _solve(mean, root_tolerance)
    low = 0.0 if lowest else _solve(upper_tail, root_tolerance)
    high = np.inf if highest else _solve(lower_tail, root_tolerance)
    return p_value, OddsRatio(estimate, low, high)


def _solve(increasing: Callable[..., Any], tolerance: float) -> float:
    """Where an increasing function of the odds ratio is zero; above 1, in terms of its inverse."""
    at_one = increasing(1.0)
    if at_one == 0:
        return 1.0
    if at_one > 0:
        return brent_root(increasing, 0.0, 1.0, tolerance)
    return 1.0 / brent_root(lambda inverse: increasing(1.0 / inverse), float(np.finfo(float).eps), 1.0, tolerance)


def brent_root(f: Callable[..., Any], lower: float, upper: float, tolerance: float) -> float:
    """A root of `f` between `lower` and `upper`, where its signs differ.

    Brent's method (Algorithms for Minimization without Derivatives, 1973, chapter 4: zero), which is
    that of `uniroot`; the same tolerance gives the same iterates.
    """
    previous, best = lower, upper
    f_previous, f_best = f(previous), f(best)
    other, f_other = previous, f_previous
    eps = float(np.finfo(float).eps)
    for _ in range(1000):
        last_step = best - previous
        if abs(f_other) < abs(f_best):
            previous, best, other = best, other, best
            f_previous, f_best, f_other = f_best, f_other, f_best
        close = 2.0 * eps * abs(best) + tolerance / 2.0
        step = (other - best) / 2.0
        if abs(step) <= close or f_best == 0.0:
            break
        if abs(last_step) >= close and abs(f_previous) > abs(f_best):
            span = other - best
            ratio = f_best / f_previous
            if previous == other:
                p, q = span * ratio, 1.0 - ratio
            else:
                q, by_other = f_previous / f_other, f_best / f_other
                p = ratio * (span * q * (q - by_other) - (best - previous) * (by_other - 1.0))
                q = (q - 1.0) * (by_other - 1.0) * (ratio - 1.0)
            p, q = (p, -q) if p > 0 else (-p, q)
            if p < 0.75 * span * q - abs(close * q) / 2.0 and p < abs(last_step * q / 2.0):
                step = p / q
        if abs(step) < close:
            step = close if step > 0 else -close
        previous, f_previous = best, f_best
        best += step
        f_best = f(best)
        if (f_best > 0) == (f_other > 0):
            other, f_other = previous, f_previous
    return float(best)
