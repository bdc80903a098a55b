"""Which sheet of a workbook is the table: not a cover, a read-me, or a list of what the columns mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from prognomics.errors import AnalysisNote
from prognomics.io.workbook import reading_worksheet, workbook_text

TABLE = [["id", "age", "status"], ["S1", 50, "dead"], ["S2", 61, "alive"]]
SENTENCE = "Clinical data of all patients who were operated between 2001 and 2012."
COVERS = {
    "title": [["Supplementary Table 3"]],
    "read-me": [["Read me"], [SENTENCE], [None], ["Times are in months."]],
    "dictionary": [["Column", "Meaning"], ["age", "Age at the time of the first operation, in years"], ["id", "Code"]],
}


def book(path: Path, **sheets: list[list[object]]) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("kind", COVERS)
@pytest.mark.parametrize("first", [True, False])
def test_the_table_is_read_and_the_cover_is_named(kind: str, first: bool, tmp_path: Path) -> None:
    sheets = {"notes": COVERS[kind], "data": TABLE} if first else {"data": TABLE, "notes": COVERS[kind]}
    path = book(tmp_path / "t.xlsx", **sheets)
    with pytest.warns(AnalysisNote, match="sheet 'data' of t.xlsx is read; it has .*choose with --sheet"):
        assert workbook_text(path).startswith(b"id\tage\tstatus\nS1\t50")
    with reading_worksheet("notes"):
        assert str(COVERS[kind][0][0]).encode() in workbook_text(path)


def test_a_list_of_genes_is_no_cover(tmp_path: Path) -> None:
    path = book(tmp_path / "g.xlsx", genes=[["XPO1"], ["TP53"], ["MKI67"]], data=TABLE)
    with pytest.warns(AnalysisNote, match="sheet 'genes'"):
        assert workbook_text(path) == b"XPO1\nTP53\nMKI67\n"


def test_a_workbook_that_is_a_read_me_alone_is_read(tmp_path: Path) -> None:
    assert SENTENCE.encode() in workbook_text(book(tmp_path / "r.xlsx", notes=COVERS["read-me"]))
