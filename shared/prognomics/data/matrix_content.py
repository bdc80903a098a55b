"""Rows and columns of a matrix that look unlike the others: warned of by name, never excluded for what they hold."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from prognomics.errors import first_few, warn
from prognomics.io.known_names import are_ensembl, damaged_names

MOST_ROWS = 2000  # looked at for columns unlike the others
MOST_COLUMNS = 50  # looked at for rows unlike the others
FEWEST_SAMPLES = 4
FEWEST_ROWS = 5
FAR = 12.0  # median absolute deviations
UNRELATED = 0.2  # correlation of ranks with the other columns
DOMINANT = 0.5  # share of the sum of a column in one row
_OTHER_IDS = re.compile(r"ERCC-|ENS|__|SIRV|spike", re.IGNORECASE)


def warn_about_names(gene_ids: list[str], where: str) -> None:
    """Warn of names that a spreadsheet damaged (1-Mar), and of the few that are of another kind than the others."""
    damaged = damaged_names(gene_ids)
    if damaged:
        warn("spreadsheet-names", f"{Path(where).name}: {len(damaged)} row names are what a spreadsheet makes of gene "
             f"symbols: {first_few(damaged)}; take the table from before it was opened there, or give the symbols they "
             "stood for as aliases to map_genes")  # fmt: skip
    if are_ensembl(gene_ids):
        other = [name for name in gene_ids if not _OTHER_IDS.match(name)]
        if other:
            text = f"{Path(where).name}: the rows are named by Ensembl ids, but for {first_few(other)}"
            warn("mixed-row-names", text)


def warn_about_content(values: np.ndarray, gene_ids: list[str], sample_ids: list[str], where: str) -> None:
    """Warn of a column that is hardly a sample and of a row that is hardly a gene, by their values."""
    empty = [sample_ids[i] for i in empty_columns(values)]
    if empty:
        warn("samples-without-values", f"{Path(where).name}: {len(empty)} samples have no value: {first_few(empty)}")
    columns = [sample_ids[i] for i in unlike_columns(values)]
    if columns:
        warn("column-unlike-others", f"{Path(where).name}: {first_few(columns)} unlike the other columns in size and "
             "in order of its values: is it a sample, or does it annotate the genes?")  # fmt: skip
    rows = [gene_ids[i] for i in unlike_rows(values)]
    if rows:
        warn("row-unlike-others", f"{Path(where).name}: {first_few(rows)} holds more than half of the sum of most "
             "samples: is it a gene, or a total?")  # fmt: skip


def empty_columns(values: np.ndarray) -> list[int]:
    """Columns without any value."""
    suspects = np.flatnonzero(np.isnan(values[:: -(-len(values) // 50)]).all(axis=0))
    return [int(i) for i in suspects if np.isnan(values[:, i]).all()]


def unlike_columns(values: np.ndarray) -> list[int]:
    """Columns whose median is far from those of the others, and whose genes are in another order."""
    if values.shape[1] < FEWEST_SAMPLES or values.shape[0] < FEWEST_ROWS:
        return []
    few = values[:: -(-len(values) // MOST_ROWS)]
    with np.errstate(all="ignore"):
        medians = _medians(few)
        middle = np.nanmedian(medians)
        spread = max(1.4826 * np.nanmedian(np.abs(medians - middle)), 0.05 * abs(middle), 1e-12)
        far = np.flatnonzero(np.abs(medians - middle) > FAR * spread)
    if not 0 < far.size <= 0.1 * values.shape[1] + 1:
        return []
    usual = _ranks(np.nan_to_num(_medians(np.delete(few, far, axis=1).T), nan=0.0))
    return [int(i) for i in far if _correlation(_ranks(np.nan_to_num(few[:, i], nan=0.0)), usual) < UNRELATED]


def unlike_rows(values: np.ndarray) -> list[int]:
    """Rows that hold more than half of the sum in most samples: a total among the genes."""
    if values.shape[1] < FEWEST_SAMPLES or values.shape[0] < FEWEST_ROWS:
        return []
    few = values[:, :: -(-values.shape[1] // MOST_COLUMNS)]
    if not np.isfinite(few).any() or np.nanmin(few) < 0 or np.nanmax(few) < 1000 or len(values) < 20:
        return []  # logarithms hold no totals, and of few rows one may be the largest
    sums = np.nansum(few, axis=0)
    largest = np.flatnonzero((few > DOMINANT * np.where(sums > 0, sums, np.inf)).mean(axis=1) > 0.5)
    return largest.tolist()


def _medians(values: np.ndarray) -> np.ndarray:
    if not np.isnan(values).any():
        result: np.ndarray = np.median(values, axis=0)
        return result
    return np.array([np.nan if np.isnan(column).all() else np.nanmedian(column) for column in values.T])


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-12))
