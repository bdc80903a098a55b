"""Text files as strangers give them: plain or gzip by content, any line ending, UTF-8, UTF-16 or Latin-1; sheets."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

try:
    from isal import igzip, isal_zlib
except ImportError:  # a platform without this library: the same, some three times slower
    unpack: Any = gzip.GzipFile
    DAMAGES: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
else:
    unpack = igzip.IGzipFile
    DAMAGES = (EOFError, isal_zlib.error, zlib.error, gzip.BadGzipFile)

from prognomics.errors import BadInput, UsageError
from prognomics.io.tar_entries import Part
from prognomics.io.workbook import ZIP_MAGIC, is_workbook, workbook_text

Item = TypeVar("Item")
GZIP_MAGIC = b"\x1f\x8b"
OTHER_FORMATS = {
    ZIP_MAGIC: "a zip archive or a damaged spreadsheet (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls)",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"[CEL]": "a raw Affymetrix array (CEL)",
    b"[CDF]": "an Affymetrix chip description (CDF)",
    b"RDX": "data of R (.rda)",
    b"X\n\x00": "data of R (.rds)",
    b"%%MatrixMarket": "a sparse matrix (MatrixMarket)",
    b"BAM\x01": "an alignment (BAM)",
    b"CRAM": "an alignment (CRAM)",
    b"@HD\t": "an alignment (SAM)",
    b"##fileformat=VCF": "a list of variants (VCF)",
    b"##gff-version": "an annotation of a genome (GFF)",
    b"TYPE\ttext": "an array of Agilent's Feature Extraction, one row per spot",
    b"TYPE\tinteger": "an array of Agilent's Feature Extraction, one row per spot",
    b"PAR1": "a Parquet file",
    b"ARROW1": "a Feather file",
    b"$FL2": "data of SPSS (.sav)",
    b"<stata_dta>": "data of Stata (.dta)",
}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SNIFFED_BYTES, FEWEST_PAIRS, MOSTLY = 1024, 8, 0.8
_MARKUP = re.compile(rb"\s*<(?P<what>!doctype\s+html|html|head|\?xml|!--|error|svg)", re.IGNORECASE)
BLOCK_BYTES = 1 << 22
LONGEST_LINE = 1 << 26
LARGEST_TEXT = 1 << 29
# tables of numbers shrink three- to thirtyfold, sparse counts perhaps fiftyfold; gzip can a thousandfold
MOST_EXPANSION = 100
UNPACKED_FREELY = 1 << 26
RAW_ARRAYS = {
    b"[CEL]": "rma makes a matrix of CEL files",
    b"TYPE\t": "normalize the arrays, such as with limma in R, and give one table of probes × samples",
}
SAVE_AS_TEXT = "save it as tab-separated text (UTF-8), plain or gzip"


class Readable(Protocol):
    """What `open_bytes` gives."""

    def read(self, size: int = -1) -> bytes: ...

    def readline(self, size: int = -1) -> bytes: ...

    def seek(self, position: int) -> int: ...


class _Unpacked:
    """A gzip stream that stops when it grows out of all proportion."""

    def __init__(self, plain: BinaryIO, where: str, size: int):
        self._stream: Any = unpack(fileobj=plain, mode="rb")
        self._where = where
        self._left = UNPACKED_FREELY + MOST_EXPANSION * size

    def read(self, size: int = -1) -> bytes:
        return self._within(self._stream.read(size if size >= 0 else self._left + 1))

    def readline(self, size: int = -1) -> bytes:
        return self._within(self._stream.readline(size if size >= 0 else self._left + 1))

    def seek(self, position: int) -> int:
        """Go back, such as to the beginning after a look at the first bytes; what is read again counts again."""
        result: int = self._stream.seek(position)
        return result

    def _within(self, block: bytes) -> bytes:
        self._left -= len(block)
        if self._left < 0:
            raise BadInput(
                f"the gzip file unpacks to more than {MOST_EXPANSION} times its size: not a table of data",
                where=self._where,
                hint="unpack it, look at it, and give the unpacked file if it is right",
            )
        return block


@contextlib.contextmanager
def open_bytes(path: Path | str | Part) -> Iterator[Readable]:
    """Open a file, or a part of a tar, for reading, decompressed when its first bytes say gzip.

    Raises
    ------
    UsageError
        The file does not exist or is a folder.
    BadInput
        A truncated or damaged gzip file, or one that unpacks to more than 64 MiB and 100 times its size.
    """
    if not isinstance(path, Part):
        path = Path(path)
    whole = path.archive if isinstance(path, Part) else path
    if not whole.is_file():
        what = "a folder stands where a file should be" if whole.is_dir() else "there is no such file"
        raise UsageError(what, where=str(path))
    try:
        with path.open() if isinstance(path, Part) else path.open("rb") as plain:
            magic = plain.read(2)
            plain.seek(0)
            if magic == GZIP_MAGIC:
                yield _Unpacked(plain, str(path), path.size if isinstance(path, Part) else path.stat().st_size)
            else:
                yield plain
    except DAMAGES as fault:
        raise BadInput(
            "the gzip file is truncated or damaged",
            where=f"{path} ({fault})",
            hint="copy or download it again",
        ) from None
    except OSError as fault:
        raise UsageError("the file cannot be read", where=f"{path} ({fault.strerror or fault})") from None


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
            hint = next((text for begin, text in RAW_ARRAYS.items() if head.startswith(begin)), SAVE_AS_TEXT)
            raise BadInput(f"the file is {name}, not a text table", where=where, hint=hint)
    if markup := _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise _web_page(head, markup["what"], where)
    controls = sum(head.count(bytes([c])) for c in range(32) if c not in (9, 10, 12, 13))
    if b"\x00" in head or controls > len(head) // 100:
        raise BadInput("the file is binary, not a text table", where=where, hint=SAVE_AS_TEXT)


def _web_page(head: bytes, markup: bytes, where: str) -> BadInput:
    """The error for a page or a message of a server that was saved under the name of a file of data."""
    is_page = b"html" in markup.lower() or b"<html" in head.lower()
    title = re.search(rb"<title>\s*(.{1,200}?)\s*</title>|<message>\s*(.{1,200}?)\s*</message>", head, re.I | re.S)
    said = decode(next(filter(None, title.groups()))) if title else ""
    return BadInput(
        f"the file is {'a web page (HTML)' if is_page else 'an XML document'}, not a table of data"
        + (f": {' '.join(said.split())!r}" if said else ""),
        where=where,
        hint="the download went wrong: save the file itself, not the page about it",
    )


def text_blocks(path: Path | str, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of whole lines in UTF-8 or Latin-1: line ends are `\n`, a byte-order mark is removed.

    UTF-16 is recoded; of a spreadsheet (XLSX) one sheet comes as tab-separated text (`workbook`). While
    a block is worked on, the next one is read and decompressed in another thread.

    Parameters
    ----------
    path : path
        Plain or gzip.
    block_bytes : int
        About how many bytes a block holds.

    Raises
    ------
    BadInput
        Empty, binary or damaged files, and a line longer than 64 MiB.
    """
    where = str(path)
    with open_bytes(path) as stream:
        head = stream.read(block_bytes)
        if head.startswith(ZIP_MAGIC) and not isinstance(path, Part) and is_workbook(path):
            yield from _whole_lines(iter([workbook_text(path)]), where)
            return
        if encoding := detect_utf16(head):
            yield from _whole_lines(_recoded(head, encoding, stream, block_bytes, where), where)
            return
        require_text(head[:65536], where)
        head = head.removeprefix(b"\xef\xbb\xbf")
        old_mac = b"\r" in head and b"\n" not in head

        def read() -> Iterator[bytes]:
            block = head
            while block:
                if b"\x00" in block:
                    raise BadInput("the file holds binary data (zero bytes)", where=where, hint=SAVE_AS_TEXT)
                yield block.replace(b"\r", b"\n") if old_mac else block
                block = stream.read(block_bytes)

        # a small file needs no thread (and a decoder may give short reads)
        yield from one_ahead(_whole_lines(read(), where), threaded=len(head) >= block_bytes // 2)


def detect_utf16(head: bytes) -> str:
    """The form of UTF-16 that a file begins as; empty for other text.

    Without a byte-order mark, every other byte of Latin letters, digits and delimiters is zero, and none of the others.
    """
    if head.startswith(UTF16):
        return "utf-16"
    first, second = head[:SNIFFED_BYTES:2], head[1:SNIFFED_BYTES:2]
    for low, high, name in ((first, second, "utf-16-le"), (second, first, "utf-16-be")):
        if len(high) >= FEWEST_PAIRS and 0 not in low and high.count(0) > MOSTLY * len(high):
            return name
    return ""


def _recoded(head: bytes, encoding: str, stream: Readable, block_bytes: int, where: str) -> Iterator[bytes]:
    """UTF-16 text in UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    block, old_mac = head, None
    try:
        while block:
            text = decoder.decode(block)
            if old_mac is None:
                require_text(text[:65536].encode(), where)
                old_mac = "\r" in text and "\n" not in text
            yield (text.replace("\r", "\n") if old_mac else text).encode()
            block = stream.read(block_bytes)
        decoder.decode(b"", True)
    except UnicodeError:
        raise BadInput("the file begins as UTF-16 text and is damaged", where=where, hint=SAVE_AS_TEXT) from None


def _whole_lines(blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """The same text in blocks that end with a line."""
    rest: list[bytes] = []  # pieces of a line that is not complete
    n_rest = 0
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end:
            rest.append(block)
            n_rest += len(block)
            if n_rest > LONGEST_LINE:
                raise BadInput("a line is longer than 64 MiB: not a table", where=where)
            continue
        # a line end may be split over two blocks: "\r" stays with what follows it
        lines = b"".join([*rest, memoryview(block)[:end]])
        yield lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines
        rest, n_rest = [block[end:]], len(block) - end
    last = b"".join(rest).rstrip(b"\r")
    if last.strip(b"\n"):
        yield last + b"\n"


def expected_bytes(path: Path | str) -> int:
    """About how many bytes of text a file holds: what a gzip file states of itself (below 4 GiB), or its size.

    Nothing may rely on it; 0 where what is said cannot be.
    """
    with Path(path).open("rb") as plain:
        size = plain.seek(0, 2)
        plain.seek(0)
        if plain.read(2) != GZIP_MAGIC or size < 4:
            return size
        plain.seek(-4, 2)
        told = int.from_bytes(plain.read(4), "little")
    return told if size // 2 <= told <= UNPACKED_FREELY + MOST_EXPANSION * size else 0


def one_ahead(items: Iterator[Item], *, threaded: bool = True) -> Iterator[Item]:
    """The items, each made in another thread while the one before it is in use."""
    if not threaded:
        yield from items
        return
    from concurrent.futures import ThreadPoolExecutor

    end = object()
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, items, end)
        while (item := following.result()) is not end:
            following = maker.submit(next, items, end)
            yield item  # type: ignore[misc]


def decode(text: bytes) -> str:
    """UTF-8 where it is valid, Latin-1 otherwise."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def read_head(path: Path | str, size: int = 1 << 18) -> str:
    """The first lines of a file as text; the last, perhaps cut line is excluded unless it is the only one."""
    block = next(text_blocks(path, size))
    return decode(block)


def read_text(path: Path | str) -> str:
    """A whole text file with `\\n` line ends: a sheet, a mapping, an annotation.

    Raises
    ------
    BadInput
        More than 512 MiB of text.
    """
    blocks, size = [], 0
    for block in text_blocks(path):
        blocks.append(block)
        size += len(block)
        if size > LARGEST_TEXT:
            raise BadInput("the file holds more than 512 MiB of text: no sheet and no annotation", where=str(path))
    return decode(b"".join(blocks))


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line; quotes are honoured where they are balanced and are plain text otherwise."""
    if '"' not in line:
        return line.split(delimiter)
    if line.count('"') % 2 == 0:
        try:
            return next(csv.reader([line], delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration):
            pass
    cells = line.split(delimiter)
    return [c[1:-1] if len(c) > 1 and c[0] == c[-1] == '"' else c for c in cells]
