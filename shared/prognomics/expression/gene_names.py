"""Which genes the rows of a matrix name: by a feature map, or by their own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.data.compound_names import compound_symbol, name_parts, rows_by_part, without_numbers
from prognomics.data.feature_map import KNOWN_HEADINGS
from prognomics.data.sample_joins import propose_change
from prognomics.errors import BadInput, first_few, note, warn
from prognomics.io.known_names import are_ensembl, damaged_names, ensembl_base, no_gene_words

FEW_FEATURES = 0.5
MOST_COMPARED = 20_000
_PROBE = re.compile(
    r"\d+(_[a-z])*_at|AFFX\S*|ILMN_\d+|A_\d\d_\S+|cg\d{8}|(CUST|XLOC|NONHSAG|MSTRG)[_.]?\d+\S*|TC\d{8,}\S*|"
    r"[NX][MR]_\d+(\.\d+)?|ASHG\S+|\d{5,}(_st)?",
    re.IGNORECASE,
)
_BRAINARRAY = re.compile(r"(\d+|ENS[A-Z]*\d+)_at")
_TRANSCRIPT = re.compile(r"ENS[A-Z]{0,4}T\d{9,12}")
_SEPARATOR = re.compile(r"\s*(?:///?|;|,|\|)\s*")


def split_gene_id(gene_id: object) -> list[str]:
    """Gene symbols that an id names, each once, in order.

    `XPO1` gives one; `A /// B`, `A///B`, `A//B`, `A;B`, `A,B` and `A|B` several; `SYMBOL|ENTREZ` (digits
    after the bar, as TCGA has), `ENSG00000082898|XPO1` and other compounds of a symbol and identifiers the symbol;
    `?|100130426`, `---`, an empty cell or `NA` none.
    """
    if gene_id is None or (isinstance(gene_id, float) and np.isnan(gene_id)):
        return []
    text = str(gene_id).strip()
    if (symbol := compound_symbol(text)) is not None:
        text = symbol
    parts = (part.strip() for part in _SEPARATOR.split(text))
    return list(dict.fromkeys(part for part in parts if part.lower() not in no_gene_words()))


def update_symbols(
    named: Sequence[Sequence[str]], aliases: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], dict[str, str], list[str]]:
    """Bring symbols up to date.

    Parameters
    ----------
    named : sequence of sequences of str
        The genes that each row names.
    aliases : mapping of str to sequence of str
        Current symbols and their aliases.

    Returns
    -------
    named : list of list of str
        With current symbols, each once a row.
    renamed : dict of str to str
        The symbols that were replaced, and by what.
    ambiguous : list of str
        Aliases of several current symbols: left as they are.
    """
    current: dict[str, list[str]] = {}
    for gene, others in aliases.items():
        for other in dict.fromkeys(others):
            current.setdefault(other, []).append(gene)
    seen = dict.fromkeys(gene for genes in named for gene in genes if gene in current and gene not in aliases)
    renamed = {gene: current[gene][0] for gene in seen if len(current[gene]) == 1}
    updated = [list(dict.fromkeys(renamed.get(gene, gene) for gene in genes)) for genes in named]
    return updated, renamed, [gene for gene in seen if gene not in renamed]


def named_genes(ids: list[str], features: pd.DataFrame | None) -> tuple[list[bool], list[list[str]]]:
    """Whether the feature map holds each row, and the genes that each row names."""
    if features is None:
        return [True] * len(ids), [split_gene_id(row) for row in _plain_ids(ids)]
    if absent := [column for column in ("probe_id", "gene_symbol") if column not in features.columns]:
        raise BadInput(
            f"the feature map has no column {' and '.join(absent)}",
            where=f"columns {first_few(features.columns)}",
            hint=f"rename the columns; known headings are {KNOWN_HEADINGS}",
        )
    counts = pd.Series(ids).value_counts()
    if (counts > 1).any():
        raise BadInput(
            "a row id stands more than once in the matrix",
            where=first_few(counts.index[counts > 1]),
            hint="a matrix that goes with a feature map must hold each probe once",
        )
    _warn_about_transcripts(ids)
    symbols = _symbols_of_probes(features, str)
    known = [row in symbols for row in ids]
    bases = [ensembl_base(row) for row in ids]
    if sum(known) < len(ids) and (bases != ids or any(ensembl_base(probe) != probe for probe in symbols)):
        by_base = _symbols_of_probes(features, ensembl_base)
        further = [not k and base in by_base for k, base in zip(known, bases, strict=True)]
        if any(further):
            twice = [row for row, k in zip(ids, further, strict=True) if k and row.endswith("_PAR_Y")]
            note("ensembl-versions", f"{sum(further)} rows are matched to the feature map without the version of their "
                 f"Ensembl id{f'; {first_few(twice)} are second rows of their genes' if twice else ''}")  # fmt: skip
            symbols = {**{row: by_base[b] for row, b, k in zip(ids, bases, further, strict=True) if k}, **symbols}
            known = [row in symbols for row in ids]
    if not any(known):
        known, symbols = _by_parts(ids, symbols)
    if not any(known):
        raise BadInput(
            "no row of the matrix is in the feature map",
            where=f"rows {first_few(ids, 3)}; feature map {first_few(features['probe_id'], 3)}",
            hint=_nearly(ids, features["probe_id"].astype(str).tolist())
            or "take the feature map of the matrix's own platform",
        )
    if sum(known) < FEW_FEATURES * len(ids):
        warn(
            "few-features",
            f"the feature map holds {sum(known)} of {len(ids)} rows only: is it the right platform?",
        )
    return known, [symbols.get(row, []) for row in ids]


def _nearly(ids: list[str], probes: list[str]) -> str:
    """What would make rows and probes match; empty if no change does."""
    text = propose_change(ids[:MOST_COMPARED], probes[:MOST_COMPARED]).partition(";")[0]
    return f"{text}; write the names of one side so" if text else ""


def _by_parts(ids: list[str], symbols: dict[str, list[str]]) -> tuple[list[bool], dict[str, list[str]]]:
    """Rows and probes of which one is a compound of identifiers (`ENSG00000082898|XPO1`), matched by a part."""
    probe_of, shown = rows_by_part(symbols), ""
    matched: dict[str, list[str]] = {}
    for row in ids:
        parts = name_parts(row) or [ensembl_base(found[1] if (found := _BRAINARRAY.fullmatch(row)) else row)]
        probe = next((probe_of[part] for part in parts if part in probe_of), None)
        if probe is not None:
            matched[row], shown = symbols[probe], shown or f"{row} is {probe}"
    if matched:
        note("compound-names", f"{len(matched)} rows are matched to the feature map by a part of their names: {shown}")
    return [row in matched for row in ids], matched


def _symbols_of_probes(features: pd.DataFrame, name: Callable[[str], str]) -> dict[str, list[str]]:
    """The genes of each probe, whose id is brought to a form by `name`."""
    symbols: dict[str, list[str]] = {}
    for probe, symbol in zip(features["probe_id"].astype(str), features["gene_symbol"]):
        genes = symbols.setdefault(name(probe), [])
        genes.extend(gene for gene in split_gene_id(symbol) if gene not in genes)
    return symbols


def _plain_ids(ids: list[str]) -> list[str]:
    """Row names that are taken for genes: Ensembl ids without their versions, symbols without numbers (`7157_TP53`)."""
    _warn_about_transcripts(ids)
    compound = sum(bool(name_parts(row)) for row in ids)
    if compound and compound >= 0.5 * len(ids):
        shown = next(row for row in ids if name_parts(row))
        note("compound-names", f"{compound} rows name a symbol next to identifiers; the symbol is taken ({shown} is "
             f"{compound_symbol(shown) or 'no gene'})")  # fmt: skip
    elif (symbols := without_numbers(ids)) is not None:
        note("compound-names", f"the rows name a symbol next to a number, and the symbol is taken ({ids[0]} is "
             f"{symbols[0]})")  # fmt: skip
        return symbols
    if not are_ensembl(ids):
        if sum(_PROBE.fullmatch(row) is not None for row in ids) >= 0.5 * len(ids):
            warn("probe-ids", f"the rows are probes, such as {ids[0]}, and there is no feature map: they stay probes; "
                 "give --features, such as fetch_cohort writes (--out-features), or the platform's table")  # fmt: skip
        return ids
    bases = [ensembl_base(row) for row in ids]
    if bases != ids:
        note("ensembl-versions", f"the rows are Ensembl ids; their versions are excluded ({ids[0]} is {bases[0]})")
    warn(
        "ensembl-ids",
        "the rows are Ensembl ids and there is no feature map: they stay Ensembl ids; give --features, "
        "such as BioMart's table of Gene stable ID and Gene name, or what fetch_cohort writes with --out-features",
    )
    return bases


def _warn_about_transcripts(ids: list[str]) -> None:
    if sum(_TRANSCRIPT.match(row) is not None for row in ids) >= 0.5 * len(ids):
        warn("transcript-rows", f"the rows are transcripts, not genes: {first_few(ids, 3)}; one row per gene is chosen "
             "or averaged, where transcripts should be summed; give the table of genes (as tximport's)")  # fmt: skip


def without_damaged(ids: list[str], named: list[list[str]]) -> tuple[list[list[str]], dict[int, str]]:
    """Genes without those whose symbol a spreadsheet damaged; what was there, by row."""
    single = [genes[0] if len(genes) == 1 else "" for genes in named]
    bad = set(damaged_names(single))
    damaged = {row: symbol for row, symbol in enumerate(single) if symbol in bad}
    if damaged:
        shown = (f"{s} ({ids[row]})" if s != ids[row] else s for row, s in damaged.items())
        warn("spreadsheet-names", f"{len(damaged)} rows are excluded: a spreadsheet made dates or numbers of their "
             f"symbols: {first_few(shown)}; name the genes they were in a table for --aliases")  # fmt: skip
    return [[] if row in damaged else genes for row, genes in enumerate(named)], damaged
