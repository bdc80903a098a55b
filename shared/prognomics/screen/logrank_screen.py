"""Log-rank tests of every gene: at its median, or at the best of all cuts with a p-value corrected for the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.threads import in_threads

STATES = ("", "constant", "no_events", "no_cut")
CHUNK = 128


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
    results = np.full((len(values), layout.N_RESULTS), np.nan)
    f = follow_up
    if (loops := compiled_loops()) is not None:

        def work(begin: int, end: int) -> None:
            loops.screen_logrank(values, begin, end, *f.arrays, searched, min_fraction, results)

        in_threads(work, len(values), CHUNK, threads)
    else:
        from prognomics.screen.logrank_numpy import screen_genes

        screen_genes(values, f, searched, min_fraction, results)
    state = np.array(STATES, dtype=object)[results[:, layout.CUT_STATE].astype(int)]
    results[state != "", layout.CUT_LOWEST_HIGH : layout.CUT_STATE] = np.nan
    count = results[:, :2].astype(int)
    return LogrankScreen(count[:, 0], count[:, 1], *results[:, 2 : layout.CUT_STATE].T, state)
