"""Over-representation of gene sets in a list of genes, against an explicit universe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp

from prognomics.data.signature import SignatureFile
from prognomics.enrichment.gene_sets import collect_sets
from prognomics.enrichment.table import enrichment_table
from prognomics.errors import Refused, first_few, note, warn


def hypergeometric_upper(overlap: int, marked: int, drawn: int, total: int) -> float:
    """P(X >= overlap) of X marked genes among those drawn; as R's `phyper(overlap - 1, ..., lower.tail = FALSE)`."""
    x = np.arange(overlap, min(marked, drawn) + 1.0)
    if not len(x):
        return 0.0
    if overlap <= max(0, marked + drawn - total):
        return 1.0

    def log_choose(n: int, k: int | np.ndarray) -> float | np.ndarray:
        result: float | np.ndarray = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
        return result

    terms = log_choose(marked, x) + log_choose(total - marked, drawn - x) - log_choose(total, drawn)
    return min(1.0, float(np.exp(logsumexp(terms))))


def overlap_enrichment(
    genes: Sequence[str],
    universe: Sequence[str] | None,
    files: Sequence[SignatureFile],
    *,
    min_size: int,
    max_size: int,
    made_from: Collection[str] = (),
) -> pd.DataFrame:
    """Test whether a list holds more genes of each set than chance puts into it.

    Parameters
    ----------
    genes : sequence of str
    universe : sequence of str, optional
        All genes that could have been in the list. Without, all genes of the sets, with a warning.
    files : sequence of SignatureFile
    min_size, max_size : int
        Limits of a set's genes in the universe.
    made_from : collection of str
        Genes from which the compared groups were made.

    Returns
    -------
    pandas.DataFrame
        See the artifact `enrichment_table`.

    Raises
    ------
    Refused
        No gene of the list is in the universe, or all genes of the universe are in the list.

    Warns
    -----
    no-universe, genes-outside-universe
    """
    if universe is None:
        universe = sorted({gene for file in files for s in file.signatures for gene in (*s.genes, s.heading) if gene})
        warn("no-universe", f"no --universe: the {len(universe)} genes of the sets are taken for all genes that were "
             "measured, and p-values are too small if these were fewer")  # fmt: skip
    universe = sorted(set(universe))
    place = {gene: i for i, gene in enumerate(universe)}
    listed = np.array(sorted({place[gene] for gene in genes if gene in place}), dtype=np.int64)
    outside = [gene for gene in dict.fromkeys(genes) if gene not in place]
    if outside:
        tell = warn if len(outside) > 0.1 * len(genes) else note
        tell("genes-outside-universe", f"{len(outside)} of {len(set(genes))} genes of the list are not in the universe "
             f"and are excluded ({first_few(outside)})")  # fmt: skip
    if not len(listed):
        raise Refused("no gene of the list is in the universe", where=f"list: {first_few(genes)}; universe: "
                      f"{first_few(universe)}", hint="compare the gene names of both files")  # fmt: skip
    if len(listed) == len(universe):
        raise Refused("the list holds all genes of the universe: no set can be over-represented",
                      hint="the universe is all genes that were tested, the list those that were found")  # fmt: skip
    sets = collect_sets(files, universe, min_size, max_size)
    common = [np.intersect1d(members, listed, assume_unique=True) for members in sets.members]
    drawn, total = len(listed), len(universe)
    counts = [(len(both), len(members)) for both, members in zip(common, sets.members, strict=True)]
    columns = {
        "method": "ora", "overlap": [k for k, _ in counts], "expected": [n * drawn / total for _, n in counts],
        "odds_ratio": [_odds_ratio(k, n, drawn, total) for k, n in counts],
        "p_value": [hypergeometric_upper(k, n, drawn, total) for k, n in counts], "n_list": drawn,
        "leading_edge": [",".join(universe[i] for i in both) or None for both in common],
    }  # fmt: skip
    return enrichment_table(sets, columns, universe, made_from)


def _odds_ratio(overlap: int, marked: int, drawn: int, total: int) -> float:
    """The cross-product of the two by two table; infinite or NaN where cells are empty."""
    others = (drawn - overlap) * (marked - overlap)
    both = overlap * (total - drawn - marked + overlap)
    return both / others if others else float("inf") if both else float("nan")
