"""The sum behind Fisher's exact test of an r x c table, column by column over a network of margins.

Mehta and Patel 1983 (doi:10.1080/01621459.1983.10477989): a node is what remains of the row margins
after some columns, in order of size, since the rest of the sum does not depend on which row is
which. Partial tables that reach a node with the same log weight are counted together. At a node,
bounds of what the remaining columns can add tell partial tables all of whose completions count
(their sum is known in closed form) or none does; only the others go on. Many small cells, where
listing half tables (:mod:`prognomics.stats.fisher_sum`) is too long, are quick here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp

from prognomics.stats.fisher_sum import LOG_TOLERANCE, column_ways, likeliest, log_total

MOST_STEPS = 8_000_000
MOST_NODES = 20_000
# partial weights that agree to this many units are counted together; far below the tolerance of the test
SAME = 2.0**-30


def network_p(table: np.ndarray) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one.

    Parameters
    ----------
    table : ndarray of int, shape (n_rows, n_columns)
        At least 3 x 3, no empty row or column.

    Returns
    -------
    float or None
        None when the network grows too large.
    """
    limit = -float(gammaln(table + 1.0).sum()) + LOG_TOLERANCE
    # nodes are vectors of row margins: the shorter side keeps them few
    table = table if table.shape[0] <= table.shape[1] else table.T
    columns = np.sort(table.sum(axis=0))[::-1].copy()
    rows = np.sort(table.sum(axis=1))
    if len(rows) * np.log2(rows[-1] + 1.0) > 62:
        return None
    nodes, past = rows[None, :], [(np.zeros(1), np.ones(1))]
    sure: list[float] = []
    steps = 0
    for at in range(len(columns) - 2):
        grown = []
        for node, (weight, count) in zip(nodes, past, strict=True):
            ways = column_ways(int(columns[at]), node[:-1], int(node[-1]))
            if ways is None:
                return None
            steps += len(ways[0]) * len(weight)
            if steps > MOST_STEPS:
                return None
            grown.append(_step(node, weight, count, ways, int(columns[at])))
        nodes, past = _merge(grown, rows)
        nodes, past = _decide(nodes, past, columns[at + 1 :], limit, sure)
        if len(nodes) > MOST_NODES:
            return None
    for node, (weight, count) in zip(nodes, past, strict=True):
        steps += len(weight)
        sure.append(_last_two(node, weight, count, columns[-2:], limit))
    if not sure:
        return 0.0
    return min(1.0, float(np.exp(logsumexp(sure) - log_total(rows, columns))))


def _step(node: Any, weight: Any, count: Any, ways: Any, column: Any) -> Any:
    """Where each way to fill a column leads from a node, with the weights and counts of what comes along."""
    cells = np.column_stack([ways[0], column - ways[0].sum(axis=1)])
    reached = np.sort(node - cells, axis=1)
    return (np.repeat(reached, len(weight), axis=0), (ways[1][:, None] + weight).ravel(), np.tile(count, len(reached)))


def _merge(grown: Any, rows: Any) -> Any:
    """Count together what reaches the same node with the same weight."""
    reached, weight, count = (np.concatenate(part) for part in zip(*grown, strict=True))
    place = np.concatenate([[1], np.cumprod(np.full(len(rows) - 1, int(rows[-1]) + 1, dtype=np.int64))])
    key, unit = reached @ place, np.rint(weight / SAME).astype(np.int64)
    order = np.lexsort((unit, key))
    key, unit = key[order], unit[order]
    first = np.flatnonzero(np.r_[True, (np.diff(key) != 0) | (np.diff(unit) != 0)])
    weight, count = weight[order][first], np.add.reduceat(count[order], first)
    nodes = np.flatnonzero(np.r_[True, np.diff(key[first]) != 0])
    bounds = np.append(nodes, len(first))
    past = [(weight[a:b], count[a:b]) for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
    return reached[order][first][nodes], past


def _decide(nodes: Any, past: Any, columns: Any, limit: Any, sure: Any) -> Any:
    """Settle what all or none of the completions of a partial table decide; keep the rest."""
    top, total = likeliest(nodes, columns), log_total(nodes, columns)
    # no table has more probable cells than one that fills a row, or a column, with a single cell
    bottom = -np.minimum(gammaln(nodes + 1.0).sum(axis=1), gammaln(columns + 1.0).sum())
    kept_nodes, kept = [], []
    for i, (weight, count) in enumerate(past):
        all_count = weight + top[i] <= limit
        if all_count.any():
            sure.append(float(logsumexp(weight[all_count], b=count[all_count])) + total[i])
        on = ~all_count & (weight + bottom[i] <= limit)
        if on.any():
            kept_nodes.append(nodes[i])
            kept.append((weight[on], count[on]))
    return (np.array(kept_nodes) if kept_nodes else nodes[:0]), kept


def _last_two(node: Any, weight: Any, count: Any, columns: Any, limit: Any) -> Any:
    """Log of the weight of all tables through a node with two columns left that count."""
    cells, first = column_ways(int(columns[0]), node[:-1], int(node[-1]))
    whole = np.column_stack([cells, columns[0] - cells.sum(axis=1)])
    ends = np.sort(first - gammaln(node - whole + 1.0).sum(axis=1))
    best, top = weight.max(), ends[-1]
    running = np.concatenate([[0.0], np.cumsum(np.exp(ends - top))])
    taken = float((count * np.exp(weight - best)) @ running[np.searchsorted(ends, limit - weight, side="right")])
    return float(np.log(taken)) + best + top if taken > 0 else -np.inf
