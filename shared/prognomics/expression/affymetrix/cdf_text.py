"""CDF files as text: a section for each unit and each of its blocks, one line for each cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

import numpy as np

from prognomics.expression.affymetrix.byte_reader import MAX_CELLS, checked_shape, damaged
from prognomics.expression.affymetrix.cdf_types import RawProbesets, is_perfect_match
from prognomics.expression.affymetrix.text_lines import assignments, line_blocks, whole_number

_LONGEST_SECTION = 1 << 24
_UNIT_BYTES, _CELL_BYTES = 4096, 512  # more than what a unit and a cell take
_EXPRESSION = 3
_UNIT = re.compile(r"Unit(\d+)(_Block\d+)?")
_WANTED = ("X", "Y", "PBASE", "TBASE")


def read_text_cdf(stream: BinaryIO, where: str) -> tuple[str, int, int, RawProbesets]:
    """Chip name, columns, rows and the expression probesets."""
    sections = _sections(stream, where)
    chip: dict[str, str] = {}
    for name, text in sections:
        if name == "Chip":
            chip = assignments(text)
            break
        if name != "CDF":
            break
    columns, rows = checked_shape(whole_number(chip, "Cols", where), whole_number(chip, "Rows", where), where)
    n_units = whole_number(chip, "NumberOfUnits", where)
    names, sizes, x, y, perfect = [], [], [], [], []
    seen, kind, total, unit_name = 0, 0, 0, ""
    room = _LONGEST_SECTION + _UNIT_BYTES * min(n_units, MAX_CELLS) + _CELL_BYTES * columns * rows
    for name, text in sections:
        room -= len(text)
        if room < 0:
            raise damaged("the file is damaged: it holds more than a chip of its size can have", where)
        unit = _UNIT.fullmatch(name)
        if not unit:
            continue
        head, _, cells = text.partition("CellHeader=")
        said = assignments(head)
        if unit.group(2) is None:
            seen, kind, unit_name = seen + 1, whole_number(said, "UnitType", where), said.get("name", "")
        elif kind == _EXPRESSION:
            found = _cells(cells, whole_number(said, "NumCells", where), f"{where}, [{name}]")
            block = said.get("name", "")
            names.append(unit_name if block in ("", "NONE") else block)
            sizes.append(len(found))
            total += len(found)
            if total > MAX_CELLS:
                raise damaged(f"the file is damaged: it holds more than {MAX_CELLS:,} cells", where)
            if found:
                xs, ys, probe, target = zip(*found, strict=True)
                x.append(np.array(xs, dtype=np.int64))
                y.append(np.array(ys, dtype=np.int64))
                perfect.append(is_perfect_match(probe, target))
    if seen != n_units:
        raise damaged(f"the file is truncated or damaged: it states {n_units:,} units and holds {seen:,}", where)
    empty = [np.empty(0, dtype=np.int64)]
    raw = RawProbesets(names, sizes, np.concatenate(x or empty), np.concatenate(y or empty),
                       np.concatenate(perfect or [np.empty(0, dtype=bool)]))  # fmt: skip
    return chip.get("name", ""), columns, rows, raw


def _sections(stream: BinaryIO, where: str) -> Iterator[tuple[str, str]]:
    """Name and text of each section."""
    rest = ""
    for block in line_blocks(stream, where):
        parts = (rest + block.decode("latin-1")).split("\n[")
        rest = parts.pop()
        if len(rest) > _LONGEST_SECTION:
            raise damaged("the file is damaged: it has a section of more than 16 MiB", where)
        for part in parts:
            yield _named(part)
    yield _named(rest)


def _named(part: str) -> tuple[str, str]:
    name, _, text = part.lstrip("\ufeff\u00ef\u00bb\u00bf[").partition("]")
    return name, text


@lru_cache(maxsize=16)
def _cell_pattern(fields: str) -> re.Pattern[str]:
    """Finds the wanted fields of cells whose header lists these."""
    names = [name.strip().upper() for name in fields.split("\t")]
    if any(name not in names for name in _WANTED):
        raise ValueError
    groups = {"X": r"(\d{1,5})", "Y": r"(\d{1,5})", "PBASE": r"(\S?)", "TBASE": r"(\S?)"}
    last = max(names.index(name) for name in _WANTED)
    return re.compile(r"^Cell\d+=" + r"\t".join(groups.get(name, r"[^\t\n]*") for name in names[: last + 1])
                      + r"(?=[\t\n]|\Z)", re.MULTILINE)  # fmt: skip


def _cells(text: str, n_cells: int, where: str) -> list[tuple[str, str, str, str]]:
    fields, _, lines = text.partition("\n")
    try:
        found = _cell_pattern(fields.rstrip()[:1000]).findall(lines)
    except ValueError:
        raise damaged("the file is truncated or damaged: a block does not name the fields X, Y, PBASE and TBASE of its "
                      "cells", where) from None  # fmt: skip
    if len(found) != n_cells:
        raise damaged(f"the file is truncated or damaged: a block states {n_cells:,} cells and holds {len(found):,}",
                      where)  # fmt: skip
    return found
