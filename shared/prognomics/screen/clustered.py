"""Robust standard errors of a Cox screen whose samples are not independent."""

from __future__ import annotations

import numpy as np

from prognomics.screen.cox_screen import CoxScreen
from prognomics.screen.eligible import Eligible
from prognomics.survival.cox.fit import fit_cox


def clustered_errors(
    found: CoxScreen, values: np.ndarray, samples: Eligible, cluster: np.ndarray, ties: str
) -> np.ndarray:
    """Standard error of each gene's coefficient, shape (n_genes,); NaN if there is no estimate.

    Parameters
    ----------
    found : CoxScreen
        The screen of the genes.
    values : numpy.ndarray, shape (n_genes, n_columns)
        As `cox_screen` takes them.
    samples : Eligible
    cluster : numpy.ndarray of int, shape (n_samples,)
        In the sorted order of `samples`.
    ties : {"efron", "breslow"}

    Notes
    -----
    As `survival::coxph(..., cluster = )` of each gene (Lin and Wei 1989, doi 10.1080/01621459.1989.10478874); a gene
    whose samples are all of one cluster has none.
    """
    errors = np.full(len(values), np.nan)
    strata = samples.follow_up.stratum
    for gene in np.flatnonzero(found.state == ""):
        x = values[gene, samples.follow_up.columns]
        rows = ~np.isnan(x)
        if len(np.unique(cluster[rows])) < 2:
            continue
        design = np.column_stack((x, samples.covariates))[rows]
        fit = fit_cox(samples.time[rows], samples.event[rows], design, strata[rows], ties,
                      cluster=cluster[rows], eps=1e-14)  # fmt: skip
        errors[gene] = fit.se[0]
    return errors
