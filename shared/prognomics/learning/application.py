"""A locked model in new samples: linear predictors, groups and predicted survival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel, groups_of, require_unedited
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import COHORT
from prognomics.errors import BadInput, UsageError, first_few, warn
from prognomics.learning.absolute_risk import strata_of
from prognomics.learning.applied import MIN_GENES_FOUND, Applied, apply_locked, predicted_survival
from prognomics.learning.applied_ranks import apply_ranked
from prognomics.learning.new_samples import genes_of, require_scalable
from prognomics.learning.overlap import require_new, require_other_profiles
from prognomics.signature.score_analysis import RANKED

ALL = "all"


@dataclass(frozen=True)
class Application:
    """A model in new samples; arrays and rows are in the order of the samples.

    Attributes
    ----------
    model : LockedModel
    frame : pandas.DataFrame, shape (n_samples, ...)
    applied : Applied
    group : numpy.ndarray of object, shape (n_samples,)
    stratum : numpy.ndarray of str, shape (n_samples,)
        Of the baseline.
    at : tuple of float
        Months.
    survival : numpy.ndarray, shape (n_samples, n_times)
    population : str
    """

    model: LockedModel
    frame: pd.DataFrame
    applied: Applied
    group: np.ndarray
    stratum: np.ndarray
    at: tuple[float, ...]
    survival: np.ndarray
    population: str = "all"

    @property
    def linear_predictor(self) -> np.ndarray:
        return self.applied.linear_predictor

    @property
    def cohort(self) -> np.ndarray:
        """Cohort of each sample, shape (n_samples,); "all" in a sheet without cohorts."""
        if COHORT not in self.frame.columns:
            return np.full(len(self.frame), ALL, object)
        result: np.ndarray = text_values(self.frame[COHORT]).fillna("(no cohort)").to_numpy(object)
        return result

    @property
    def without_baseline(self) -> list[str]:
        """Strata of these samples that a Cox model with several strata has no baseline of."""
        if len(self.model.baseline) == 1:
            return []
        known = {curve.stratum for curve in self.model.baseline}
        return sorted({str(s) or "(no stratum)" for s in self.stratum} - known)


def all_samples(samples: SampleSheet | None, expression: ExpressionMatrix | None) -> SampleSheet:
    """The sheet, or without one all samples of the matrix; UsageError if there is neither."""
    if samples is not None:
        return samples
    if expression is None:
        raise UsageError("there are no samples to apply the model to", hint="give --samples, --expression, or both")
    return SampleSheet(pd.DataFrame({"sample_id": list(expression.sample_ids)}), expression.where)


def apply_to_samples(
    model: LockedModel, samples: SampleSheet | None, expression: ExpressionMatrix | None, at: Sequence[float],
    min_genes: float,
) -> Application:  # fmt: skip
    """Linear predictor, group and predicted survival of new samples; what was missing is warned of.

    Parameters
    ----------
    model : LockedModel
    samples : SampleSheet or None
        Without it, all samples of the matrix.
    expression : ExpressionMatrix or None
        Needed for a model with genes.
    at : sequence of float
        Months.
    min_genes : float
        Smallest fraction of the model's genes that must be found.

    Raises
    ------
    UsageError
        Neither samples nor expression.
    BadInput, Refused
        See `apply_locked` and `require_scalable`.
    """
    samples = all_samples(samples, expression)
    frame = samples.frame.reset_index(drop=True)
    require_scalable(model, frame)
    if model.score_method in RANKED:
        applied = apply_ranked(model, expression, samples.sample_ids, min_genes)
    else:
        genes = genes_of(model, expression, samples.sample_ids) if expression is not None and model.genes else None
        applied = apply_locked(model, frame, genes, min_genes=min_genes)
    if applied.missing_genes:
        taken = "excluded" if model.score_method in RANKED else "taken at their training mean"
        warn("genes-missing", f"{len(applied.missing_genes)} of {len(model.genes)} genes of the model are not in the "
             f"matrix and are {taken}: {first_few(applied.missing_genes, 10)}")  # fmt: skip
    if applied.replaced:
        warn("values-missing", f"{applied.replaced} missing values of genes are taken at the training mean")
    if applied.incomplete:
        ids = np.array(samples.sample_ids, object)[np.isnan(applied.linear_predictor)]
        warn("samples-incomplete", f"{applied.incomplete} of {len(frame)} samples have no linear predictor: a variable "
             f"or too many genes are missing ({first_few(ids)})")  # fmt: skip
    times = tuple(sorted(dict.fromkeys(float(t) for t in at)))
    stratum, linear = strata_of(model, frame), applied.linear_predictor
    survival = predicted_survival(model, linear, np.array(times), stratum)
    found = Application(model, frame, applied, groups_of(model, linear), stratum, times, survival, samples.population)
    _warn_about_risks(found)
    return found


def _warn_about_risks(found: Application) -> None:
    model = found.model
    if not model.baseline:
        return
    if found.without_baseline:
        warn("no-baseline", f"the model has a baseline for each of {len(model.baseline)} strata, and none for "
             f"{first_few(found.without_baseline)}: no absolute risks there; linear predictors are comparable within "
             "a stratum")  # fmt: skip
    ends = max(curve.time_months[-1] if curve.time_months else 0.0 for curve in model.baseline)
    late = [f"{t:g}" for t in found.at if t > ends]
    if late:
        warn("horizon-beyond-model", f"the model's follow-up ends at {ends:g} months: no predicted survival at "
             f"{', '.join(late)}")  # fmt: skip


def score_table(found: Application, name: str | None = None) -> pd.DataFrame:
    """`--out-scores`: linear predictor, group and predicted survival (of a logistic model, the probability).

    With a name the linear predictor has it, and the other columns begin with it, so that several models can be applied
    to the same samples.
    """
    table = pd.DataFrame({"sample_id": found.frame["sample_id"].to_numpy(), "linear_predictor": found.linear_predictor,
                          "group": found.group})  # fmt: skip
    if found.model.kind == "cox":
        for k, months in enumerate(found.at):
            table[f"survival_{months:g}"] = found.survival[:, k]
    elif found.model.kind == "logistic":
        with np.errstate(over="ignore"):
            risk = 1 / (1 + np.exp(-found.linear_predictor))
        table["probability"] = risk if found.model.intercept is not None else np.nan  # none of a conditional model
    if name is None:
        return table
    others = {column: f"{name}_{column}" for column in table.columns[1:]}
    return table.rename(columns={**others, "linear_predictor": name})


def with_linear_predictor(
    samples: SampleSheet, model: LockedModel, expression: ExpressionMatrix | None, known: np.ndarray,
    accept_edited: bool,
) -> tuple[SampleSheet, str]:  # fmt: skip
    """The sheet with a column of the model's linear predictor, and the name of that column.

    Parameters
    ----------
    samples : SampleSheet
    model : LockedModel
    expression : ExpressionMatrix or None
    known : numpy.ndarray of bool, shape (n_samples,)
        Samples with an outcome; refused if the model was derived from one of them.
    accept_edited : bool
        Whether the model's file may have been edited.
    """
    require_unedited(model, accept_edited)
    require_new(model, samples.frame[known])
    require_other_profiles(model, samples.frame, known, expression)
    found = apply_to_samples(model, samples, expression, (), MIN_GENES_FOUND)
    name = model.name if model.name not in samples.columns else "linear_predictor"
    if name in samples.columns:
        raise BadInput(f"the sample sheet already has a column {name!r}", hint="rename the column")
    return replace(samples, frame=samples.frame.assign(**{name: found.linear_predictor})), name
