"""The files that a call reads, by any kind of option: none of them may become an output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from prognomics.errors import UsageError
from prognomics.spec.model import Input, Tool

_Identity = tuple[int, int]


def names_file(item: Input, value: Any) -> bool:
    """Whether one value of an option is a path: of a file, a folder, or of a file behind its role."""
    return isinstance(value, (str, Path)) and (item.type == "data" or item.kind == "path")


def named_paths(item: Input, value: Any) -> list[Path]:
    """The paths that one value of an option names: of a file, a folder, or of a file behind its role (`role=FILE`)."""
    if not names_file(item, value):
        return []
    path = Path(value)
    behind = str(value).partition("=")[2]
    return [path] if item.type == "data" or not behind else [path, Path(behind)]


class Inputs:
    """Files and folders that are read; links are followed, and a second name of a file is that file.

    Parameters
    ----------
    paths : iterable of path
    """

    def __init__(self, paths: Iterable[Path] = ()):
        self._real = {Path(os.path.realpath(path)): path for path in paths if os.path.lexists(path)}

    @classmethod
    def of_call(cls, tool: Tool, given: Mapping[str, Any]) -> Inputs:
        """All that a call of a tool reads, its own spec and script included."""
        found = [tool.spec_path, tool.script_path]
        for item in tool.inputs:
            value = given.get(item.name)
            for one in value if isinstance(value, (list, tuple)) else [value]:
                found += named_paths(item, one)
        return cls(found)

    def refuse_outputs(self, places: Mapping[Path, Path | None]) -> None:
        """Refuse an output that is an input, lies within one, or holds one.

        Parameters
        ----------
        places : mapping of path to path
            Outputs as named, and where they are to stand (None for a stream).

        Raises
        ------
        UsageError
        """
        second_names: dict[_Identity, Path] | None = None
        for target, real in places.items():
            place = Path(os.path.realpath(target)) if real is None else real
            for path, named in self._real.items():
                if place == path or path in place.parents or place in path.parents:
                    raise _is_input(target, named, same=place == path)
            identity = _identity(place)
            if identity is not None:
                if second_names is None:
                    second_names = dict(self._members())
                if identity in second_names:
                    raise _is_input(target, second_names[identity], same=False)

    def _members(self) -> Iterator[tuple[_Identity, Path]]:
        """All files by device and inode, those in folders too, links followed."""
        waiting, seen = list(self._real), set()
        while waiting:
            path = waiting.pop()
            identity = _identity(path, folders=True)
            if identity is None or identity in seen:
                continue
            seen.add(identity)
            if path.is_dir():
                try:
                    waiting += path.iterdir()
                except OSError:
                    continue
            else:
                yield identity, path


def _identity(path: Path, *, folders: bool = False) -> _Identity | None:
    """Device and inode of a file (or folder) that is there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if folders or path.is_file() else None


def _is_input(target: Path, named: Path, *, same: bool) -> UsageError:
    if same:
        return UsageError(f"the output {str(target)!r} is also an input", hint="name another file")
    return UsageError(f"the output {str(target)!r} is also an input: it is, holds or lies within {str(named)!r}",
                      hint="name a place outside of the inputs")  # fmt: skip
