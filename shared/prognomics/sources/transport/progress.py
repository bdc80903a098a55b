"""How far a download is: a line on a terminal, nothing in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

_EVERY_SECONDS = 0.2


class Progress:
    """A context manager that shows bytes of one file while it comes.

    Parameters
    ----------
    name : str
    stream : text file, optional
        Default: stderr. Nothing is written where it is not a terminal.
    """

    def __init__(self, name: str, stream: TextIO | None = None):
        self._name, self._stream = name, stream if stream is not None else sys.stderr
        self._shown = bool(getattr(self._stream, "isatty", lambda: False)())
        self._last, self._width = 0.0, 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._clear()

    def at(self, size: int, total: int | None) -> None:
        """Say how many bytes are there, of how many (None: unknown)."""
        now = time.monotonic()
        if not self._shown or now - self._last < _EVERY_SECONDS:
            return
        self._last = now
        of = f" of {total / 1e6:.1f} MB ({100 * size // total}%)" if total else " MB"
        self._write(f"{self._name}: {size / 1e6:.1f}{of}")

    def say(self, text: str) -> None:
        """A remark that the next one overwrites, such as why nothing happens."""
        if self._shown:
            self._write(f"{self._name}: {text}")

    def _write(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def _clear(self) -> None:
        if self._shown and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0
