"""Tables of text as people keep them."""

import codecs
import datetime
import io
import zipfile

import openpyxl
import pytest

from prognomics.data.tables import read_cells
from prognomics.errors import AnalysisNote, BadInput
from prognomics.io.text_file import detect_utf16, read_text
from prognomics.io.text_table import parse_text_table, read_text_table
from prognomics.io.workbook import reading_worksheet

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisNote")


def parsed(text):
    table = parse_text_table(text, "t")
    return [table.names, *table.rows]


PLAIN = [["id", "age", "status"], ["P1", "50", "dead"], ["P2", "61", "alive"]]
KEPT = {
    "tab": "id\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "comma": "id,age,status\nP1,50,dead\nP2,61,alive\n",
    "semicolon": "id;age;status\nP1;50;dead\nP2;61;alive\n",
    "comment lines": "# exported\n#\nid\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "header behind a mark": "#id\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "lines of comment as wide": "#a\tb\tc\n#d\te\tf\nid\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "one line of comment as wide": "#a\tb\tc\nid\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "title": "Table 1. Patients of the study\n\nid\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n",
    "title with empty cells": "Table 1,,\n,,\nid,age,status\nP1,50,dead\nP2,61,alive\n",
    "footnotes": "id\tage\tstatus\nP1\t50\tdead\nP2\t61\talive\n\nAbbreviations: OS, overall survival\t\t\n",
    "empty columns": "id\tage\tstatus\t\t\nP1\t50\tdead\t\t\nP2\t61\talive\t\t\n",
    "quoted": '"id"\t"age"\t"status"\n"P1"\t"50"\t"dead"\n"P2"\t"61"\t"alive"\n',
}


@pytest.mark.parametrize("form", KEPT)
def test_every_form_gives_the_same(form):
    assert parsed(KEPT[form]) == PLAIN


def test_row_names_of_r():
    assert parsed("age\tstatus\nP1\t50\tdead\nP2\t61\talive\n")[0] == ["sample_id", "age", "status"]
    assert parsed('"","age"\n"P1",50\n"P2",61\n')[0] == ["sample_id", "age"]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_quoted_cell_may_hold_anything(delimiter):
    text = 'id;note;age\nP1;"two\nlines; and a ""quote""";5\nP2;x;6\n'.replace(";", delimiter)
    cell = 'two\nlines; and a "quote"'.replace(";", delimiter)
    assert parsed(text)[1:] == [["P1", cell, "5"], ["P2", "x", "6"]]


def test_decimal_commas_do_not_divide_cells():
    assert parsed("id;age;size\nP1;50,5;2,3\nP2;61,25;4,1\n")[1] == ["P1", "50,5", "2,3"]


def test_a_header_of_two_lines_is_said_with_its_columns():
    text = "id\tOS\t\tage\n\ttime\tevent\t\nP1\t5\t1\t50\nP2\t6\t0\t61\n"
    with pytest.warns(AnalysisNote, match="lines 1 and 2 .*column 2 is 'time', column 3 is 'event'"):
        assert parse_text_table(text, "t").names == ["id", "time", "event", "age"]
    text = "id\tOS\t\tDFS\t\n\ttime\tevent\ttime\tevent\nP1\t5\t1\t5\t1\nP2\t6\t0\t6\t0\n"
    assert parse_text_table(text, "t").names == ["id", "OS time", "OS event", "DFS time", "DFS event"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("id\tage\nP1\t50\t3\nP2\n", "2 row.*2 fields.*has 3.*line 2, 3"), ("a\ta\nx\ty\n", "occur twice"),
     ("a\t\nx\ty\n", "column 2"), ("# only\n", "blanks or comments"), ('{"a": 1}', "JSON")],
)  # fmt: skip
def test_what_is_refused_is_named(text, says):
    with pytest.raises(BadInput, match=f"(?s){says}"):
        parse_text_table(text, "t", needs_rows=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding, tmp_path):
    path = tmp_path / "t"
    path.write_bytes("id\tOrt\nP1\tKöln\n".encode(encoding))
    assert read_cells(path)["Ort"].tolist() == ["Köln"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"<!DOCTYPE html><html><head><title>GEO Accession viewer</title>", "web page.*GEO Accession viewer"),
     (b"  <html><body>404", "web page"), (b"<?xml version='1.0'?><Error><Message>No Key</Message>", "XML.*No Key"),
     (b"%%MatrixMarket matrix coordinate\n", "MatrixMarket"), (b"RDX3\nX\n", "data of R")],
)  # fmt: skip
def test_files_that_are_no_tables_are_said_for_what_they_are(content, says, tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        read_text(path)


def workbook(tmp_path, fill):
    book = openpyxl.Workbook()
    fill(book)
    path = tmp_path / "w.dat"  # the name says nothing
    with path.open("wb") as handle:
        book.save(handle)
    return path


def test_a_workbook_with_all_that_people_put_in(tmp_path):
    def fill(book):
        sheet = book.active
        sheet.title = "Patients"
        for row in (["Table S1: patients", None, None, None], [None] * 4, ["Patient", "Outcome", None, "Born"],
                    [None, "months", "status", None], ["P1", 12.5, "dead", datetime.date(1950, 3, 1)],
                    ["P2", 40, "lost to\nfollow-up", None]):  # fmt: skip
            sheet.append(row)
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("B3:C3")
        sheet.merge_cells("A3:A4")
        book.create_sheet("other").append(["x", "y"])
        book["other"].append(["a", 1])

    path = workbook(tmp_path, fill)
    table = read_text_table(path)
    assert table.names == ["Patient", "months", "status", "Born"]
    assert table.rows == [["P1", "12.5", "dead", "1950-03-01"], ["P2", "40", "lost to\nfollow-up", ""]]
    for name in ("other", "2"):
        with reading_worksheet(name):
            assert read_text_table(path).names == ["x", "y"]
    with reading_worksheet("others"), pytest.raises(BadInput, match="did you mean other"):
        read_text_table(path)


def test_hostile_workbooks_are_refused(tmp_path):
    path, content = tmp_path / "w.xlsx", io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<!DOCTYPE x [<!ENTITY a 'a'>]><workbook/>")
    path.write_bytes(content.getvalue())
    with pytest.raises(BadInput, match="document type"):
        read_text_table(path)
    path.write_bytes(content.getvalue()[:40])
    with pytest.raises(BadInput, match="damaged spreadsheet"):
        read_text_table(path)


@pytest.mark.parametrize(("head", "encoding"), [
    (codecs.BOM_UTF16_LE + b"a\0", "utf-16"), ("sample_id\tage\n".encode("utf-16-le"), "utf-16-le"),
    ("sample_id\tage\n".encode("utf-16-be"), "utf-16-be"), (b"sample_id\tage\n", ""), (bytes(100), ""),
    (b"\0\1" * 4, ""),
    ("Größe\tAlter µ\tx\n".encode("utf-16-le"), "utf-16-le"), (bytes(range(256)), ""), (b"", ""),
])  # fmt: skip
def test_utf16_is_recognized_without_a_mark(head, encoding):
    assert detect_utf16(head) == encoding
