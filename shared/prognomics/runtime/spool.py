"""Inputs that can be read once only (pipes, process substitution, /dev/stdin), kept as files while a call lasts."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from prognomics.errors import PrognomicsError, UsageError
from prognomics.io.scratch import Scratch
from prognomics.runtime.inputs import named_paths
from prognomics.runtime.staging import descriptor_of
from prognomics.spec.model import Input, Tool

LARGEST_STREAM = 1 << 33
_BLOCK = 1 << 20


@contextlib.contextmanager
def spooled(tool: Tool, resolved: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The resolved options, with a file in the place of each pipe; messages name the pipe.

    Raises
    ------
    UsageError
        A device or a terminal, a stream of more than 8 GiB, or no room to keep it.
    """
    with contextlib.ExitStack() as stack:
        spool = _Spool(stack)
        files = {item.name: spool.files(item, resolved[item.name]) for item in tool.inputs if item.name in resolved}
        try:
            yield {**resolved, **files}
        except PrognomicsError as fault:
            fault.what, fault.where, fault.hint = map(spool.named, (fault.what, fault.where, fault.hint))
            raise


class _Spool:
    def __init__(self, stack: contextlib.ExitStack):
        self._stack = stack
        self._scratch: Scratch | None = None
        self._kept: dict[str, Path] = {}

    def files(self, item: Input, value: Any) -> Any:
        if isinstance(value, list):
            return [self.files(item, one) for one in value]
        for path in named_paths(item, value):
            if is_read_once(path):
                kept = self._keep(path)
                role = "" if path == Path(value) else str(value).partition("=")[0] + "="
                return kept if item.type == "data" else f"{role}{kept}"
        return value

    def named(self, text: str) -> str:
        """A message with the names that the user knows."""
        for path, kept in self._kept.items():
            text = text.replace(str(kept), path)
        return text

    def _keep(self, path: Path) -> Path:
        real = os.path.realpath(path)
        known = next((kept for named, kept in self._kept.items() if os.path.realpath(named) == real), None)
        if known is not None:
            return known
        if self._scratch is None:
            self._scratch = Scratch(Path(tempfile.gettempdir()))
            self._stack.callback(self._scratch.close)
        folder = self._scratch.folder / str(len(self._kept))
        folder.mkdir()
        kept = self._kept[str(path)] = folder / path.name
        keep_stream(path, kept)
        result: Path = kept
        return result


def is_read_once(path: Path) -> bool:
    """Whether a path is a pipe or socket.

    Raises
    ------
    UsageError
        A device or a terminal.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        what = "terminal" if os.path.realpath(path).startswith(("/dev/pts/", "/dev/tty")) else "device"
        raise UsageError(f"{str(path)!r} is a {what}, not a file", hint="give a file, or pipe one into it")
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def keep_stream(path: Path, kept: Path) -> None:
    """Write all that a pipe gives to a file.

    Raises
    ------
    UsageError
        More than 8 GiB, or no room to keep it.
    """
    try:
        with _opened(path) as stream, open(kept, "wb") as file:
            _copy(stream, file, path)
    except OSError as fault:
        raise UsageError(f"the stream {str(path)!r} cannot be kept as a file: {fault.strerror}",
                         where=str(kept.parent), hint="set TMPDIR to a folder with room") from None  # fmt: skip


def _opened(path: Path) -> BinaryIO:
    descriptor = descriptor_of(path)
    return open(path if descriptor is None else os.dup(descriptor), "rb", buffering=0)  # type: ignore[return-value]


def _copy(stream: BinaryIO, file: BinaryIO, path: Path) -> None:
    size = 0
    while block := stream.read(_BLOCK):
        file.write(block)
        size += len(block)
        if size > LARGEST_STREAM:
            raise UsageError(f"the stream {str(path)!r} is longer than {LARGEST_STREAM >> 30} GiB",
                             hint="save it as a file and give that")  # fmt: skip
