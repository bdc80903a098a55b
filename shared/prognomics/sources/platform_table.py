"""Read which genes the probes of an array platform measure: GEO annotation, SOFT platform tables, or a plain
table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.artefacts.text_file import read_text, split_line
from prognomics.errors import BadInput, first_few
from prognomics.sources.sheet import sniff_delimiter

if TYPE_CHECKING:
    import pandas as pd

PROBE_NAMES = ("probe_id", "id", "id_ref", "probe", "probeset", "probe_set_id", "spot_id", "gene_id")
SYMBOL_NAMES = (
    "gene_symbol",
    "genesymbol",
    "gene_sym",
    "symbol",
    "hugo_symbol",
    "ilmn_gene",
    "gene",
    "gene_name",
    "genename",
)
ENTREZ_NAMES = (
    "entrez_id",
    "entrez_gene_id",
    "entrez_gene",
    "gene_id",
    "geneid",
    "entrezid",
    "entrez",
    "locuslink_id",
    "ll_id",
)
TITLE_NAMES = ("gene_title", "definition", "description", "gene_description")


def read_platform(path: Path | str) -> pd.DataFrame:
    """Read a feature map.

    Parameters
    ----------
    path : path
        A GEO platform annotation (`GPLxx.annot`), a SOFT platform record, or a table whose header names a
        probe column and a symbol or Entrez column, under any of their usual names; plain or gzip.

    Returns
    -------
    pandas.DataFrame of str
        `probe_id, gene_symbol, entrez_id`, and `gene_title` where there is one. Several genes of one probe
        stay as they are written (`A /// B`); empty where the platform names none.

    Raises
    ------
    BadInput
        No table, no probe or gene column, repeated probes.
    """
    where = str(path)
    lines = read_text(path).split("\n")
    begin = next(
        (i for i, line in enumerate(lines) if line.lower().startswith("!platform_table_begin")), None
    )
    if begin is not None:
        end = next(
            (i for i in range(begin, len(lines)) if lines[i].lower().startswith("!platform_table_end")),
            len(lines),
        )
        lines = lines[begin + 1 : end]
    elif any(line.startswith(("^", "!")) for line in lines[:50]):
        raise BadInput(
            "the platform record holds no table", where=where, hint="take the full record or the .annot file"
        )
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if len(lines) < 2:
        raise BadInput("the platform table holds no rows", where=where)
    delimiter = "\t" if begin is not None else sniff_delimiter(lines[0])
    return feature_map(split_line(lines[0], delimiter), lines[1:], delimiter, where)


def feature_map(header: list[str], lines: list[str], delimiter: str, where: str) -> pd.DataFrame:
    """The feature map of a platform's table.

    Parameters
    ----------
    header : list of str
        Names of its columns.
    lines : list of str
        Its rows; empty ones are skipped, and a row may lack its last fields.
    delimiter, where : str

    Returns
    -------
    pandas.DataFrame of str
        As `read_platform`.

    Raises
    ------
    BadInput
        No rows, no probe or gene column, repeated probes.
    """
    import pandas as pd

    names = [re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in header]
    probe = _column(names, PROBE_NAMES)
    symbol = _column(names, SYMBOL_NAMES, taken=probe)
    entrez = _column(names, ENTREZ_NAMES, taken=probe)
    if probe is None or (symbol is None and entrez is None):
        raise BadInput(
            "the platform table names no probes, or no genes",
            where=f"{where}: columns {first_few(header, 12)}",
            hint="a feature map has the columns probe_id, gene_symbol, entrez_id",
        )
    rows = [split_line(line, delimiter) for line in lines if line.strip()]
    if not rows:
        raise BadInput("the platform table holds no rows", where=where)
    title = _column(names, TITLE_NAMES)
    wanted = {"probe_id": probe, "gene_symbol": symbol, "entrez_id": entrez}
    if title is not None:
        wanted["gene_title"] = title

    def cells(position: int | None) -> list[str]:
        if position is None:
            return [""] * len(rows)
        return [row[position].strip() if position < len(row) else "" for row in rows]

    table = pd.DataFrame({name: cells(position) for name, position in wanted.items()}, dtype=object)
    table = table[table["probe_id"] != ""].reset_index(drop=True)
    repeated = table.loc[table["probe_id"].duplicated(), "probe_id"].unique()
    if len(repeated):
        raise BadInput(f"probes occur more than once: {first_few(repeated)}", where=where)
    return table


def _column(names: list[str], candidates: tuple[str, ...], taken: int | None = None) -> int | None:
    """The position of the first candidate name that is there (candidates come in order of trust)."""
    for candidate in candidates:
        if candidate in names and names.index(candidate) != taken:
            return names.index(candidate)
    return None
