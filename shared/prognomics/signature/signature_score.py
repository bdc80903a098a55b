"""Scores of a signature: one number per sample from the expression of many genes.

`mean`, `weighted_mean` and `zscore` need the genes of the signature; `ssgsea` and `singscore` rank all genes of a
sample, so what else the matrix holds matters. Only `zscore`, and the normalization of `ssgsea`, look at other samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.errors import BadInput, Refused

ALPHA = 0.25


def mean_score(profile: np.ndarray) -> np.ndarray:
    """Mean over the genes with a value, shape (n_samples,); `profile` has shape (n_genes, n_samples)."""
    return weighted_mean_score(profile, np.ones(len(profile)))


def weighted_mean_score(profile: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of weight times expression over the sum of absolute weights, over the genes with a value.

    Parameters
    ----------
    profile : array_like, shape (n_genes, n_samples)
    weights : array_like, shape (n_genes,)
        Any sign, not all zero.
    """
    profile, weights = np.asarray(profile, dtype=float), np.asarray(weights, dtype=float)
    if not np.isfinite(weights).all() or not weights.any():
        raise BadInput("the weights of the signature are missing or all zero", hint="give each gene a weight")
    known = ~np.isnan(profile)
    size = np.abs(weights) @ known
    total = weights @ np.where(known, profile, 0.0)
    result: np.ndarray = np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)
    return result


def combined_z_score(z: np.ndarray) -> np.ndarray:
    """Sum of z-scores over the root of their number, shape (n_samples,).

    Lee et al. 2008, doi:10.1371/journal.pcbi.1000217; `GSVA::gsva(method = "zscore")` where `z` are standardized over
    its samples (SD with n - 1). Genes without a value in a sample do not count there.
    """
    z = np.asarray(z, dtype=float)
    number = (~np.isnan(z)).sum(axis=0)
    result: np.ndarray = np.divide(
        np.nansum(z, axis=0), np.sqrt(number), out=np.full(z.shape[1], np.nan), where=number > 0
    )
    return result


def ssgsea_scores(values: np.ndarray, sets: Sequence[np.ndarray], *, alpha: float = ALPHA) -> np.ndarray:
    """Single-sample enrichment: the summed difference of the running fractions of genes inside and outside a set.

    Genes of a sample are ordered by falling expression; inside the set each weighs its rank to the power `alpha`.
    Barbie et al. 2009, doi:10.1038/nature08460; `GSVA::gsva(method = "ssgsea", ssgsea.norm = FALSE)`, down to its
    ties: ranks are averaged and cut to integers, and genes of equal rank keep the order of the matrix.

    Parameters
    ----------
    values : array_like, shape (n_genes, n_samples)
        All genes; in a sample, genes without a value take no part.
    sets : sequence of ndarray of int
        Rows of each set.
    alpha : float

    Returns
    -------
    ndarray, shape (n_sets, n_samples)
        NaN where a set has no gene with a value in the sample, or no gene is outside it.
    """
    values = np.asarray(values, dtype=float)
    scores = np.full((len(sets), values.shape[1]), np.nan)
    for j, sample in enumerate(values.T):
        known = np.flatnonzero(~np.isnan(sample))
        if not len(known):
            continue
        n = len(known)
        order = np.argsort(sample[known], kind="stable")
        ordered = sample[known][order]
        first = np.searchsorted(ordered, ordered, side="left")
        last = np.searchsorted(ordered, ordered, side="right") - 1
        left = np.zeros(len(sample))  # genes at or below this one in the walk, itself counted
        left[known[order]] = last + 1 - (np.arange(n) - first)
        weight = np.zeros(len(sample))
        weight[known[order]] = np.floor((first + last) / 2 + 1) ** alpha
        for i, rows in enumerate(sets):
            inside = rows[left[rows] > 0]
            k = len(inside)
            if 0 < k < n:
                hits = weight[inside] @ left[inside] / weight[inside].sum()
                misses = (n * (n + 1) / 2 - left[inside].sum()) / (n - k)
                scores[i, j] = hits - misses
    return scores


def normalize_ssgsea(scores: np.ndarray) -> np.ndarray:
    """Divide by the range over all sets and samples, as GSVA does by default.

    Raises
    ------
    Refused
        When the range is nothing, as with one set and one sample.
    """
    known = scores[~np.isnan(scores)]
    width = float(np.ptp(known)) if len(known) else 0.0
    if width == 0.0:
        raise Refused("the normalization of ssGSEA divides by the range of the scores, which is 0 here",
                      where=f"{scores.shape[0]} signatures, {scores.shape[1]} samples",
                      hint="take --no-normalize, with which a single sample can be scored")  # fmt: skip
    return scores / width


def singscore(values: np.ndarray, sets: Sequence[np.ndarray]) -> np.ndarray:
    """Rank-based score of single samples: where the set's mean rank lies between its least and largest value, less 1/2.

    Parameters
    ----------
    values : array_like, shape (n_genes, n_samples)
        All genes; in a sample, genes without a value take no part.
    sets : sequence of ndarray of int
        Rows of each set.

    Returns
    -------
    ndarray, shape (n_sets, n_samples)
        Between -0.5 and 0.5; NaN where a set has no gene with a value in the sample, or all of them. With n genes
        of N in the set the mean rank lies between (n + 1) / 2 and (2N - n + 1) / 2. For a set that is expected
        down the score is subtracted.

    Notes
    -----
    Equal values have the lowest of their ranks, as in the package's default (`rankGenes(tiesMethod = "min")`).

    References
    ----------
    Foroutan et al. 2018, doi:10.1186/s12859-018-2435-4.
    """
    values = np.asarray(values, dtype=float)
    scores = np.full((len(sets), values.shape[1]), np.nan)
    for j, sample in enumerate(values.T):
        ordered = np.sort(sample[~np.isnan(sample)])
        for i, rows in enumerate(sets):
            own = sample[rows]
            own = own[~np.isnan(own)]
            size, total = len(own), len(ordered)
            if 0 < size < total:
                mean = float((np.searchsorted(ordered, own, side="left") + 1).mean())
                least, most = (size + 1) / 2, (2 * total - size + 1) / 2
                scores[i, j] = (mean - least) / (most - least) - 0.5
    return scores
