"""CEL files of version 4: the binary format of GCOS (XDA), little-endian."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from prognomics.expression.affymetrix.byte_reader import ByteReader, checked_shape, damaged
from prognomics.expression.affymetrix.cel_types import Cel, CelHeader, chip_in

if TYPE_CHECKING:
    from prognomics.expression.affymetrix.cel_types import Check

_CELL = np.dtype([("intensity", "<f4"), ("deviation", "<f4"), ("pixels", "<i2")])
_LARGEST_CELL = 18  # bytes, of a cell that is masked and an outlier


def read_xda_cel(stream: BinaryIO, where: str, check: Check) -> Cel:
    """Read what follows the format described by Affymetrix for version 4."""
    reader = ByteReader(stream, where, "<")
    version = reader.numbers("ii", "the header")[1]
    if version != 4:
        raise damaged(f"this binary CEL file has the version {version}; version 4 is known", where)
    columns, rows, n_cells = reader.numbers("iii", "the header")
    checked_shape(columns, rows, where)
    if n_cells != columns * rows:
        raise damaged(f"the file is damaged: it states {n_cells:,} cells, but {columns} columns and {rows} rows", where)
    text = reader.text("the header").decode("latin-1")
    header = CelHeader("xda", columns, rows, chip_in(text))
    check(header)
    reader.expect(_LARGEST_CELL * n_cells)
    reader.text("the algorithm's name")
    reader.text("the algorithm's parameters")
    reader.number("i", "the header")  # cell margin
    n_outliers = reader.count("I", "outlier cells", n_cells)
    n_masked = reader.count("I", "masked cells", n_cells)
    reader.number("i", "the header")  # sub-grids
    cells = np.frombuffer(reader.take(_CELL.itemsize * n_cells, "the intensities"), _CELL)
    reader.take(4 * (n_masked + n_outliers), "the masked and outlier cells")
    return Cel(header, np.ascontiguousarray(cells["intensity"]), n_masked, n_outliers)
