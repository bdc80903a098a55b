"""The genes of a signature in a matrix: under which name they are found, and which have usable values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, first_few, warn

COVERAGE_COLUMNS = table_columns("coverage")
USED = ("found", "alias")


def match_signature(
    genes: Sequence[str], signature: Sequence[str], aliases: Mapping[str, Sequence[str]] | None = None
) -> dict[str, str]:
    """The name under which each signature gene occurs in the data; genes that do not occur are excluded.

    Parameters
    ----------
    genes : sequence of str
        Gene ids of the matrix.
    signature : sequence of str
    aliases : mapping of str to sequence of str, optional
        Other names of a gene (`{"CDK1": ["CDC2"]}`), read in both directions. The signature's own name is
        preferred; a matrix row is never used for two genes.
    """
    present = {str(gene) for gene in genes}
    others: dict[str, list[str]] = {}
    for name, older in (aliases or {}).items():
        for alias in [older] if isinstance(older, str) else older:
            others.setdefault(name, []).append(alias)
            others.setdefault(alias, []).append(name)
    wanted = list(dict.fromkeys(str(gene) for gene in signature))
    found = {gene: gene for gene in wanted if gene in present}
    taken = set(found)
    for gene in wanted:
        if gene not in found:
            alias = next((a for a in others.get(gene, []) if a in present and a not in taken), None)
            if alias is not None:
                found[gene] = alias
                taken.add(alias)
    return {gene: found[gene] for gene in wanted if gene in found}


@dataclass(frozen=True)
class SignatureGenes:
    """A signature's genes in a matrix.

    Attributes
    ----------
    used : list of str
        The genes in use, as the signature names them.
    rows : numpy.ndarray of int, shape (n_used,)
        Their rows of the matrix.
    coverage : DataFrame
        Columns `COVERAGE_COLUMNS`: each gene, whether it was found, under which name, and in how many samples it
        has a value.
    """

    used: list[str]
    rows: np.ndarray
    coverage: pd.DataFrame

    @property
    def lost(self) -> list[str]:
        """Genes that are not used."""
        result: list[str] = self.coverage.loc[~self.coverage["status"].isin(USED), "gene_id"].tolist()
        return result

    @property
    def share(self) -> float:
        """Fraction of the signature's genes in use."""
        return len(self.used) / len(self.coverage)


def find_genes(
    values: np.ndarray, genes: Sequence[str], wanted: Sequence[str], aliases: Mapping[str, Sequence[str]] | None = None,
    *, must_vary: bool,
) -> SignatureGenes:  # fmt: skip
    """Look a signature's genes up in a matrix.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_samples)
    genes : sequence of str, shape (n_genes,)
    wanted : sequence of str
        The signature's genes.
    aliases : mapping, optional
        See :func:`match_signature`.
    must_vary : bool
        Whether a gene with the same value in all samples is excluded.

    Raises
    ------
    BadInput
        When a gene of the signature occurs twice in the matrix.
    """
    genes = [str(gene) for gene in genes]
    wanted = list(dict.fromkeys(str(gene) for gene in wanted))
    found = match_signature(genes, wanted, aliases)
    where = {gene: i for i, gene in enumerate(genes)}
    if len(where) != len(genes):
        twice = pd.Index(genes)[pd.Index(genes).duplicated()]
        if set(twice) & set(found.values()):
            raise BadInput("genes of the signature occur twice in the matrix", where=first_few(twice),
                           hint="map probes to genes first (map_genes)")  # fmt: skip
    rows, used = [], []
    for gene in wanted:
        row = values[where[found[gene]]] if gene in found else np.full(values.shape[1], np.nan)
        known = row[~np.isnan(row)]
        status = ("missing" if gene not in found else "no value" if not len(known)
                  else "constant" if must_vary and np.ptp(known) == 0 else "alias" if found[gene] != gene
                  else "found")  # fmt: skip
        rows.append((gene, status, found.get(gene), len(known)))
        if status in USED:
            used.append(gene)
    coverage = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))
    return SignatureGenes(used, np.array([where[found[gene]] for gene in used], dtype=int), coverage)


def check_coverage(found: SignatureGenes, min_coverage: float, fewest: int, name: str = "") -> None:
    """Raise BadInput where fewer of the genes are usable than requested; warn of genes that are not used."""
    wanted, what = len(found.coverage), f"the signature{f' {name}' if name else ''}"
    if len(found.used) < max(min_coverage * wanted, fewest):
        raise BadInput(f"only {len(found.used)} of the {wanted} genes of {what} have usable values "
                       f"(at least {min_coverage:.0%} and {fewest} are needed)",
                       where=f"not used: {first_few(found.lost)}",
                       hint="check the kind of identifier, give --aliases, or lower --min-coverage")  # fmt: skip
    if found.lost:
        warn("signature-coverage",
             f"{len(found.used)} of {wanted} genes of {what} used; not used: {first_few(found.lost, 10)}")  # fmt: skip
