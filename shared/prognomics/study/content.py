"""Digests of what a job depends on: files, folders, and the code that computes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from prognomics.runtime.record import versions
from prognomics.spec.model import Tool

_PACKAGE = Path(__file__).resolve().parents[1]
_NOT_CODE = {"__pycache__", "node_modules"}
_MOST_NAMED_BYTES = 64 << 20


class Digests:
    """SHA-256 of files and folders by their content; each is read once in the life of this object."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def of(self, path: Path) -> str:
        """The digest of a file's bytes, or of the names and bytes of all files in a folder; "" if it is missing."""
        real = Path(os.path.realpath(path))
        if real not in self._known:
            self._known[real] = _folder_digest(real) if real.is_dir() else file_digest(real)
        return self._known[real]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal; "" if it is missing or cannot be read."""
    try:
        with open(path, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_inside(folder), key=os.fspath):
        digest.update(f"{path.relative_to(folder)}\0{file_digest(path)}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _inside(folder: Path) -> Iterator[Path]:
    """Every file in a folder; links to folders are followed, a folder within itself is not."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        here = os.path.realpath(place)
        if here in seen:
            folders.clear()
            continue
        seen.add(here)
        yield from (path for name in files if not _is_special(path := Path(place, name)))


def _is_special(path: Path) -> bool:
    """Whether opening a path could wait for ever: a pipe, a socket or a device."""
    return path.exists() and not path.is_file()


# ------------------------------------------------------------------ code


def code_digest(tool: Tool) -> str:
    """A digest of the code behind a tool's results: spec, script, package, and the main libraries' versions.

    Of a plugin also the Python files around its script (to the top of the package that it is in), and each file
    there that one of them names.
    """
    digest = hashlib.sha256(_package_digest().encode())
    for path in (tool.spec_path, tool.script_path):
        digest.update(f"{path.name}\0{file_digest(path)}\n".encode())
    if not _is_builtin(tool):
        for name, checksum in _plugin_files(tool.script_path.parent):
            digest.update(f"{name}\0{checksum}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _is_builtin(tool: Tool) -> bool:
    from prognomics.spec.loader import specs_folder

    return tool.spec_path.parent == specs_folder()


@cache
def _package_digest() -> str:
    from prognomics.spec.loader import specs_folder

    digest = hashlib.sha256(repr(sorted(versions().items())).encode())
    shared = specs_folder()
    files = [p for p in _code_files(_PACKAGE) if p.suffix != ".md"]
    files += [p for p in _code_files(shared) if p.parent != shared or p.stem in ("suite", "__init__")]
    for path in sorted(files, key=os.fspath):
        digest.update(f"{path.name}\0{file_digest(path)}\n".encode())
    return digest.hexdigest()


def _code_files(folder: Path) -> Iterator[Path]:
    """Files under a folder but for caches, hidden folders, environments and studies' results."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not (f.startswith(".") or f in _NOT_CODE or _is_foreign(place, f)))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _is_foreign(place: str, folder: str) -> bool:
    return any(os.path.exists(os.path.join(place, folder, mark)) for mark in ("pyvenv.cfg", "workflow/plan.json"))


def _plugin_files(folder: Path) -> list[tuple[str, str]]:
    top = _package_top(folder)
    files = [p for p in _code_files(top) if not _is_special(p)]
    sources = [p for p in files if p.suffix in (".py", ".so", ".pyd")]
    text = b"\n".join(p.read_bytes() for p in sources if p.suffix == ".py" and p.stat().st_size < _MOST_NAMED_BYTES)
    named = [p for p in files if p not in sources and p.name.encode(errors="surrogateescape") in text]
    return [(str(p.relative_to(top)), file_digest(p)) for p in sorted([*sources, *named])]


def _package_top(folder: Path) -> Path:
    """The outermost package that a folder is in."""
    while (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return folder
