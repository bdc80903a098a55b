"""Columns of sheets as people write them: by number, with commas, quotes and blanks in their cells."""

import gzip
import warnings

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.matrix import read_matrix
from prognomics.data.sheet import as_sheet, read_sheet
from prognomics.data.tables import read_cells
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool


@pytest.fixture
def sheet():
    n = 24
    stages = ["I", "II, early", "II, late"]
    return pd.DataFrame(
        {
            "stage of tumour": [stages[i % 3] for i in range(n)],
            "sample_id": [str(i) for i in range(n)],
            "os_time": [(7 * i) % 31 + 1 for i in range(n)],
            "os_event": [int(i % 5 != 0) for i in range(n)],
            "site": ["arm" if i % 2 else "leg" for i in range(n)],
            "age_years": [40 + (11 * i) % 29 for i in range(n)],
        }
    )


@pytest.mark.parametrize(
    ("condition", "n"),
    [
        ("stage of tumour=II, early", 8),
        ("stage of tumour=II, late,II, early", 16),
        ("stage of tumour=I,II, late", 16),
        ("stage of tumour!=II, late", 16),
        ("column:1=I", 8),
    ],
)
def test_a_comma_may_belong_to_the_value_of_a_filter(sheet, condition, n):
    assert len(as_sheet(sheet).subset([condition])) == n


def test_columns_are_numbered_as_in_the_file(sheet):
    assert as_sheet(sheet).resolve("column:1") == "stage of tumour"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        result = tools.cox(
            samples=sheet, endpoint="os", covariate=["column:6", "column:1"], strata="column:5",
            reference_level={"column:1": "II, late"},
        )  # fmt: skip
    assert set(result.table["strata"]) == {"site"}
    assert set(result.table["term"]) == {"age_years", "stage of tumour"}
    assert result.table.loc[result.table["row_type"] == "reference", "level"].unique().tolist() == ["II, late"]


def test_codings_of_unknown_and_idle_columns(sheet):
    with pytest.raises(BadInput, match="no column 'sight'"):
        tools.cox(samples=sheet, endpoint="os", covariate="age_years", reference_level={"sight": "arm"})
    with pytest.warns(AnalysisWarning, match="coding of site has no effect"):
        tools.cox(samples=sheet, endpoint="os", covariate="age_years", factor="site")


class TestCells:
    def read(self, folder, text):
        path = folder / "table.tsv"
        path.write_text(text)
        return read_cells(path)

    def test_quotes_that_enclose(self, tmp_path):
        frame = self.read(tmp_path, 'sample_id\tnote\nA\t"two\tcells"\nB\t"two\nlines"\nC\t"say ""x"""\n')
        assert frame["note"].tolist() == ["two\tcells", "two\nlines", 'say "x"']

    @pytest.mark.parametrize(
        "cells", [['"high', "b", '"high'], ['"high', 'b"', "c"], ['5"', 'a "b" c', '"'], ['"a" b', "", ""]]
    )
    def test_quotes_that_do_not_enclose_swallow_no_line(self, tmp_path, cells):
        text = "sample_id\tnote\tage\n" + "".join(f"S{i}\t{cell}\t5{i}\n" for i, cell in enumerate(cells))
        frame = self.read(tmp_path, text)
        assert frame["note"].fillna("").tolist() == cells
        assert frame["age"].tolist() == ["50", "51", "52"]

    def test_blank_lines(self, tmp_path):
        (tmp_path / "s").write_text("\nsample_id\tage\nA\t1\n\t\n   \nB\t\n\n")
        assert read_sheet(tmp_path / "s").sample_ids == ["A", "B"]


class TestMatrixText:
    ROWS = [f"{gene}\t{i}.5\t{i}\n" for i, gene in enumerate(["XPO1", '"odd', "TP53", '"odder', "EGFR"])]

    def test_a_stray_quote_swallows_no_gene(self, tmp_path):
        for rows in (self.ROWS, self.ROWS[:3]):
            (tmp_path / "m.tsv").write_text("gene_id\tA\tB\n" + "".join(rows))
            read = read_matrix(tmp_path / "m.tsv")
            assert read.shape == (len(rows), 2) and read.gene("TP53").tolist() == [2.5, 2]

    @pytest.mark.parametrize("word", ["nan", "n/a", "."])
    def test_words_for_missing_are_missing(self, tmp_path, word):
        (tmp_path / "m.tsv").write_text(f"gene_id\tA\tB\nXPO1\t1\t{word}\nTP53\t1\t2\n")
        assert np.isnan(read_matrix(tmp_path / "m.tsv").gene("XPO1")[1])

    def test_other_words_are_refused(self, tmp_path):
        (tmp_path / "m.tsv").write_text("gene_id\tA\tB\nXPO1\t1\tunknown word\n")
        with pytest.raises(BadInput, match="'unknown word'") as refusal:
            read_matrix(tmp_path / "m.tsv")
        assert "gene 'XPO1', sample 'B'" in refusal.value.where


def test_an_output_named_gz_is_compressed(tmp_path):
    (tmp_path / "m.tsv").write_text("gene_id\tA\tB\nXPO1\t1\t2\n")
    given = {"expression": str(tmp_path / "m.tsv"), "method": "none"}
    for name in ("a.tsv.gz", "b.tsv.gz"):
        run_to_files(load_tool("normalize"), given, {"expression": tmp_path / name})
    packed = (tmp_path / "a.tsv.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "m.tsv").read_bytes()
    assert packed == (tmp_path / "b.tsv.gz").read_bytes()


def test_only_empty_and_na_are_missing_everywhere(sheet, tmp_path):
    words = ["nan", "None", "", "NA", "x", "x"] * 4
    sheet.assign(word=words).to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    given = {"samples": str(tmp_path / "s.tsv")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)
        cox = tools.cox(**given, endpoint="os", covariate="word", model="univariable").table
        curves = tools.kaplan_meier(**given, endpoint="os", group_column="word").test
        groups = tools.compare_groups(**given, score_column="age_years", group_column="word").table
        counts = tools.associate(**given, group_column="site", variable="word").table
    assert cox["n"].unique().tolist() == [16]
    for levels in (
        cox["level"].dropna(), curves.loc[curves["comparison"] == "overall", "group"],
        groups.loc[groups["row_type"] == "group", "group"], counts.loc[counts["level"] != "missing", "level"].dropna(),
    ):  # fmt: skip
        assert list(dict.fromkeys(levels)) == ["nan", "None", "x"]
