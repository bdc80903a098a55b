"""Which files are the code of a package or a plugin, and their digests."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from prognomics.spec.loader import specs_folder
from prognomics.spec.model import Tool
from prognomics.spec.plugins import package_top

_NOT_CODE = {"__pycache__", "node_modules"}
_MOST_NAMED_BYTES = 64 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal; "" if it is missing or cannot be read."""
    try:
        with open(path, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""


def is_special(path: Path) -> bool:
    """Whether opening a path could wait for ever: a pipe, a socket or a device."""
    return path.exists() and not path.is_file()


def is_builtin(tool: Tool) -> bool:
    """Whether a tool is one of the suite, not of a plugin."""
    return tool.spec_path.parent == specs_folder()


def code_files(folder: Path) -> Iterator[Path]:
    """Files under a folder but for caches, hidden folders, environments and studies' results."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not (f.startswith(".") or f in _NOT_CODE or _is_foreign(place, f)))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _is_foreign(place: str, folder: str) -> bool:
    return any(os.path.exists(os.path.join(place, folder, mark)) for mark in ("pyvenv.cfg", "workflow/plan.json"))


def plugin_files(folder: Path) -> list[tuple[str, str]]:
    """The Python files around a plugin's scripts and each file there that one of them names, with their digests."""
    top = package_top(folder)
    files = [p for p in code_files(top) if not is_special(p)]
    sources = [p for p in files if p.suffix in (".py", ".so", ".pyd")]
    text = b"\n".join(p.read_bytes() for p in sources if p.suffix == ".py" and p.stat().st_size < _MOST_NAMED_BYTES)
    named = [p for p in files if p not in sources and p.name.encode(errors="surrogateescape") in text]
    return [(str(p.relative_to(top)), file_digest(p)) for p in sorted([*sources, *named])]


def plugin_digest(tool: Tool) -> str:
    """SHA-256 of a plugin's tool: its spec, its script, and what `plugin_files` finds around them."""
    digest = hashlib.sha256()
    files = [(path.name, file_digest(path)) for path in (tool.spec_path, tool.script_path)]
    for name, checksum in [*files, *plugin_files(tool.script_path.parent)]:
        digest.update(f"{name}\0{checksum}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
