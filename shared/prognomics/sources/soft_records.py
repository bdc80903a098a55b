"""The records of a SOFT file, one after the other: name, attributes, column descriptions and the text of the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prognomics.artefacts.text_file import decode, text_blocks
from prognomics.errors import BadInput

# some files end a platform's table as a sample's; a table that a new record cuts short has no end
TABLE_BEGIN = re.compile(rb"!\w+_table_begin", re.IGNORECASE)
TABLE_ENDS = re.compile(rb"^(!\w+_table_end[^\n]*\n|\^)", re.IGNORECASE | re.MULTILINE)
MOST_ATTRIBUTES = 100_000
MOST_RECORDS = 200_000


@dataclass
class Table:
    """A table as text.

    Attributes
    ----------
    columns : list of str
    body : bytes
        The lines below the header.
    line : int
        Line number of the header in the file.
    """

    columns: list[str]
    body: bytes
    line: int


@dataclass
class Record:
    """One record.

    Attributes
    ----------
    kind, name : str
        `^SAMPLE = GSM1`: SAMPLE and GSM1.
    attributes : dict of list of str
        By the name behind `!Sample_`, all values in file order.
    descriptions : dict of str
        Of the table's columns.
    table : Table or None
    """

    kind: str
    name: str
    attributes: dict[str, list[str]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    table: Table | None = None


def read_records(path: Path | str) -> Iterator[Record]:
    """The records of a SOFT file.

    Raises
    ------
    BadInput
        Lines before the first record, a table without an end, damaged files.
    """
    where = str(path)
    record: Record | None = None
    table: list[bytes] | None = None
    number = begun = n_attributes = n_records = 0
    for block in text_blocks(path):
        start = 0
        while start < len(block):
            if table is not None:
                found = TABLE_ENDS.search(block, start)
                stop = found.start() if found else len(block)
                table.append(block[start:stop])
                number += block.count(b"\n", start, stop)
                start = stop
                if found is None:
                    break
                if found[0] == b"^":
                    raise _cut(where, begun)
                assert record is not None
                record.table = _table(b"".join(table), begun + 1)
                table, start, number = None, found.end(), number + 1
                continue
            end = block.index(b"\n", start) + 1
            line, start = block[start : end - 1].strip(), end
            number += 1
            if line.startswith(b"^"):
                if record is not None:
                    yield record
                n_records += 1
                if n_records > MOST_RECORDS:
                    raise BadInput("the file holds more than 200,000 records", where=where)
                kind, _, name = decode(line[1:]).partition("=")
                record, n_attributes = Record(kind.strip().upper(), name.strip()), 0
            elif not line:
                continue
            elif record is None:
                raise BadInput("the file is no SOFT file: its first line begins no record (^)", where=where)
            elif TABLE_BEGIN.match(line):
                if record.table is not None:
                    raise BadInput("a record holds two tables", where=f"{where}, line {number}")
                table, begun = [], number
            else:
                n_attributes += 1
                if n_attributes > MOST_ATTRIBUTES:
                    raise BadInput("a record has more than 100,000 lines above its table", where=where)
                _add(record, decode(line))
    if table is not None:
        raise _cut(where, begun)
    if record is not None:
        yield record


def _cut(where: str, begun: int) -> BadInput:
    return BadInput(
        "a table has no end (!…_table_end): the file is cut",
        where=f"{where}, the table of line {begun}",
        hint="copy or download it again",
    )


def _add(record: Record, line: str) -> None:
    name, _, value = line[1:].partition("=")
    if line.startswith("!"):
        key = name.strip().partition("_")[2] or name.strip()
        record.attributes.setdefault(key, []).append(value.strip())
    elif line.startswith("#"):
        record.descriptions[name.strip()] = value.strip()


def _table(text: bytes, line: int) -> Table:
    header, _, body = text.partition(b"\n")
    columns = [column.strip() for column in decode(header).rstrip("\t").split("\t")]
    return Table(columns, body, line)
