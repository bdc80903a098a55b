"""CEL files that are read where they lie in a tar, and tars that must be refused."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput
from prognomics.expression.affymetrix.arrays import Arrays, array_files
from prognomics.expression.affymetrix.cdf import read_cdf
from prognomics.expression.affymetrix.cel import read_cel
from prognomics.io.tar_entries import tar_parts
from prognomics.io.text_file import open_bytes


@pytest.fixture(scope="module")
def chip(affymetrix_files):
    return affymetrix_files.made_up_chip("Tiny", 12, [4, 3, 1], np.random.default_rng(1))


@pytest.fixture(scope="module")
def cels(affymetrix_files, chip):
    values = affymetrix_files.made_up_intensities(chip, 3, np.random.default_rng(2))
    writers = (affymetrix_files.cel_text, affymetrix_files.cel_xda, affymetrix_files.cel_console)
    return [writer(chip, row) for writer, row in zip(writers, values, strict=True)]


@pytest.fixture
def layout(affymetrix_files, chip, tmp_path):
    path = tmp_path / "Tiny.cdf"
    path.write_bytes(affymetrix_files.cdf_xda(chip))
    return read_cdf(path)


def tar(path, entries, mode="w", **how):
    """A tar of (name, content) or ready entries."""
    with tarfile.open(path, mode, **how) as archive:
        for entry in entries:
            if not isinstance(entry, tarfile.TarInfo):
                name, content = entry
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            else:
                archive.addfile(entry)
    return path


def named(kind, name="x.CEL", linkname=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, linkname
    return entry


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_arrays_of_a_tar_are_those_of_their_files(cels, layout, tmp_path, form):
    packed = [("raw/GSM1_a.CEL", cels[0]), ("GSM2.cel.gz", gzip.compress(cels[1])), ("GSM3.CEL", cels[2])]
    path = tar(tmp_path / "GSE1_RAW.tar", [packed[0], ("GSM1_a.CHP", b"chp"), *packed[1:]], format=form)
    with pytest.warns(AnalysisNote, match="1 files of GSE1_RAW.tar are no CEL files"):
        files = array_files([path], layout, "Tiny.cdf")
    assert [file.name for file in files] == ["GSM1_a.CEL", "GSM2.cel.gz", "GSM3.CEL"]
    arrays = Arrays(files, ["1", "2", "3"], layout, "Tiny.cdf")
    for number, content in enumerate(cels):
        alone = tmp_path / f"{number}.CEL"
        alone.write_bytes(content)
        np.testing.assert_array_equal(arrays.perfect_match(number), read_cel(alone).intensity[layout.cells])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.CEL", "1.CEL", "2.CEL", "GSE1_RAW.tar", "Tiny.cdf"]


def test_archives_and_files_together(cels, layout, tmp_path):
    path = tar(tmp_path / "a.tar", [("GSM1.CEL", cels[0])])
    alone = tmp_path / "GSM2.CEL"
    alone.write_bytes(cels[1])
    assert [file.name for file in array_files([alone, path], layout, "Tiny.cdf")] == ["GSM2.CEL", "GSM1.CEL"]


def test_arrays_of_another_chip_are_left_out(affymetrix_files, cels, layout, tmp_path):
    other = affymetrix_files.made_up_chip("Other", 10, [3], np.random.default_rng(3))
    values = affymetrix_files.made_up_intensities(other, 1, np.random.default_rng(4))
    foreign = affymetrix_files.cel_xda(other, values[0])
    path = tar(tmp_path / "a.tar", [("GSM1.CEL", cels[0]), ("GSM2.CEL", foreign)])
    with pytest.warns(AnalysisWarning, match=r"1 of 2 arrays of a.tar .*excluded \(Other\): GSM2.CEL"):
        assert [file.name for file in array_files([path], layout, "Tiny.cdf")] == ["GSM1.CEL"]
    # none fits: all are kept, and refused together
    path = tar(tmp_path / "b.tar", [("GSM2.CEL", foreign)])
    with pytest.raises(BadInput, match="10 columns"):
        Arrays(array_files([path], layout, "Tiny.cdf"), ["a"], layout, "Tiny.cdf")


def test_a_part_is_a_file_of_its_own(tmp_path):
    path = tar(tmp_path / "a.tar", [("a.CEL", b"abc" * 1000), ("b.CEL", b"defgh")])
    (first, second), others = tar_parts(path, lambda name: True)
    assert others == 0 and str(second) == f"{path}: b.CEL"
    with open_bytes(second) as stream:
        assert stream.read() == b"defgh" and stream.read(1) == b""
        assert stream.seek(2) == 2 and stream.read(2) == b"fg"
    with first.open() as stream:
        assert stream.seek(-3, io.SEEK_END) == 2997 and stream.read(10) == b"abc"
        assert stream.seek(-1, io.SEEK_CUR) == 2999 and stream.tell() == 2999
        assert stream.seek(5000) == 5000 and stream.read() == b""


HOSTILE = {
    "parent": ([("../a.CEL", b"x")], "outside its folder"),
    "absolute": ([("/tmp/a.CEL", b"x")], "outside its folder"),
    "backslash": ([("..\\a.CEL", b"x")], "outside its folder"),
    "control": ([("a\tb.CEL", b"x")], "unfit name"),
    "twice": ([("a/x.CEL", b"1"), ("b/X.cel", b"2")], "two files of one name"),
    "symlink": ([named(tarfile.SYMTYPE, linkname="/etc/passwd")], "a link, a device"),
    "hardlink": ([("a.CEL", b"x"), named(tarfile.LNKTYPE, linkname="a.CEL")], "a link, a device"),
    "device": ([named(tarfile.CHRTYPE)], "a link, a device"),
    "fifo": ([named(tarfile.FIFOTYPE)], "a link, a device"),
    "no arrays": ([("a.txt", b"x")], "holds no CEL files"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused(kind, layout, tmp_path):
    entries, message = HOSTILE[kind]
    path = tar(tmp_path / "a.tar", entries)
    with pytest.raises(BadInput, match=message):
        array_files([path], layout, "Tiny.cdf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Tiny.cdf", "a.tar"]


def test_a_cut_archive(cels, layout, tmp_path):
    path = tar(tmp_path / "a.tar", [("a.CEL", cels[0]), ("b.CEL", cels[1])])
    whole = path.read_bytes()
    for length in (700, 512 + len(cels[0]) // 2, len(cels[0]) + 2000):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="truncated or damaged"):
            array_files([path], layout, "Tiny.cdf")


def test_headers_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("prognomics.io.tar_entries.MOST_MEMBERS", 3)
    path = tar(tmp_path / "a.tar", [(f"{i}.CEL", b"") for i in range(9)])
    with pytest.raises(BadInput, match="more than 3 files"):
        tar_parts(path, lambda name: True)
    giant = tarfile.TarInfo("a.CEL")
    giant.type, giant.size = tarfile.GNUTYPE_LONGNAME, 1 << 31
    (tmp_path / "b.tar").write_bytes(giant.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(BadInput, match="header of more than a megabyte"):
        tar_parts(tmp_path / "b.tar", lambda name: True)


def test_a_bomb_within_an_archive(layout, tmp_path):
    """A member that unpacks out of all proportion is refused as a file of its own is."""
    text = b"[CEL]\nVersion=3\n\n[HEADER]\nCols=12\nRows=12\nDatHeader= Tiny.1sq\n" + b"\n" * (80 << 20)
    path = tar(tmp_path / "a.tar", [("a.CEL.gz", gzip.compress(text, 9))])
    with pytest.raises(BadInput):
        Arrays(array_files([path], layout, "Tiny.cdf"), ["a"], layout, "Tiny.cdf").perfect_match(0)


@pytest.mark.parametrize(("mode", "message"), [("w:gz", "compressed as a whole"), ("zip", "is a zip")])
def test_archives_of_other_kinds(mode, message, cels, layout, tmp_path):
    path = tmp_path / "a.tar"
    if mode == "zip":
        import zipfile

        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.CEL", cels[0])
    else:
        tar(path, [("a.CEL", cels[0])], mode)
    with pytest.raises(BadInput, match=message):
        array_files([path], layout, "Tiny.cdf")
