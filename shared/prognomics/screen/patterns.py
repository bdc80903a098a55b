"""Genes that miss the same samples share their risk sets: what a gene's own samples make of the follow-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from prognomics.screen.follow_up import FollowUp


@dataclass(frozen=True)
class Pattern:
    """Follow-up of the samples that some genes have.

    Attributes
    ----------
    genes : numpy.ndarray of int
        Columns of the chunk with this pattern.
    kept : numpy.ndarray of int, shape (n_kept,)
        Sorted samples that are there.
    ends, deaths : numpy.ndarray of int, shape (n_cells,)
    bounds : numpy.ndarray of int, shape (n_strata + 1,)
    death : numpy.ndarray of int
        Kept samples that are deaths.
    at_risk : numpy.ndarray of bool, shape (n_kept,)
        Who is in any risk set: others must not decide how values are scaled.
    scale : numpy.ndarray, shape (n_cells,)
        Time scale of the test of proportional hazards.
    """

    genes: np.ndarray
    kept: np.ndarray
    ends: np.ndarray
    deaths: np.ndarray
    bounds: np.ndarray
    death: np.ndarray
    at_risk: np.ndarray
    scale: np.ndarray


def patterns_of_missing(follow_up: FollowUp, chunk: np.ndarray) -> Iterator[Pattern]:
    """The patterns of a chunk of sorted values, shape (n_samples, n_genes)."""
    for kept, genes in genes_by_samples(chunk):
        yield pattern_of(follow_up, kept, genes)


def genes_by_samples(chunk: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Samples (rows of a chunk of shape (n_samples, n_genes)) and the genes that have exactly those."""
    missing = np.isnan(chunk)
    complete = ~missing.any(axis=0)
    if complete.any():
        yield np.arange(len(chunk)), np.flatnonzero(complete)
    lacking = np.flatnonzero(~complete)
    if len(lacking):
        _, group = np.unique(missing[:, lacking], axis=1, return_inverse=True)
        for code in range(group.max() + 1):
            genes = lacking[group.reshape(-1) == code]
            yield np.flatnonzero(~missing[:, genes[0]]), genes


def pattern_of(follow_up: FollowUp, kept: np.ndarray, genes: np.ndarray) -> Pattern:
    """What is left of the follow-up with the sorted samples `kept`."""
    cells = len(follow_up.ends)
    ends = np.cumsum(np.bincount(follow_up.cell[kept], minlength=cells))
    event = follow_up.event[kept] == 1
    deaths = np.bincount(follow_up.cell[kept][event], minlength=cells)
    bounds = np.searchsorted(kept, follow_up.stratum_bounds)
    scale = _time_scale(follow_up, kept, deaths)
    at_risk = follow_up.cell_moment[follow_up.cell[kept]] >= 0
    return Pattern(genes, kept, ends, deaths, bounds, np.flatnonzero(event), at_risk, scale)


def _time_scale(follow_up: FollowUp, kept: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """One minus the pooled Kaplan-Meier estimate just before each cell's time, centered over the deaths."""
    moment, n_moments = follow_up.moment[kept], follow_up.n_moments
    at_risk = np.cumsum(np.bincount(moment[moment >= 0], minlength=n_moments)[::-1])[::-1]
    busy = deaths > 0
    died = np.bincount(follow_up.cell_moment[busy], deaths[busy], minlength=n_moments)
    survival = np.cumprod(1 - died / np.maximum(at_risk, 1))
    scale = np.where(busy, 1 - np.concatenate(([1.0], survival))[follow_up.cell_moment], 0.0)
    result: np.ndarray = scale - (scale @ deaths) / max(deaths.sum(), 1)
    return result
