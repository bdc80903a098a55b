"""The genes that samples are clustered by."""

from __future__ import annotations

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.signature import Signature
from prognomics.errors import Refused, first_few, warn
from prognomics.signature.signature_genes import check_coverage, find_genes

FEWEST_GENES = 2


def genes_to_cluster(
    expression: ExpressionMatrix, signature: Signature | None, min_coverage: float, min_present: float
) -> tuple[list[str], np.ndarray]:
    """Genes that vary and are measured in enough samples, and their values.

    Parameters
    ----------
    expression : ExpressionMatrix
    signature : Signature or None
        All genes of the matrix if None.
    min_coverage : float
        Smallest fraction of the signature's genes that must be found.
    min_present : float
        Smallest fraction of the samples in which a gene must have a value.

    Returns
    -------
    list of str
        Sorted; as the signature names them.
    numpy.ndarray, shape (n_genes, n_samples)

    Raises
    ------
    BadInput
        Too few genes of the signature.
    Refused
        Fewer than two genes are left.
    """
    wanted = expression.gene_ids if signature is None else signature.genes_as(expression.gene_ids, {})
    found = find_genes(expression.values, expression.gene_ids, wanted, must_vary=True)
    if signature is not None:
        check_coverage(found, min_coverage, FEWEST_GENES, signature.name)
    order = np.argsort(np.array(found.used, dtype=object), kind="stable")
    genes, values = [found.used[i] for i in order], expression.values[found.rows[order]]
    missing = np.isnan(values).mean(axis=1)
    sparse = missing > 1 - min_present
    if sparse.any():
        lost = [gene for gene, gone in zip(genes, sparse, strict=True) if gone]
        warn("genes-with-missing-values", f"{len(lost)} genes have values in fewer than {min_present:.0%} of the "
             f"samples and are excluded: {first_few(lost)}")  # fmt: skip
    kept = np.flatnonzero(~sparse)
    if len(kept) < FEWEST_GENES:
        raise Refused(f"{len(kept)} genes vary and have values: too few to cluster samples by",
                      hint="give other genes, or lower --min-present")  # fmt: skip
    filled = int(np.isnan(values[kept]).sum())
    if filled:
        warn("missing-values-at-mean", f"{filled} missing values are replaced by the mean of the gene in its cohort")
    return [genes[i] for i in kept], values[kept]
