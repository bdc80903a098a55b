"""The max-combo test: the largest of several Fleming-Harrington tests of two groups, corrected for the choice.

Fleming-Harrington weights (0, 0), (1, 0), (0, 1), (1, 1) on the pooled Kaplan-Meier estimate of each stratum; their
statistics are jointly normal (Karrison 2016, doi 10.1177/1536867X1601600308). The
covariance of two weighted tests follows from the variances of each and of their sum.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from prognomics.errors import UsageError
from prognomics.survival.curves.logrank import LogrankTest, logrank

POWERS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
POINTS = 1 << 15
RANK, DETERMINED = 1e-10, 1e-6


def max_combo(
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    strata: np.ndarray | None = None,
    levels: tuple[Any, ...] | None = None,
    timefix: bool = True,
    entry: np.ndarray | None = None,
) -> LogrankTest:
    """Compare two groups by the largest of four weighted tests; parameters as in `logrank`.

    `chisq` is the square of the largest z, without degrees of freedom; observed and expected are those of the plain
    log-rank test; `note` gives each z.

    Raises
    ------
    UsageError
        More than two groups.
    """

    def of(powers: tuple[float, ...]) -> LogrankTest:
        return logrank(time, event, group, strata, "fleming_harrington", levels, timefix, entry, powers)

    tests = [of(powers) for powers in POWERS]
    plain = tests[0]
    if len(plain.levels) != 2:
        raise UsageError(f"the max-combo test compares two groups, not {len(plain.levels)}",
                         hint="keep two with --where, or choose other weights")  # fmt: skip
    if np.isnan(plain.chisq):
        return replace(plain, weights="max_combo")
    score = np.array([test.observed[1] - test.expected[1] for test in tests])
    covariance = np.diag([test.covariance[1, 1] for test in tests])
    for i, j in combinations(range(len(POWERS)), 2):
        both = of((*POWERS[i], *POWERS[j])).covariance[1, 1]
        covariance[i, j] = covariance[j, i] = (both - covariance[i, i] - covariance[j, j]) / 2
    used = np.flatnonzero(np.diag(covariance) > RANK * covariance[0, 0])
    size = np.sqrt(np.diag(covariance)[used])
    z = score[used] / size
    largest = float(np.abs(z).max())
    p = 1 - inside_probability(covariance[np.ix_(used, used)] / np.outer(size, size), largest)
    shown = ", ".join(f"({POWERS[k][0]:g}, {POWERS[k][1]:g}) {value:.4g}" for k, value in zip(used, z, strict=True))
    return replace(plain, chisq=largest**2, df=float("nan"), p_value=p, weights="max_combo",
                   note=f"z by powers of S and 1 - S: {shown}")  # fmt: skip


def inside_probability(correlation: np.ndarray, bound: float) -> float:
    """Probability that all of some jointly normal variables are within -bound and bound.

    Genz (1992), doi 10.1080/10618600.1992.10477010, over a fixed lattice: the same result each time, to about 1e-5.
    The correlation may be singular.
    """
    n = len(correlation)
    root = _root(correlation)
    primes = np.sqrt(np.array([2.0, 3, 5, 7, 11, 13, 17, 19])[:n])
    points = np.abs(2 * ((np.arange(1, POINTS + 1)[:, None] * primes) % 1) - 1)
    drawn = np.zeros((POINTS, n))
    probability = np.ones(POINTS)
    free = np.abs(np.diag(root)) > DETERMINED
    for i in np.flatnonzero(free):
        low, high = np.full(POINTS, -np.inf), np.full(POINTS, np.inf)
        for row in range(n):  # its own bounds, and those of variables that it and the ones before it determine
            decided = row == i or (not free[row] and np.flatnonzero(np.abs(root[row]) > DETERMINED)[-1] == i)
            if not decided:
                continue
            center = drawn[:, :i] @ root[row, :i]
            ends = np.sort(np.stack([-bound - center, bound - center]) / root[row, i], axis=0)
            low, high = np.maximum(low, ends[0]), np.minimum(high, ends[1])
        below, width = ndtr(low), np.maximum(ndtr(high) - ndtr(low), 0.0)
        probability = probability * width
        drawn[:, i] = ndtri(np.clip(below + points[:, i] * width, 1e-300, 1 - 1e-16))
    return float(probability.mean())


def _root(correlation: np.ndarray) -> np.ndarray:
    """Lower triangular root of a correlation that may be singular."""
    n = len(correlation)
    root = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            left = correlation[i, j] - root[i, :j] @ root[j, :j]
            root[i, j] = left / root[j, j] if root[j, j] > DETERMINED else 0.0
        rest = correlation[i, i] - root[i, :i] @ root[i, :i]
        root[i, i] = np.sqrt(rest) if rest > RANK else 0.0
    return root


def refuse_unsupported(cluster: object, weights: object) -> None:
    """UsageError for what the joint distribution is not derived for."""
    if cluster is not None or weights is not None:
        raise UsageError("the max-combo test has no robust variance",
                         hint="omit clusters and case weights, or choose other weights")  # fmt: skip
