"""GEO series matrices: sample annotation and expression, from a file or by accession.

Format: https://www.ncbi.nlm.nih.gov/geo/info/ ("Series Matrix"): `!Series_` lines, `!Sample_` lines with one
cell per sample, and a table between `!series_matrix_table_begin` and `!series_matrix_table_end`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from prognomics.data.sample_joins import Join, JoinText
from prognomics.errors import BadInput, ToChoose, first_few
from prognomics.io.numeric_table import parse_numeric_rows
from prognomics.io.text_file import decode, expected_bytes, split_line, text_blocks
from prognomics.sources.geo_relations import relation_notes
from prognomics.sources.geo_samples import one_platform, sample_sheet
from prognomics.sources.raw import RawCohort, RawExpression, require_unique

TABLE_BEGIN = b"!series_matrix_table_begin"
TABLE_END = b"!series_matrix_table_end"
MOST_LINES = 100_000
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
        The platform's annotation (see `feature_map.read_platform`).
    samples_only : bool
        Accept a file without values.

    Returns
    -------
    RawCohort
        `samples` holds one column per `!Sample_` line and one per characteristic, named by its key: a cell
        belongs to its key, not to its position, so a characteristic that some samples lack is missing there
        and shifts nothing. A key that one sample holds twice makes `key` and `key.2`; a cell without a key
        is in `characteristics_ch1`; keys of the second channel end in `.ch2`.

    Raises
    ------
    BadInput
        No series matrix, lines with too few or too many cells, no values, several platforms and none chosen,
        samples of the table without annotation, text in a number.
    """
    where = str(path)
    metadata, expression = _read(path, samples_only)
    sheet = sample_sheet(metadata.samples, where)
    notes = [f"{name}: {metadata.series[name][0]}" for name in ("geo_accession", "title") if metadata.series.get(name)]
    relations = metadata.series.get("relation", [])
    notes += relation_notes((metadata.series.get("geo_accession") or ["the series"])[0], relations)
    if expression is not None:
        notes.append(_joined(expression.sample_ids, sheet["sample_id"].tolist(), where))
        sheet = sheet.set_index("sample_id", drop=False).loc[expression.sample_ids].reset_index(drop=True)
    expression, sheet = one_platform(expression, sheet, platform, where)
    if "platform_id" in sheet.columns:
        notes.append(f"platform: {first_few(sorted(set(sheet['platform_id'])))}")
    cohort = RawCohort(expression, sheet, None, notes, relations)
    return cohort if annotation is None else with_annotation(cohort, annotation)


def read_series_values(path: Path | str) -> RawExpression:
    """The matrix of a series matrix file alone, without its annotation.

    Raises
    ------
    BadInput
        As `read_series_matrix`.
    """
    expression = _read(path, samples_only=False)[1]
    assert expression is not None
    return expression


def with_annotation(cohort: RawCohort, annotation: Path | str) -> RawCohort:
    """Add a platform's annotation to a cohort.

    Raises
    ------
    BadInput
        A malformed annotation, or one that names none of the cohort's probes.
    """
    from prognomics.data.feature_map import read_platform

    features = read_platform(annotation)
    expression = cohort.expression
    if expression is not None and not set(features["probe_id"]) & set(expression.row_ids):
        examples = f"{first_few(features['probe_id'], 3)}; series: {first_few(expression.row_ids, 3)}"
        raise BadInput(
            "the platform annotation names none of the probes of the series",
            where=f"{annotation}: {examples}",
            hint="take the annotation of the series' own platform",
        )
    return replace(cohort, features=features)


def _read(path: Path | str, samples_only: bool) -> tuple[_Metadata, RawExpression | None]:
    where = str(path)
    blocks = text_blocks(path)
    metadata, rest, line = _read_metadata(blocks, where)
    if rest is not None:
        return metadata, _read_table(rest, blocks, line, where, samples_only, expected_bytes(path))
    if not samples_only:
        raise ToChoose("the file holds no table of values", where=where, hint=RNA_SEQ_HINT)
    return metadata, None


def _read_metadata(blocks: Iterator[bytes], where: str) -> tuple[_Metadata, bytes | None, int]:
    """Lines before the table; what follows its begin in that block (None: no table); line number."""
    metadata = _Metadata()
    number = 0
    begun: _Begun = None
    for block in blocks:
        start = 0
        while start < len(block):
            end = block.index(b"\n", start) + 1
            line, start = block[start : end - 1], end
            number += 1
            if line[: len(TABLE_BEGIN)].lower() == TABLE_BEGIN:
                _end_of_metadata(begun, metadata)
                return metadata, block[start:], number
            if number > MOST_LINES:
                raise BadInput(f"the file has more than {MOST_LINES} lines above its table", where=where)
            begun = _continued(begun, line, number, metadata)
    _end_of_metadata(begun, metadata)
    if not metadata.samples:
        raise BadInput("the file is not a GEO series matrix: it has no !Sample_ lines", where=where)
    return metadata, None, number


_Begun = tuple[bytes, int] | None  # a line whose last quote is open, and its number


def _continued(begun: _Begun, line: bytes, number: int, metadata: _Metadata) -> _Begun:
    """Add a line, or the line that this one completes: a quoted cell may hold line breaks."""
    if begun is not None and not line.startswith(b"!"):
        whole = begun[0] + b" " + line
        if whole.count(b'"') % 2 and whole.count(b" ") < MOST_LINES:
            return whole, begun[1]
        _add_line(metadata, whole, begun[1])
        return None
    if begun is not None:
        _add_line(metadata, *begun)  # its quote is never closed: it is text
    if line.startswith(b"!Sample_") and line.count(b'"') % 2:
        return line, number
    _add_line(metadata, line, number)
    return None


def _end_of_metadata(begun: _Begun, metadata: _Metadata) -> None:
    if begun is not None:
        _add_line(metadata, *begun)


def _add_line(metadata: _Metadata, line: bytes, number: int) -> None:
    text = decode(line)
    name, _, rest = text.partition("\t")
    cells = [cell.strip() for cell in split_line(rest, "\t")]
    if name.startswith("!Sample_"):
        metadata.samples.append((name.removeprefix("!Sample_").strip(), cells, number))
    elif name.startswith("!Series_"):
        metadata.series.setdefault(name.removeprefix("!Series_").strip(), []).extend(cells)


def _read_table(
    rest: bytes, blocks: Iterator[bytes], line: int, where: str, samples_only: bool, expected: int
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
        body_blocks(), delimiter="\t", columns=columns, n_ids=1, where=where, first_line=line + 2,
        expected_bytes=expected,
    )  # fmt: skip
    require_unique(parsed.ids[0], kind="probe", where=where)
    return RawExpression(parsed.values, parsed.ids[0], columns[1:])


def _end_of_table(block: bytes) -> int:
    """Where the line begins that ends the table; -1 if it does not be in the block."""
    place = block.find(b"!")
    while place >= 0:
        begins_line = place == 0 or block[place - 1] == ord("\n")
        if begins_line and block[place : place + len(TABLE_END)].lower() == TABLE_END:
            return place
        place = block.find(b"!", place + 1)
    return -1


def _until_end(rest: bytes, blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """Blocks of the table, without the line that ends it and what follows."""

    def table() -> Iterator[bytes]:
        yield rest
        yield from blocks

    for block in table():
        end = _end_of_table(block)
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


def _joined(table: list[str], annotated: list[str], where: str) -> JoinText:
    join = Join.of("the table of values", table, "the !Sample_ lines", annotated)
    if join.only_left:
        raise BadInput(f"samples of the table have no annotation: {first_few(join.only_left)}", where=where)
    return join.text()
