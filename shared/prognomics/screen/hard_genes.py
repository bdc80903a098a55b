"""Genes that the fast loops of the Cox screen leave: values so far out that their steps are not safe, or separation.

The loops stop where a linear predictor ranges beyond what one unit of floating point holds, or where the information
has all but vanished. Either the likelihood rises without end then, or the estimate is `fit_cox`'s.
"""

from __future__ import annotations

import warnings

import numpy as np

from prognomics.errors import AnalysisWarning
from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.proportional_hazards import cox_zph


def finish(values: np.ndarray, follow_up: FollowUp, ties: str, covariates: np.ndarray, results: np.ndarray) -> None:
    """Estimate the genes whose state is `NOT_CONVERGED`, or state that their events are separated.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_columns)
    follow_up : FollowUp
    ties : {"efron", "breslow"}
    covariates : numpy.ndarray, shape (n_samples, n_covariates)
        In the sorted order; no column for the univariable screen.
    results : numpy.ndarray, shape (n_genes, N_RESULTS)
        Rows of those genes are filled in.
    """
    left = np.flatnonzero(results[:, layout.STATE] == layout.NOT_CONVERGED)
    if len(left) and not covariates.shape[1]:
        apart = separated(values[np.ix_(left, follow_up.columns)], follow_up)
        results[left[apart], layout.STATE] = layout.SEPARATED
        left = left[~apart]
    time = clock(follow_up)
    for gene in left:
        fit_gene(values[gene], follow_up, time, ties, covariates, results[gene])


def separated(x: np.ndarray, follow_up: FollowUp) -> np.ndarray:
    """Genes whose value is the highest, or the lowest, of the risk set at every death, shape (n_genes,).

    `x`, shape (n_genes, n_samples), is in the sorted order; NaN is missing.
    """
    known = ~np.isnan(x)
    deaths = np.flatnonzero(follow_up.event)
    last = follow_up.ends[follow_up.cell[deaths]] - 1
    found = np.zeros(len(x), dtype=bool)
    for sign in (1.0, -1.0):
        top = np.where(known, sign * x, -np.inf)
        own = top[:, deaths]
        for begin, end in zip(follow_up.stratum_bounds[:-1], follow_up.stratum_bounds[1:], strict=True):
            np.maximum.accumulate(top[:, begin:end], axis=1, out=top[:, begin:end])
        found |= ((own >= top[:, last]) | ~known[:, deaths]).all(axis=1)
    return found


def clock(follow_up: FollowUp) -> np.ndarray:
    """Times that give the same risk sets in all strata and the same pooled Kaplan-Meier estimate."""
    result: np.ndarray = follow_up.moment + 1.0 + 0.5 * (follow_up.event == 0)
    return result


def fit_gene(
    row: np.ndarray, follow_up: FollowUp, time: np.ndarray, ties: str, covariates: np.ndarray, found: np.ndarray
) -> None:
    """The model of one gene by `fit_cox`, into its row of results; `row` has shape (n_columns,)."""
    f = follow_up
    x = row[f.columns]
    known = ~np.isnan(x)
    strata, at_risk = f.stratum[known], (f.cell_moment[f.cell] >= 0)[known]
    found[layout.N_USED], found[layout.EVENTS] = known.sum(), f.event[known].sum()
    found[layout.STATE] = layout.NO_EVENTS
    if not known.any():
        return
    found[layout.MEAN] = x[known].mean()
    if found[layout.EVENTS] == 0:
        return
    counts = np.maximum(np.bincount(strata, at_risk), 1)
    within = np.where(at_risk, x[known] - (np.bincount(strata, x[known] * at_risk) / counts)[strata], 0.0)
    found[layout.STATE] = layout.CONSTANT
    if np.sqrt(np.mean(within[at_risk] ** 2)) <= layout.FLAT * max(1.0, np.abs(x[known][at_risk]).max()):
        return
    design = np.column_stack([covariates[known], np.where(at_risk, x[known], x[known][at_risk][0])])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)  # the state says it
        fit = fit_cox(time[known], f.event[known], design, strata if f.n_strata > 1 else None, ties)
    found[layout.STATE] = layout.SEPARATED if "infinite" in fit.reason else layout.NOT_CONVERGED
    if fit.estimable.all() and fit.converged:
        found[layout.STATE] = layout.OK
        found[layout.BETA], found[layout.SE], found[layout.LOGLIK] = fit.beta[-1], fit.se[-1], fit.loglik
        found[layout.LOGLIK_NULL] = fit.loglik_null if design.shape[1] == 1 else np.nan
        found[layout.PH] = cox_zph(fit).terms[fit.columns[-1]].chisq
