"""Power of Wald and score tests by the normal approximation: what effect, information and error rates imply."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit


def critical_value(alpha: float, sides: int = 2) -> float:
    """The z beyond which a test of one or two sides is significant."""
    return float(ndtri(1 - alpha / sides))


def needed_information(log_ratio: float, power: float, alpha: float = 0.05, sides: int = 2) -> float:
    """Information (1 / se²) that a true log ratio needs for a power; infinite for a log ratio of 0."""
    reach = critical_value(alpha, sides) + float(ndtri(power))
    return (reach / log_ratio) ** 2 if log_ratio else float("inf")


def power_of(log_ratio: float | np.ndarray, information: float | np.ndarray, alpha: float = 0.05,
             sides: int = 2) -> float | np.ndarray:  # fmt: skip
    """Power against a true log ratio; significance in the wrong direction is not counted (as Schoenfeld 1983)."""
    result: float | np.ndarray = ndtr(np.abs(log_ratio) * np.sqrt(information) - critical_value(alpha, sides))
    return result


def smallest_ratio(information: float, power: float, alpha: float = 0.05, sides: int = 2,
                   df: float = math.inf) -> float:  # fmt: skip
    """The smallest ratio above 1 that a power is reached for; its inverse is the one below 1.

    `information` of a model that was fitted is 1 / se² of the log ratio, so that the smallest hazard ratio that a
    study with a null result could have shown follows from the standard error alone. With finite `df` the test is a
    t-test, whose power is that of the noncentral t distribution (R: `pt` with `ncp`); significance in the wrong
    direction is not counted.
    """
    if not information > 0:
        return math.inf
    reach = critical_value(alpha, sides) + float(ndtri(power)) if df == math.inf else _noncentrality(
        float(stdtrit(df, 1 - alpha / sides)), power, df)  # fmt: skip
    return float(np.exp(reach / np.sqrt(information)))


def _noncentrality(critical: float, power: float, df: float) -> float:
    """The noncentrality with which t is beyond a critical value with this probability."""
    low, high = 0.0, 2.0 * critical + 10.0
    while nctdtr(df, high, critical) > 1 - power:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if nctdtr(df, middle, critical) > 1 - power else (low, middle)
    return (low + high) / 2
