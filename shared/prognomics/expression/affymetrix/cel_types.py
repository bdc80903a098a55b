"""What a CEL file of any format holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_CHIP = re.compile(r"([^\s\x14]+)\.1sq", re.IGNORECASE)


@dataclass(frozen=True)
class CelHeader:
    """What a CEL file states of itself before its intensities.

    Attributes
    ----------
    format : str
        `text` (version 3), `xda` (binary version 4) or `command console`.
    columns, rows : int
    chip : str
        Chip type, such as `HG-U133_Plus_2`; empty where the file does not name it.
    """

    format: str
    columns: int
    rows: int
    chip: str


@dataclass(frozen=True)
class Cel:
    """One array.

    Attributes
    ----------
    header : CelHeader
    intensity : numpy.ndarray, shape=(rows * columns,)
        Cell (x, y) stands at y * columns + x. float64 from text, float32 from binary files.
    n_masked, n_outliers : int
        Cells that a user masked or the scanner's software called outliers. They are kept, as affy keeps them.
    """

    header: CelHeader
    intensity: np.ndarray
    n_masked: int
    n_outliers: int


Check = Callable[[CelHeader], None]


def chip_in(dat_header: str) -> str:
    """The chip type that a DAT header names: the word that ends in `.1sq`."""
    found = _CHIP.search(dat_header)
    return found.group(1) if found else ""
