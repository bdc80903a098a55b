"""CEL and CDF readers: every format, and what they say of files that are not what they should be."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput, UsageError
from prognomics.expression.affymetrix.arrays import Arrays, sample_names
from prognomics.expression.affymetrix.cdf import read_cdf
from prognomics.expression.affymetrix.cel import read_cel, read_cel_header


@pytest.fixture(scope="module")
def raw(affymetrix_files):
    return affymetrix_files


@pytest.fixture(scope="module")
def chip(raw):
    return raw.made_up_chip("Tiny", 12, [4, 3, 1], np.random.default_rng(1))


@pytest.fixture(scope="module")
def intensity(raw, chip):
    return raw.made_up_intensities(chip, 1, np.random.default_rng(2))[0]


def written(tmp_path, content, name="a.CEL"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["cel_text", "cel_xda", "cel_console"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_cel_format_holds_the_same(raw, chip, intensity, tmp_path, kind, packed):
    content = getattr(raw, kind)(chip, intensity, masked=[1, 2, 3], outliers=[5])
    cel = read_cel(written(tmp_path, gzip.compress(content) if packed else content))
    np.testing.assert_allclose(cel.intensity, intensity, rtol=1e-7)
    assert (cel.n_masked, cel.n_outliers) == (3, 1)
    assert (cel.header.columns, cel.header.rows, cel.header.chip) == (12, 12, "Tiny")


def test_text_intensities_keep_their_digits(raw, chip, intensity, tmp_path):
    assert (read_cel(written(tmp_path, raw.cel_text(chip, intensity))).intensity == intensity).all()


@pytest.mark.parametrize("kind", ["cdf_text", "cdf_xda"])
def test_perfect_match_cells_by_probeset_in_alphabetical_order(raw, chip, tmp_path, kind):
    layout = read_cdf(written(tmp_path, getattr(raw, kind)(chip), "any.dat"))
    assert layout.probeset_ids == ["1001_at", "1002_at", "AFFX-MADE_UP_at"]
    assert layout.n_probes.tolist() == [3, 1, 4]
    expected = [y * 12 + x for name in layout.probeset_ids for x, y in chip.probesets[name]]
    assert layout.cells.tolist() == expected


@pytest.mark.parametrize("kind", ["cel_text", "cel_xda", "cel_console"])
def test_a_cut_cel_file_is_truncated_wherever_it_is_cut(raw, chip, intensity, tmp_path, kind):
    content = getattr(raw, kind)(chip, intensity)
    needed = content.index(b"[MASKS]") - 5 if kind == "cel_text" else len(content)
    for size in [0, 3, 9, 60, 200, needed // 2, needed - 4]:
        with pytest.raises(BadInput, match="empty|truncated|no CEL file|not five numbers|damaged") as caught:
            read_cel(written(tmp_path, content[:size]))
        assert "a.CEL" in str(caught.value)


@pytest.mark.parametrize("kind", ["cdf_text", "cdf_xda"])
def test_a_cut_cdf_file_is_named(raw, chip, tmp_path, kind):
    content = getattr(raw, kind)(chip)
    for size in [0, 3, 9, 60, 300, len(content) // 2, len(content) - 30]:
        with pytest.raises(BadInput) as caught:
            read_cdf(written(tmp_path, content[:size], "chip.cdf"))
        assert "chip.cdf" in str(caught.value)


def test_a_damaged_gzip_is_named(raw, chip, intensity, tmp_path):
    packed = gzip.compress(raw.cel_xda(chip, intensity))
    with pytest.raises(BadInput, match="gzip file is truncated"):
        read_cel(written(tmp_path, packed[:-200]))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 a zip archive", "no CEL file"),
        (b"gene_id\tS1\nXPO1\t3\n", "no CEL file"),
        (b"[CDF]\nVersion=GC3.0\n", "chip description"),
        (b"[CEL]\nVersion=2\n[HEADER]\nCols=1\nRows=1\n[INTENSITY]\nNumberCells=1\n"
         b"CellHeader=X\tY\tMEAN\tSTDV\tNPIXELS\n0\t0\t1\t1\t1\n", "version '2'"),
        (struct.pack("<iiiii", 64, 3, 5, 5, 25), "version 3"),
        (struct.pack("<iiiii", 64, 4, 60000, 60000, -694967296), "60,000 columns"),
        (struct.pack("<iiiii", 64, 4, 5, 5, 24), "states 24 cells"),
        (struct.pack("<iiiiii", 64, 4, 5, 5, 25, 1 << 30), "1,073,741,824 bytes"),
        (struct.pack(">BBiIi", 59, 1, 1, 40, -1), "-1 bytes"),
        (struct.pack(">BBiIi", 59, 1, 1, 40, 27) + b"affymetrix-calvin-intensity", "truncated"),
    ],
)  # fmt: skip
def test_what_is_no_cel_file_is_said(tmp_path, content, says):
    with pytest.raises(BadInput, match=says):
        read_cel(written(tmp_path, content))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"  0\t  0\t", b" 99\t  0\t", "position 99, 0"),
        (b"  1\t  0\t", b"  0\t  0\t", "occurs twice"),
        (b"  0\t  0\t", b"  0\t  0\tx", "not five numbers"),
        (b"  0\t  0\t", b"  0\t  0\t-", "negative or no numbers"),
        (b"NumberCells=144", b"NumberCells=145", "145 cells"),
        (b"Cols=12", b"Cols=twelve", "does not say Cols"),
        (b"[MASKS]\r\nNumberCells=0", b"[MASKS]\r\nNumberCells=999", "999 cells"),
    ],
)
def test_damage_in_a_text_file_is_described(raw, chip, intensity, tmp_path, old, new, says):
    content = raw.cel_text(chip, intensity)
    assert old in content
    with pytest.raises(BadInput, match=says):
        read_cel(written(tmp_path, content.replace(old, new, 1)))


def test_intensities_that_are_no_numbers_are_placed(raw, chip, intensity, tmp_path):
    with pytest.raises(BadInput, match="negative or no numbers") as caught:
        read_cel(written(tmp_path, raw.cel_xda(chip, np.where(np.arange(144) == 25, np.nan, intensity))))
    assert "x=1, y=2" in str(caught.value)


def test_a_small_file_that_expands_without_end_costs_nothing(raw, chip, tmp_path):
    """A header of a giant array before zeros: refused by the header, with nothing unpacked."""
    head = raw.cel_xda(chip, np.zeros(144))[:20]
    giant = head.replace(struct.pack("<iii", 12, 12, 144), struct.pack("<iii", 5000, 5000, 25_000_000))
    path = written(tmp_path, gzip.compress(giant + struct.pack("<iiiiIIi", 0, 0, 0, 0, 0, 0, 0) + bytes(5_000_000)))
    assert read_cel_header(path).columns == 5000
    layout = read_cdf(written(tmp_path, raw.cdf_xda(chip), "t.cdf"))
    with pytest.raises(BadInput, match="5000 columns"):
        Arrays([path], ["a"], layout, "t.cdf")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda t: t.replace(b"UnitType=3", b"UnitType=2"), "no expression probesets"),
        (lambda t: t.replace(b"\tT\tA\tT\t", b"\tT\tT\tT\t"), "no perfect-match cells"),
        (lambda t: t.replace(b"Name=1001_at", b"Name=1002_at"), "share a name"),
        (lambda t: t.replace(b"NumCells=8", b"NumCells=9"), "states 9 cells and holds 8"),
        (lambda t: t.replace(b"NumberOfUnits=3", b"NumberOfUnits=4"), "states 4 units and holds 3"),
        (lambda t: t.replace(b"Rows=12", b"Rows=3"), "outside of the chip"),
        (lambda t: t.replace(b"PBASE", b"QBASE"), "does not name the fields"),
        (lambda t: t.replace(b"Cols=12", b"Cols=12000000"), "12,000,000 columns"),
    ],
)
def test_damage_in_a_description_is_described(raw, chip, tmp_path, edit, says):
    with pytest.raises(BadInput, match=says):
        read_cdf(written(tmp_path, edit(raw.cdf_text(chip)), "t.cdf"))


def test_names_of_samples():
    def names(*files):
        return sample_names([Path("x") / f for f in files], [])

    assert names("a.CEL", "b.cel.gz", "c.d") == ["a", "b", "c.d"]
    with pytest.warns(AnalysisNote, match="GSM1, GSM22"):
        assert names("GSM1_x.CEL", "GSM22.cel.gz") == ["GSM1", "GSM22"]
    assert names("GSM1_x.CEL", "GSM1_y.CEL") == ["GSM1_x", "GSM1_y"]
    assert names("GSM1_x.CEL", "other.CEL") == ["GSM1_x", "other"]
    with pytest.raises(BadInput, match="share a name"):
        names("a.CEL", "a.CEL.gz")
    with pytest.raises(UsageError, match="1 CEL files and 2 names"):
        sample_names([Path("a.CEL")], ["x", "y"])


def test_copies_and_a_strange_description_are_warned_of(raw, chip, intensity, tmp_path):
    layout = read_cdf(written(tmp_path, raw.cdf_xda(chip), "another.cdf"))
    paths = [written(tmp_path, raw.cel_xda(chip, intensity), f"{n}.CEL") for n in "abc"]
    paths[2].write_bytes(raw.cel_console(chip, intensity[::-1]))
    with pytest.warns(AnalysisWarning, match="type Tiny, the chip description is called another.cdf"):
        arrays = Arrays(paths, ["a", "b", "c"], layout, "another.cdf")
    assert arrays.perfect_match(0).tolist() == arrays.perfect_match(1).tolist()
    arrays.perfect_match(2)
    with pytest.warns(AnalysisWarning, match="a = b"):
        arrays.warn_about_copies()


def test_a_named_pipe_of_zeros_is_no_array(tmp_path):
    with pytest.raises(BadInput, match="no CEL file"):
        read_cel(written(tmp_path, bytes(1000)))
    with pytest.raises(BadInput, match="no chip description"):
        read_cdf(written(tmp_path, os.urandom(100).replace(b"\x43", b"\x44"), "t.cdf"))
