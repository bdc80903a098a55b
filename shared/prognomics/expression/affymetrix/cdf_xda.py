"""CDF files in binary form (XDA, version 1), little-endian: a table of positions, units, blocks, cells."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np

from prognomics.expression.affymetrix.byte_reader import MAX_CELLS, ByteReader, checked_shape, damaged
from prognomics.expression.affymetrix.cdf_types import COMPLEMENTS, RawProbesets

_UNIT = struct.Struct("<HBiiiiB")  # type, direction, atoms, blocks, cells, number, cells an atom
_BLOCK = struct.Struct("<iiBBii64s")  # atoms, cells, cells an atom, direction, first and last atom, name
_CELL = np.dtype([("atom", "<i4"), ("x", "<u2"), ("y", "<u2"), ("index", "<i4"), ("probe", "u1"), ("target", "u1")])
_EXPRESSION = 1
_NAME_BYTES = 64
_MAX_UNITS = 1 << 22
_MAX_BYTES = 1 << 30
_UNIT_BYTES = 512  # what a unit without its cells may take
_CELL_USES = 4  # probesets that a cell serves, on average at most


def read_xda_cdf(stream: BinaryIO, where: str) -> tuple[str, int, int, RawProbesets]:
    """Chip name (none), columns, rows and the expression probesets."""
    reader = ByteReader(stream, where, "<")
    version = reader.numbers("ii", "the header")[1]
    if version != 1:
        raise damaged(f"this binary CDF file has the version {version}; version 1 is known", where)
    width, height = reader.numbers("HH", "the header")
    columns, rows = checked_shape(width, height, where)
    n_units = reader.count("i", "units", min(_MAX_UNITS, columns * rows))
    n_quality = reader.count("i", "quality control units", min(_MAX_UNITS, columns * rows))
    reader.expect((_NAME_BYTES + 4) * n_units + 4 * n_quality)
    reader.text("the reference sequence")
    names = reader.take(_NAME_BYTES * n_units, "the names of units")
    reader.take(4 * n_quality, "the positions of quality control units")
    positions = np.frombuffer(reader.take(4 * n_units, "the positions of units"), "<i4")
    begins = reader.position
    limit = _UNIT_BYTES * (n_units + n_quality + 1) + _CELL_USES * _CELL.itemsize * columns * rows
    limit = min(limit, _MAX_BYTES)
    body = stream.read(limit)
    if len(body) == limit:
        raise damaged("the file is damaged: it holds more than a chip of its size can have", where)
    found = _units(body, (positions.astype(np.int64) - begins).tolist(), names, where)
    return "", columns, rows, found


def _units(body: bytes, positions: list[int], names: bytes, where: str) -> RawProbesets:
    probesets, sizes, parts, total = [], [], [np.empty(0, dtype=_CELL)], 0
    for number, position in enumerate(positions):
        try:
            kind, _, _, n_blocks, _, _, _ = _UNIT.unpack_from(body, _inside(position, body))
            if kind != _EXPRESSION:
                continue
            position += _UNIT.size
            if not 0 <= n_blocks <= len(body) // _BLOCK.size:
                raise ValueError
            for _ in range(n_blocks):
                _, n_cells, _, _, _, _, name = _BLOCK.unpack_from(body, _inside(position, body))
                position += _BLOCK.size
                if n_cells < 0 or position + n_cells * _CELL.itemsize > len(body):
                    raise ValueError
                parts.append(np.frombuffer(body, _CELL, n_cells, position))
                position += n_cells * _CELL.itemsize
                total += n_cells
                if total > MAX_CELLS:
                    raise ValueError
                probesets.append(_name(name, names[_NAME_BYTES * number : _NAME_BYTES * (number + 1)]))
                sizes.append(n_cells)
        except (struct.error, ValueError):
            raise damaged(f"the file is truncated or damaged: unit {number + 1:,} of {len(positions):,} does not lie "
                          "within it", where) from None  # fmt: skip
    cells = np.concatenate(parts)
    return RawProbesets(probesets, sizes, cells["x"], cells["y"], _perfect_match(cells))


def _inside(position: int, body: bytes) -> int:
    """The position itself; `struct` would count a negative one from the end."""
    if not 0 <= position < len(body):
        raise ValueError
    return position


def _name(block: bytes, unit: bytes) -> str:
    name = block.split(b"\0", 1)[0].decode("latin-1")
    return unit.split(b"\0", 1)[0].decode("latin-1") if name in ("", "NONE") else name


def _perfect_match(cells: np.ndarray) -> np.ndarray:
    table = np.zeros((256, 256), dtype=bool)
    for probe, target in COMPLEMENTS:
        for p in (probe, probe.upper()):
            for t in (target, target.upper()):
                table[ord(p), ord(t)] = True
    result: np.ndarray = table[cells["probe"], cells["target"]]
    return result
