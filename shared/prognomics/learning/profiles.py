"""Profiles of samples in a model: whether a sample was in the derivation under another name.

A profile is a row of bits: of each pair of genes, which one is higher after standardization within the cohort. The
platform, the normalization and the units of genes drop out. Bits of one sample agree, half of those of two patients do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.expression.normalize import standardize_within

PAIRS, FEWEST_PAIRS = 256, 64
MOST_VARIABLE = 2000
FEWEST_SAMPLES = 5
"""Of a cohort: its mean and standard deviation say little with fewer."""
ALIKE, APART = 0.17, 0.15
"""Fraction of bits in which a sample may differ from itself, and by how much less than from the third best.

Of 1,800 other patients with strongly correlated genes the least was 0.19, with a gap of 0.13; a sample measured again
with noise of a third of its standard deviation had 0.135 and 0.195."""


def make_profiles(
    expression: ExpressionMatrix, sample_ids: Sequence[str], cohort: np.ndarray
) -> dict[str, tuple[str, ...]]:
    """Genes (two by two) and the bits of each sample as hexadecimal numbers, sorted; empty with too few genes.

    Parameters
    ----------
    expression : ExpressionMatrix
    sample_ids : sequence of str, shape (n_samples,)
    cohort : numpy.ndarray of str, shape (n_samples,)
    """
    values = _columns(expression, sample_ids)
    large = _in_large(cohort)
    if not large.any():
        return {}
    values, cohort = values[:, large], cohort[large]
    labels = list(dict.fromkeys(cohort.tolist()))
    rank = np.full(len(values), np.inf)
    for label in labels:
        with np.errstate(invalid="ignore"):
            spread = np.nan_to_num(values[:, cohort == label].std(axis=1))
        rank = np.where(spread > 0, np.minimum(rank, spread.argsort(kind="stable").argsort(kind="stable")), -1.0)
    usable = np.flatnonzero(rank >= 0)
    usable = usable[np.argsort(-rank[usable], kind="stable")][:MOST_VARIABLE]
    by_name = sorted(usable, key=lambda row: sha256(expression.gene_ids[row].encode()).digest())
    chosen = by_name[: 2 * min(PAIRS, len(by_name) // 2)]
    if len(chosen) < 2 * FEWEST_PAIRS:
        return {}
    bits = _bits(standardize_within(values[chosen], cohort.tolist()))[0]
    packed = np.packbits(bits.T, axis=1)
    return {"genes": tuple(expression.gene_ids[row] for row in chosen),
            "bits": tuple(sorted(row.tobytes().hex() for row in packed))}  # fmt: skip


def known_profiles(
    profiles: Mapping[str, Any], expression: ExpressionMatrix, sample_ids: Sequence[str], cohort: np.ndarray
) -> np.ndarray:
    """Samples whose profile is in the model, shape (n_samples,), bool.

    Parameters
    ----------
    profiles : mapping
        Of `make_profiles`.
    expression : ExpressionMatrix
    sample_ids : sequence of str, shape (n_samples,)
        All samples of their cohorts that are at hand.
    cohort : numpy.ndarray of str, shape (n_samples,)
    """
    found = np.zeros(len(sample_ids), bool)
    genes = list(profiles.get("genes", ()))
    rows = expression.rows_of(genes)
    large = np.flatnonzero(_in_large(cohort))
    if not len(genes) or not len(large):
        return found
    values = np.full((len(genes), len(large)), np.nan)
    searched = [sample for sample, own in zip(sample_ids, _in_large(cohort), strict=True) if own]
    for place, gene in enumerate(genes):
        if gene in rows:
            values[place] = _columns(expression, searched, rows[gene])
    bits, told = _bits(standardize_within(values, cohort[large].tolist()))
    stored = np.array([np.unpackbits(np.frombuffer(bytes.fromhex(row), np.uint8))[: len(bits)]
                       for row in profiles["bits"]], float).T  # fmt: skip
    size = told.sum(axis=0)
    both = (told & bits).astype(float).T @ stored + (told & ~bits).astype(float).T @ (1 - stored)
    enough = size >= FEWEST_PAIRS
    differing = 1 - both / np.maximum(size, 1)[:, None]
    best = np.sort(differing, axis=1)
    third = best[:, min(2, best.shape[1] - 1)] if best.shape[1] > 2 else np.ones(len(best))
    found[large] = enough & (best[:, 0] <= ALIKE) & (third - best[:, 0] >= APART)
    return found


def _bits(standardized: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the first of each two genes is higher, and whether that is known; shape (n_pairs, n_samples)."""
    first, second = standardized[0::2], standardized[1::2]
    with np.errstate(invalid="ignore"):
        return first > second, ~np.isnan(first - second)


def _in_large(cohort: np.ndarray) -> np.ndarray:
    labels, codes, counts = np.unique(cohort.astype(str), return_inverse=True, return_counts=True)
    large: np.ndarray = (counts >= FEWEST_SAMPLES)[codes]
    return large


def _columns(expression: ExpressionMatrix, sample_ids: Sequence[str], row: int | None = None) -> np.ndarray:
    place = {sample: j for j, sample in enumerate(expression.sample_ids)}
    at = np.array([place.get(sample, -1) for sample in sample_ids])
    values = expression.values if row is None else expression.values[row]
    return np.where(at >= 0, np.asarray(values)[..., at], np.nan)
