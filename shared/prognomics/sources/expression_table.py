"""Read an expression table, genes (or probes) in rows: identifiers, then one column per sample."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.compound_names import compound_entrez, compound_symbol
from prognomics.data.feature_columns import SURE_ENTREZ, plain_name, symbols_beside
from prognomics.errors import BadInput, first_few, warn
from prognomics.io.matrix_text import read_number_table
from prognomics.sources.raw import RawExpression, require_unique

if TYPE_CHECKING:
    import pandas as pd


def read_expression(
    path: Path | str, samples: Collection[str] = (), *, others_annotate: bool = False
) -> tuple[RawExpression, pd.DataFrame | None]:
    """Read an expression table.

    Parameters
    ----------
    path : path
        See `matrix_text.read_number_table`. The first column, and others named as symbol or Entrez columns, are
        identifiers.
    samples : collection of str
        Names of samples, where they are known.
    others_annotate : bool
        Where some columns have these names, the others annotate the rows, whatever they are called.

    Returns
    -------
    expression : RawExpression
        Symbols that are on several rows are warned of (`repeated-rows`).
    features : pandas.DataFrame or None
        `probe_id, gene_symbol, entrez_id` where the table holds them, as columns or as row names such as
        `SYMBOL|ENTREZ` and `ENSG…|SYMBOL`.

    Raises
    ------
    BadInput
        Ragged rows, text in a number, repeated or empty sample names, empty row names.
    """
    where = str(path)
    table = read_number_table(path, samples=samples, others_annotate=others_annotate)
    require_unique(table.samples, kind="sample", where=f"{where}, header")
    row_ids, features = name_rows(table.id_names, table.ids, where)
    return RawExpression(table.values, row_ids, table.samples), features


def transpose(expression: RawExpression) -> RawExpression:
    """Samples × genes to genes × samples."""
    turned = np.ascontiguousarray(expression.values.T)
    return RawExpression(turned, expression.sample_ids, expression.row_ids)


def name_rows(id_columns: list[str], ids: list[list[str]], where: str) -> tuple[list[str], pd.DataFrame | None]:
    """Row names, and the feature map where the identifiers make one.

    A symbol that occurs twice beside an Entrez column is written `SYMBOL|ENTREZ`; names that stay repeated are warned
    of (`repeated-rows`).

    Raises
    ------
    BadInput
        Names that are empty.
    """
    import pandas as pd

    row_ids = ids[0]
    names = [plain_name(name) for name in id_columns]
    place = symbols_beside(id_columns, ids)
    symbols = None if place is None else ids[place]
    entrez = next((ids[i] for i, name in enumerate(names) if name in SURE_ENTREZ and _are_numbers(ids[i])), None)
    if entrez is not None and row_ids is not entrez:
        repeated = pd.Series(row_ids).duplicated(keep=False).to_numpy()
        row_ids = [
            f"{name or '?'}|{number}" if number and (twice or not name) else name
            for name, number, twice in zip(row_ids, entrez, repeated, strict=True)
        ]
    empty = [position for position, name in enumerate(row_ids, start=1) if not name]
    if empty:
        raise BadInput(f"{len(empty)} row name(s) are empty", where=f"{where}, number {first_few(empty)}",
                       hint="name each row by its gene or probe, or leave these rows out")  # fmt: skip
    twice = pd.Series(row_ids)[pd.Series(row_ids).duplicated()].unique()
    if len(twice):
        text = f"{len(twice)} row names stand on several rows: {first_few(twice)}; map_genes makes one row of each"
        warn("repeated-rows", text)
    if symbols is None and entrez is None:
        return row_ids, compound_features(row_ids)
    blank = [""] * len(row_ids)
    return row_ids, pd.DataFrame(
        {"probe_id": row_ids, "gene_symbol": symbols or blank, "entrez_id": entrez or blank}, dtype=object
    )


def compound_features(row_ids: list[str]) -> pd.DataFrame | None:
    """The map of rows named `SYMBOL|ENTREZ` (TCGA), `ENSG|SYMBOL` and the like; an unknown symbol is empty."""
    import pandas as pd

    symbols = [compound_symbol(name) for name in row_ids]
    if sum(symbol is not None for symbol in symbols) < 0.9 * len(row_ids):
        return None
    numbers = [compound_entrez(name) for name in row_ids]
    return pd.DataFrame(
        {"probe_id": row_ids, "gene_symbol": [s or "" for s in symbols], "entrez_id": numbers}, dtype=object
    )


def _are_numbers(ids: list[str]) -> bool:
    """Whether a column under a heading of Entrez ids holds them: `Geneid` may head symbols (featureCounts)."""
    filled = [name for name in ids if name]
    return sum(name.replace(".0", "").isdigit() for name in filled) >= 0.5 * len(filled)
