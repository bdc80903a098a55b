"""Gene signatures: a table with genes, a GMT file of gene sets, or one gene per line; and other names of genes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.data.tables import MISSING
from prognomics.errors import BadInput, first_few, note, unknown_name, warn
from prognomics.io.look_alikes import warn_about_look_alikes
from prognomics.io.text_file import read_text, split_line

if TYPE_CHECKING:
    import pandas as pd

SYMBOL_HEADS = ("gene_id", "gene_symbol", "symbol", "gene", "gene_name", "hgnc_symbol", "genes", "symbols")
ENTREZ_HEADS = ("entrez_id", "gene_entrez_id", "entrez", "entrezid", "entrez_gene_id", "ncbi_gene_id")
ENSEMBL_HEADS = ("ensembl_id", "ensembl", "ensembl_gene_id", "gene_ensembl_id")
_WEIGHTED = re.compile(r"([^,]+),([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
WEIGHT_HEADS = ("weight", "gene_weight", "coefficient", "coef")
ALIAS_HEADS = ("alias", "aliases", "old_symbol", "old_symbols", "previous_symbol", "previous_symbols", "synonyms")
SET_HEADS = ("signature_id", "signature", "set", "gene_set", "signature_name")
_SEPARATORS = re.compile(r"\s*[|,;]\s*")


@dataclass(frozen=True)
class Signature:
    """One named list of genes.

    Attributes
    ----------
    name : str
        Empty where the file gives none.
    identifiers : dict of str to tuple of str
        The genes by kind of identifier ("gene_id", "entrez_id", "ensembl_id"), all of the same length; a gene
        without an identifier of a kind has "" there.
    weights : tuple of float or None
    heading : str
        The first line of a plain list, where it may be the list's heading or a gene; it is not among the genes.
    where : str
    aliases : dict of str to tuple of str
        Other names of genes, from a column `alias` of the table.
    description : str
        The second field of a GMT line, where it may be the description or, if that was excluded, a gene.
    """

    name: str
    identifiers: Mapping[str, tuple[str, ...]]
    weights: tuple[float, ...] | None = None
    heading: str = ""
    where: str = "signature"
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""

    @property
    def genes(self) -> tuple[str, ...]:
        """The genes by the identifiers that stand first in the file."""
        return next(iter(self.identifiers.values()))

    def __len__(self) -> int:
        return len(self.genes)

    def other_names(self, aliases: Mapping[str, Iterable[str]] | None = None) -> dict[str, list[str]]:
        """The signature's own other names of genes together with further ones."""
        found = {gene: list(names) for gene, names in self.aliases.items()}
        for gene, names in (aliases or {}).items():
            found[gene] = list(dict.fromkeys([*found.get(gene, []), *names]))
        return found

    def _kind_in(self, present: Collection[str]) -> str:
        return max(self.identifiers, key=lambda k: sum(gene in present for gene in self.identifiers[k]))

    def weights_as(self, present: Collection[str]) -> tuple[float, ...] | None:
        """The weights of the genes that `genes_as` gives: those without an identifier of that kind have none there."""
        if self.weights is None:
            return None
        genes = self.identifiers[self._kind_in(present)]
        return tuple(weight for gene, weight in zip(genes, self.weights, strict=True) if gene)

    def genes_as(self, present: Collection[str], aliases: Mapping[str, Iterable[str]] | None = None) -> list[str]:
        """The genes by the kind of identifier that a matrix uses.

        Parameters
        ----------
        present : collection of str
            Gene ids of the matrix.
        aliases : mapping, optional
            Other names of genes, as :func:`read_aliases` gives them.

        Returns
        -------
        list of str
            By the kind of which most occur in the matrix (ties: the first of the file). A plain list's first line is
            taken for a gene if the matrix has it or it has an alias; else for the heading, which a note states.
        """
        present = present if isinstance(present, (set, frozenset)) else set(present)
        known = {name for pair in self.other_names(aliases).items() for name in (pair[0], *pair[1])}
        kind = self._kind_in(present)
        genes = [gene for gene in self.identifiers[kind] if gene]
        if kind != next(iter(self.identifiers)):
            note("signature-identifiers", f"the genes of the signature are matched by their {kind}")
        first = _same_gene(self.description, present)
        if first and first not in genes:
            spelled = "" if first == self.description else f" but for its case ({first})"
            text = f"the description of {self.name!r}, {self.description!r}, is a gene of the matrix{spelled}: "
            warn("signature-description", f"{text}it is taken for the first gene of the set; else write NA there")
            return [first, *genes]
        if self.heading and (self.heading in present or self.heading in known):
            return [self.heading, *genes]
        if self.heading:
            note("signature-heading", f"the first line {self.heading!r} is no gene of the matrix: taken for a heading")
        return genes


@dataclass(frozen=True)
class SignatureFile:
    """All signatures of a file, in its order."""

    signatures: tuple[Signature, ...]
    where: str = "signature"

    @property
    def names(self) -> list[str]:
        return [s.name for s in self.signatures]

    def one(self, name: str | None) -> Signature:
        """The signature of that name, or the only one.

        Raises
        ------
        BadInput
            If there is none of the name, or several and no name is given.
        """
        if name is None:
            if len(self.signatures) > 1:
                raise BadInput(
                    f"the file holds {len(self.signatures)} signatures",
                    where=f"{self.where}: {first_few(self.names)}",
                    hint="name one: --signature-name",
                )
            return self.signatures[0]
        for signature in self.signatures:
            if signature.name == name:
                return signature
        raise unknown_name("signature", name, self.names, where=self.where)


def read_signature(path: Path) -> SignatureFile:
    """Signatures of a file, recognized by content.

    A table (tab, comma or semicolon) has a column of genes (`gene_id`, `gene_symbol`, `symbol`, ...; Entrez or Ensembl
    ids beside it), and may have weights and a column that names the signature. A GMT file holds one set per line: name,
    description, genes, maybe with a weight each (`XPO1,1.5`). Anything else is one gene per line; the first line
    may be a heading.

    A column `alias` holds other names of a gene.

    Raises
    ------
    BadInput
        If the file is empty or binary, a table has no column of genes, or a weight is not a number.
    """
    where = str(path)
    lines = [line for line in read_text(path).split("\n") if line.strip() and not line.startswith("#")]
    if not lines:
        raise BadInput("the signature holds no gene", where=where)
    separator = next((mark for mark in "\t;," if mark in lines[0]), "")
    if not separator and any("\t" in line or "," in line for line in lines[:3]):
        separator = "\t" if any("\t" in line for line in lines[:3]) else ","
    head = [_plain(cell) for cell in split_line(lines[0], separator or "\t")]
    if any(cell in SYMBOL_HEADS + ENTREZ_HEADS + ENSEMBL_HEADS for cell in head):
        found = _from_table(lines, head, separator or "\t", where)
    elif separator == "\t" and all(line.count("\t") >= 2 for line in lines):
        found = _from_sets(lines, where)
    elif separator:
        columns = first_few(lines[0].split(separator))
        raise BadInput(
            "the signature is a table without a column of genes",
            where=f"{where}: its columns are {columns}",
            hint="name the column gene_id or gene_symbol, or give a GMT file or one gene per line",
        )
    else:
        found = [_from_list([line.strip() for line in lines], where)]
    return SignatureFile(tuple(found), where)


def as_signatures(value: object) -> object:
    """Signatures from a DataFrame with a column of genes, or from a list of genes; else the value itself."""
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        rows = value.to_csv(sep="\t", index=False).split("\n")
        head = [_plain(str(c)) for c in value.columns]
        return SignatureFile(tuple(_from_table([r for r in rows if r], head, "\t", "signature")))
    if isinstance(value, (list, tuple)):
        return SignatureFile((_signature("", {"gene_id": [str(gene) for gene in value]}, None, "signature"),))
    return value


def _plain(cell: str) -> str:
    return cell.strip().strip('"').lower().replace(" ", "_").replace(".", "_")


def _same_gene(word: str, present: Collection[str]) -> str:
    """The gene of a matrix that a word is, regardless of case; the empty string if there is none, or several."""
    if not word or word in present or word.casefold() in ("na", "none", "null"):
        return word if word in present else ""
    alike = [gene for gene in present if len(gene) == len(word) and gene.casefold() == word.casefold()]
    return alike[0] if len(alike) == 1 else ""


def _from_table(lines: list[str], head: list[str], separator: str, where: str) -> list[Signature]:
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[1:]), newline=""), delimiter=separator))
    except csv.Error as fault:
        raise BadInput("the signature cannot be split into cells", where=f"{where} ({fault})") from None
    ragged = next((i for i, row in enumerate(rows, start=2) if len(row) != len(head)), None)
    if ragged:
        raise BadInput(f"row {ragged} of the signature has not {len(head)} fields", where=where)
    cells = {name: [row[i].strip() for row in rows] for i, name in reversed(list(enumerate(head)))}
    kinds = {"gene_id": SYMBOL_HEADS, "entrez_id": ENTREZ_HEADS, "ensembl_id": ENSEMBL_HEADS}
    columns = {kind: next((cells[name] for name in names if name in cells), None) for kind, names in kinds.items()}
    columns = {k: ["" if c in MISSING else c for c in v] for k, v in columns.items() if v is not None}
    weights = next((cells[name] for name in WEIGHT_HEADS if name in cells), None)
    sets = next((cells[name] for name in SET_HEADS if name in cells), [""] * len(rows))
    aliases = next((cells[name] for name in ALIAS_HEADS if name in cells), [""] * len(rows))
    found = []
    members: dict[str, list[int]] = {}
    for i, name in enumerate(sets):
        members.setdefault(name, []).append(i)
    for name, mine in members.items():
        own = {kind: [ids[i] for i in mine] for kind, ids in columns.items()}
        made = _signature(name, own, weights and [weights[i] for i in mine], where)
        named = next(iter(own.values()), [])
        others = {gene: _split(aliases[i]) for gene, i in zip(named, mine, strict=True) if aliases[i] not in MISSING}
        found.append(replace(made, aliases=others))
    if not found:
        raise BadInput("the signature holds no gene", where=where)
    return found


def _from_sets(lines: list[str], where: str) -> list[Signature]:
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
    names = [row[0] for row in rows]
    if "" in names:
        raise BadInput("a gene set has no name", where=f"{where}: set {names.index('') + 1} of the file",
                       hint="write the name before the first tab")  # fmt: skip
    doubled = sorted(name for name, n in Counter(names).items() if n > 1)
    if doubled:
        raise BadInput("signatures of the file have the same name", where=f"{where}: {first_few(doubled)}")
    words = [row[1] if re.fullmatch(r"[A-Za-z0-9][\w.@-]*", row[1]) else "" for row in rows]
    weighted = [[_WEIGHTED.fullmatch(gene) for gene in row[2:] if gene] for row in rows]
    if all(all(found) for found in weighted):
        words, sets = (
            [""] * len(rows),
            (_weighted_set(row[0], found, where) for row, found in zip(rows, weighted, strict=True)),
        )
    else:
        sets = (_signature(row[0], {"gene_id": row[2:]}, None, where) for row in rows)
    return [replace(found, description=word) for found, word in zip(sets, words, strict=True)]


def _weighted_set(name: str, genes: list[re.Match[str] | None], where: str) -> Signature:
    """A set of genes with weights; weights that are all the same are none (libraries of Enrichr)."""
    pairs = [(gene[1].strip(), gene[2]) for gene in genes if gene]
    weights = [weight for _, weight in pairs]
    same = len({float(weight) for weight in weights}) < 2
    return _signature(name, {"gene_id": [gene for gene, _ in pairs]}, None if same else weights, where)


def _from_list(genes: list[str], where: str) -> Signature:
    heading, genes = genes[0], genes[1:]
    if _plain(heading) in SYMBOL_HEADS + ENTREZ_HEADS + ENSEMBL_HEADS:
        heading = ""
    if not genes:
        raise BadInput("the signature holds a single line", where=where, hint="one gene per line")
    made = _signature(heading, {"gene_id": genes}, None, where)
    return Signature(made.name, made.identifiers, None, heading, where)


def _signature(name: str, identifiers: dict[str, list[str]], weights: list[str] | None, where: str) -> Signature:
    """A signature whose genes are there once each, with their weights."""
    keys = list(zip(*identifiers.values(), strict=True))
    kept, seen = [], set()
    for i, key in enumerate(keys):
        if any(key) and key not in seen:
            seen.add(key)
            kept.append(i)
    if not kept:
        raise BadInput(f"the signature{f' {name!r}' if name else ''} holds no gene", where=where)
    twice = len([key for key in keys if any(key)]) - len(kept)
    if twice:
        warn("signature-genes-twice", f"{twice} genes stand twice in the signature{f' {name}' if name else ''}")
    own = {kind: tuple(ids[i] for i in kept) for kind, ids in identifiers.items()}
    for ids in own.values():
        warn_about_look_alikes(ids, "genes of the signature", where)
    return Signature(name, own, _weights(weights, kept, own, where), where=where)


def _weights(
    weights: list[str] | None, kept: list[int], own: dict[str, tuple[str, ...]], where: str
) -> tuple[Any, ...] | None:
    """Weights as numbers; None without any."""
    if weights is None or all(weights[i] in MISSING for i in kept):
        return None
    numbers = []
    for i, gene in zip(kept, next(iter(own.values())), strict=True):
        try:
            numbers.append(float(re.sub(r"^([-+]?\d+),(\d+)$", r"\1.\2", weights[i].strip())))
        except ValueError:
            raise BadInput(f"the weight of {gene!r} is {weights[i]!r}, no number", where=where) from None
    return tuple(numbers)


def aliases_of(table: pd.DataFrame) -> dict[str, list[str]]:
    """Other names of genes from a table with `gene_id` and `alias` (several separated by | , or ;)."""
    found: dict[str, list[str]] = {}
    for gene, cell in zip(table["gene_id"], table["alias"], strict=True):
        if gene == gene and cell == cell:
            found.setdefault(str(gene), []).extend(_split(str(cell)))
    return found


def _split(cell: str) -> tuple[str, ...]:
    return tuple(name for name in _SEPARATORS.split(cell.strip()) if name)
