"""Series matrices: characteristics in their columns, hostile text, and the download by accession."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from prognomics.errors import BadInput, SourceFailed, UsageFault
from prognomics.sources.geo import read_series_matrix, split_characteristic
from prognomics.sources.geo_download import fetch_series, stub

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
    "^Annotation\n#ID = id\n!platform_table_begin\n"
    "ID\tGene title\tGene symbol\tGene ID\n1_at\tt\tA///B\t1///2\n"
)


def test_annotation_becomes_features(write):
    path = write(TEXT)
    cohort = read_series_matrix(path, annotation=write(ANNOTATION, "GPL1.annot"))
    assert cohort.features.iloc[0].tolist() == ["1_at", "A///B", "1///2", "t"]
    with pytest.raises(BadInput, match="none of the probes"):
        read_series_matrix(path, annotation=write(ANNOTATION.replace("1_at", "x"), "GPL2.annot"))


@pytest.fixture
def mirror(tmp_path):
    """A server with GEO's path layout; counts what is asked for."""
    root = tmp_path / "mirror"
    for place, text in {
        "series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz": TEXT,
        "series/GSE12nnn/GSE12345/matrix/GSE12345-GPL1_series_matrix.txt.gz": TEXT,
        "series/GSE12nnn/GSE12345/matrix/GSE12345-GPL2_series_matrix.txt.gz": TEXT.replace("GPL1", "GPL2"),
        "platforms/GPLnnn/GPL1/annot/GPL1.annot.gz": ANNOTATION,
    }.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()))
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_a_series_is_downloaded_once(mirror, tmp_path, monkeypatch):
    address, asked = mirror
    monkeypatch.setenv("PROGNOMICS_CACHE", str(tmp_path / "cache"))
    cohort = fetch_series("gse1", mirror=address)
    assert cohort.expression.values.shape == (2, 3)
    assert cohort.features["gene_symbol"].tolist() == ["A///B"]
    n_asked = len(asked)
    again = fetch_series("GSE1", mirror=address, offline=True)
    np.testing.assert_array_equal(again.expression.values, cohort.expression.values)
    assert len(asked) == n_asked
    assert not list((tmp_path / "cache").rglob(".part-*"))


def test_several_platforms_by_accession(mirror, tmp_path):
    address, _ = mirror
    with pytest.raises(BadInput, match="GPL1, GPL2"):
        fetch_series("GSE12345", mirror=address, cache=tmp_path / "c")
    cohort = fetch_series("GSE12345", platform="GPL2", mirror=address, cache=tmp_path / "c")
    assert set(cohort.samples["platform_id"]) == {"GPL2"}
    assert cohort.features is None and any("no annotation of platform GPL2" in note for note in cohort.notes)


def test_failures_of_the_source(mirror, tmp_path):
    address, _ = mirror
    with pytest.raises(SourceFailed, match="no series GSE2"):
        fetch_series("GSE2", mirror=address, cache=tmp_path / "c")
    with pytest.raises(SourceFailed, match="offline"):
        fetch_series("GSE2", mirror=address, cache=tmp_path / "c", offline=True)
    with pytest.raises(SourceFailed, match="cannot be reached"):
        fetch_series("GSE1", mirror="http://127.0.0.1:9", cache=tmp_path / "c")
    with pytest.raises(BadInput, match="no GEO series accession"):
        fetch_series("../GSE1", mirror=address)
    with pytest.raises(UsageFault, match="https://"):
        fetch_series("GSE1", mirror="file:///etc", cache=tmp_path / "c")
    assert not [path for path in (tmp_path / "c").rglob("*") if path.is_file()]


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
