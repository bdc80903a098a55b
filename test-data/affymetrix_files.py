"""Writers of CEL and CDF files in every format, and made-up arrays: for test data, tests and benchmarks."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

DAT_HEADER = "[0..46118]  made up:CLS=100 RWS=100 XIN=3  YIN=3  VE=17        2.0 01/01/01 12:00:00       {}.1sq  6"


@dataclass(frozen=True)
class Chip:
    """A square chip; each probe has its mismatch in the row below."""

    name: str
    columns: int
    rows: int
    probesets: dict[str, list[tuple[int, int]]]  # perfect-match cells (x, y)

    def perfect_match_cells(self) -> np.ndarray:
        return np.array([y * self.columns + x for cells in self.probesets.values() for x, y in cells])


def made_up_chip(name: str, columns: int, sizes: list[int], rng: np.random.Generator) -> Chip:
    """Probesets of these sizes with their probes strewn over the chip in pairs of rows."""
    places = [(x, 2 * y) for y in range(columns // 2) for x in range(columns)]
    chosen = iter(rng.permutation(len(places))[: sum(sizes)].tolist())
    names = [f"{1000 + i}_at" for i in range(len(sizes))]
    names[0] = "AFFX-MADE_UP_at"
    return Chip(name, columns, columns, {n: [places[next(chosen)] for _ in range(s)] for n, s in zip(names, sizes)})


def made_up_intensities(chip: Chip, n_arrays: int, rng: np.random.Generator) -> np.ndarray:
    """Normal background, log-normal signal by probeset, probe and array; shape (n_arrays, n_cells), one decimal."""
    sizes = [len(cells) for cells in chip.probesets.values()]
    level = (rng.normal(6.5, 2, len(sizes)) + rng.normal(0, 0.5, (n_arrays, len(sizes)))).repeat(sizes, axis=1)
    affinity = rng.normal(0, 1, sum(sizes))
    match = chip.perfect_match_cells()
    values = rng.normal(100, 15, (n_arrays, chip.columns * chip.rows)).clip(20)
    signal = 2 ** (level + affinity + rng.normal(0, 0.3, level.shape))
    values[:, match] += signal
    values[:, match + chip.columns] += 0.3 * signal
    gain = rng.lognormal(0, 0.25, (n_arrays, 1))
    return np.round(gain * values, 1).clip(1, 65000)


def _header_lines(chip: Chip) -> list[str]:
    corners = [f"GridCorner{c}=10 10" for c in ("UL", "UR", "LR", "LL")]
    return [f"Cols={chip.columns}", f"Rows={chip.rows}", f"TotalX={chip.columns}", f"TotalY={chip.rows}", "OffsetX=0",
            "OffsetY=0", *corners, "Axis-invertX=0", "AxisInvertY=0", "swapXY=0",
            f"DatHeader={DAT_HEADER.format(chip.name)}", "Algorithm=Percentile",
            "AlgorithmParameters=Percentile:75;CellMargin:2"]  # fmt: skip


def cel_text(chip: Chip, intensity: np.ndarray, masked=(), outliers=()) -> bytes:
    """Version 3."""
    lines = ["[CEL]", "Version=3", "", "[HEADER]", *_header_lines(chip), "", "[INTENSITY]",
             f"NumberCells={intensity.size}", "CellHeader=X\tY\tMEAN\tSTDV\tNPIXELS"]  # fmt: skip
    lines += [
        f"{i % chip.columns:3}\t{i // chip.columns:3}\t{v:.1f}\t{v / 10:.1f}\t 16" for i, v in enumerate(intensity)
    ]
    for name, cells in (("MASKS", masked), ("OUTLIERS", outliers)):
        lines += ["", f"[{name}]", f"NumberCells={len(cells)}", "CellHeader=X\tY"]
        lines += [f"{c % chip.columns}\t{c // chip.columns}" for c in cells]
    lines += ["", "[MODIFIED]", "NumberCells=0", "CellHeader=X\tY\tORIGMEAN", ""]
    return "\r\n".join(lines).encode()


def _places(chip: Chip, cells, order: str) -> bytes:
    return b"".join(struct.pack(order + "hh", c % chip.columns, c // chip.columns) for c in cells)


def cel_xda(chip: Chip, intensity: np.ndarray, masked=(), outliers=()) -> bytes:
    """Version 4."""
    head = "\n".join([*_header_lines(chip), ""]).encode()
    cells = np.zeros(intensity.size, [("mean", "<f4"), ("sd", "<f4"), ("n", "<i2")])
    cells["mean"], cells["sd"], cells["n"] = intensity, intensity / 10, 16
    text = b"".join(struct.pack("<i", len(t)) + t for t in (head, b"Percentile", b"Percentile:75"))
    return (
        struct.pack("<iiiii", 64, 4, chip.columns, chip.rows, intensity.size)
        + text + struct.pack("<iIIi", 2, len(outliers), len(masked), 0) + cells.tobytes()
        + _places(chip, masked, "<") + _places(chip, outliers, "<")
    )  # fmt: skip


def _wide(text: str) -> bytes:
    return struct.pack(">i", len(text)) + text.encode("utf-16-be")


def _bytes(data: bytes) -> bytes:
    return struct.pack(">i", len(data)) + data


def _parameter(name: str, value: int | float | str) -> bytes:
    if isinstance(value, float):
        return _wide(name) + _bytes(struct.pack(">f", value) + bytes(12)) + _wide("text/x-calvin-float")
    if isinstance(value, int):
        return _wide(name) + _bytes(struct.pack(">i", value) + bytes(12)) + _wide("text/x-calvin-integer-32")
    return _wide(name) + _bytes(value.encode("utf-16-be")) + _wide("text/plain")


def cel_console(chip: Chip, intensity: np.ndarray, masked=(), outliers=()) -> bytes:
    """Command Console."""
    said = {"affymetrix-array-type": chip.name, "affymetrix-cel-cols": chip.columns, "affymetrix-cel-rows": chip.rows,
            "affymetrix-algorithm-name": "Percentile", "affymetrix-algorithm-param-CellMargin": 2}  # fmt: skip
    corners = [corner + axis for corner in ("UL", "UR", "LR", "LL") for axis in "XY"]
    said |= {f"affymetrix-algorithm-param-Grid{corner}": 10.0 for corner in corners}
    parent = (_bytes(b"affymetrix-calvin-scan-acquisition") + _bytes(b"made-up-parent") + _wide("") + _wide("en-US")
              + struct.pack(">i", 1) + _parameter("affymetrix-dat-header", DAT_HEADER.format(chip.name))
              + struct.pack(">i", 0))  # fmt: skip
    header = (_bytes(b"affymetrix-calvin-intensity") + _bytes(b"made-up-file") + _wide("2001-01-01T12:00:00Z")
              + _wide("en-US") + struct.pack(">i", len(said)) + b"".join(_parameter(*item) for item in said.items())
              + struct.pack(">i", 1) + parent)  # fmt: skip
    begin = 10 + len(header)
    sets = [
        ("Intensity", [("Intensity", 6, 4)], np.asarray(intensity, ">f4").tobytes(), intensity.size),
        ("StdDev", [("StdDev", 6, 4)], np.asarray(intensity / 10, ">f4").tobytes(), intensity.size),
        ("Pixel", [("Pixel", 2, 2)], np.full(intensity.size, 16, ">i2").tobytes(), intensity.size),
        ("Outlier", [("X", 2, 2), ("Y", 2, 2)], _places(chip, outliers, ">"), len(outliers)),
        ("Mask", [("X", 2, 2), ("Y", 2, 2)], _places(chip, masked, ">"), len(masked)),
    ]
    name = _wide("Default Group")
    body, position = b"", begin + 12 + len(name)
    first = position
    for title, columns, data, n_rows in sets:
        head = _wide(title) + struct.pack(">ii", 0, len(columns))
        head += b"".join(_wide(n) + struct.pack(">bi", kind, size) for n, kind, size in columns)
        head += struct.pack(">I", n_rows)
        data_at = position + 8 + len(head)
        position = data_at + len(data)
        body += struct.pack(">II", data_at, position) + head + data
    group = struct.pack(">IIi", position, first, len(sets)) + name
    return struct.pack(">BBiI", 59, 1, 1, begin) + header + group + body


def _cells(chip: Chip):
    """For each probeset: (x, y, probe base, target base) of match and mismatch."""
    for name, cells in chip.probesets.items():
        yield name, [c for x, y in cells for c in ((x, y, "A", "T"), (x, y + 1, "T", "T"))]


def cdf_text(chip: Chip) -> bytes:
    """Version GC3.0."""
    lines = ["[CDF]", "Version=GC3.0", "", "[Chip]", f"Name={chip.name}", f"Rows={chip.rows}", f"Cols={chip.columns}",
             f"NumberOfUnits={len(chip.probesets)}", f"MaxUnit={len(chip.probesets)}", "NumQCUnits=1", "ChipReference=",
             "", "[QC1]", "Type=3", "NumberCells=1", "CellHeader=X\tY\tPROBE\tPLEN\tATOM\tINDEX",
             "Cell1=0\t0\tN\t25\t0\t0"]  # fmt: skip
    fields = "X Y PROBE FEAT QUAL EXPOS POS CBASE PBASE TBASE ATOM INDEX CODONIND CODON REGIONTYPE REGION"
    fields = fields.replace(" ", "\t")
    for i, (name, cells) in enumerate(_cells(chip), 1):
        sizes = [f"NumAtoms={len(cells) // 2}", f"NumCells={len(cells)}"]
        lines += ["", f"[Unit{i}]", "Name=NONE", "Direction=2", *sizes, f"UnitNumber={i}", "UnitType=3",
                  "NumberBlocks=1", "", f"[Unit{i}_Block1]", f"Name={name}", "BlockNumber=1", *sizes, "StartPosition=0",
                  f"StopPosition={len(cells) // 2 - 1}", f"CellHeader={fields}"]  # fmt: skip
        lines += [f"Cell{j + 1}={x}\t{y}\tN\tcontrol\t{name}\t{j // 2}\t13\t{t}\t{p}\t{t}\t{j // 2}\t"
                  f"{y * chip.columns + x}\t-1\t-1\t99\t " for j, (x, y, p, t) in enumerate(cells)]  # fmt: skip
    return "\r\n".join([*lines, ""]).encode()


def cdf_xda(chip: Chip) -> bytes:
    """Binary version 1."""
    n = len(chip.probesets)
    quality = struct.pack("<Hi", 3, 1) + struct.pack("<HHBBB", 0, 0, 25, 0, 0)
    position = 24 + 64 * n + 4 + 4 * n
    quality_at, position, positions, units = position, position + len(quality), [], []
    for i, (name, cells) in enumerate(_cells(chip), 1):
        half = len(cells) // 2
        unit = struct.pack("<HBiiiiB", 1, 2, half, 1, len(cells), i, 2)
        unit += struct.pack("<iiBBii64s", half, len(cells), 2, 2, 0, half - 1, name.encode())
        unit += b"".join(struct.pack("<iHHicc", j // 2, x, y, y * chip.columns + x, p.encode(), t.encode())
                         for j, (x, y, p, t) in enumerate(cells))  # fmt: skip
        positions.append(position)
        position += len(unit)
        units.append(unit)
    head = struct.pack("<iiHHiii", 67, 1, chip.columns, chip.rows, n, 1, 0)
    names = b"".join(struct.pack("<64s", name.encode()) for name in chip.probesets)
    return head + names + struct.pack("<i", quality_at) + struct.pack(f"<{n}i", *positions) + quality + b"".join(units)
