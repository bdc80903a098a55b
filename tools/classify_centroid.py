"""Classes of tumors by the nearest centroid of a signature, such as CINSARC's."""

from __future__ import annotations

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile


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
    from prognomics.signature import classification, outcome

    samples, endpoint = outcome.measured(samples, expression.sample_ids, endpoint)
    given = outcome_column, endpoint, horizon
    labels = None if mode == "apply" else outcome.class_labels(samples, *given, dict(class_label))
    made = classification.classify_samples(
        expression, samples, mode, labels, signature=signature, signature_name=signature_name, centroids=centroids,
        aliases=aliases, min_coverage=min_coverage, center_within=center_within, distance=distance,
        min_margin=min_margin,
    )  # fmt: skip

    def test() -> pd.DataFrame:
        against = outcome.tested_outcome(samples, labels, *given, center_within)
        return made.test(against, permutations, min_margin, seed)

    def plot() -> object:
        from prognomics.report.figures.heatmap import HeatmapFigure

        return HeatmapFigure(made.signature_values(), made.classes(), title=name or made.column)

    return {"classes": made.table(name), "centroids": None if mode == "apply" else made.found.centroids,
            "test": test if mode == "loocv" else None, "coverage": made.found.coverage, "plot": plot}  # fmt: skip


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
