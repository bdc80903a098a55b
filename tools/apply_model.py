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
    exclude_derivation: bool,
) -> dict[str, object]:
    from prognomics.learning.application import all_samples, score_table
    from prognomics.learning.applied_model import apply_and_check, model_from_inputs
    from prognomics.learning.overlap import without_derivation

    model = model_from_inputs(model, coefficients, baseline, samples, expression)
    require_unedited(model, accept_edited)
    if exclude_derivation:
        samples, kept = without_derivation(model, all_samples(samples, expression), expression)
        endpoint = endpoint.take(kept) if endpoint is not None else None
    applied = apply_and_check(model, samples, expression, endpoint, at, min_genes, groups)

    def nomogram_plot() -> object:
        from prognomics.report.figures.nomogram import NomogramFigure

        return NomogramFigure(applied.nomogram)

    def plot() -> object:
        from prognomics.report.figures.validation import ValidationFigure

        tables = applied.validation.table, applied.validation.calibration
        return ValidationFigure(*tables, *applied.curves, endpoint=endpoint.name if endpoint else "")

    outputs: dict[str, object] = {"scores": score_table(applied.found, name), "nomogram": lambda: applied.nomogram,
                                  "nomogram_plot": nomogram_plot}  # fmt: skip
    if applied.has_outcome:
        outputs |= {"validation": lambda: applied.validation.table,
                    "calibration": lambda: applied.validation.calibration, "plot": plot}  # fmt: skip
    return outputs


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
