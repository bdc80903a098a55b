"""SOFT records: families on one and two platforms, single samples, data sets, and the platforms' tables."""

import gzip
import tracemalloc

import numpy as np
import pytest

from prognomics.data.feature_map import read_platform
from prognomics.errors import BadInput
from prognomics.sources import geo, soft_records
from prognomics.sources.geo_relations import related_series, relation_notes
from prognomics.sources.geo_soft import read_dataset_soft, read_family_soft, read_soft
from prognomics.sources.local import read_local
from prognomics.sources.sample_columns import SampleColumns

PLATFORM = """^PLATFORM = GPL1
!Platform_title = chip
#ID = probe
!platform_table_begin
ID\tGene Symbol\tENTREZ_GENE_ID
1_at\tXPO1\t7514
2_at\tA /// B\t1 /// 2
!platform_table_end
"""


def sample(name, rows, platform="GPL1", more=""):
    return (
        f"^SAMPLE = {name}\n!Sample_title = of {name}\n!Sample_geo_accession = {name}\n{more}"
        f"!Sample_platform_id = {platform}\n!sample_table_begin\nID_REF\tCALL\tVALUE\n{rows}!sample_table_end\n"
    )


AGE = "!Sample_characteristics_ch1 = age: 50\n!Sample_characteristics_ch1 = note: a = b\n"
FAMILY = (
    "^DATABASE = GeoMiame\n^SERIES = GSE1\n!Series_geo_accession = GSE1\n"
    + PLATFORM
    + sample("GSM1", "1_at\tP\t1.5\n2_at\tA\tnull\n", more=AGE)
    + sample("GSM2", "2_at\tA\t4\n3_at\tA\t-5\n1_at\tP\t3\n", more="!Sample_characteristics_ch1 = sex: F\n")
)
DATASET = """^DATASET = GDS1
!dataset_platform = GPL1
^SUBSET = GDS1_1
!subset_description = tumour
!subset_sample_id = GSM2,GSM1
!subset_type = disease state
^DATASET = GDS1
#GSM1 = Value for GSM1: left
!dataset_table_begin
ID_REF\tIDENTIFIER\tGSM1\tGSM2\tGSM3
1_at\tXPO1\t1\tnull\t3
2_at\t2_at\t4\t5\t6
!dataset_table_end
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="f"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("dressing", ["plain", "gzip", "crlf"])
def test_a_family(write, dressing):
    content = {
        "plain": FAMILY.encode(),
        "gzip": gzip.compress(FAMILY.encode()),
        "crlf": FAMILY.replace("\n", "\r\n").encode(),
    }[dressing]
    cohort = read_local([write(content)])
    assert cohort.expression.row_ids == ["1_at", "2_at", "3_at"]
    np.testing.assert_array_equal(cohort.expression.values, [[1.5, 3], [np.nan, 4], [np.nan, -5]])
    sheet = cohort.samples
    assert sheet["sample_id"].tolist() == ["GSM1", "GSM2"] and sheet["age"].tolist() == ["50", ""]
    assert sheet["note"].tolist() == ["a = b", ""] and sheet["sex"].tolist() == ["", "F"]
    assert cohort.features["gene_symbol"].tolist() == ["XPO1", "A /// B"]
    assert "geo_accession: GSE1" in cohort.notes and any("different rows" in note for note in cohort.notes)


def test_two_platforms(write):
    path = write(FAMILY + sample("GSM3", "x\tP\t9\n", platform="GPL2"))
    with pytest.raises(BadInput, match=r"(?s)GPL1 \(2 samples\), GPL2 \(1 samples\).*--platform"):
        read_family_soft(path)
    cohort = read_family_soft(path, "gpl2")
    assert cohort.expression.sample_ids == ["GSM3"] and cohort.expression.values.tolist() == [[9]]
    assert cohort.features is None and any("no table of platform GPL2" in note for note in cohort.notes)


def test_samples_without_values(write):
    empty = "^SAMPLE = GSM9\n!Sample_platform_id = GPL1\n"
    cohort = read_family_soft(write(FAMILY + empty))
    assert cohort.expression.sample_ids == ["GSM1", "GSM2"] == cohort.samples["sample_id"].tolist()
    assert any("GSM9" in note for note in cohort.notes)
    with pytest.raises(BadInput, match="(?s)no sample.*has values.*GSM9: no table.*series matrix"):
        read_family_soft(write(empty))
    only = read_family_soft(write(empty), samples_only=True)
    assert only.expression is None and only.samples["sample_id"].tolist() == ["GSM9"]
    with pytest.raises(BadInput, match="no column VALUE among ID_REF, CALL, RATIO"):
        read_family_soft(write(FAMILY.replace("VALUE", "RATIO")))


def test_a_dataset(write):
    cohort = read_soft(write(DATASET))
    np.testing.assert_array_equal(cohort.expression.values, [[1, np.nan, 3], [4, 5, 6]])
    assert cohort.samples["disease state"].tolist() == ["tumour", "tumour", ""]
    assert cohort.samples["title"].tolist() == ["Value for GSM1: left", "", ""]
    assert cohort.features["gene_symbol"].tolist() == ["XPO1", ""]


FAULTS = {
    "no samples": (PLATFORM + "^SERIES = GSE1\n", "holds no sample records"),
    "no SOFT": ("gene\tA\n", "begins no record"),
    "cut": (FAMILY[: FAMILY.rindex("!sample_table_end")], "the file is cut"),
    "cut by a record": (FAMILY.replace("!sample_table_end\n", "", 1), "the file is cut"),
    "text": (FAMILY.replace("1.5", "low"), "(?s)'low'.*GSM1, line 20, row '1_at'"),
    "a short row": (FAMILY.replace("\t1.5", ""), "(?s)2 fields.*line 20"),
    "a row twice": (FAMILY.replace("3_at", "1_at"), "(?s)1_at.*GSM2"),
    "a sample twice": (FAMILY + sample("GSM1", "1_at\tP\t1\n"), "more than once: GSM1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_files_are_refused(fault, write):
    text, message = FAULTS[fault]
    with pytest.raises(BadInput, match=message):
        read_family_soft(write(text))


def test_the_real_family_on_two_platforms(shared_data):
    path = shared_data / "geo" / "GSE781_family.soft.gz"
    with pytest.raises(BadInput, match=r"GPL96 \(17 samples\), GPL97 \(17 samples\)"):
        read_family_soft(path)
    cohort = read_family_soft(path, "GPL96")
    assert cohort.expression.values.shape == (22283, 17) and len(cohort.features) == 22283
    symbols = cohort.features.set_index("probe_id")["gene_symbol"]
    assert symbols["208775_at"] == "XPO1"


def test_other_real_records(shared_data):
    geo = shared_data / "geo"
    dataset = read_soft(geo / "GDS507.soft.gz")
    assert dataset.expression.values.shape == (22645, 17)
    assert dataset.samples["disease state"].value_counts().to_dict() == {"RCC": 9, "normal": 8}
    one = read_soft(geo / "GSM11805.txt.gz")
    assert one.expression.values.shape == (22283, 1) and one.samples["platform_id"].tolist() == ["GPL96"]
    annotation = read_platform(geo / "GPL97.annot.gz")
    assert len(annotation) == 22645 and annotation["gene_symbol"].iloc[0] == "PRPF8"
    with pytest.raises(BadInput, match="empty"):
        read_platform(geo / "GPLbroken.soft.gz")


SMALL = {
    "soft_ex_affy.txt": (21, 3), "soft_ex_dual.txt": (20, 3), "soft_ex_family.txt": (20, 3),
    "GSM32878.txt": (2, 1), "soft_ex_platform.txt": 20, "GPL4133.txt": 13, "GPL4134.txt": 13,
    "GPL20814_family.soft": "no sample records", "GSE105845_family.soft": "no sample records",
    "soft_ex_series.txt": "no sample records", "GSE16.txt": "no table", "GSM2795971.txt": "no table",
    "GSM645.txt": "no table",
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_small_real_records(shared_data, name):
    path, expected = shared_data / "geo" / "soft_small" / name, SMALL[name]
    if isinstance(expected, tuple):
        assert read_family_soft(path).expression.values.shape == expected
    elif isinstance(expected, int):
        assert len(read_platform(path)) == expected
    else:
        with pytest.raises(BadInput, match=expected):
            read_family_soft(path)


def test_the_dataset_reader_wants_a_dataset(write):
    with pytest.raises(BadInput, match="no data set"):
        read_dataset_soft(write(FAMILY))


def test_endless_records_are_stopped(write, monkeypatch):
    monkeypatch.setattr(soft_records, "MOST_ATTRIBUTES", 20)
    monkeypatch.setattr(soft_records, "MOST_RECORDS", 20)
    with pytest.raises(BadInput, match="lines above its table"):
        read_family_soft(write("^SAMPLE = GSM1\n" + "!Sample_x = y\n" * 30))
    with pytest.raises(BadInput, match="records"):
        read_family_soft(write("^SAMPLE = GSM1\n" * 30))
    monkeypatch.setattr(geo, "MOST_LINES", 20)
    with pytest.raises(BadInput, match="more than 20 lines above its table"):
        geo.read_series_matrix(write('!Sample_x\t"a"\n' * 30))


def test_a_large_family_needs_little_memory(write):
    """Of wide tables only the columns in question are held, and nothing of other platforms."""
    wide = "x" * 1500
    rows = "".join(f"{i}_at\t{wide}\t{i}\n" for i in range(4000))
    text = FAMILY + "".join(sample(f"GSM{n}", rows, platform="GPL2" if n % 2 else "GPL1") for n in range(3, 11))
    path = write(text.replace("ID\tGene Symbol", "ID\tGO\tGene Symbol").replace("at\tXPO1", f"at\t{wide}\tXPO1"))
    size = path.stat().st_size
    assert size > 48_000_000
    del rows, text
    tracemalloc.start()
    cohort = read_family_soft(path, "GPL1")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cohort.expression.sample_ids == ["GSM1", "GSM2", "GSM4", "GSM6", "GSM8", "GSM10"]
    assert np.nanmax(cohort.expression.values) == 3999
    assert peak < 36_000_000  # some blocks of 4 MiB, never the file


def test_rows_of_samples_are_kept_apart():
    columns = SampleColumns()
    columns.add("A", ["x", "y"], np.array([1.0, 2]))
    columns.add("B", ["y", "z", "x"], np.array([5.0, 6, 4]))
    columns.add("C", ["x", "y"], np.array([7.0, 8]))
    made = columns.matrix(["C", "B", "none"])
    assert made.row_ids == ["x", "y", "z"] and made.sample_ids == ["C", "B"]
    np.testing.assert_array_equal(made.values, [[7, 4], [8, 5], [np.nan, 6]])
    assert columns.notes == ["the samples hold different rows: 2 in the first, 3 in all"]
    assert SampleColumns().matrix(["A"]) is None


def test_a_matrix_beyond_reason_is_refused(monkeypatch):
    monkeypatch.setattr("prognomics.sources.sample_columns.MOST_CELLS", 5)
    columns = SampleColumns()
    columns.add("A", ["x", "y"], np.array([1.0, 2]))
    columns.add("B", ["u", "v"], np.array([1.0, 2]))
    with pytest.raises(BadInput, match="4 different rows"):
        columns.matrix(["A", "B"])


RELATIONS = ["SuperSeries of: GSE2", "BioProject: https://x.org/PRJ1", "superseries of:GSE3", "Reanalysis of: GSM5"]


def test_kin_of_a_series(write):
    assert related_series(RELATIONS, "SuperSeries of") == ["GSE2", "GSE3"]
    assert [note.partition(":")[0] for note in relation_notes("GSE1", RELATIONS)] == [
        "GSE1 is a SuperSeries of GSE2, GSE3", "GSE1 analyses the data of GSM5 anew"]  # fmt: skip
    lines = "".join(f"!Series_relation = {text}\n" for text in RELATIONS)
    cohort = read_family_soft(write(FAMILY.replace(PLATFORM, lines + PLATFORM)))
    assert cohort.relations == RELATIONS and any("take either it or its parts" in note for note in cohort.notes)
