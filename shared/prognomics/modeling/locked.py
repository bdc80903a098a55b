"""A fitted model as one that can be applied unchanged to other samples: its coefficients and where they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.model import Coefficient, Derivation, identifier_hashes
from prognomics.data.strata import cohorts_of
from prognomics.errors import Refused, UsageError
from prognomics.modeling.coefficient_rows import covariate_names
from prognomics.modeling.fitted import FittedModel

NOT_CENTERED = (-1.0, 0.0, 1.0)


def center_of(x: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The reference sample of a design, shape (n_columns,): R's `coxph()$means`.

    The (weighted) mean of each column, but 0 for columns that hold nothing but -1, 0 and 1, so that factors stand
    at their reference level.
    """
    if not x.shape[1]:
        return np.zeros(0)
    center = np.average(x, axis=0, weights=weights)
    return np.where(np.isin(x, NOT_CENTERED).all(axis=0), 0.0, center)


def applied_models(models: Sequence[FittedModel]) -> list[FittedModel]:
    """The joint models, or the univariable ones if there is none."""
    return [one for one in models if one.kind != "univariable"] or list(models)


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
                      hint="omit the covariate that separates, or use --penalty firth")  # fmt: skip
    return one


def cut_at_quantiles(linear: np.ndarray, quantiles: Sequence[float]) -> dict[str, Any]:
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


def _column(frame: pd.DataFrame, name: str) -> Iterable[object]:
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


def _pairs(columns: Mapping[str, Sequence[str]], parts: Sequence[str]) -> list[tuple[str, str]]:
    """The two columns behind each column of an interaction, in the order of `expand_design`."""
    if not parts:
        return []
    first, second = (columns[name] for name in parts)
    return [(a, b) for b in second for a in first]
