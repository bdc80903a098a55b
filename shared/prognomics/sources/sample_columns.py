"""A matrix put together from samples that come one by one, each with its own list of rows."""

from __future__ import annotations

import numpy as np

from prognomics.errors import BadInput, first_few
from prognomics.sources.raw import RawExpression

MOST_CELLS = 1 << 31


class SampleColumns:
    """Columns of a matrix; rows are in the order of their first appearance.

    Samples with the rows of the first one, as nearly all have, cost nothing beyond their numbers.

    Attributes
    ----------
    notes : list of str
        What a reader of the record should know; complete after `matrix`.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._first: list[str] = []
        self._place: dict[str, int] = {}
        self._columns: dict[str, tuple[np.ndarray | None, np.ndarray]] = {}

    def add(self, sample: str, rows: list[str], values: np.ndarray) -> None:
        """One sample.

        Parameters
        ----------
        sample : str
        rows : list of str
            Unique names.
        values : numpy.ndarray of float64, shape (n_rows,)
        """
        if not self._columns:
            self._first = rows
            self._place = {row: place for place, row in enumerate(rows)}
        places = None
        if rows != self._first:
            for row in rows:
                self._place.setdefault(row, len(self._place))
            places = np.fromiter((self._place[row] for row in rows), dtype=np.int32, count=len(rows))
        self._columns[sample] = places, values

    def matrix(self, samples: list[str]) -> RawExpression | None:
        """The columns of these samples side by side, NaN where a sample lacks a row; None where none has values.

        Raises
        ------
        BadInput
            So many different rows that the matrix would have more than two thousand million cells.
        """
        have = [name for name in samples if name in self._columns]
        if not have:
            return None
        if len(self._place) > len(self._first):
            self.notes.append(
                f"the samples hold different rows: {len(self._first)} in the first, {len(self._place)} in all"
            )
        if len(self._place) * len(have) > MOST_CELLS:
            raise BadInput(f"the samples have {len(self._place)} different rows: too many for a matrix",
                           where=first_few(have))  # fmt: skip
        values = np.full((len(self._place), len(have)), np.nan)
        for column, name in enumerate(have):
            places, numbers = self._columns.pop(name)
            values[slice(len(self._first)) if places is None else places, column] = numbers
        return RawExpression(values, list(self._place), have)
