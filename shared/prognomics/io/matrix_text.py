"""Tables of numbers as people keep them: which line is the header, which columns are samples, which rows are genes.

One reader serves matrices of all tools and sources. The rows themselves go through the compiled parser
(`numeric_table`) unless the text has to be put right first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath

import numpy as np

from prognomics.errors import BadInput, first_few, note, warn
from prognomics.io.column_roles import columns_beside_values
from prognomics.io.known_names import annotation_headings, is_measure_of_genes, plain_name, tally_rows
from prognomics.io.numeric_table import MISSING_NUMBERS, parse_numeric_rows
from prognomics.io.text_file import decode, expected_bytes, split_line, text_blocks
from prognomics.io.text_table import one_short, sniff_table_delimiter
from prognomics.io.thousands import thousands_mark

HEAD_LINES = 60
MOST_TITLES = 20
_GCT = re.compile(rb"#1\.([23])\s*$")
_COMMA_NUMBER = re.compile(rb"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_POINT_NUMBER = re.compile(rb"[-+]?\d*\.\d+")
_ALIGNED = re.compile(
    r"([._-]?Aligned(\.sortedByCoord)?\.out)?([._](sorted|sort|dedup|markdup|rmdup|uniq))*\.(bam|sam|cram)$", re.I
)
LOST_ROW_NUMBERS = ("", "x", "unnamed_0", "1", "row_names", "rownames", "rn", "index", "id")


@dataclass
class NumberTable:
    """A table of numbers.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n_rows, n_samples)
        Missing is NaN.
    samples : list of str
    id_names, ids : list of str, list of list of str
        Names and cells of the columns that name genes or describe them; the first one names the rows.
    tallied : bool
        Whether rows that count reads of no gene were excluded.
    """

    values: np.ndarray
    samples: list[str]
    id_names: list[str]
    ids: list[list[str]]
    tallied: bool = False

    def keep(self, rows: np.ndarray) -> None:
        """Omit the other rows (`rows` is bool, shape (n_rows,))."""
        self.values = self.values[rows]
        self.ids = [[name for name, k in zip(column, rows.tolist(), strict=True) if k] for column in self.ids]


@dataclass
class _Layout:
    """Where things are in the text."""

    columns: list[str]
    delimiter: str
    annotation: list[int]  # positions of columns that are no samples, the first column among them
    first_line: int
    comma: bool = False
    said: list[str] = field(default_factory=list)

    @property
    def n_leading(self) -> int:
        """How many columns from the left are annotation, all of it; 0 where some stands elsewhere."""
        n = len(self.annotation)
        return n if self.annotation == list(range(n)) else 0


def read_number_table(
    path: Path | str,
    *,
    samples: Collection[str] = (),
    others_annotate: bool = False,
    missing: Iterable[str] = MISSING_NUMBERS,
    keep_infinite: bool = False,
    called: tuple[str, str] = ("row", "column"),
) -> NumberTable:
    """Read a table of numbers, genes in rows.

    Parameters
    ----------
    path : path
        Tab-, comma- or semicolon-separated text or a spreadsheet, plain or gzip; also GCT (1.2, 1.3), featureCounts,
        and tables with annotation beside the values. Comments (`#`) and titles above the header are skipped, R's
        header may be one name short, decimal commas are read where no number has a point.
    samples : collection of str
        Names of samples, where they are known: these are samples whatever they are called.
    others_annotate : bool
        Where a column has one of these names, those that have none are annotation.
    missing, keep_infinite, called
        As `numeric_table.parse_numeric_rows`.

    Returns
    -------
    NumberTable
        Columns named in `known_names.yml` are annotation, rows named there are excluded; both are noted.

    Raises
    ------
    BadInput
        No header, no samples, ragged rows, text in a number (line, row, column and value are named).
    """
    where = str(path)
    blocks = text_blocks(path)
    layout, rest = _layout(blocks, where, frozenset(samples))
    if others_annotate and any(name in samples for name in layout.columns[1:]):
        layout.annotation = [0, *(i for i, name in enumerate(layout.columns[1:], start=1) if name not in samples)]
    body: Iterator[bytes] = chain([rest] if rest else [], blocks)
    columns, n_ids = layout.columns, layout.n_leading
    if len(columns) == len(layout.annotation):
        what = "the matrix has one column only" if len(columns) == 1 else "the table has no sample columns"
        raise BadInput(what, where=f"{where}: {first_few(columns)}",
                       hint="give gene_id, then samples, divided by tabs, commas or semicolons")  # fmt: skip
    if not n_ids or layout.comma:
        body = (_rewritten(block, layout) for block in body)
        order = [*layout.annotation, *(i for i in range(len(columns)) if i not in set(layout.annotation))]
        columns, n_ids = [columns[i] for i in order], len(layout.annotation)
    delimiter = "\t" if not layout.n_leading or layout.comma else layout.delimiter
    rows = parse_numeric_rows(
        body, delimiter=delimiter, columns=columns, n_ids=n_ids, where=where, first_line=layout.first_line,
        missing=missing, keep_infinite=keep_infinite, called=called, expected_bytes=expected_bytes(path),
    )  # fmt: skip
    table = NumberTable(rows.values, columns[n_ids:], columns[:n_ids], rows.ids)
    return _cleaned(table, layout, where)


def _layout(blocks: Iterator[bytes], where: str, samples: frozenset[str]) -> tuple[_Layout, bytes]:
    """How the text is laid out, and what of the first block follows the header."""
    block = next(blocks)
    start, number = 0, 0
    gct: tuple[int, ...] = ()

    def line() -> bytes:
        nonlocal block, start, number
        while start >= len(block):
            following = next(blocks, None)
            if following is None:
                raise BadInput("the file holds only comments", where=where)
            block, start = following, 0
        end = block.index(b"\n", start) + 1
        found, start = block[start : end - 1], end
        number += 1
        return found

    while not (header := line()).strip() or header.startswith(b"#"):
        if _GCT.match(header):
            gct = _dimensions(line(), where, number)
            header = line()
            break
        if header.startswith(b"##fileformat") or header.startswith(b"%%"):
            raise BadInput("the file is no table of expression values", where=f"{where}: {decode(header)[:60]}")
    if header.lstrip().startswith((b"{", b"[{")):
        raise BadInput("the file is JSON, not a table", where=where, hint="give a tab-separated table")
    ahead = [decode(text) for text in block[start : start + (1 << 18)].split(b"\n")[:HEAD_LINES] if text.strip()]
    delimiter = "\t" if gct else sniff_table_delimiter([decode(header), *ahead])
    titles = 0
    while titles < MOST_TITLES and len(ahead) > 1 and _is_title(decode(header), ahead, delimiter):
        header, ahead, titles = line(), ahead[1:], titles + 1
        while not header.strip():
            header = line()
    columns = [name.strip() for name in split_line(decode(header), delimiter)]
    if ahead and one_short(columns, [split_line(ahead[0], delimiter)]):
        columns = ["", *columns]
    layout = _Layout(columns, delimiter, [], number + 1)
    if titles:
        layout.said.append(f"{titles} line(s) above the header were taken for a title")
    _require_header(columns, ahead, where)
    layout.annotation = _annotation(columns, samples, 1 + gct[2] if gct else 0, ahead, delimiter)
    layout.annotation += columns_beside_values(columns, layout.annotation, samples, where)
    layout.annotation.sort()
    for _ in range(gct[3] if gct else 0):
        line()  # a GCT 1.3 describes its samples below the header
    layout.first_line = number + 1
    layout.comma = delimiter != "," and _decimal_comma(block[start : start + (1 << 18)], layout, where)
    return layout, block[start:]


def _dimensions(line: bytes, where: str, number: int) -> tuple[int, ...]:
    """Rows, columns, further columns of row descriptions and rows of sample descriptions of a GCT."""
    cells = line.split()
    if not 2 <= len(cells) <= 4 or not all(cell.isdigit() and len(cell) < 9 for cell in cells):
        raise BadInput("the second line of the GCT does not give its numbers of rows and columns",
                       where=f"{where}, line {number}")  # fmt: skip
    found = [int(cell) for cell in cells]
    return (*found, 1, 0) if len(found) == 2 else (*found, *[0] * (4 - len(found)))


def _is_title(header: str, ahead: list[str], delimiter: str) -> bool:
    """A line with one filled cell, perhaps the first of several such lines, above lines of three and more."""
    widths = [sum(bool(cell.strip()) for cell in split_line(line, delimiter)) for line in [header, *ahead]]
    table = next((i for i, width in enumerate(widths) if width >= 3), 0)
    return widths[0] <= 1 and 0 < table <= MOST_TITLES and min(widths[table:]) >= 3


def _require_header(columns: list[str], ahead: list[str], where: str) -> None:
    """BadInput where the first line holds numbers, as the others do: the file of one sample."""
    numbers = [bool(re.fullmatch(r"\d+(\.\d+)?", name)) for name in columns[1:]]
    if len(columns) in (2, 4) and all(numbers) and not columns[0].lower().startswith(("gene", "id", "name")):
        raise BadInput(
            "the table has no header: it looks like the counts of one sample (htseq-count, STAR)",
            where=f"{where}: its first line is {' '.join(columns)[:60]!r}",
            hint="give the files of all samples to fetch_cohort --source local, or add a line gene_id and sample names",
        )


def _annotation(
    columns: list[str], samples: frozenset[str], n_described: int, ahead: list[str], delimiter: str
) -> list[int]:
    """Positions of the columns that are not samples: the first, those of known names, and nameless empty ones."""
    rows = [split_line(line, delimiter) for line in ahead]
    found = [0]
    for i, name in enumerate(columns[1:], start=1):
        empty = not name and all(len(row) <= i or not row[i].strip() for row in rows)
        if i < n_described or empty or (name not in samples and is_annotation(name)):
            found.append(i)
    return found


def is_annotation(heading: str) -> bool:
    """Whether a column of this heading names or describes genes, and holds no sample."""
    name = plain_name(heading)
    return name in annotation_headings() or name in GENE_HEADINGS or is_measure_of_genes(name)


GENE_HEADINGS = frozenset((
    "probe_id", "probeid", "id_ref", "probe", "probeset", "probeset_id", "probe_set_id", "probe_set", "gene_symbol",
    "genesymbol", "gene_symbols", "gene_sym", "symbol", "hugo_symbol", "hgnc_symbol", "entrez_id", "entrez_gene_id",
    "entrez_gene", "entrezid", "entrez", "entrezgene", "gene_id_entrez", "geneid",
))  # fmt: skip
"""Headings of columns that name genes, in any table."""


def _decimal_comma(head: bytes, layout: _Layout, where: str) -> bool:
    """Whether numbers are written with a comma (and none with a point) in the first rows."""
    commas: list[bytes] = []
    points, integers = [], []
    for text in head.split(b"\n")[:HEAD_LINES]:
        for cell in text.replace(b'"', b"").split(layout.delimiter.encode())[len(layout.annotation) :]:
            if b"," in cell and _COMMA_NUMBER.fullmatch(cell.strip()):
                commas.append(cell.strip())
            elif b"." in cell and _POINT_NUMBER.fullmatch(cell.strip()):
                points.append(decode(cell.strip()))
            elif cell.strip().isdigit():
                integers.append(decode(cell.strip()))
    if points and not commas and thousands_mark([*points, *integers]):
        raise BadInput(
            f"{points[0]!r} among integers below 1,000 may be a decimal number or thousands",
            where=where,
            hint="write numbers with a decimal point and without separators of thousands",
        )
    if points:
        return False
    if len(commas) < 2:
        return False
    if all(re.fullmatch(rb"[-+]?[1-9]\d{0,2},\d{3}", number) for number in commas):
        raise BadInput(
            f"{decode(commas[0])!r} may be a decimal number or thousands",
            where=where,
            hint="write numbers with a decimal point and without separators of thousands",
        )
    layout.said.append("numbers are written with decimal commas")
    return True


def _rewritten(block: bytes, layout: _Layout) -> bytes:
    """The rows as tab-separated text: annotation first, decimal points."""
    delimiter, places = layout.delimiter, set(layout.annotation)
    others = [i for i in range(len(layout.columns)) if i not in places]
    order = [*layout.annotation, *others]
    n_ids, width, out = len(layout.annotation), len(layout.columns), []
    for text in block.split(b"\n")[:-1]:
        cells = split_line(decode(text), delimiter)
        if len(cells) != width:  # the parser says what is wrong with it
            out.append("\t".join(cells) if text.strip() else "")
            continue
        cells = [cells[i].replace("\t", " ").replace('"', "") for i in order]
        if layout.comma:
            cells[n_ids:] = [_pointed(cell) for cell in cells[n_ids:]]
        out.append("\t".join(cells))
    return "\n".join([*out, ""]).encode()


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*", cell) else cell


# ------------------------------------------------------------------ after reading


def _cleaned(table: NumberTable, layout: _Layout, where: str) -> NumberTable:
    name = Path(where).name
    for text in layout.said:
        note("table-layout", f"{name}: {text}")
    if len(table.id_names) > 1:
        text = f"{name}: columns that annotate genes, not read as samples: {first_few(table.id_names[1:], 8)}"
        note("annotation-columns", text)
    _name_rows_by_gene(table, name)
    _shorten_samples(table, name)
    genes = without_tallies(table.ids[0], where)
    if genes is not None:
        table.keep(genes)
        table.tallied = True
    return table


def _name_rows_by_gene(table: NumberTable, name: str) -> None:
    """Rows that are numbered (pandas, R) are named by the first column of genes instead."""
    if plain_name(table.id_names[0]) not in LOST_ROW_NUMBERS or len(table.ids) < 2:
        return
    first = table.ids[0]
    numbered = any(first == [str(i) for i in range(k, k + len(first))] for k in (0, 1))
    place = next((i for i, n in enumerate(table.id_names) if plain_name(n) in GENE_HEADINGS or
                  plain_name(n) in ("name", "gene_id", "gene", "gene_name", "ensembl_gene_id")), 0)  # fmt: skip
    if numbered and place:
        note("row-names", f"{name}: its first column numbers the rows; {table.id_names[place]!r} names them")
        order = [place, *(i for i in range(1, len(table.ids)) if i != place)]
        table.ids, table.id_names = [table.ids[i] for i in order], [table.id_names[i] for i in order]


def _shorten_samples(table: NumberTable, name: str) -> None:
    """Samples named by the path of their alignment (featureCounts) get the name of its file."""
    if not table.samples or not all(_ALIGNED.search(sample) for sample in table.samples):
        return
    short = [_ALIGNED.sub("", PurePosixPath(sample.replace("\\", "/")).name) for sample in table.samples]
    if len(set(short)) == len(short) and all(short):
        note("sample-names", f"{name}: samples are named by their alignments without path and ending, such as "
             f"{short[0]!r} for {table.samples[0]!r}")  # fmt: skip
        table.samples = short


def without_tallies(ids: list[str], where: str) -> np.ndarray | None:
    """Which rows are genes, shape (n_rows,); None where all are. Rows that are none are warned of."""
    tallies = tally_rows(ids)
    if not tallies or len(tallies) == len(ids):
        return None
    genes = np.ones(len(ids), dtype=bool)
    genes[tallies] = False
    warn("tally-rows", f"{Path(where).name}: {len(tallies)} rows are tallies of reads, not genes, and are removed: "
         f"{first_few(ids[i] for i in tallies)}")  # fmt: skip
    return genes
