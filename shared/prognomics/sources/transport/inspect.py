"""Whether a file that came is what was requested: checksum, whole gzip, no bomb, no web page, a safe archive."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from prognomics.errors import BadInput, SourceFailed
from prognomics.io.json_text import parse_json
from prognomics.io.text_file import GZIP_MAGIC, open_bytes
from prognomics.sources.transport.archive import check_archive, kind_of_archive, measured
from prognomics.sources.transport.cache import digests
from prognomics.sources.transport.http import page_title
from prognomics.sources.transport.site import Limits

_PAGE = re.compile(rb"\s*<(!doctype html|!--|html|head|title|meta|script|body|\?xml)", re.IGNORECASE)
_CHALLENGE = re.compile(r"captcha|cf-challenge|challenge-platform|verify(ing)? (that )?you are (a )?human", re.I)
_MOST_OF_A_PAGE = 1 << 16
_AS_SENT_AGAIN = "it is downloaded anew at the next call; if that fails too, tell the provider"


@dataclass(frozen=True)
class Expected:
    """What is known of a file before it comes.

    Attributes
    ----------
    kind : {'table', 'json', 'page', 'archive'}
    size : int or None
        Bytes.
    checksums : dict of str to str
        By algorithm (md5, sha256), in hexadecimal.
    check : callable, optional
        A further check of the file, which raises Damaged; it is asked before the file is placed.
    """

    kind: str = "table"
    size: int | None = None
    checksums: dict[str, str] | None = None
    check: Callable[[Path], None] | None = None


class Damaged(SourceFailed):
    """The file is not whole or not the one that the provider describes: another try may help."""


class WebPage(SourceFailed):
    """A web page came in place of the file."""


def refuse_challenge(text: str, where: str) -> None:
    """Raise WebPage where a page asks its reader to prove that no program reads it (a captcha)."""
    if _PAGE.match(text[:4096].removeprefix("\ufeff").encode()) and _CHALLENGE.search(text):
        title = page_title(text)
        raise WebPage("the server sent a web page instead of the file: a challenge that is to keep programs out"
                      + (f" ({title})" if title else ""), where=where,
                      hint="try again later, or open the address in a browser and give the file with --local-path; "
                           "`prognomics sources check` shows which providers answer")  # fmt: skip


def inspected(path: Path, where: str, expected: Expected, limits: Limits) -> str:
    """Check a file that came; returns its SHA-256.

    Raises
    ------
    Damaged
        Another size or checksum, a truncated gzip or archive.
    SourceFailed
        A web page, no JSON, a gzip bomb, an archive whose members would leave their folder.
    """
    size = path.stat().st_size
    if expected.size is not None and size != expected.size:
        raise Damaged(f"the file has {size} bytes, its provider says {expected.size}", where=where, hint=_AS_SENT_AGAIN)
    wanted = {name: value.lower() for name, value in (expected.checksums or {}).items() if value}
    found = digests(path, ("sha256", *(name for name in wanted if name != "sha256")))
    for name, value in wanted.items():
        if found[name] != value:
            raise Damaged(f"the file is not the one that its provider describes: {name} {found[name]}, not {value}",
                          where=where, hint=_AS_SENT_AGAIN)  # fmt: skip
    if size == 0:
        raise Damaged("the server sent an empty file", where=where, hint=_AS_SENT_AGAIN)
    _check_page(path, where, expected.kind)
    try:
        if kind_of_archive(path):
            check_archive(path, limits)
        else:
            measured(path, limits)
    except BadInput as fault:
        kind = Damaged if "truncated" in fault.what else SourceFailed
        inside = fault.where.replace(str(path), "").strip(": ")  # the part on its way has no name that a reader knows
        raise kind(f"the server sent a file that is not taken: {fault.what}", where=f"{where} {inside}".strip(),
                   hint=fault.hint) from None  # fmt: skip
    with open(path, "rb") as handle:
        packed = handle.read(2) == GZIP_MAGIC
    if packed and first_bytes(path, 2) == GZIP_MAGIC:
        raise SourceFailed("the server sent a gzip file within a gzip file", where=where, hint=_AS_SENT_AGAIN)
    if expected.kind == "archive" and not kind_of_archive(path):
        raise SourceFailed("the server sent no archive", where=where)
    if expected.kind == "json":
        _check_json(path, where)
    if expected.check is not None:
        expected.check(path)
    return found["sha256"]


def _check_page(path: Path, where: str, kind: str) -> None:
    if kind != "page":
        refuse_page(first_bytes(path, _MOST_OF_A_PAGE), where)


def refuse_page(head: bytes, where: str) -> None:
    """Raise WebPage where a content begins as a web page, or as the XML in which buckets report errors."""
    if _PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        text = head.decode("utf-8", "replace")
        refuse_challenge(text, where)
        title = page_title(text)
        raise WebPage("the server sent a web page instead of the file" + (f": {title}" if title else ""),
                      where=where, hint="the address may have moved, or a login page or proxy stands before it; "
                                        "open it in a browser, or give the file with --local-path")  # fmt: skip


def _check_json(path: Path, where: str) -> None:
    try:
        with open_bytes(path) as handle:
            parse_json(handle.read())
    except ValueError:
        raise Damaged("the server's answer is no JSON", where=where, hint=_AS_SENT_AGAIN) from None


def first_bytes(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file, unpacked if it is a gzip."""
    with open(path, "rb") as handle:
        head = handle.read(size)
    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(path, "rb") as unpacked:
                return unpacked.read(size)
        except (OSError, EOFError, zlib.error):
            return b""
    return head
