"""Counts for linear models: which genes to keep, log2 counts per million, and the precision of each.

Law et al. (2014), doi 10.1186/gb-2014-15-2-r29.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import BadInput, Refused
from prognomics.expression.counts import tmm_factors
from prognomics.stats.linear_by_gene import LinearDesign, fit_by_gene
from prognomics.stats.lowess import lowess

MIN_COUNT, MIN_TOTAL, MANY_SAMPLES, MIN_FRACTION = 10.0, 15.0, 10, 0.7
SPAN = 0.5


@dataclass(frozen=True)
class Voomed:
    """Values and weights for a linear model, both of shape (n_genes, n_samples).

    Attributes
    ----------
    values : numpy.ndarray
        log2((count + 0.5) / (size + 1) * 1e6).
    weights : numpy.ndarray
        Inverse variances by the trend of the standard deviation over the fitted count.
    """

    values: np.ndarray
    weights: np.ndarray


def expressed_genes(counts: np.ndarray, design: LinearDesign) -> np.ndarray:
    """Genes with counts enough for the model, bool of shape (n_genes,); as edgeR's `filterByExpr(y, design)`.

    A gene needs a count of about 10 in as many samples as the smallest group that the design shows, and 15 in all.
    """
    sizes = counts.sum(axis=0)
    fewest = 1.0 / float(np.square(design.q).sum(axis=1).max())
    if fewest > MANY_SAMPLES:
        fewest = MANY_SAMPLES + (fewest - MANY_SAMPLES) * MIN_FRACTION
    least = MIN_COUNT / np.median(sizes) * 1e6
    seen = (counts / sizes * 1e6 >= least).sum(axis=1) >= fewest - 1e-14
    result: np.ndarray = seen & (counts.sum(axis=1) >= MIN_TOTAL - 1e-14)
    return result


def voom(counts: np.ndarray, design: LinearDesign, library_size: np.ndarray) -> Voomed:
    """Log counts per million with weights; as limma's `voom(counts, design, lib.size = library_size)`.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
        Not negative, none missing, two genes or more.
    design : LinearDesign
    library_size : numpy.ndarray, shape (n_samples,)
        Sums of counts, times `tmm_factors` if so normalized.

    Raises
    ------
    Refused
        Fewer than two genes, or no residual degrees of freedom.
    """
    if len(counts) < 2:
        raise Refused(f"the trend of the variance needs two genes or more; {len(counts)} remain after filtering")
    values = np.log2((counts + 0.5) / (library_size + 1.0) * 1e6)
    fit = fit_by_gene(values, design)
    if not fit.df[0] > 0:
        raise Refused("the model has as many coefficients as samples: no variance can be estimated")
    offset = np.log2(library_size + 1.0) - np.log2(1e6)
    seen = counts.sum(axis=1) > 0
    x, y = lowess((fit.mean + offset.mean())[seen], fit.variance[seen] ** 0.25, SPAN)
    fitted = (values @ design.q) @ design.q.T + offset
    return Voomed(values, 1.0 / np.interp(fitted, x, y) ** 4)


def prepare_counts(
    counts: np.ndarray, design: LinearDesign, *, normalize: str, keep_expressed: bool
) -> tuple[np.ndarray, Voomed]:
    """Filtered counts with their weights.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n_genes, n_samples)
    normalize : {"none", "tmm"}
        Of library sizes, computed from the genes that are kept.
    keep_expressed : bool
        Whether to keep only the genes of :func:`expressed_genes`.

    Returns
    -------
    (numpy.ndarray of bool, Voomed)
        Which genes are kept, shape (n_genes,), and theirs.

    Raises
    ------
    BadInput
        Missing or negative counts, or a library without any.
    Refused
        No gene has counts enough.
    """
    if np.isnan(counts).any():
        raise BadInput(f"{int(np.isnan(counts).sum())} counts are missing",
                       hint="drop these genes, or use --method limma on normalized values")  # fmt: skip
    if counts.min() < 0:
        raise BadInput(f"the smallest count is {counts.min():g}: voom needs counts of reads",
                       hint="use --method limma for values on a log scale")  # fmt: skip
    if counts.max() <= 50 and (counts != np.floor(counts)).any():
        raise BadInput("the values are fractions up to "
                       f"{counts.max():g}: these look like logarithms, and voom needs counts of reads",
                       hint="use --method limma for values on a log scale")  # fmt: skip
    kept = expressed_genes(counts, design) if keep_expressed else np.ones(len(counts), dtype=bool)
    if not kept.any():
        raise Refused("no gene has counts enough to be compared", hint="--no-filter keeps all genes")
    used = counts[kept]
    sizes = used.sum(axis=0)
    return kept, voom(used, design, sizes * tmm_factors(used) if normalize == "tmm" else sizes)
