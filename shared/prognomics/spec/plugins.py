"""Plugins: where folders of further tools are, and the name and version under which each is published."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from importlib.metadata import Distribution, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PLUGIN_GROUP = "prognomics.tools"
PLUGIN_PATH_VARIABLE = "PROGNOMICS_TOOL_PATH"
_PROJECT = "pyproject.toml"
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Plugin:
    """The project that a plugin's folder belongs to; `installed` if its tools are found without a tool path."""

    name: str
    version: str
    folder: Path
    installed: bool
    summary: str = ""
    license: str = ""
    authors: tuple[str, ...] = ()


def tool_path() -> list[Path]:
    """The folders of `PROGNOMICS_TOOL_PATH`, in its order."""
    return [Path(p) for p in os.environ.get(PLUGIN_PATH_VARIABLE, "").split(os.pathsep) if p]


def fix_tool_path() -> None:
    """Make relative folders of the tool path absolute, for processes that work in other folders."""
    if PLUGIN_PATH_VARIABLE in os.environ:
        os.environ[PLUGIN_PATH_VARIABLE] = os.pathsep.join(os.path.abspath(p) for p in tool_path())


def plugin_folders() -> list[Path]:
    """Folders with specs and scripts of plugins: the environment variable, then entry points."""
    return [*tool_path(), *(folder for folder, _ in _installed())]


def _installed() -> list[tuple[Path, Distribution | None]]:
    folders = []
    for entry in sorted(entry_points(group=PLUGIN_GROUP), key=lambda e: e.name):
        found = find_spec(entry.module)
        if found is not None and found.submodule_search_locations:
            folders.append((Path(found.submodule_search_locations[0]), entry.dist))
    return folders


def plugin_at(folder: Path) -> Plugin:
    """The plugin whose tools are in a folder.

    Name and version are those of the installed package; else of the `pyproject.toml` in the folder or next to the
    package that it is; else the folder's name, and no version.
    """
    real = folder.resolve()
    for place, package in _installed():
        if place.resolve() == real and package is not None:
            said = package.metadata
            authors = [said[key] for key in ("Author", "Author-email") if key in said]
            licensed = next((said[key] for key in ("License-Expression", "License") if key in said), "")
            summary = said["Summary"] if "Summary" in said else ""
            return Plugin(package.name, package.version, real, True, summary, licensed, tuple(authors[:1]))
    project = _project(real)
    authors = [str(a.get("name", "")) for a in project.get("authors", []) if isinstance(a, dict)]
    licensed = project.get("license", "")
    return Plugin(
        str(project.get("name") or real.name), str(project.get("version", "")), real, False,
        str(project.get("description", "")), licensed if isinstance(licensed, str) else str(licensed.get("text", "")),
        tuple(filter(None, authors)),
    )  # fmt: skip


def package_top(folder: Path) -> Path:
    """The outermost package that a folder is in."""
    while (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _project(folder: Path) -> dict[str, Any]:
    """The table `project` of the nearest `pyproject.toml` that can be the folder's; empty without one."""
    top = package_top(folder)
    for place in (folder, top, top.parent):
        path = place / _PROJECT
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            try:
                project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError):
                return {}
            return project if isinstance(project, dict) else {}
    return {}
