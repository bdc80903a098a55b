"""A cache on disk that processes share: contents by their SHA-256, requests that point at them.

objects/ab/abcd.../NAME   a file, named by its content
requests/KEY.json         which content a request has
parts/KEY, KEY.json       a download on its way, and what the server said of it
locks/KEY                 held by the process that downloads
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from prognomics.errors import AnalysisWarning, PrognomicsError, UsageError
from prognomics.io.json_text import parse_json
from prognomics.io.scratch import Scratch
from prognomics.sources.transport.site import Request

_BLOCK = 1 << 20


def cache_folder() -> Path:
    """`$PROGNOMICS_CACHE`, else `prognomics` where the system keeps caches of the user (`~/.cache` on Linux)."""
    chosen = os.environ.get("PROGNOMICS_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("prognomics", appauthor=False)


class Cache:
    """A cache folder; it is made when something is first put there."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or cache_folder()

    def find(self, request: Request) -> Path | None:
        """The file of a request, if it is there and still what it was."""
        known = _read_json(self.folder / "requests" / f"{request.key}.json")
        if known.get("address") != request.address:
            return None
        place = self._place(str(known.get("sha256", "")))
        found = next(iter(sorted(place.iterdir())), None) if place and place.is_dir() else None
        if found is None or digests(found)["sha256"] != known["sha256"]:
            return None
        return found

    def part(self, request: Request) -> Path:
        """Where a download grows."""
        return self.folder / "parts" / request.key

    def remembered(self, request: Request) -> dict[str, Any]:
        """What the server said of a download that was not finished."""
        return _read_json(self.part(request).with_suffix(".json"))

    def remember(self, request: Request, said: dict[str, Any]) -> None:
        _write_json(self.part(request).with_suffix(".json"), said)

    def forget_part(self, request: Request) -> None:
        for path in (self.part(request), self.part(request).with_suffix(".json")):
            path.unlink(missing_ok=True)

    def place(self, request: Request, sha256: str, said: dict[str, Any]) -> Path:
        """Move a finished part to its content's place, whole or not at all."""
        place = self._place(sha256)
        assert place is not None
        part = self.part(request)
        with open(part, "rb") as handle:
            os.fsync(handle.fileno())
        place.mkdir(parents=True, exist_ok=True)
        # the same content may be there under another name: the first one stays, if it is sound
        here = [path for path in place.iterdir() if path.is_file() and not path.name.startswith(".")]
        target = here[0] if here else place / request.name
        os.replace(part, target)
        _write_json(self.folder / "requests" / f"{request.key}.json",
                    {"address": request.address, "name": request.name, "sha256": sha256, **said})  # fmt: skip
        self.forget_part(request)
        return target

    def drop(self, request: Request) -> None:
        """Forget a request and its content, so that the server is asked again."""
        pointer = self.folder / "requests" / f"{request.key}.json"
        place = self._place(str(_read_json(pointer).get("sha256", "")))
        with self.writing():
            pointer.unlink(missing_ok=True)
            if place is not None:
                shutil.rmtree(place, ignore_errors=True)

    def _place(self, sha256: str) -> Path | None:
        if len(sha256) != 64 or not sha256.isalnum():
            return None
        return self.folder / "objects" / sha256[:2] / sha256

    @contextlib.contextmanager
    def locked(self, request: Request, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the lock of a request; `waiting` is called once if another process has it.

        The system frees the lock of a process that dies.

        Raises
        ------
        UsageError
            The file system has no locks that work.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / "locks" / request.key)
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                waiting()
                lock.acquire()
        except (OSError, NotImplementedError) as fault:
            raise UsageError(
                "the cache folder cannot be locked, as downloads that processes share must be",
                where=f"{self.folder} ({getattr(fault, 'strerror', None) or fault})",
                hint="set PROGNOMICS_CACHE to a folder on another file system, such as a local disk",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def prepare(self) -> None:
        """Make the folders.

        Raises
        ------
        UsageError
            The folder cannot be written.
        """
        with self.writing():
            for name in ("objects", "requests", "parts", "locks"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            if not os.access(self.folder / "parts", os.W_OK):
                raise PermissionError(13, "Permission denied")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Faults of the disk as errors that say what to do."""
        try:
            yield
        except OSError as fault:
            hint = "set PROGNOMICS_CACHE to a folder with room that you may write to"
            where = f"{self.folder} ({fault.strerror})"
            raise UsageError("the cache folder cannot be written", where=where, hint=hint) from None


@contextlib.contextmanager
def scratch_folder(cache: Cache, shown: Path | str) -> Iterator[Path]:
    """A folder for unpacking, beside the contents; it is gone afterwards.

    Errors and warnings name `shown`, the archive that is unpacked, in its place.
    """
    cache.prepare()
    with cache.writing():
        scratch = Scratch(cache.folder)
    inside = re.compile(re.escape(str(scratch.folder)) + "/?")
    named = lambda text: inside.sub(lambda found: f"{shown}: " if found[0].endswith("/") else str(shown), text)  # noqa: E731
    said: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield scratch.folder
    except PrognomicsError as fault:
        fault.what, fault.where, fault.hint = map(named, (fault.what, fault.where, fault.hint))
        raise
    finally:
        scratch.close()
        for message in said:
            warning = message.message
            if isinstance(warning, AnalysisWarning):
                warnings.warn(warning.with_text(named(warning.text)), stacklevel=2)


def digests(path: Path, names: tuple[str, ...] = ("sha256",)) -> dict[str, str]:
    """Checksums of a file's bytes, by algorithm, in hexadecimal."""
    made = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    with open(path, "rb") as handle:
        while block := handle.read(_BLOCK):
            for digest in made.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in made.items()}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(content, out, sort_keys=True)
    os.replace(temporary, path)
