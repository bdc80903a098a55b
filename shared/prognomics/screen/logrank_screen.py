"""Log-rank tests of every gene, at its median or at a given cutpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.threads import in_threads

STATES = ("", "constant", "no_events", "no_cut")
CHUNK = 128


@dataclass(frozen=True)
class LogrankScreen:
    """One log-rank test a gene, arrays of shape (n_genes,); NaN if there is none.

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
    state : numpy.ndarray of str
        "", "constant", "no_events" or "no_cut" (a side is empty, or nobody with an event is at risk with others).
    """

    n: np.ndarray
    events: np.ndarray
    mean: np.ndarray
    lowest_high: np.ndarray
    n_high: np.ndarray
    events_high: np.ndarray
    numerator: np.ndarray
    variance: np.ndarray
    state: np.ndarray

    @property
    def chisq(self) -> np.ndarray:
        result: np.ndarray = self.numerator**2 / self.variance
        return result


def logrank_screen(
    values: np.ndarray,
    follow_up: FollowUp,
    cuts: np.ndarray | None = None,
    threads: int | None = None,
) -> LogrankScreen:
    """Compare high and low expression of each gene.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_columns)
    follow_up : FollowUp
        Its strata stratify the test.
    cuts : numpy.ndarray, shape (n_genes,), optional
        The smallest value called high; by default, and where NaN, the median of the samples that have the gene.
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    LogrankScreen

    Notes
    -----
    The statistic is that of `survival::survdiff(Surv(time, event) ~ high + strata(...))`, hypergeometric
    variance included.
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    results = np.full((len(values), layout.CUT_N_RESULTS), np.nan)
    cuts = np.full(len(values), np.nan) if cuts is None else np.ascontiguousarray(cuts, dtype=np.float64)
    f = follow_up
    if (loops := compiled_loops()) is not None:

        def work(begin: int, end: int) -> None:
            loops.screen_logrank(values, begin, end, *f.arrays, cuts, results)

        in_threads(work, len(values), CHUNK, threads)
    else:
        from prognomics.screen.logrank_numpy import screen_genes

        screen_genes(values, f, cuts, results)
    state = np.array(STATES, dtype=object)[results[:, layout.CUT_STATE].astype(int)]
    results[state != "", layout.CUT_LOWEST_HIGH : layout.CUT_STATE] = np.nan
    count = results[:, :2].astype(int)
    columns: list[Any] = [count[:, 0], count[:, 1], *results[:, 2 : layout.CUT_STATE].T, state]
    return LogrankScreen(*columns)
