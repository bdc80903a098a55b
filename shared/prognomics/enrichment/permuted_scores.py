"""Enrichment against permuted labels of samples, which keeps the correlation of the genes of a set.

Subramanian et al. (2005), doi 10.1073/pnas.0506580102.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.tables import number_column
from prognomics.enrichment.ranking import Ranking
from prognomics.enrichment.score import enrichment_scores
from prognomics.errors import BadInput, Refused, first_few, note

ROUNDED = 1e-3  # permuted statistics are written with four decimals


def match_permuted(ranking: Ranking, permuted: pd.DataFrame, where: str) -> tuple[Ranking, np.ndarray]:
    """The genes of the ranking that have permuted statistics, and these.

    Parameters
    ----------
    ranking : Ranking
    permuted : pandas.DataFrame
        Columns `gene_id`, `observed`, and one for each permutation.
    where : str
        For messages.

    Returns
    -------
    (Ranking, numpy.ndarray)
        Statistics of shape (n_genes, n_permutations), in the order of the ranking.

    Raises
    ------
    BadInput
        A gene twice, no permutation, or observed statistics that are not those of the ranking.
    Refused
        Fewer than two genes in common.
    """
    names = [str(name) for name in permuted.columns if name not in ("gene_id", "observed")]
    if not names:
        raise BadInput("there is no column of a permutation", where=where,
                       hint="give the file that differential_expression writes with --out-permuted")  # fmt: skip
    genes = permuted["gene_id"].astype(str)
    if genes.duplicated().any():
        raise BadInput("genes occur twice", where=f"{where}: {first_few(genes[genes.duplicated()])}")
    observed, *values = (
        number_column(permuted, name, where=where, key="gene_id").to_numpy(float) for name in ["observed", *names]
    )
    table = pd.DataFrame(np.column_stack([observed, *values]), index=genes.to_numpy(object))
    table = table[np.isfinite(table).all(axis=1)]
    there = np.array([gene in table.index for gene in ranking.genes])
    if there.sum() < 2:
        raise Refused(f"{int(there.sum())} genes of the ranking have permuted statistics",
                      where=f"{where}: {first_few(genes)}")  # fmt: skip
    if not there.all():
        note("genes-without-statistic", f"{int((~there).sum())} of {len(there)} genes without permuted statistics are "
             "excluded")  # fmt: skip
    kept = Ranking([gene for gene, has in zip(ranking.genes, there, strict=True) if has], ranking.statistic[there])
    found = table.loc[kept.genes].to_numpy()
    if np.abs(found[:, 0] - kept.statistic).max() > ROUNDED:
        worst = kept.genes[int(np.abs(found[:, 0] - kept.statistic).argmax())]
        raise BadInput("the observed statistics are not those by which the genes are ranked", where=f"{where}: {worst}",
                       hint="give the table and the permuted statistics of one call, ranked by t")  # fmt: skip
    return kept, found[:, 1:]


def permuted_columns(
    genes: Sequence[str], statistics: np.ndarray, members: Sequence[np.ndarray], scores: np.ndarray, weight: float
) -> dict[str, np.ndarray]:
    """p-values of scores among those that the same sets have under permuted labels.

    Parameters
    ----------
    genes : sequence of str, in the order of the ranking
    statistics : numpy.ndarray, shape (n_genes, n_permutations)
    members : sequence of numpy.ndarray of int
        Ranks of each set's genes.
    scores : numpy.ndarray, shape (n_sets,)
    weight : float

    Returns
    -------
    dict
        `p_value`: among permutations whose score has the same sign, the fraction that reaches the score, one added to
        both counts; `nes`: the score over the mean of these; `log2_error`: standard error of the logarithm of p.
    """
    null = np.empty((len(members), statistics.shape[1]))
    by_name = np.argsort(np.array(genes, dtype=str), kind="stable")
    sizes = np.array([len(one) for one in members])
    groups = [np.flatnonzero(sizes == size) for size in np.unique(sizes)]
    places = [np.array([members[int(i)] for i in own]) for own in groups]
    rank = np.empty(len(genes), dtype=np.int64)
    for k, column in enumerate(statistics.T):
        order = by_name[np.argsort(-column[by_name], kind="stable")]
        rank[order] = np.arange(len(order))
        absolute = np.abs(column[order])
        weights = (absolute / max(absolute.max(), np.finfo(float).tiny)) ** weight
        for own, genes_of_own in zip(groups, places, strict=True):
            null[own, k] = enrichment_scores(np.sort(rank[genes_of_own], axis=1), weights)
    sign = np.sign(scores)[:, None]
    same = sign * null > 0
    reached = (same & (sign * null >= sign * scores[:, None])).sum(axis=1)
    n_same = same.sum(axis=1)
    p_value = np.where(scores == 0, 1.0, (reached + 1.0) / (n_same + 1.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(same, np.abs(null), 0.0).sum(axis=1) / n_same
        nes = np.where(n_same > 0, scores / mean, np.nan)
    return {"p_value": p_value, "nes": nes, "log2_error": np.sqrt((1.0 - p_value) / (reached + 1.0)) / np.log(2)}
