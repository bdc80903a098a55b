"""The Cox screen beside covariates: compiled, or gene by gene with the suite's own Cox model."""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.errors import Refused
from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.proportional_hazards import cox_zph
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
    time = _clock(f)
    alone = fit_cox(time, f.event, covariates, f.stratum if f.n_strata > 1 else None, ties)
    if not alone.estimable.all():
        lost = [alone.columns[j] for j in np.flatnonzero(~alone.estimable)]
        raise Refused(
            f"{len(lost)} coefficients of the covariates cannot be estimated",
            where=f"columns {', '.join(lost)} of the design",
            hint="leave out covariates that hold the same or that separate the events",
        )
    results[:] = np.nan
    loops = compiled_loops()
    if loops is None:
        _one_by_one(values, f, time, ties, covariates, results)
        return
    centred = covariates.copy()
    for begin, end in zip(f.stratum_bounds[:-1], f.stratum_bounds[1:], strict=True):
        centred[begin:end] -= centred[begin:end].mean(axis=0)
    deviation = np.sqrt(np.mean(centred**2, axis=0))
    columns = np.ascontiguousarray((centred / deviation).T)
    start = alone.beta * deviation
    start_hazards = np.exp(start @ columns)

    def work(begin: int, end: int) -> None:
        loops.screen_cox_adjusted(
            values, begin, end, *f.arrays, ties == "efron", columns, start, start_hazards, results,
        )  # fmt: skip

    in_threads(work, len(values), CHUNK, threads)


def _clock(follow_up: FollowUp) -> np.ndarray:
    """Times that give the same risk sets in all strata and the same pooled Kaplan-Meier estimate."""
    return follow_up.moment + 1.0 + 0.5 * (follow_up.event == 0)


def _one_by_one(values, f, time, ties, covariates, results):
    for gene, row in enumerate(values):
        x = row[f.columns]
        known = ~np.isnan(x)
        found = results[gene]
        found[layout.N_USED], found[layout.EVENTS] = known.sum(), f.event[known].sum()
        found[layout.STATE] = layout.NO_EVENTS
        if not known.any():
            continue
        found[layout.MEAN] = x[known].mean()
        if found[layout.EVENTS] == 0:
            continue
        strata, at_risk = f.stratum[known], (f.cell_moment[f.cell] >= 0)[known]
        counts = np.maximum(np.bincount(strata, at_risk), 1)
        within = np.where(at_risk, x[known] - (np.bincount(strata, x[known] * at_risk) / counts)[strata], 0.0)
        found[layout.STATE] = layout.CONSTANT
        if np.sqrt(np.mean(within[at_risk] ** 2)) <= layout.FLAT * max(1.0, np.abs(x[known][at_risk]).max()):
            continue
        design = np.column_stack([covariates[known], within])
        fit = fit_cox(time[known], f.event[known], design, strata if f.n_strata > 1 else None, ties, eps=1e-13)
        found[layout.STATE] = layout.OK if fit.estimable.all() else layout.NOT_CONVERGED
        if fit.estimable.all():
            found[layout.BETA], found[layout.SE], found[layout.LOGLIK] = fit.beta[-1], fit.se[-1], fit.loglik
            found[layout.PH] = cox_zph(fit).terms[fit.columns[-1]].chisq
