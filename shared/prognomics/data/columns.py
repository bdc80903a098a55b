"""A column as text or as numbers: one reading for sheets, annotations and data frames."""

from __future__ import annotations

import pandas as pd

MISSING_WORDS = ("", "NA")


def text_values(column: pd.Series) -> pd.Series:
    """Values as text, missing where there is none (also "" and NA, as in files); 1.0 reads "1"."""
    missing = column.isna()
    if pd.api.types.is_bool_dtype(column.dtype):
        text = column.astype(str)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        text = column.map(lambda value: f"{value:.15g}", na_action="ignore")
    else:
        text = column.astype(str).str.strip()
        missing = missing | text.isin(MISSING_WORDS)
    return text.astype(object).where(~missing, None)


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
