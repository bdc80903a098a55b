"""MAGE-TAB of ArrayExpress: IDF, SDRF, array designs (ADF) and processed data.

Format: https://www.ebi.ac.uk/biostudies/misc/MAGE-TABv1.1_2011_07_28.pdf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.data.sample_joins import Join, note_source
from prognomics.errors import BadInput, first_few, note
from prognomics.io.numeric_table import parse_numeric_rows
from prognomics.io.text_file import decode, read_text, split_line, text_blocks
from prognomics.sources.raw import FreeNames, RawExpression, require_sheet_size, require_unique

if TYPE_CHECKING:
    import pandas as pd

# what an SDRF calls a measured sample, in order of preference
_ASSAYS = ("assay name", "hybridization name", "scan name", "extract name", "sample name", "source name")
_REFERENCE = re.compile(r"^(hybridization|assay|scan|source|sample|extract|normalization|labeled extract)s? ref$", re.I)
_ELEMENT = re.compile(r"^(reporter|composite ?element|probe ?set|term source)s?( ref| identifier| name)?$", re.I)
_RAW = ("array data file", "array data matrix file")
_PROCESSED = ("derived array data matrix file", "derived array data file", "derived data file")
_JOIN = " | "


@dataclass(frozen=True)
class Sdrf:
    """Samples and their files.

    Attributes
    ----------
    sheet : pandas.DataFrame of str
        One row per measured sample: `sample_id`, then the columns of the source; repeated ones are written
        `name.2`. Several lines of one sample are joined: cells that differ stand joined by ` | `.
    """

    sheet: pd.DataFrame

    def files(self, kinds: tuple[str, ...]) -> dict[str, list[str]]:
        """File names of some columns, with the samples that each belongs to."""
        found: dict[str, list[str]] = {}
        for column in self.sheet.columns:
            if _plain(re.sub(r"\.\d+$", "", column)) in kinds:
                for sample, cell in zip(self.sheet["sample_id"], self.sheet[column], strict=True):
                    for name in filter(None, cell.split(_JOIN)):
                        if sample not in found.setdefault(name, []):
                            found[name].append(sample)
        return found

    @property
    def raw_files(self) -> list[str]:
        return sorted(self.files(_RAW))

    @property
    def processed_files(self) -> dict[str, list[str]]:
        return self.files(_PROCESSED)

    @property
    def designs(self) -> list[str]:
        return sorted(self.files(("array design ref",)))

    @property
    def names(self) -> set[str]:
        """Every cell: whatever a matrix may name its columns by."""
        cells = self.sheet.to_numpy().ravel().tolist()
        return {name.strip() for cell in cells for name in cell.split(_JOIN)} - {""}

    def archives(self, *, processed: bool) -> list[str]:
        """Archives that hold the files, as older studies name them: the last part of an FTP address."""
        kind = "comment [derived arrayexpress ftp file]" if processed else "comment [arrayexpress ftp file]"
        return sorted({address.rpartition("/")[2] for address in self.files((kind, kind.replace(" [", "[")))})

    def renamed(self, expression: RawExpression, where: str) -> RawExpression:
        """A matrix with its columns named as the sheet names samples, whichever column they were named by.

        Raises
        ------
        BadInput
            No column of the sheet names the matrix's samples.
        """
        wanted = set(expression.sample_ids)
        best: tuple[int, dict[str, str]] = (0, {})
        for column in self.sheet.columns:
            named: dict[str, str] = {}
            for sample, cell in zip(self.sheet["sample_id"], self.sheet[column], strict=True):
                for name in cell.split(_JOIN):
                    named.setdefault(name.strip(), sample)
            matched = len(wanted & set(named))
            if matched > best[0] and len({named[n] for n in wanted & set(named)}) == matched:
                best = matched, named
        if not best[0]:
            raise BadInput("no sample of the processed data is in the SDRF",
                           where=f"{where}: {first_few(expression.sample_ids)}")  # fmt: skip
        keep = [i for i, name in enumerate(expression.sample_ids) if name in best[1]]
        named_here = [best[1].get(name, name) for name in expression.sample_ids]
        note_source(Join.of("the SDRF", self.sheet["sample_id"], "the processed data", named_here).text())
        if len(keep) < len(expression.sample_ids):
            n_left = len(expression.sample_ids) - len(keep)
            note("source", f"{n_left} columns of the processed data are no samples of the SDRF and are excluded")
        names = [best[1][expression.sample_ids[i]] for i in keep]
        return RawExpression(np.ascontiguousarray(expression.values[:, keep]), expression.row_ids, names)


def read_idf(path: Path | str) -> dict[str, list[str]]:
    """The fields of an IDF with their values."""
    fields: dict[str, list[str]] = {}
    for line in read_text(path).split("\n"):
        name, *values = [cell.strip() for cell in split_line(line, "\t")]
        if name and not name.startswith("#"):
            fields.setdefault(name.lower(), []).extend(value for value in values if value)
    if "sdrf file" not in fields and "investigation title" not in fields:
        raise BadInput("the file is no IDF (it names no SDRF File)", where=str(path))
    return fields


def is_sdrf(header: list[str]) -> bool:
    """Whether a header is that of an SDRF."""
    names = {_plain(name) for name in header}
    return "source name" in names and bool(names & {*_ASSAYS[:4], *_RAW, *_PROCESSED} - {"source name"})


def read_sdrf(path: Path | str) -> Sdrf:
    """Read an SDRF.

    Raises
    ------
    BadInput
        No SDRF, or rows of unequal length.
    """
    import pandas as pd

    where = str(path)
    lines = [(n, line) for n, line in enumerate(read_text(path).split("\n"), start=1)
             if line.strip() and not line.startswith("#")]  # fmt: skip
    header = [name.strip() for name in split_line(lines[0][1], "\t")] if lines else []
    if len(lines) < 2 or not is_sdrf(header):
        raise BadInput("the file is no SDRF: it has no rows, or no Source Name and assay", where=where)
    while header and not header[-1]:
        header.pop()
    require_sheet_size(len(lines), len(header), where)
    free = FreeNames(["sample_id"])
    names = [free.take(name or f"column.{number}") for number, name in enumerate(header, start=1)]
    rows: list[list[str]] = []
    for number, line in lines[1:]:
        cells = [cell.strip() for cell in split_line(line, "\t")]
        if any(cells[len(names) :]):
            raise BadInput(f"a row has {len(cells)} fields where the header has {len(names)}",
                           where=f"{where}, line {number}")  # fmt: skip
        rows.append([*cells, *[""] * len(names)][: len(names)])
    key = _sample_column(names, rows, where)
    merged: dict[str, list[list[str]]] = {}
    for row in rows:
        merged.setdefault(row[key], []).append(row)
    body = [[sample, *(_joined(cells) for cells in zip(*several, strict=True))] for sample, several in merged.items()]
    return Sdrf(pd.DataFrame(body, columns=["sample_id", *names], dtype=object))


def _sample_column(names: list[str], rows: list[list[str]], where: str) -> int:
    lowered = [_plain(name) for name in names]
    for wanted in _ASSAYS:
        if wanted in lowered and all(row[lowered.index(wanted)] for row in rows):
            return lowered.index(wanted)
    raise BadInput("the SDRF names no samples in all of its rows", where=where, hint="Source Name or Assay Name")


def _joined(cells: tuple[str, ...]) -> str:
    return _JOIN.join(dict.fromkeys(filter(None, cells)))


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def is_data_matrix(head: str) -> bool:
    """Whether a text begins as a MAGE-TAB data matrix, with two header rows."""
    lines = head.split("\n", 2)
    return len(lines) > 2 and bool(_REFERENCE.match(_first(lines[0]))) and bool(_ELEMENT.match(_first(lines[1])))


def _first(line: str) -> str:
    return line.partition("\t")[0].strip().strip('"')


def read_data_matrix(path: Path | str) -> RawExpression:
    """A MAGE-TAB data matrix; of several quantities the first is taken.

    Raises
    ------
    BadInput
        Ragged rows, text in a number, repeated samples or rows.
    """
    where, blocks = str(path), text_blocks(path)
    first = next(blocks)
    if not is_data_matrix(decode(first[: 1 << 16])):
        raise BadInput("the file is no data matrix of MAGE-TAB: it has not its two header rows", where=where)
    lines = first.split(b"\n", 2)
    samples, quantities = ([c.strip() for c in split_line(decode(line), "\t")][1:] for line in lines[:2])
    if len(samples) != len(quantities):
        raise BadInput("the two header rows have different lengths", where=where)
    kinds = list(dict.fromkeys(quantities))
    keep = [i for i, kind in enumerate(quantities, start=1) if kind == kinds[0]]
    if len(kinds) > 1:
        note("source", f"the processed data hold {first_few(kinds)}; {kinds[0]!r} is taken")
    names = [samples[i - 1] for i in keep]
    require_unique(names, kind="sample", where=f"{where}, header")

    def rows() -> Iterator[bytes]:
        for block in (lines[2], *blocks) if len(kinds) == 1 else map(chosen, (lines[2], *blocks)):
            if block:
                yield block

    def chosen(block: bytes) -> bytes:
        rows = (line.split(b"\t") for line in block.split(b"\n") if line)
        return b"".join(b"\t".join([r[0], *(r[i] if i < len(r) else b"" for i in keep)]) + b"\n" for r in rows)

    parsed = parse_numeric_rows(rows(), delimiter="\t", columns=["row", *names], n_ids=1, where=where, first_line=3)
    require_unique(parsed.ids[0], kind="row name", where=where)
    return RawExpression(parsed.values, parsed.ids[0], names)


def read_adf(path: Path | str) -> pd.DataFrame:
    """The genes of an array design.

    Returns
    -------
    pandas.DataFrame of str
        `probe_id, gene_symbol, entrez_id`.

    Raises
    ------
    BadInput
        No table, or no column of genes.
    """
    import pandas as pd

    lines = read_text(path).split("\n")
    begin = next((i for i, line in enumerate(lines) if line.strip().lower() == "[main]"), -1) + 1
    table = [split_line(line, "\t") for line in lines[begin:] if line.strip()]
    header = [_plain(name) for name in table[0]] if table else []

    def column(*patterns: str) -> int | None:
        return next((i for p in patterns for i, name in enumerate(header) if re.search(p, name)), None)

    probe = column(r"^composite ?element name$", r"^reporter name$")
    symbol = column(r"hgnc|hugo|gene.?symbol|symbol", r"gene.?name")
    entrez = column(r"entrez|locuslink|ncbi gene")
    if probe is None or (symbol is None and entrez is None):
        hint = "omit --out-features, or give a table of probes and symbols with --source local"
        where = f"{path}: {first_few(header, 12)}"
        raise BadInput("the array design names no probes, or no genes", where=where, hint=hint)
    rows: dict[Any, Any] = {}
    for cells in table[1:]:
        cell = lambda i: cells[i].strip() if i is not None and i < len(cells) else ""  # noqa: B023, E731
        if cell(probe):
            rows.setdefault(cell(probe), (cell(probe), cell(symbol), cell(entrez)))
    return pd.DataFrame(list(rows.values()), columns=["probe_id", "gene_symbol", "entrez_id"], dtype=object)
