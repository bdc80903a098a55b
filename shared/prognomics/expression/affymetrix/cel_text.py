"""CEL files of version 3: text of MAS, sections of lines, one line for each cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from prognomics.expression.affymetrix.byte_reader import checked_shape, damaged
from prognomics.expression.affymetrix.cel_types import Cel, CelHeader, chip_in
from prognomics.expression.affymetrix.text_lines import BLOCK_BYTES, assignments, line_blocks, whole_number

if TYPE_CHECKING:
    from prognomics.expression.affymetrix.cel_types import Check

_HEAD_BYTES = 1 << 16
_CELL_BYTES = 200  # more than the line of a cell takes
_INTENSITY = re.compile(rb"^[ \t]*\[INTENSITY\][ \t]*$", re.MULTILINE)
_COUNT = re.compile(rb"^[ \t]*NumberCells[ \t]*=[ \t]*(\d{1,9})[ \t]*$", re.MULTILINE)
_FIELDS = re.compile(rb"^[ \t]*CellHeader[ \t]*=[ \t]*X[ \t]+Y[ \t]+MEAN[ \t]+STDV[ \t]+NPIXELS[ \t]*\n", re.MULTILINE)


def read_text_cel(stream: BinaryIO, where: str, check: Check) -> Cel:
    """Read the sections HEADER and INTENSITY, and count the cells of MASKS and OUTLIERS."""
    head = next(line_blocks(stream, where, _HEAD_BYTES), b"")
    begins = _INTENSITY.search(head)
    fields = _FIELDS.search(head, begins.end()) if begins else None
    count = _COUNT.search(head, begins.end(), fields.start()) if begins and fields else None
    if begins is None or fields is None or count is None:
        raise damaged("the file is truncated or damaged: it has no section [INTENSITY] with NumberCells and CellHeader",
                      where)  # fmt: skip
    header = _header(head[: begins.start()].decode("latin-1"), where)
    check(header)
    n_cells = header.columns * header.rows
    if int(count.group(1)) != n_cells:
        raise damaged(f"the file is damaged: it states {int(count.group(1)):,} cells, but {header.columns} columns and "
                      f"{header.rows} rows", where)  # fmt: skip
    cells = _Cells(header, where)
    rest = cells.add(head[fields.end() :])
    blocks = line_blocks(stream, where)
    while rest is None and (block := next(blocks, None)) is not None:
        rest = cells.add(block)
    intensity = cells.finished()
    tail = [rest or b""]
    for block in blocks:
        tail.append(block)
        if sum(map(len, tail)) > 64 * n_cells + _HEAD_BYTES:
            raise damaged("the file is damaged: more follows the intensities than an array can have", where)
    text = b"".join(tail)
    sizes = [_section_size(text, name, n_cells, where) for name in (b"MASKS", b"OUTLIERS")]
    return Cel(header, intensity, *sizes)


def _header(text: str, where: str) -> CelHeader:
    said = assignments(text)
    if said.get("version") != "3":
        raise damaged(f"this text CEL file has the version {said.get('version', '')[:20]!r}; version 3 is known", where)
    columns, rows = checked_shape(whole_number(said, "Cols", where), whole_number(said, "Rows", where), where)
    return CelHeader("text", columns, rows, chip_in(said.get("datheader", "")))


class _Cells:
    """Collects the lines of cells, each at its place; every cell must come once."""

    def __init__(self, header: CelHeader, where: str):
        self._header, self._where = header, where
        self._intensity = np.full(header.columns * header.rows, np.nan)
        self._n_lines = 0
        self._room = _HEAD_BYTES + BLOCK_BYTES + _CELL_BYTES * self._intensity.size

    def add(self, block: bytes) -> bytes | None:
        """Take the cells of a block; what follows them when the section ends in it, else None."""
        self._room -= len(block)
        if self._room < 0:
            raise damaged("the file is damaged: its cells take more text than an array can have", self._where)
        end = block.find(b"[")
        values = self._numbers(block if end < 0 else block[:end])
        x, y = values[:, 0], values[:, 1]
        columns, rows = self._header.columns, self._header.rows
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows) & (x == np.floor(x)) & (y == np.floor(y))
        if not inside.all():
            first = values[np.flatnonzero(~inside)[0]]
            raise damaged(f"the file is damaged: a cell has the position {first[0]:g}, {first[1]:g}", self._where)
        place = (y * columns + x).astype(np.int64)
        if np.isnan(values[:, 2]).any():
            raise damaged("the file is damaged: the intensity of a cell is no number", self._where)
        self._intensity[place] = values[:, 2]
        self._n_lines += len(values)
        if self._n_lines > self._intensity.size:
            raise damaged("the file is damaged: it holds more cells than the array has", self._where)
        return None if end < 0 else block[end:]

    def _numbers(self, text: bytes) -> np.ndarray:
        """The five numbers of each line, shape (n_lines, 5)."""
        lines = text.count(b"\n") - text.count(b"\n\n") + (not text.endswith(b"\n"))
        try:
            # stops at what is no number, with a warning or, in later versions, an error
            values = np.fromstring(text, sep=" ") if text.strip() else np.empty(0)
        except (ValueError, DeprecationWarning):
            values = np.empty(1)
        if values.size % 5 or (values.size and abs(values.size // 5 - lines) > 1):
            raise damaged("the file is damaged: a cell's line has not five numbers (X, Y, MEAN, STDV, NPIXELS)",
                          self._where)  # fmt: skip
        return values.reshape(-1, 5)

    def finished(self) -> np.ndarray:
        missing = self._intensity.size - self._n_lines
        if not missing and np.isnan(self._intensity).any():
            raise damaged("the file is damaged: a cell occurs twice", self._where)
        if missing:
            raise damaged(f"the file is truncated: {missing:,} of {self._intensity.size:,} cells are missing",
                          self._where)  # fmt: skip
        return self._intensity


def _section_size(text: bytes, name: bytes, limit: int, where: str) -> int:
    begins = text.find(b"[" + name + b"]")
    found = _COUNT.search(text, begins) if begins >= 0 else None
    size = int(found.group(1)) if found else 0
    if size > limit:
        raise damaged(f"the file is damaged: it states {size:,} cells in the section {name.decode()}", where)
    return size
