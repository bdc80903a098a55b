"""Sheets of spreadsheets (XLSX) as tab-separated text."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput, first_few, note, unknown_name, warn

ZIP_MAGIC = b"PK\x03\x04"
MOST_BYTES = 1 << 29  # of all parts of the file, unpacked
MOST_EXPANSION = 200
LONG_TEXT = 40  # letters: longer cells of several words are sentences
_MERGED_DOWN = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d+):\1(\d+)"')
_NO_VALUE = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
_chosen: ContextVar[str | None] = ContextVar("worksheet", default=None)


@contextlib.contextmanager
def reading_worksheet(name: str | None) -> Iterator[None]:
    """Read this sheet of the workbooks that are opened inside (a name, or a number counted from 1)."""
    before = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(before)


def is_workbook(path: Path | str) -> bool:
    """Whether a file is a spreadsheet of Excel 2007 or later, by content."""
    try:
        with Path(path).open("rb") as handle:
            if handle.read(4) != ZIP_MAGIC:
                return False
        with zipfile.ZipFile(path) as parts:
            return any(name.lower() == "xl/workbook.xml" for name in parts.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def workbook_text(path: Path | str) -> bytes:
    """One sheet of a workbook as tab-separated text (UTF-8); cells with tabs, quotes or line breaks are quoted.

    The sheet is that of `reading_worksheet`, else the first one that has cells. Dates are `yyyy-mm-dd`, formulas their
    last computed value.

    Raises
    ------
    BadInput
        A damaged or oversized workbook, no such sheet, or no cell in any.
    """
    where = str(path)
    _require_small(path, where)
    import openpyxl

    try:
        with Path(path).open("rb") as content:  # a name without .xlsx is refused
            book = openpyxl.load_workbook(content, read_only=True, data_only=True, keep_links=False)
            return _sheet_text(book, where)
    except BadInput:
        raise
    except Exception as fault:  # openpyxl raises whatever its parts raise
        raise BadInput(
            "the spreadsheet is damaged or not of a known version",
            where=f"{where} ({type(fault).__name__})",
            hint="open it and save it again as .xlsx or as tab-separated text",
        ) from None


def _require_small(path: Path | str, where: str) -> None:
    with zipfile.ZipFile(path) as parts:
        for part in parts.infolist():
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            with parts.open(part) as content:
                if b"<!DOCTYPE" in content.read(4096).upper():
                    raise BadInput("the spreadsheet declares a document type, as no spreadsheet does", where=where)
        size = sum(part.file_size for part in parts.infolist())
    if size > MOST_BYTES or size > (1 << 26) and size > MOST_EXPANSION * Path(path).stat().st_size:
        raise BadInput("the spreadsheet is larger than 512 MiB when unpacked", where=where,
                       hint="save the sheet as tab-separated text")  # fmt: skip


def _sheet_text(book: Any, where: str) -> bytes:
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    names = [*shown, *(sheet.title for sheet in book.worksheets if sheet.title not in shown)]  # hidden ones last
    filled: dict[str, list[list[str]]] = {}
    for name in [_named(names, _chosen.get(), where)] if _chosen.get() else names:
        sheet = book[name]
        sheet.reset_dimensions()
        rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        while rows and not any(rows[-1]):
            rows.pop()
        if rows:
            filled[name] = rows
            if not _is_cover(rows):
                break
    if not filled:
        raise BadInput("the sheet has no cells" if _chosen.get() else "the spreadsheet has no cells", where=where)
    name = next((name for name, rows in filled.items() if not _is_cover(rows)), next(iter(filled)))
    rows = filled[name]
    _look_at_cells(book, book[name], rows, where)
    if len(names) > 1 and not _chosen.get():
        text = f"sheet {name!r} of {Path(where).name} is read; it has {first_few(names)}: choose with --sheet"
        note("worksheet", text)
    width = max(len(row) for row in rows)
    while width > 1 and not any(len(row) >= width and row[width - 1] for row in rows):
        width -= 1
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerows([*row[:width], *[""] * (width - len(row))] for row in rows)
    return out.getvalue().encode()


def _is_cover(rows: list[list[str]]) -> bool:
    """Whether a sheet is a cover, a read-me or a list of columns: one line, or sentences in one or two columns."""
    used = [[cell for cell in row if cell] for row in rows]
    sentences = any(" " in cell and len(cell) > LONG_TEXT for row in used for cell in row)
    return len(rows) == 1 or (max(map(len, used)) <= 2 and sentences)


def _look_at_cells(book: Any, sheet: Any, rows: list[list[str]], where: str) -> None:
    """Give cells that are merged down a column their value, and warn of formulas that have none."""
    with book._archive.open(sheet._worksheet_path) as content:  # openpyxl shows neither when it streams
        xml = content.read()
    from openpyxl.utils import column_index_from_string

    filled = 0
    for column, first, last in ((m[1], int(m[2]), int(m[3])) for m in _MERGED_DOWN.finditer(xml)):
        place = column_index_from_string(column.decode()) - 1
        for row in rows[first:last] if 0 < first <= len(rows) and place < len(rows[first - 1]) else ():
            row.extend([""] * (place + 1 - len(row)))
            row[place], filled = row[place] or rows[first - 1][place], filled + (not row[place])
    if filled:
        note("merged-cells", f"{Path(where).name}: {filled} cells are merged with the one above and have its value")
    empty = [m[1].decode() for m in _NO_VALUE.finditer(xml)] if b"<f" in xml else []
    if empty:
        text = f"{Path(where).name}: {len(empty)} cells hold formulas without a stored value and are read as empty"
        hint = "open the file in a spreadsheet program and save it again"
        warn("formulas-without-values", f"{text}: {first_few(empty)}; {hint}")


def _named(names: list[str], wanted: str, where: str) -> str:
    if wanted in names:
        return wanted
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise unknown_name("sheet", wanted, names, where=where)


def _cell(value: object) -> str:
    """A cell as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return re.sub(r"_x000[dD]_", "", str(value)).strip()
