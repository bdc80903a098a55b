"""The one folder that an assistant may read and write: every path is followed to its end and must stay within it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.errors import Refused, UsageError
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.model import Tool
from prognomics.spec.shipped_yaml import parse_yaml
from prognomics.study.file import DATA
from prognomics.study.plan import STEP, split_role

LIBRARY = "library:"


class Folder:
    """A folder, and nothing outside of it."""

    def __init__(self, root: Path):
        if not root.is_dir():
            raise UsageError(f"{str(root)!r} is not a folder", hint="name the folder that the assistant may use")
        self.root = Path(os.path.realpath(root))

    def inside(self, name: str, base: Path | None = None) -> Path:
        """A path within the folder.

        Raises
        ------
        Refused
            It leads out of the folder, itself or by a link.
        """
        path = Path(os.path.realpath((base or self.root) / name))
        if path != self.root and self.root not in path.parents:
            raise Refused(f"{name[:200]!r} is outside of the folder that was named", hint="use files of this folder")
        if path.is_dir():
            for link in (p for p in path.rglob("*") if p.is_symlink()):
                if self.root not in Path(os.path.realpath(link)).parents:
                    raise Refused(f"{str(link)!r} is a link out of the folder that was named", hint="remove the link")
        return path

    def options(self, tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
        """Options with the paths of files made absolute.

        Raises
        ------
        Refused
            A file outside of the folder, or an address of a server.
        """
        placed = {}
        for name, value in given.items():
            item = next((i for i in tool.inputs if name in (i.name, *i.aliases)), None)
            if item is not None and item.kind == "url":
                raise Refused(f"{name} names a server, which is not allowed here", hint="leave it out")
            if item is not None and (item.type == "data" or item.kind == "path"):
                several = isinstance(value, list)
                found = [self._file(str(one)) for one in (value if several else [value])]
                placed[name] = found if several else found[0]
                if item.artifact == "study":
                    self.study(Path(found[0]))
            else:
                placed[name] = value
        return placed

    def _file(self, value: str) -> str:
        if value.startswith(LIBRARY):
            return value
        role, path = split_role(value)
        return role + str(self.inside(path))

    def study(self, path: Path, data: Path | None = None) -> None:
        """Refuse a study file that names files outside of the folder."""
        for name, local in _named_files(parse_yaml(path.read_bytes(), str(path))):
            self.inside(name, (data or self.root) if local else path.parent)


def _named_files(raw: Any) -> Iterator[tuple[str, bool]]:
    """All files that options of a study may name, and whether they are in its folder of data."""
    known = set(tool_names())
    stack = [raw]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            stack += value.values()
            for key, options in value.items():
                if key in known and isinstance(options, dict):
                    yield from _option_files(load_tool(str(key)), options)


def _option_files(tool: Tool, options: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for item in (i for i in tool.inputs if i.type == "data" or i.kind == "path"):
        value = options.get(item.name)
        for one in map(str, value if isinstance(value, list) else [] if value is None else [value]):
            if not one.startswith((STEP, LIBRARY)):
                name = split_role(one)[1]
                yield name.removeprefix(DATA), item.kind == "path" or name.startswith(DATA)
