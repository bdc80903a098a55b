"""A model on new samples, with its nomogram and its validation when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel
from prognomics.data.sheet import SampleSheet
from prognomics.learning.application import Application, apply_to_samples
from prognomics.learning.applied_curves import curves_by_group
from prognomics.learning.applied_validation import (
    Validation,
    require_new_samples,
    validate_outcome,
    validate_survival,
)
from prognomics.learning.locked_nomogram import locked_nomogram
from prognomics.learning.model_tables import model_of_tables


@dataclass(frozen=True, eq=False)
class AppliedModel:
    """A model on samples, with what follows from it.

    Attributes
    ----------
    found : Application
    endpoint : Endpoint or None
        Of the samples of `found`.
    expression : ExpressionMatrix or None
    groups : int
        Of the calibration table.
    """

    found: Application
    endpoint: Endpoint | None
    expression: ExpressionMatrix | None
    groups: int

    @property
    def has_outcome(self) -> bool:
        """Whether the model can be validated: by an endpoint, or by the outcome that a logistic model names."""
        return self.endpoint is not None or self.found.model.kind == "logistic"

    @cached_property
    def nomogram(self) -> pd.DataFrame:
        """Points of each variable; see :func:`prognomics.learning.locked_nomogram.locked_nomogram`."""
        return locked_nomogram(self.found)

    @cached_property
    def validation(self) -> Validation:
        """Discrimination and calibration in these samples."""
        if self.found.model.kind == "logistic":
            return validate_outcome(self.found, self.groups, self.expression)
        assert self.endpoint is not None
        return validate_survival(self.found, self.endpoint, self.groups)

    @cached_property
    def curves(self) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """Survival by the groups of the model, and their test; None without groups or an endpoint."""
        return curves_by_group(self.found, self.endpoint, self.validation.known)


def model_from_inputs(
    model: LockedModel | None, coefficients: pd.DataFrame | None, baseline: pd.DataFrame | None,
    samples: SampleSheet | None, expression: ExpressionMatrix | None,
) -> LockedModel:  # fmt: skip
    """The model of a file, or else of tables; see :func:`prognomics.learning.model_tables.model_of_tables`."""
    if model is not None:
        return model
    columns = samples.columns if samples is not None else ()
    return model_of_tables(coefficients, baseline, columns, expression.gene_ids if expression is not None else ())


def apply_and_check(
    model: LockedModel, samples: SampleSheet | None, expression: ExpressionMatrix | None, endpoint: Endpoint | None,
    at: Sequence[float], min_genes: float, groups: int,
) -> AppliedModel:  # fmt: skip
    """Apply a model to samples; with an endpoint, only to samples that it was not derived from.

    Parameters
    ----------
    model : LockedModel
    samples : SampleSheet or None
    expression : ExpressionMatrix or None
    endpoint : Endpoint or None
        Of the same samples.
    at : sequence of float
        Months at which survival is predicted.
    min_genes : float
        Smallest fraction of the model's genes that must be found.
    groups : int
        Of the calibration table.

    Raises
    ------
    BadInput, Refused
        As `apply_to_samples` and `require_new_samples`.
    """
    found = apply_to_samples(model, samples, expression, at, min_genes)
    if endpoint is not None:
        require_new_samples(found, endpoint.known, expression)
    return AppliedModel(found, endpoint, expression, groups)
