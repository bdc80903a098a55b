"""CDF files: which cells of a chip measure which probeset, as text or binary (XDA), plain or gzip."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prognomics.errors import BadInput, first_few
from prognomics.expression.affymetrix.cdf_types import RawProbesets
from prognomics.io.text_file import open_bytes

EXPRESSION_ONLY = "give the CDF of an expression chip with perfect-match probes"


@dataclass(frozen=True)
class ChipLayout:
    """The perfect-match probes of a chip's probesets.

    Attributes
    ----------
    chip : str
        The name that the file gives to the chip; binary files give none.
    columns, rows : int
        Size of the array in cells.
    probeset_ids : list of str
        In alphabetical order (of code points).
    n_probes : numpy.ndarray of int, shape=(n_probesets,)
    cells : numpy.ndarray of int, shape=(n_probes.sum(),)
        The cells of the first probeset, then of the second, ...; cell (x, y) has the number y * columns + x. A cell
        that serves two probesets occurs twice.
    """

    chip: str
    columns: int
    rows: int
    probeset_ids: list[str]
    n_probes: np.ndarray
    cells: np.ndarray


def read_cdf(path: Path) -> ChipLayout:
    """Read a CDF file of either format, recognized by content.

    A cell is a perfect match when its probe's base and the target's base at the interrogated position are
    complementary; mismatch cells are excluded, as are units other than expression.

    Raises
    ------
    BadInput
        No CDF file, one that is truncated or damaged, without expression probesets or perfect-match cells, or one
        whose probesets share a name.
    """
    where = str(path)
    with open_bytes(path) as stream:
        head = stream.read(8)
        stream.seek(0)
        if head.lstrip(b"\xef\xbb\xbf").startswith(b"[CDF]"):
            from prognomics.expression.affymetrix.cdf_text import read_text_cdf

            chip, columns, rows, raw = read_text_cdf(stream, where)
        elif head.startswith(b"\x43\x00\x00\x00"):
            from prognomics.expression.affymetrix.cdf_xda import read_xda_cdf

            chip, columns, rows, raw = read_xda_cdf(stream, where)
        else:
            raise BadInput(
                _what(head), where=where, hint="give the chip's CDF file, text or binary (XDA), plain or gzip"
            )
    return _layout(chip, columns, rows, raw, where)


def _what(head: bytes) -> str:
    if not head:
        return "the file is empty"
    if head.startswith((b"[CEL]", b"\x40\x00\x00\x00", b"\x3b\x01")):
        return "this is an array (CEL), not a chip description (CDF)"
    return "this is no chip description (CDF)"


def _layout(chip: str, columns: int, rows: int, raw: RawProbesets, where: str) -> ChipLayout:
    if not raw.names:
        raise BadInput("the chip description holds no expression probesets", where=where, hint=EXPRESSION_ONLY)
    if ((raw.x >= columns) | (raw.y >= rows)).any():
        raise BadInput("a cell lies outside of the chip", where=f"{where}: {columns} columns, {rows} rows",
                       hint="get the CDF file anew")  # fmt: skip
    owner = np.repeat(np.arange(len(raw.names)), raw.sizes)[raw.perfect_match]
    n_probes = np.bincount(owner, minlength=len(raw.names))
    if not owner.size:
        raise BadInput("the chip description holds no perfect-match cells", where=where, hint=EXPRESSION_ONLY)
    doubled = [name for name, n in Counter(raw.names).items() if n > 1]
    if doubled:
        raise BadInput("probesets share a name", where=f"{where}: {first_few(doubled)}", hint=EXPRESSION_ONLY)
    cells = (raw.y[raw.perfect_match].astype(np.int64) * columns + raw.x[raw.perfect_match]).astype(np.int64)
    order = [i for i in sorted(range(len(raw.names)), key=raw.names.__getitem__) if n_probes[i]]
    ends = np.cumsum(n_probes)
    parts = [cells[ends[i] - n_probes[i] : ends[i]] for i in order]
    return ChipLayout(chip, columns, rows, [raw.names[i] for i in order], n_probes[order], np.concatenate(parts))
