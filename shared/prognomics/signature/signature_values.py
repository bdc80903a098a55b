"""A signature's genes as they are looked at: standardized, in samples side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.expression.normalize import standardize_within


def signature_values(
    expression: ExpressionMatrix, genes: Iterable[str], within: Sequence[object] | None = None
) -> pd.DataFrame:
    """z-scores (ddof 1) of some genes, over all samples or within each group of them.

    Parameters
    ----------
    expression : ExpressionMatrix
        Genes by samples; missing is NaN.
    genes : iterable of str
        Rows to give, in this order.
    within : sequence, shape=(n_samples,), optional
        Groups such as cohorts.

    Returns
    -------
    pandas.DataFrame
        Genes in the index, samples in the columns; NaN where a gene does not vary in a group.
    """
    genes, n_samples = list(genes), len(expression.sample_ids)
    row_of = {gene: row for row, gene in enumerate(expression.gene_ids)}
    chosen = expression.values[[row_of[gene] for gene in genes]]
    z = standardize_within(chosen, ["all samples"] * n_samples if within is None else list(within))
    return pd.DataFrame(z, index=genes, columns=expression.sample_ids)
