"""Statistics of all genes after the labels of samples were exchanged at random within blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import gammaln

from prognomics.errors import warn
from prognomics.expression.differential import PreparedGenes, gene_tests
from prognomics.expression.differential_samples import Comparison

DECIMALS = 4


def permuted_statistics(
    made: PreparedGenes, comparison: Comparison, method: str, trend: bool, permutations: int, seed: int
) -> pd.DataFrame:
    """The statistic `t` of every gene under random labels: the null hypothesis that keeps genes correlated.

    Labels of the two groups, or values of the continuous marker, are exchanged among samples of a block, or within
    pairs; other groups keep theirs. Blocks and covariates stay with their samples; the weights of voom are kept.

    Parameters
    ----------
    made : PreparedGenes
    comparison : Comparison
        Of samples in the order of their ids, so that the result depends on ids and seed.
    method, trend
        As `prognomics.expression.differential.differential_table`.
    permutations, seed : int

    Returns
    -------
    pandas.DataFrame
        `gene_id`, `observed`, and `p1`, `p2`, ... for the permutations, rounded to four decimals.

    Warns
    -----
    few-labelings
        There are fewer different labelings than permutations.
    """
    blocks = _blocks(comparison)
    _warn_about_number(comparison, blocks, permutations)
    columns = {"observed": gene_tests(made, comparison, method, trend)[0]["t"]}
    rng = np.random.default_rng([seed, 22])
    for k in range(1, permutations + 1):
        order = np.arange(len(comparison.rows))
        for rows in blocks:
            order[rows] = rng.permutation(rows)
        exchanged = replace(
            comparison, others=(), contrast=comparison.contrast[order],
            high=None if comparison.high is None else comparison.high[order],
            low=None if comparison.low is None else comparison.low[order],
        )  # fmt: skip
        columns[f"p{k}"] = gene_tests(made, exchanged, method, trend)[0]["t"]
    found = {name: np.round(np.asarray(values, dtype=float), DECIMALS) for name, values in columns.items()}
    return pd.DataFrame({"gene_id": made.genes, **found})


def _blocks(comparison: Comparison) -> list[np.ndarray]:
    """Rows of the comparison among which labels are exchanged."""
    n = len(comparison.rows)
    movable = np.ones(n, dtype=bool) if comparison.high is None else comparison.high | comparison.low
    labels = comparison.pairs if comparison.pairs is not None else comparison.strata
    labels = np.zeros(n, dtype=int) if labels is None else labels
    return [np.flatnonzero(movable & (labels == label)) for label in np.unique(labels[movable])]


def _warn_about_number(comparison: Comparison, blocks: list[np.ndarray], permutations: int) -> None:
    log_number = 0.0
    for rows in blocks:
        log_number += gammaln(len(rows) + 1)
        if comparison.high is not None:
            k = int(comparison.high[rows].sum())
            log_number -= gammaln(k + 1) + gammaln(len(rows) - k + 1)
    if log_number < np.log(permutations):
        number = round(float(np.exp(log_number)))
        warn("few-labelings", f"there are only {number} different labelings of the samples within their blocks: "
             f"p-values of {permutations} permutations cannot be smaller than one over this number")  # fmt: skip
