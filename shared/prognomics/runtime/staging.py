"""Outputs written all together or not at all; what stood at their paths before a failed call stays as it was."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from prognomics.errors import UsageError
from prognomics.io.scratch import Scratch
from prognomics.runtime.inputs import Inputs

# of the 255 bytes of a name: what is made from a file (`NAME.gz`, an editor's copy) must still have one
LONGEST_NAME = 240
_DESCRIPTOR = re.compile(r"/(?:dev/fd|proc/(?:self|thread-self)/fd)/(\d+)")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def _is_stream(path: Path) -> bool:
    """Whether a path is a device or pipe, such as /dev/stdout (also where a shell has put a file behind it)."""
    parents = [str(p) for p in path.absolute().parents]
    if parents[0] in ("/dev", "/dev/fd") or "/proc" in parents:
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


class Staging:
    """Writes files into a scratch folder beside their final paths, and places them there together at the end.

    Use as a context manager. On an error, and where one of the outputs cannot be placed, nothing is changed at any
    output path.

    Raises
    ------
    UsageError
        An output that cannot be written, or that is an input or another output.
    """

    def __init__(self, targets: list[Path], inputs: Inputs):
        self._parts: dict[Path, Path] = {}
        self._scratch: dict[Path, Scratch] = {}
        self._real = {target: _checked(target) for target in targets}
        inputs.refuse_outputs(self._real)
        _refuse_shared(targets, self._real)

    def write(self, target: Path, writer: Callable[[Path], None]) -> Path:
        """Let `writer` write a file that becomes `target` at the end; returns where it is now."""
        with _writing(target):
            real = self._real[target]
            parent = Path(tempfile.gettempdir()) if real is None else real.parent
            if parent not in self._scratch:
                self._scratch[parent] = Scratch(parent)
            part = self._parts[target] = self._scratch[parent].folder / str(len(self._parts))
            writer(part)
        return part

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        try:
            if kind is None:
                self._place()
        finally:
            for scratch in self._scratch.values():
                scratch.close()

    def _place(self) -> None:
        journals = [scratch.journal for scratch in self._scratch.values()]
        try:
            # streams last: what they were given cannot be taken back
            for target, part in sorted(self._parts.items(), key=lambda item: self._real[item[0]] is None):
                with _writing(target):
                    self._place_one(target, part)
        except BaseException:
            for journal in reversed(journals):
                with contextlib.suppress(OSError):
                    journal.take_back()
            raise
        for journal in journals:
            journal.done()

    def _place_one(self, target: Path, part: Path) -> None:
        real = self._real[target]
        if real is None:
            if part.is_dir():
                raise UsageError(f"the output {str(target)!r} is a stream, and a folder is made", hint="name a folder")
            with open(part, "rb") as content, _stream(target) as stream:
                shutil.copyfileobj(content, stream)
        elif real.exists() and real.is_dir() != part.is_dir():
            raise UsageError(f"the output {str(target)!r} is a folder where a file is made, or the reverse",
                             hint="name another place")  # fmt: skip
        else:
            self._scratch[real.parent].journal.place(int(part.name), real)


def _checked(target: Path) -> Path | None:
    """Where an output is to stand, links followed; None for a stream."""
    shown = repr(str(target))
    if len(os.fsencode(target.name)) > LONGEST_NAME:
        raise UsageError(f"the name of the output {shown[:60]}... is longer than {LONGEST_NAME} bytes",
                         hint="give it a shorter name")  # fmt: skip
    with _writing(target):
        if _is_stream(target):
            return None
        real = Path(os.path.realpath(target))
        if real.is_symlink():
            raise UsageError(f"the output {shown} is a link that leads back to itself", hint="remove the link")
        if real.is_dir() and any(real.iterdir()):
            raise UsageError(f"the output {shown} is a folder that holds files", hint="name a new one")
    if not real.parent.is_dir():
        if target.is_symlink():
            raise UsageError(f"the output {shown} is a link to {os.readlink(target)!r}, whose folder does not exist",
                             hint="remove the link, or make the folder")  # fmt: skip
        raise UsageError(f"the folder of the output {shown} does not exist", hint="make it first")
    if not os.access(real.parent, os.W_OK):
        raise UsageError(f"the folder of the output {shown} is not writable", hint="name another")
    return real


def _refuse_shared(targets: list[Path], real: dict[Path, Path | None]) -> None:
    places = [real[target] or Path(os.path.realpath(target)) for target in targets]
    for target, place in zip(targets, places, strict=True):
        if places.count(place) > 1 or any(other in place.parents for other in places):
            raise UsageError(f"the output {str(target)!r} is also another output, or within one",
                             hint="give each output a place of its own")  # fmt: skip


def descriptor_of(path: Path) -> int | None:
    """The number of the open file that a path such as /dev/stdin or /dev/fd/63 represents."""
    text = str(path.absolute())
    number = _DESCRIPTOR.fullmatch(text)
    return _STANDARD.get(text, int(number[1]) if number else None)


@contextlib.contextmanager
def _stream(target: Path) -> Iterator[BinaryIO]:
    """A stream open for writing; a descriptor that the shell opened is used as it is, so that `>>` appends."""
    descriptor = descriptor_of(target)
    with open(target if descriptor is None else os.dup(descriptor), "wb", buffering=0) as stream:
        yield stream  # type: ignore[misc]


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Faults of the disk as errors that say what to do."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno is None:
            raise
        raise UsageError(f"the output {str(target)[:200]!r} cannot be written: {os.strerror(error.errno)}",
                         hint="name another place") from None  # fmt: skip
