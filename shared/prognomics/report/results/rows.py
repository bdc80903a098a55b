"""Rows of result tables as dicts, and their values as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.report.wording import as_number, clean_text, is_absent

if TYPE_CHECKING:
    import pandas as pd


def label(value: object) -> str:
    """A level or name as text: 2.0, read from a column of numbers, is 2."""
    if is_absent(value):
        return ""
    number = as_number(value) if not isinstance(value, str) else math.nan
    return f"{number:.10g}" if not math.isnan(number) else clean_text(value)


def get(row: Mapping[str, Any], name: str) -> Any:
    """A value of a row, NaN where the column is not there."""
    return row.get(name, math.nan)


def records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The rows of a table as dicts; none without a table."""
    if frame is None or frame.columns.empty:
        return []
    names = [str(name) for name in frame.columns]
    rows = frame.to_numpy(dtype=object).tolist()
    for place in [place for place, kind in enumerate(frame.dtypes) if kind.kind == "O"]:
        for row in rows:
            row[place] = _own(row[place])
    return [dict(zip(names, row, strict=True)) for row in rows]


def _own(value: Any) -> Any:
    """Numpy's number as Python's; what is none as it is."""
    return value.item() if isinstance(value, (np.number, np.bool_)) else value


def unique(values: Iterable[object]) -> list[str]:
    """The texts that occur, in order, without the absent ones."""
    return list(dict.fromkeys(text for text in map(label, values) if text))
