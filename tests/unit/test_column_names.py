"""Columns that a source names twice, or as this project does, are kept apart: none is lost or doubled."""

import pytest

from prognomics.data.tables import read_cells
from prognomics.errors import BadInput
from prognomics.sources.cbioportal import read_study
from prognomics.sources.geo_samples import sample_sheet
from prognomics.sources.geo_soft import read_soft
from prognomics.sources.magetab import read_sdrf
from prognomics.sources.raw import FreeNames
from prognomics.sources.sheet import read_sheet
from prognomics.sources.xena import join_tables


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_free_names():
    names = FreeNames(["a", "a.3"])
    taken = [names.take(name) for name in ("a", "a", "b", "a.2", "b", "b.2")]
    assert taken == ["a.2", "a.4", "b", "a.2.2", "b.2", "b.2.2"]


@pytest.mark.parametrize(
    ("first", "second", "columns"),
    [
        ("s\tx\tx.2\nA\t1\t2\n", "s\tx\nA\t3\n", ["sample_id", "s", "x", "x.2", "x.3"]),
        ("s\tx\nA\t1\n", "s\tx\tx.2\nA\t3\t4\n", ["sample_id", "s", "x", "x.3", "x.2"]),
        ("s\tx\nA\t1\n", "s\tx\nA\t1\n", ["sample_id", "s", "x"]),
        ("s\tsample_id\tsample_id.raw\nA\t1\t2\n", "s\ty\nA\t1\n",
         ["sample_id", "s", "sample_id.raw.2", "sample_id.raw", "y"]),
    ],
)  # fmt: skip
def test_tables_that_are_joined(write, first, second, columns):
    sheet, _ = join_tables([write("a", first), write("b", second)])
    assert sheet.columns.tolist() == columns and len(sheet) == 1


def test_an_sdrf(write):
    sdrf = read_sdrf(write("f", "Source Name\tsample_id\tUnit.2\tUnit\tUnit\tAssay Name\ns\tq\t1\t2\t3\ta\n"))
    assert sdrf.sheet.columns.tolist() == [
        "sample_id", "Source Name", "sample_id.2", "Unit.2", "Unit", "Unit.3", "Assay Name"]  # fmt: skip
    assert sdrf.sheet.iloc[0].tolist() == ["a", "s", "q", "1", "2", "3", "a"]


def test_a_line_of_geo_that_is_called_sample_id():
    sheet = sample_sheet([("geo_accession", ["GSM1"], 1), ("sample_id", ["x"], 2)], "f")
    assert sheet.loc[0].to_dict() == {"sample_id": "GSM1", "geo_accession": "GSM1", "sample_id.2": "x"}


def test_a_study_of_cbioportal(write, tmp_path):
    write("data_clinical_sample.txt", "SAMPLE_ID\tPATIENT_ID\tAGE\nS1\tP1\t5\n")
    write("data_clinical_patient.txt", "PATIENT_ID\tAGE\tpatient.AGE\nP1\t6\t7\n")
    row = read_study(tmp_path).samples.loc[0].to_dict()
    assert (row["AGE"], row["patient.AGE"], row["patient.AGE.2"]) == ("5", "7", "6")


MANY = 30_000
WIDE = {
    "sheet": (read_sheet, "a" + "\tx" * MANY + "\nb" + "\t" * MANY + "\n", "occur twice"),
    "table": (read_cells, "a" + "\tx" * MANY + "\nb" + "\t" * MANY + "\n", "occur twice"),
    "sdrf": (read_sdrf, "Source Name\tAssay Name" + "\tx" * MANY + "\n\t\tx\n", "names no samples"),
    "keys": (read_soft, "^SAMPLE = GSM1\n" + "!Sample_characteristics_ch1 = a: b\n" * MANY, "has values"),
    "lines": (read_soft, "^SAMPLE = GSM1\n" + "!Sample_a = b\n" * MANY, "has values"),
    "samples": (read_soft, "".join(f"^SAMPLE = GSM{i}\n!Sample_k{i} = v\n" for i in range(MANY)), "any annotation"),
}


@pytest.mark.parametrize("kind", WIDE)
def test_names_without_end_cost_no_time_without_end(write, kind):
    """Small files whose reading once took minutes (the square of their names), or an attribute for each sample."""
    read, text, message = WIDE[kind]
    with pytest.raises(BadInput, match=message):
        read(write("f", text))


@pytest.mark.parametrize("read", [read_cells, read_sheet, read_sdrf, read_soft])
def test_blanks_of_another_encoding(tmp_path, read):
    """A no-break space of Latin-1 is a blank as text, and none as bytes."""
    (tmp_path / "f").write_bytes(b"\xa0\n\xa0")
    with pytest.raises(BadInput):
        read(tmp_path / "f")
