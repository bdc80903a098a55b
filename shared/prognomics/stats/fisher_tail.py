"""The sum behind Fisher's exact test of an r x c table, by the compiled loop.

The margins of the table are known once two pairs of columns are set aside: a pair whose row sums are known has one free
column. All ways to fill it are listed with rising weights, and for each choice of the columns between the two lists are
matched by one sweep (`shared/native/fisher_tail.c`). Nothing is approximated.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import gammaln

from prognomics.compiled import compiled_loops
from prognomics.stats.fisher_sum import LOG_TOLERANCE, count_by_sum, log_total

MOST_STEPS = 1.0e9
"""About two seconds."""
MOST_COST = 1e13
"""Steps without any shortcut beyond which the sum is not tried."""
MOST_ROWS, MOST_COLUMNS = 8, 12
LEAST_COLUMNS = 4
MOST_SAMPLES = 1 << 20
BITS = 62


def tail_p(table: np.ndarray) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one.

    Parameters
    ----------
    table : ndarray of int, shape (n_rows, n_columns)
        At least 3 x 3, no empty row or column.

    Returns
    -------
    float or None
        None when the sum is too long, or the loops were not compiled.
    """
    table = table if table.shape[0] <= table.shape[1] else table.T
    n_rows, n_columns = table.shape
    loops = compiled_loops()
    fits = n_rows <= MOST_ROWS and n_columns <= MOST_COLUMNS and table.sum() < MOST_SAMPLES
    if loops is None or not fits or (n_rows - 1) * np.log2(table.sum() + 1.0) > BITS:
        return None
    rows = np.sort(table.sum(axis=1)).astype(np.int64)
    columns, cost = _arranged(rows, table.sum(axis=0))
    if cost > MOST_COST:
        return None
    limit = -float(gammaln(table + 1.0).sum()) + LOG_TOLERANCE
    found = loops.fisher_tail(rows, columns, limit, MOST_STEPS)
    if found is None:
        return None
    return min(1.0, float(np.exp(np.log(found) + limit - log_total(rows, columns))))


def _arranged(rows: Any, columns: Any) -> Any:
    """The columns in the order with the shortest lists: a pair, those between, a pair; and their cost."""
    columns = [*map(int, columns), *[0] * (LEAST_COLUMNS - len(columns))]
    ways = {total: float(count_by_sum(rows, total)[total]) for total in {*columns, *_pair_sums(columns)}}
    places = range(len(columns))
    best, least = columns, np.inf
    for first in combinations(places, 2):
        for last in combinations([i for i in places if i not in first], 2):
            middle = [i for i in places if i not in first + last]
            lists = sum(ways[min(columns[i] for i in pair)] for pair in (first, last))
            cost = ways[columns[first[0]] + columns[first[1]]] * np.prod([ways[columns[i]] for i in middle]) * lists
            if cost < least:
                best, least = [columns[i] for i in (*first, *middle, *last)], cost
    return np.array(best, dtype=np.int64), least


def _pair_sums(columns: Any) -> Any:
    return [a + b for a, b in combinations(columns, 2)]
