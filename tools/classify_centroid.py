"""Classes of tumors by the nearest centroid of a signature, such as CINSARC's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile, aliases_of


def classify_centroid(
    expression: ExpressionMatrix,
    samples: SampleSheet | None,
    mode: str,
    signature: SignatureFile | None,
    signature_name: str | None,
    outcome_column: str | None,
    endpoint: Endpoint | None,
    horizon: float | None,
    class_label: list[tuple[str, str]],
    permutations: int,
    seed: int,
    centroids: pd.DataFrame | None,
    distance: str,
    min_margin: float,
    aliases: pd.DataFrame | None,
    min_coverage: float,
    center_within: str | None,
    name: str | None,
) -> dict[str, object]:
    from prognomics.signature import centroid, outcome

    labels = genes = chosen = cohorts = None
    other_names = {} if aliases is None else aliases_of(aliases)
    if samples is not None:
        samples, endpoint = outcome.measured(samples, expression.sample_ids, endpoint)
        expression = expression.select(samples.sample_ids)
        cohorts = samples.labels(center_within) if center_within else None
    if mode != "apply":
        known = outcome.outcome_labels(samples, outcome_column, endpoint, horizon)
        labels, chosen = outcome.rename_classes(known, dict(class_label)), signature.one(signature_name)
        other_names = chosen.other_names(other_names)
        genes = chosen.genes_as(expression.gene_ids, other_names)
    found = centroid.classify_centroid(
        expression.values, expression.gene_ids, mode=mode, signature=genes, labels=labels, centroids=centroids,
        aliases=other_names, min_coverage=min_coverage, center_within=cohorts, distance=distance, min_margin=min_margin,
    )  # fmt: skip
    outcome.tell_of_classes(found)
    column = name or outcome.class_column(chosen.name if chosen else "")

    def test() -> pd.DataFrame:
        from prognomics.signature.class_test import class_test

        against = outcome.tested_outcome(samples, labels, outcome_column, endpoint, horizon, center_within)
        rng = np.random.Generator(np.random.PCG64(seed))
        return class_test(found, against, n_permutations=permutations, min_margin=min_margin, rng=rng)

    def plot() -> object:
        from prognomics.report.figures.heatmap import HeatmapFigure
        from prognomics.signature.signature_values import signature_values

        values = signature_values(expression, found.coverage["matched_as"].dropna(), cohorts)
        return HeatmapFigure(values, pd.Series(found.classes, index=expression.sample_ids), title=column)

    return {
        "classes": found.table(expression.sample_ids, column),
        "centroids": None if mode == "apply" else found.centroids,
        "test": test if mode == "loocv" else None,
        "coverage": found.coverage,
        "plot": plot,
    }


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
