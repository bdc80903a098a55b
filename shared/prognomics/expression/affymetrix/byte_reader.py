"""Forward reading of binary files whose every size is checked before anything is read or stored."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from prognomics.errors import BadInput

# The largest expression arrays have some 7 million cells; a header that says more is not believed.
MAX_CELLS = 1 << 25
MAX_TEXT_BYTES = 1 << 20
_HEADER_BYTES = 1 << 24
_SKIP_BYTES = 1 << 20


def damaged(what: str, where: str) -> BadInput:
    """The error of a file that does not hold what its format states."""
    return BadInput(what, where=where, hint="copy or download it again; leave the file out if its source is damaged")


class ByteReader:
    """Reads a stream from its beginning to its end, never backwards, so that gzip costs nothing more.

    Parameters
    ----------
    stream : binary file
        Plain or decompressing.
    where : str
        The file's name, for messages.
    order : {'<', '>'}
        Little- or big-endian numbers.
    """

    def __init__(self, stream: BinaryIO, where: str, order: str):
        self._stream, self.where, self._order = stream, where, order
        self.position = 0
        self._limit = _HEADER_BYTES

    def expect(self, size: int) -> None:
        """Allow that many bytes beyond what a header may take; at first nothing more than a header is read."""
        self._limit = self.position + _HEADER_BYTES + size

    def take(self, size: int, what: str) -> bytes:
        """The next `size` bytes; `BadInput` when the file ends before."""
        if size < 0:
            raise damaged(f"the file is damaged: {what} has the size {size}", self.where)
        if self.position + size > self._limit:
            raise damaged(f"the file is damaged: it holds more than its header states, at {what}", self.where)
        # read() of a gzip stream allocates what it finds, not what is asked for
        data = self._stream.read(size)
        self.position += len(data)
        if len(data) < size:
            raise damaged(f"the file is truncated: it ends at byte {self.position:,}, within {what}", self.where)
        return data

    def numbers(self, layout: str, what: str) -> tuple[Any, ...]:
        """Numbers by a `struct` layout without its byte order."""
        layout = self._order + layout
        return struct.unpack(layout, self.take(struct.calcsize(layout), what))

    def number(self, layout: str, what: str) -> int:
        result: int = self.numbers(layout, what)[0]
        return result

    def count(self, layout: str, what: str, limit: int) -> int:
        """A number of things that follow, at least 0 and at most `limit`."""
        found = self.number(layout, what)
        if not 0 <= found <= limit:
            raise damaged(f"the file is damaged: it states {found:,} {what}", self.where)
        return found

    def text(self, what: str) -> bytes:
        """A text that its length in bytes (int32) precedes."""
        return self.take(self.count("i", f"bytes of {what}", MAX_TEXT_BYTES), what)

    def wide_text(self, what: str) -> str:
        """A UTF-16 text that its length in characters (int32) precedes."""
        size = 2 * self.count("i", f"characters of {what}", MAX_TEXT_BYTES)
        return self.take(size, what).decode("utf-16-be" if self._order == ">" else "utf-16-le", "replace")

    def skip_to(self, position: int, what: str) -> None:
        """Go forward to a position; backwards is an error, for sound files never need it."""
        if position < self.position:
            raise damaged(f"the file is damaged: {what} is said to begin at byte {position:,}", self.where)
        while self.position < position:
            self.take(min(_SKIP_BYTES, position - self.position), what)


def checked_shape(columns: int, rows: int, where: str) -> tuple[int, int]:
    """Columns and rows of an array that can exist."""
    if columns < 1 or rows < 1 or columns * rows > MAX_CELLS:
        raise damaged(f"the file is damaged: it states an array of {columns:,} columns and {rows:,} rows", where)
    return columns, rows
