"""All result tables in one workbook (XLSX), a sheet each; no cell is a formula, and links lead to sheets only."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prognomics.report.page.blocks import step_title
from prognomics.report.page.checklist import ITEMS, remark_answers
from prognomics.report.results.joining import Joined, join
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.data.store import Picture, ResultTable

MOST_ROWS = 1_048_575  # of a sheet below its head
LONGEST_TEXT = 32_767  # of a cell
LONGEST_NAME = 31  # of a sheet
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
FORMATS = {"p": '[<0.001]"<0.001";0.000', "ratio": "0.00"}
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
IN_ORDER = {"constant_memory": True}  # rows are written as they come: less memory and time


def workbook(
    study: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> bytes:  # fmt: skip
    """The tables of a study as XLSX: contents, the REMARK checklist, then each table.

    Parameters are those of `build_report`. The same content gives the same bytes.
    """
    import xlsxwriter

    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    joined = join(facts, records, tables, plots)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {**AS_TEXT, **IN_ORDER, "nan_inf_to_errors": False})
    book.set_properties({"title": clean_text(facts.get("title"))[:200], "created": datetime(2000, 1, 1)})
    looks = {"head": book.add_format({"bold": True, "bottom": 1}),
             "wrap": book.add_format({"text_wrap": True, "valign": "top"})}  # fmt: skip
    listed = list(all_tables(joined))
    names = [sheet_name(number, kind, about) for number, (kind, _, _, about) in enumerate(listed, 1)]
    looks |= {name: book.add_format({"num_format": form}) for name, form in FORMATS.items()}
    looks["link"] = book.add_format({"underline": 1, "font_color": "#0b4f8a"})
    rows = [[name, kind.replace("_", " "), title, len(table.frame), table.sha256]
            for name, (kind, title, table, _) in zip(names, listed, strict=True)]  # fmt: skip
    heads = ["Sheet", "Table", "Made by", "Rows", "SHA-256"]
    contents = book.add_worksheet("Contents")
    _fill(contents, heads, rows, looks, (32, 24, 60, 8, 66), link=True)
    answers = zip(ITEMS, remark_answers(facts, joined), strict=True)
    rows = [[*item, status, said, ""] for item, (status, said, _) in answers]
    heads = ["Item", "Part", "Asks for", "Answered", "From the run", "For the authors"]
    _fill(book.add_worksheet("REMARK"), heads, rows, looks, (6, 14, 46, 26, 70, 50), "wrap")
    for name, (_, _, table, _) in zip(names, listed, strict=True):
        _fill_table(book.add_worksheet(name), table.frame, looks)
    book.close()
    return buffer.getvalue()


def all_tables(joined: Joined) -> Iterator[tuple[str, str, ResultTable, str]]:
    """(kind, what made it, table, what it is about): each table once, those without a record last."""
    seen: set[str] = set()
    for step in joined.steps:
        for kind, table in step.tables:
            if table.sha256 not in seen:
                seen.add(table.sha256)
                names = ("gene", "group_column", "marker_column", "score_column", "covariate", "endpoint")
                about = [*(v for n in names for v in step.listed(n)[:1]), step.cohort or step.origin]
                words = " ".join(dict.fromkeys(filter(None, about)))
                yield clean_text(kind) or "table", f"step {step.number}: {step_title(step)}", table, words
    for table in joined.loose_tables:
        yield "table", f"no run record; file {clean_text(table.name)}", table, ""


def sheet_name(number: int, kind: str, about: str = "") -> str:
    """A name that any spreadsheet takes: `7 cox table XPO1 group os`."""
    return _FORBIDDEN.sub(" ", f"{number} {kind} {about}".replace("_", " "))[:LONGEST_NAME].strip()


def _fill_table(sheet: Any, frame: pd.DataFrame, looks: dict[str, Any]) -> None:
    heads = [str(c) for c in frame.columns]
    rows = frame.head(MOST_ROWS).to_numpy(dtype=object).tolist()
    _fill(sheet, heads, rows, looks, [min(max(len(h) + 2, 9), 30) for h in heads], columns=[_look(h) for h in heads])


def _look(head: str) -> str:
    """How the numbers of a column are shown; their cells keep all digits."""
    if head in ("p", "q_value", "q_p") or head.startswith("p_"):
        return "p"
    return "ratio" if head in ("hr", "or", "ci_low", "ci_high", "pi_low", "pi_high") else ""


def _fill(sheet: Any, heads: Sequence[str], rows: Sequence[Sequence[Any]], looks: dict[str, Any],
          widths: Sequence[int], look: str = "", columns: Sequence[str] = (), link: bool = False) -> None:  # fmt: skip
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head[:LONGEST_TEXT], looks["head"])
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if link and column == 0:
                sheet.write_url(number, 0, f"internal:'{value}'!A1", looks["link"], str(value))
                continue
            _write(sheet, number, column, value, looks.get(columns[column] if columns else look))


def _write(sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
    """A number as a number, anything else as text, nothing if there is nothing."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, (int, float)):
        if math.isfinite(value):
            sheet.write_number(row, column, value, look)
        elif math.isinf(value):
            sheet.write_string(row, column, "inf" if value > 0 else "-inf", look)
    elif value is not None and value == value:
        sheet.write_string(row, column, str(value)[:LONGEST_TEXT], look)
