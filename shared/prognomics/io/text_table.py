"""Tables of text as people keep them: tab, comma or semicolon, spreadsheets, titles and comments above the header.

One reader serves sample sheets, annotations, feature maps and clinical tables of all sources. What it passes over or
puts together is noted with its line.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from prognomics.errors import BadInput, first_few, note, warn
from prognomics.io.footnotes import reads_as_footnote
from prognomics.io.known_names import plain_name
from prognomics.io.look_alikes import warn_about_look_alikes
from prognomics.io.text_file import read_text, split_line

SNIFFED = 60
MOST_TITLES = 20
MOST_COLUMNS = 200_000
MOST_CELLS = 50_000_000
ROW_KEYS = ("sample_id", "gene_id", "probe_id", "patient_id", "id_ref")  # what names rows is named by no one short
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_SUMMARY = re.compile(
    r"(mean|average|median|sum|(grand )?total|mean ?(±|\+/-) ?sd|sd|range|mittelwert|durchschnitt|summe|gesamt|moyenne|"
    r"m[ée]diane|somme)",
    re.IGNORECASE,
)
MOST_SUMMARIES = 6
FEWEST_ABOVE = 5
_UNIT = re.compile(
    r"[(\[][^()\[\]]{1,20}[)\]]|years?|months?|days?|weeks?|yrs?|mm|cm|kg|%|jahre|monate|tage|ans|mois|jours",
    re.IGNORECASE,
)
_NAMES_ROWS = re.compile(r"sample|patient|barcode|\bgsm|accession|prob(e|anden)\b|\bid\b|[_ ]id\b", re.IGNORECASE)
_Row = tuple[int, list[str]]  # line number and cells


@dataclass(frozen=True)
class TextTable:
    """A table whose cells are text.

    Attributes
    ----------
    names : list of str
        Unique names of the columns. A first column without a name is `sample_id`, as R and pandas write row names.
    rows : list of list of str
        One per row, each as long as `names`, without surrounding blanks.
    lines : list of int
        The line (of a spreadsheet the row) of each row.
    """

    names: list[str]
    rows: list[list[str]]
    lines: list[int]

    def columns(self) -> dict[str, list[str]]:
        """The cells by column."""
        return {name: [row[i] for row in self.rows] for i, name in enumerate(self.names)}


def read_text_table(path: Path | str, *, needs_rows: bool = True) -> TextTable:
    """Read a table of text.

    Parameters
    ----------
    path : path
        Tab-, comma- or semicolon-separated text in UTF-8, UTF-16 or Latin-1, plain or gzip, or a spreadsheet (XLSX).
        Cells may be quoted, also around line breaks. Passed over: comment lines (`#`) and titles above the header,
        footnotes below the table, columns without name and value. A header of two lines (merged cells) becomes one;
        R's header may be one name short; a header may begin with `#` as in Galaxy.
    needs_rows : bool
        Whether a table must have rows below its header.

    Raises
    ------
    BadInput
        An empty or binary file, no rows, rows of unequal length, columns without a name or of the same name.
    """
    return parse_text_table(read_text(path), str(path), needs_rows=needs_rows)


def parse_text_table(text: str, where: str, *, needs_rows: bool = True) -> TextTable:
    """As `read_text_table`, from text with `\\n` line ends."""
    if text.lstrip()[:1] in ("{", "["):
        raise BadInput("the file is JSON, not a table", where=where, hint="give a table with a header row")
    rows = _table_rows(text, where)
    names, body = _header(rows, where)
    if not body and needs_rows:
        raise BadInput("the table has no rows below its header", where=where)
    if len(names) > MOST_COLUMNS or len(body) * len(names) > MOST_CELLS:
        raise BadInput(
            f"the table has {len(body):,} rows of {len(names):,} columns: more than any annotation of samples",
            where=where,
            hint="give the matrix of values as a file of its own",
        )
    ragged = [(line, cells) for line, cells in body if len(cells) != len(names)]
    if ragged:
        line, cells = ragged[0]
        raise BadInput(
            f"{len(ragged)} row(s) do not have {len(names)} fields as the header; the first has {len(cells)} and "
            f"starts with {cells[0][:60]!r}",
            where=f"{where}, line {first_few(number for number, _ in ragged)}",
            hint="every row needs the same number of fields, empty where a value is missing; quote a cell that holds "
            "a tab or a line break",
        )
    _require_columns(names, body, where)
    table = _named_columns(names, body, where)
    if not text.isascii():
        warn_about_look_alikes(table.names, "column names", where)
        for name, cells in table.columns().items():
            warn_about_look_alikes(cells, f"values of column {name!r}", where)
    return table


def _require_columns(names: list[str], body: list[_Row], where: str) -> None:
    """BadInput for rows in one column that are divided by something else."""
    if len(names) > 1 or not body:
        return
    for pattern, said in ((r"\|", "'|'"), (r"\S {2,}(?=\S)", "runs of blanks")):
        counts = {len(re.findall(pattern, cells[0])) for _, cells in [(0, names), *body]}
        if len(counts) == 1 and counts.pop():
            raise BadInput(f"the table has one column only; its rows are divided by {said}", where=where,
                           hint="divide the columns by tabs, commas or semicolons")  # fmt: skip


def head_of_table(text: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows at the beginning of a text, whose last line may be cut; nothing is noted or refused."""
    if not text.endswith("\n") and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            names, rows = _header(_table_rows(text, ""), "")
        except BadInput:
            return [], []
    return names, [cells for _, cells in rows]


def sniff_table_delimiter(lines: list[str]) -> str:
    """Tab where most of the first lines hold one; else comma or semicolon, whichever divides them most evenly."""
    lines = [line for line in lines[:SNIFFED] if line.strip()]
    if not lines:
        return "\t"
    if 2 * sum("\t" in line for line in lines) >= len(lines):
        return "\t"

    def evenness(delimiter: str) -> tuple[float, int]:
        counts = Counter(_unquoted(line).count(delimiter) for line in lines)
        counts.pop(0, None)
        if not counts:
            return 0.0, 0
        often, n = counts.most_common(1)[0]
        return n / len(lines), often

    semicolon, comma = evenness(";"), evenness(",")
    if not semicolon[0] and not comma[0]:
        return "\t"
    return ";" if semicolon > comma else ","


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line) if '"' in line else line


def split_rows(text: str, delimiter: str) -> list[_Row]:
    """Line numbers and cells of the lines that are not blank; a quoted cell may hold delimiters and line breaks.

    Quotes that do not enclose cells are text, so that none swallows lines.
    """
    if '"' not in text:
        return [(n, line.split(delimiter)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    lines = text.split("\n")
    plain = [(n, split_line(line, delimiter)) for n, line in enumerate(lines, start=1) if line.strip()]
    quoted: list[_Row] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        start = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                quoted.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        return plain
    spans_lines = any("\n" in cell for _, row in quoted for cell in row)
    even = len({len(row) for _, row in plain}) == 1
    return plain if spans_lines and even else quoted


# ------------------------------------------------------------------ above the table


def _table_rows(text: str, where: str) -> list[_Row]:
    """The rows from the header on, without comments, titles and footnotes."""
    lines = text.split("\n")
    first, comments = 0, []
    while first < len(lines) and (lines[first].startswith("#") or not lines[first].strip()):
        if lines[first].strip():
            comments.append((first, lines[first]))
        first += 1
    rest = lines[first:] if first < len(lines) else []
    delimiter = sniff_table_delimiter(rest or [line for _, line in comments])
    rows = [(number + first, cells) for number, cells in split_rows("\n".join(rest), delimiter)]
    header = _commented_header([line for _, line in comments], rows, delimiter)
    if header is not None:
        rows.insert(0, (comments[-1][0] + 1, header))
    if not rows:
        raise BadInput("the table holds only blanks or comments", where=where)
    return _without_footnotes(_without_titles(rows, where), where)


def _commented_header(comments: list[str], rows: list[_Row], delimiter: str) -> list[str] | None:
    """The header that stands behind `#` (Galaxy, VCF-like tables); cBioPortal's several lines of comment are none."""
    wide = [line for line in comments if delimiter in line]
    if len(wide) != 1 or not comments[-1].lstrip("#").strip():
        return None
    cells = split_line(comments[-1].lstrip("#"), delimiter)
    if not rows:
        return cells
    if wide[0] != comments[-1] or len(cells) != len(rows[0][1]):
        return None
    if not _has_number(rows[0][1]) and any(_has_number(row) for _, row in rows[1:SNIFFED]):
        return None  # the line below is the header: it names what the others hold in numbers
    return cells


def _has_number(cells: list[str]) -> bool:
    return any(_NUMBER.fullmatch(cell.strip()) for cell in cells)


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _without_titles(rows: list[_Row], where: str) -> list[_Row]:
    """Rows above the header of which only the first cell is filled, such as `Table S1. Patients`, are titles."""
    width = Counter(_filled(cells) for _, cells in rows[:SNIFFED]).most_common(1)[0][0]
    titles = 0
    for _, cells in rows[: min(MOST_TITLES, len(rows) - 1)]:
        one_short = width == 2 and len(cells) == 1  # R's header above row names
        if width < 2 or _filled(cells) > 1 or not cells[0].strip() or one_short:
            break
        titles += 1
    if titles:
        shown = next(cell.strip() for cell in rows[0][1] if cell.strip())
        line = f"line {rows[0][0]}" if titles == 1 else f"lines {rows[0][0]} to {rows[titles - 1][0]}"
        note("table-title", f"{Path(where).name}: {line} above the header taken for a title: {shown[:60]!r}")
    return rows[titles:]


def _without_footnotes(rows: list[_Row], where: str) -> list[_Row]:
    """Rows at the end with text in their first cell alone that reads as a footnote, or stands behind an empty row."""
    width = Counter(_filled(cells) for _, cells in rows[:SNIFFED]).most_common(1)[0][0]
    end = len(rows)
    while end > 2 and width > 2:
        line, cells = rows[end - 1]
        text = cells[0].strip()
        if _filled(cells) != 1 or not reads_as_footnote(text, behind_gap=line - rows[end - 2][0] > 1):
            break
        end -= 1
    summaries = end
    while end - MOST_SUMMARIES < summaries and summaries > FEWEST_ABOVE and _summarizes(rows[summaries - 1][1]):
        summaries -= 1
    if summaries < end and not any(_summarizes(cells) for _, cells in rows[:summaries]):
        listed = ", ".join(cells[0].strip() for _, cells in rows[summaries:end])
        warn("summary-rows", f"{Path(where).name}: rows at the end that summarize the others are excluded: {listed}")
        return rows[:summaries]
    if end < len(rows):
        note("table-footnote", f"{Path(where).name}: line {rows[end][0]} and following taken for footnotes: "
             f"{rows[end][1][0].strip()[:60]!r}")  # fmt: skip
    return rows[:end]


def _summarizes(cells: list[str]) -> bool:
    return _SUMMARY.fullmatch(cells[0].strip().rstrip(":")) is not None


# ------------------------------------------------------------------ the header


def _header(rows: list[_Row], where: str) -> tuple[list[str], list[_Row]]:
    """Names of the columns, and the rows below."""
    line, names = rows[0][0], [name.strip() for name in rows[0][1]]
    body = rows[1:]
    if body and len(names) > 1 and _continues(names, body):
        joined, described = _joined_header(names, [cell.strip() for cell in body[0][1]])
        note("merged-header", f"{Path(where).name}: the header of lines {line} and {body[0][0]} is put together: "
             f"{first_few(described)}")  # fmt: skip
        names, body = joined, body[1:]
    if body and (units := _units(names, body)):
        text = ", ".join(name for name, unit in zip(names, units, strict=True) if unit)
        note("units-row", f"{Path(where).name}: line {body[0][0]} gives the units of {text}, not a sample")
        names, body = [f"{n} {u}".strip() for n, u in zip(names, units, strict=True)], body[1:]
    if body and one_short(names, [cells for _, cells in body]):
        names = ["", *names]
    return names, body


def _units(names: list[str], body: list[_Row]) -> list[str]:
    """The units that the row below the header gives to its columns, as `(months)`; empty if it is a row of values."""
    cells = [cell.strip() for cell in body[0][1]]
    filled = [i for i, cell in enumerate(cells) if cell]
    if not filled or cells[0] or len(cells) != len(names) or not all(_UNIT.fullmatch(cells[i]) for i in filled):
        return []
    below = [row for _, row in body[1:SNIFFED] if len(row) == len(names)]
    numbers = all(any(_NUMBER.fullmatch(row[i].strip()) for row in below) for i in filled)
    return cells if numbers and all(row[0].strip() for row in below) else []


def one_short(names: list[str], rows: list[list[str]]) -> bool:
    """Whether a header lacks the name of its first column, as R writes it above row names."""
    return plain_name(names[0]) not in ROW_KEYS and all(len(cells) == len(names) + 1 for cells in rows)


def _continues(names: list[str], body: list[_Row]) -> bool:
    """Whether the row below the first one names the columns that it leaves empty (merged cells)."""
    below = [cell.strip() for cell in body[0][1]]
    if len(below) != len(names) or _has_number(below) or len(body) < 2:
        return False
    empty = [i for i, name in enumerate(names) if not name and i]
    return bool(empty) and all(below[i] for i in empty) and any(_has_number(cells) for _, cells in body[1:SNIFFED])


def _joined_header(above: list[str], below: list[str]) -> tuple[list[str], list[str]]:
    """One name per column of two lines of a header: a heading over several columns comes before each of theirs."""
    spread = list(above)
    for i in range(1, len(spread)):
        if not spread[i] and below[i]:
            spread[i] = spread[i - 1]
    both = [" ".join(dict.fromkeys(part for part in pair if part)) for pair in zip(spread, below, strict=True)]
    often = Counter(b if b else a for a, b in zip(above, below, strict=True))
    names = [(b or a) if often[b or a] == 1 else whole for a, b, whole in zip(above, below, both, strict=True)]
    described = [f"column {i + 1} is {name!r}" for i, name in enumerate(names) if below[i]]
    return names, described


def _row_numbers(names: list[str], cells: list[list[str]]) -> bool:
    """Whether the first column has no name and numbers the rows, and another one names the samples."""
    first = [row[0] for row in cells]
    if names[0] not in ("", "Unnamed: 0", "...1", "X") or len(cells) < 2:
        return False
    if not any(first == [str(i) for i in range(k, k + len(first))] for k in (0, 1)):
        return False
    ids = [i for i, name in enumerate(names) if i and _NAMES_ROWS.search(name)]
    return any(len({row[i] for row in cells} - {""}) == len(cells) for i in ids)


def _named_columns(names: list[str], body: list[_Row], where: str) -> TextTable:
    cells = [[cell.strip() for cell in row] for _, row in body]
    if _row_numbers(names, cells):
        note("row-names", f"{Path(where).name}: the first column numbers the rows and is excluded")
        names, cells = names[1:], [row[1:] for row in cells]
    named = set(names)
    keep = [i for i, name in enumerate(names) if name or i == 0 or any(row[i] for row in cells)]
    columns = [names[i] or ("sample_id" if i == 0 and "sample_id" not in named else "") for i in keep]
    if "" in columns:
        place = keep[columns.index("")] + 1
        raise BadInput("a column has values and no name", where=f"{where}, column {place}",
                       hint="name each column in the header")  # fmt: skip
    twice = sorted(name for name, n in Counter(columns).items() if n > 1)
    if twice:
        raise BadInput("column names occur twice", where=f"{where}: {first_few(twice)}", hint="rename one of each")
    rows = cells if len(keep) == len(names) else [[row[i] for i in keep] for row in cells]
    return TextTable(columns, rows, [line for line, _ in body])
