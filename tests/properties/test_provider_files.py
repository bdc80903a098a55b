"""Whatever a provider sends: the readers return or raise an error that says what to do, and archives stay inside."""

import gzip
import io
import json
import tarfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prognomics.data.barcode import patient_of, tissue_of
from prognomics.errors import PrognomicsError
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.gdc_counts import CountsTable
from prognomics.sources.magetab import is_data_matrix, read_adf, read_data_matrix, read_idf, read_sdrf
from prognomics.sources.transport.archive import kind_of_archive, measured, unpack
from prognomics.sources.transport.inspect import Expected, inspected
from prognomics.sources.transport.site import Limits, Request
from prognomics.sources.xena import join_tables

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SMALL = Limits(sent=1 << 20, expanded=1 << 22)


@pytest.fixture(scope="session")
def seeds(repository):
    """Small files of each form; a list that does not print itself in reports."""
    data = repository / "test-data"
    names = ["mini_arrayexpress/E-MINI-1.idf.txt", "mini_arrayexpress/E-MINI-1.sdrf.txt", "mini_RAW.tar",
             "mini_arrayexpress/processed.txt", "mini_arrayexpress/A-MINI-1.adf.txt",
             "mini_xena/TCGA-MINI.survival.tsv", "mini_gdc/file0.rna_seq.augmented_star_gene_counts.tsv"]  # fmt: skip
    return _Quiet((data / name).read_bytes() for name in names)


class _Quiet(list):
    def __repr__(self):
        return "seeds"


@st.composite
def edits(draw):
    """What to do to a file: bytes replaced, cut out, doubled or put in."""
    place, length = draw(st.floats(0, 1)), draw(st.integers(0, 40))
    return draw(st.sampled_from(["replace", "cut", "double", "end"])), place, length, draw(st.binary(max_size=12))


def edited(content, changes):
    for kind, place, length, new in changes:
        at = int(place * len(content))
        piece = content[at : at + length]
        content = {
            "replace": content[:at] + new + content[at + len(new) :], "cut": content[:at] + content[at + length :],
            "double": content[:at] + piece + piece + content[at:], "end": content[:at],
        }[kind]  # fmt: skip
    return content


def refuses_or_returns(read):
    try:
        return read()
    except PrognomicsError as error:
        assert error.exit_code in (3, 5) and error.what
        return None


@QUICK
@given(st.integers(0, 6), st.lists(edits(), min_size=1, max_size=4), st.booleans())
def test_readers_of_provider_files(seeds, tmp_path, which, changes, packed):
    content = edited(seeds[which], changes)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if packed else content)
    for read in (read_idf, read_sdrf, read_adf, read_data_matrix):
        refuses_or_returns(lambda r=read: r(path))
    refuses_or_returns(lambda: join_tables([path, path]))
    table = CountsTable("tpm")
    refuses_or_returns(lambda: table.add("a", seeds[6], "first"))
    refuses_or_returns(lambda: table.add("b", content, "second"))
    refuses_or_returns(lambda: inspected(path, "x", Expected(), SMALL))


@QUICK
@given(st.lists(edits(), max_size=4), st.booleans())
def test_archives_stay_inside(tmp_path_factory, changes, packed):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("a.txt", "inner/b.txt"):
            info = tarfile.TarInfo(name)
            info.size = 600
            archive.addfile(info, io.BytesIO(b"x" * 600))
    folder = tmp_path_factory.mktemp("archive")
    content = edited(out.getvalue(), changes)
    (folder / "a").write_bytes(gzip.compress(content) if packed else content)
    inside = folder / "inside"
    refuses_or_returns(lambda: measured(folder / "a", SMALL))
    if refuses_or_returns(lambda: kind_of_archive(folder / "a")):
        refuses_or_returns(lambda: unpack(folder / "a", inside, limits=SMALL))
    assert {p.name for p in folder.iterdir()} <= {"a", "inside"}


@QUICK
@given(st.lists(edits(), min_size=1, max_size=3))
def test_damaged_gzip(tmp_path, changes):
    whole = gzip.compress(bytes(range(256)) * 40, mtime=0)
    content = edited(whole, changes)
    (tmp_path / "a.gz").write_bytes(content)
    size = refuses_or_returns(lambda: measured(tmp_path / "a.gz", SMALL))
    if content.startswith(whole[:2]) and size is not None:
        assert gzip.decompress(content) is not None and size == len(gzip.decompress(content))


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=8,
)  # fmt: skip
CASES = st.dictionaries(
    st.sampled_from(["submitter_id", "diagnoses", "follow_ups", "samples", "demographic", "x"]), NESTED, max_size=5
)


@QUICK
@given(CASES, st.dictionaries(st.sampled_from(["submitter_id", "sample_type", "y"]), NESTED, max_size=3))
def test_a_case_is_one_row_of_text(case, sample):
    row = case_row(case, sample)
    assert {"patient_id", "tissue_type", "days_to_last_contact"} <= set(row)
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in row.items())
    assert not any("\t" in value or "\n" in value for value in row.values())
    json.dumps(row)


@given(st.integers(0, 99), st.sampled_from(["A", "B", ""]))
def test_barcodes(code, vial):
    name = f"TCGA-A1-A0SB-{code:02d}{vial}-11R-A00Z-07"
    assert patient_of(name) == "TCGA-A1-A0SB"
    expected = {1: "primary", 2: "relapse", 6: "metastasis", 11: "normal", 50: "cell_line", 20: "other"}
    assert tissue_of(name) == expected.get(code, tissue_of(name)) != ""


@pytest.mark.parametrize(
    ("sample", "tissue"),
    [
        ({"sample_type": "Primary Tumor"}, "primary"),
        ({"tissue_type": "Normal", "tumor_descriptor": "Not Applicable"}, "normal"),
        ({"tissue_type": "Tumor", "tumor_descriptor": "Metastatic"}, "metastasis"),
        ({"sample_type": "Recurrent Tumor"}, "relapse"),
        ({"sample_type": "Solid Tissue Normal", "tumor_descriptor": "Primary"}, "normal"),
        ({"sample_type": None}, ""),
    ],
)
def test_tissues_of_projects_without_barcodes(sample, tissue):
    assert case_row({"submitter_id": "C3L-1"}, {"submitter_id": "C3L-1-01", **sample})["tissue_type"] == tissue


@given(st.text(min_size=1, max_size=60))
def test_names_of_files_are_plain(text):
    name = Request(f"https://a.org/{text}").name
    assert name and "/" not in name and not name.startswith(".") and len(name) <= 120


def test_data_matrices_are_recognized(seeds):
    assert is_data_matrix(seeds[3].decode()) and not is_data_matrix(seeds[1].decode())


def test_counts_of_another_order_are_sorted(seeds):
    table = CountsTable("counts")
    lines = seeds[6].decode().splitlines()
    table.add("a", seeds[6], "first")
    table.add("b", "\n".join([*lines[:6], *lines[:5:-1]]).encode(), "turned")
    np.testing.assert_array_equal(table.expression().values[:, 0], table.expression().values[:, 1])
    fewer = "\n".join(lines[:-1]).encode()
    with pytest.raises(PrognomicsError, match="two releases"):
        table.add("c", fewer, "fewer")
    with pytest.raises(PrognomicsError, match="two files belong"):
        table.add("a", seeds[6], "again")
