"""What every source returns: a cohort as published, before any curation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from prognomics.errors import BadInput, first_few

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class RawExpression(NamedTuple):
    """An expression matrix as the source gives it.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n_rows, n_samples)
        Genes or probes in rows, samples in columns; NaN where missing.
    row_ids, sample_ids : list of str
        Unique names of rows and columns.
    """

    values: np.ndarray
    row_ids: list[str]
    sample_ids: list[str]


MOST_COLUMNS = 200_000
MOST_CELLS = 50_000_000


@dataclass(frozen=True)
class RawCohort:
    """A cohort as published.

    Attributes
    ----------
    expression : RawExpression or None
        None where the source holds no matrix.
    samples : pandas.DataFrame of str
        First column `sample_id`, the names that the matrix uses; then every column of the source,
        values untouched. A cell without a value is the empty string.
    features : pandas.DataFrame of str or None
        `probe_id, gene_symbol, entrez_id` and more; None where the source names no genes beyond the row ids.
    notes : list of str
        What a reader of the record should know.
    relations : list of str
        What the source states of other studies, in its own words (`SubSeries of: GSE1`).
    no_expression : BadInput, optional
        Why no matrix was read, if there is one; raised when the matrix is requested.
    """

    expression: RawExpression | None
    samples: pd.DataFrame
    features: pd.DataFrame | None
    notes: list[str] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)
    no_expression: BadInput | None = None


def require_unique(ids: list[str], *, kind: str, where: str, hint: str = "") -> None:
    """Check that no identifier is empty or occurs twice.

    Raises
    ------
    BadInput
        Naming the first identifiers that are repeated or the positions that are empty.
    """
    empty = [position for position, name in enumerate(ids, start=1) if not name]
    if empty:
        raise BadInput(f"{len(empty)} {kind}(s) are empty", where=f"{where}, number {first_few(empty)}", hint=hint)
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for name in ids:
        if name in seen:
            repeated[name] = None
        seen.add(name)
    raise BadInput(
        f"{len(repeated)} {kind}(s) occur more than once: {first_few(repeated)}",
        where=where,
        hint=hint or f"give each {kind} once",
    )


def require_sheet_size(n_rows: int, n_columns: int, where: str) -> None:
    """Refuse a sheet that no study has and that would take memory and time without end.

    Raises
    ------
    BadInput
        More than 200,000 columns, or fifty million cells.
    """
    if n_columns > MOST_COLUMNS or n_rows * n_columns > MOST_CELLS:
        raise BadInput(f"the table has {n_rows:,} rows of {n_columns:,} columns: more than any annotation of samples",
                       where=where, hint="give the matrix of values as a file of its own")  # fmt: skip


class FreeNames:
    """Names of columns, each given out once: a second `x` becomes `x.2`.

    Parameters
    ----------
    taken : iterable of str
        Names that are in use.
    """

    def __init__(self, taken: Iterable[str] = ()):
        self._taken = set(taken)
        self._again: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name, or the first of `name.2`, `name.3`… that is free."""
        free, again = name, self._again.get(name, 1)
        while free in self._taken:
            again += 1
            free = f"{name}.{again}"
        self._again[name] = again
        self._taken.add(free)
        return free


def with_sample_id(raw: pd.DataFrame, sample_ids: list[str]) -> pd.DataFrame:
    """Put `sample_id` first; a raw column of that name with other values becomes `sample_id.raw`."""
    sheet = raw.copy()
    if "sample_id" in sheet.columns:
        if sheet["sample_id"].tolist() == sample_ids:
            return sheet[["sample_id", *[c for c in sheet.columns if c != "sample_id"]]]
        sheet = sheet.rename(columns={"sample_id": FreeNames(sheet.columns).take("sample_id.raw")})
    sheet.insert(0, "sample_id", sample_ids)
    return sheet
