"""Columns of GEO's characteristics (`age: 61`) as columns of their own, as sheets made by other software leave them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prognomics.curation.raw_sheet import as_word
from prognomics.errors import first_few, note

if TYPE_CHECKING:
    import pandas as pd

_HEADING = re.compile(r"(sample_)?characteristics", re.IGNORECASE)
_PAIR = re.compile(r"\s*([^:]{1,60}?)\s*:\s*(.*?)\s*")
MOST_KEYS = 500


def with_characteristics(raw: pd.DataFrame) -> pd.DataFrame:
    """A raw sheet with a column for each key of its columns `characteristics…`; those columns stay.

    Only columns are split of which every cell with text is `key: value`. A key that is a column already, or a column of
    GEOquery (`age:ch1`), is not added.
    """
    found: dict[str, list[str]] = {}
    for column in raw.columns:
        if not _HEADING.match(str(column)):
            continue
        pairs = [_PAIR.fullmatch(word) if (word := as_word(cell)) else None for cell in raw[column]]
        filled = sum(bool(as_word(cell)) for cell in raw[column])
        if not filled or sum(pair is not None for pair in pairs) < filled:
            continue
        for row, pair in enumerate(pairs):
            if pair is not None:
                cells = found.setdefault(pair[1], [""] * len(raw))
                cells[row] = cells[row] or pair[2]
    known = {str(column).casefold() for column in raw.columns}
    new = {key: cells for key, cells in found.items() if not {key.casefold(), f"{key.casefold()}:ch1"} & known}
    if not new or len(new) > MOST_KEYS:
        return raw
    note("characteristics", f"columns are made of the characteristics (key: value): {first_few(new, 8)}")
    return raw.assign(**new)
