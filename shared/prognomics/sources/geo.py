"""GEO series matrices: sample annotation and expression, from a file or by accession.

Format: https://www.ncbi.nlm.nih.gov/geo/info/ ("Series Matrix"): `!Series_` lines, `!Sample_` lines with one
cell per sample, and a table between `!series_matrix_table_begin` and `!series_matrix_table_end`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.artefacts.numeric_table import parse_numeric_rows
from prognomics.artefacts.text_file import decode, split_line, text_blocks
from prognomics.errors import BadInput, first_few
from prognomics.sources.raw import RawCohort, RawExpression, require_unique

if TYPE_CHECKING:
    import pandas as pd

TABLE_BEGIN = b"!series_matrix_table_begin"
TABLE_END = b"!series_matrix_table_end"
CHARACTERISTICS = re.compile(r"characteristics(_ch\d+)?")
RNA_SEQ_HINT = "series of RNA sequencing carry their values in supplementary files: give them as local tables"


@dataclass
class _Metadata:
    """`!Sample_` lines in file order, and a few `!Series_` ones."""

    series: dict[str, list[str]] = field(default_factory=dict)
    samples: list[tuple[str, list[str], int]] = field(default_factory=list)


def read_series_matrix(
    path: Path | str,
    *,
    platform: str | None = None,
    annotation: Path | str | None = None,
    samples_only: bool = False,
) -> RawCohort:
    """Read a series matrix file.

    Parameters
    ----------
    path : path
        Plain or gzip.
    platform : str, optional
        Keep the samples of this platform (GPL...) where the file holds several.
    annotation : path, optional
        The platform's annotation (see `platform_table.read_platform`).
    samples_only : bool
        Accept a file without values.

    Returns
    -------
    RawCohort
        `samples` holds one column per `!Sample_` line and one per characteristic, named by its key: a cell
        belongs to its key, not to its position, so a characteristic that some samples lack is missing there
        and shifts nothing. A key that one sample holds twice makes `key` and `key.2`; a cell without a key
        stands in `characteristics_ch1`; keys of the second channel end in `.ch2`.

    Raises
    ------
    BadInput
        No series matrix, lines with too few or too many cells, no values, several platforms and none chosen,
        samples of the table without annotation, text in a number.
    """
    where = str(path)
    blocks = text_blocks(path)
    metadata, rest, line = _read_metadata(blocks, where)
    sheet = sample_sheet(metadata.samples, where)
    notes = [
        f"{name}: {metadata.series[name][0]}"
        for name in ("geo_accession", "title")
        if metadata.series.get(name)
    ]
    expression: RawExpression | None = None
    if rest is None:
        if not samples_only:
            raise BadInput("the file holds no table of values", where=where, hint=RNA_SEQ_HINT)
    else:
        expression = _read_table(rest, blocks, line, where, samples_only)
    if expression is not None:
        _require_annotated(expression.sample_ids, sheet["sample_id"].tolist(), where)
        sheet = sheet.set_index("sample_id", drop=False).loc[expression.sample_ids].reset_index(drop=True)
    expression, sheet = _one_platform(expression, sheet, platform, where)
    if "platform_id" in sheet.columns:
        notes.append(f"platform: {first_few(sorted(set(sheet['platform_id'])))}")
    cohort = RawCohort(expression, sheet, None, notes)
    return cohort if annotation is None else with_annotation(cohort, annotation)


def with_annotation(cohort: RawCohort, annotation: Path | str) -> RawCohort:
    """Add a platform's annotation to a cohort.

    Raises
    ------
    BadInput
        A malformed annotation, or one that names none of the cohort's probes.
    """
    from prognomics.sources.platform_table import read_platform

    features = read_platform(annotation)
    expression = cohort.expression
    if expression is not None and not set(features["probe_id"]) & set(expression.row_ids):
        examples = f"{first_few(features['probe_id'], 3)}; series: {first_few(expression.row_ids, 3)}"
        raise BadInput(
            "the platform annotation names none of the probes of the series",
            where=f"{annotation}: {examples}",
            hint="take the annotation of the series' own platform",
        )
    return RawCohort(expression, cohort.samples, features, cohort.notes)


def sample_sheet(lines: list[tuple[str, list[str], int]], where: str) -> pd.DataFrame:
    """The raw sheet of `!Sample_` lines.

    Parameters
    ----------
    lines : list of (name, cells, line number)
        The name without `!Sample_`; one cell per sample.
    where : str
        The file, for messages.

    Raises
    ------
    BadInput
        No `!Sample_geo_accession`, or a line with another number of cells.
    """
    import pandas as pd

    ids = next((cells for name, cells, _ in lines if name == "geo_accession"), None)
    if ids is None:
        raise BadInput(
            "the file names no samples (!Sample_geo_accession)", where=where, hint="is it a series matrix?"
        )
    require_unique(ids, kind="sample", where=f"{where}, !Sample_geo_accession")
    plain: dict[str, list[str]] = {}
    keyed: dict[str, list[str]] = {}
    for name, cells, number in lines:
        if len(cells) != len(ids):
            raise BadInput(
                f"!Sample_{name} has {len(cells)} cells for {len(ids)} samples",
                where=f"{where}, line {number}",
            )
        if CHARACTERISTICS.fullmatch(name):
            _add_characteristics(keyed, name, cells)
        else:
            plain[_free_name(name, plain)] = cells
    # a characteristic named like a line of GEO's own (title, description) steps back
    columns = {"sample_id": ids, **plain}
    for name, cells in keyed.items():
        columns[_free_name(name, columns)] = cells
    return pd.DataFrame(columns, dtype=object)


def split_characteristic(cell: str) -> tuple[str, str]:
    """Key and value of `key: value`; the key is empty where there is none.

    The first colon that a blank follows divides; without one, the first colon (`age:16`), unless what stands
    before it is a number (a time of day, 12:30) or what follows is `//` (an address).
    """
    key, colon, value = cell.partition(": ")
    if not colon:
        key, colon, value = cell.partition(":")
        if colon and (value.startswith("//") or key.strip().isdigit()):
            return "", cell.strip()
    if not colon or not key.strip():
        return "", cell.strip()
    return key.strip(), value.strip()


def _add_characteristics(columns: dict[str, list[str]], line_name: str, cells: list[str]) -> None:
    channel = line_name.removeprefix("characteristics").lstrip("_")
    suffix = "" if channel in ("", "ch1") else f".{channel}"
    for i, cell in enumerate(cells):
        key, value = split_characteristic(cell)
        if not key and not value:
            continue
        base = (key or "characteristics_" + (channel or "ch1")) + (suffix if key else "")
        name, again = base, 1
        while name in columns and columns[name][i]:
            again += 1
            name = f"{base}.{again}"
        columns.setdefault(name, [""] * len(cells))[i] = value


def _free_name(name: str, taken: dict[str, list[str]]) -> str:
    free, again = name, 1
    while free in taken:
        again += 1
        free = f"{name}.{again}"
    return free


def _read_metadata(blocks: Iterator[bytes], where: str) -> tuple[_Metadata, bytes | None, int]:
    """Lines before the table; what follows its begin in that block (None: no table); line number."""
    metadata = _Metadata()
    number = 0
    for block in blocks:
        start = 0
        while start < len(block):
            end = block.index(b"\n", start) + 1
            line, start = block[start : end - 1], end
            number += 1
            if line[: len(TABLE_BEGIN)].lower() == TABLE_BEGIN:
                return metadata, block[start:], number
            _add_line(metadata, line, number)
    if not metadata.samples:
        raise BadInput("the file is not a GEO series matrix: it has no !Sample_ lines", where=where)
    return metadata, None, number


def _add_line(metadata: _Metadata, line: bytes, number: int) -> None:
    text = decode(line)
    name, _, rest = text.partition("\t")
    cells = [cell.strip() for cell in split_line(rest, "\t")]
    if name.startswith("!Sample_"):
        metadata.samples.append((name.removeprefix("!Sample_").strip(), cells, number))
    elif name.startswith("!Series_"):
        metadata.series.setdefault(name.removeprefix("!Series_").strip(), []).extend(cells)


def _read_table(
    rest: bytes, blocks: Iterator[bytes], line: int, where: str, samples_only: bool
) -> RawExpression | None:
    rows = _until_end(rest, blocks, where)
    first = next(rows, b"")
    header, _, body = first.partition(b"\n")
    columns = [cell.strip() for cell in split_line(decode(header), "\t")]
    if not body.strip():
        body = next(rows, b"")
    if len(columns) < 2 or not body.strip():
        if samples_only:
            return None
        raise BadInput("the table of values is empty", where=f"{where}, line {line}", hint=RNA_SEQ_HINT)
    require_unique(columns[1:], kind="sample", where=f"{where}, line {line + 1}")

    def body_blocks() -> Iterator[bytes]:
        yield body
        yield from rows

    parsed = parse_numeric_rows(
        body_blocks(), delimiter="\t", columns=columns, n_ids=1, where=where, first_line=line + 2
    )
    require_unique(parsed.ids[0], kind="probe", where=where)
    return RawExpression(parsed.values, parsed.ids[0], columns[1:])


def _until_end(rest: bytes, blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """Blocks of the table, without the line that ends it and what follows."""

    def table() -> Iterator[bytes]:
        yield rest
        yield from blocks

    for block in table():
        end = block.find(TABLE_END)
        if end >= 0:
            if end:
                yield block[:end]
            return
        if block:
            yield block
    raise BadInput(
        "the table of values has no end (!series_matrix_table_end): the file is cut",
        where=where,
        hint="copy or download it again",
    )


def _require_annotated(table: list[str], annotated: list[str], where: str) -> None:
    known = set(annotated)
    unknown = [name for name in table if name not in known]
    if unknown:
        raise BadInput(f"samples of the table have no annotation: {first_few(unknown)}", where=where)


def _one_platform(
    expression: RawExpression | None, sheet: pd.DataFrame, platform: str | None, where: str
) -> tuple[RawExpression | None, pd.DataFrame]:
    if "platform_id" not in sheet.columns:
        return expression, sheet
    counts = sheet["platform_id"].value_counts().to_dict()
    listed = ", ".join(f"{name} ({n} samples)" for name, n in sorted(counts.items()))
    if platform is None:
        if len(counts) > 1:
            raise BadInput(
                f"the file holds several platforms: {listed}", where=where, hint="choose one with --platform"
            )
        return expression, sheet
    keep = (sheet["platform_id"].str.upper() == platform.upper()).to_numpy()
    if not keep.any():
        raise BadInput(f"the file holds no sample of platform {platform}", where=f"{where}: {listed}")
    if keep.all() or expression is None:
        return expression, sheet.loc[keep].reset_index(drop=True)
    values = np.ascontiguousarray(expression.values[:, keep])
    kept = [name for name, k in zip(expression.sample_ids, keep, strict=True) if k]
    return RawExpression(values, expression.row_ids, kept), sheet.loc[keep].reset_index(drop=True)
