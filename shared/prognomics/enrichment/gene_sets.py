"""Gene sets of files, cut to the genes that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prognomics.data.signature import SignatureFile
from prognomics.errors import BadInput, Refused, first_few, note


@dataclass(frozen=True)
class GeneSets:
    """Sets whose numbers of measured genes are within limits, in the order of their names.

    Attributes
    ----------
    names : list of str
    sizes : list of int
        Genes of the set in its file.
    members : list of numpy.ndarray of int
        Places in the universe of the genes that are found, rising.
    """

    names: list[str]
    sizes: list[int]
    members: list[np.ndarray]


def collect_sets(files: Sequence[SignatureFile], universe: Sequence[str], min_size: int, max_size: int) -> GeneSets:
    """Sets of all files by their genes in the universe.

    Parameters
    ----------
    files : sequence of SignatureFile
    universe : sequence of str
        Genes that were measured, each once.
    min_size, max_size : int
        Least and greatest number of genes found, both inclusive.

    Raises
    ------
    BadInput
        Two sets of one name.
    Refused
        No set within the limits.
    """
    place = {gene: i for i, gene in enumerate(universe)}
    present = frozenset(place)
    found: dict[str, tuple[int, np.ndarray]] = {}
    for file in files:
        for number, signature in enumerate(file.signatures, start=1):
            name = signature.name or f"set {number}"
            if name in found:
                raise BadInput(f"two sets have the name {name!r}", where=file.where, hint="rename one of them")
            genes = dict.fromkeys(signature.genes_as(present))
            found[name] = len(genes), np.array(sorted(place[g] for g in genes if g in present), dtype=np.int64)
    kept = {name: each for name, each in sorted(found.items()) if min_size <= len(each[1]) <= max_size}
    if len(kept) < len(found):
        few = sum(len(genes) < min_size for _, genes in found.values())
        note("set-sizes", f"{few} sets with fewer than {min_size} measured genes and {len(found) - len(kept) - few} "
             f"with more than {max_size} are excluded; {len(kept)} of {len(found)} stay")  # fmt: skip
    if not kept:
        best = max(found.items(), key=lambda item: len(item[1][1]))
        raise Refused(
            f"none of {len(found)} sets has between {min_size} and {max_size} measured genes",
            where=f"{best[0]}: {len(best[1][1])} of {best[1][0]}; measured: {first_few(universe)}",
            hint="compare the gene names of both files (symbols or ids), or change --min-size and --max-size",
        )
    return GeneSets(list(kept), [size for size, _ in kept.values()], [genes for _, genes in kept.values()])
