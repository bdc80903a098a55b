"""The Cox screen beside covariates: compiled, or gene by gene with the suite's own Cox model."""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.errors import Refused
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.hard_genes import clock, fit_gene
from prognomics.survival.cox.fit import fit_cox
from prognomics.threads import in_threads

CHUNK = 64


def screen_adjusted(
    values: np.ndarray, follow_up: FollowUp, ties: str, covariates: np.ndarray, results: np.ndarray,
    threads: int | None = None,
) -> None:  # fmt: skip
    """Fill `results`, shape (n_genes, N_RESULTS), with models of each gene and the covariates.

    Raises
    ------
    Refused
        The covariates alone cannot be estimated: collinear, or one separates the events.
    """
    f = follow_up
    time = clock(f)
    alone = fit_cox(time, f.event, covariates, f.stratum if f.n_strata > 1 else None, ties)
    if not alone.estimable.all():
        lost = [alone.columns[j] for j in np.flatnonzero(~alone.estimable)]
        raise Refused(
            f"{len(lost)} coefficients of the covariates cannot be estimated",
            where=f"columns {', '.join(lost)} of the design",
            hint="omit covariates that hold the same or that separate the events",
        )
    results[:] = np.nan
    loops = compiled_loops()
    if loops is None:
        for row, found in zip(values, results, strict=True):
            fit_gene(row, f, time, ties, covariates, found)
        return
    centered = covariates.copy()
    for begin, end in zip(f.stratum_bounds[:-1], f.stratum_bounds[1:], strict=True):
        centered[begin:end] -= centered[begin:end].mean(axis=0)
    deviation = np.sqrt(np.mean(centered**2, axis=0))
    columns = np.ascontiguousarray((centered / deviation).T)
    start = alone.beta * deviation
    with np.errstate(over="ignore"):  # what overflows is left to hard_genes
        start_hazards = np.exp(start @ columns)

    def work(begin: int, end: int) -> None:
        loops.screen_cox_adjusted(
            values, begin, end, *f.arrays, ties == "efron", columns, start, start_hazards, results,
        )  # fmt: skip

    in_threads(work, len(values), CHUNK, threads)
