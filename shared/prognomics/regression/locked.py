"""From a logistic analysis to a model that can be applied unchanged to other samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from prognomics.data.model import LockedModel
from prognomics.modeling.coefficient_rows import covariate_names
from prognomics.modeling.locked import (
    center_of,
    cut_at_quantiles,
    derivation_of,
    locked_coefficients,
    missing_gene_values,
    the_one_model,
)
from prognomics.regression.analysis import LogisticAnalysis


def locked_logistic_model(
    found: LogisticAnalysis, genes: Collection[str] = (), cut_quantiles: Sequence[float] = ()
) -> LockedModel:
    """The one joint model of an analysis (or its only model), ready for other samples.

    Parameters
    ----------
    found : LogisticAnalysis
    genes : collection of str
        Covariates that are genes of an expression matrix.
    cut_quantiles : sequence of float
        See `locked_cox_model`.

    Returns
    -------
    LockedModel
        The intercept is the log odds at the centers; a conditional model has none, so that it ranks samples of one
        stratum and gives no probabilities.

    Raises
    ------
    UsageError
        Several models, or quantiles outside 0 to 1.
    Refused
        An infinite coefficient.
    """
    one = the_one_model(found.models)
    beta = np.nan_to_num(one.fit.beta)
    center = center_of(one.design.x)
    intercept = None if one.fit.conditional else float(one.fit.intercept + center @ beta)
    linear = (one.design.x - center) @ beta + (intercept or 0.0)
    notes = ("conditional model without an intercept: it ranks samples within a stratum and gives no probability",)
    return LockedModel(
        kind="logistic", name=covariate_names(one), coefficients=locked_coefficients(one, beta, center, genes),
        intercept=intercept, outcome={"column": found.outcome.column, "level": ",".join(found.outcome.levels)},
        **cut_at_quantiles(linear, cut_quantiles), missing_genes=missing_gene_values(one, center, genes),
        derivation=derivation_of(one, found.data.frame, found.common),
        notes=notes if one.fit.conditional else (),
    )  # fmt: skip
