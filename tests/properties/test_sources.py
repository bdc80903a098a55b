"""Parsers and curation under random input: the right answer or a message, never a traceback."""

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prognomics.curation.curate import curate
from prognomics.curation.suggest import draft_text, suggest
from prognomics.data.feature_map import read_platform
from prognomics.data.mapping import dump_mapping, load_mapping
from prognomics.data.matrix import read_matrix
from prognomics.data.time_units import convert_time
from prognomics.errors import PrognomicsError
from prognomics.sources.expression_table import read_expression
from prognomics.sources.geo import read_series_matrix
from prognomics.sources.geo_soft import read_soft
from prognomics.sources.local import read_local
from prognomics.sources.sheet import read_sheet

quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
names = st.text("ABCxyz019-_.|/ ", min_size=1, max_size=8).map(str.strip).filter(bool)
numbers = st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.6g}")))


@st.composite
def matrices(draw):
    rows = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    columns = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    values = [[draw(numbers) for _ in columns] for _ in rows]
    return rows, columns, values


def as_text(rows, columns, values, missing):
    lines = ["id\t" + "\t".join(columns)]
    lines += [
        f"{r}\t" + "\t".join(missing if v is None else repr(v) for v in row)
        for r, row in zip(rows, values, strict=True)
    ]
    return "\n".join(lines) + "\n"


def with_file(content, read, name="f"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read(path)


@quick
@given(matrices(), st.sampled_from(["", "NA", "null", "N/A", "nan"]), st.booleans(), st.booleans())
def test_a_written_matrix_reads_back(matrix, missing, packed, crlf):
    rows, columns, values = matrix
    content = as_text(rows, columns, values, missing).encode()
    content = content.replace(b"\n", b"\r\n") if crlf else content
    expression, _ = with_file(gzip.compress(content) if packed else content, read_expression)
    expected = np.array([[np.nan if v is None else v for v in row] for row in values])
    assert expression.row_ids == rows and expression.sample_ids == columns
    np.testing.assert_array_equal(expression.values, expected)


SERIES = (
    b'!Series_title\t"t"\n!Sample_geo_accession\t"GSM1"\t"GSM2"\n'
    b'!Sample_characteristics_ch1\t"age: 5"\t"sex: F"\n'
    b'!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n"1_at"\t1.5\t2\n!series_matrix_table_end\n'
)
MATRIX = b"gene\tA\tB\nTP53\t1\t2\nXPO1\t3\tNA\n"
SHEET = b'sample,age,status\nA,50,dead\nB,"6,0",alive\n'
ANNOTATION = b"^Annotation\n!platform_table_begin\nID\tGene symbol\tGene ID\n1_at\tA\t1\n!platform_table_end\n"
marks = st.sampled_from([b'"', b"\t", b"\n", b"\r", b"\x00", b",", b":"])
FAMILY = (
    b"^SERIES = GSE1\n" + ANNOTATION.replace(b"^Annotation", b"^PLATFORM = GPL1") + b"^SAMPLE = GSM1\n"
    b"!Sample_platform_id = GPL1\n!Sample_characteristics_ch1 = age: 5\n!sample_table_begin\nID_REF\tVALUE\tCALL\n"
    b"1_at\t1.5\tP\n2_at\t\tA\n!sample_table_end\n^SAMPLE = GSM2\n!Sample_platform_id = GPL1\n"
    b"!sample_table_begin\nID_REF\tVALUE\n2_at\t-7\n!sample_table_end\n"
)
DATASET = (
    b"^DATASET = GDS1\n^SUBSET = GDS1_1\n!subset_description = a\n!subset_sample_id = GSM1\n!subset_type = state\n"
    b"^DATASET = GDS1\n!dataset_table_begin\nID_REF\tIDENTIFIER\tGSM1\tGSM2\n1_at\tA\t1\tnull\n!dataset_table_end\n"
)
READERS = {
    "family": (FAMILY, read_soft),
    "dataset": (DATASET, read_soft),
    "artifact": (MATRIX, read_matrix),
    "series": (SERIES, read_series_matrix),
    "matrix": (MATRIX, read_expression),
    "sheet": (SHEET, read_sheet),
    "annotation": (ANNOTATION, read_platform),
    "local": (MATRIX, lambda path: read_local([path])),
    "packed": (gzip.compress(MATRIX, mtime=0), lambda path: read_local([path])),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", READERS)
@quick
@given(data=st.data())
def test_damaged_files_end_in_a_message(kind, data):
    content, read = READERS[kind]
    content = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(content) - 1)))
        piece = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b"\t", b"\n", b"\r", b"\x00", b",", b":"]))
        )
        length = data.draw(st.integers(0, 6))
        content[place : place + length] = piece
    try:
        with_file(bytes(content), read)
    except PrognomicsError as fault:
        assert str(fault)


words = st.text(max_size=12)
scalars = st.one_of(words, st.integers(-5, 5), st.booleans(), st.none(), st.floats(-5, 5))


@quick
@given(
    st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
        max_leaves=8,
    )
)
def test_any_mapping_is_checked_with_a_message(value):
    base = {
        "tissue_type": {"constant": "primary"},
        "columns": {"g": value},
        "missing": value,
        "exclude": value,
    }
    with pytest.raises(PrognomicsError) as caught:
        load_mapping(dump_mapping({**base, "expect": {"n": -1}}))
    assert str(caught.value)


@quick
@given(st.text(max_size=60))
def test_any_text_is_a_mapping_or_a_message(text):
    try:
        load_mapping(text)
    except PrognomicsError as fault:
        assert str(fault)


@pytest.mark.filterwarnings("ignore")
@quick
@given(
    st.lists(
        st.sampled_from(["id", "age", "sex", "os_time", "os_status", "tissue", "grade", "x"]),
        min_size=1,
        unique=True,
    ),
    st.integers(1, 5),
    st.data(),
)
def test_any_sheet_is_drafted_and_curated_or_refused(columns, n, data):
    cells = st.one_of(
        st.sampled_from(["", "NA", "1", "0", "dead", "alive", "tumor", "normal", "12.5", "-1", "M"]), words
    )
    raw = pd.DataFrame({c: data.draw(st.lists(cells, min_size=n, max_size=n)) for c in columns})
    try:
        curated = curate(raw, load_mapping(draft_text(suggest(raw))), "C")
    except PrognomicsError as fault:
        assert str(fault)
    else:
        assert len(curated.samples) == n and curated.samples["sample_id"].is_unique


@quick
@given(
    st.floats(0, 1e6),
    st.sampled_from(["days", "weeks", "months", "years"]),
    st.sampled_from(["days", "weeks", "months", "years"]),
)
def test_units_convert_back(value, one, other):
    there = convert_time(np.array([value]), one, other)
    np.testing.assert_allclose(convert_time(there, other, one), [value], rtol=1e-12, atol=1e-300)
