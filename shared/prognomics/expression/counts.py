"""Library sizes of sequencing counts: log2 counts per million, and TMM factors."""

from __future__ import annotations

import numpy as np

from prognomics.errors import BadInput, first_few


def log_cpm(counts: np.ndarray, *, library_size: np.ndarray | None = None, prior_count: float = 2.0) -> np.ndarray:
    """Log2 counts per million, with a prior count in proportion to the library size.

    log2((count + p) / (L + 2 p) * 1e6), p = prior_count * L / mean(L), for a library of size L.
    Agrees with edgeR's `cpm(y, log=TRUE, prior.count=2)`.

    Parameters
    ----------
    counts : numpy.ndarray, shape=(n_genes, n_samples)
        Not negative, none missing.
    library_size : numpy.ndarray, shape=(n_samples,), optional
        Column sums by default; times `tmm_factors` for TMM.

    Raises
    ------
    BadInput
        A negative or missing count, or a library without counts.
    """
    counts, sizes = _checked(counts)
    sizes = sizes if library_size is None else np.asarray(library_size, dtype=np.float64)
    prior = prior_count * sizes / sizes.mean()
    result: np.ndarray = np.log2((counts + prior) / (sizes + 2 * prior) * 1e6)
    return result


def cpm(counts: np.ndarray, *, library_size: np.ndarray | None = None) -> np.ndarray:
    """Counts per million of the library, not logged; agrees with edgeR's `cpm(y)`.

    Parameters
    ----------
    counts, library_size
        As in `log_cpm`.

    Returns
    -------
    numpy.ndarray, shape=(n_genes, n_samples)

    Raises
    ------
    BadInput
        As `log_cpm`.
    """
    counts, sizes = _checked(counts)
    sizes = sizes if library_size is None else np.asarray(library_size, dtype=np.float64)
    per_million: np.ndarray = counts / sizes * 1e6
    return per_million


def tmm_factors(counts: np.ndarray, *, trim_ratio: float = 0.3, trim_abundance: float = 0.05) -> np.ndarray:
    """Trimmed means of M values: a factor for each library size, their geometric mean 1.

    Against one reference library (that whose upper quartile over its size is nearest to the mean of
    all), log-ratios of each library are trimmed by 30% and mean log abundances by 5% on either side,
    and averaged with the inverse of their asymptotic variance. Agrees with edgeR's
    `calcNormFactors(method="TMM")`.

    Parameters
    ----------
    counts : numpy.ndarray, shape=(n_genes, n_samples)
        Not negative, none missing.

    Raises
    ------
    BadInput
        A negative or missing count, or a library without counts.

    References
    ----------
    Robinson and Oshlack 2010, doi 10.1186/gb-2010-11-3-r25
    """
    counts, sizes = _checked(counts)
    counts = counts[(counts > 0).any(axis=1)]
    if counts.shape[1] == 1:
        return np.ones(1)
    upper = np.percentile(counts, 75, axis=0) / sizes
    if np.median(upper) < 1e-20:  # three in four genes unseen in most libraries
        reference = int(np.argmax(np.sqrt(counts).sum(axis=0)))
    else:
        reference = int(np.argmin(np.abs(upper - upper.mean())))
    base, base_size = counts[:, reference], sizes[reference]
    log_factor = np.array(
        [
            _trimmed_log_ratio(counts[:, sample], sizes[sample], base, base_size, trim_ratio, trim_abundance)
            for sample in range(counts.shape[1])
        ]
    )
    result: np.ndarray = np.exp2(log_factor - log_factor.mean())
    return result


def _trimmed_log_ratio(
    count: np.ndarray,
    size: float,
    base: np.ndarray,
    base_size: float,
    trim_ratio: float,
    trim_abundance: float,
) -> float:
    seen = (count > 0) & (base > 0)
    count, base = count[seen], base[seen]
    share, base_share = count / size, base / base_size
    log_ratio = np.log2(share / base_share)
    if not log_ratio.size or np.abs(log_ratio).max() < 1e-6:
        return 0.0
    abundance = (np.log2(share) + np.log2(base_share)) / 2
    variance = (size - count) / size / count + (base_size - base) / base_size / base
    kept = _inner(log_ratio, trim_ratio) & _inner(abundance, trim_abundance)
    if not kept.any():
        return 0.0
    weight = 1 / variance[kept]
    return float(np.sum(log_ratio[kept] * weight) / weight.sum())


def _inner(values: np.ndarray, trim: float) -> np.ndarray:
    """True where the mean rank lies inside the trimmed range."""
    lowest = np.floor(values.size * trim) + 1
    _, position, size = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2.0)[position]
    result: np.ndarray = (rank >= lowest) & (rank <= values.size + 1 - lowest)
    return result


def _checked(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.asarray(counts, dtype=np.float64)
    if np.isnan(counts).any():
        raise BadInput(
            "counts must not be missing",
            where=f"{int(np.isnan(counts).sum())} missing values",
            hint="drop the genes concerned, or take `log2` or `quantile`",
        )
    if counts.min(initial=0.0) < 0:
        raise BadInput(
            "counts must not be negative",
            where=f"smallest value {counts.min():g}",
            hint="these values seem to be on a log scale already: take `quantile` or `none`",
        )
    sizes = counts.sum(axis=0)
    if (empty := np.flatnonzero(sizes <= 0)).size:
        raise BadInput(
            "samples without any count",
            where=f"sample number {first_few(empty + 1)}",
            hint="drop these samples",
        )
    return counts, sizes
