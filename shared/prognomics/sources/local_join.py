"""Which row of a clinical table belongs to which sample of a matrix, and several clinical tables of one cohort."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.barcode import with_barcodes
from prognomics.data.matrix_content import unlike_columns
from prognomics.data.sample_joins import Join, JoinText, best_change, common_barcodes, least_matched
from prognomics.errors import BadInput, first_few
from prognomics.sources.raw import FreeNames, RawExpression, require_unique, with_sample_id
from prognomics.sources.sheet import read_sheet

if TYPE_CHECKING:
    import pandas as pd

SHEET_HINT = "a column of the sheet must list the names that head the matrix's columns"
ONE_ROW = "one row per sample: the first column, or the one that matches the matrix, names samples, not patients"


def match_samples(sheet: pd.DataFrame, sample_ids: list[str], where: str, notes: list[str]) -> pd.DataFrame:
    """The sheet with `sample_id` as the matrix names its samples.

    The column with the most matches names them, the first if equal. TCGA and TARGET barcodes match by what both sides
    have of them: a row per patient then serves all samples of the patient.

    Raises
    ------
    BadInput
        Less than half of the smaller side matches; a sample in two rows.
    """
    joins = {c: Join.of("the sample sheet", filter(None, sheet[c]), "the matrix", sample_ids) for c in sheet.columns}
    column = max(joins, key=lambda c: len(joins[c].matched))
    join = joins[column]
    if join.fraction < least_matched():
        by_barcode = _by_barcode(sheet, sample_ids, notes)
        if by_barcode is not None:
            return by_barcode
        if not join.matched:  # the message is about the column that a change would make match
            column = max(joins, key=lambda c: best_change(joins[c].only_left, sample_ids)[0])
            join = joins[column]
    join.require(least_matched(), where=f"{where}, column {column!r}", hint=SHEET_HINT)
    ids = sheet[column].tolist()
    sizes = f"matrix {len(sample_ids)}, sheet {len(ids)}"
    lost = "".join(f"; {len(only)} only in the {side}: {first_few(only, 3)}" for side, only in
                   (("sheet", join.only_left), ("matrix", join.only_right)) if only)  # fmt: skip
    said = f"{len(join.matched)} samples are in both the matrix and the sheet ({sizes}){lost}"
    notes.append(JoinText.of(said, join.counts))
    join.warn_about_near(where)
    require_unique(ids, kind="sample", where=f"{where}, column {column!r}", hint=ONE_ROW)
    if column != sheet.columns[0]:
        notes.append(f"samples are named by column {column!r}")
    return with_sample_id(sheet, ids)


def naming_column(sheet: pd.DataFrame) -> str:
    """The column that names the samples of a table alone: the first one, or the first of different names."""
    if _is_key(sheet[sheet.columns[0]].tolist()):
        result: str = sheet.columns[0]
        return result
    for column in sheet.columns[1:]:
        cells = sheet[column].tolist()
        if _is_key(cells) and not all(re.fullmatch(r"[-+\d.,/: ]*", cell) for cell in cells):
            result = column
            return result
    result = sheet.columns[0]
    return result


def _by_barcode(sheet: pd.DataFrame, sample_ids: list[str], notes: list[str]) -> pd.DataFrame | None:
    """Rows by the part of their barcode that the matrix has too; None where no column holds barcodes that match."""
    import pandas as pd

    for column in sheet.columns:
        cells = sheet[column].tolist()
        cut = common_barcodes(cells, sample_ids)
        if cut is None or len({cut(cell) for cell in cells}) < len(cells):
            continue
        row_of = {cut(cell): row for row, cell in enumerate(cells)}
        measured = [(sample, row_of[cut(sample)]) for sample in sample_ids if cut(sample) in row_of]
        if len(measured) < least_matched() * min(len(cells), len(sample_ids)):
            continue
        used = {row for _, row in measured}
        alone = [(cells[row], row) for row in range(len(cells)) if row not in used]
        ids, rows = zip(*measured, *alone, strict=True)
        joined = with_sample_id(sheet.iloc[list(rows)].reset_index(drop=True), list(ids))
        length = max(len(cut(cell)) for cell in cells)
        lost = [s for s in sample_ids if cut(s) not in row_of]
        counts: dict[str, str | int] = {
            "left": "the sample sheet", "right": "the matrix", "matched": len(measured),
            "only_left": len(alone), "only_right": len(lost),
        }  # fmt: skip
        said = (
            f"{len(measured)} samples of the matrix belong to {len(used)} rows of the sheet by the first {length} "
            f"characters of their barcodes (column {column!r}); a row that serves several samples is repeated"
            + (f"; {len(alone)} rows have no sample: {first_few(i for i, _ in alone)}" if alone else "")
        )
        notes.append(JoinText.of(said, counts))
        if lost:
            notes.append(f"{len(lost)} samples of the matrix have no row in the sheet: {first_few(lost)}")
        described, told = with_barcodes(pd.DataFrame(joined))
        notes.extend(told)
        return described
    return None


def without_annotation(expression: RawExpression, listed: set[str], notes: list[str]) -> RawExpression:
    """The matrix without columns that the sheet does not list and whose values are unlike those of the others."""
    extra = [i for i in unlike_columns(expression.values) if expression.sample_ids[i] not in listed]
    if not extra:
        return expression
    names = first_few(expression.sample_ids[i] for i in extra)
    notes.append(f"columns excluded: {names}: not in the sheet, and their values are unlike those of the samples")
    kept = [name for i, name in enumerate(expression.sample_ids) if i not in extra]
    return RawExpression(np.delete(expression.values, extra, axis=1), expression.row_ids, kept)


def join_sheets(paths: Sequence[Path], sample_ids: Sequence[str], notes: list[str]) -> pd.DataFrame:
    """One table of several clinical tables of a cohort, joined by the columns whose cells they have in common.

    The table that names the matrix's samples comes first, else the one with the most rows. A name that a later table
    repeats with other values is written `name.2`.

    Raises
    ------
    BadInput
        Tables that have less than half of the cells of any two columns in common, or whose key is repeated.
    """
    tables = {path: read_sheet(path) for path in paths}
    names = set(sample_ids)

    def rank(path: Path) -> tuple[int, int]:
        return max(len(names & set(tables[path][c])) for c in tables[path].columns), len(tables[path])

    first, *others = sorted(paths, key=rank, reverse=True)
    joined = tables[first]
    for path in others:
        joined = _with_table(joined, tables[path], Path(first).name, path, notes)
    return joined


def _with_table(joined: pd.DataFrame, table: pd.DataFrame, first: str, path: Path, notes: list[str]) -> pd.DataFrame:
    keys = [(own, other) for own in joined.columns for other in table.columns if _is_key(table[other].tolist())]
    joins = {(a, b): Join.of(first, filter(None, joined[a]), path.name, filter(None, table[b])) for a, b in keys}
    pair = max(joins, key=lambda p: len(joins[p].matched), default=None)
    if pair is None or joins[pair].fraction < least_matched() or len(joins[pair].matched) < 2:
        raise BadInput(
            f"two files look like samples: {first}, {path.name}, and no column of one names the rows of the other",
            where=str(path),
            hint="give --accession with the cohort's file prefix, give one sample sheet, or name roles: --local-path "
            "expression=FILE --local-path samples=FILE",
        )
    own, other = pair
    free = FreeNames([*joined.columns, *table.columns])
    again = {c: free.take(c) for c in table.columns if c in joined.columns and c != own}
    key = f"{own}.join" if own in table.columns and other != own else own
    right = table.rename(columns=again).rename(columns={again.get(other, other): key})
    merged = joined.merge(right, left_on=own, right_on=key, how="left", sort=False).fillna("")
    same = [new for c, new in again.items() if c != other and merged[c].tolist() == merged[new].tolist()]
    merged = merged.drop(columns=[*same, *([key] if key != own else [])])
    said = f"{path.name} is joined to {first} by {other!r} = {own!r}: {joins[pair]}"
    notes.append(JoinText.of(said, joins[pair].counts))
    return merged


def _is_key(cells: list[str]) -> bool:
    """Whether the cells tell rows from each other."""
    return all(cells) and len(set(cells)) == len(cells)
