"""The arrays of one run: their names, one chip type for all, and their perfect-match intensities."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from prognomics.errors import BadInput, UsageError, first_few, note, warn
from prognomics.expression.affymetrix.cdf import ChipLayout
from prognomics.expression.affymetrix.cel import read_cel, read_cel_header
from prognomics.expression.affymetrix.cel_types import CelHeader
from prognomics.io.tar_entries import Part, begins_tar, tar_parts
from prognomics.io.text_file import GZIP_MAGIC, open_bytes

_ENDING = re.compile(r"(?:\.cel)?(?:\.gz)?$", re.IGNORECASE)
_CEL = re.compile(r"\.cel(\.gz)?$", re.IGNORECASE)
_GEO_SAMPLE = re.compile(r"(GSM\d+)(?:[_.\- ]|$)")


def array_files(paths: Sequence[Path], layout: ChipLayout, cdf_name: str) -> list[Path | Part]:
    """The arrays of files and of plain tar archives, which are read in place: nothing is unpacked to disk.

    Of an archive those of another chip type than the description's are excluded, with a warning, as are files that are
    no CEL.

    Raises
    ------
    BadInput
        An archive without CEL files, or one that is compressed, damaged or unsafe.
    """
    found: list[Path | Part] = []
    for path in paths:
        if not _is_tar(path):
            found.append(path)
            continue
        parts, others = tar_parts(path, lambda name: _CEL.search(name) is not None)
        if not parts:
            raise BadInput("the archive holds no CEL files", where=f"{path}: {others} files of other kinds",
                           hint="CEL files end in .CEL or .CEL.gz")  # fmt: skip
        if others:
            note("archive", f"{others} files of {path.name} are no CEL files and are passed over")
        found += _of_this_chip(parts, layout, cdf_name)
    return found


def _is_tar(path: Path) -> bool:
    with open(path, "rb") as handle:
        head = handle.read(512)
    if head.startswith(b"PK\x03\x04"):
        raise BadInput("the archive is a zip", where=str(path), hint="give a plain tar, or the CEL files themselves")
    if not head.startswith(GZIP_MAGIC):
        return begins_tar(head)
    with contextlib.suppress(BadInput), open_bytes(path) as stream:
        head = stream.read(512)
    if begins_tar(head):
        raise BadInput("the archive is compressed as a whole", where=str(path), hint="unpack it to a plain tar")
    return False


def _of_this_chip(parts: list[Part], layout: ChipLayout, cdf_name: str) -> list[Part]:
    headers = [read_cel_header(part) for part in parts]
    fits = [(h.columns, h.rows) == (layout.columns, layout.rows) and named_alike(h.chip, layout, cdf_name)
            for h in headers]  # fmt: skip
    if all(fits) or not any(fits):
        return parts  # if none fits, that is said of all arrays together
    left = [(part, header) for part, header, fit in zip(parts, headers, fits, strict=True) if not fit]
    kinds = first_few(sorted({header.chip or "no name" for _, header in left}))
    warn("other-chips", f"{len(left)} of {len(parts)} arrays of {parts[0].archive.name} are of another chip type than "
         f"{cdf_name} describes and are excluded ({kinds}): {first_few(part.name for part, _ in left)}; run rma again "
         "with that chip's CDF file for them")  # fmt: skip
    return [part for part, fit in zip(parts, fits, strict=True) if fit]


def sample_names(paths: Sequence[Path | Part], given: Sequence[str]) -> list[str]:
    """The samples' names: those given, else from the files' names.

    Where each file begins with a GEO sample's accession (`GSM1_liver.CEL.gz`), that is the name, as in the sheets of
    GEO cohorts; else it is the file's name without `.CEL` and `.gz`.

    Raises
    ------
    UsageError
        Another number of names than of files.
    BadInput
        Two samples of one name.
    """
    if given and len(given) != len(paths):
        raise UsageError(f"there are {len(paths)} CEL files and {len(given)} names", hint="give --sample-name once for "
                         "each --cel, in the same order, or not at all")  # fmt: skip
    names = list(given) or [_ENDING.sub("", path.name) for path in paths]
    if not given:
        accessions = [found.group(1) for name in names if (found := _GEO_SAMPLE.match(name))]
        if len(set(accessions)) == len(names):
            if accessions != names:
                note("sample-names", f"samples are named by their GEO accession: {first_few(accessions, 3)}")
            names = accessions
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadInput("samples share a name", where=first_few(doubled), hint="give each a name with --sample-name")
    return names


@dataclass
class Arrays:
    """CEL files of one chip type, read one by one.

    Raises
    ------
    BadInput
        Files of several chip types, or of another size than the chip description's.
    """

    paths: list[Path | Part]
    names: list[str]
    layout: ChipLayout
    cdf_name: str
    headers: list[CelHeader] = field(init=False)
    masked: np.ndarray = field(init=False)
    outliers: np.ndarray = field(init=False)
    _digests: dict[int, bytes] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = [read_cel_header(path) for path in self.paths]
        self.masked, self.outliers = np.zeros(len(self.paths), dtype=int), np.zeros(len(self.paths), dtype=int)
        self._check_one_type()
        self._check_size()
        self._compare_names()

    def perfect_match(self, number: int) -> np.ndarray:
        """The perfect-match intensities of an array, in the order of the layout's cells."""
        cel = read_cel(self.paths[number])
        if cel.header != self.headers[number]:
            raise BadInput("the file changed while it was read", where=str(self.paths[number]))
        self.masked[number], self.outliers[number] = cel.n_masked, cel.n_outliers
        intensity = cel.intensity[self.layout.cells]
        self._digests[number] = hashlib.sha256(intensity.astype(np.float32).tobytes()).digest()
        result: np.ndarray = intensity
        return result

    def _check_one_type(self) -> None:
        kinds: dict[tuple[str, int, int], list[Path | Part]] = {}
        for path, header in zip(self.paths, self.headers, strict=True):
            kinds.setdefault((header.chip.casefold(), header.columns, header.rows), []).append(path)
        if len(kinds) > 1:
            shown = [
                f"{self.headers[self.paths.index(paths[0])].chip or 'no name'} ({columns} × {rows}): "
                f"{first_few((p.name for p in paths), 3)}"
                for (_, columns, rows), paths in kinds.items()
            ]
            raise BadInput("the CEL files are of several chip types", where="; ".join(shown[:5]),
                           hint="run rma once for each chip type, and join the results with merge_cohorts")  # fmt: skip

    def _check_size(self) -> None:
        header, layout = self.headers[0], self.layout
        if (header.columns, header.rows) != (layout.columns, layout.rows):
            raise BadInput(
                f"the CEL files have {header.columns} columns and {header.rows} rows, the chip description "
                f"{layout.columns} and {layout.rows}",
                where=f"{first_few((p.name for p in self.paths), 3)} (chip {header.chip or 'not named'}); "
                f"{self.cdf_name}",
                hint="give the CDF file of this chip type",
            )

    def _compare_names(self) -> None:
        if not named_alike(self.headers[0].chip, self.layout, self.cdf_name):
            warn("chip-name", f"the arrays are of type {self.headers[0].chip}, the chip description is called "
                 f"{self.layout.chip or self.cdf_name}: if it belongs to another chip of the same size, all values are "
                 "wrong")  # fmt: skip

    def warn_about_copies(self) -> None:
        """Warn of arrays that hold the same intensities; to be called when all are read."""
        alike: dict[bytes, list[str]] = {}
        for number in sorted(self._digests):
            alike.setdefault(self._digests[number], []).append(self.names[number])
        copies = [" = ".join(names) for names in alike.values() if len(names) > 1]
        if copies:
            warn("copied-arrays", f"arrays hold the same intensities: {first_few(copies)}; keep one of each")


def named_alike(chip: str, layout: ChipLayout, cdf_name: str) -> bool:
    """Whether a chip type is that of a description by either's name, or has no name."""
    chip = _plain(chip)
    known = [_plain(layout.chip), _plain(re.sub(r"\.(cdf|gz)\b", "", cdf_name, flags=re.IGNORECASE))]
    return not chip or any(name.startswith(chip) or (name and chip.startswith(name)) for name in known)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
