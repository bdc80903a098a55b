"""Read an expression table, genes (or probes) in rows: identifiers, then one column per sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.feature_columns import SURE_ENTREZ, SURE_SYMBOLS, plain_name
from prognomics.errors import BadInput
from prognomics.io.numeric_table import parse_numeric_rows
from prognomics.io.text_file import decode, sniff_delimiter, split_line, text_blocks
from prognomics.sources.raw import RawExpression, require_unique
from prognomics.sources.recognise import count_id_columns

if TYPE_CHECKING:
    import pandas as pd

SYMBOL_AND_ENTREZ = re.compile(r"(.*)\|(\d+)")


def read_expression(path: Path | str) -> tuple[RawExpression, pd.DataFrame | None]:
    """Read an expression table.

    Parameters
    ----------
    path : path
        TSV, CSV or semicolon-separated, plain or gzip. The first line names the samples; a header that is one
        field short (R's row names) is accepted. The first column, and following ones named as symbol or
        Entrez columns, are identifiers. Lines that start with `#` before the header are left out.

    Returns
    -------
    expression : RawExpression
    features : pandas.DataFrame or None
        `probe_id, gene_symbol, entrez_id` where the table holds them, as columns or as `SYMBOL|ENTREZ` row
        names.

    Raises
    ------
    BadInput
        Ragged rows, text in a number, repeated or empty sample or row names.
    """
    where = str(path)
    blocks = text_blocks(path)
    header, rest, line = _split_header(blocks, where)
    delimiter = sniff_delimiter(header)
    columns = [name.strip() for name in split_line(header, delimiter)]
    first = next((row for row in decode(rest).split("\n") if row.strip()), "")
    if first and len(split_line(first, delimiter)) == len(columns) + 1:
        columns = ["", *columns]
    n_ids = count_id_columns(columns)
    samples = columns[n_ids:]
    if not samples:
        raise BadInput(
            "the expression table has no sample columns",
            where=where,
            hint="columns are split at tabs or commas",
        )
    require_unique(samples, kind="sample", where=f"{where}, header")
    rows = parse_numeric_rows(
        _chain(rest, blocks),
        delimiter=delimiter,
        columns=columns,
        n_ids=n_ids,
        where=where,
        first_line=line + 1,
    )
    row_ids, features = name_rows(columns[:n_ids], rows.ids, where)
    return RawExpression(rows.values, row_ids, samples), features


def transpose(expression: RawExpression) -> RawExpression:
    """Samples × genes to genes × samples."""
    turned = np.ascontiguousarray(expression.values.T)
    return RawExpression(turned, expression.sample_ids, expression.row_ids)


def name_rows(
    id_columns: list[str], ids: list[list[str]], where: str
) -> tuple[list[str], pd.DataFrame | None]:
    """Unique row names, and the feature map where the identifiers make one.

    A symbol that occurs twice beside an Entrez column is written `SYMBOL|ENTREZ`.

    Raises
    ------
    BadInput
        Names that stay repeated, or are empty.
    """
    import pandas as pd

    row_ids = ids[0]
    names = [plain_name(name) for name in id_columns]
    symbols = next((ids[i] for i, name in enumerate(names) if name in SURE_SYMBOLS), None)
    entrez = next((ids[i] for i, name in enumerate(names) if name in SURE_ENTREZ), None)
    if entrez is not None and row_ids is not entrez:
        repeated = pd.Series(row_ids).duplicated(keep=False).to_numpy()
        row_ids = [
            f"{name or '?'}|{number}" if number and (twice or not name) else name
            for name, number, twice in zip(row_ids, entrez, repeated, strict=True)
        ]
    hint = (
        "rows must be named uniquely; collapse repeated genes, or name rows by probe and give a feature map"
    )
    require_unique(row_ids, kind="row name", where=where, hint=hint)
    if symbols is None and entrez is None:
        return row_ids, _features_of_piped(row_ids)
    blank = [""] * len(row_ids)
    return row_ids, pd.DataFrame(
        {"probe_id": row_ids, "gene_symbol": symbols or blank, "entrez_id": entrez or blank}, dtype=object
    )


def _features_of_piped(row_ids: list[str]) -> pd.DataFrame | None:
    """The map of rows named `SYMBOL|ENTREZ` (TCGA); an unknown symbol is written `?`."""
    import pandas as pd

    matches = [SYMBOL_AND_ENTREZ.fullmatch(name) for name in row_ids]
    if sum(match is not None for match in matches) < 0.9 * len(row_ids):
        return None
    symbols = [match[1].replace("?", "") if match else "" for match in matches]
    numbers = [match[2] if match else "" for match in matches]
    return pd.DataFrame({"probe_id": row_ids, "gene_symbol": symbols, "entrez_id": numbers}, dtype=object)


def _split_header(blocks: Iterator[bytes], where: str) -> tuple[str, bytes, int]:
    """The header line, what follows it in its block, and the header's line number."""
    number = 0
    for block in blocks:
        start = 0
        while start < len(block):
            end = block.index(b"\n", start) + 1
            number += 1
            line = block[start:end]
            start = end
            if line.strip() and not line.startswith(b"#"):
                return decode(line.rstrip(b"\n")), block[start:], number
    raise BadInput("the file holds only comments", where=where)


def _chain(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from blocks
