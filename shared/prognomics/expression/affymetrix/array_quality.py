"""Quality of each array of a run: relative log expression, standard errors, intensities, and which arrays stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.expression.affymetrix.rma import Rma

FEWEST_FOR_FENCES = 5
SHOWN = (5, 25, 50, 75, 95)  # percentiles of a box plot
NO_FLAG = "none"

# What an array is flagged for: the measure, how far it may lie from its reference, and what the reference is. With five
# arrays or more, a flagged value also lies beyond Tukey's outer-quartile fences of the run's arrays.
LIMITS = {
    "rle_median": (0.1, "zero"),
    "rle_iqr": (1.5, "times the median"),
    "nuse_median": (0.05, "one"),
    "log2_pm_median": (1.0, "the median"),
    "outlier_percent": (5.0, "zero"),
    "masked_percent": (5.0, "zero"),
}


def array_quality(
    result: Rma, sample_ids: Sequence[str], *, masked_percent: np.ndarray, outlier_percent: np.ndarray
) -> pd.DataFrame:
    """A row for each array.

    Parameters
    ----------
    result : Rma
    sample_ids : sequence of str, shape=(n_arrays,)
    masked_percent, outlier_percent : numpy.ndarray, shape=(n_arrays,)
        Of all cells, as the CEL files mark them.

    Returns
    -------
    pandas.DataFrame
        `sample_id`; `rle_median, rle_iqr`: expression less the probeset's median over arrays; `nuse_median, nuse_iqr`:
        standard error over the probeset's median standard error (`relative_standard_error`); `background,
        background_sd, signal_mean`: the background model; `log2_pm_min, _q1, _median, _q3, _max`: raw perfect-match
        intensities; `outlier_percent, masked_percent`; `flags`: the measures for which the array stands out, joined by
        `;`, or `none`; and the percentiles of the box plots, `rle_p5 ... nuse_p95`. RLE and NUSE are NaN for one array.

    References
    ----------
    Bolstad et al. 2005, doi 10.1007/0-387-29362-0_3
    """
    rle = _percentiles(result.expression, np.subtract)
    nuse = _percentiles(result.standard_error, np.divide)
    columns = {
        "sample_id": list(sample_ids),
        "rle_median": rle[:, 2],
        "rle_iqr": rle[:, 3] - rle[:, 1],
        "nuse_median": nuse[:, 2],
        "nuse_iqr": nuse[:, 3] - nuse[:, 1],
        "background": [b.mean for b in result.backgrounds],
        "background_sd": [b.sd for b in result.backgrounds],
        "signal_mean": [b.signal_mean for b in result.backgrounds],
    }
    for i, part in enumerate(("min", "q1", "median", "q3", "max")):
        columns[f"log2_pm_{part}"] = result.log2_percentiles[:, i]
    columns |= {"outlier_percent": outlier_percent, "masked_percent": masked_percent}
    table = pd.DataFrame(columns)
    table["flags"] = flags(table)
    boxes = {f"{name}_p{p}": box[:, i] for name, box in (("rle", rle), ("nuse", nuse)) for i, p in enumerate(SHOWN)}
    return pd.concat([table, pd.DataFrame(boxes)], axis=1)


def _percentiles(values: np.ndarray, relate: Any) -> np.ndarray:
    """Percentiles of each array's values related to the probesets' medians, shape=(n_arrays, 5)."""
    n_arrays = values.shape[1]
    if n_arrays == 1:
        return np.full((1, len(SHOWN)), np.nan)
    middle = np.median(values, axis=1).astype(np.float64)
    known = np.isfinite(middle)
    if not known.any():
        return np.full((n_arrays, len(SHOWN)), np.nan)
    return np.array([np.percentile(relate(values[known, i], middle[known]), SHOWN) for i in range(n_arrays)])


def flags(table: pd.DataFrame) -> list[str]:
    """For each array the measures that exceed their limit (`LIMITS`) and stand out among the arrays."""
    found: list[list[str]] = [[] for _ in range(len(table))]
    for name, (limit, reference) in LIMITS.items():
        value = table[name].to_numpy(dtype=float)
        middle = np.median(value)
        if reference == "times the median":
            far = value > limit * middle
        elif reference == "one":
            far = value > 1 + limit
        else:
            far = np.abs(value - (middle if reference == "the median" else 0)) > limit
        if len(value) >= FEWEST_FOR_FENCES:
            q1, q3 = np.percentile(value, [25, 75])
            far &= (value > q3 + 1.5 * (q3 - q1)) | (value < q1 - 1.5 * (q3 - q1))
        for i in np.flatnonzero(far):
            found[i].append(name)
    return [";".join(names) or NO_FLAG for names in found]


def flagged_sentence(table: pd.DataFrame) -> str:
    """Which arrays stand out and for what; empty if none does."""
    out = table[table["flags"] != NO_FLAG]
    shown = [f"{line.sample_id} ({line.flags.replace(';', ', ')})" for line in out.head(5).itertuples()]
    more = f", … ({len(out)} in all)" if len(out) > 5 else ""
    return f"arrays stand out from the others: {', '.join(shown)}{more}" if len(out) else ""
