"""Which scale an expression matrix is on: counts, linear, log2 or already z-scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from prognomics.errors import BadInput
from prognomics.expression.moments import gene_moments

LINEAR_ABOVE = 50.0  # no log2 intensity, count or TPM reaches 2**50
COUNT_BELOW = 10.0  # smallest value of a count matrix that holds no zero
SCANNER_MAX = 65535.0  # scanners of arrays measure in 16 bits
RNASEQ_ZEROS = 0.01  # share of exact zeros from which linear values are taken for sequencing
Z_MEAN, Z_SD, Z_SD_SPREAD = 0.1, 0.1, 0.1
Z_GENES = 20  # with fewer genes, unit spread may be chance


class Scale(NamedTuple):
    """The scale found (`counts`, `linear`, `log2` or `z`) and a sentence that states why."""

    name: str
    reason: str


def recognize_scale(values: np.ndarray, tallied: bool = False) -> Scale:
    """Say which scale the values are on.

    The rules, in this order (n_genes >= 20 is needed for the first):

    1. `z`: negative values, and over the genes that vary the median of \\|mean\\| is below 0.1,
       the median SD lies within 0.9 to 1.1 and its interquartile range is below 0.1;
    2. `counts`: integers only, none negative, and a zero among them, or the smallest below 10 and the
       largest above 50, or the largest above 65535 (no scanner of arrays goes beyond), or `tallied`;
    3. `log2`: no absolute value above 50 (negative values are log-ratios or centered logs);
    4. `linear`: everything else.

    Values above 50 cannot be log2 of any intensity, count or TPM. The rule differs from GEO2R's
    (99th percentile > 100, or range > 50 with a positive first quartile) where most genes are zero.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    tallied : bool
        Whether the file had rows that count reads of no gene, as only counters write them.

    Raises
    ------
    BadInput
        No value is observed, or a value is infinite.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.size == 0 or np.isnan(values).all():
        raise BadInput("the expression matrix holds no value", hint="check the file and its missing-value codes")
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if np.isinf(low) or np.isinf(high):
        raise BadInput(
            "the expression matrix holds infinite values",
            hint="mostly logs of zero: take the matrix before the logarithm, or code them as missing",
        )
    if low < 0 and (found := _looks_standardized(values)):
        return found
    wide = low == 0 < high or 0 < low < COUNT_BELOW and high > LINEAR_ABOVE or high > SCANNER_MAX
    if low >= 0 and high > 0 and (wide or tallied) and whole_numbers(values):
        tallies = " and the file has rows that count reads of no gene" if tallied else ""
        return Scale("counts", f"all values are whole numbers from {low:g} to {high:g}{tallies}")
    if max(high, -low) <= LINEAR_ABOVE:
        kind = "some negative: log-ratios or centered logs" if low < 0 else "none negative"
        return Scale("log2", f"values range from {low:.4g} to {high:.4g}, {kind}; none is above {LINEAR_ABOVE:g}")
    return Scale("linear", f"values range from {low:.4g} to {high:.4g}: beyond {LINEAR_ABOVE:g}, so not logarithms")


def zero_share(values: np.ndarray) -> float:
    """Fraction of exact zeros among the observed values."""
    observed = np.count_nonzero(~np.isnan(values))
    return np.count_nonzero(values == 0) / observed if observed else 0.0


def whole_numbers(values: np.ndarray) -> bool:
    """Whether all observed values are integers."""
    with np.errstate(invalid="ignore"):
        return bool(np.all((values == np.floor(values)) | np.isnan(values)))


def _looks_standardized(values: np.ndarray) -> Scale | None:
    moments = gene_moments(values)
    varying = moments.sd > 0
    if varying.sum() < Z_GENES:
        return None
    center = float(np.median(np.abs(moments.mean[varying])))
    q1, middle, q3 = np.percentile(moments.sd[varying], [25, 50, 75])
    if center < Z_MEAN and abs(middle - 1) < Z_SD and q3 - q1 < Z_SD_SPREAD:
        return Scale("z", f"genes have mean 0 (median |mean| {center:.2g}) and SD 1 (median {middle:.4g})")
    return None
