"""A column as text or as numbers: one reading for sheets, annotations and data frames."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, first_few

MISSING_WORDS = ("", "NA")
LARGEST_EXACT = 2.0**53  # of floats: above it, neighboring integers are one number
_MOST_DIGITS = 1e22


def number_text(value: Any) -> str:
    """A number as a label: integers with all their digits (1.0 reads "1"), others with 15 significant digits."""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    value = float(value)
    return str(int(value)) if abs(value) < _MOST_DIGITS and value == int(value) else f"{value:.15g}"


def cell_text(cell: object) -> str:
    """One cell or name as a label."""
    if isinstance(cell, Number) and not isinstance(cell, (bool, np.bool_, complex)):
        return number_text(cell)  # type: ignore[arg-type]
    return str(cell).strip()


def text_values(column: pd.Series) -> pd.Series:
    """Values as text, missing if there is none (also "" and NA, as in files); 1.0 reads "1"."""
    missing = column.isna()
    text = column.astype(object).map(cell_text, na_action="ignore")
    missing = missing | text.isin(MISSING_WORDS)
    return text.astype(object).where(~missing, None)


def id_values(column: pd.Series, where: str = "") -> pd.Series:
    """Identifiers as text, see :func:`text_values`.

    Raises
    ------
    BadInput
        Numbers above 2^53 as floats: their last digits are lost, so that different ids may have become one.
    """
    cells = column.dropna() if column.dtype.kind in "fO" else column.iloc[:0]
    lost: list[Any] = [
        cell for cell in cells if isinstance(cell, (float, np.floating)) and LARGEST_EXACT < abs(cell) < np.inf
    ]
    if lost:
        raise BadInput(
            f"the ids of column {str(column.name)!r} are floats of more than 15 digits, whose last digits are lost",
            where=f"{where + ': ' if where else ''}{first_few(number_text(cell) for cell in lost)}",
            hint="read the column as text, such as pandas.read_csv(..., dtype=str)",
        )
    return text_values(column)


def number_values(column: pd.Series) -> pd.Series | None:
    """Values as numbers where every value that is there is one, else None."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float)
    text = text_values(column)
    numbers = pd.to_numeric(text, errors="coerce")
    known = text.notna()
    return numbers.astype(float) if known.any() and numbers[known].notna().all() else None
