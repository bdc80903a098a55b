"""Lines below the rows of a matrix: footnotes are omitted with a note, broken rows stop the reading."""

import numpy as np
import pytest

from prognomics.compiled import compiled_loops
from prognomics.data.matrix import read_matrix
from prognomics.errors import AnalysisNote, BadInput

ROWS = "gene_id\tS1\tS2\tS3\nXPO1\t1.5\t2\t3\nMYC\t2\t2.5\t3\n"
FOOTNOTES = (
    "* values are log2\n", "* values are log2\t\t\t\n", "Notes: b c\tNA\t\t\n", "\nAll values are log2\n",
    "\nAll values are log2\t\t\t\n", "Abbreviations: NA, absent\nSource: a registry\n", "a) by RMA",
)  # fmt: skip


@pytest.fixture(params=["compiled", "numpy"])
def loops(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr("prognomics.io.numeric_table.compiled_loops", lambda: None)
    elif compiled_loops() is None:
        pytest.skip("the loops are not compiled here")


@pytest.mark.parametrize("footnote", FOOTNOTES)
def test_footnotes_are_no_genes(footnote, tmp_path, loops):
    path = tmp_path / "m.tsv"
    path.write_text(ROWS + footnote)
    with pytest.warns(AnalysisNote, match=r"\[table-footnote\] m.tsv"):
        matrix = read_matrix(path)
    assert matrix.gene_ids == ["XPO1", "MYC"]
    np.testing.assert_array_equal(matrix.values, [[1.5, 2, 3], [2, 2.5, 3]])


@pytest.mark.parametrize(("broken", "says"), [
    ("TP5", "the first has 1"),  # cut off
    ("TP53\t1\t2", "the first has 3"),
    ("* values are log2\nTP53\t1\t2\t3\n", "the first has 1"),  # not below all rows
    ("log2 values\n", "the first has 1"),  # nothing marks it
])  # fmt: skip
def test_what_may_be_a_broken_row_stops(broken, says, tmp_path, loops):
    path = tmp_path / "m.tsv"
    path.write_text(ROWS + broken)
    with pytest.raises(BadInput, match=says):
        read_matrix(path)


def test_a_gene_without_values_stays(tmp_path, loops):
    path = tmp_path / "m.tsv"
    path.write_text(ROWS + "TP53\t\t\t\nHLA A\tNA\tNA\tNA\n")
    assert read_matrix(path).gene_ids == ["XPO1", "MYC", "TP53", "HLA A"]


@pytest.mark.parametrize("second", ["\tcase\tcase\tcontrol", "group\tA\tB\tNA"])
def test_a_second_header_line_is_named(second, tmp_path, loops):
    header, rows = ROWS.split("\n", 1)
    path = tmp_path / "m.tsv"
    path.write_text(f"{header}\n{second}\n{rows}")
    with pytest.raises(BadInput) as stopped:
        read_matrix(path)
    assert "line 2" in stopped.value.where and "keep one header line" in stopped.value.hint


def test_a_row_without_a_name_is_placed(tmp_path, loops):
    path = tmp_path / "m.tsv"
    path.write_text(ROWS + "\t1\t2\t3\n")
    with pytest.raises(BadInput, match="one of the gene ids is empty") as stopped:
        read_matrix(path)
    assert stopped.value.where.endswith("row 3 of the matrix") and stopped.value.hint
