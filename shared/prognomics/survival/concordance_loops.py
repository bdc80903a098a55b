"""Concordant, discordant and tied weights of each sample by two sweeps over time: for large cohorts."""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled


@compiled
def count_later(order, group, event, rank, weight, n_ranks, sums):
    """Fill `sums`, shape (3, n_samples): weights of later samples below, at and above the rank of each death.

    `order` is by rising time, `group` holds the times in that order.
    """
    n = order.size
    tree, level = np.zeros(n_ranks + 1), np.zeros(n_ranks + 1)
    total, end = 0.0, n
    while end > 0:  # from the last time back: who is later
        begin = end - 1
        while begin > 0 and group[begin - 1] == group[end - 1]:
            begin -= 1
        for wanted in range(2):  # a censoring at the time of a death counts as later
            if wanted == 1:
                for k in range(begin, end):
                    i = order[k]
                    if event[i]:
                        r = rank[i]
                        place, below = r, 0.0
                        while place > 0:
                            below += tree[place]
                            place -= place & -place
                        sums[0, i], sums[1, i], sums[2, i] = below, level[r + 1], total - below - level[r + 1]
            for k in range(begin, end):
                i = order[k]
                if event[i] == wanted:
                    place = rank[i] + 1
                    level[place] += weight[i]
                    total += weight[i]
                    while place <= n_ranks:
                        tree[place] += weight[i]
                        place += place & -place
        end = begin


@compiled
def count_earlier(order, group, event, rank, weight, n_ranks, sums):
    """Fill `sums`, shape (3, n_samples): weights of earlier deaths below, at and above each rank; else as before."""
    n = order.size
    tree, level = np.zeros(n_ranks + 1), np.zeros(n_ranks + 1)
    total, begin = 0.0, 0
    while begin < n:  # from the first time on: which deaths are earlier
        end = begin + 1
        while end < n and group[end] == group[begin]:
            end += 1
        for wanted in range(1, -1, -1):
            for k in range(begin, end):
                i = order[k]
                if event[i] == wanted:
                    r = rank[i]
                    place, below = r, 0.0
                    while place > 0:
                        below += tree[place]
                        place -= place & -place
                    sums[0, i], sums[1, i], sums[2, i] = below, level[r + 1], total - below - level[r + 1]
            if wanted == 1:
                for k in range(begin, end):
                    i = order[k]
                    if event[i]:
                        place = rank[i] + 1
                        level[place] += weight[i]
                        total += weight[i]
                        while place <= n_ranks:
                            tree[place] += weight[i]
                            place += place & -place
        begin = end


def outlasting(time, event, rank, stratum, weight, both=True):
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


def _fill(time, flags, rank, weight, sums, both):
    order = np.argsort(time)
    given = order, time[order], flags, rank, weight, int(rank.max()) + 1
    count_later(*given, sums[:3])
    if both:
        count_earlier(*given, sums[3:])
