"""Outputs written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..errors import UsageFault


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
        taken = {p.resolve() for p in inputs}
        for target in targets:
            if target.is_dir() and any(target.iterdir()):
                raise UsageFault(f"the output {str(target)!r} is a folder that holds files", hint="name a new one")
            if not target.absolute().parent.is_dir():
                raise UsageFault(f"the folder of the output {str(target)!r} does not exist", hint="make it first")
            if target.resolve() in taken:
                raise UsageFault(f"the output {str(target)!r} is also an input or another output")
            taken.add(target.resolve())

    def write(self, target: Path, writer: Callable[[Path], None]) -> Path:
        """Let `writer` write a file that becomes `target` at the end; returns where it is now."""
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._parts[target] = part
        writer(part)
        return part

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            for target, part in self._parts.items():
                if target.exists() and not (target.is_file() or target.is_dir()):
                    target.write_bytes(part.read_bytes())
                    part.unlink()
                elif target.is_dir() != part.is_dir() and target.exists():
                    _remove(part)
                    raise UsageFault(f"the output {str(target)!r} is a folder where a file is made, or the reverse")
                else:
                    os.replace(part, target)
            return
        for part in self._parts.values():
            _remove(part)
        for target in self.targets:
            if target.is_file():
                target.unlink()
