"""Apply a locked model to samples: design columns, linear predictor, predicted survival."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import number_values, text_values
from prognomics.data.model import Coefficient, LockedModel
from prognomics.errors import BadInput, Refused, first_few, unknown_name
from prognomics.expression.normalize import standardize_within
from prognomics.modeling.splines import spline_basis

MIN_GENES_FOUND = 0.8


@dataclass(frozen=True)
class Applied:
    """A model on new samples.

    Attributes
    ----------
    linear_predictor : numpy.ndarray, shape (n_samples,)
        At the stored centers; NaN where a covariate is missing.
    missing_genes : tuple of str
        Genes that the matrix lacks and that stand at their training mean (contribution 0).
    replaced : int
        Single missing values of genes that stand at the center as well.
    incomplete : int
        Samples without a linear predictor: a covariate is missing, or too many genes.
    columns : mapping of column to numpy.ndarray, shape (n_samples,)
        The design, after scaling.
    """

    linear_predictor: np.ndarray
    missing_genes: tuple[str, ...]
    replaced: int
    incomplete: int
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)


def apply_locked(
    model: LockedModel, frame: pd.DataFrame, genes: pd.DataFrame | None, *, min_genes: float = MIN_GENES_FOUND
) -> Applied:
    """The linear predictor of a model in new samples.

    Parameters
    ----------
    model : LockedModel
    frame : pandas.DataFrame, shape (n_samples, ...)
        Sample sheet with the covariates of the model; `cohort` where the model scales genes within cohorts.
    genes : pandas.DataFrame or None, shape (n_samples, n_genes)
        Expression of the genes that were found, columns by gene, rows as in `frame`.
    min_genes : float
        Smallest fraction of the model's genes that must be found.

    Raises
    ------
    BadInput
        A covariate is missing, has a level that the model does not know, or text in place of numbers; no expression.
    Refused
        Fewer genes found than `min_genes`.
    """
    columns: dict[str, np.ndarray] = {}
    missing = tuple(g for g in model.genes if genes is None or g not in genes.columns)
    _require_genes(model, genes, missing, min_genes)
    scaled = _scaled_genes(model, frame, genes)
    absent = np.zeros(len(frame))
    for one in model.coefficients:
        if one.kind == "gene":
            values = scaled.get(one.term, np.full(len(frame), np.nan))
            absent += np.isnan(values)
            columns[one.column] = np.where(np.isnan(values), one.center, values)
        elif one.kind != "interaction":
            columns[one.column] = _covariate(one, frame, model)
    for one in model.coefficients:
        if one.kind == "interaction":
            columns[one.column] = np.prod([columns[part] for part in one.parts], axis=0)
    linear = np.full(len(frame), model.intercept or 0.0)
    for one in model.coefficients:
        if one.value:
            linear = linear + one.value * (columns[one.column] - one.center)
        else:
            linear = np.where(np.isnan(columns[one.column]), np.nan, linear)
    if model.genes:
        linear = np.where(len(model.genes) - absent < _fewest(model, min_genes), np.nan, linear)
    replaced = int(absent.sum()) - len(missing) * len(frame)
    return Applied(linear, missing, replaced, int(np.isnan(linear).sum()), columns)


def predicted_survival(
    model: LockedModel, linear_predictor: np.ndarray, months: np.ndarray, strata: np.ndarray | None = None
) -> np.ndarray:
    """Survival of each sample by some times, shape (n_samples, n_times); NaN where the model has no baseline for it.

    Parameters
    ----------
    model : LockedModel
    linear_predictor : numpy.ndarray, shape (n_samples,)
    months : numpy.ndarray, shape (n_times,)
    strata : numpy.ndarray of str, shape (n_samples,), optional
        Stratum of each sample. A sample of a stratum that the model does not know has no predicted survival, unless
        the model has a single baseline.
    """
    survival = np.full((len(linear_predictor), len(months)), np.nan)
    single = len(model.baseline) == 1
    for curve in model.baseline:
        rows = np.ones(len(linear_predictor), bool) if single or strata is None else strata == curve.stratum
        if not single and strata is None:
            continue
        with np.errstate(over="ignore"):
            survival[rows] = curve.survival(months)[None, :] ** np.exp(linear_predictor[rows])[:, None]
    return survival


def _require_genes(model: Any, genes: pd.DataFrame, missing: tuple[Any, ...], min_genes: float) -> None:
    if not model.genes:
        return
    if genes is None:
        raise BadInput(f"the model needs the expression of {len(model.genes)} genes", hint="give --expression")
    require_found(model, missing, min_genes)
    unknown = [g for g in missing if g not in model.missing_genes and model.scaling != "within_cohort"]
    if unknown:
        raise Refused(f"the model stores no training mean for genes that the matrix lacks: {first_few(unknown)}",
                      hint="use a matrix that has these genes")  # fmt: skip


def _fewest(model: Any, min_genes: float) -> int:
    """The fewest genes that must be found: the fraction, and at least one; 0.8 of 5 is 4 in floating point, too."""
    return max(1, int(np.ceil(min_genes * len(model.genes) - 1e-9)))


def require_found(model: LockedModel, missing: Collection[str], min_genes: float) -> None:
    """Refused where a matrix that lacks these genes has less than the fraction of the model's genes."""
    if len(model.genes) - len(missing) < _fewest(model, min_genes):
        raise Refused(
            f"{len(missing)} of {len(model.genes)} genes of the model are not in the matrix: {first_few(missing)}",
            hint="bring the matrix to the model's gene names (map_genes), or lower the minimum fraction of genes",
        )


def _scaled_genes(model: Any, frame: pd.DataFrame, genes: pd.DataFrame) -> dict[str, np.ndarray]:
    if genes is None:
        return {}
    held = [g for g in model.genes if g in genes.columns]
    values = genes[held].to_numpy(float)
    if model.scaling == "within_cohort":
        cohort = text_values(frame["cohort"]).fillna("") if "cohort" in frame.columns else pd.Series("", frame.index)
        values = standardize_within(values.T, cohort.to_numpy(object)).T
    return dict(zip(held, values.T, strict=True))


def _covariate(one: Coefficient, frame: pd.DataFrame, model: LockedModel) -> np.ndarray:
    if one.term not in frame.columns:
        raise unknown_name("covariate of the model", one.term, map(str, frame.columns), where="samples and annotations")
    if one.kind == "factor":
        text = text_values(frame[one.term])
        known = {c.level for c in model.coefficients if c.term == one.term} | {one.reference}
        new = sorted(set(text.dropna()) - known)
        if new:
            raise BadInput(
                f"{one.term!r} has levels that are not in the model: {first_few(new)}",
                where="samples and annotations", hint="recode them, or leave these samples out (--where)",
            )  # fmt: skip
        return np.where(text.isna(), np.nan, (text == one.level).astype(float))
    numbers = number_values(frame[one.term])
    if numbers is None:
        if text_values(frame[one.term]).isna().all():
            return np.full(len(frame), np.nan)
        raise BadInput(f"the model needs numbers in {one.term!r}, and there is text", where="samples and annotations")
    values = numbers.to_numpy(float)
    return spline_basis(values, np.array(one.knots))[:, one.place] if one.kind == "spline" else values
