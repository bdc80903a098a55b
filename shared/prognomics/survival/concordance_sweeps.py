"""Concordant, discordant and tied weights of each sample by two compiled sweeps over time: for large cohorts."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops


def outlasting(time: Any, event: Any, rank: Any, stratum: Any, weight: Any, both: bool = True) -> Any:
    """Weights of samples below, at and above each sample's rank.

    Parameters
    ----------
    time, event, weight : numpy.ndarray, shape (n_samples,)
    rank : numpy.ndarray of int, shape (n_samples,)
        From 0 without gaps.
    stratum : numpy.ndarray of int, shape (n_samples,)
    both : bool
        Whether earlier deaths are counted too, which the standard error needs.

    Returns
    -------
    later, earlier : numpy.ndarray, shape (3, n_samples)
        Of samples that outlast a death (0 for others); of deaths that a sample outlasts (0 if not `both`).
    """
    flags, sums = event.astype(np.uint8), np.zeros((6, len(time)))
    if not stratum.any():
        _fill(time, flags, rank, weight, sums, both)
        return sums[:3], sums[3:]
    for code in range(int(stratum.max()) + 1):
        own = np.flatnonzero(stratum == code)
        local = np.unique(rank[own], return_inverse=True)[1].reshape(-1)
        part = np.zeros((6, len(own)))
        _fill(time[own], flags[own], local, weight[own], part, both)
        sums[:, own] = part
    return sums[:3], sums[3:]


def _fill(time: Any, flags: Any, rank: Any, weight: Any, sums: Any, both: Any) -> None:
    order = np.argsort(time)
    later, earlier = sums[:3], sums[3:] if both else np.empty(0)
    compiled_loops().count_pairs(order, time[order], flags, rank, weight, int(rank.max()) + 1, later, earlier)
