"""Which columns of a table name probes and their genes, under any heading that is in use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# candidates in order of trust, as `plain_name` writes them; the sure ones mean the same in any table
SURE_PROBES = ("probe_id", "probeid", "id_ref", "probe", "probeset", "probeset_id", "probe_set_id", "probe_set")
PROBES = (*SURE_PROBES, "id", "transcript_cluster_id", "spot_id", "gene_id", "geneid")
SURE_SYMBOLS = ("gene_symbol", "genesymbol", "gene_symbols", "gene_sym", "symbol", "hugo_symbol", "hgnc_symbol",
                "ilmn_gene")  # fmt: skip
SYMBOLS = (*SURE_SYMBOLS, "gene", "gene_name", "genename")
SURE_ENTREZ = ("entrez_id", "entrez_gene_id", "entrez_gene", "entrezid", "entrez", "entrezgene", "gene_id_entrez",
               "geneid")  # fmt: skip
ENTREZ = (*SURE_ENTREZ, "gene_id", "locuslink_id", "ll_id")
TITLES = ("gene_title", "definition", "description", "gene_description")
ASSIGNMENTS = ("gene_assignment",)
_NONE = ("", "---", "NA")


class FeatureColumns(NamedTuple):
    """Positions of the columns that make a feature map; None where there is none.

    `assignment` is Affymetrix's `accession // symbol // title // cytoband // Entrez id`, taken where no column holds
    symbols alone.
    """

    probe: int | None
    symbol: int | None
    entrez: int | None
    title: int | None
    assignment: int | None

    @property
    def complete(self) -> bool:
        """Whether there are probes, and genes in some form."""
        genes = (self.symbol, self.entrez, self.assignment)
        return self.probe is not None and any(place is not None for place in genes)

    @property
    def used(self) -> list[int]:
        """The positions, in the order of the table."""
        return sorted({place for place in self if place is not None})


def plain_name(name: str) -> str:
    """A heading in small letters, with `_` for all else: `Gene Symbol`, `GENE_SYMBOL` and `gene.symbol` are one."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def feature_columns(header: Sequence[str]) -> FeatureColumns:
    """The columns of a header that make a feature map."""
    names = [plain_name(name) for name in header]
    probe = _first(names, PROBES)
    symbol = _first(names, SYMBOLS, taken=probe)
    assignment = None if symbol is not None else _first(names, ASSIGNMENTS)
    entrez = _first(names, ENTREZ, taken=probe)
    if entrez is None and probe is not None and names[probe] == "geneid":
        entrez = probe  # NCBI's tables name rows by the Entrez id itself
    return FeatureColumns(probe, symbol, entrez, _first(names, TITLES), assignment)


def _first(names: list[str], candidates: tuple[str, ...], taken: int | None = None) -> int | None:
    for candidate in candidates:
        if candidate in names and names.index(candidate) != taken:
            return names.index(candidate)
    return None


def assigned_genes(cell: str) -> tuple[str, str]:
    """Symbols and Entrez ids of a `gene_assignment`, each once, as `A /// B`.

    Entries stand between `///`, their fields between `//`; what is `---` is none.
    """
    symbols: dict[str, None] = {}
    entrez: dict[str, None] = {}
    for entry in re.split(r"\s*///\s*", cell):
        fields = [field.strip() for field in re.split(r"\s*//\s*", entry)]
        if len(fields) > 1 and fields[1] not in _NONE:
            symbols[fields[1]] = None
        if len(fields) > 4 and fields[4] not in _NONE:
            entrez[fields[4]] = None
    return " /// ".join(symbols), " /// ".join(entrez)


def named_features(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[str]] | None:
    """The cells of a feature map by its own column names.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences of str
        Rows may lack their last cells.

    Returns
    -------
    dict of list of str, or None
        `probe_id, gene_symbol, entrez_id`, and `gene_title` where there is one; cells that are not known are empty.
        None where the header names no probes, or no genes.
    """
    columns = feature_columns(header)
    if not columns.complete:
        return None

    def cells(place: int | None) -> list[str]:
        if place is None:
            return [""] * len(rows)
        return [row[place].strip() if place < len(row) else "" for row in rows]

    found = {"probe_id": cells(columns.probe), "gene_symbol": cells(columns.symbol), "entrez_id": cells(columns.entrez)}
    if columns.assignment is not None:
        assigned = [assigned_genes(cell) for cell in cells(columns.assignment)]
        found["gene_symbol"] = [symbols for symbols, _ in assigned]
        if columns.entrez is None:
            found["entrez_id"] = [entrez for _, entrez in assigned]
    if columns.title is not None:
        found["gene_title"] = cells(columns.title)
    return found
