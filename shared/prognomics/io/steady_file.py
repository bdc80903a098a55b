"""A file for libraries that do not survive a full disk: errors are kept for later, and the rest is let go by."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class _SteadyFile(io.RawIOBase):
    """Writes to a file until that fails; from then on it takes everything, and keeps nothing."""

    def __init__(self, path: Path):
        self._file = open(path, "w+b", buffering=0)
        self.fault: OSError | None = None

    def _tried(self, action: Callable[..., Any], otherwise: int) -> int:
        if self.fault is None:
            try:
                result: int = action()
                return result
            except OSError as fault:
                self.fault = fault
        return otherwise

    def write(self, block: Any) -> int:
        left = memoryview(block).cast("B")
        size = len(left)
        while len(left) and self.fault is None:
            left = left[self._tried(lambda rest=left: self._file.write(rest), len(left)) :]
        return size

    def readinto(self, buffer: Any) -> int:
        got = self._tried(lambda: self._file.readinto(buffer), 0)
        if got < len(buffer):  # beyond what could be written
            memoryview(buffer).cast("B")[got:] = bytes(len(buffer) - got)
        return len(buffer)

    def truncate(self, size: int | None = None) -> int:
        return self._tried(lambda: self._file.truncate(size), size or 0)

    def seek(self, position: int, whence: int = 0) -> int:
        return self._file.seek(position, whence)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        pass

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        super().close()


@contextlib.contextmanager
def steady_file(path: Path) -> Iterator[io.RawIOBase]:
    """A new file, open for writing and reading.

    Raises
    ------
    OSError
        At the end, if anything could not be written: what the library itself made of it is not told.
    """
    file = _SteadyFile(path)
    try:
        yield file
    except (OSError, RuntimeError):
        if file.fault is None:
            raise
    finally:
        file.close()
    if file.fault is not None:
        raise file.fault
