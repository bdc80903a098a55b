"""Which columns of a table name probes and their genes, under any heading that is in use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from prognomics.io.known_names import no_gene_words, plain_name

# candidates in order of trust, as `plain_name` writes them; the sure ones mean the same in any table
SURE_PROBES = ("probe_id", "probeid", "id_ref", "probe", "probeset", "probeset_id", "probe_set_id", "probe_set",
               "probename", "probe_name", "ilmn_id", "array_address_id")  # fmt: skip
ENSEMBL = ("ensembl_gene_id_version", "gene_stable_id_version", "ensembl_gene_id", "gene_stable_id", "ensembl_id",
           "ensembl_gene", "ensembl", "ensembl_geneid", "ensg")  # fmt: skip
PROBES = (*SURE_PROBES, "id", "transcript_cluster_id", *ENSEMBL, "spot_id", "gene_id", "geneid", "name", "target_id",
          "sonde", "sonden_id", "sondenname", "sample_id")  # fmt: skip
"""An unnamed first column, as R's `write.table` leaves it, is read as `sample_id`."""
SURE_SYMBOLS = ("gene_symbol", "genesymbol", "gene_symbols", "gene_sym", "symbol", "hugo_symbol", "hgnc_symbol",
                "ilmn_gene", "pr_gene_symbol", "gene_symbol_hgnc", "hgnc_gene_symbol")  # fmt: skip
SYMBOLS = (*SURE_SYMBOLS, "external_gene_name", "gene_name", "genename", "gene_short_name", "ext_gene", "gene",
           "approved_symbol", "associated_gene_name", "official_symbol",
           "official_gene_symbol", "gene_names", "symbols", "gensymbol",
           "gen_symbol", "genname", "symbole", "symbole_gene")  # fmt: skip
SURE_ENTREZ = ("entrez_id", "entrez_gene_id", "entrez_gene", "entrezid", "entrez", "entrezgene", "gene_id_entrez",
               "geneid", "entrezgene_id", "ncbi_gene_id", "ncbi_gene_formerly_entrezgene_id",
               "entrez_gene_number", "locus_link_id")  # fmt: skip
ENTREZ = (*SURE_ENTREZ, "gene_id", "locuslink_id", "ll_id")
TITLES = ("gene_title", "definition", "description", "gene_description", "genedescription")
ASSIGNMENTS = ("gene_assignment", "spot_id", "spot_id_1", "mrna_assignment")
SYMBOL_ANNOTATION = (*SURE_SYMBOLS, "external_gene_name", "gene_name", "gene_short_name", "ext_gene", "description")
"""Headings of symbols beside the row names of a matrix; GCT calls them Description."""
# `Homo sapiens exportin 1 (XPO1), mRNA.` in the SPOT_ID of Clariom and HTA arrays
_DESCRIBED = re.compile(
    r"\(([A-Za-z0-9][A-Za-z0-9._@-]*)\)(?=, (?:transcript variant [^,/]*, )?(?:partial |long |small |antisense |"
    r"telomerase |ribosomal |guide |vault |micro|non-coding |nuclear |nucleolar )*(?:[a-z]*RNA|misc_RNA|RNase))"
)


def symbols_beside(headings: Sequence[str], columns: Sequence[Sequence[str]]) -> int | None:
    """The position of the column of gene symbols among those that name or describe a matrix's rows; None without one.

    A Description (GCT) is one if its cells are single words.
    """
    names = [plain_name(name) for name in headings]
    for heading in SYMBOL_ANNOTATION:
        if heading in names:
            place = names.index(heading)
            words = sum(" " not in cell for cell in columns[place])
            if heading != "description" or words >= 0.9 * len(columns[place]):
                return place
    return None


class FeatureColumns(NamedTuple):
    """Positions of the columns that make a feature map; None if there is none.

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


_BIOMART_PROBES = re.compile(
    r"(affy|agilent|illumina|codelink|phalanx)_\w+_probe(set)?|affy(metrix)?_(probe|probeset|id)"
)


def feature_columns(header: Sequence[str]) -> FeatureColumns:
    """The columns of a header that make a feature map."""
    names = [plain_name(name) for name in header]
    names = ["probe_id" if _BIOMART_PROBES.fullmatch(name) else name for name in names]
    probe = _first(names, PROBES)
    symbol = _first(names, SYMBOLS, taken=probe)
    assignment = None if symbol is not None else _first(names, ASSIGNMENTS, taken=probe)
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
    """Symbols and Entrez ids of a `gene_assignment` or of Clariom's `SPOT_ID`, each once, as `A /// B`.

    Entries stand between `///`, their fields between `//`; what is `---` is none. In a SPOT_ID the second field is the
    source (RefSeq, ENSEMBL) and the third ends in `(XPO1), mRNA`.
    """
    symbols: dict[str, None] = {}
    entrez: dict[str, None] = {}
    for entry in re.split(r"\s*///\s*", cell):
        fields = [field.strip() for field in re.split(r"\s*//\s*", entry)]
        described = [found for field in fields[2:3] for found in _DESCRIBED.findall(field)]
        if len(fields) > 2 and (described or fields[1].lower() in _SOURCES):
            symbols.update(dict.fromkeys(described[-1:]))
            symbols.update(dict.fromkeys(re.findall(r"gene_symbol:([^\]\s]+)", fields[2])))
            continue
        if len(fields) > 1 and fields[1].lower() not in no_gene_words():
            symbols[fields[1]] = None
        if len(fields) > 4 and fields[4].lower() not in no_gene_words():
            entrez[fields[4]] = None
    return " /// ".join(symbols), " /// ".join(entrez)


_SOURCES = frozenset(("refseq", "ensembl", "genbank", "ucsc genes", "havana transcript", "mgc", "lncrnawiki", "noncode",
                      "ace view", "affymetrix", "rfam", "mirbase", "circbase", "snornabase", "tucp", "gencode",
                      "genbank htc", "orf", "vega"))  # fmt: skip


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
        `probe_id, gene_symbol, entrez_id`, and `gene_title` if there is one; cells that are not known are empty.
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
            if plain_name(header[columns.assignment]) not in ASSIGNMENTS[:1] and not any(found["gene_symbol"]):
                return None  # a SPOT_ID of other content
    if columns.title is not None:
        found["gene_title"] = cells(columns.title)
    return found
