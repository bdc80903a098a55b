"""Samples of different cohorts that seem to come from one patient."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.errors import first_few, warn
from prognomics.expression.moments import gene_moments
from prognomics.stats.ordering import row_orders
from prognomics.threads import in_threads

MIN_R = 0.5
MIN_GAP = 0.5
CHANCE_GAP = 6.0
COPY_R, COPY_GAP = 0.95, 1.0
MIN_SAMPLES = 5
MIN_GENES = 30
MIN_OBSERVED = 0.8
RIVAL = 2  # the third best: one patient may be there twice


def find_duplicates(
    values: np.ndarray,
    sample_ids: Sequence[str],
    cohort: Sequence[object] | np.ndarray,
    *,
    n_genes: int = 3000,
) -> pd.DataFrame:
    """Pairs of samples of different cohorts that resemble each other more than anything else does.

    Genes are standardized within each cohort, so that platform and cohort effects drop out, and samples
    of two cohorts are compared by Spearman correlation over the genes that vary most in every cohort.
    Correlation alone does not tell: two normal tissues reach 0.87 across platforms, since both differ from
    tumors in one way. A duplicate stands out from its own row and column. A pair is reported when

    - r >= 0.5, and on Fisher's scale r exceeds the third best of either sample by max(0.5, 6 / sqrt(n - 3)),
      n genes (`method` = `centered`); or
    - the same holds without standardization with r >= 0.95 and a gap of 1, that is a copy of the
      measured values themselves (`method` = `raw`).

    On four real ovarian cohorts and one of the bile duct the largest gap between different patients was
    0.35; duplicates with noise of 0.3 SD a gene had 0.77 or more.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Merged cohorts on a log scale or as z-scores; missing is NaN.
    sample_ids, cohort : sequence of str, shape=(n_samples,)
    n_genes : int
        Genes to compare by.

    Returns
    -------
    pandas.DataFrame
        `sample_a, cohort_a, sample_b, cohort_b, r, gap, method`, the largest gap first; `sample_a` is of the
        cohort that comes first. Empty when there is none.

    Warns
    -----
    duplicates-not-searched
        Cohorts of fewer than five samples, or fewer than 30 genes to compare by.
    """
    columns = list(table_columns("duplicates_table"))
    labels = [str(name) for name in cohort]
    names = list(dict.fromkeys(labels))
    cohort = np.asarray(labels, dtype=object)
    small = [name for name in names if (cohort == name).sum() < MIN_SAMPLES]
    names = [name for name in names if name not in small]
    if small and len(names) + len(small) > 1:
        warn(
            "duplicates-not-searched",
            f"cohorts of fewer than {MIN_SAMPLES} samples were not searched for duplicates: {first_few(small)}",
        )
    if len(names) < 2:
        return pd.DataFrame(columns=columns)
    raw, centered = _comparable(values, cohort, names, n_genes)
    used = raw[names[0]].shape[0]
    if used < MIN_GENES:
        warn("duplicates-not-searched", f"{used} genes are too few to search for duplicates (30 are needed)")
        return pd.DataFrame(columns=columns)
    needed = max(MIN_GAP, CHANCE_GAP / np.sqrt(used - 3))
    ids = {name: np.asarray(sample_ids, dtype=object)[cohort == name] for name in names}
    ranked: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def rank(begin: int, end: int) -> None:
        for name in names[begin:end]:
            ranked[name] = _unit_ranks(centered[name]), _unit_ranks(raw[name])

    in_threads(rank, len(names), 1)
    lines = []
    for a, b in combinations(names, 2):
        seen: set[tuple[int, int]] = set()
        for kind, method, floor, gap_floor in (
            (0, "centered", MIN_R, needed),
            (1, "raw", COPY_R, max(COPY_GAP, needed)),
        ):
            r = ranked[a][kind].T @ ranked[b][kind]
            gap = _gap(r)
            for i, j in zip(*np.nonzero((r >= floor) & (gap >= gap_floor))):
                if (i, j) not in seen:
                    seen.add((i, j))
                    lines.append((ids[a][i], a, ids[b][j], b, float(min(r[i, j], 1.0)), float(gap[i, j]), method))
    lines.sort(key=lambda line: (-line[5], line[0], line[2]))
    return pd.DataFrame(lines, columns=columns)


def _comparable(
    values: np.ndarray, cohort: np.ndarray, names: list[str], n_genes: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Each cohort's values over the chosen genes, missing ones at the cohort's mean: raw, standardized."""
    members = {name: cohort == name for name in names}
    moments = {name: gene_moments(values, members[name]) for name in names}
    usable = np.ones(values.shape[0], dtype=bool)
    variability = np.full(values.shape[0], np.inf)
    for name in names:
        sd = moments[name].sd
        usable &= (moments[name].count >= MIN_OBSERVED * members[name].sum()) & (sd > 0)
        rank = np.empty(sd.size)
        rank[np.argsort(sd, kind="stable")] = np.arange(sd.size)  # NaN last, but not usable
        variability = np.minimum(variability, rank)
    variability[~usable] = -1
    genes = np.sort(np.argsort(-variability, kind="stable")[: min(n_genes, int(usable.sum()))])
    raw, centered = {}, {}
    for name in names:
        part = values[np.ix_(genes, members[name])]
        mean, sd = moments[name].mean[genes, None], moments[name].sd[genes, None]
        raw[name] = np.where(np.isnan(part), mean, part)
        centered[name] = (raw[name] - mean) / sd
    return raw, centered


def _unit_ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks within each sample, centered and of unit length: inner products are Spearman's r."""
    ranks = np.empty(values.shape)
    columns = np.ascontiguousarray(values.T)
    for sample, (column, order) in enumerate(zip(columns, row_orders(columns), strict=True)):
        ordered = column[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        ends = np.r_[starts[1:], column.size]
        ranks[order, sample] = np.repeat((starts + ends - 1) / 2.0, ends - starts)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt(np.einsum("ij,ij->j", ranks, ranks))
    return ranks / np.where(length > 0, length, np.inf)


def _gap(r: np.ndarray) -> np.ndarray:
    """How far each pair is above the third best of its row and of its column, on Fisher's scale."""
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    best_in_row = np.partition(z, -1 - RIVAL, axis=1)[:, -1 - RIVAL]
    best_in_column = np.partition(z, -1 - RIVAL, axis=0)[-1 - RIVAL]
    result: np.ndarray = z - np.maximum(best_in_row[:, None], best_in_column[None, :])
    return result
