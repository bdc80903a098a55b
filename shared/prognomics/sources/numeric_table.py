"""Parse the rows of an expression table: identifiers first, then numbers, exactly as many in each row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from prognomics.artefacts.text_file import decode
from prognomics.errors import BadInput, warn

MISSING_NUMBERS = (
    "",
    "NA",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "Null",
    "N/A",
    "n/a",
    "na",
    "#N/A",
    "None",
    ".",
)


@dataclass(frozen=True)
class NumericRows:
    """Parsed rows.

    Attributes
    ----------
    ids : list of list of str
        One list per identifier column.
    values : numpy.ndarray of float64, shape (n_rows, n_columns)
        NaN where missing; infinite values are set to missing and warned of (`infinite-values`).
    """

    ids: list[list[str]]
    values: np.ndarray


def parse_numeric_rows(
    blocks: Iterable[bytes],
    *,
    delimiter: str,
    columns: list[str],
    n_ids: int,
    where: str,
    first_line: int = 2,
) -> NumericRows:
    """Parse blocks of whole lines (`\\n` ends, no header) of an expression table.

    Parameters
    ----------
    blocks : iterable of bytes
        As `text_file.text_blocks` gives them.
    delimiter : str
        One character.
    columns : list of str
        Names of all fields of a row, identifiers included (for messages and for the expected width).
    n_ids : int
        How many leading fields are identifiers.
    where : str
        The file, for messages.
    first_line : int
        Line number of the first row in the file.

    Raises
    ------
    BadInput
        A row with too many or too few fields, or text in a number: line, row, column and value are named.
    """
    ids: list[list[str]] = [[] for _ in range(n_ids)]
    parts: list[np.ndarray] = []
    line = first_line
    for block in blocks:
        quoted = _require_width(block, delimiter, len(columns), where, line)
        if block.strip(b"\n"):
            names, values = _parse_block(block, delimiter, columns, n_ids, quoted, where, line)
            for known, new in zip(ids, names, strict=True):
                known.extend(new)
            parts.append(values)
        line += block.count(b"\n")
    if not parts:
        raise BadInput("the table has a header and no rows", where=where)
    values = parts[0] if len(parts) == 1 else np.concatenate(parts)
    infinite = np.isinf(values)
    if infinite.any():
        warn("infinite-values", f"{int(infinite.sum())} infinite values of the matrix are treated as missing")
        values[infinite] = np.nan
    return NumericRows(ids, values)


def _require_width(block: bytes, delimiter: str, width: int, where: str, line: int) -> bool:
    """Count the delimiters of every line at once; whether quotes enclose cells (else they are plain text)."""
    rows, fields = _wrong_rows(block, delimiter, width, quoted=b'"' in block)
    if rows.size and b'"' in block:
        plain, _ = _wrong_rows(block, delimiter, width, quoted=False)
        if not plain.size:
            return False
    if rows.size:
        raise BadInput(
            f"{rows.size} row(s) do not have {width} fields as the header; the first has {fields}",
            where=f"{where}, line {line + int(rows[0])}",
            hint="every row needs the same number of fields; write NA where a value is missing",
        )
    return True


def _wrong_rows(block: bytes, delimiter: str, width: int, *, quoted: bool) -> tuple[np.ndarray, int]:
    """Rows (by number within the block) without `width` fields, and how many the first of them has."""
    text = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(text == 10)
    is_delimiter = text == ord(delimiter)
    if quoted:
        is_delimiter &= np.cumsum(text == ord('"')) % 2 == 0
    positions = np.flatnonzero(is_delimiter)
    fields = np.diff(np.searchsorted(positions, ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1)
    wrong = np.flatnonzero((fields != width) & (lengths > 1))
    return wrong, int(fields[wrong[0]]) if wrong.size else 0


def _parse_block(
    block: bytes, delimiter: str, columns: list[str], n_ids: int, quoted: bool, where: str, line: int
) -> tuple[list[list[str]], np.ndarray]:
    import pandas as pd

    width = len(columns)
    numbers = range(n_ids, width)
    options = {
        "sep": delimiter,
        "header": None,
        "engine": "c",
        "quotechar": '"',
        "lineterminator": "\n",  # a stray carriage return is no line end
        "quoting": csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        "low_memory": False,
        "keep_default_na": False,
        "encoding": "utf-8",
        "encoding_errors": "strict",
    }
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        options["encoding"] = "latin-1"
    try:
        ids = _split_ids(block, delimiter, n_ids, quoted)
        if ids is None:
            names = pd.read_csv(io.BytesIO(block), usecols=range(n_ids), dtype=str, **options)
            ids = [names[i].str.strip().tolist() for i in range(n_ids)]
        values = pd.read_csv(
            io.BytesIO(block),
            usecols=numbers,
            dtype=np.float64,
            na_values=list(MISSING_NUMBERS),
            float_precision="high",
            **options,
        ).to_numpy()
    except (ValueError, OverflowError) as fault:  # pandas' ParserError is a ValueError
        raise _name_the_cell(block, delimiter, columns, n_ids, where, line, fault) from None
    if len(ids[0]) != len(values):
        raise BadInput(
            f"{len(ids[0])} row names and {len(values)} rows of numbers were found",
            where=f"{where}, from line {line}",
            hint="look for quotes that open and do not close",
        )
    return ids, np.ascontiguousarray(values)


def _split_ids(block: bytes, delimiter: str, n_ids: int, quoted: bool) -> list[list[str]] | None:
    """The identifiers of each line; None where a quote makes a plain split unsafe."""
    separator = delimiter.encode()
    rows = [line.split(separator, n_ids)[:n_ids] for line in block.split(b"\n") if line]
    if quoted and any(b'"' in cell for row in rows for cell in row):
        return None
    return [[decode(row[i]).strip() for row in rows] for i in range(n_ids)]


def _name_the_cell(
    block: bytes, delimiter: str, columns: list[str], n_ids: int, where: str, line: int, fault: Exception
) -> BadInput:
    """The error for a block that did not parse: find the first cell that is no number."""
    for offset, text in enumerate(decode(block).split("\n")):
        try:
            cells = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            cells = text.split(delimiter)
        for name, cell in zip(columns[n_ids:], cells[n_ids:], strict=False):
            value = cell.strip()
            if value in MISSING_NUMBERS or _is_number(value):
                continue
            hint = "write a number, or NA where it is missing"
            if re.fullmatch(r"[-+]?\d+,\d+", value):
                hint = "write decimals with a point, not a comma"
            return BadInput(
                f"text where a number should be: {value[:60]!r}",
                where=f"{where}, line {line + offset}, row {cells[0]!r}, column {name!r}",
                hint=hint,
            )
    return BadInput("the table cannot be read", where=f"{where}, from line {line} ({fault})")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return "_" not in value
