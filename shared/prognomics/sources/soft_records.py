"""The records of a SOFT file, one after the other: name, attributes, column descriptions and the text of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prognomics.errors import BadInput
from prognomics.io.text_file import LARGEST_TEXT, decode, text_blocks

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
        The lines below the header, narrowed to these columns.
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


@dataclass(frozen=True)
class Wanted:
    """Which columns of a table to keep.

    Attributes
    ----------
    columns : tuple of int
        Their positions; none passes the table over.
    needed : bool
        Whether a row that lacks one of them is a error.
    """

    columns: tuple[int, ...] = ()
    needed: bool = False


def read_records(path: Path | str, wanted: Callable[[Record, list[str]], Wanted] | None = None) -> Iterator[Record]:
    """The records of a SOFT file, one at a time: of a table no more is held than the columns that are wanted.

    Parameters
    ----------
    path : path
        Plain or gzip.
    wanted : callable, optional
        Gets a record with what is above its table, and the names of the table's columns. Default: all columns.

    Raises
    ------
    BadInput
        Lines before the first record, a table without an end, damaged files, more than 512 MiB kept of one table.
    """
    where = str(path)
    record: Record | None = None
    table: _Reader | None = None
    number = n_attributes = n_records = 0
    for block in text_blocks(path):
        start = 0
        while start < len(block):
            if table is not None:
                found = TABLE_ENDS.search(block, start)
                stop = found.start() if found else len(block)
                table.add(block[start:stop])
                number += block.count(b"\n", start, stop)
                start = stop
                if found is None:
                    break
                if found[0] == b"^":
                    raise _cut(where, table.begun)
                table.record.table = table.finished()
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
                table = _Reader(record, number, where, wanted or _everything)
            else:
                n_attributes += 1
                if n_attributes > MOST_ATTRIBUTES:
                    raise BadInput("a record has more than 100,000 lines above its table", where=where)
                _add(record, decode(line))
    if table is not None:
        raise _cut(where, table.begun)
    if record is not None:
        yield record


def _everything(record: Record, columns: list[str]) -> Wanted:
    return Wanted(tuple(range(len(columns))))


class _Reader:
    """A table as its lines come: the header, then the rows' wanted columns."""

    def __init__(self, record: Record, begun: int, where: str, wanted: Callable[[Record, list[str]], Wanted]):
        self.record, self.begun, self._where, self._choose = record, begun, where, wanted
        self._wanted = Wanted()
        self._header: list[str] | None = None
        self._kept: list[bytes] = []
        self._size, self._line = 0, begun + 1

    def add(self, lines: bytes) -> None:
        """Some whole lines."""
        if self._header is None:
            if not lines:
                return
            header, _, lines = lines.partition(b"\n")
            self._header = [column.strip() for column in decode(header).rstrip("\t").split("\t")]
            self._wanted = self._choose(self.record, self._header)
        if lines and self._wanted.columns:
            self._kept.append(self._narrowed(lines))
            self._size += len(self._kept[-1])
            if self._size > LARGEST_TEXT:
                raise BadInput("the table holds more than 512 MiB of text", where=f"{self._where}, line {self.begun}")

    def finished(self) -> Table:
        columns = [self._header[place] for place in self._wanted.columns] if self._header else []
        return Table(columns, b"".join(self._kept), self.begun + 1)

    def _narrowed(self, lines: bytes) -> bytes:
        if self._wanted.columns == tuple(range(len(self._header or ()))):
            return lines
        narrow = []
        last = max(self._wanted.columns)
        for line in lines.removesuffix(b"\n").split(b"\n"):
            self._line += 1
            cells = line.split(b"\t", last + 1)
            if len(cells) <= last and self._wanted.needed and line.strip():
                raise BadInput(
                    f"a row of the table has {len(cells)} fields, and field {last + 1} is needed",
                    where=f"{self._where}, {self.record.kind.lower()} {self.record.name}, line {self._line}",
                )
            narrow.append(b"\t".join([cells[place] for place in self._wanted.columns if place < len(cells)]))
        return b"\n".join(narrow) + b"\n"


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
