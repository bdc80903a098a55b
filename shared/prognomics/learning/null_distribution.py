"""What held-out discrimination is without a signature: random sets of genes, and permuted outcomes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from prognomics.errors import AnalysisWarning, Refused, note
from prognomics.learning.cohort_data import LearningData
from prognomics.learning.held_out import HeldOutPredictions, Split, discrimination, predict_held_out
from prognomics.learning.learner import Settings, score_weights

NOTES = {
    "random": "interval: 2.5% and 97.5% of random signatures; p: of the signature against them",
    "permuted": "interval: 2.5% and 97.5% of repeats with permuted outcomes; p: of the signature against them",
}


def random_signatures(data: LearningData, found: HeldOutPredictions, size: int, count: int, seed: int) -> np.ndarray:
    """Held-out C (or AUC) of random signatures, shape (count,).

    Each is a random set of `size` candidate genes, weighted by their score statistics in the training samples of each
    split, and judged in the same held-out samples as the signature (Venet et al. 2011, doi
    10.1371/journal.pcbi.1002240).
    """
    from scipy.sparse import csr_matrix

    n_genes = len(data.gene_ids)
    rng = np.random.Generator(np.random.PCG64(seed))
    order = np.argsort(np.array(data.gene_ids, object))  # the draw depends on names, not on the order of rows
    chosen = np.array([order[rng.choice(n_genes, size, replace=False)] for _ in range(count)])
    pointers = np.arange(0, count * size + 1, size)
    linear = np.full((count, data.n), np.nan)
    for split in found.splits:
        weights = score_weights(data, split.training)[data.n_covariates :]
        genes = data.values[data.n_covariates :, split.test]
        spread = data.values[data.n_covariates :, split.training].std(axis=1)
        scaled = np.where(spread > 0, weights / np.where(spread > 0, spread, 1), 0.0)
        sets = csr_matrix((scaled[chosen].ravel(), chosen.ravel(), pointers), shape=(count, n_genes))
        linear[:, split.test] = sets @ genes
    rows = np.flatnonzero(found.label != "")
    return np.array([discrimination(data, found, one, rows) for one in linear])


def permuted_outcomes(
    data: LearningData, splits: Sequence[Split], settings: Settings, folds: np.ndarray | None, count: int
) -> np.ndarray:
    """Held-out C (or AUC) of the whole procedure with permuted outcomes, shape (count,).

    Outcomes change their samples within a cohort and stratum, so that genes, covariates and the differences between
    cohorts stay. An empty signature has 0.5; a repeat that cannot be fitted is missing.
    """
    place = np.argsort(data.frame["sample_id"].astype(str).to_numpy(object))  # depends on names, not on the order
    own = np.zeros(data.n, int) if data.strata is None else data.strata
    block = np.unique(np.column_stack([np.unique(data.cohort.astype(str), return_inverse=True)[1], own]), axis=0,
                      return_inverse=True)[1].ravel()  # fmt: skip
    rng = np.random.Generator(np.random.PCG64([settings.seed, 20]))
    found = np.full(count, np.nan)
    for k in range(count):
        source = np.arange(data.n)
        for label in range(block.max() + 1):
            inside = place[block[place] == label]
            source[inside] = rng.permutation(inside)
        turned = replace(data, time=data.time[source], event=data.event[source])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AnalysisWarning)
                held = predict_held_out(turned, splits, settings, folds, {})
        except Refused:  # as where a fold of permuted outcomes has no event
            continue
        rows = np.flatnonzero(held.label != "")
        found[k] = discrimination(turned, held, held.linear["signature"], rows)
    return found


def null_rows(
    data: LearningData, held_out: HeldOutPredictions, draws: Mapping[str, np.ndarray]
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """`--out-null` (each kind of draw ranked with the signature, from the best), and rows of `--out-validation`.

    Parameters
    ----------
    data : LearningData
    held_out : HeldOutPredictions
    draws : mapping of "random" or "permuted" to numpy.ndarray
        Held-out C or AUC; without a draw, the table has the row of the signature alone.
    """
    rows = np.flatnonzero(held_out.label != "")
    name = "auc" if data.binary else "c_harrell"
    own = discrimination(data, held_out, held_out.linear["signature"], rows)
    tables, made = [], []
    for kind, values in draws.items():
        values = values[~np.isnan(values)]
        everything = np.append(values, own)
        mine = np.append(np.zeros(len(values), bool), True)
        order = np.lexsort((~mine, -everything))
        tables.append(pd.DataFrame({
            "rank": np.arange(1, len(everything) + 1), "statistic": name, "estimate": everything[order],
            "signature": np.where(mine[order], "signature", kind),
        }))  # fmt: skip
        if not len(values):  # as where no gene was chosen: the signature has nothing to be compared with
            continue
        better = int((values >= own).sum())
        p = (1 + better) / (1 + len(values))
        done = f"{better} of {len(values)}"
        if kind == "random":
            note("random-signatures", f"{done} random signatures do as well as the signature in held-out samples "
                 f"(p = {p:.3g})")  # fmt: skip
        else:
            note("permuted-outcomes", f"{done} repeats with permuted outcomes do as well as the signature in held-out "
                 f"samples (p = {p:.3g})")  # fmt: skip
        low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
        made.append({
            "model": f"{kind}_median", "held_out": "all", "n": len(rows), "events": int(data.event[rows].sum()),
            "statistic": name, "estimate": float(middle), "ci_low": float(low), "ci_high": float(high), "p_value": p,
            "note": NOTES[kind],
        })  # fmt: skip
    return pd.concat(tables, ignore_index=True), made
