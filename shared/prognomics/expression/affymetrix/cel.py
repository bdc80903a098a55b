"""CEL files: the intensity of every cell of an array, in the three formats that exist, plain or gzip."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from prognomics.errors import BadInput
from prognomics.expression.affymetrix.cel_types import Cel, CelHeader, Check
from prognomics.io.tar_entries import Part
from prognomics.io.text_file import open_bytes


def read_cel(path: Path | Part, check: Check | None = None) -> Cel:
    """Read a CEL file of any format, recognized by content.

    Parameters
    ----------
    path : path or Part
        Plain or gzip.
    check : callable, optional
        Gets the header before any intensity is read, and raises if this array is not wanted; so a small
        compressed file that claims to be a giant array costs nothing.

    Raises
    ------
    BadInput
        No CEL file, one that is truncated or damaged, or intensities that are negative or no numbers.
    """
    where = str(path)
    with open_bytes(path) as stream:
        head = stream.read(8)
        stream.seek(0)
        cel = _reader(head, where)(stream, where, check or (lambda header: None))
    fine = np.isfinite(cel.intensity) & (cel.intensity >= 0)
    if not fine.all():
        cell = int(np.flatnonzero(~fine)[0])
        y, x = divmod(cell, cel.header.columns)
        raise BadInput(
            f"{np.count_nonzero(~fine)} intensities are negative or no numbers",
            where=f"{where}: the first in cell x={x}, y={y}",
            hint="make the CEL file anew from the scan, or leave the array out",
        )
    return cel


class _Enough(Exception):
    """Ends reading after the header."""


def read_cel_header(path: Path | Part) -> CelHeader:
    """The header of a CEL file alone; raises as `read_cel`."""
    found: list[CelHeader] = []

    def stop(header: CelHeader) -> None:
        found.append(header)
        raise _Enough

    with contextlib.suppress(_Enough):
        read_cel(path, stop)
    return found[0]


def _reader(head: bytes, where: str) -> Callable[[BinaryIO, str, Check], Cel]:
    if head.startswith(b"[CEL]"):
        from prognomics.expression.affymetrix.cel_text import read_text_cel

        return read_text_cel
    if head.startswith(b"\x40\x00\x00\x00"):
        from prognomics.expression.affymetrix.cel_xda import read_xda_cel

        return read_xda_cel
    if head.startswith(b"\x3b\x01"):
        from prognomics.expression.affymetrix.cel_console import read_console_cel

        return read_console_cel
    what = "the file is empty" if not head else "this is no CEL file"
    if head.startswith(b"[CDF]") or head.startswith(b"\x43\x00\x00\x00"):
        what = "this is a chip description (CDF), not a CEL file"
    raise BadInput(
        what, where=where, hint="give CEL files: version 3 (text), version 4 (binary) or Command Console, plain or gzip"
    )
