"""Preranked gene set enrichment analysis."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.signature import SignatureFile
from prognomics.enrichment.gene_sets import GeneSets, collect_sets
from prognomics.enrichment.null_scores import null_scores, tail_probabilities
from prognomics.enrichment.permuted_scores import permuted_columns
from prognomics.enrichment.ranking import Ranking
from prognomics.enrichment.score import enrichment_scores, leading_edge, running_score
from prognomics.enrichment.table import enrichment_table

REFINED_BELOW = 20


@dataclass(frozen=True)
class RankedEnrichment:
    """The table, and the running score of its first set (columns `rank, score, hit`)."""

    table: pd.DataFrame
    running: pd.DataFrame


def ranked_enrichment(
    ranking: Ranking,
    files: Sequence[SignatureFile],
    *,
    min_size: int,
    max_size: int,
    weight: float,
    permutations: int,
    seed: int,
    made_from: Collection[str] = (),
    permuted: np.ndarray | None = None,
) -> RankedEnrichment:
    """Test whether the genes of each set gather at an end of the ranking.

    Parameters
    ----------
    ranking : Ranking
    files : sequence of SignatureFile
    min_size, max_size : int
    weight : float
        Power of the absolute statistic by which genes count; 0 counts them alike.
    permutations : int
        Random sets per size. Where fewer than 20 of them reach a score, multilevel splitting estimates its probability.
    seed : int
    made_from : collection of str
        Genes from which the compared groups were made.
    permuted : numpy.ndarray, shape (n_genes, n_permutations), optional
        Statistics under permuted labels of samples, in the order of the ranking; the p-values are then of these instead
        of random sets, and `permutations` and `seed` have no part in them.

    Returns
    -------
    RankedEnrichment
        `p_value` is that of a score of the same sign; `nes` is the score over the mean of random sets of the size with
        the same sign. Both depend on the genes' names and the seed, not on the order of rows or other sets.

    Raises
    ------
    Refused
        No set within the limits, or each holds all ranked genes.
    """
    limit = min(max_size, len(ranking.genes) - 1)
    sets = collect_sets(files, ranking.genes, min_size, limit)
    weights = np.abs(ranking.statistic / np.abs(ranking.statistic).max()) ** weight
    scores = np.array([float(enrichment_scores(genes[None, :], weights)[0]) for genes in sets.members])
    if permuted is None:
        columns = _tested(sets, weights, scores, permutations, seed)
    else:
        columns = permuted_columns(ranking.genes, permuted, sets.members, scores, weight)
    edges = [leading_edge(genes, weights) for genes in sets.members]
    columns |= {"method": "gsea" if permuted is None else "gsea, samples permuted", "es": scores,
                "leading_edge": [",".join(ranking.genes[i] for i in edge) or None for edge in edges]}  # fmt: skip
    table = enrichment_table(sets, columns, ranking.genes, made_from)
    first = sets.members[sets.names.index(table["set"].iloc[0])]
    rank, height = running_score(first, weights)
    running = pd.DataFrame({"rank": rank, "score": height})
    running["hit"] = [False, *[False, True] * len(first), False]
    return RankedEnrichment(table, running)


def _tested(sets: GeneSets, weights: np.ndarray, scores: np.ndarray, permutations: int, seed: int) -> dict[str, Any]:
    sizes = np.array([len(genes) for genes in sets.members])
    p_value, nes, error = np.full((3, len(scores)), np.nan)
    for size in np.unique(sizes):
        null = null_scores(weights, int(size), permutations, seed)
        for sign in (1.0, -1.0):
            own = np.flatnonzero((sizes == size) & (sign * scores > 0))
            same = sign * null[sign * null >= 0]
            if not len(own):
                continue
            reached = np.array([(same >= sign * score).sum() for score in scores[own]])
            p_value[own] = (reached + 1.0) / (len(same) + 1.0)
            error[own] = np.sqrt((1.0 - p_value[own]) / (reached + 1.0)) / np.log(2)
            if len(same) and same.mean() > 0:
                nes[own] = scores[own] / same.mean()
            few = own[reached < REFINED_BELOW]
            if len(few):
                turned = weights if sign > 0 else weights[::-1]
                logs, spread = tail_probabilities(turned, int(size), sign * scores[few], seed)
                share = (len(same) + 1.0) / (permutations + 1.0)
                p_value[few] = np.minimum(1.0, np.exp(logs) / share)
                error[few] = spread / np.log(2)
    p_value[scores == 0] = 1.0
    return {"p_value": p_value, "nes": nes, "log2_error": error}
