"""Genes in the order of a statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.signature import SYMBOL_HEADS
from prognomics.data.tables import number_column
from prognomics.errors import BadInput, Refused, first_few, note, unknown_name, warn

RANK_COLUMNS = ("t", "z", "beta", "log_fc")


@dataclass(frozen=True)
class Ranking:
    """Genes from the highest statistic to the lowest, both of shape (n_genes,)."""

    genes: list[str]
    statistic: np.ndarray


def ranking_of(table: pd.DataFrame, column: str | None, where: str = "table") -> Ranking:
    """Rank genes by a column of a table; ties are in the order of their names.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per gene, with its name in `gene_id` (or gene, symbol).
    column : str, optional
        By default the first of t, z, beta and log_fc that the table has.

    Raises
    ------
    BadInput
        No such column, a gene twice, an infinite statistic.
    Refused
        Fewer than two genes with a statistic, or all alike.
    """
    names = next((name for name in ("gene_id", "gene", *SYMBOL_HEADS) if name in table.columns), None)
    if names is None:
        raise BadInput("the table has no column of genes", where=f"{where}: its columns are {first_few(table.columns)}",
                       hint="name the column gene_id")  # fmt: skip
    if column is None:
        column = next((name for name in RANK_COLUMNS if name in table.columns), None)
        if column is None:
            raise BadInput("the table has none of the columns t, z, beta and log_fc", where=where,
                           hint="name the column to rank by: --rank-column")  # fmt: skip
    if column not in table.columns:
        raise unknown_name("column", column, map(str, table.columns), where=where)
    statistic = number_column(table, column, where=where, key=names).to_numpy(float)
    genes = table[names]
    there = ~np.isnan(statistic) & genes.notna().to_numpy()
    if not there.all():
        note("genes-without-statistic", f"{int((~there).sum())} of {len(table)} genes without a {column} are excluded")
    genes, statistic = genes[there].astype(str).to_numpy(object), statistic[there]
    if len(set(genes)) < len(genes):
        repeated = pd.Series(genes)[pd.Series(genes).duplicated()]
        raise BadInput("genes occur twice in the table", where=f"{where}: {first_few(dict.fromkeys(repeated))}",
                       hint="give a table with one row per gene")  # fmt: skip
    if np.isinf(statistic).any():
        infinite = first_few(genes[np.isinf(statistic)])
        raise BadInput(f"column {column!r} holds infinite values", where=f"{where}: {infinite}")
    if len(genes) < 2 or np.ptp(statistic) == 0:
        raise Refused(f"{len(genes)} genes have a {column}, and it does not differ: they cannot be ranked", where=where)
    order = np.lexsort([genes.astype(str), -statistic])
    tied = len(genes) - len(np.unique(statistic))
    if tied > 0.01 * len(genes):
        warn("tied-ranks", f"{tied} of {len(genes)} genes have the same {column} as another: their order is that of "
             "their names, and scores depend on it")  # fmt: skip
    return Ranking(genes[order].tolist(), statistic[order])
