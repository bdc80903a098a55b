"""Files recognized by content, read safely and hashed; the ground that all readers stand on."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path

from ..errors import BadInput

GZIP_MAGIC = b"\x1f\x8b"
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_BLOCK = 1 << 20


def is_gzip(path: Path) -> bool:
    with open(path, "rb") as handle:
        return handle.read(2) == GZIP_MAGIC


def is_hdf5(path: Path) -> bool:
    with open(path, "rb") as handle:
        return handle.read(8) == HDF5_MAGIC


def open_bytes(path: Path) -> io.BufferedIOBase:
    """The content of a file, decompressed if it is gzip, whatever its name says."""
    return gzip.open(path, "rb") if is_gzip(path) else open(path, "rb")


def read_text(path: Path) -> str:
    """The whole text of a file (UTF-8, else Latin-1), decompressed, line ends made `\\n`.

    Raises
    ------
    BadInput
        If the file is empty, binary or a damaged gzip.
    """
    try:
        with open_bytes(path) as handle:
            content = handle.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            f"the compressed file is damaged or cut short ({error})",
            where=str(path),
            hint="get the file again and compare its size or checksum with the source",
        ) from None
    return decode(content, path)


def decode(content: bytes, path: Path) -> str:
    """Text of decompressed content; `path` serves the message only."""
    if not content.strip():
        raise BadInput("the file is empty", where=str(path), hint="check the step that made it")
    if b"\x00" in content[: 1 << 16] or content.startswith(HDF5_MAGIC):
        raise BadInput(
            "the file is binary where text was expected", where=str(path), hint="give a tab-separated text file"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


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
