"""The table of enrichment, and which of its sets say the same."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.enrichment.gene_sets import GeneSets
from prognomics.errors import warn
from prognomics.stats.multiple_testing import adjust

ENRICHMENT_COLUMNS = table_columns("enrichment_table")
SIMILAR = 0.5
MOST_COMPARED = 500


def enrichment_table(
    sets: GeneSets, columns: dict[str, object], universe: list[str], made_from: Collection[str]
) -> pd.DataFrame:
    """Rows of all sets, the smallest p first.

    Parameters
    ----------
    sets : GeneSets
    columns : dict of str to values
        What the method found; columns that are missing are NA.
    universe : list of str
    made_from : collection of str
        Genes from which the compared groups were made.

    Returns
    -------
    pandas.DataFrame
        Columns `ENRICHMENT_COLUMNS`. `similar_to` is the first set above with a Jaccard index of at least one half,
        looked for among the first 500 sets.

    Warns
    -----
    circular-sets
    """
    made_from = set(made_from)
    own = [sum(universe[i] in made_from for i in genes) if made_from else 0 for genes in sets.members]
    circular = [f"{k} of {len(genes)} genes made the groups" if k else None
                for k, genes in zip(own, sets.members, strict=True)]  # fmt: skip
    if any(own):
        named = [name for name, k in sorted(zip(sets.names, own, strict=True), key=lambda pair: -pair[1]) if k]
        warn("circular-sets", f"{len(named)} sets hold genes from which the groups were made ({', '.join(named[:5])}): "
             "their enrichment follows from how the groups were made")  # fmt: skip
    table = pd.DataFrame({
        "set": sets.names, "size": sets.sizes, "n_found": [len(genes) for genes in sets.members],
        "n_universe": len(universe), "note": circular,
    } | columns)  # fmt: skip
    table["q_value"] = adjust(table["p_value"], "bh")
    strength = np.abs(pd.to_numeric(table["nes"])) if "nes" in table else table["odds_ratio"]
    order = np.lexsort([table["set"], -strength.fillna(0), table["p_value"]])
    table = table.iloc[order].reset_index(drop=True)
    table["similar_to"], table["jaccard"] = _redundancy([sets.members[i] for i in order], table["set"].tolist())
    return table.reindex(columns=list(ENRICHMENT_COLUMNS))


def _redundancy(members: list[np.ndarray], names: list[str]) -> tuple[list[str | None], list[float]]:
    similar: list[str | None] = [None] * len(names)
    index = [float("nan")] * len(names)
    genes = [set(part.tolist()) for part in members[:MOST_COMPARED]]
    for i, own in enumerate(genes):
        for j in range(i):
            if similar[j] is None and SIMILAR * max(len(own), len(genes[j])) <= min(len(own), len(genes[j])):
                both = len(own & genes[j])
                jaccard = both / (len(own) + len(genes[j]) - both)
                if jaccard >= SIMILAR:
                    similar[i], index[i] = names[j], jaccard
                    break
    return similar, index
