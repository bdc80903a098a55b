"""What a reader refuses is not kept in the cache; file systems without locks."""

import errno
import fcntl
import gzip

import pytest
from provider_box import Box

from prognomics.sources.transport.cache import Cache
from prognomics.sources.transport.site import Request

MATRIX = "/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"
RUBBISH = {
    "text": b"abc",
    "packed text": gzip.compress(b"abc"),
    "packed twice": gzip.compress(gzip.compress(b'!Series_title\t"x"\n' * 1000)),
    "no samples": gzip.compress(b'!Series_title\t"x"\n' * 1000),
    "a table without an end": gzip.compress(
        b'!Sample_geo_accession\t"GSM1"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\n"p"\t1\n'
    ),
    "binary": bytes(range(256)) * 40,
}


def kept(cache):
    return [path for path in (cache / "objects").rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", list(RUBBISH))
def test_rubbish_is_asked_for_again(fetch, own_cache, content):
    with Box({MATRIX: RUBBISH[content]}) as box:
        first, said, _ = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("expression",))
        assert first in (3, 5) and "bug" not in said
        assert kept(own_cache) == [] and ("asks it again" in said or "anew" in said)
        asked = len(box.asked)
        fetch("geo", "GSE1", f"{box.address}/geo", outputs=("expression",))
        assert len(box.asked) > asked


def test_an_answer_of_another_form_is_asked_for_again(fetch, own_cache):
    with Box({"/gdc/projects/TCGA-X": b'{"data": [1]}', "/gdc/projects": b"[1]"}) as box:
        for _ in range(2):
            asked = len(box.asked)
            code, said, _ = fetch("gdc", "TCGA-X", f"{box.address}/gdc")
            assert code == 5 and kept(own_cache) == [] and len(box.asked) > asked, said


def test_what_the_user_has_to_choose_is_kept(fetch, own_cache):
    samples = '!Sample_geo_accession\t"GSM1"\t"GSM2"\n!Sample_platform_id\t"GPL1"\t"GPL2"\n'
    with Box({MATRIX: gzip.compress(samples.encode() * 1)}) as box:
        code, said, _ = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("samples",))
        assert code == 3 and "--platform" in said and len(kept(own_cache)) == 1


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_works_or_is_told(fetch, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, "not here")

    with Box({}) as box:
        monkeypatch.setattr(fcntl, "flock", refuse)
        code, said, _ = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("samples",))
        assert code == 5 or (code == 2 and "PROGNOMICS_CACHE" in said)


def test_dropping_what_is_not_there(own_cache):
    cache = Cache(own_cache)
    cache.prepare()
    cache.drop(Request("http://localhost/x"))
    assert kept(own_cache) == []
