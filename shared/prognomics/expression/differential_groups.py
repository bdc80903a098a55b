"""Whether a gene differs between any of several groups: the F test with the moderated variance."""

from __future__ import annotations

import numpy as np
from scipy.special import fdtrc

from prognomics.expression.differential_samples import Comparison
from prognomics.stats.linear_by_gene import fit_by_gene, independent_columns, linear_design
from prognomics.stats.multiple_testing import adjust


def any_group_columns(
    values: np.ndarray, weights: np.ndarray | None, comparison: Comparison, t: np.ndarray, posterior: np.ndarray,
    df: np.ndarray,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Make columns `f, f_df, f_p_value, f_q_value`, as limma's `topTable` of the coefficients of all groups.

    As in limma, correlations of the coefficients are those of the design. With weights or missing values they differ
    from those of each gene: F is then approximate, and depends on which group is the reference.

    Parameters
    ----------
    values, weights
        As of `fit_by_gene`.
    comparison : Comparison
        All columns are NaN with fewer than three groups.
    t, posterior, df : numpy.ndarray, shape (n_genes,)
        Moderated t of the contrast, the moderated variance and its degrees of freedom.
    """
    nuisance, contrast, others = comparison.nuisance, comparison.contrast, comparison.others
    f, p, steps = np.full((3, len(values)), np.nan)
    if len(others):
        tests = [t]
        for other in others:
            rest = np.column_stack([np.delete(nuisance, other, axis=1), contrast])
            fit = fit_by_gene(values, linear_design(rest, nuisance[:, other]), weights)
            with np.errstate(invalid="ignore", divide="ignore"):
                tests.append(fit.coefficient / (fit.unscaled * np.sqrt(posterior)))
        rest = np.delete(nuisance, list(others), axis=1)
        whole = np.column_stack([rest[:, independent_columns(rest)], contrast, nuisance[:, list(others)]])
        covariance = np.linalg.inv(whole.T @ whole)[-len(tests) :, -len(tests) :]
        sd = np.sqrt(np.diag(covariance))
        together = np.linalg.inv(covariance / np.outer(sd, sd))
        f = np.einsum("ij,jk,ik->i", np.array(tests).T, together, np.array(tests).T) / len(tests)
        steps = np.where(np.isnan(f), np.nan, float(len(tests)))
        p = fdtrc(steps, df, f)
    return {"f": f, "f_df": steps, "f_p_value": p, "f_q_value": adjust(p, "bh")}
