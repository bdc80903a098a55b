"""How well a model predicts, with and without a marker."""

from __future__ import annotations

from functools import partial

import numpy as np

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel
from prognomics.data.sheet import SampleSheet


def evaluate_model(
    samples: SampleSheet,
    expression: ExpressionMatrix | None,
    gene: str | None,
    marker_column: str | None,
    model: LockedModel | None,
    accept_edited: bool,
    exclude_derivation: bool,
    covariate: list[str],
    endpoint: Endpoint,
    at: list[float],
    strata: list[str],
    ties: str,
    factor: list[str],
    numeric: list[str],
    reference_level: list[tuple[str, str]],
    groups: int,
    bootstraps: int,
    seed: int,
) -> dict[str, object]:
    from prognomics.learning.application import with_linear_predictor
    from prognomics.learning.overlap import without_derivation
    from prognomics.report.figures.evaluation import EvaluationFigure
    from prognomics.report.figures.nomogram import NomogramFigure
    from prognomics.survival.evaluation.analysis import evaluate_models

    marker = None
    if gene or marker_column:
        samples, marker = samples.with_marker(expression, gene, marker_column)
    if model is not None:
        if exclude_derivation:
            samples, kept = without_derivation(model, samples, expression)
            endpoint = endpoint.take(kept)
        samples, marker = with_linear_predictor(samples, model, expression, endpoint.known, accept_edited)
    found = evaluate_models(
        samples.frame, endpoint.time_months, endpoint.event, list(dict.fromkeys(covariate)), marker, at=at,
        strata=strata, ties=ties, factors=factor, numerics=[*([marker] if gene or model else []), *numeric],
        reference_levels=dict(reference_level), groups=groups, bootstraps=bootstraps,
        rng=np.random.Generator(np.random.PCG64(seed)), endpoint=endpoint.name, population=samples.population,
    )  # fmt: skip

    plot = partial(
        EvaluationFigure, found.table, found.roc, found.curve, found.calibration, found.decision, marker=marker or ""
    )
    return {**vars(found), "plot": plot, "nomogram_plot": partial(NomogramFigure, found.nomogram)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
