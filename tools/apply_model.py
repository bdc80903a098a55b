"""Apply a locked model to other samples, and validate it there."""

from __future__ import annotations

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel, require_unedited
from prognomics.data.sheet import SampleSheet


def apply_model(
    model: LockedModel | None,
    accept_edited: bool,
    coefficients: pd.DataFrame | None,
    baseline: pd.DataFrame | None,
    samples: SampleSheet | None,
    expression: ExpressionMatrix | None,
    endpoint: Endpoint | None,
    at: list[float],
    min_genes: float,
    groups: int,
    name: str | None,
) -> dict[str, object]:
    from functools import cache

    from prognomics.learning import applied_validation as validation
    from prognomics.learning.application import apply_to_samples, score_table
    from prognomics.learning.locked_nomogram import locked_nomogram
    from prognomics.learning.model_tables import model_of_tables

    if model is None:
        columns = samples.columns if samples is not None else ()
        model = model_of_tables(coefficients, baseline, columns, expression.gene_ids if expression is not None else ())
    require_unedited(model, accept_edited)
    found = apply_to_samples(model, samples, expression, at, min_genes)
    nomogram = cache(lambda: locked_nomogram(found))

    def nomogram_plot() -> object:
        from prognomics.report.figures.nomogram import NomogramFigure

        return NomogramFigure(nomogram())

    outputs: dict[str, object] = {
        "scores": score_table(found, name),
        "nomogram": nomogram,
        "nomogram_plot": nomogram_plot,
    }
    if endpoint is None and model.kind != "logistic":
        return outputs
    if endpoint is not None:
        validation.require_new_samples(found, endpoint.known, expression)

    @cache
    def validated() -> validation.Validation:
        if model.kind == "logistic":
            return validation.validate_outcome(found, groups, expression)
        return validation.validate_survival(found, endpoint, groups)

    def plot() -> object:
        from prognomics.learning.applied_curves import curves_by_group
        from prognomics.report.figures.validation import ValidationFigure

        done = validated()
        curve, test = curves_by_group(found, endpoint, done.known)
        return ValidationFigure(done.table, done.calibration, curve, test,
                                endpoint=endpoint.name if endpoint else "")  # fmt: skip

    return {**outputs, "validation": lambda: validated().table, "calibration": lambda: validated().calibration,
            "plot": plot}  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
