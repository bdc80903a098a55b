"""Tar archives from strangers: what their headers may say, and their files read in place, without unpacking."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from prognomics.errors import BadInput

MOST_MEMBERS = 200_000
LEAVES = "the archive is not unpacked; get it from a source that you trust"
_LARGEST_HEADER = 1 << 20


class SmallHeader(tarfile.TarInfo):
    """A tar entry whose long name or extended header cannot claim gigabytes of memory."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> tarfile.TarInfo:
        try:
            return super().fromtarfile(archive)
        except (tarfile.TruncatedHeaderError, tarfile.InvalidHeaderError) as fault:
            # tarfile takes such a header for the end of the archive
            raise tarfile.ReadError(str(fault)) from None

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if not self.isreg() and not self.isdir() and self.size > _LARGEST_HEADER:
            raise BadInput("the archive holds a header of more than a megabyte")
        return super()._proc_member(archive)  # type: ignore[misc]


def safe_name(name: str, path: Path) -> str:
    """The path of a member, if it stays inside.

    Raises
    ------
    BadInput
        Absolute, with `..`, a drive letter or backslashes, control characters, or too long.
    """
    parts = PurePosixPath(name).parts
    wrong = (
        not parts or name.startswith("/") or ".." in parts or "\\" in name or re.match(r"[A-Za-z]:", name)
        or not name.isprintable() or len(name) > 1000 or any(len(part.encode()) > 255 for part in parts)
    )  # fmt: skip
    if wrong:
        raise BadInput("the archive holds a file that would be written outside its folder, or has an unfit name",
                       where=f"{path}: {name[:200]!r}", hint=LEAVES)  # fmt: skip
    return "/".join(part for part in parts if part != ".")


def begins_tar(head: bytes) -> bool:
    """Whether the first 512 bytes of a file are a header of a tar, also of one before POSIX (its checksum shows)."""
    if head[257:262] == b"ustar":
        return True
    if len(head) < 512 or not head[0] or b"\0" not in head[:100]:
        return False
    try:
        return tarfile.nti(head[148:156]) in tarfile.calc_chksums(head)
    except (tarfile.TarError, ValueError):
        return False


@dataclass(frozen=True)
class Part:
    """A file within a plain tar, which is read where it lies.

    Attributes
    ----------
    archive : Path
    name : str
        Without folders.
    start, size : int
        Bytes.
    """

    archive: Path
    name: str
    start: int
    size: int

    def __str__(self) -> str:
        return f"{self.archive}: {self.name}"

    def open(self) -> BinaryIO:
        """The content; the archive is opened again, so that several threads may read."""
        return io.BufferedReader(_Window(self))


class _Window(io.RawIOBase):
    """Some bytes of a file as if they were a file."""

    def __init__(self, part: Part):
        self._file = open(part.archive, "rb")
        self._part, self._place = part, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._part.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), max(0, self._part.size - self._place))
        self._file.seek(self._part.start + self._place)
        found = self._file.readinto(memoryview(buffer)[:size]) if size else 0
        self._place += found
        return found

    def close(self) -> None:
        self._file.close()
        super().close()


def tar_parts(path: Path, wanted: Callable[[str], bool]) -> tuple[list[Part], int]:
    """The wanted files of a plain tar, in its order, and how many others it holds.

    Parameters
    ----------
    path : path
        Not compressed.
    wanted : callable
        Gets a file's name without folders.

    Raises
    ------
    BadInput
        Links, devices, absolute paths or `..`, two wanted files of one name, an archive that is truncated or damaged.
    """
    found: dict[str, Part] = {}
    others = 0
    length = path.stat().st_size
    try:
        with tarfile.open(path, "r:", tarinfo=SmallHeader, errorlevel=2) as archive:
            for info in _entries(archive, path):
                name = safe_name(info.name, path).rpartition("/")[2]
                if info.isdir():
                    continue
                if not info.isreg() or info.issparse():
                    raise BadInput("the archive holds a link, a device or a sparse file",
                                   where=f"{path}: {info.name[:200]!r}", hint=LEAVES)  # fmt: skip
                if info.offset_data + info.size > length:
                    raise tarfile.ReadError(f"{name} is cut")
                if not wanted(name):
                    others += 1
                elif name.casefold() in found:
                    raise BadInput("the archive holds two files of one name", where=f"{path}: {name!r}")
                else:
                    found[name.casefold()] = Part(path, name, info.offset_data, info.size)
    except (tarfile.TarError, ValueError, EOFError) as fault:
        raise BadInput("the archive is truncated or damaged", where=f"{path} ({fault})",
                       hint="copy or download it again") from None  # fmt: skip
    return list(found.values()), others


def _entries(archive: tarfile.TarFile, path: Path) -> Iterator[tarfile.TarInfo]:
    for _ in range(MOST_MEMBERS):
        info = archive.next()
        archive.members = []  # tarfile keeps every header otherwise
        if info is None:
            return
        yield info
    raise BadInput(f"the archive holds more than {MOST_MEMBERS} files", where=str(path), hint=LEAVES)
