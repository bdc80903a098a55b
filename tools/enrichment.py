"""Gene sets in a ranking of all genes, or in a list of genes."""

from __future__ import annotations

from functools import partial

import pandas as pd

from prognomics.data.gene_list import GeneList
from prognomics.data.signature import SignatureFile
from prognomics.errors import UsageError


def enrichment(
    method: str,
    table: pd.DataFrame | None,
    rank_column: str | None,
    weight: float,
    permutations: int,
    seed: int,
    permute: str,
    permuted: pd.DataFrame | None,
    gene_list: GeneList | None,
    universe: GeneList | None,
    sets: list[SignatureFile],
    min_size: int,
    max_size: int,
    made_from: GeneList | None,
    top: int,
) -> dict[str, object]:
    from prognomics.enrichment.overlap import overlap_enrichment
    from prognomics.enrichment.permuted_scores import match_permuted
    from prognomics.enrichment.ranked import ranked_enrichment
    from prognomics.enrichment.ranking import ranking_of
    from prognomics.report.figures.enrichment import EnrichmentFigure

    if min_size > max_size:
        raise UsageError(f"--min-size {min_size} is above --max-size {max_size}")
    if permute == "samples" and permuted is None:
        raise UsageError("labels of samples are permuted by differential_expression --out-permuted F",
                         hint="give its file: --permuted F")  # fmt: skip
    limits = {"min_size": min_size, "max_size": max_size, "made_from": made_from.genes if made_from else ()}
    running = None
    if method == "ora":
        found = overlap_enrichment(gene_list.genes, universe.genes if universe else None, sets, **limits)
    else:
        ranking, statistics = ranking_of(table, rank_column), None
        if permute == "samples":
            ranking, statistics = match_permuted(ranking, permuted, "permuted")
        ranked = ranked_enrichment(ranking, sets, weight=weight, permutations=permutations, seed=seed,
                                   permuted=statistics, **limits)  # fmt: skip
        found, running = ranked.table, ranked.running

    return {"table": found, "plot": partial(EnrichmentFigure, found, running, top=top)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
