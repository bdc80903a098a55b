"""Download a file once: a cache on disk, placed whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

from prognomics.errors import SourceFailed, UsageFault

TIMEOUT_SECONDS = 60
CHUNK = 1 << 20
LARGEST_LISTING = 1 << 22


class NotThere(SourceFailed):
    """The server answers that it has no such file (404 or 410)."""


def cache_folder() -> Path:
    """`$PROGNOMICS_CACHE`, else `~/.cache/prognomics`."""
    chosen = os.environ.get("PROGNOMICS_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "prognomics"


def cached_file(address: str, *, offline: bool = False, cache: Path | None = None) -> Path:
    """A local copy of a remote file, downloaded at most once.

    Parameters
    ----------
    address : str
        http or https.
    offline : bool
        Do not download.
    cache : path, optional
        Default: `cache_folder()`.

    Raises
    ------
    SourceFailed
        The download failed (`NotThere`: the server has no such file), or there is no copy and `offline` is
        set.
    """
    _require_web(address)
    folder = cache or cache_folder()
    name = Path(urllib.parse.urlsplit(address).path).name
    # the address is part of the name: two mirrors never share a copy
    place = folder / hashlib.sha256(address.encode()).hexdigest()[:16] / name
    if place.is_file():
        return place
    if offline:
        raise SourceFailed(
            "the file is not in the cache, and --offline forbids to download it",
            where=f"{address}; cache {folder}",
            hint="run once without --offline, or set PROGNOMICS_CACHE to a folder that holds it",
        )
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=place.parent, prefix=".part-")
    except OSError as fault:
        raise UsageFault(
            "the cache folder cannot be written",
            where=f"{folder} ({fault.strerror})",
            hint="set PROGNOMICS_CACHE to another folder",
        ) from None
    try:
        with os.fdopen(handle, "wb") as out, _opened(address) as response:
            expected = response.headers.get("Content-Length")
            size = 0
            while chunk := response.read(CHUNK):
                out.write(chunk)
                size += len(chunk)
        if expected is not None and size != int(expected):
            raise SourceFailed(
                f"the download was cut: {size} of {expected} bytes", where=address, hint="try again"
            )
        os.replace(part, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
    return place


def fetch_text(address: str) -> str:
    """A small text (a folder listing), not cached.

    Raises
    ------
    SourceFailed
    """
    with _opened(address) as response:
        return response.read(LARGEST_LISTING).decode("utf-8", "replace")


def _require_web(address: str) -> None:
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise UsageFault("the address of a mirror starts with https:// or http://", where=address)


@contextlib.contextmanager
def _opened(address: str) -> Iterator[Any]:
    """An open response; every fault of the network becomes a `SourceFailed`."""
    _require_web(address)
    request = urllib.request.Request(address, headers={"User-Agent": "prognomics"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            yield response
    except urllib.error.HTTPError as fault:
        if fault.code in (404, 410):
            raise NotThere("the server has no such file", where=address) from None
        raise SourceFailed(
            f"the server answered {fault.code} {fault.reason}", where=address, hint="try again"
        ) from None
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as fault:
        reason = getattr(fault, "reason", fault)
        raise SourceFailed(
            f"the server cannot be reached or broke off ({reason})",
            where=address,
            hint="check the connection, or give a mirror with --mirror, or a file with --local-path",
        ) from None
