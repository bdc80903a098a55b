"""What a case states of an output, in Galaxy's vocabulary; `has_row` becomes a line pattern."""

from __future__ import annotations

import re
from typing import Any

from prognomics.data.registry import artifact


def _cell_pattern(value: Any) -> str:
    """A pattern for one cell; digits of a number may go on (2.97 matches 2.9712), NA and text must be whole."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = repr(value)
        return re.escape(text) + (r"\d*" if "." in text and "e" not in text else "")
    text = str(value)
    if re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", text):
        mantissa, _, exponent = text.partition("e")
        return re.escape(mantissa) + r"\d*" + (re.escape(f"e{exponent}") if exponent else "")
    return re.escape(text)


def row_pattern(kind: str, cells: dict[str, Any]) -> str:
    """A pattern of a table's line in which the named cells hold the values given."""
    columns = artifact(kind).column_names
    unknown = [c for c in cells if c not in columns]
    if unknown:
        raise KeyError(f"{kind} has no column {unknown[0]}")
    last = max(columns.index(c) for c in cells)
    parts = [_cell_pattern(cells[c]) if c in cells else r"[^\t]*" for c in columns[: last + 1]]
    return "^" + r"\t".join(parts) + r"(\t.*)?$"


def expand(assertion: dict[str, Any], kind: str) -> tuple[str, dict[str, Any]]:
    """The tag and attributes of an assertion as Galaxy knows them."""
    attributes = {k: v for k, v in assertion.items() if k != "that"}
    if assertion["that"] == "has_row":
        return "has_line_matching", {"expression": row_pattern(kind, attributes["cells"])}
    return assertion["that"], attributes
