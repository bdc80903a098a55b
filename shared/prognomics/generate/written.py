"""Generated files on disk: those that differ are written; those that are outdated are named."""

from __future__ import annotations

from pathlib import Path


def write_changed(wanted: dict[Path, str]) -> list[Path]:
    """Write the files whose text differs; returns their paths."""
    written = []
    for path, text in wanted.items():
        if not path.is_file() or path.read_bytes() != text.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    return written


def outdated_files(wanted: dict[Path, str]) -> list[Path]:
    """The files that are missing or have another text."""
    return [p for p, text in wanted.items() if not p.is_file() or p.read_bytes() != text.encode()]
