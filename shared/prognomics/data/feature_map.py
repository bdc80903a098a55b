"""Which genes the probes of a platform measure: GEO's annotation, SOFT platform tables, or a plain table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.data.feature_columns import PROBES, SYMBOLS, feature_columns, named_features
from prognomics.errors import BadInput, first_few, note
from prognomics.io.look_alikes import warn_about_look_alikes
from prognomics.io.text_file import read_head, read_text, split_line
from prognomics.io.text_table import parse_text_table

if TYPE_CHECKING:
    import pandas as pd

_RECORD = re.compile(r"\A(\s*#[^\n]*\n)*\s*[\^!]")
_SECTION = re.compile(r"^\[(Probes|Assay)\][,\t]*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL | re.IGNORECASE)
KNOWN_HEADINGS = f"{', '.join(PROBES)} of probes, {', '.join(SYMBOLS)}, gene_assignment of genes"


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
        `probe_id, gene_symbol, entrez_id`, and `gene_title` if there is one. Several genes of one probe
        stay as they are written (`A /// B`); empty where the platform names none.

    Raises
    ------
    BadInput
        No table, no probe or gene column, repeated probes.
    """
    where, text = str(path), read_text(path)
    lines = text.split("\n")
    begin = next((i for i, line in enumerate(lines) if line.lower().startswith("!platform_table_begin")), None)
    if begin is None:
        if any(line.startswith(("^", "!")) for line in lines[:50]):
            hint = "take the full record or the .annot file"
            raise BadInput("the platform record holds no table", where=where, hint=hint)
        table = _plain_table(text, where)
        return _checked_map(named_features(list(table), table.fillna("").to_numpy().tolist()), list(table), where)
    ends = (i for i in range(begin, len(lines)) if lines[i].lower().startswith("!platform_table_end"))
    lines = [line for line in lines[begin + 1 : next(ends, len(lines))] if line.strip() and not line.startswith("#")]
    if len(lines) < 2:
        raise BadInput("the platform table holds no rows", where=where)
    return feature_map(split_line(lines[0], "\t"), lines[1:], "\t", where)


def _plain_table(text: str, where: str) -> pd.DataFrame:
    """A table that is not a record of GEO; of Illumina's manifests the section of probes."""
    import pandas as pd

    if section := _SECTION.search(text):
        text = section[2]
    cells = parse_text_table(text, where).columns()
    return pd.DataFrame({name: [cell or None for cell in column] for name, column in cells.items()}, dtype=object)


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
    rows = [split_line(line, delimiter) for line in lines if line.strip()]
    found = named_features(header, rows)
    if found is not None and not rows:
        raise BadInput("the platform table holds no rows", where=where)
    return _checked_map(found, header, where)


def _checked_map(found: dict[str, list[str]] | None, header: list[str], where: str) -> pd.DataFrame:
    import pandas as pd

    if found is None:
        raise BadInput(
            "the platform table names no probes, or no genes",
            where=f"{where}: columns {first_few(header, 12)}",
            hint=f"a feature map has the columns probe_id, gene_symbol, entrez_id; known headings are {KNOWN_HEADINGS}",
        )
    table = pd.DataFrame(found, dtype=object)
    table = table[table["probe_id"] != ""].reset_index(drop=True)
    repeated = table.loc[table["probe_id"].duplicated(), "probe_id"].unique()
    if len(repeated):
        raise BadInput(f"probes occur more than once: {first_few(repeated)}", where=where)
    for name in ("probe_id", "gene_symbol"):
        warn_about_look_alikes(table[name], f"values of column {name!r}", where)
    return table


def read_feature_map(path: Path | str) -> pd.DataFrame:
    """Read the feature map of a matrix: as `fetch_cohort` writes it, or a platform's table under its own headings.

    Returns
    -------
    pandas.DataFrame
        As `with_feature_names`; missing cells are NaN. A probe may be on several lines.

    Raises
    ------
    BadInput
        Malformed files.
    """
    if _RECORD.match(read_head(path, 1 << 16)):
        return read_platform(path)
    return with_feature_names(_plain_table(read_text(path), str(path)))


def with_feature_names(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose columns of probes and genes have the names of a feature map; which they were is noted.

    A table that has `probe_id` and `gene_symbol`, or lacks probes or symbols under any heading, is returned as it is.
    """
    if {"probe_id", "gene_symbol"} <= set(table.columns):
        return table
    header = [str(name) for name in table.columns]
    columns = feature_columns(header)
    if columns.probe is None or (columns.symbol is None and columns.assignment is None):
        return table
    found = named_features(header, table.fillna("").astype(str).to_numpy().tolist())
    if found is None:
        return table
    symbol = header[columns.symbol if columns.symbol is not None else columns.assignment]  # type: ignore[index]
    note("features", f"the feature map names probes in {header[columns.probe]!r} and genes in {symbol!r}")
    others = [name for place, name in enumerate(header) if place not in columns.used and name not in found]
    named = type(table)(found, index=table.index, dtype=object)
    return named.join(table[others]) if others else named
