"""What people add to tables: rows of units, means at the end, numbered rows, merged and hidden cells, formulas."""

import io
import zipfile

import openpyxl
import pytest

from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.io.text_table import parse_text_table, read_text_table

HEADER = ["Sample ID", "Age", "OS months", "Status"]
ROWS = [[f"S{i}", str(40 + i), f"{10 + i * 3.3:.1f}", "dead" if i % 2 else "alive"] for i in range(14)]


def parse(*rows, delimiter="\t"):
    return parse_text_table("\n".join(delimiter.join(row) for row in rows) + "\n", "t")


@pytest.mark.parametrize("units", [["", "(years)", "(months)", ""], ["", "years", "months", ""], ["", "[y]", "", ""]])
def test_a_row_of_units_is_no_sample(units):
    with pytest.warns(AnalysisNote, match="units-row"):
        table = parse(HEADER, units, *ROWS)
    assert table.rows == ROWS and table.names[1] == f"Age {units[1]}"


def test_a_row_of_values_is_no_row_of_units():
    assert parse(HEADER, ["S99", "(years)", "", ""], *ROWS).rows[0][0] == "S99"
    assert parse(["Sample ID", "site"], ["", "days"], ["S1", "lung"], ["S2", "skin"]).rows[0] == ["", "days"]


@pytest.mark.parametrize("word", ["Mean", "total", "Mittelwert", "Moyenne", "Median:"])
def test_summaries_at_the_end_are_no_samples(word):
    with pytest.warns(AnalysisWarning, match="summary-rows"):
        assert parse(HEADER, *ROWS, [word, "46.5", "31.4", ""], ["SD", "4", "12", ""]).rows == ROWS


def test_summaries_elsewhere_are_rows(recwarn):
    assert len(parse(["statistic", "value"], ["mean", "3"], ["median", "2"], ["total", "9"]).rows) == 3
    assert len(parse(HEADER, ROWS[0], ["total", "1", "2", "dead"], *ROWS[1:]).rows) == 15
    assert not recwarn


@pytest.mark.parametrize("start", [0, 1])
def test_numbers_of_rows_are_no_samples(start):
    numbered = [[str(i + start), *row] for i, row in enumerate(ROWS)]
    with pytest.warns(AnalysisNote, match="numbers the rows"):
        assert parse(["", *HEADER], *numbered).rows == ROWS
    own = [[str(i + start), *row[1:]] for i, row in enumerate(ROWS)]
    assert parse(["", *HEADER[1:]], *own).names[0] == "sample_id"  # where nothing else names them, numbers do


@pytest.mark.parametrize(("delimiter", "said"), [("|", "'|'"), ("   ", "runs of blanks")])
def test_columns_divided_by_something_else_are_refused(delimiter, said):
    with pytest.raises(BadInput, match="one column only") as caught:
        parse(HEADER, *ROWS, delimiter=delimiter)
    assert said in caught.value.what
    assert parse(["sample"], ["A|B"], ["C"]).rows == [["A|B"], ["C"]]


def workbook(tmp_path, change=lambda book, sheet: None, rows=ROWS, header=HEADER):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [header, *rows]:
        sheet.append(row)
    change(book, sheet)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_hidden_sheets_are_read_last(tmp_path):
    def hide(book, sheet):
        other = book.create_sheet("lists", 0)
        other.append(["a", "b"])
        other.sheet_state = "hidden"

    with pytest.warns(AnalysisNote, match="worksheet"):
        assert read_text_table(workbook(tmp_path, hide)).rows == ROWS


def test_cells_merged_down_have_the_value_of_the_first(tmp_path):
    patients = [[f"P{i // 2}" if i % 2 == 0 else None, *row] for i, row in enumerate(ROWS)]

    def merge(book, sheet):
        for i in range(2, 16, 2):
            sheet.merge_cells(f"A{i}:A{i + 1}")

    with pytest.warns(AnalysisNote, match="7 cells are merged"):
        table = read_text_table(workbook(tmp_path, merge, patients, ["Patient", *HEADER]))
    assert [row[0] for row in table.rows] == [f"P{i // 2}" for i in range(14)]


def test_formulas_that_nothing_computed_are_named(tmp_path):
    path = workbook(tmp_path, rows=[[row[0], f"={row[1]}+0", *row[2:]] for row in ROWS])
    with pytest.warns(AnalysisWarning, match="14 cells hold formulas without a stored value.*B2, B3"):
        assert read_text_table(path).rows[0] == ["S0", "", *ROWS[0][2:]]


def test_formulas_with_a_value_are_read_as_it(tmp_path, recwarn):
    path = workbook(tmp_path, rows=[[row[0], f"={row[1]}+0", *row[2:]] for row in ROWS])
    computed = io.BytesIO()
    with zipfile.ZipFile(path) as parts, zipfile.ZipFile(computed, "w") as written:
        for name in parts.namelist():
            content = (
                parts.read(name)
                .replace(b"<v></v>", b"<v>7</v>")
                .replace(b"<v />", b"<v>7</v>")
                .replace(b"<v/>", b"<v>7</v>")
            )
            written.writestr(name, content)
    path.write_bytes(computed.getvalue())
    assert read_text_table(path).rows[0] == ["S0", "7", *ROWS[0][2:]]
    assert not recwarn
