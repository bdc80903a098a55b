"""The sum behind Fisher's exact test of a 2 x k table with many columns, over a network of margins.

Mehta and Patel 1983 (doi:10.1080/01621459.1983.10477989). A node is what remains of the first row after some
columns. The longest and the shortest path from a node are exact here, so a partial table goes on only as long as some
of its completions count and others do not. Partial tables of the same log weight at a node are counted together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from prognomics.stats.fisher_network import SAME
from prognomics.stats.fisher_sum import LOG_TOLERANCE, cell_weights, log_total

Array = npt.NDArray[np.float64]
MOST_GROWN = 20_000_000
"""Partial tables that may be held at a time, some 700 MB."""
MOST_STEPS = 50_000_000
"""And in all, a few seconds."""


@dataclass(frozen=True)
class _Rest:
    """What the columns from one on can add to a log weight, by the count that is left to the first row.

    Attributes
    ----------
    longest, shortest, total : numpy.ndarray, shape (row_sum + 1,)
        Largest and smallest log weight of the completions, and log of their summed weights; -inf, inf and -inf without
        a completion.
    """

    longest: Array
    shortest: Array
    total: Array


def two_rows_p(table: npt.NDArray[np.int64]) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one.

    Parameters
    ----------
    table : ndarray of int, shape (2, n_columns) or (n_rows, 2)
        No empty row or column.

    Returns
    -------
    float or None
        None when the network grows too large.
    """
    limit = -float(gammaln(table + 1.0).sum()) + LOG_TOLERANCE
    wide = table if table.shape[0] == 2 else table.T
    row = int(wide.sum(axis=1).min())
    columns = np.sort(wide.sum(axis=0))[::-1]
    rests = _rests(columns, row)
    past: dict[int, tuple[Array, Array]] = {row: (np.zeros(1), np.ones(1))}
    sure: list[float] = []
    steps = 0
    for column, rest in zip(columns, rests[1:], strict=True):
        cells = cell_weights(int(column))
        held = 0
        grown: dict[int, list[tuple[Array, Array]]] = {}
        for node, (weight, count) in past.items():
            running = np.logaddexp.accumulate(weight + np.log(count))
            for cell in range(min(int(column), node) + 1):
                left, own = node - cell, cells[cell]
                first, last = np.searchsorted(
                    weight, [limit - rest.longest[left] - own, limit - rest.shortest[left] - own], side="right"
                )
                if first and rest.total[left] > -np.inf:
                    sure.append(float(running[first - 1] + own + rest.total[left]))
                if last > first:
                    grown.setdefault(left, []).append((weight[first:last] + own, count[first:last]))
                    held += int(last - first)
            if held > MOST_GROWN or steps + held > MOST_STEPS:
                return None
        steps += held
        past = {left: _merged(parts) for left, parts in grown.items()}
    rows = np.array([row, int(columns.sum()) - row])
    return min(1.0, float(np.exp(logsumexp(sure) - log_total(rows, columns)))) if sure else 0.0


def _rests(columns: npt.NDArray[np.int64], row: int) -> list[_Rest]:
    """Of all columns, of those from the second on, ..., and of none."""
    at = np.arange(row + 1)
    nothing = np.where(at == 0, 0.0, -np.inf)
    rests = [_Rest(nothing, -nothing, nothing)]
    for i in range(len(columns) - 1, -1, -1):
        longest, shortest = np.full(row + 1, -np.inf), np.full(row + 1, np.inf)
        for cell, own in enumerate(cell_weights(int(columns[i]))[: row + 1]):
            fits = slice(0, row + 1 - cell)
            longest[cell:] = np.maximum(longest[cell:], rests[0].longest[fits] + own)
            shortest[cell:] = np.minimum(shortest[cell:], rests[0].shortest[fits] + own)
        size = int(columns[i:].sum())
        whole = np.column_stack([at, np.maximum(size - at, 0)])
        total = np.where(at <= size, log_total(whole, columns[i:]), -np.inf)
        rests.insert(0, _Rest(longest, shortest, total))
    return rests


def _merged(parts: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Partial tables of equal weight as one, by rising weight."""
    weight, count = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(weight)
    weight, count = weight[order], count[order]
    first = np.flatnonzero(np.append(True, np.diff(np.rint(weight / SAME)) != 0))
    return weight[first], np.add.reduceat(count, first)
