"""The rows of an expression table: identifiers first, then numbers, exactly as many in each row.

Blocks of text are cut into pieces that stay in the processor's cache. Compiled code reads a piece in one go, straight
into the matrix, which grows in place. If there is none, or a piece is not plain (quotes that enclose delimiters,
empty lines), the piece is split at its delimiters and line ends, and its numbers are read together (`decimals`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.errors import BadInput, note, warn
from prognomics.io.decimals import PADDING, parse_decimals, read_number
from prognomics.io.footnotes import reads_as_footnote
from prognomics.io.text_file import decode, one_ahead

MISSING_NUMBERS = (
    "", "NA", "NaN", "nan", "NAN", "null", "NULL", "Null", "N/A", "n/a", "na", "#N/A", "None", ".",
)  # fmt: skip
PIECE_BYTES = 1 << 17  # its temporary arrays stay in cache, and below what the allocator gives back each time
THREADED_BYTES = 1 << 20
MOST_ODD = 1000  # numbers of a piece that only Python reads, such as 1e300; a piece with more is read without this
MOST_ROWS = 5_000_000
MOST_EXPECTED = 1 << 32  # bytes that are asked for before they are needed
GROWTH = 9 / 8  # in place: pages are moved, not copied
NEWLINE = ord("\n")
_NO_NUMBER = bytes.maketrans(b"\t\n,;", b"????")
Piece = TypeVar("Piece")
_Cut = tuple[bytes, np.ndarray, list[list[str]]]  # padded text, positions of what ends each cell, identifiers


@dataclass(frozen=True)
class NumericRows:
    """Parsed rows.

    Attributes
    ----------
    ids : list of list of str
        One list per identifier column; blanks and enclosing quotes are excluded.
    values : numpy.ndarray of float64, shape (n_rows, n_columns)
        Rounded as Python's `float` rounds; NaN where missing.
    """

    ids: list[list[str]]
    values: np.ndarray


def parse_numeric_rows(
    blocks: Iterable[bytes],
    *,
    delimiter: str,
    columns: list[str],
    n_ids: int,
    where: str,
    first_line: int = 2,
    missing: Iterable[str] = MISSING_NUMBERS,
    keep_infinite: bool = False,
    expected_bytes: int = 0,
    called: tuple[str, str] = ("row", "column"),
) -> NumericRows:
    """Parse blocks of whole lines (`\\n` ends, no header) of an expression table.

    Parameters
    ----------
    blocks : iterable of bytes
        As `text_file.text_blocks` gives them.
    delimiter : str
        One character.
    columns : list of str
        Names of all fields of a row, identifiers included (for messages and for the expected width).
    n_ids : int
        How many leading fields are identifiers.
    where : str
        The file, for messages.
    first_line : int
        Line number of the first row in the file.
    missing : iterable of str
        Spellings of missing; an empty cell is missing in any case.
    keep_infinite : bool
        Leave infinite values as they are; otherwise they are set to missing and warned of (`infinite-values`).
    expected_bytes : int
        About how much text there is, where that is known.
    called : (str, str)
        What a row and a column are called in messages.

    Raises
    ------
    BadInput
        A row with too many or too few fields, or text in a number: line, row, column and value are named.
    """
    table = _Table(delimiter, columns, n_ids, where, frozenset(word.encode() for word in missing), called)
    line = first_line
    blocks = iter(blocks)
    first = next(blocks, b"")
    if expected_bytes and first:
        table.make_room(first.count(b"\n"), expected_bytes / len(first))
    pieces = (piece for block in chain([first], blocks) for piece in _pieces(block))
    if compiled_loops() is not None:
        for block, start, end in chain.from_iterable(_together(pieces)):
            n = table.read(block, start, end)
            line += n or table.add(block[start:end], table.cut(block[start:end]), line)
    else:
        cut = ((piece, table.cut(piece)) for piece in (block[start:end] for block, start, end in pieces))
        for several in one_ahead(_together(cut), threaded=len(first) > THREADED_BYTES):
            for piece, how in several:
                line += table.add(piece, how, line)
    values = table.finished()
    if table.infinite and not keep_infinite:
        n_infinite = sum(len(cells) for cells in table.infinite)
        warn("infinite-values", f"{n_infinite} infinite values of the matrix are treated as missing")
        for cells in table.infinite:
            values.reshape(-1)[cells] = np.nan
    return NumericRows(table.ids, values)


def _pieces(block: bytes) -> Iterator[tuple[bytes, int, int]]:
    """A block, begin and end of its parts, cut at line ends."""
    start = 0
    while start < len(block):
        end = block.rfind(b"\n", start, start + PIECE_BYTES) + 1
        if not end:
            end = block.index(b"\n", start) + 1
        yield block, start, end
        start = end


def _together(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Some at a time: what is wrong with the text behind them is found before what is wrong with them."""
    while several := list(islice(pieces, 8)):
        yield several


class _Table:
    """The rows so far."""

    def __init__(
        self, delimiter: str, columns: list[str], n_ids: int, where: str, missing: frozenset[bytes],
        called: tuple[str, str],
    ):  # fmt: skip
        self.delimiter, self.columns, self.n_ids, self.where = delimiter, columns, n_ids, where
        self.missing, self.called = missing, called
        self.missing_lines = b"".join(word + b"\n" for word in sorted(missing))
        self.ids: list[list[str]] = [[] for _ in range(n_ids)]
        self.values = np.empty((0, len(columns) - n_ids))
        self.n_rows = 0
        self.infinite: list[np.ndarray] = []  # places in the flat matrix
        self.footnote: tuple[int, str] | None = None  # line and text of the first

    def read(self, block: bytes, start: int, end: int) -> int:
        """Parse whole lines that are plain with compiled code; returns how many there are, 0 where they are not."""
        n = block.count(b"\n", start, end)
        spans = np.empty((n, self.n_ids, 2), dtype=np.int64)
        odd = np.empty((MOST_ODD, 3), dtype=np.int64)
        rows = self._room(n)
        n_odd = compiled_loops().plain_rows(
            block, start, end, ord(self.delimiter), self.n_ids, self.missing_lines, rows, spans, odd,
        )  # fmt: skip
        before = (self.n_rows - n) * rows.shape[1]
        for place, begin, end in odd[: max(n_odd, 0)].tolist():
            number = read_number(block[begin:end], self.missing)
            if number is None:
                n_odd = -1
                break
            rows.reshape(-1)[place] = number
            if np.isinf(number):
                self.infinite.append(np.array([before + place]))
        if n_odd < 0:  # nothing of it counts
            self.n_rows -= n
            return 0
        for i, known in enumerate(self.ids):
            cells = [block[begin:end] for begin, end in spans[:, i].tolist()]
            known.extend(name.strip() for name in _decoded(cells))
        return n

    def add(self, piece: bytes, cut: _Cut | None, line: int) -> int:
        """Parse whole lines, the first of which is line number `line`; returns how many there are."""
        n_lines = len(cut[1]) if cut else piece.count(b"\n")
        cut = cut or self._cut_carefully(piece, line)
        if cut is None:
            return n_lines
        padded, positions, ids = cut
        ends = positions[:, self.n_ids :]
        lengths = (ends - positions[:, self.n_ids - 1 : -1]).ravel()
        lengths -= 1
        rows = self._room(len(positions))
        strange, infinite = parse_decimals(padded, ends.ravel(), lengths, self.missing, rows.reshape(-1))
        if strange.size:
            raise self._name_the_cell(piece, line)
        if infinite.size:
            self.infinite.append(infinite + (self.n_rows - len(rows)) * rows.shape[1])
        for known, new in zip(self.ids, ids, strict=True):
            known.extend(new)
        return n_lines

    def finished(self) -> np.ndarray:
        """All values; what follows the last row are footnotes, which a note states."""
        last = self.n_rows
        while last > 1 and reads_as_footnote(self.ids[0][last - 1]) and np.isnan(self.values[last - 1]).all():
            last -= 1
        text = self.ids[0][last] if last < self.n_rows else self.footnote[1] if self.footnote else ""
        if text:
            note("table-footnote", f"{Path(self.where).name}: below the rows taken for footnotes: {text[:60]!r}")
        self.n_rows, self.ids = last, [known[:last] for known in self.ids]
        if not self.n_rows:
            raise BadInput("the table has a header and no rows", where=self.where)
        self.values.resize((self.n_rows, self.values.shape[1]), refcheck=False)
        return self.values

    def make_room(self, n_rows: int, share: float) -> None:
        """Expect `share` times `n_rows` rows: memory that is not written to is not taken."""
        self._grow(min(int(1.02 * n_rows * share) + 1, MOST_EXPECTED // (8 * self.values.shape[1] + 8), MOST_ROWS))

    def _grow(self, capacity: int) -> None:
        if len(self.values):
            self.values.resize((capacity, self.values.shape[1]), refcheck=False)
        else:
            self.values = np.empty((capacity, self.values.shape[1]))

    def _room(self, n: int) -> np.ndarray:
        needed = self.n_rows + n
        if needed > MOST_ROWS:
            raise BadInput(f"the table has more than {MOST_ROWS} rows", where=self.where)
        if needed > len(self.values):
            self._grow(max(needed, int(len(self.values) * GROWTH)))
        self.n_rows = needed
        return self.values[needed - n : needed]

    def cut(self, piece: bytes) -> _Cut | None:
        """Split at every delimiter; None where rows come out unequal, or a quote encloses a delimiter."""
        width = len(self.columns)
        padded = bytes(PADDING) + piece + bytes(PADDING)
        text = np.frombuffer(piece, dtype=np.uint8)
        separates = text == NEWLINE
        n_lines = np.count_nonzero(separates)
        separates |= text == ord(self.delimiter)
        positions: np.ndarray = np.flatnonzero(separates)
        n_rows, rest = divmod(len(positions), width)
        if rest or n_lines != n_rows or (text[positions[width - 1 :: width]] != NEWLINE).any():
            return None
        positions = positions.reshape(n_rows, width)
        ids: list[list[str]] = []
        begins = [0, *(positions[:-1, -1] + 1).tolist()]
        for i in range(self.n_ids):
            ends = positions[:, i].tolist()
            cells = _names([piece[begin:end] for begin, end in zip(begins, ends, strict=True)])
            if cells is None:
                return None
            ids.append(cells)
            begins = [end + 1 for end in ends]
        return padded, positions, ids

    def _cut_carefully(self, piece: bytes, line: int) -> _Cut | None:
        """Split line by line: empty lines are skipped, and quotes may enclose delimiters, or be plain text."""
        width = len(self.columns)
        rows = []
        wrong: list[tuple[int, int, str]] = []
        gap = False
        for number, text in enumerate(piece.split(b"\n")[:-1], start=line):
            if not text:
                gap = True
                continue
            cells = text.split(self.delimiter.encode())
            if b'"' in text:
                quoted = _quoted_cells(text, self.delimiter)
                cells = quoted if quoted is not None and len(quoted) == width else cells
            alone = decode(cells[0]).strip(' "') if not any(cell.strip() for cell in cells[1:]) else ""
            if alone and self.n_rows + len(rows) and reads_as_footnote(alone, behind_gap=gap):
                self.footnote = self.footnote or (number, alone)
                continue
            gap = False
            if self.footnote:
                wrong.append((self.footnote[0], 1, self.footnote[1][:60]))
            if len(cells) != width:
                wrong.append((number, len(cells), decode(cells[0]).strip(' "')[:60]))
            rows.append(cells)
        if wrong:
            raise BadInput(
                f"{len(wrong)} row(s) do not have {width} fields as the header; the first has {wrong[0][1]}",
                where=f"{self.where}, line {wrong[0][0]}, {self.called[0]} {wrong[0][2]!r}",
                hint="every row needs the same number of fields; write NA where a value is missing",
            )
        if not rows:
            return None
        ids = [[decode(row[i]).strip() for row in rows] for i in range(self.n_ids)]
        ids = [[_unquoted(cell) or cell for cell in column] for column in ids]
        # a number holds no delimiter: one inside a cell becomes what no number holds, and the cell is named
        numbers = [[b""] * self.n_ids + [c.translate(_NO_NUMBER) for c in row[self.n_ids :]] for row in rows]
        joined = b"".join(b"\t".join(row) + b"\n" for row in numbers)
        flat = np.frombuffer(joined, dtype=np.uint8)
        positions = np.flatnonzero((flat == ord("\t")) | (flat == NEWLINE)).reshape(len(rows), width)
        return bytes(PADDING) + joined + bytes(PADDING), positions, ids

    def _name_the_cell(self, piece: bytes, line: int) -> BadInput:
        """The error for a piece with text in a number: its first cell that is not a number."""
        for number, text in enumerate(piece.split(b"\n"), start=line):
            cells = text.split(self.delimiter.encode())
            if len(cells) != len(self.columns) or b'"' in cells[0]:
                cells = _quoted_cells(text, self.delimiter) or cells
            for name, cell in zip(self.columns[self.n_ids :], cells[self.n_ids :], strict=False):
                if read_number(cell, self.missing) is not None:
                    continue
                value = decode(cell.strip())
                row, column = self.called
                comma = re.fullmatch(r"[-+]?\d+,\d+", value)
                words = [c for c in cells[self.n_ids :] if c.strip() and c.strip().upper() not in (b"NA", b"NAN")]
                header = len(words) > 1 and all(read_number(c, self.missing) is None for c in words)
                return BadInput(
                    f"text where a number should be: {value[:60]!r}",
                    where=f"{self.where}, line {number}, {row} {decode(cells[0]).strip()[:60]!r}, {column} {name!r}",
                    hint="write decimals with a point, not a comma" if comma
                    else "the line has no number: keep one header line, that which names the samples" if header
                    else "write a number, or NA where it is missing",
                )  # fmt: skip
        return BadInput("the table cannot be read", where=f"{self.where}, from line {line}")


def _names(cells: list[bytes]) -> list[str] | None:
    """Identifiers as text, blanks and enclosing quotes excluded; None where a quote is on one side only."""
    joined = b"\n".join(cells)
    if b'"' in joined:
        if joined.count(b'"') != 2 * len(cells) or joined.count(b'"\n"') != len(cells) - 1:
            names = [_unquoted(decode(cell).strip()) for cell in cells]
            return None if None in names else names  # type: ignore[return-value]
        cells = joined[1:-1].split(b'"\n"')
    return [name.strip() for name in _decoded(cells)]


def _decoded(cells: list[bytes]) -> list[str]:
    try:
        return b"\n".join(cells).decode().split("\n")
    except UnicodeDecodeError:
        return [decode(cell) for cell in cells]


def _unquoted(cell: str) -> str | None:
    """A cell without the quotes that enclose it; None where a quote is on one side only."""
    if not cell.startswith('"') and not cell.endswith('"'):
        return cell
    if len(cell) < 2 or cell[0] != cell[-1] or cell[1:-1].replace('""', "").count('"'):
        return None
    return cell[1:-1].replace('""', '"').strip()


def _quoted_cells(line: bytes, delimiter: str) -> list[bytes] | None:
    """The cells of a line whose quotes may enclose delimiters; None where the quotes do not close."""
    try:
        return [cell.encode() for cell in next(csv.reader([decode(line)], delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration):
        return None
