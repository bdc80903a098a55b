"""Read a table of text (a sample sheet, an annotation): every cell stays the text it is."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, first_few
from prognomics.io.text_file import read_text, sniff_delimiter, split_line
from prognomics.sources.raw import require_sheet_size

if TYPE_CHECKING:
    import pandas as pd


def rows_of_text(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Line numbers and cells of the non-empty lines.

    Tab-separated text is split line by line; in comma- and semicolon-separated text a quoted cell may hold
    line breaks.
    """
    if delimiter == "\t":
        lines = enumerate(text.split("\n"), start=1)
        return [(number, split_line(line, delimiter)) for number, line in lines if line.strip()]
    reader = csv.reader(text.split("\n"), delimiter=delimiter)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as fault:
        raise BadInput(
            "the table cannot be split into cells", where=f"line {reader.line_num} ({fault})"
        ) from None
    return rows


def read_sheet(path: Path | str, *, skip_comments: bool = False) -> pd.DataFrame:
    """Read a table of text.

    Parameters
    ----------
    path : path
        TSV, CSV or semicolon-separated, plain or gzip.
    skip_comments : bool
        Leave out leading lines that start with `#` (cBioPortal's descriptions).

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

    where = str(path)
    text = read_text(path)
    lines = text.split("\n")
    skipped = 0
    if skip_comments:
        while skipped < len(lines) and (lines[skipped].startswith("#") or not lines[skipped].strip()):
            skipped += 1
    head = lines[skipped] if skipped < len(lines) else ""
    try:
        rows = rows_of_text("\n".join(lines[skipped:]), sniff_delimiter(head))
    except BadInput as fault:
        raise BadInput(fault.what, where=f"{where}, {fault.where}") from None
    if len(rows) < 2:
        raise BadInput("the table has no rows below its header", where=where)
    names = [name.strip() for name in rows[0][1]]
    require_sheet_size(len(rows), len(names), where)
    body = [(number + skipped, cells) for number, cells in rows[1:]]
    if all(len(cells) == len(names) + 1 for _, cells in body):
        names = ["", *names]  # R writes no name above its row names
    ragged = [number for number, cells in body if len(cells) != len(names)]
    if ragged:
        raise BadInput(
            f"{len(ragged)} row(s) do not have {len(names)} fields as the header",
            where=f"{where}, line {first_few(ragged)}",
            hint="every row needs the same number of fields, empty where a value is missing",
        )
    cells = [[cell.strip() for cell in row] for _, row in body]
    keep = [i for i, name in enumerate(names) if name or i == 0 or any(row[i] for row in cells)]
    named = Counter(names)
    columns = [names[i] or ("sample_id" if i == 0 and not named["sample_id"] else "") for i in keep]
    if "" in columns:
        raise BadInput("a column has values and no name", where=f"{where}, column {columns.index('') + 1}")
    repeated = sorted(name for name, n in Counter(columns).items() if n > 1)
    if repeated:
        raise BadInput(
            f"columns are named twice: {first_few(repeated)}", where=where, hint="rename one of each"
        )
    return pd.DataFrame([[row[i] for i in keep] for row in cells], columns=columns, dtype=object)
