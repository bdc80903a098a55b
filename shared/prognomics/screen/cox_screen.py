"""Cox models of every gene: univariable, or each gene beside the same covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.errors import BadInput
from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.hard_genes import finish
from prognomics.threads import in_threads

TIES = ("efron", "breslow")
STATES = ("", "constant", "no_events", "not_converged", "separated")
CHUNK = 256


@dataclass(frozen=True)
class CoxScreen:
    """One Cox model a gene, arrays of shape (n_genes,); NaN if there is no estimate.

    Attributes
    ----------
    n, events : numpy.ndarray of int
        Samples that have the gene, and their events.
    mean : numpy.ndarray
    beta, se : numpy.ndarray
        Log hazard ratio of one unit, and its standard error.
    loglik, loglik_null : numpy.ndarray
        Log partial likelihoods with and without the gene.
    score : numpy.ndarray
        Signed square root of the score test of beta = 0.
    ph_chisq : numpy.ndarray
        Test of proportional hazards, one degree of freedom, Kaplan-Meier time scale.
    state : numpy.ndarray of str
        "", "constant", "no_events", "separated" (the likelihood rises without end) or "not_converged".
    """

    n: np.ndarray
    events: np.ndarray
    mean: np.ndarray
    beta: np.ndarray
    se: np.ndarray
    loglik: np.ndarray
    loglik_null: np.ndarray
    score: np.ndarray
    ph_chisq: np.ndarray
    state: np.ndarray


def cox_screen(
    values: np.ndarray,
    follow_up: FollowUp,
    ties: str = "efron",
    covariates: np.ndarray | None = None,
    *,
    score_only: bool = False,
    threads: int | None = None,
) -> CoxScreen:
    """Fit a Cox model for each gene.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_columns)
        Genes in rows; `follow_up.columns` states which column each sample has. A gene is fitted on the samples that
        have it.
    follow_up : FollowUp
    ties : {"efron", "breslow"}
    covariates : numpy.ndarray, shape (n_samples, n_covariates), optional
        In the sorted order of `follow_up`, without missing values; each model holds them beside the gene.
    score_only : bool
        Only the score test: no estimate is sought. Without covariates.
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    CoxScreen

    Raises
    ------
    BadInput
        Unknown ties; shapes that do not fit.

    Notes
    -----
    As `survival::coxph(Surv(time, event) ~ gene + strata(...))` with `eps = 1e-14`, to 1e-9 and better, and `cox.zph`
    of it to 1e-6. Values of samples that are in no risk set (censored before the first event) tell nothing. A gene
    whose likelihood has no maximum is "separated".
    """
    if ties not in TIES:
        raise BadInput(f"unknown handling of ties {ties!r}", hint=f"one of {', '.join(TIES)}")
    values = np.ascontiguousarray(values, dtype=np.float64)
    results = np.empty((len(values), layout.N_RESULTS))
    f = follow_up
    if covariates is not None and covariates.shape[1]:
        from prognomics.screen.cox_adjusted import screen_adjusted

        screen_adjusted(values, f, ties, np.asarray(covariates, dtype=float), results, threads)
    elif (loops := compiled_loops()) is not None:

        def work(begin: int, end: int) -> None:
            loops.screen_cox(values, begin, end, *f.arrays, ties == "efron", score_only, results)

        in_threads(work, len(values), CHUNK, threads)
    else:
        from prognomics.screen.cox_numpy import screen_genes

        screen_genes(values, f, ties == "efron", score_only, results)
    if not score_only:
        finish(values, f, ties, np.empty((f.n, 0)) if covariates is None else covariates, results)
    count = results[:, [layout.N_USED, layout.EVENTS]].astype(int)
    state = np.array(STATES, dtype=object)[results[:, layout.STATE].astype(int)]
    chosen = (layout.MEAN, layout.BETA, layout.SE, layout.LOGLIK, layout.LOGLIK_NULL, layout.SCORE, layout.PH)
    columns: list[Any] = [count[:, 0], count[:, 1], *(results[:, j] for j in chosen), state]
    return CoxScreen(*columns)
