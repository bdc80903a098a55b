"""The genes that differ most, as a heat map shows them: standardized within blocks, samples by group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.errors import Refused
from prognomics.expression.differential import PreparedGenes
from prognomics.expression.differential_samples import Comparison
from prognomics.expression.normalize import standardize_within

SCALE = "SD from the mean of the block"


def top_genes(
    made: PreparedGenes, comparison: Comparison, table: pd.DataFrame, count: int
) -> tuple[pd.DataFrame, pd.Series]:
    """Values of the genes with the smallest p, and the group of each sample.

    Parameters
    ----------
    made : PreparedGenes
    comparison : Comparison
        Samples of other levels are not shown; of a continuous marker all samples are, from low to high.
    table : pandas.DataFrame
        Of `differential_table`.
    count : int
        Genes; those that are higher in the level come first.

    Raises
    ------
    Refused
        No gene has a test.
    """
    tested = table.dropna(subset=["p_value"]).head(count)
    if tested.empty:
        raise Refused("no gene has a test: there is nothing to show in a heat map")
    order = tested.sort_values("t", ascending=False, kind="stable")["gene_id"]
    row_of = {gene: row for row, gene in enumerate(made.genes)}
    ids = np.array(made.sample_ids, object)
    if comparison.high is not None and comparison.low is not None:
        shown = np.flatnonzero(comparison.high | comparison.low)
        group = np.where(comparison.high[shown], comparison.names[1], comparison.names[0])
    else:
        shown = np.argsort(comparison.contrast, kind="stable")
        group = np.where(np.arange(len(shown)) < len(shown) // 2, "lower half", "upper half")
    block = comparison.strata if comparison.strata is not None else np.full(len(ids), "", object)
    values = made.values[[row_of[gene] for gene in order]][:, shown]
    with np.errstate(invalid="ignore"):
        standardized = standardize_within(values, block[shown].tolist())
    return (pd.DataFrame(standardized, order.tolist(), ids[shown].tolist()),
            pd.Series(group, ids[shown].tolist()))  # fmt: skip
