"""`learn_signature` from a sample sheet: outcome, data, analysis, tables, and the locked model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile
from prognomics.errors import UsageError
from prognomics.learning.analysis import (
    SignatureAnalysis,
    analyze_signature,
    coefficient_table,
    cv_table,
    path_table,
    published_scores,
    score_table,
)
from prognomics.learning.cohort_data import learning_data, outcome_of
from prognomics.learning.learner import Settings
from prognomics.learning.locked_signature import lock_signature


@dataclass(frozen=True, eq=False)
class NamedSignature:
    """A signature with its name, as tables and as a model.

    Attributes
    ----------
    analysis : SignatureAnalysis
    expression : ExpressionMatrix
    name, scaling : str
    cut_quantiles : sequence of float
        Of the linear predictor, at which the model divides samples.
    """

    analysis: SignatureAnalysis
    expression: ExpressionMatrix
    name: str
    scaling: str
    cut_quantiles: Sequence[float]

    def outputs(self) -> dict[str, Any]:
        """The outputs of `learn_signature` by name: tables, or functions that make them."""
        found = self.analysis
        return {
            "fitted": self.lock, "coefficients": lambda: coefficient_table(found), "path": lambda: path_table(found),
            "cv": lambda: cv_table(found), "validation": found.validation, "null": found.null,
            "scores": lambda: score_table(found, self.name),
        }  # fmt: skip

    def figure_tables(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
        """Coefficients, validation, random signatures and cross-validation, as the figure takes them."""
        found = self.analysis
        cv = cv_table(found) if found.learned.mean is not None else None
        return coefficient_table(found), found.validation, found.null, cv

    def lock(self) -> LockedModel:
        """The final signature as a model."""
        return locked(
            self.analysis, self.expression, name=self.name, scaling=self.scaling, cut_quantiles=self.cut_quantiles
        )


def learn_from_sheet(
    samples: SampleSheet,
    expression: ExpressionMatrix,
    endpoint: Endpoint | None,
    outcome_column: str | None,
    outcome_level: str | None,
    *,
    covariates: Sequence[str],
    factors: Sequence[str],
    strata: Sequence[str],
    scaling: str,
    candidates: SignatureFile | None,
    leave_out: str,
    nested: bool,
    fold_column: str | None,
    at: Sequence[float],
    compare: Sequence[SignatureFile],
    n_random: int,
    n_permuted: int,
    name: str,
    cut_quantiles: Sequence[float],
    **settings: Any,
) -> NamedSignature:
    """Derive a signature from the samples of a sheet; see `analyze_signature`.

    `settings` are those of :class:`prognomics.learning.learner.Settings`, without `standardize`.

    Raises
    ------
    UsageError
        Neither an endpoint nor an outcome column.
    """
    if outcome_column is not None:
        column = samples.resolve(outcome_column)
        event, level = outcome_of(samples.frame, column, outcome_level)
        time, named = None, f"{column}={level}"
    elif endpoint is not None:
        time, event = np.asarray(endpoint.time_months, float), np.asarray(endpoint.event, float)
        named = endpoint.name
    else:
        raise UsageError("no outcome was named", hint="give --endpoint, or --outcome-column")
    allowed = None
    if candidates is not None:
        present = set(expression.gene_ids)
        allowed = {gene for one in candidates.signatures for gene in one.genes_as(present)}
    data = learning_data(
        samples.frame, expression, time, event, covariates=covariates, factors=factors, strata=strata, scaling=scaling,
        candidates=allowed,
    )  # fmt: skip
    chosen = Settings(**settings, standardize=scaling != "none")
    common = {
        "endpoint": named, "population": samples.population, "method": method_of(chosen, scaling, data.strata_name),
    }  # fmt: skip
    analysis = analyze_signature(
        data, chosen, leave_out=leave_out, nested=nested,
        fold_column=samples.resolve(fold_column) if fold_column else None, at=sorted(at),
        published=published_scores(expression, data, compare), n_random=n_random, n_permuted=n_permuted,
        common=common,
    )  # fmt: skip
    return NamedSignature(analysis, expression, name, scaling, cut_quantiles)


def method_of(settings: Settings, scaling: str, strata: str) -> str:
    """The procedure in words, as tables state it."""
    scaled = {"within_cohort": "genes standardized within cohorts", "overall": "genes standardized over all samples",
              "none": "genes as given"}[scaling]  # fmt: skip
    if settings.learner == "univariable":
        return f"the {settings.n_genes} genes with the largest univariable score statistics, summed by sign; {scaled}"
    kind = {1.0: "lasso", 0.0: "ridge"}.get(settings.alpha, f"elastic net (alpha {settings.alpha:g})")
    rule = f"lambda.{settings.rule} of {settings.folds}-fold cross-validation"
    return f"{kind}, {rule}; {scaled}" + (f"; stratified by {strata}" if strata != "none" else "")


def locked(
    found: SignatureAnalysis, expression: ExpressionMatrix, *, name: str, scaling: str, cut_quantiles: Sequence[float]
) -> LockedModel:
    """The final signature as a model; see `lock_signature`."""
    outcome = None
    if found.data.binary:
        column, level = str(found.common["endpoint"]).split("=", 1)
        outcome = {"column": column, "level": level}
    return lock_signature(
        found.data, found.learned, name=name, scaling=scaling, cut_quantiles=cut_quantiles,
        endpoint=None if outcome else found.common["endpoint"], outcome=outcome,
        population=str(found.common["population"]), method=str(found.common["method"]), expression=expression,
    )  # fmt: skip
