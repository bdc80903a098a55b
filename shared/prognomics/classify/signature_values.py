"""A signature's genes as they are looked at: standardized, in samples side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.expression.normalize import standardize


def signature_values(
    values: np.ndarray,
    gene_ids: Sequence[str],
    sample_ids: Sequence[str],
    genes: Sequence[str],
    within: Sequence[object] | None = None,
) -> pd.DataFrame:
    """z-scores (ddof 1) of some genes, over all samples or within each group of them.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    gene_ids, sample_ids : sequence of str
    genes : sequence of str
        Rows to give, in this order.
    within : sequence, shape=(n_samples,), optional
        Groups such as cohorts.

    Returns
    -------
    pandas.DataFrame
        Genes in the index, samples in the columns; NaN where a gene does not vary in a group.
    """
    row_of = {str(gene): row for row, gene in enumerate(gene_ids)}
    chosen = values[[row_of[gene] for gene in genes]]
    groups = np.zeros(len(sample_ids), dtype=int) if within is None else pd.factorize(pd.Series(list(within)))[0]
    z = np.full(chosen.shape, np.nan)
    for group in np.unique(groups):
        z[:, groups == group] = standardize(chosen[:, groups == group])[0]
    return pd.DataFrame(z, index=list(genes), columns=list(sample_ids))
