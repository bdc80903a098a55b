"""Fisher's test of a table too large to sum over, by drawing tables.

Plain draws cannot tell how small a small p is. Where few of them are as improbable as the observed table, tables are
drawn from a flatter distribution instead, in which improbable ones are common, and each counts by how much less
probable it is in truth (importance sampling): every cell, given those before it, is drawn from its hypergeometric
distribution raised to a power below one. The power is chosen so that the typical table is about as improbable as the
observed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln

from prognomics.stats.fisher_sum import LOG_TOLERANCE

ENOUGH = 200
BLOCK = 2000


@dataclass(frozen=True)
class SampledP:
    """A p from drawn tables.

    Attributes
    ----------
    p_value : float
        Of plain draws (1 + as improbable) / (1 + drawn), as `fisher.test(simulate.p.value = TRUE)`.
    relative_error : float
        Standard error of `p_value` over it.
    weighted : bool
        Whether it comes from importance sampling.
    """

    p_value: float
    relative_error: float
    weighted: bool


def sampled_p(table: np.ndarray, rng: np.random.Generator, simulations: int) -> SampledP:
    """Probability of tables with these margins that are no more probable than this one, by drawing.

    Parameters
    ----------
    table : ndarray of int, shape (n_rows, n_columns)
        No empty row or column.
    rng : numpy.random.Generator
    simulations : int
        Tables to draw, and again where the plain draws tell too little.
    """
    limit = -float(gammaln(table + 1.0).sum()) + LOG_TOLERANCE
    hits = sum(int((weight <= limit).sum()) for weight, _ in _draws(table, rng, simulations, 1.0))
    if hits >= ENOUGH:
        p = (1.0 + hits) / (1.0 + simulations)
        return SampledP(p, float(np.sqrt((1.0 - p) / hits)), False)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    distance = 2.0 * (-float(gammaln(expected + 1.0).sum()) - limit)
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    power = float(np.clip(df / max(distance, df), 0.01, 1.0))
    # sums over draws are kept relative to the largest ratio, which can be far below the smallest float
    ratios = [np.where(weight <= limit, ratio, -np.inf) for weight, ratio in _draws(table, rng, simulations, power)]
    ratio = np.concatenate(ratios)
    top = ratio.max()
    if not np.isfinite(top):
        return SampledP((1.0 + hits) / (1.0 + simulations), np.nan, False)
    share = np.exp(ratio - top)
    mean = share.mean()
    error = share.std(ddof=1) / np.sqrt(len(share)) / mean
    return SampledP(float(min(1.0, np.exp(top + np.log(mean)))), float(error), True)


def _draws(table: Any, rng: Any, simulations: Any, power: Any) -> Iterator[Any]:
    """Blocks of log weights of drawn tables, with the log ratio of their true to their drawing probability."""
    # many short columns are drawn faster than few long ones
    table = table if table.shape[0] <= table.shape[1] else table.T
    factorial = gammaln(np.arange(table.sum() + 2.0) + 1.0)
    for start in range(0, simulations, BLOCK):
        block = min(BLOCK, simulations - start)
        rest = np.broadcast_to(table.sum(axis=1), (block, table.shape[0])).astype(np.int64)
        weight, ratio = np.zeros(block), np.zeros(block)
        for total in table.sum(axis=0):
            drawn, step = _column(rng, rest, int(total), power, factorial)
            weight -= factorial[drawn].sum(axis=1)
            ratio += step
            rest = rest - drawn
        yield weight, ratio


def _column(rng: Any, rest: Any, total: Any, power: Any, factorial: Any) -> Any:
    """One column of each table, row by row, with the log ratio of the draws."""
    drawn = np.zeros_like(rest)
    left, behind, ratio = np.full(len(rest), total), rest.sum(axis=1), np.zeros(len(rest))
    for row in range(rest.shape[1] - 1):
        here = rest[:, row]
        behind = behind - here
        if power == 1.0:
            drawn[:, row] = rng.hypergeometric(here, behind, left)
        else:
            drawn[:, row], step = _flattened(rng, here, behind, left, power, factorial)
            ratio += step
        left = left - drawn[:, row]
    drawn[:, -1] = left
    return drawn, ratio


def _flattened(rng: Any, here: Any, behind: Any, left: Any, power: Any, factorial: Any) -> Any:
    """Draws from hypergeometric probabilities raised to a power, and the log ratio of true to drawing probability."""
    low, high = np.maximum(0, left - behind), np.minimum(here, left)
    cells = low[:, None] + np.arange(int((high - low).max()) + 1)
    inside = cells <= high[:, None]
    cells = np.minimum(cells, high[:, None])
    log_p = -(factorial[cells] + factorial[here[:, None] - cells] + factorial[left[:, None] - cells]
              + factorial[behind[:, None] - left[:, None] + cells])  # fmt: skip
    log_p = np.where(inside, log_p, -np.inf)
    log_p -= log_p.max(axis=1, keepdims=True)
    true, flat = np.exp(log_p), np.where(inside, np.exp(power * log_p), 0.0)
    running = np.cumsum(flat, axis=1)
    at = (running < rng.random(len(here))[:, None] * running[:, -1:]).sum(axis=1)
    chosen = log_p[np.arange(len(here)), at]
    return low + at, (1.0 - power) * chosen - np.log(true.sum(axis=1)) + np.log(running[:, -1])
