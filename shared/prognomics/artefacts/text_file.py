"""Text files as strangers give them: plain or gzip by content, any line ending, UTF-8 or Latin-1."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from prognomics.errors import BadInput, UsageFault

GZIP_MAGIC = b"\x1f\x8b"
OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive or a spreadsheet (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls)",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"[CEL]": "a raw Affymetrix array (CEL)",
    b"[CDF]": "an Affymetrix chip description (CDF)",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
BLOCK_BYTES = 1 << 24
LONGEST_LINE = 1 << 28
SAVE_AS_TEXT = "save it as tab-separated text (UTF-8), plain or gzip"


@contextlib.contextmanager
def open_bytes(path: Path | str) -> Iterator[BinaryIO]:
    """Open a file for reading, decompressed when its first bytes say gzip.

    Raises
    ------
    UsageFault
        The file does not exist or is a folder.
    BadInput
        A truncated or damaged gzip file.
    """
    path = Path(path)
    if not path.is_file():
        what = "a folder stands where a file should be" if path.is_dir() else "there is no such file"
        raise UsageFault(what, where=str(path))
    try:
        with path.open("rb") as plain:
            magic = plain.read(2)
            plain.seek(0)
            if magic == GZIP_MAGIC:
                with gzip.GzipFile(fileobj=plain) as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise BadInput(
            "the gzip file is truncated or damaged",
            where=f"{path} ({fault})",
            hint="copy or download it again",
        ) from None
    except OSError as fault:
        raise UsageFault("the file cannot be read", where=f"{path} ({fault.strerror or fault})") from None


def require_text(head: bytes, where: str) -> None:
    """Check that the first bytes of a file look like text.

    Raises
    ------
    BadInput
        The file is empty, binary or of a known other format.
    """
    if not head.strip():
        raise BadInput("the file is empty", where=where)
    for magic, name in OTHER_FORMATS.items():
        if head.startswith(magic):
            raise BadInput(f"the file is {name}, not a text table", where=where, hint=SAVE_AS_TEXT)
    controls = sum(head.count(bytes([c])) for c in range(32) if c not in (9, 10, 12, 13))
    if b"\x00" in head or controls > len(head) // 100:
        raise BadInput("the file is binary, not a text table", where=where, hint=SAVE_AS_TEXT)


def text_blocks(path: Path | str, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of whole lines: line ends are `\\n`, a byte-order mark is removed.

    Parameters
    ----------
    path : path
        Plain or gzip.
    block_bytes : int
        About how many bytes a block holds.

    Raises
    ------
    BadInput
        Empty, binary or damaged files, and a line longer than 256 MiB.
    """
    where = str(path)
    with open_bytes(path) as stream:
        head = stream.read(block_bytes)
        require_text(head[:65536], where)
        head = head.removeprefix(b"\xef\xbb\xbf")
        old_mac = b"\r" in head and b"\n" not in head
        rest, block = b"", head
        while block:
            if b"\x00" in block:
                raise BadInput("the file holds binary data (zero bytes)", where=where, hint=SAVE_AS_TEXT)
            # a line end may be split over two blocks: "\r" stays with what follows it
            text = rest + block
            if old_mac:
                text = text.replace(b"\r", b"\n")
            end = text.rfind(b"\n") + 1
            rest = text[end:]
            if len(rest) > LONGEST_LINE:
                raise BadInput("a line is longer than 256 MiB: not a table", where=where)
            if end:
                yield text[:end].replace(b"\r\n", b"\n")
            block = stream.read(block_bytes)
        if rest.strip(b"\r\n"):
            yield rest.rstrip(b"\r") + b"\n"


def decode(text: bytes) -> str:
    """UTF-8 where it is valid, Latin-1 otherwise."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def read_head(path: Path | str, size: int = 1 << 18) -> str:
    """The first lines of a file as text; the last, perhaps cut line is left out unless it is the only one."""
    block = next(text_blocks(path, size))
    return decode(block)


def read_text(path: Path | str) -> str:
    """A whole (small) text file with `\\n` line ends."""
    return decode(b"".join(text_blocks(path)))
