"""Outputs written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from prognomics.errors import UsageFault

_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENAMETOOLONG, errno.EFBIG}


def _is_stream(path: Path) -> bool:
    """Whether a path is a device or pipe, such as /dev/stdout (also where a shell has put a file behind it)."""
    parents = [str(p) for p in path.absolute().parents]
    if parents[0] in ("/dev", "/dev/fd") or "/proc" in parents:
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


class Staging:
    """Writes files beside their final paths and moves them there together.

    Use as a context manager: on an error nothing is left at any output path, not
    even a file of an earlier run, which could be taken for this one's.
    """

    def __init__(self, targets: list[Path], inputs: list[Path]):
        self._parts: dict[Path, Path] = {}
        self.targets = targets
        self._streams = {target for target in targets if _is_stream(target)}
        taken = {p.resolve() for p in inputs}
        for target in targets:
            if target.is_dir() and any(target.iterdir()):
                raise UsageFault(f"the output {str(target)!r} is a folder that holds files", hint="name a new one")
            if not target.absolute().parent.is_dir():
                raise UsageFault(f"the folder of the output {str(target)!r} does not exist", hint="make it first")
            if target not in self._streams and not os.access(target.absolute().parent, os.W_OK):
                raise UsageFault(f"the folder of the output {str(target)!r} is not writable", hint="name another")
            if target.resolve() in taken:
                raise UsageFault(f"the output {str(target)!r} is also an input or another output")
            taken.add(target.resolve())

    def write(self, target: Path, writer: Callable[[Path], None]) -> Path:
        """Let `writer` write a file that becomes `target` at the end; returns where it is now."""
        if target in self._streams:
            part = Path(tempfile.mkdtemp()) / target.name
        else:
            real = Path(os.path.realpath(target))
            part = real.with_name(f".{real.name}.{os.getpid()}.part")
        self._parts[target] = part
        try:
            writer(part)
        except OSError as error:
            raise _unwritable(error, target) from None
        return part

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            for target, part in self._parts.items():
                try:
                    self._place(target, part)
                except OSError as error:
                    raise _unwritable(error, target) from None
            return
        for target, part in self._parts.items():
            _remove(part.parent if target in self._streams else part)
        for target in self.targets:
            if target.is_file() and target not in self._streams:
                target.unlink()

    def _place(self, target: Path, part: Path) -> None:
        if target in self._streams:
            with open(target, "wb") as stream:
                stream.write(part.read_bytes())
            _remove(part.parent)
        elif target.is_dir() != part.is_dir() and target.exists():
            _remove(part)
            raise UsageFault(f"the output {str(target)!r} is a folder where a file is made, or the reverse")
        else:
            os.replace(part, os.path.realpath(target))


def _unwritable(error: OSError, target: Path) -> Exception:
    if error.errno not in _UNWRITABLE:
        return error
    return UsageFault(f"the output {str(target)!r} cannot be written: {error.strerror}", hint="name another place")
