"""A list of genes: one name per line, or the column of genes of a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prognomics.data.signature import SYMBOL_HEADS, read_signature
from prognomics.data.tables import MISSING
from prognomics.errors import BadInput
from prognomics.io.look_alikes import warn_about_look_alikes
from prognomics.io.text_file import read_text


@dataclass(frozen=True)
class GeneList:
    """Names of genes, each once, in the order of the file."""

    genes: tuple[str, ...]
    where: str = "gene list"


def read_gene_list(path: Path) -> GeneList:
    """Genes of a file: one per line, with or without a heading such as `gene_id`; or a table with a column of genes.

    Raises
    ------
    BadInput
        If the file holds no gene, or is a table without a column of genes.
    """
    lines = [line.strip() for line in read_text(path).split("\n") if line.strip() and not line.startswith("#")]
    if any("\t" in line or "," in line for line in lines[:3]):
        return GeneList(read_signature(path).one(None).genes, str(path))
    return _checked(lines[1:] if lines and lines[0].lower().strip('"') in SYMBOL_HEADS else lines, str(path))


def as_gene_list(value: object) -> object:
    """A gene list from names in a sequence; else the value itself."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return _checked([str(gene) for gene in value], "gene list")


def _checked(names: Iterable[str], where: str) -> GeneList:
    genes = tuple(dict.fromkeys(name.strip('"') for name in names if name not in MISSING))
    if not genes:
        raise BadInput("the list holds no gene", where=where, hint="one gene per line")
    warn_about_look_alikes(genes, "genes of the list", where)
    return GeneList(genes, where)
