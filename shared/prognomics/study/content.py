"""Digests of what a job depends on: files, folders, and the code that computes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from prognomics.runtime.code_files import code_files, file_digest, is_builtin, is_special, plugin_files
from prognomics.runtime.record import versions
from prognomics.spec.loader import specs_folder
from prognomics.spec.model import Tool

_PACKAGE = Path(__file__).resolve().parents[1]


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
        yield from (path for name in files if not is_special(path := Path(place, name)))


# ------------------------------------------------------------------ code


def code_digest(tool: Tool) -> str:
    """A digest of the code behind a tool's results: spec, script, package, and the main libraries' versions.

    Of a plugin also the Python files around its script (to the top of the package that it is in), and each file
    there that one of them names.
    """
    if is_builtin(tool):
        return _builtin_digest(tool.spec_path, tool.script_path, _package_digest())
    digest = _begun(tool.spec_path, tool.script_path, _package_digest())
    for name, checksum in plugin_files(tool.script_path.parent):
        digest.update(f"{name}\0{checksum}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


@cache
def _builtin_digest(spec: Path, script: Path, package: str) -> str:
    return _begun(spec, script, package).hexdigest()


def _begun(spec: Path, script: Path, package: str) -> hashlib._Hash:
    digest = hashlib.sha256(package.encode())
    for path in (spec, script):
        digest.update(f"{path.name}\0{file_digest(path)}\n".encode())
    return digest


@cache
def _package_digest() -> str:
    digest = hashlib.sha256(repr(sorted(versions().items())).encode())
    shared = specs_folder()
    files = [p for p in code_files(_PACKAGE) if p.suffix != ".md"]
    files += [p for p in code_files(shared) if p.parent != shared or p.stem in ("suite", "__init__")]
    for path in sorted(files, key=os.fspath):
        digest.update(f"{path.name}\0{file_digest(path)}\n".encode())
    return digest.hexdigest()
