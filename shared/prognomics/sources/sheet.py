"""Read a table of text (a sample sheet, an annotation): every cell stays the text it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.io.text_table import read_text_table

if TYPE_CHECKING:
    import pandas as pd


def read_sheet(path: Path | str) -> pd.DataFrame:
    """Read a table of text, see `text_table.read_text_table`.

    Returns
    -------
    pandas.DataFrame
        All cells are str, stripped of surrounding blanks; a missing cell is the empty string.

    Raises
    ------
    BadInput
        No rows, rows of unequal length (line numbers), columns without a name or named twice.
    """
    import pandas as pd

    table = read_text_table(path)
    return pd.DataFrame(table.rows, columns=table.names, dtype=object)
