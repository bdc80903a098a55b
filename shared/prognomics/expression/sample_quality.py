"""Each sample's own quality: relative log expression, silhouette of its cohort, and its sex by expression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.errors import warn
from prognomics.expression.moments import gene_blocks
from prognomics.expression.sex import check_sex
from prognomics.threads import in_threads

FENCE = 3.0  # interquartile ranges beyond the quartiles: far out, in Tukey's words
MIN_REACH = 0.1  # and at least so far, as medians of few samples are often exactly 0
MIN_SAMPLES = 8
COLUMNS = tuple(c for c in table_columns("sample_quality") if c != "population")


def sample_quality(
    values: np.ndarray,
    gene_ids: Sequence[str],
    sample_ids: Sequence[str],
    cohort: Sequence[object] | np.ndarray,
    scores: np.ndarray,
    sex: Sequence[object] | None = None,
) -> pd.DataFrame:
    """One row per sample, what of it is unusual.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        On a log scale, best before cohorts were brought to each other; missing is NaN.
    gene_ids : sequence of str, shape=(n_genes,)
    sample_ids, cohort : sequence of str, shape=(n_samples,)
    scores : numpy.ndarray, shape=(n_samples, n_components)
        Principal components, for the silhouette.
    sex : sequence, shape=(n_samples,), optional
        As stated in the sample sheet.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `rle_*` are the quartiles of the sample's `relative_log_expression`; `rle_outlier` is
        `yes` where its median or its interquartile range lies more than three interquartile ranges (0.1 at least)
        outside the quartiles of its cohort (`NA` in cohorts of fewer than eight samples); `silhouette` is
        `silhouettes`; the sexes are `check_sex`.

    Warns
    -----
    outlying-arrays, sex-mismatch
    """
    names = np.asarray([str(name) for name in cohort], dtype=object)
    q1, median, q3 = relative_log_expression(values, names)
    table = pd.DataFrame({"sample_id": list(sample_ids), "cohort": names, "rle_q1": q1, "rle_median": median,
                          "rle_q3": q3})  # fmt: skip
    table["rle_outlier"] = _far_out(table)
    table["silhouette"] = silhouettes(scores, names)
    table = table.join(check_sex(values, gene_ids, names, sex))
    outliers = table.loc[table["rle_outlier"] == "yes", "sample_id"]
    if len(outliers):
        shown = ", ".join(map(str, outliers[:5]))
        warn("outlying-arrays", f"{len(outliers)} samples lie far from the others of their cohort in relative log "
                                f"expression: {shown}")  # fmt: skip
    wrong = table[table["sex_agrees"] == "no"]
    if len(wrong):
        shown = ", ".join(
            f"{line.sample_id} ({line.sex_reported}, expresses {line.sex_by_expression})"
            for line in wrong[:5].itertuples()
        )
        warn("sex-mismatch", f"{len(wrong)} samples express the other sex's genes: {shown}; are samples swapped?")
    return table[list(COLUMNS)]


def relative_log_expression(values: np.ndarray, cohort: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quartiles over genes of each sample's deviation from the gene's median in its cohort; each shape=(n_samples,).

    References
    ----------
    Gandolfo and Speed 2018, doi 10.1371/journal.pone.0191629
    """
    found = np.full((3, values.shape[1]), np.nan)
    names = list(dict.fromkeys(cohort))

    def summarize(begin: int, end: int) -> None:
        for name in names[begin:end]:
            mine = np.flatnonzero(cohort == name)
            found[:, mine] = _deviation_quartiles(values[:, mine])

    in_threads(summarize, len(names), 1)
    return found[0], found[1], found[2]


def _deviation_quartiles(part: np.ndarray) -> np.ndarray:
    """Quartiles, shape=(3, n_samples), over genes of the deviation from each gene's median; NaN without a value."""
    known = ~np.isnan(part)
    missing = not known.all()
    if missing:
        part = part[known.any(axis=1)]
    if not len(part):
        return np.full((3, part.shape[1]), np.nan)
    deviation = np.empty_like(part)
    for block in gene_blocks(part):
        center = (np.nanmedian if missing else np.median)(part[block], axis=1)
        deviation[block] = part[block] - center[:, None]
    quantile = np.nanquantile if missing else np.quantile
    found: np.ndarray = quantile(deviation, [0.25, 0.5, 0.75], axis=0)
    return found


def _far_out(table: pd.DataFrame) -> pd.Series:
    """`yes` or `no` for each sample by Tukey's outer fences within its cohort; `NA` in small cohorts."""
    said = pd.Series(np.nan, index=table.index, dtype=object)
    spread = table["rle_q3"] - table["rle_q1"]
    for _, rows in table.groupby("cohort", sort=False).groups.items():
        if len(rows) < MIN_SAMPLES:
            continue
        far = np.zeros(len(rows), dtype=bool)
        for column in (table.loc[rows, "rle_median"], spread.loc[rows]):
            low, high = np.nanquantile(column, [0.25, 0.75])
            reach = max(FENCE * (high - low), MIN_REACH)
            far |= ((column < low - reach) | (column > high + reach)).to_numpy()
        said.loc[rows] = np.where(far, "yes", "no")
    return said


def silhouettes(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Silhouette of each sample by Euclidean distance of component scores; equal to scikit-learn's.

    Near 1 a sample lies with its own cohort and far from all others, near 0 cohorts are mixed, which is what
    one hopes for after correction. A cohort's only sample has 0; with one cohort all are NaN.

    Parameters
    ----------
    scores : numpy.ndarray, shape=(n_samples, n_components)
    label : numpy.ndarray of str, shape=(n_samples,)

    References
    ----------
    Rousseeuw 1987, doi 10.1016/0377-0427(87)90125-7
    """
    names, code = np.unique(label.astype(str), return_inverse=True)
    n = len(code)
    if len(names) < 2:
        return np.full(n, np.nan)
    indicator = np.zeros((n, len(names)))
    indicator[np.arange(n), code] = 1.0
    sizes = indicator.sum(axis=0)
    length = np.einsum("ij,ij->i", scores, scores)
    result = np.zeros(n)
    step = max(1, (1 << 22) // n)
    for start in range(0, n, step):
        rows = slice(start, min(n, start + step))
        mine = code[rows]
        squared = length[rows, None] + length[None, :] - 2 * (scores[rows] @ scores.T)
        np.maximum(squared, 0, out=squared)
        squared[np.arange(len(mine)), np.arange(rows.start, rows.stop)] = 0.0
        sums = np.sqrt(squared) @ indicator
        place = np.arange(len(mine))
        own_size = sizes[mine]
        own = sums[place, mine] / np.maximum(own_size - 1, 1)
        other = sums / sizes
        other[place, mine] = np.inf
        nearest = other.min(axis=1)
        widest = np.maximum(own, nearest)
        result[rows] = np.where((own_size > 1) & (widest > 0), (nearest - own) / np.where(widest > 0, widest, 1), 0.0)
    return result
