"""The sum behind Fisher's exact test of an r x c table, by matching two halves of the table.

The columns are split into two halves. A half table is known by its row sums and its log weight
(minus the log factorials of its cells). Two halves make a table when their row sums add up to the
margins, and its log weight is the sum of theirs. For each half table the partners that are
improbable enough together are counted by a search in the sorted weights of the other half. The
work grows with the square root of the number of tables (a 2 x 6 table of 1,362 samples has some
10^10), and nothing is approximated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp, psi

# tables whose log probability exceeds the observed one by less than this count as equal: the value
# R's FEXACT uses, which shows in the seventh digit where there are 10^10 tables
LOG_TOLERANCE = 3.4525e-7
MOST_PAIRED = 60_000_000
MOST_WAYS = 400_000
MOST_STATES = 15_000


def exact_p(table: np.ndarray, most_paired: float = MOST_PAIRED) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one.

    Parameters
    ----------
    table : ndarray of int, shape (n_rows, n_columns)
        At least 2 x 2, no empty row or column.
    most_paired : float
        Half tables that may be listed if there are more than two rows and columns.

    Returns
    -------
    float or None
        None when there are too many tables to list by halves, or too many columns in a half.
    """
    observed = -float(gammaln(table + 1.0).sum())
    if 2 in table.shape:
        two_rows = table if table.shape[0] == 2 else table.T
        row = two_rows[int(two_rows[0].sum() > two_rows[1].sum())]
        return _two_rows(int(row.sum()), two_rows.sum(axis=0), observed + LOG_TOLERANCE)
    wide = table if table.shape[0] <= table.shape[1] else table.T
    if wide.shape[0] == wide.shape[1]:
        wide = min(wide, wide.T, key=_difficulty)
    result: float | None = _many_rows(wide.sum(axis=1), wide.sum(axis=0), observed + LOG_TOLERANCE, most_paired)
    return result


def _split(sizes: np.ndarray) -> tuple[list[int], list[int]]:
    """Two sets of positions with about the same sum of sizes."""
    parts, loads = ([], []), [0.0, 0.0]
    for at in np.argsort(-np.asarray(sizes), kind="stable"):
        lighter = int(loads[1] < loads[0])
        parts[lighter].append(int(at))
        loads[lighter] += sizes[at]
    return parts


class _TwoRowHalf:
    """All ways to spread counts of the first row over some columns, listed by their sum.

    The last column is kept apart: given the sum, its count follows from the others.
    """

    def __init__(self, columns: np.ndarray, row_sum: int) -> None:
        *others, last = sorted(int(c) for c in columns)
        self.last_weight = cell_weights(last)
        self.sums, self.weights = np.zeros(1, dtype=np.int64), np.zeros(1)
        for column in others:
            cells = np.arange(min(column, row_sum) + 1)
            sums = (self.sums[:, None] + cells).ravel()
            weights = (self.weights[:, None] + cell_weights(column)[cells]).ravel()
            keep = sums <= row_sum
            self.sums, self.weights = sums[keep], weights[keep]
        order = np.argsort(self.sums, kind="stable")
        self.sums, self.weights = self.sums[order], self.weights[order]

    def with_sum(self, total: int) -> np.ndarray:
        """Log weights of the half tables whose first row sums to `total`."""
        start = np.searchsorted(self.sums, total - len(self.last_weight) + 1, "left")
        end = np.searchsorted(self.sums, total, "right")
        result: np.ndarray = self.weights[start:end] + self.last_weight[total - self.sums[start:end]]
        return result


def cell_weights(column: int) -> np.ndarray:
    cells = np.arange(column + 1.0)
    result: np.ndarray = -(gammaln(cells + 1.0) + gammaln(column - cells + 1.0))
    return result


def count_by_sum(columns: np.ndarray, row_sum: int) -> np.ndarray:
    counts = np.ones(1)
    for column in columns:
        counts = np.convolve(counts, np.ones(min(int(column), row_sum) + 1))[: row_sum + 1]
    return counts


def _two_rows(row_sum: int, columns: np.ndarray, limit: float) -> float:
    parts = _split(np.log1p(np.minimum(columns, row_sum)))
    if sum(count_by_sum(columns[part], row_sum).sum() for part in parts) > MOST_PAIRED:
        return None
    left, right = (_TwoRowHalf(columns[part], row_sum) for part in parts)
    chosen = [_matched(left.with_sum(total), right.with_sum(row_sum - total), limit) for total in range(row_sum + 1)]
    return _share(chosen, np.array([row_sum, columns.sum() - row_sum]), columns)


def _matched(mine: np.ndarray, partners: np.ndarray, limit: float) -> float:
    """Log of the weight of all pairs whose log weights sum to at most `limit`."""
    if not (len(mine) and len(partners)):
        return -np.inf
    best, top = mine.max(), partners.max()
    scale, weight = np.exp(mine - best), np.exp(partners - top)
    if best + top <= limit:
        taken = float(scale.sum()) * float(weight.sum())
    elif len(mine) <= 8:
        taken = sum(float(scale[i] * weight[partners <= limit - mine[i]].sum()) for i in range(len(mine)))
    else:
        order = np.argsort(partners)
        partners, running = partners[order], np.concatenate([[0.0], np.cumsum(weight[order])])
        order = np.argsort(mine)
        taken = float(scale[order] @ running[np.searchsorted(partners, limit - mine[order], side="right")])
    return float(np.log(taken)) + best + top if taken > 0 else -np.inf


def log_total(row_sums: np.ndarray, columns: np.ndarray) -> float:
    """Log of the summed weights of all tables with these margins: N! over the factorials of the margins."""
    result: float = gammaln(columns.sum() + 1.0) - gammaln(columns + 1.0).sum() - gammaln(row_sums + 1.0).sum(axis=-1)
    return result


def _share(chosen: list[float], rows: np.ndarray, columns: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return min(1.0, float(np.exp(logsumexp(chosen) - log_total(rows, columns))))


def _difficulty(table: Any) -> Any:
    """Log of the number of ways to fill the columns, one by one, without regard to the rows."""
    columns, cells = table.sum(axis=0).astype(float), table.shape[0]
    return float((gammaln(columns + cells) - gammaln(columns + 1.0) - gammaln(cells)).sum())


def _many_rows(rows: Any, columns: Any, limit: Any, most_paired: Any) -> Any:
    # one row sum follows from the others; omitting the largest keeps the lists short
    rows = np.sort(rows)
    free, last = rows[:-1], int(rows[-1])
    if np.log2(free + 1.0).sum() > 62:
        return None
    parts = _split([float(np.log1p(np.minimum(c, free)).sum()) for c in columns])
    if max(len(part) for part in parts) > 2:
        return None
    states = column_ways(int(columns[parts[0]].sum()), free, last)
    if states is None:
        return None
    sums, others = states[0], free - states[0]
    left_rows, right_rows = _all_rows(sums, columns[parts[0]]), _all_rows(others, columns[parts[1]])
    # where even the likeliest tables are improbable enough, the sum over all of them is known
    sure = likeliest(left_rows, columns[parts[0]]) + likeliest(right_rows, columns[parts[1]]) <= limit
    chosen = log_total(left_rows[sure], columns[parts[0]]) + log_total(right_rows[sure], columns[parts[1]])
    halves = []
    for part in parts:
        work = most_paired if len(columns) < 4 else most_paired / 4
        half = _PairHalf(free, last, columns[part], int((~sure).sum()), work)
        if not half.feasible:
            return None
        halves.append(half)
    matched = [
        _matched(halves[0].with_sums(a), halves[1].with_sums(b), limit)
        for a, b in zip(sums[~sure], others[~sure], strict=True)
    ]
    return _share(np.append(chosen, matched), rows, columns)


def _all_rows(sums: Any, columns: Any) -> Any:
    return np.column_stack([sums, columns.sum() - sums.sum(axis=1)])


def likeliest(row_sums: Any, columns: Any) -> Any:
    """Upper bound of the log weights of the tables with given row sums, shape (n_states, n_rows).

    The log weight is concave in the cells, so its tangent at the independence table bounds it. The row
    sums are fixed, so a row's slopes count only by how they differ between columns; and the column
    sums are fixed, so no table gains more than a column's largest slope for all of the column.
    """
    total = columns.sum()
    bound = np.zeros(len(row_sums))
    slopes = []
    for column in columns:
        cells = row_sums * (column / total)
        bound -= gammaln(cells + 1.0).sum(axis=1)
        slopes.append(-psi(cells + 1.0))
    common = sum(slope * (column / total) for slope, column in zip(slopes, columns, strict=True))
    for slope, column in zip(slopes, columns, strict=True):
        excess = slope - common
        bound += column * (excess.max(axis=1) - (excess * row_sums).sum(axis=1) / total)
    return bound


class _PairHalf:
    """Half tables of one or two columns: given the row sums, the second column follows from the first."""

    def __init__(self, free: Any, last: Any, columns: Any, n_states: Any, work: Any) -> None:
        first, second = (int(columns[0]), 0) if len(columns) == 1 else sorted(int(c) for c in columns)
        ways = column_ways(first, free, last)
        self.feasible = ways is not None and n_states <= MOST_STATES and len(ways[0]) * float(n_states) <= work
        if self.feasible:
            self.cells = [np.ascontiguousarray(column) for column in ways[0].T]
            self.filled, self.weights = ways[0].sum(axis=1), ways[1]
        self.second, self.log_factorial = second, gammaln(np.arange(second + 2.0) + 1.0)

    def with_sums(self, sums: Any) -> Any:
        """Log weights of the half tables with these sums of the free rows."""
        least = int(sums.sum()) - self.second
        keep = self.filled >= least
        for column, total in zip(self.cells, sums, strict=True):
            keep &= column <= total
        keep = np.flatnonzero(keep)
        weight = self.weights[keep] - self.log_factorial[self.filled[keep] - least]
        for column, total in zip(self.cells, sums, strict=True):
            weight -= self.log_factorial[total - column[keep]]
        return weight


def column_ways(total: Any, free: Any, last: Any) -> Any:
    """All ways to spread a column over the free rows, with their log weights; None if too many."""
    if count_by_sum([*free, last], total)[total] > MOST_WAYS:
        return None
    cells, used = np.zeros((1, 0), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for margin in free:
        counts = np.minimum(margin, total - used) + 1
        parent = np.repeat(np.arange(len(used)), counts)
        value = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        cells, used = np.column_stack([cells[parent], value]), used[parent] + value
    fits = total - used <= last
    cells, rest = cells[fits], total - used[fits]
    return cells, -(gammaln(cells + 1.0).sum(axis=1) + gammaln(rest + 1.0))
