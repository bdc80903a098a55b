"""Maximum of a (penalized) log likelihood with some coefficients held, and limits of the profile likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from prognomics.errors import warn
from prognomics.modeling.newton import scaled_inverse

TOLERANCE = 1e-11
MOST_STEPS = 200
LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Point:
    """A log likelihood at one beta, its gradient, the information that steps go by, and its inverse."""

    beta: np.ndarray
    value: float
    gradient: np.ndarray
    information: np.ndarray
    inverse: np.ndarray

    @classmethod
    def outside(cls, beta: np.ndarray) -> Point:
        """Where the likelihood is not defined."""
        return cls(beta, -np.inf, np.zeros(len(beta)), np.eye(len(beta)), np.eye(len(beta)))


Evaluate = Callable[[np.ndarray], Point]


def maximize(evaluate: Evaluate, start: np.ndarray, free: np.ndarray, least_gain: float = 0.0) -> Point:
    """Maximum over the free coefficients, the others held; scoring with halved steps.

    Parameters
    ----------
    evaluate : function of beta, shape (n_columns,)
    start : numpy.ndarray, shape (n_columns,)
    free : numpy.ndarray of bool, shape (n_columns,)
    least_gain : float
        Expected gain, relative to the log likelihood, of a step that is the last. Set it where steps are Newton's:
        a likelihood that rises without end has no last step otherwise.
    """
    point = evaluate(start)
    if not np.isfinite(point.value):
        point = evaluate(np.where(free, 0.0, start))
    if not free.any():
        return point
    for _ in range(MOST_STEPS):
        step = np.zeros(len(start))
        step[free] = _step(point, free)
        length = np.abs(step).max()
        if length < TOLERANCE:
            return point
        last = step @ point.gradient < least_gain * max(1.0, abs(point.value))
        step *= min(1.0, LONGEST_STEP / length)
        trial = evaluate(point.beta + step)
        while not trial.value >= point.value - 1e-13 * abs(point.value) and np.abs(step).max() > TOLERANCE:
            step /= 2
            trial = evaluate(point.beta + step)
        if np.abs(step).max() <= TOLERANCE:
            return point
        point = trial
        if last:
            return point
    warn("not-converged", f"the profile likelihood did not converge in {MOST_STEPS} steps")
    return point


def _step(point: Point, free: np.ndarray) -> np.ndarray:
    """Scoring step in the free coefficients."""
    if free.all():
        result: np.ndarray = point.inverse @ point.gradient
        return result
    inverse, _ = scaled_inverse(point.information[np.ix_(free, free)])
    result = inverse @ point.gradient[free]
    return result


def profile_limits(
    evaluate: Evaluate, best: Point, place: int, conf_level: float, least_gain: float = 0.0
) -> tuple[float, float]:
    """Limits of one coefficient: where its profile log likelihood is half a chi-square quantile below the maximum.

    Venzon and Moolgavkar (1988), doi 10.2307/2347496. Infinite where the profile does not fall so far.

    Parameters
    ----------
    evaluate, least_gain
        See `maximize`.
    best : Point
        The maximum.
    place : int
        Position of the coefficient.
    conf_level : float
    """
    drop = chdtri(1, 1 - conf_level) / 2
    error = float(np.sqrt(best.inverse[place, place]))
    low, high = (_limit(evaluate, best, place, sign * error, drop, least_gain) for sign in (-1, 1))
    return low, high


def _limit(evaluate: Evaluate, best: Point, place: int, step: float, drop: float, least_gain: float) -> float:
    """Where the profile of one coefficient has fallen by `drop`, on the side of `step` (a signed standard error).

    Newton's method on the profile, whose slope is the gradient there, held inside a bracket.
    """
    free = np.ones(len(best.beta), dtype=bool)
    free[place] = False
    target = best.value - drop

    def profile(value: float, warm: np.ndarray) -> Point:
        return maximize(evaluate, np.where(free, warm, value), free, least_gain)

    inner, value, point = best.beta[place], best.beta[place] + 1.96 * step, best
    outer = None
    for _ in range(100):
        point = profile(value, point.beta)
        off = point.value - target
        if abs(off) < 1e-11 * max(1.0, abs(target)):
            result: float = value
            return result
        if off > 0:
            inner = value
        else:
            outer = value
        slope = point.gradient[place]
        move = -off / slope if slope * step < 0 else step
        limit = 5 * abs(step)
        new = value + float(np.clip(move, -limit, limit))
        if outer is not None:
            low, high = min(inner, outer), max(inner, outer)
            if high - low < 1e-12 * max(1.0, abs(value)):
                result = value
                return result
            new = new if low < new < high else (inner + outer) / 2
        elif abs(new - best.beta[place]) > 60 * max(1.0, abs(step)):
            return float(np.copysign(np.inf, step))
        value = new
    result = value
    return result
