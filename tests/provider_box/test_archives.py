"""Hostile archives from a provider: members that escape, links, bombs."""

import gzip
import zipfile

import pytest
from box_contents import MADE, TEST_DATA, evil_tar, nothing_placed, packed

from prognomics.cli import commands
from prognomics.errors import PrognomicsError
from prognomics.runtime.guard import guarded
from prognomics.sources.transport.archive import archive_members, measured, unpack
from prognomics.sources.transport.site import Limits


class TestArchives:
    @pytest.mark.parametrize(
        "kind", ["parent", "absolute", "backslash", "twice", "symlink", "hardlink", "device", "fifo"]
    )
    def test_hostile_members(self, fetch, box, own_cache, tmp_path, kind):
        box.files["/geo/series/GSEnnn/GSE1/suppl/GSE1_RAW.tar"] = evil_tar(kind)
        code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("raw",))
        assert code == 5 and "the server sent a file that is not taken" in said and not written
        assert nothing_placed(own_cache)
        for name, content in (("a.tar", evil_tar(kind)), ("a.tar.gz", packed(evil_tar(kind)))):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(PrognomicsError) as refused:
                unpack(tmp_path / name, tmp_path / f"{name}.d")
            assert refused.value.exit_code == 3
        assert {p.name for p in tmp_path.rglob("*") if "evil" in p.name} == set()

    def test_a_hostile_study(self, fetch, box, own_cache):
        box.files["/datahub/mini.tar.gz"] = packed(evil_tar("parent"))
        code, said, _ = fetch("cbioportal", "mini", f"{box.address}/datahub")
        assert code == 5 and "outside its folder" in said and nothing_placed(own_cache)

    def test_no_archive(self, fetch, box):
        box.files["/datahub/mini.tar.gz"] = packed(b"a\tb\n")
        code, said, _ = fetch("cbioportal", "mini", f"{box.address}/datahub")
        assert code == 5 and "no archive" in said

    @pytest.mark.parametrize("end", [600, 1100, 1536 + 40])
    def test_a_truncated_archive(self, tmp_path, end):
        whole = MADE.tar_of({"a": b"x" * 700, "b": b"y" * 700})
        (tmp_path / "a.tar").write_bytes(whole[:end])
        with pytest.raises(PrognomicsError, match="truncated or damaged"):
            unpack(tmp_path / "a.tar", tmp_path / "inside")

    def test_a_header_that_claims_memory(self, tmp_path):
        import tarfile

        info = tarfile.TarInfo("x")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 4 << 30
        (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
        with pytest.raises(PrognomicsError, match="header of more than a megabyte"):
            list(archive_members(tmp_path / "a.tar"))

    @pytest.mark.parametrize("name", ["../evil", "/evil", "C:evil", "a/../../evil", "a\nb"])
    def test_hostile_zips(self, tmp_path, name):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            out.writestr(zipfile.ZipInfo(name), b"x")
        with pytest.raises(PrognomicsError, match="outside its folder"):
            unpack(tmp_path / "a.zip", tmp_path / "inside")

    def test_a_zip_bomb_and_a_link(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("zeros", bytes(5_000_000))
        with pytest.raises(PrognomicsError, match="expands beyond reason"):
            list(archive_members(tmp_path / "a.zip", Limits(ratio_from=1 << 20)))
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
            out.writestr(link, b"/etc/passwd")
        with pytest.raises(PrognomicsError, match="link or a device"):
            unpack(tmp_path / "b.zip", tmp_path / "inside")

    def test_a_zip_that_points_before_itself(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            out.writestr("a", b"x" * 50)
        content = bytearray((tmp_path / "a.zip").read_bytes())
        del content[5:25]  # the offsets of the directory are no longer right
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(PrognomicsError, match="truncated or damaged"):
            list(archive_members(tmp_path / "a.zip"))

    def test_what_is_sound_comes_out(self, tmp_path):
        files = {"a/b.txt": b"one", "c.txt": b"two" * 100_000}
        for name, content in (("a.tar", MADE.tar_of(files)), ("a.tgz", packed(MADE.tar_of(files)))):
            (tmp_path / name).write_bytes(content)
            into = tmp_path / f"{name}.d"
            assert [p.relative_to(into).as_posix() for p in unpack(tmp_path / name, into)] == list(files)
            assert (into / "c.txt").read_bytes() == files["c.txt"]

    def test_several_gzip_members_count_together(self, tmp_path):
        (tmp_path / "a.gz").write_bytes(gzip.compress(b"one") + gzip.compress(b"two!") + bytes(16))
        assert measured(tmp_path / "a.gz") == 7


def test_raw_files_become_a_matrix(fetch, box, tmp_path):
    """The archive that `fetch_cohort --out-raw` writes is what `rma --cel` takes, and samples keep their accessions."""
    box.files["/geo/series/GSEnnn/GSE1/suppl/GSE1_RAW.tar"] = (TEST_DATA / "mini_arrays.tar").read_bytes()
    code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("raw",))
    assert code == 0, said
    alone = {"GSM1": "mini_2.CEL", "GSM2": "mini_3.CEL.gz"}
    made = {}
    for name, cel in {"tar": [written["raw"]], "files": [TEST_DATA / file for file in alone.values()]}.items():
        path = tmp_path / f"{name}.tsv"
        words = ["rma", "--cdf", str(TEST_DATA / "mini.cdf"), "--out-expression", str(path)]
        words += [word for file in cel for word in ("--cel", str(file))]
        words += [] if name == "tar" else [word for sample in alone for word in ("--sample-name", sample)]
        assert guarded(lambda w=words: commands.main(w, "prognomics", standalone_mode=False), debug=False) == 0
        made[name] = path.read_text()
    assert made["tar"] == made["files"] and made["tar"].startswith("gene_id\tGSM1\tGSM2\n")
