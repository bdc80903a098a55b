"""Whether a matrix has its samples in rows: its columns are named by genes, its rows are not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from prognomics.data.compound_names import name_parts
from prognomics.data.signature_library import signature_library
from prognomics.io.known_names import are_ensembl, common_genes

FEWEST_COLUMNS = 5
FEWEST_KNOWN = 5
KNOWN = 0.4  # fraction of few columns that are known genes
MANY_KNOWN = 100  # known genes among many columns


def samples_are_rows(row_ids: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether the columns are named by genes and the rows are not.

    Genes are Ensembl ids, compounds of a symbol and an identifier (`XPO1 (7514)`), and the symbols of the published
    signatures that come with the package, and some common ones.
    """
    if len(columns) < FEWEST_COLUMNS or not row_ids:
        return False
    return _are_genes(columns) and not _are_genes(row_ids) and not set(row_ids[:10_000]) & _known_symbols()


def _are_genes(names: Sequence[str]) -> bool:
    names = list(names)
    if are_ensembl(names) or sum(bool(name_parts(name)) for name in names[:200]) >= 0.9 * len(names[:200]):
        return True
    known = sum(name in _known_symbols() for name in names)
    return known >= MANY_KNOWN or (known >= FEWEST_KNOWN and known >= KNOWN * len(names))


@cache
def _known_symbols() -> frozenset[str]:
    found = set(common_genes())
    for signature in signature_library().values():
        lines = [line for line in signature.text().splitlines() if not line.startswith("#")]
        found.update(line.partition("\t")[0] for line in lines[1:])
    return frozenset(found)
