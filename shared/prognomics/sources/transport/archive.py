"""Tar and zip archives from strangers: only plain files inside, and no more than the limits allow."""

from __future__ import annotations

import contextlib
import errno
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from prognomics.errors import BadInput
from prognomics.io.tar_entries import LEAVES, MOST_MEMBERS, SmallHeader, begins_tar, safe_name
from prognomics.io.text_file import GZIP_MAGIC
from prognomics.io.workbook import is_workbook
from prognomics.sources.transport.site import ARCHIVE, Limits

_BLOCK = 1 << 20


@dataclass
class Member:
    """A file in an archive: its path inside, its size in bytes, and its open content."""

    name: str
    size: int
    content: BinaryIO


class _Counted(io.RawIOBase):
    """The unpacked bytes of a gzip (or the plain ones of another file), refused beyond the limits."""

    def __init__(self, path: Path, limits: Limits):
        self._handle = open(path, "rb")
        self._gzip = self._handle.read(2) == GZIP_MAGIC
        self._handle.seek(0)
        self._limits, self._where = limits, str(path)
        self._inflate: Any = zlib.decompressobj(31) if self._gzip else None
        self._waiting = b""
        self.n_read = self.n_out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._next(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def _next(self, size: int) -> bytes:
        if not self._gzip:
            block = self._handle.read(size)
        else:
            block = self._inflated(size)
        self.n_out += len(block)
        self._check()
        return block

    def _inflated(self, size: int) -> bytes:
        while True:
            if self._inflate.eof:
                # a gzip file may hold several members; zeros after the last are padding
                rest = (self._inflate.unused_data + self._waiting).lstrip(b"\0")
                rest = rest or self._take().lstrip(b"\0")
                if not rest:
                    return b""
                self._inflate, self._waiting = zlib.decompressobj(31), rest
            fresh = self._waiting or self._take()
            if not fresh:
                raise EOFError("the end is missing")
            block = self._inflate.decompress(fresh, size)
            self._waiting = self._inflate.unconsumed_tail
            if block:
                result: bytes = block
                return result

    def _take(self) -> bytes:
        block = self._handle.read(_BLOCK)
        self.n_read += len(block)
        return block

    def _check(self) -> None:
        limits = self._limits
        # per byte that was read: what is still waiting to be unpacked is at most a block
        bomb = self._gzip and self.n_out > limits.ratio_from and self.n_out > limits.ratio * max(1, self.n_read)
        if bomb or self.n_out > limits.expanded:
            raise BadInput(f"the file expands beyond reason (over {self.n_out / 1e6:.0f} MB, "
                           f"from {self.n_read / 1e6:.1f} MB)", where=self._where,
                           hint="no expression table does so; the file is not used")  # fmt: skip

    def close(self) -> None:
        self._handle.close()
        super().close()


@contextlib.contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error) as fault:
        raise BadInput("the gzip file is truncated or damaged", where=f"{path} ({fault})",
                       hint="copy or download it again") from None  # fmt: skip
    except OSError as fault:
        if fault.errno != errno.EINVAL:  # what zipfile's seeking to a place before the file ends in
            raise
        raise BadInput("the archive is truncated or damaged", where=str(path),
                       hint="copy or download it again") from None  # fmt: skip
    except (tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error) as fault:
        raise BadInput("the archive is truncated or damaged", where=f"{path} ({fault})",
                       hint="copy or download it again") from None  # fmt: skip


def measured(path: Path, limits: Limits = ARCHIVE) -> int:
    """How many bytes a file holds, unpacked if it is a gzip, whose checksums are tested on the way.

    Raises
    ------
    BadInput
        A truncated or damaged gzip, or one that expands beyond the limits.
    """
    if first_two(path) != GZIP_MAGIC:
        return path.stat().st_size
    with _faults(path), contextlib.closing(_Counted(path, limits)) as stream:
        buffer = bytearray(_BLOCK)
        while stream.readinto(buffer):
            pass
        return stream.n_out


def first_two(path: Path) -> bytes:
    with open(path, "rb") as handle:
        return handle.read(2)


def kind_of_archive(path: Path) -> str:
    """`tar` (also within a gzip), `zip`, or empty: by content. A spreadsheet is a zip and no archive."""
    with open(path, "rb") as handle:
        head = handle.read(512)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "" if is_workbook(path) else "zip"
    if head.startswith(GZIP_MAGIC):
        with contextlib.closing(_Counted(path, ARCHIVE)) as stream, contextlib.suppress(EOFError, zlib.error):
            head = io.BufferedReader(stream, 512).read(512)
    return "tar" if begins_tar(head) else ""


def archive_members(path: Path, limits: Limits = ARCHIVE) -> Iterator[Member]:
    """The plain files of a tar (plain or gzip) or zip, in its order; each content is read before the next.

    Raises
    ------
    BadInput
        Links, devices, absolute paths or `..`, two files of one name, an archive that is truncated or expands
        beyond the limits.
    """
    with _faults(path):
        members = _zip_members(path, limits) if kind_of_archive(path) == "zip" else _tar_members(path, limits)
        names: set[str] = set()
        for number, member in enumerate(members):
            if number >= MOST_MEMBERS:
                raise BadInput(f"the archive holds more than {MOST_MEMBERS} files", where=str(path), hint=LEAVES)
            if member.name.casefold() in names:
                raise BadInput("the archive holds two files of one name", where=f"{path}: {member.name!r}")
            names.add(member.name.casefold())
            yield member


def check_archive(path: Path, limits: Limits = ARCHIVE) -> list[tuple[str, int]]:
    """Names and sizes of all files of an archive, which is read to its end."""
    found = []
    for member in archive_members(path, limits):
        while member.content.read(_BLOCK):
            pass
        found.append((member.name, member.size))
    return found


def unpack(
    path: Path, folder: Path, wanted: Callable[[str], bool] = lambda name: True, limits: Limits = ARCHIVE
) -> list[Path]:
    """Write the wanted files of an archive below a folder, with their paths inside."""
    written = []
    for member in archive_members(path, limits):
        if not wanted(member.name):
            continue
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as out:
            while block := member.content.read(_BLOCK):
                out.write(block)
        written.append(target)
    return written


def _tar_members(path: Path, limits: Limits) -> Iterator[Member]:
    stream = _Counted(path, limits)
    with contextlib.closing(stream), io.BufferedReader(stream, _BLOCK) as whole:
        # "r|" reads forward only: nothing is sought, nothing is kept
        with tarfile.open(fileobj=whole, mode="r|", tarinfo=SmallHeader, errorlevel=2) as archive:
            for info in archive:
                archive.members = []  # tarfile keeps every header otherwise
                if info.isdir():
                    safe_name(info.name, path)
                    continue
                if not info.isreg() or info.issparse():
                    raise BadInput("the archive holds a link, a device or a sparse file",
                                   where=f"{path}: {info.name[:200]!r}", hint=LEAVES)  # fmt: skip
                content = archive.extractfile(info)
                assert content is not None
                name = safe_name(info.name, path)
                yield Member(name, info.size, _Content(content, info.size, path, name))  # type: ignore[arg-type]


class _Content(io.RawIOBase):
    """A member's content: errors of the archive in our words, refused once it is longer than the archive states."""

    def __init__(self, content: Any, size: int, path: Path, name: str):
        self._content, self._left, self._path, self._name = content, size, path, name

    def read(self, size: int = -1) -> bytes:
        with _faults(self._path):
            block = self._content.read(min(self._left + 1, size if size >= 0 else self._left + 1))
        self._left -= len(block)
        if self._left < 0:
            raise BadInput("a file of the archive is longer than the archive says",
                           where=f"{self._path}: {self._name!r}", hint=LEAVES)  # fmt: skip
        result: bytes = block
        return result


def _zip_members(path: Path, limits: Limits) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        total = 0
        for info in archive.infolist():
            total += info.file_size
            packed = max(1, info.compress_size)
            bomb = info.file_size > limits.ratio_from and info.file_size > limits.ratio * packed
            if bomb or total > limits.expanded:
                raise BadInput(f"the archive expands beyond reason (over {total / 1e6:.0f} MB)",
                               where=f"{path}: {info.filename[:200]!r}", hint=LEAVES)  # fmt: skip
            name = safe_name(info.filename, path)
            if info.is_dir():
                continue
            kind = info.external_attr >> 28
            if kind not in (0, 8):  # POSIX file types: unset, or a plain file
                raise BadInput("the archive holds a link or a device", where=f"{path}: {name!r}", hint=LEAVES)
            with archive.open(info) as content:
                inside = _Content(content, info.file_size, path, name)
                yield Member(name, info.file_size, inside)  # type: ignore[arg-type]
