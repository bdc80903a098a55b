"""Tables: read with every cell kept as text, written tab-separated with one number format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.data.almost_numbers import why_no_number
from prognomics.data.columns import number_text
from prognomics.data.registry import Artifact
from prognomics.errors import BadInput, first_few, unknown_name
from prognomics.io.text_table import read_text_table

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "NA")
SHORT, LONGEST = 10**10, 2.0**53  # integers of floats: with all digits in %.10g, and at all


def read_cells(path: Path) -> pd.DataFrame:
    """A table with a header row (see `text_table.read_text_table`); cells are text, empty and `NA` are missing (NaN).

    Raises
    ------
    BadInput
        If the file is empty, binary, damaged, has a column name twice, or ragged rows.
    """
    import numpy as np
    import pandas as pd

    table = read_text_table(path, needs_rows=False)
    cells = {
        name: np.array([np.nan if cell in MISSING else cell for cell in column], dtype=object)
        for name, column in table.columns().items()
    }
    return pd.DataFrame(cells, dtype=object)


def number_column(frame: pd.DataFrame, column: str, *, where: str = "", key: str | None = None) -> pd.Series:
    """A column as floats (missing is NaN).

    Raises
    ------
    BadInput
        If the column is not there, or holds text; `key` names the column whose ids the message shows.
    """
    import pandas as pd

    if column not in frame:
        raise unknown_name("column", column, frame.columns, where=where)
    values = frame[column]
    if values.dtype.kind in "iufb":
        return values.astype(float)
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() & values.notna()
    if bad.any():
        shown = first_few(sorted({repr(v) for v in values[bad]}))
        rows = first_few(frame.loc[bad, key]) if key in frame else first_few(frame.index[bad] + 2)
        reasons = dict.fromkeys(filter(None, (why_no_number(str(v)) for v in values[bad])))
        raise BadInput(
            f"column {column!r} holds text where numbers are needed: {shown}"
            + (f" ({', '.join(reasons)})" if reasons else ""),
            where=f"{where + ': ' if where else ''}{key or 'rows'} {rows}",
            hint="write decimals with a point, or curate the table with decimal: ','"
            if "a decimal comma" in reasons
            else "correct the values, or leave missing ones empty or NA",
        )
    return numbers.astype(float)


def read_table(artifact: Artifact, path: Path) -> pd.DataFrame:
    """A table checked against its artifact: required columns there, number columns numbers."""
    return checked_table(artifact, read_cells(path), str(path))


def checked_table(artifact: Artifact, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A frame with the columns that its artifact declares, numbers where it notes this; BadInput otherwise."""
    frame = frame.copy()
    missing = [c.name for c in artifact.columns if c.required and c.name not in frame]
    if missing:
        raise BadInput(
            f"this is no {artifact.title.lower()}: it lacks the column{'s' * (len(missing) > 1)} {first_few(missing)}",
            where=where,
            hint=f"its columns are {first_few(frame.columns)}",
        )
    for column in artifact.columns:
        if column.name in frame and column.type in ("number", "integer"):
            frame[column.name] = number_column(frame, column.name, where=where)
    return frame


def read_any_table(path: Path) -> pd.DataFrame:
    """A result table whose artifact is not known: columns that hold only numbers become floats."""
    import pandas as pd

    frame = read_cells(path)
    for name in frame:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if (numbers.notna() == frame[name].notna()).all():
            frame[name] = numbers
    return frame


def format_cell(value: Any) -> str:
    """One cell of a written table: numbers by `%.10g`, missing as NA, text on one line."""
    if value is None or value != value:
        return "NA"
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):  # NumPy 2, NumPy 1
        return "yes" if value else "no"
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        return "%.10g" % value
    return " ".join(str(value).split()) if isinstance(value, str) else str(value)


def ordered_columns(artifact: Artifact, frame: pd.DataFrame) -> list[str]:
    """The declared columns in their order, then the common ones, then any others."""
    lacking = [c.name for c in artifact.columns if c.required and c.name not in frame]
    if lacking:
        raise RuntimeError(f"the tool made a {artifact.id} without its columns {lacking}")
    declared = [c for c in artifact.column_names if c in frame]
    return declared + [c for c in frame.columns if c not in declared]


def _is_long(value: object) -> bool:
    return isinstance(value, float) and SHORT < abs(value) < LONGEST and value.is_integer()


def _column_cells(column: pd.Series, exact: bool = False) -> list[str]:
    """`format_cell` of a whole column; columns of numbers need no look at each cell's type.

    With `exact`, integers that are floats keep all their digits: they may be identifiers.
    """
    values = column.tolist()
    if exact and column.dtype.kind in "fO":
        return [number_text(v) if _is_long(v) else format_cell(v) for v in values]
    if column.dtype.kind == "f":
        return ["%.10g" % v if v == v else "NA" for v in values]
    return list(map(str, values)) if column.dtype.kind in "iu" else list(map(format_cell, values))


def table_text(artifact: Artifact, frame: pd.DataFrame) -> str:
    """The text of a table: tab-separated, one header row."""
    columns = ordered_columns(artifact, frame)
    lines = ["\t".join(columns)]
    cells = [_column_cells(frame[c], artifact.kind == "sheet") for c in columns]
    lines += ["\t".join(row) for row in zip(*cells, strict=True)]
    return "\n".join(lines) + "\n"
