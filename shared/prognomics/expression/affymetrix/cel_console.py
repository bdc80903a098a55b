"""CEL files of the Command Console ("Calvin"): groups of self-describing data sets, big-endian, UTF-16 names."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from prognomics.expression.affymetrix.byte_reader import ByteReader, checked_shape, damaged
from prognomics.expression.affymetrix.cel_types import Cel, CelHeader, chip_in

if TYPE_CHECKING:
    from prognomics.expression.affymetrix.cel_types import Check

_MAX_PARAMETERS = 10_000
_MAX_PARENTS = 1_000
_MAX_DEPTH = 20
_MAX_SETS = 100
_MAX_COLUMNS = 100
_LARGEST_CELL = 18  # bytes, of a cell in all data sets
_FLOAT = 6  # the code of the column type float32


def read_console_cel(stream: BinaryIO, where: str, check: Check) -> Cel:
    """Read the data sets `Intensity`, `Outlier` and `Mask` of the only data group."""
    reader = ByteReader(stream, where, ">")
    reader.take(2, "the header")
    n_groups = reader.count("i", "data groups", _MAX_SETS)
    first_group = reader.number("I", "the header")
    said: dict[str, bytes] = {}
    kind = _data_header(reader, said, 0)
    if kind != b"affymetrix-calvin-intensity":
        shown = kind.decode("latin-1")[:60]
        raise damaged(f"this Command Console file holds {shown!r}, no intensities of one channel", where)
    if n_groups != 1:
        raise damaged(f"the file has {n_groups} groups of data; arrays of one channel have one", where)
    columns, rows = (_whole_number(said, f"affymetrix-cel-{axis}", where) for axis in ("cols", "rows"))
    checked_shape(columns, rows, where)
    header = CelHeader("command console", columns, rows, _chip(said))
    check(header)
    reader.expect(_LARGEST_CELL * columns * rows)
    reader.skip_to(first_group, "the data group")
    return _read_sets(reader, header)


def _data_header(reader: ByteReader, said: dict[str, bytes], depth: int) -> bytes:
    """The identifier of a header's data; its parameters, and those of its parents where new, go into `said`."""
    if depth > _MAX_DEPTH:
        raise damaged("the file is damaged: its headers are nested without end", reader.where)
    kind = reader.text("the data's identifier")
    reader.text("the file's identifier")
    reader.wide_text("the date")
    reader.wide_text("the language")
    for _ in range(reader.count("i", "parameters", _MAX_PARAMETERS)):
        name, value = _parameter(reader)
        said.setdefault(name, value)
    for _ in range(reader.count("i", "parent headers", _MAX_PARENTS)):
        _data_header(reader, said, depth + 1)
    return kind


def _parameter(reader: ByteReader) -> tuple[str, bytes]:
    name, value = reader.wide_text("a parameter's name"), reader.text("a parameter's value")
    reader.wide_text("a parameter's type")
    return name, value


def _whole_number(said: dict[str, bytes], name: str, where: str) -> int:
    value = said.get(name, b"")[:4]
    if len(value) < 4:
        raise damaged(f"the header does not say {name}", where)
    return int.from_bytes(value, "big", signed=True)


def _chip(said: dict[str, bytes]) -> str:
    def text(name: str) -> str:
        return said.get(name, b"").decode("utf-16-be", "replace").strip("\0 ")

    dat_header = text("affymetrix-dat-header") or text("affymetrix-partial-dat-header")
    return text("affymetrix-array-type") or chip_in(dat_header)


def _read_sets(reader: ByteReader, header: CelHeader) -> Cel:
    reader.numbers("I", "the data group")  # where the next group begins
    position = reader.number("I", "the data group")
    n_sets = reader.count("i", "data sets", _MAX_SETS)
    reader.wide_text("the group's name")
    n_cells = header.columns * header.rows
    intensity, sizes = None, {"Mask": 0, "Outlier": 0}
    for _ in range(n_sets):
        reader.skip_to(position, "a data set")
        begins, position = reader.numbers("II", "a data set's header")
        name = reader.wide_text("a data set's name")
        for _ in range(reader.count("i", "parameters", _MAX_PARAMETERS)):
            _parameter(reader)
        kinds, width = [], 0
        for _ in range(reader.count("i", "columns of a data set", _MAX_COLUMNS)):
            reader.wide_text("a column's name")
            kind, size = reader.numbers("bi", "a column's type")
            kinds.append(kind)
            width += size
        n_rows = reader.count("I", "rows of a data set", n_cells)
        if name == "Intensity":
            intensity = _intensity(reader, begins, kinds, width, n_rows, n_cells)
        elif name in sizes:
            sizes[name] = n_rows
    if intensity is None:
        raise damaged("the file holds no data set named Intensity", reader.where)
    reader.skip_to(position, "the last data set")
    return Cel(header, intensity, sizes["Mask"], sizes["Outlier"])


def _intensity(reader: ByteReader, begins: int, kinds: list[int], width: int, n_rows: int, n_cells: int) -> np.ndarray:
    if kinds != [_FLOAT] or width != 4 or n_rows != n_cells:
        raise damaged(f"the intensities of {n_cells:,} cells are wanted as one column of numbers; the file states "
                      f"{len(kinds)} columns and {n_rows:,} rows", reader.where)  # fmt: skip
    reader.skip_to(begins, "the intensities")
    return np.frombuffer(reader.take(4 * n_cells, "the intensities"), ">f4").astype(np.float32)
