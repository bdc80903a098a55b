"""From a Cox analysis to a model that can be applied unchanged to other samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.data.model import Baseline, Coefficient, Derivation, LockedModel, identifier_hashes
from prognomics.data.strata import cohorts_of
from prognomics.errors import Refused, UsageError
from prognomics.survival.cox.analysis import CoxAnalysis
from prognomics.survival.cox.baseline import baseline_curves, center_of
from prognomics.survival.cox.notes import FittedModel
from prognomics.survival.cox.outputs import applied_models, refuse_over_time, stratum_names
from prognomics.survival.cox.tables import covariate_names


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


def the_one_model(models: Sequence[FittedModel]) -> FittedModel:
    """The joint model of an analysis, or its only one.

    Raises
    ------
    UsageError
        There are several.
    Refused
        A coefficient is infinite.
    """
    joint = applied_models(models)
    if len(joint) > 1:
        raise UsageError(f"{len(joint)} models were fitted, and a fitted model is one of them",
                         hint="fit one: --model multivariable, or a single variable")  # fmt: skip
    (one,) = joint
    if "infinite" in one.fit.reason:
        raise Refused(f"the model of {covariate_names(one)} has an infinite coefficient and cannot be applied",
                      hint="leave out the covariate that separates, or use --penalty firth")  # fmt: skip
    return one


def cut_at_quantiles(linear: np.ndarray, quantiles: Sequence[float]) -> dict[str, object]:
    """Cutpoints of a model at quantiles (type 7) of the linear predictor, shape (n_samples,), and how they were chosen.

    Raises
    ------
    UsageError
        Quantiles outside 0 to 1.
    """
    if not all(0 < q < 1 for q in quantiles):
        raise UsageError("a quantile lies between 0 and 1", hint="for instance --cut-quantile 0.5 for the median")
    if not quantiles:
        return {}
    quantiles = sorted(set(quantiles))
    rule = "quantiles of the training linear predictor: " + ", ".join(f"{q:g}" for q in quantiles)
    return {"cutpoints": tuple(float(c) for c in np.quantile(linear, quantiles)), "cut_rule": rule}


def missing_gene_values(one: FittedModel, center: np.ndarray, genes: Collection[str]) -> dict[str, float]:
    """What may be for a gene that other samples lack: its center, shape (n_columns,)."""
    return {g: float(c) for g, c in zip(one.fit.columns, center, strict=True) if g in genes}


def derivation_of(one: FittedModel, frame: pd.DataFrame, common: Mapping[str, str]) -> Derivation:
    """Where a model was derived; `frame` has all samples of the analysis, `common` its population and method."""
    frame = frame[one.design.complete]
    return Derivation(
        n=int(one.fit.n), events=int(one.fit.n_events), cohorts=tuple(cohorts_of(frame)),
        population=common["population"], sample_hashes=identifier_hashes(_column(frame, "sample_id")),
        patient_hashes=identifier_hashes(_column(frame, "patient_id")), method=common["method"],
    )  # fmt: skip


def _strata(found: CoxAnalysis) -> tuple[str, ...]:
    name = found.common["strata"]
    columns = (name,) if name in found.data.frame.columns else tuple(name.split("+"))
    return columns if found.data.strata is not None else ()


def _column(frame, name):
    return frame[name] if name in frame.columns else ()


def locked_coefficients(
    one: FittedModel, beta: np.ndarray, center: np.ndarray, genes: Collection[str]
) -> tuple[Coefficient, ...]:
    """The coefficients of a fit (beta and center, shape (n_columns,)) with what its design's columns are."""
    made = []
    columns = {term.name: [one.fit.columns[j] for j in term.columns] for term in one.design.terms}
    for term in one.design.terms:
        strata = [name for name in term.parts if name not in columns]
        if strata:
            raise UsageError(
                f"a model with an interaction with the stratum {strata[0]!r} does not apply to other samples",
                hint="leave the interaction out where a fitted model is written",
            )
        pairs = _pairs(columns, term.parts)
        for place, j in enumerate(term.columns):
            factor = term.kind == "factor"
            made.append(
                Coefficient(
                    term=term.name, kind="gene" if term.name in genes and term.kind == "numeric" else term.kind,
                    column=one.fit.columns[j], value=float(beta[j]), center=float(center[j]),
                    level=term.levels[place + 1] if factor else None, reference=term.reference if factor else None,
                    knots=tuple(map(float, term.knots)), place=place, parts=pairs[place] if pairs else (),
                )
            )  # fmt: skip
    return tuple(made)


def _pairs(columns, parts):
    """The two columns behind each column of an interaction, in the order of `expand_design`."""
    if not parts:
        return []
    first, second = (columns[name] for name in parts)
    return [(a, b) for b in second for a in first]
