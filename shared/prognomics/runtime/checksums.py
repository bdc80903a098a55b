"""Checksums of inputs as they were read, for the run record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import BadInput
from prognomics.io.file_kinds import sha256


@dataclass(frozen=True)
class ReadFile:
    """A file that a call read: by which option, as which artifact, and the SHA-256 of its decompressed content."""

    option: str
    artifact: str
    path: Path
    sha256: str
    state: tuple[int, ...]

    def require_unchanged(self) -> None:
        """Check that the file is what its checksum states.

        Raises
        ------
        BadInput
            It has been written to, so that what was read is not known.
        """
        if _state(self.path) != self.state and sha256(self.path) != self.sha256:
            raise BadInput("the file was changed while it was read", where=str(self.path),
                           hint="run this again once nothing writes to it")  # fmt: skip


@contextlib.contextmanager
def reading(option: str, artifact: str, value: Any, into: list[ReadFile] | None) -> Iterator[None]:
    """Take the checksum of a file that is read inside the block; of objects, and without a list, none is taken.

    Raises
    ------
    BadInput
        The file changed meanwhile.
    """
    if into is None or not isinstance(value, (str, Path)):
        yield
        return
    path = Path(value)
    state = _state(path)
    file = ReadFile(option, artifact, path, sha256(path), state)
    yield
    file.require_unchanged()
    into.append(file)


def require_unchanged(files: Iterable[ReadFile], arguments: dict[str, Any]) -> None:
    """Check the files that are read bit by bit while a tool runs: those whose argument is a stream or a path."""
    for file in files:
        value = arguments.get(file.option)
        if any(isinstance(v, (Path, StreamedMatrix)) for v in (value if isinstance(value, list) else [value])):
            file.require_unchanged()


def _state(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
