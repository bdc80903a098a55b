"""From a Cox analysis to a model that can be applied unchanged to other samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from prognomics.data.model import Baseline, LockedModel
from prognomics.modeling.coefficient_rows import covariate_names
from prognomics.modeling.locked import (
    center_of,
    cut_at_quantiles,
    derivation_of,
    locked_coefficients,
    missing_gene_values,
    the_one_model,
)
from prognomics.survival.cox.analysis import CoxAnalysis
from prognomics.survival.cox.baseline import baseline_curves
from prognomics.survival.cox.outputs import refuse_over_time, stratum_names


def locked_cox_model(
    found: CoxAnalysis, genes: Collection[str] = (), cut_quantiles: Sequence[float] = ()
) -> LockedModel:
    """The one joint model of an analysis (or its only model), ready for other samples.

    Parameters
    ----------
    found : CoxAnalysis
    genes : collection of str
        Covariates that are genes of an expression matrix.
    cut_quantiles : sequence of float
        Quantiles (type 7) of the linear predictor among the samples of the model, at which groups are cut.

    Returns
    -------
    LockedModel
        Centers as `coxph()$means`, so that the baseline is `basehaz(fit)`; a collinear column has coefficient 0.

    Raises
    ------
    UsageError
        Several models, quantiles outside 0 to 1, or effects that change over time.
    Refused
        An infinite coefficient.
    """
    refuse_over_time(found, "fitted")
    one = the_one_model(found.models)
    beta = np.nan_to_num(one.fit.beta)
    center = center_of(one.design.x, one.fit.weights)
    names = stratum_names(found, one)
    curves = baseline_curves(one.fit, one.design.x, center)
    return LockedModel(
        kind="cox", name=covariate_names(one), coefficients=locked_coefficients(one, beta, center, genes),
        baseline=tuple(
            Baseline(names[c.stratum], tuple(c.time.tolist()), tuple(c.cumulative_hazard.tolist())) for c in curves
        ),
        strata=_strata(found),
        **cut_at_quantiles((one.design.x - center) @ beta, cut_quantiles),
        endpoint=found.common["endpoint"] or None, horizon_months=float(one.fit.time.max()),
        missing_genes=missing_gene_values(one, center, genes),
        derivation=derivation_of(one, found.data.frame, found.common),
    )  # fmt: skip


def _strata(found: CoxAnalysis) -> tuple[str, ...]:
    name = found.common["strata"]
    columns = (name,) if name in found.data.frame.columns else tuple(name.split("+"))
    return columns if found.data.strata is not None else ()
