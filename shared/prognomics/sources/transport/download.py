"""Files of a provider, each downloaded once: continued where it broke off, checked, placed whole."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from prognomics.errors import BadInput, SourceFailed, ToChoose, note
from prognomics.io.json_text import parse_json
from prognomics.io.text_file import open_bytes
from prognomics.sources.transport.cache import Cache
from prognomics.sources.transport.http import (
    TRY_ELSEWHERE,
    Connection,
    NotFound,
    RangeNotSatisfiable,
    Response,
    RetryableError,
)
from prognomics.sources.transport.inspect import Damaged, Expected, inspected, refuse_challenge
from prognomics.sources.transport.progress import Progress
from prognomics.sources.transport.retry import RetryPolicy
from prognomics.sources.transport.site import ANSWER, ARCHIVE, TABLE, Limits, Request, Site

_LIMITS = {"table": TABLE, "json": ANSWER, "page": ANSWER, "archive": ARCHIVE}
_LASTING_ATTEMPTS = 3
_LARGEST_PAGE = 1 << 22


class Downloader:
    """Gets files of one provider through the cache.

    Parameters
    ----------
    site : Site
    offline : bool
        Take files from the cache only.
    cache : Cache, optional
    retry_policy : RetryPolicy, optional
        Default: as the environment states.
    limits : Limits, optional
        Default: by the kind of file.
    """

    def __init__(self, site: Site, *, offline: bool = False, cache: Cache | None = None,
                 retry_policy: RetryPolicy | None = None, limits: Limits | None = None):  # fmt: skip
        self.site, self.offline, self.cache = site, offline, cache or Cache()
        self._retry_policy = retry_policy or RetryPolicy.from_environment()
        self._limits = limits
        self._given: dict[Path, set[Request]] = {}
        self._answers: set[Request] = set()
        self._connection = Connection(site, self._retry_policy)

    def file(self, service: str, path: str, *, body: Any = None, expected: Expected | None = None) -> Path:
        """A local copy of a file.

        Parameters
        ----------
        service, path : str
            Which of the site's bases, and the path below it.
        body : object, optional
            Posted as JSON.
        expected : Expected, optional
            What is known of the file.

        Raises
        ------
        NotFound
            The server has no such file.
        SourceFailed
            The server failed, or sent something else; or `offline` is set and there is no copy.
        UsageError
            The cache cannot be written.
        """
        text = "" if body is None else json.dumps(body, sort_keys=True, separators=(",", ":"))
        missing: SourceFailed | None = None
        for address in self.site.addresses(service, path):
            try:
                return self._file(Request(address, text), expected or Expected())
            except (NotFound, NotInCache) as fault:
                missing = missing or fault
        assert missing is not None
        raise missing

    def _file(self, request: Request, expected: Expected) -> Path:
        found = self.cache.find(request)
        if found is None:
            found = self._fetched(request, expected)
        self._given.setdefault(found, set()).add(request)
        if expected.kind == "json":
            self._answers.add(request)
        if not request.body and expected.kind in ("table", "archive"):
            note("source", f"{request.name}: SHA-256 {found.parent.name}")
        return found

    def _fetched(self, request: Request, expected: Expected) -> Path:
        if self.offline:
            raise NotInCache(
                "the file is not in the cache, and --offline forbids to download it",
                where=f"{request.address}; cache {self.cache.folder}",
                hint="run once without --offline, or set PROGNOMICS_CACHE to a folder that holds it",
            )
        self.cache.prepare()
        with Progress(request.name) as progress:
            waiting = lambda: progress.say("another process is downloading it")  # noqa: E731
            with self.cache.locked(request, waiting):
                found = self.cache.find(request)  # the other process may have finished it
                return found or self._downloaded(request, expected, progress)

    def json(self, service: str, path: str, *, body: Any = None) -> Any:
        """An answer in JSON."""
        with open_bytes(self.file(service, path, body=body, expected=Expected("json"))) as handle:
            return parse_json(handle.read())

    def page(self, service: str, path: str) -> str:
        """A small page as it is now, never from the cache: a folder's listing, the state of an accession.

        Raises
        ------
        NotFound, SourceFailed
        """
        missing: SourceFailed | None = None
        for address in self.site.addresses(service, path):
            try:
                return self._page(Request(address))
            except NotFound as fault:
                missing = missing or fault
        assert missing is not None
        raise missing

    def _page(self, request: Request) -> str:
        if self.offline:
            raise NotInCache("--offline forbids to ask the server", where=request.address)
        for left in range(min(_LASTING_ATTEMPTS, self._retry_policy.attempts), 0, -1):
            try:
                with self._connection.open(request) as answer:
                    text = b""
                    while len(text) < _LARGEST_PAGE and (chunk := answer.read()):
                        text += chunk
                page = text.decode("utf-8", "replace")
                refuse_challenge(page, request.address)
                return page
            except RetryableError as fault:
                if left == 1:
                    raise SourceFailed(str(fault), where=request.address, hint=TRY_ELSEWHERE) from None
                time.sleep(self._retry_policy.wait_seconds(1, fault.wait_seconds))
        raise AssertionError

    def drop_refused(self, fault: BadInput | Misunderstood) -> bool:
        """Drop from the cache what a reader refused: the files that it names, else those that it read from them.

        Returns
        -------
        bool
            Whether anything was dropped.
        """
        if isinstance(fault, ToChoose):
            return False
        refused = [path for path in self._given if str(path) in fault.where]
        if isinstance(fault, Misunderstood):
            refused = [path for path, requests in self._given.items() if requests & self._answers]
        elif not refused and str(self.cache.folder) in fault.where:
            refused = list(self._given)
        for path in refused:
            for request in self._given.pop(path):
                self.cache.drop(request)
        return bool(refused)

    def close(self) -> None:
        self._connection.close()

    def _downloaded(self, request: Request, expected: Expected, progress: Progress) -> Path:
        """The file, fetched and placed; one that came damaged is fetched again once."""
        limits = self._limits or _LIMITS[expected.kind]
        for last in (False, True):
            self._fill(request, expected, limits, progress)
            said = self.cache.remembered(request)
            known = replace(expected, checksums={"md5": said.get("md5", ""), **(expected.checksums or {})})
            try:
                sha256 = inspected(self.cache.part(request), request.address, known, limits)
            except Damaged:
                self.cache.forget_part(request)
                if last:
                    raise
                continue
            except SourceFailed:
                self.cache.forget_part(request)
                raise
            with self.cache.writing():
                return self.cache.place(request, sha256, said)
        raise AssertionError

    def _fill(self, request: Request, expected: Expected, limits: Limits, progress: Progress) -> None:
        """Bring the part to its end, over as many tries as bring it further."""
        part, failures, overloaded = self.cache.part(request), 0, False
        for _ in range(self._retry_policy.total_attempts):
            before = _size(part)
            try:
                self._try(request, expected, limits, progress)
                return
            except RangeNotSatisfiable:
                self.cache.forget_part(request)
                failures += 1
                wait, why, lasting = None, "the server cannot continue the file", False
            except RetryableError as fault:
                failures = 1 if _size(part) - before >= self._least(1.0) else failures + 1
                wait, why, lasting, overloaded = fault.wait_seconds, str(fault), fault.lasting, fault.answered
            except SourceFailed as fault:
                fault.where = fault.where or request.address
                raise
            if failures >= (
                min(_LASTING_ATTEMPTS, self._retry_policy.attempts) if lasting else self._retry_policy.attempts
            ):
                break
            seconds = self._retry_policy.wait_seconds(failures, wait)
            progress.say(f"{why}; again in {seconds:.0f} s")
            time.sleep(seconds)
        kind = Overloaded if overloaded else SourceFailed
        raise kind(f"{why} ({failures} tries)", where=request.address, hint=TRY_ELSEWHERE)

    def _least(self, seconds: float) -> float:
        return self._retry_policy.slowest_bytes_per_second * seconds

    def _try(self, request: Request, expected: Expected, limits: Limits, progress: Progress) -> None:
        """One exchange: the part is continued if the server can tell that it is still the same file."""
        part, said = self.cache.part(request), self.cache.remembered(request)
        validator = said.get("etag") or said.get("last_modified") or ""
        # without a validator only a checksum that is known beforehand shows a mixture of two versions
        offset = _size(part) if said and (validator or expected.checksums) and not request.body else 0
        if offset and offset == said.get("size"):
            return
        with self._connection.open(request, offset=offset, validator=validator) as answer:
            if answer.partial:
                total = _total_of_part(answer.headers.get("Content-Range", ""), offset)
                etag = _strong(answer.headers.get("ETag"))
                if total is False or said.get("size") not in (None, total) or (etag and etag != said.get("etag", etag)):
                    raise RangeNotSatisfiable  # another part, or a part of another version
            else:
                offset, total = 0, _number(answer.headers.get("Content-Length"))
                bucket = self.site.in_bucket(request.address) and not self.site.mirrored
                said = {"md5": _md5(answer.headers, bucket)}
            said = {"etag": _strong(answer.headers.get("ETag")), "size": total, "md5": said.get("md5", ""),
                    "last_modified": answer.headers.get("Last-Modified", "")}  # fmt: skip
            if total is not None and total > limits.sent:
                raise _too_large(total, limits, request)
            with self.cache.writing():
                if not offset:
                    part.unlink(missing_ok=True)
                self.cache.remember(request, said)
            size = self._receive(answer, part, offset, limits, request, progress, total)
        if total is not None and size != total:
            raise RetryableError(f"the download was cut: {size} of {total} bytes")

    def _receive(self, answer: Response, part: Path, offset: int, limits: Limits, request: Request,
                 progress: Progress, total: int | None) -> int:  # fmt: skip
        size, window_start, window_size = offset, time.monotonic(), offset
        with self._open_part(part) as out:
            while chunk := answer.read():
                with self.cache.writing():
                    out.write(chunk)
                    out.flush()
                size += len(chunk)
                if size > limits.sent:
                    raise _too_large(size, limits, request)
                progress.at(size, total)
                passed = time.monotonic() - window_start
                if passed > self._retry_policy.read_seconds:
                    if size - window_size < self._least(passed):
                        raise RetryableError("the server sends next to nothing")
                    window_start, window_size = time.monotonic(), size
        return size

    @contextmanager
    def _open_part(self, part: Path) -> Iterator[Any]:
        with self.cache.writing():
            out = open(part, "ab")
        with out:
            yield out


@contextmanager
def understood(provider: str, where: str, hint: str) -> Iterator[None]:
    """An answer of another form than the provider documents becomes a SourceFailed that notes this."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        raise Misunderstood(f"the answer has not the form that {provider} documents", where=where, hint=hint) from fault


class Misunderstood(SourceFailed):
    """An answer came whole and has another form than documented."""


class Overloaded(SourceFailed):
    """The server was reached, and answered each time that it cannot serve the request now."""


class NotInCache(SourceFailed):
    """`offline` is set, and the cache has no copy."""


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdigit() else None


def _strong(etag: str | None) -> str:
    """An ETag that represents the very bytes; a weak one does not."""
    return etag if etag and etag.startswith('"') else ""


def _md5(headers: Any, bucket: bool) -> str:
    """The MD5 that the server gives with the file, in hexadecimal: `Content-MD5`, or a bucket's plain ETag."""
    try:
        given = base64.b64decode(headers.get("Content-MD5", ""), validate=True).hex()
    except ValueError:
        given = ""
    etag = headers.get("ETag", "").strip('"').lower()
    # the ETag of a file that was uploaded in parts is no MD5: it ends in -N
    given = given or (etag if bucket else "")
    return given if re.fullmatch(r"[0-9a-f]{32}", given) else ""


def _total_of_part(header: str, offset: int) -> int | None | bool:
    """The whole size that `Content-Range: bytes 5-9/10` shows; False if it begins elsewhere."""
    span, _, total = header.removeprefix("bytes").strip().partition("/")
    if _number(span.partition("-")[0]) != offset:
        return False
    return _number(total)


def _too_large(size: int, limits: Limits, request: Request) -> SourceFailed:
    return SourceFailed(f"the file is larger than is taken ({size / 1e6:.0f} MB, limit {limits.sent / 1e6:.0f} MB)",
                        where=request.address, hint="download it yourself and give it with --local-path")  # fmt: skip
