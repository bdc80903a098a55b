"""Log-rank tests of every gene: at its median, or at the best of all cuts with a p-value corrected for the search."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from prognomics.compiled import is_compiled
from prognomics.screen import logrank_loops as loops
from prognomics.screen.follow_up import FollowUp
from prognomics.threads import in_threads

STATES = ("", "constant", "no_events", "no_cut")
CHUNK, MOST_VALUES = 128, 1 << 20


@dataclass(frozen=True)
class LogrankScreen:
    """One log-rank test a gene, arrays of shape (n_genes,); NaN where there is none.

    Attributes
    ----------
    n, events, mean
        As in `CoxScreen`.
    lowest_high : numpy.ndarray
        The smallest value of the high group.
    n_high, events_high : numpy.ndarray
    numerator : numpy.ndarray
        Observed less expected events of the high group.
    variance : numpy.ndarray
        Of the numerator; chi-square is its square over the variance.
    steps, cubes : numpy.ndarray
        Sums over neighbouring candidate cuts that `crossing_p` needs; 0 for a fixed cut.
    state : numpy.ndarray of str
        "", "constant", "no_events" or "no_cut" (no cut leaves enough samples on both sides).
    """

    n: np.ndarray
    events: np.ndarray
    mean: np.ndarray
    lowest_high: np.ndarray
    n_high: np.ndarray
    events_high: np.ndarray
    numerator: np.ndarray
    variance: np.ndarray
    steps: np.ndarray
    cubes: np.ndarray
    state: np.ndarray

    @property
    def chisq(self) -> np.ndarray:
        return self.numerator**2 / self.variance


def logrank_screen(
    values: np.ndarray,
    follow_up: FollowUp,
    *,
    searched: bool = False,
    min_fraction: float = 0.1,
    threads: int | None = None,
) -> LogrankScreen:
    """Compare high and low expression of each gene.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_columns)
    follow_up : FollowUp
        Its strata stratify the test.
    searched : bool
        False: high is a value at or above the median of the samples that have the gene. True: the cut with the
        largest statistic, the lowest of equals.
    min_fraction : float
        Least share of samples on either side of a searched cut: the low group has floor(n f) to floor(n (1 - f)).
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    LogrankScreen

    Notes
    -----
    Each cut's statistic is that of `survival::survdiff(Surv(time, event) ~ high + strata(...))`, hypergeometric
    variance included.
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    results = np.full((len(values), loops.N_RESULTS), np.nan)
    f = follow_up

    chunk = max(1, min(CHUNK, MOST_VALUES // max(f.n, 1)))
    buffers = threading.local()  # fresh memory for each chunk would cost more than the tests

    def work(begin: int, end: int) -> None:
        if not hasattr(buffers, "block"):
            buffers.block, buffers.spare = np.empty((chunk, f.n)), np.empty((chunk, f.n))
            buffers.orders = np.empty((chunk if searched else 0, f.n), dtype=np.int64)
        block, spare, orders = (part[: end - begin] for part in (buffers.block, buffers.spare, buffers.orders))
        loops.take(values, begin, f.columns, block)
        if searched:
            middles = np.empty(len(block))
            for row, x in enumerate(block):
                orders[row] = np.argsort(x)
        else:
            middles = _medians(block, spare)
        if is_compiled():
            loops.screen_genes(block, orders, middles, f.event, f.cell, f.ends, f.deaths, f.first, min_fraction,
                               results[begin:end])  # fmt: skip
            return
        from prognomics.screen.logrank_numpy import screen_gene

        for row, x in enumerate(block):
            screen_gene(x, f, None if searched else middles[row], min_fraction, results[begin + row])

    in_threads(work, len(values), chunk, threads)
    state = np.array(STATES, dtype=object)[results[:, loops.STATE].astype(int)]
    results[state != "", loops.LOWEST_HIGH : loops.STATE] = np.nan
    return LogrankScreen(results[:, 0].astype(int), results[:, 1].astype(int), *results[:, 2 : loops.STATE].T, state)


def _medians(block: np.ndarray, spare: np.ndarray) -> np.ndarray:
    half = block.shape[1] // 2
    np.copyto(spare, block)
    spare.partition(half, axis=1)
    middle = spare[:, half].copy()
    if block.shape[1] % 2 == 0:
        middle = 0.5 * (middle + spare[:, :half].max(axis=1))
    for row in np.flatnonzero(np.isnan(block).any(axis=1)):
        known = block[row][~np.isnan(block[row])]
        middle[row] = np.median(known) if len(known) else np.nan
    return middle
