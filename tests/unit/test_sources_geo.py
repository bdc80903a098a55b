"""Series matrices: characteristics in their columns, hostile text."""

import gzip

import numpy as np
import pytest

from prognomics.errors import BadInput
from prognomics.sources.geo import read_series_matrix
from prognomics.sources.geo_samples import split_characteristic
from prognomics.sources.geo_series import stub

HEAD = """!Series_title\t"A series: with, commas"
!Series_geo_accession\t"GSE1"
!Series_platform_id\t"GPL1"
"""
SAMPLES = """!Sample_title\t"one, two"\t"a ""quoted"" word"\t"tab\there"
!Sample_geo_accession\t"GSM1"\t"GSM2"\t"GSM3"
!Sample_platform_id\t"GPL1"\t"GPL1"\t"GPL1"
!Sample_characteristics_ch1\t"age: 50"\t"Sex: F"\t"age: 70"
!Sample_characteristics_ch1\t"Sex: M"\t"note (a: b): c, d"\t""
!Sample_characteristics_ch1\t"drug: x"\t"drug: y"\t"Sex: F"
!Sample_characteristics_ch1\t"drug: z"\t"no key"\t"title: clash"
!Sample_data_processing\t"step 1"\t"step 1"\t"step 1"
!Sample_data_processing\t"step 2"\t"step 2"\t"step 2"
"""
TABLE = """!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"\t"GSM3"
"1_at"\t1.5\t\t3
"2_at"\tnull\t-1e-3\tNA
!series_matrix_table_end
"""
TEXT = HEAD + SAMPLES + TABLE


@pytest.fixture
def write(tmp_path):
    def write(text, name="GSE1_series_matrix.txt", encoding="utf-8"):
        content = text.encode(encoding) if isinstance(text, str) else text
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_characteristics_stay_in_their_columns(write):
    cohort = read_series_matrix(write(TEXT))
    sheet = cohort.samples
    assert sheet["sample_id"].tolist() == ["GSM1", "GSM2", "GSM3"]
    assert sheet["age"].tolist() == ["50", "", "70"]
    assert sheet["Sex"].tolist() == ["M", "F", "F"]
    assert sheet["note (a"].tolist() == ["", "b): c, d", ""]
    assert sheet["drug"].tolist() == ["x", "y", ""] and sheet["drug.2"].tolist() == ["z", "", ""]
    assert sheet["characteristics_ch1"].tolist() == ["", "no key", ""]
    assert sheet["title"].tolist() == ["one, two", 'a "quoted" word', "tab\there"]
    assert sheet["title.2"].tolist() == ["", "", "clash"]
    assert sheet["data_processing.2"].tolist() == ["step 2"] * 3


def test_values(write):
    values, probes, samples = read_series_matrix(write(TEXT)).expression
    assert (probes, samples) == (["1_at", "2_at"], ["GSM1", "GSM2", "GSM3"])
    np.testing.assert_array_equal(values, [[1.5, np.nan, 3], [np.nan, -0.001, np.nan]])


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("age: 5", ("age", "5")),
        ("age:5", ("age", "5")),
        ("time: 12:30", ("time", "12:30")),
        ("12:30", ("", "12:30")),
        ("http://x.org/a", ("", "http://x.org/a")),
        ("alone", ("", "alone")),
        ("empty:", ("empty", "")),
        (": value", ("", ": value")),
    ],
)
def test_keys_and_values(cell, parts):
    assert split_characteristic(cell) == parts


@pytest.mark.parametrize("dressing", ["gzip", "crlf", "latin-1", "bom"])
def test_dressings(dressing, write):
    text = TEXT.replace("no key", "n\u00e9ant")
    content = {
        "gzip": gzip.compress(text.encode()),
        "crlf": text.replace("\n", "\r\n").encode(),
        "latin-1": text.encode("latin-1"),
        "bom": b"\xef\xbb\xbf" + text.encode(),
    }[dressing]
    cohort = read_series_matrix(write(content))
    assert cohort.samples["characteristics_ch1"].tolist() == ["", "n\u00e9ant", ""]
    assert cohort.expression.values[0, 0] == 1.5


FAULTS = {
    "no series matrix": ("gene\tA\nTP53\t1\n", "no !Sample_ lines"),
    "no accession": (TEXT.replace("!Sample_geo_accession", "!Sample_other"), "names no samples"),
    "a short line": (TEXT.replace('\t"GPL1"\n', "\n", 2), "2 cells for 3 samples"),
    "no table": (HEAD + SAMPLES, "holds no table"),
    "an empty table": (
        TEXT[: TEXT.index('"1_at"')] + "!series_matrix_table_end\n",
        "table of values is empty",
    ),
    "nothing between": (
        HEAD + SAMPLES + "!series_matrix_table_begin\n!series_matrix_table_end\n",
        "is empty",
    ),
    "a cut file": (TEXT[: TEXT.index("!series_matrix_table_end")], "the file is cut"),
    "an end within a line": (
        TEXT.replace("\n!series_matrix_table_end", "!series_matrix_table_end"),
        "the file is cut",
    ),
    "text in a number": (TEXT.replace("-1e-3", "low"), "(?s)'low'.*line 16, row '2_at', column 'GSM2'"),
    "a ragged row": (TEXT.replace("1.5\t\t3", "1.5\t3"), "(?s)4 fields.*line 15"),
    "a repeated probe": (TEXT.replace("2_at", "1_at"), "1_at"),
    "a repeated sample": (TEXT.replace('"GSM2"', '"GSM1"'), "GSM1"),
    "an unknown sample": (TEXT.replace('ID_REF"\t"GSM1"', 'ID_REF"\t"GSM9"'), "no annotation: GSM9"),
    "two platforms": (
        TEXT.replace('"GPL1"\t"GPL1"\n', '"GPL1"\t"GPL2"\n'),
        r"GPL1 \(2 samples\), GPL2 \(1 samples\)",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_files_are_refused(fault, write):
    text, message = FAULTS[fault]
    with pytest.raises(BadInput, match=message):
        read_series_matrix(write(text))


def test_a_platform_is_chosen(write):
    path = write(TEXT.replace('"GPL1"\t"GPL1"\n', '"GPL1"\t"GPL2"\n'))
    cohort = read_series_matrix(path, platform="gpl1")
    assert cohort.expression.sample_ids == ["GSM1", "GSM2"] == cohort.samples["sample_id"].tolist()
    assert cohort.expression.values.shape == (2, 2)
    with pytest.raises(BadInput, match="no sample of platform GPL9"):
        read_series_matrix(path, platform="GPL9")


def test_samples_without_values_on_request(write):
    cohort = read_series_matrix(write(HEAD + SAMPLES), samples_only=True)
    assert cohort.expression is None and len(cohort.samples) == 3


ANNOTATION = (
    "^Annotation\n#ID = id\n!platform_table_begin\nID\tGene title\tGene symbol\tGene ID\n1_at\tt\tA///B\t1///2\n"
)


def test_annotation_becomes_features(write):
    path = write(TEXT)
    cohort = read_series_matrix(path, annotation=write(ANNOTATION, "GPL1.annot"))
    assert cohort.features.iloc[0].tolist() == ["1_at", "A///B", "1///2", "t"]
    with pytest.raises(BadInput, match="none of the probes"):
        read_series_matrix(path, annotation=write(ANNOTATION.replace("1_at", "x"), "GPL2.annot"))


@pytest.mark.parametrize(
    ("accession", "folder"), [("GSE781", "GSEnnn"), ("GSE21050", "GSE21nnn"), ("GPL570", "GPLnnn")]
)
def test_folders_of_accessions(accession, folder):
    assert stub(accession) == folder


def test_the_real_series(shared_data):
    cohort = read_series_matrix(shared_data / "geo" / "GSE87437_series_matrix.txt.gz")
    assert cohort.expression.values.shape == (54675, 21)
    assert not np.isnan(cohort.expression.values).any()
    counts = cohort.samples["response to preoperative chemotherapy"].value_counts()
    assert counts.to_dict() == {"POOR": 11, "GOOD": 10}
    assert set(cohort.samples["platform_id"]) == {"GPL570"}
    assert "208775_at" in cohort.expression.row_ids
