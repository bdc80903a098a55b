"""Every fault of a provider: the right file, or a clear failure with nothing placed."""

import base64
import hashlib
import io
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from box_contents import gdc_files, gdc_tar, nothing_placed, packed, series
from provider_box import Box, cut, drip, instead, no_ranges, redirect, status

from prognomics.errors import SourceFailed, UsageError
from prognomics.sources.transport.cache import Cache
from prognomics.sources.transport.download import Downloader
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.inspect import Expected
from prognomics.sources.transport.progress import Progress
from prognomics.sources.transport.redirect import check_redirect
from prognomics.sources.transport.retry import RetryPolicy, asked_seconds
from prognomics.sources.transport.site import Limits, Site

MATRIX = "/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"
LARGE = packed(b"".join(hashlib.sha256(bytes([i % 251, i // 251])).digest() for i in range(20_000)))
QUICK = RetryPolicy(first_seconds=0.001, read_seconds=0.4, connect_seconds=2)


@pytest.fixture
def geo(fetch, box):
    return lambda *more, **how: fetch("geo", "GSE1", f"{box.address}/geo", *more, **how)


@pytest.fixture
def place(box, own_cache):
    """Download `/file.gz`; `cache` is whose contents are looked at."""
    box.files["/file.gz"] = LARGE

    def get(name="file.gz", **options):
        known = options.pop("expected", None)
        downloader = Downloader(Site("box", {"files": box.address}), **{"retry_policy": QUICK, **options})
        return downloader.file("files", name, expected=known)

    return get


class TestWhatPasses:
    @pytest.mark.parametrize(
        "faults",
        [
            [status(500)], [status(502), status(503)], [status(429, retry_after="0")], [cut(0)], [cut(7)],
            [cut(20), cut(20), status(500), cut(30)], [status(408)], [instead(b"")],
        ],
        ids=["500", "502-503", "429", "cut-at-once", "cut", "several", "408", "empty"],
    )  # fmt: skip
    def test_then_the_right_file(self, geo, box, faults):
        box.fail(MATRIX, *faults)
        code, said, written = geo()
        assert code == 0, said
        assert written["expression"].read_text().startswith("gene_id\tGSM1\tGSM2\tGSM3\n1_at\t1\t1.1\t1.2\n")

    def test_a_cut_download_is_continued(self, place, box):
        box.fail("/file.gz", cut(100_000), cut(200_000))
        assert place().read_bytes() == LARGE
        assert box.ranges() == ["", "bytes=100000-", "bytes=300000-"]

    def test_ever_new_cuts_end_as_long_as_each_brings_more(self, place, box):
        box.fail("/file.gz", *[cut(40_000)] * 30)
        assert place().read_bytes() == LARGE
        assert len(box.asked) > QUICK.attempts

    def test_a_file_that_changed_is_fetched_whole(self, place, box):
        box.fail("/file.gz", cut(1000))
        newer = packed(b"another version " * 9999)

        def changes(handler, content):
            box.files["/file.gz"] = newer
            handler.ranged(content, stop_after=1000)

        box.fail("/file.gz", changes)
        assert place().read_bytes() == newer

    def test_a_server_without_versions_is_asked_anew(self, place, box):
        def cut_plain(handler, content):
            handler.head(200, {"Content-Length": str(len(content))})
            handler.wfile.write(content[:1000])
            handler.close_connection = True
            handler.connection.close()

        box.fail("/file.gz", cut_plain, no_ranges)
        assert place().read_bytes() == LARGE
        assert box.ranges() == ["", ""]

    def test_a_wrong_continuation_is_not_taken(self, place, box):
        def elsewhere(handler, content):
            span = {"Content-Length": "10", "Content-Range": f"bytes 0-9/{len(content)}", "ETag": '"x"'}
            handler.head(206, span)
            handler.wfile.write(content[:10])

        box.fail("/file.gz", cut(1000), elsewhere)
        assert place().read_bytes() == LARGE

    def test_a_continuation_of_another_version_is_not_taken(self, place, box):
        """A server that ignores If-Range and continues with another file."""
        newer = packed(b"another version " * 9999)

        def continued(handler, content):
            span = f"bytes 1000-{len(newer) - 1}/{len(newer)}"
            handler.head(206, {"Content-Length": str(len(newer) - 1000), "Content-Range": span})
            handler.wfile.write(newer[1000:])

        box.fail("/file.gz", cut(1000), continued)
        assert place().read_bytes() == LARGE

    def test_what_broke_once_is_fetched_anew(self, place, box):
        """A checksum that is wrong, and a truncated gzip of the right length, each once."""
        wanted = Expected(checksums={"md5": hashlib.md5(LARGE).hexdigest()})
        box.fail("/file.gz", instead(LARGE[:-8] + b"00000000"))
        assert place(expected=wanted).read_bytes() == LARGE
        box.files["/other.gz"] = LARGE
        box.fail("/other.gz", instead(LARGE[:-50]))
        assert place("other.gz").read_bytes() == LARGE

    def test_retry_after_is_kept(self, place, box):
        box.fail("/file.gz", status(429, retry_after="1"))
        began = time.monotonic()
        place()
        assert time.monotonic() - began >= 0.95

    def test_redirects_on_the_same_host(self, place, box):
        box.fail("/old.gz", redirect("/file.gz", 301))
        assert place("old.gz").read_bytes() == LARGE


class TestWhatDoesNot:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (status(500), "answered 500"),
            (status(429, retry_after="9999"), "come back in 9999 seconds"),
            (status(403, body=b"<title>Login</title>", content_type="text/html"), "private, embargoed"),
            (status(401), "does not give the file out"),
            (status(451), "private, embargoed or withdrawn"),
            (status(400, body=b'{"message": "bad field"}'), "bad field"),
            (cut(0), "the download was cut"),
            (instead(packed(series("GSE1"))[:-20]), "truncated"),
            (instead(b"\x1f\x8b" + b"\0" * 50), "truncated or damaged"),
            (instead(b"<!DOCTYPE html><html><title>Log in</title>"), "web page instead of the file: Log in"),
            (instead(packed("<html><title>Gone</title></html>")), "web page"),
            (instead(b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"), "web page"),
            (instead(b"\n<!-- proxy --><title>Blocked</title>"), "web page instead of the file: Blocked"),
            (instead(b""), "empty file"),
            (redirect("http://example.org/x"), "another host"),
            (redirect("http://127.0.0.1:1/x"), "another host"),
            (redirect("ftp://127.0.0.1/x"), "no plain web address"),
            (redirect("file:///etc/passwd"), "no plain web address"),
            (redirect(MATRIX), "more than 5 times"),
            (lambda handler, content: (handler.wfile.write(b"nonsense\r\n\r\n"), handler.connection.close()), "tries"),
        ],
    )
    def test_a_clear_failure(self, geo, box, own_cache, fault, words):
        box.fail(MATRIX, fault, always=True)
        code, said, written = geo()
        assert code == 5 and words in said and not written, said
        assert "where:" in said and "GSE1_series_matrix" in said
        assert nothing_placed(own_cache)

    def test_a_slow_drip(self, place, box, own_cache):
        box.fail("/file.gz", drip(50, 5), always=True)
        with pytest.raises(SourceFailed, match="next to nothing"):
            place(retry_policy=RetryPolicy(first_seconds=0.001, read_seconds=0.15, attempts=2))
        assert nothing_placed(own_cache)

    def test_a_silence(self, place, box):
        box.fail("/file.gz", drip(1, 3), always=True)
        with pytest.raises(SourceFailed, match="fell silent|connection broke|next to nothing"):
            place(retry_policy=RetryPolicy(first_seconds=0.001, read_seconds=0.2, attempts=2))

    def test_a_wrong_checksum(self, place, own_cache, box):
        with pytest.raises(SourceFailed, match="md5 .* not 00"):
            place(expected=Expected(checksums={"md5": "00" * 16}))
        assert nothing_placed(own_cache) and len(box.asked) == 2
        with pytest.raises(SourceFailed, match="provider says 5"):
            place(expected=Expected(size=5))

    def test_a_checksum_that_comes_with_the_file(self, place, box, own_cache):
        def wrong(handler, content):
            handler.whole(content, headers={"Content-MD5": base64.b64encode(bytes(16)).decode()})

        box.fail("/file.gz", wrong, always=True)
        with pytest.raises(SourceFailed, match="not the one that its provider describes: md5"):
            place()
        assert nothing_placed(own_cache)

        def right(handler, content):
            given = base64.b64encode(hashlib.md5(content).digest()).decode()
            handler.whole(content, headers={"Content-MD5": given, "ETag": '"no checksum"'})

        box.fail("/file.gz", right)
        assert place().read_bytes() == LARGE

    def test_a_bucket(self, box, own_cache):
        """S3: the ETag is the MD5, and what is not there is forbidden."""
        site = Site("box", {"files": box.address}, buckets=("files",))
        box.files["/file.gz"] = LARGE
        other = hashlib.md5(b"other").hexdigest()
        box.fail("/file.gz", *[lambda handler, content: handler.whole(content, headers={"ETag": f'"{other}"'})] * 2)
        with pytest.raises(SourceFailed, match=f"md5 .*, not {other}"):
            Downloader(site, retry_policy=QUICK).file("files", "file.gz")
        assert Downloader(site, retry_policy=QUICK).file("files", "file.gz").read_bytes() == LARGE
        box.fail("/gone.gz", status(403, body=b"AccessDenied"))
        with pytest.raises(NotFound):
            Downloader(site, retry_policy=QUICK).file("files", "gone.gz")

    def test_a_wrong_file_of_the_gdc(self, fetch, box, own_cache):
        files = gdc_files()
        wrong = {**files, "uuid-2": (files["uuid-2"][0], files["uuid-2"][1].replace(b"302", b"303"))}
        box.files["/gdc/data"] = lambda query, body: gdc_tar(sorted(wrong), wrong)
        code, said, _ = fetch("gdc", "TCGA-MINI", f"{box.address}/gdc")
        assert code == 5 and "size or MD5" in said and "uuid-2" in said
        box.files["/gdc/data"] = lambda query, body: gdc_tar(sorted(files)[:3], files)
        code, said, _ = fetch("gdc", "TCGA-MINI", f"{box.address}/gdc")
        assert code == 5 and "sent 3 of 4 files" in said and "uuid-3" in said

    @pytest.mark.parametrize(
        "answer", [b"[]", b'{"data": 1}', b"{", b'{"data": {"hits": [], "pagination": {"total": 5}}}', b"[" * 99_999]
    )
    def test_a_strange_api(self, fetch, box, answer):
        box.files["/gdc/files"] = answer
        code, said, _ = fetch("gdc", "TCGA-MINI", f"{box.address}/gdc")
        assert code == 5 and "where:" in said

    def test_a_refusal_without_end(self, geo, box):
        """The words of a refusal are shown; brackets without end are none."""
        box.fail(MATRIX, status(403, body=b"[" * 4000, content_type="application/json"), always=True)
        code, said, _ = geo()
        assert code == 5 and "403" in said and "Traceback" not in said

    def test_too_large(self, place, box, own_cache):
        limits = Limits(sent=10_000)
        with pytest.raises(SourceFailed, match="larger than is taken"):
            place(limits=limits)

        def without_length(handler, content):
            handler.head(200, {"Connection": "close"})
            handler.wfile.write(content)
            handler.close_connection = True

        box.fail("/file.gz", without_length)
        with pytest.raises(SourceFailed, match="larger than is taken"):
            place(limits=limits)
        assert nothing_placed(own_cache)

    def test_a_gzip_bomb(self, place, box, own_cache):
        box.files["/file.gz"] = packed(bytes(30_000_000))
        with pytest.raises(SourceFailed, match="expands beyond reason"):
            place(limits=Limits(ratio=400, ratio_from=1 << 20))
        with pytest.raises(SourceFailed, match="expands beyond reason"):
            place(limits=Limits(expanded=1_000_000))
        assert nothing_placed(own_cache)

    def test_no_server(self, fetch):
        code, said, _ = fetch("geo", "GSE1", "http://127.0.0.1:9/geo")
        assert code == 5 and "cannot be reached" in said and "3 tries" in said

    @pytest.mark.parametrize(
        "mirror", ["file:///etc", "ftp://x.org", "https://", "http://u:p@x.org/", "nonsense", "http://a b/"]
    )
    def test_no_web_address(self, fetch, mirror):
        code, said, _ = fetch("geo", "GSE1", mirror)
        assert code == 2 and "p@x" not in said

    def test_a_cache_that_cannot_be_written(self, place, tmp_path):
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(UsageError, match="PROGNOMICS_CACHE"):
            place(cache=Cache(tmp_path / "taken"))


class TestCache:
    def test_it_is_named_by_content(self, place, box, own_cache):
        box.files["/same.gz"] = LARGE
        assert place() == place("same.gz")
        assert place().parent.name == hashlib.sha256(LARGE).hexdigest()
        assert len(box.asked) == 2 and not list((own_cache / "parts").iterdir())

    def test_a_copy_that_rotted_is_fetched_anew(self, place, box):
        place().write_bytes(b"rot")
        assert place().read_bytes() == LARGE and len(box.asked) == 2

    def test_two_mirrors_share_no_entry(self, place, box):
        place()
        with Box({"/file.gz": packed(b"other")}) as other:
            downloader = Downloader(Site("box", {"files": other.address}), retry_policy=QUICK)
            assert downloader.file("files", "file.gz").read_bytes() == packed(b"other")

    def test_its_default_place(self, monkeypatch, tmp_path):
        monkeypatch.delenv("PROGNOMICS_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert Cache().folder == tmp_path / "prognomics"

    def test_two_threads_share_one_download(self, place, box):
        box.fail("/file.gz", drip(5, 0.2))
        found = []
        threads = [threading.Thread(target=lambda: found.append(place().read_bytes())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [LARGE] * 4 and sum(span == "" for span in box.ranges()) <= 2


@pytest.mark.parametrize(
    ("source", "target", "followed"),
    [
        ("https://a.org/x", "/y", True), ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org/x", "https://a.org/y", True), ("https://a.org/x", "https://ftp.a.org/y", True),
        ("https://a.org/x", "http://a.org/y", False), ("https://a.org/x", "https://b.org/y", False),
        ("https://a.org/x", "https://a.org:8443/y", False), ("https://a.org/x", "//b.org/y", False),
        ("https://a.org/x", "https://a.org@b.org/y", False), ("https://a.org/x", "https://ftp.a.org:99/y", False),
        ("https://a.org/x", "https://a.org:port/y", False), ("https://a.org/x", "javascript:1", False),
        ("http://a.org/x", "http://169.254.169.254/", False),
    ],
)  # fmt: skip
def test_redirects_are_judged(source, target, followed):
    if followed:
        assert check_redirect(source, target, {"ftp.a.org"}).startswith("https://")
    else:
        with pytest.raises(SourceFailed, match="redirects"):
            check_redirect(source, target, {"ftp.a.org"})


def test_retry_after_is_a_number_or_a_date():
    now = datetime(2024, 1, 1, tzinfo=UTC)
    assert asked_seconds("7") == 7
    assert asked_seconds(format_datetime(now + timedelta(seconds=30), usegmt=True), now) == 30
    assert asked_seconds(format_datetime(now - timedelta(seconds=30), usegmt=True), now) == 0
    assert asked_seconds("soon") is None and asked_seconds(None) is None


def test_patience_of_the_environment(monkeypatch):
    monkeypatch.setenv("PROGNOMICS_RETRIES", "2"), monkeypatch.setenv("PROGNOMICS_TIMEOUT_SECONDS", "7")
    assert (RetryPolicy.from_environment().attempts, RetryPolicy.from_environment().read_seconds) == (2, 7)
    for wrong in ("many", "0", "-1", "nan"):
        monkeypatch.setenv("PROGNOMICS_RETRIES", wrong)
        with pytest.raises(UsageError, match="PROGNOMICS_RETRIES"):
            RetryPolicy.from_environment()


def test_pauses_grow():
    patience = RetryPolicy()
    waits = [patience.wait_seconds(n, None) for n in range(1, 12)]
    assert 0.25 <= waits[0] <= 0.5 and 2 <= waits[3] <= 4 and max(waits) <= 30
    assert patience.wait_seconds(1, 60) == 60


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_none_in_a_log():
    for stream, shown in ((_Terminal(), True), (io.StringIO(), False)):
        with Progress("a.gz", stream) as progress:
            progress.at(5_000_000, 10_000_000)
        assert ("a.gz: 5.0 of 10.0 MB (50%)" in stream.getvalue()) is shown
        assert shown or stream.getvalue() == ""


def test_a_proxy_of_the_environment_is_used(fetch, box, monkeypatch):
    """The box as the proxy: it is asked for the whole address."""
    monkeypatch.setenv("http_proxy", box.address)
    monkeypatch.delenv("no_proxy", raising=False), monkeypatch.delenv("NO_PROXY", raising=False)
    code, said, _ = fetch("geo", "GSE1", "http://mirror.invalid/geo")
    assert code == 5
    assert box.paths()[0].startswith("http://mirror.invalid/geo/series")
