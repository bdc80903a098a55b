"""Normalization within a cohort, with the scale of the values recognized and said."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prognomics.errors import BadInput, UsageError, first_few, warn
from prognomics.expression.counts import cpm, log_cpm, tmm_factors
from prognomics.expression.moments import gene_moments
from prognomics.expression.quantile import normalize_quantiles
from prognomics.expression.scale import LINEAR_ABOVE, RNASEQ_ZEROS, Scale, recognize_scale, whole_numbers, zero_share

__all__ = ["METHODS", "Normalized", "log2_with_offset", "normalize", "recognize_scale", "standardize"]

FEWEST_TO_JUDGE = 4  # columns
FEW_COLUMNS = 0.1
METHODS = ("auto", "none", "log2", "quantile", "cpm", "tmm", "zscore")


@dataclass(frozen=True)
class Normalized:
    """A normalized matrix and what was done to it.

    Attributes
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
    method_applied : str
        The steps in order, as `log2 + quantile`.
    scale_found : str
        `counts`, `linear`, `log2` or `z`.
    offset : float
        Added before the logarithm; NaN when none was taken.
    reason : str
        Why that scale, and why these steps.
    n_constant : int
        Genes that `zscore` could not standardize (equal or fewer than two observed values): now NaN.
    quantiles : bool
        Whether all samples were given one distribution.
    """

    values: np.ndarray
    method_applied: str
    scale_found: str
    offset: float
    reason: str
    n_constant: int = 0
    quantiles: bool = False


def log2_with_offset(values: np.ndarray, offset: float | None = None) -> tuple[np.ndarray, float]:
    """Log2 of linear values plus an offset; by default 0 when all are positive, 1 when some are zero.

    Raises
    ------
    BadInput
        A value is negative, or the offset leaves zeros.
    """
    low = np.nanmin(values) if np.isfinite(values).any() else np.nan
    if low < 0:
        raise BadInput(
            "negative values have no logarithm",
            where=f"{int((values < 0).sum())} negative values, the smallest {low:g}",
            hint="if the values are logs or log-ratios already, take `none` or `quantile`; if they are "
            "background-corrected intensities, set them to a small positive value or to missing first",
        )
    if offset is None:
        offset = 1.0 if low == 0 else 0.0
    if low + offset == 0:
        zeros = int((values == 0).sum())
        raise BadInput("zero has no logarithm", where=f"{zeros} zeros", hint="give an offset above 0")
    return np.log2(values + offset), offset


def standardize(values: np.ndarray, reference: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Z-score of each gene: (x - mean) / SD over the reference samples, ddof 1.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN: excluded from mean and SD, and stays missing.
    reference : numpy.ndarray of bool, shape=(n_samples,), optional
        All samples by default.

    Returns
    -------
    z : numpy.ndarray, shape=(n_genes, n_samples)
    undefined : numpy.ndarray of bool, shape=(n_genes,)
        Genes with equal, or fewer than two, observed reference values: their z is NaN.
    """
    moments = gene_moments(values, reference)
    undefined = ~(moments.sd > 0)
    sd = np.where(undefined, np.nan, moments.sd)
    z = values - moments.mean[:, None]
    z /= sd[:, None]
    return z, undefined


def standardize_within(values: np.ndarray, groups: Sequence[object]) -> np.ndarray:
    """Z-score of each gene (ddof 1) within each group of samples, such as cohorts.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
    groups : sequence, shape=(n_samples,)

    Returns
    -------
    numpy.ndarray, shape=(n_genes, n_samples)
        NaN where a gene does not vary in a group.
    """
    labels = np.array([str(group) for group in groups], object)
    z = np.full(values.shape, np.nan)
    for label in sorted(set(labels)):
        z[:, labels == label] = standardize(values[:, labels == label])[0]
    return z


def normalize(
    values: np.ndarray,
    method: str,
    *,
    offset: float | None = None,
    reference: np.ndarray | None = None,
    threads: int = 1,
    samples: Sequence[str] | None = None,
    tallied: bool = False,
    log: bool = True,
) -> Normalized:
    """Normalize a cohort's matrix.

    `auto` does what the scale found asks for:

    =====================================  ==========================================================
    found                                  done
    =====================================  ==========================================================
    log2 (also log-ratios)                 quantile
    linear, under 1% zeros (arrays)        log2 (offset 1 if there is a zero), then quantile
    linear, 1% zeros or more (TPM, RSEM)   log2(x + 1)
    counts                                 log2 counts per million (prior count 2, as edgeR)
    z                                      nothing, with a warning
    =====================================  ==========================================================

    The other methods do what they are named for: `none`; `log2` (`log2_with_offset`); `quantile`
    (`normalize_quantiles`, on the values as they are); `cpm` and `tmm` (`log_cpm`, with plain and with
    TMM-scaled library sizes; `counts.cpm` if `log` is false); `zscore` (`standardize` over all samples).

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    method : str
        One of `METHODS`.
    offset : float, optional
        Added before a logarithm (not that of counts per million); `log2_with_offset` states what is taken else.
    reference : numpy.ndarray, shape=(n_quantiles,), optional
        The distribution that a quantile step gives, instead of the samples' own mean.
    threads : int
        For quantile normalization.
    samples : sequence of str, optional
        Names of the columns, for messages.
    tallied : bool
        Whether the file had rows that count reads of no gene: its whole numbers are then counts.
    log : bool
        Whether counts per million are given as log2.

    Raises
    ------
    UsageError
        Unknown method.
    BadInput
        Under `auto`, a few columns alone that are not logarithms.
        No value, infinite values, negative values where a logarithm is due, missing values in counts.

    Warns
    -----
    already-z, already-log2, linear-scale
        The method requested does not fit the scale found; it is done all the same (`auto` leaves z alone).
    whole-numbers
        `auto` took whole numbers, none small, for rounded intensities of arrays.
    reference-not-used
        A reference distribution was given, and `auto` found no use for a quantile step.
    """
    if method not in METHODS:
        raise UsageError(f"there is no normalization method {method!r}", hint=f"there are: {', '.join(METHODS)}")
    values = np.asarray(values, dtype=np.float64)
    scale = recognize_scale(values, tallied)
    if method == "auto":
        _refuse_mixed_scales(values, scale, samples)
        done = _automatic(values, scale, offset, reference, threads)
        if reference is not None and not done.quantiles:
            warn("reference-not-used", f"the reference distribution was not used: {done.reason}")
        return done
    _warn_about_misfit(method, scale)
    if method == "none":
        return Normalized(values.copy(), "none", scale.name, np.nan, f"{scale.reason}; left as it is on request")
    reason = f"{scale.reason}; {method} on request"
    if method == "log2":
        logs, offset = log2_with_offset(values, offset)
        return Normalized(logs, _log_name(offset), scale.name, offset, reason)
    if method == "quantile":
        done = normalize_quantiles(values, reference=reference, threads=threads)
        return Normalized(done, _quantile_name(reference), scale.name, np.nan, reason, quantiles=True)
    if method == "zscore":
        z, undefined = standardize(values)
        n_constant = int(undefined.sum())
        if n_constant:
            warn(
                "constant-genes",
                f"{n_constant} genes do not vary, or have fewer than two values: their z is NA",
            )
        return Normalized(z, "zscore", scale.name, np.nan, reason, n_constant)
    return _counted(values, scale, reason, tmm=method == "tmm", log=log)


def _refuse_mixed_scales(values: np.ndarray, scale: Scale, samples: Sequence[str] | None) -> None:
    """BadInput where the scale that `auto` acts on is that of a few columns, and all others look like logarithms."""
    if scale.name != "linear" or values.shape[1] < FEWEST_TO_JUDGE:
        return
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without a value
        beyond = np.nanmax(np.abs(values), axis=0) > LINEAR_ABOVE
    if 0 < beyond.sum() <= max(1, FEW_COLUMNS * len(beyond)):
        places = np.flatnonzero(beyond).tolist()
        named = first_few(samples[i] if samples is not None else f"column {i + 1}" for i in places)
        raise BadInput(
            f"{len(places)} of {len(beyond)} columns go beyond {LINEAR_ABOVE:g}, the others look like logarithms",
            where=named,
            hint="are they samples, or do they annotate genes? Remove them, or choose the --method yourself",
        )


def _automatic(
    values: np.ndarray, scale: Scale, offset: float | None, reference: np.ndarray | None, threads: int
) -> Normalized:
    if scale.name == "z":
        warn("already-z", f"the values are z-scores already and were left as they are: {scale.reason}")
        return Normalized(values.copy(), "none", "z", np.nan, f"{scale.reason}; left as it is")
    if scale.name == "log2":
        done = normalize_quantiles(values, reference=reference, threads=threads)
        reason = f"{scale.reason}; quantile between samples"
        return Normalized(done, _quantile_name(reference), "log2", np.nan, reason, quantiles=True)
    if scale.name == "counts":
        return _counted(values, scale, f"{scale.reason}; log2 counts per million", tmm=False)
    zeros = zero_share(values)
    logs, offset = log2_with_offset(values, offset)
    if zeros >= RNASEQ_ZEROS:
        return Normalized(
            logs,
            _log_name(offset),
            scale.name,
            offset,
            f"{scale.reason}; {zeros:.1%} zeros, as sequencing has: no quantile step",
        )
    if whole_numbers(values):
        warn(
            "whole-numbers",
            f"{scale.reason}, and all are whole numbers, none of them small: taken for rounded intensities of arrays "
            "and quantile-normalized; if they count reads, choose --method cpm or tmm",
        )
    done = normalize_quantiles(logs, reference=reference, threads=threads)
    return Normalized(
        done,
        f"{_log_name(offset)} + {_quantile_name(reference)}",
        scale.name,
        offset,
        f"{scale.reason}; {zeros:.1%} zeros, as array intensities have",
        quantiles=True,
    )


def _counted(values: np.ndarray, scale: Scale, reason: str, *, tmm: bool, log: bool = True) -> Normalized:
    sizes = np.nansum(values, axis=0) * (tmm_factors(values) if tmm else 1.0)
    name = f"{'log2 ' * log}cpm{' (tmm)' * tmm}"
    return Normalized((log_cpm if log else cpm)(values, library_size=sizes), name, scale.name, np.nan, reason)


def _log_name(offset: float) -> str:
    return f"log2(x + {offset:g})" if offset else "log2"


def _quantile_name(reference: np.ndarray | None) -> str:
    return "quantile" if reference is None else "quantile of the reference"


def _warn_about_misfit(method: str, scale: Scale) -> None:
    if scale.name == "z" and method not in ("none", "zscore"):
        warn("already-z", f"{method} was asked for, but the values look like z-scores: {scale.reason}")
    elif scale.name == "log2" and method in ("log2", "cpm", "tmm"):
        warn("already-log2", f"{method} was asked for, but the values look like logs already: {scale.reason}")
    elif scale.name in ("linear", "counts") and method in ("quantile", "zscore"):
        warn(
            "linear-scale",
            f"{method} was asked for on values that are not logs ({scale.reason}); `auto` takes the logarithm first",
        )
