"""Classes of samples by consensus clustering of a signature's genes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile


def cluster_samples(
    expression: ExpressionMatrix,
    samples: SampleSheet | None,
    signature: SignatureFile | None,
    signature_name: str | None,
    k: list[int],
    scaling: str,
    resamples: int,
    fraction: float,
    min_coverage: float,
    min_present: float,
    seed: int,
    name: str,
) -> dict[str, object]:
    from prognomics.signature import clusters
    from prognomics.signature.cluster_genes import genes_to_cluster
    from prognomics.signature.outcome import measured

    if samples is not None:
        samples, _ = measured(samples.ordered(), expression.sample_ids)
        expression = expression.select(samples.sample_ids)
    else:
        expression = expression.select(sorted(expression.sample_ids))
    known = samples is not None and "cohort" in samples.columns
    cohorts = samples.labels("cohort") if known else np.full(len(expression.sample_ids), "all", object)
    chosen = None if signature is None else signature.one(signature_name)
    genes, values = genes_to_cluster(expression, chosen, min_coverage, min_present)
    scaled, centered = clusters.scaled_profiles(values, cohorts, scaling)
    rng = np.random.Generator(np.random.PCG64(seed))
    found = clusters.cluster_samples(scaled, k, resamples=resamples, fraction=fraction, rng=rng)
    groups = {"sample_id": expression.sample_ids, name: found.classes, f"{name}_silhouette": found.silhouette}

    def plot() -> object:
        from prognomics.report.figures.consensus import ConsensusFigure

        return ConsensusFigure(found.consensus, found.classes, list(found.names), found.table)

    centroids = clusters.class_centroids(centered, genes, found.classes, found.names)
    return {"groups": pd.DataFrame(groups), "table": found.table, "centroids": centroids, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
