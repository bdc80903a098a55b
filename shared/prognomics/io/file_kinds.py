"""Files distinguished by content, and hashed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from prognomics.io.text_file import open_bytes

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_BLOCK = 1 << 20


def is_hdf5(path: Path) -> bool:
    with open(path, "rb") as handle:
        return handle.read(8) == HDF5_MAGIC


def sha256(path: Path) -> str:
    """SHA-256 of a file's decompressed content, or of a folder's names and checksums, in hexadecimal."""
    digest = hashlib.sha256()
    if path.is_dir():
        for inside in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(f"{inside.relative_to(path)} {sha256(inside)}\n".encode())
        return digest.hexdigest()
    with open_bytes(path) as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
