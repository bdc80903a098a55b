"""Mann-Whitney tests of every gene at once, also within strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import comb, ndtr

from prognomics.stats.ordering import row_orders
from prognomics.stats.rank_tests import EXACT_BELOW, EXACT_P_BELOW, u_counts
from prognomics.threads import in_threads

CHUNK = 128


@dataclass(frozen=True)
class MannWhitneyByGene:
    """One test a gene, arrays of shape (n_genes,); NaN where a group has no values or nothing varies.

    Attributes
    ----------
    n, n_versus : numpy.ndarray of int
        Samples of the group and of the one it is compared with that have the gene.
    u : numpy.ndarray
        Pairs in which the group is higher, ties one half (R's W, scipy's statistic).
    p_value : numpy.ndarray
        Two-sided, as R's `wilcox.test`: exact when both groups are below 50 and free of ties, else normal with
        continuity correction and tie-corrected variance.
    exact : numpy.ndarray of bool
    p_exact : numpy.ndarray
        Exact p without ties where either group is below ten; NaN elsewhere.
    """

    n: np.ndarray
    n_versus: np.ndarray
    u: np.ndarray
    p_value: np.ndarray
    exact: np.ndarray
    p_exact: np.ndarray

    @property
    def auc(self) -> np.ndarray:
        """The chance that a sample of the group is higher."""
        with np.errstate(invalid="ignore", divide="ignore"):
            result: np.ndarray = self.u / (self.n * self.n_versus)
            return result


def mann_whitney_by_gene(
    values: np.ndarray, group: np.ndarray, versus: np.ndarray, *, threads: int | None = None
) -> MannWhitneyByGene:
    """Compare two groups of samples in every gene.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_genes, n_samples)
        NaN is excluded gene by gene.
    group, versus : numpy.ndarray of bool, shape (n_samples,)
        Who belongs to each; nobody to both.
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    MannWhitneyByGene
    """
    n, n_versus, u, ties = _u_by_gene(values, group, versus, threads)
    untied = (ties == 0) & ~np.isnan(u)
    exact = (n < EXACT_BELOW) & (n_versus < EXACT_BELOW) & untied
    few = (np.minimum(n, n_versus) < EXACT_P_BELOW) & untied
    p, p_exact = _normal_p(u, n, n_versus, ties), np.full(len(u), np.nan)
    for size in np.unique(np.stack([n, n_versus])[:, exact | few], axis=1).T:
        own = (exact | few) & (n == size[0]) & (n_versus == size[1])
        p_exact[own] = _exact_p(u[own], *size.tolist())
    return MannWhitneyByGene(n, n_versus, u, np.where(exact, p_exact, p), exact, np.where(few, p_exact, np.nan))


@dataclass(frozen=True)
class VanElterenByGene:
    """One stratified test per gene, arrays of shape (n_genes,); NaN where no stratum has both groups.

    Attributes
    ----------
    n, n_versus : numpy.ndarray of int
        Samples in strata that have both.
    n_strata : numpy.ndarray of int
        Those strata.
    z : numpy.ndarray
    p_value : numpy.ndarray
    auc : numpy.ndarray
        The weighted mean of the chances within strata that a sample of the group is higher.
    """

    n: np.ndarray
    n_versus: np.ndarray
    n_strata: np.ndarray
    z: np.ndarray
    p_value: np.ndarray
    auc: np.ndarray


def van_elteren_by_gene(
    values: np.ndarray, group: np.ndarray, versus: np.ndarray, strata: np.ndarray, *, threads: int | None = None
) -> VanElterenByGene:
    """The test of :func:`prognomics.stats.rank_tests.van_elteren` in every gene.

    Parameters
    ----------
    values, group, versus, threads
        As :func:`mann_whitney_by_gene`.
    strata : numpy.ndarray, shape (n_samples,)
        Labels; a gene's strata are those that have values of both groups.

    Returns
    -------
    VanElterenByGene
    """
    away, variance, chance, weights = np.zeros((4, len(values)))
    sizes = np.zeros((3, len(values)), dtype=np.int64)
    for label in np.unique(strata[group | versus]):
        own = strata == label
        if not ((group & own).any() and (versus & own).any()):
            continue
        n, n_versus, u, ties = _u_by_gene(values, group & own, versus & own, threads)
        there = ~np.isnan(u)
        pairs, weight = n * n_versus, np.where(there, 1.0 / (n + n_versus + 1), 0.0)
        u = np.where(there, u, 0.0)
        away += weight * (u - pairs / 2.0)
        variance += np.where(there, weight**2 * _u_variance(n, n_versus, ties), 0.0)
        chance += weight * u
        weights += weight * pairs
        sizes += np.where(there, [n, n_versus, np.ones_like(n)], 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(variance > 0, away / np.sqrt(variance), np.nan)
        n, n_versus, strata = sizes
        return VanElterenByGene(n, n_versus, strata, z, 2.0 * ndtr(-np.abs(z)), chance / weights)


def median_differences_within(
    values: np.ndarray, inside: np.ndarray, outside: np.ndarray, strata: np.ndarray
) -> np.ndarray:
    """Differences of medians within strata, averaged with the weights of van Elteren's test."""
    total, weights = np.zeros((2, len(values)))
    for label in np.unique(strata[inside | outside]):
        parts = [values[:, who & (strata == label)] for who in (inside, outside)]
        m, n = ((~np.isnan(part)).sum(axis=1) for part in parts)
        weight = m * n / (m + n + 1.0)
        total += np.where(weight > 0, weight * (medians_by_gene(parts[0]) - medians_by_gene(parts[1])), 0.0)
        weights += weight
    result: np.ndarray = np.divide(total, weights, out=np.full(len(values), np.nan), where=weights > 0)
    return result


def medians_by_gene(values: np.ndarray) -> np.ndarray:
    """Of each row, NaN excluded and if there is nothing."""
    complete = ~np.isnan(values).any(axis=1)
    medians = np.full(len(values), np.nan)
    if values.shape[1]:
        medians[complete] = np.median(values[complete], axis=1)
    for row in np.flatnonzero(~complete):
        known = values[row][~np.isnan(values[row])]
        medians[row] = np.median(known) if len(known) else np.nan
    return medians


def _u_by_gene(
    values: np.ndarray, group: np.ndarray, versus: np.ndarray, threads: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Group sizes, U (NaN where a group is empty) and the sum of t**3 - t over ties, each of shape (n_genes,)."""
    taken = np.flatnonzero(group | versus)
    is_group = np.asarray(group)[taken]
    sums, ties = np.empty(len(values)), np.empty(len(values))
    sizes = np.empty((2, len(values)), dtype=np.int64)

    def work(begin: int, end: int) -> None:
        block = np.ascontiguousarray(values[begin:end, taken], dtype=np.float64)
        orders = row_orders(block)
        inside = is_group[orders]
        ordered = np.take_along_axis(block, orders, axis=1)
        missing = np.isnan(ordered)
        inside &= ~missing
        sizes[0, begin:end] = inside.sum(axis=1)
        sizes[1, begin:end] = (~missing).sum(axis=1) - sizes[0, begin:end]
        sums[begin:end] = inside @ np.arange(1.0, len(taken) + 1)
        ties[begin:end] = 0.0
        tied = ordered[:, 1:] == ordered[:, :-1]
        for row in np.flatnonzero(tied.any(axis=1)):
            sums[begin + row], ties[begin + row] = _with_ties(tied[row], inside[row])

    in_threads(work, len(values), CHUNK, threads)
    n, n_versus = sizes
    return n, n_versus, np.where((n > 0) & (n_versus > 0), sums - n * (n + 1) / 2.0, np.nan), ties


def _with_ties(tied: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """The rank sum with ties averaged, and the sum of t**3 - t, of one gene in rising order."""
    starts = np.flatnonzero(np.concatenate(([True], ~tied)))
    ends = np.append(starts[1:], len(inside))
    counts = (ends - starts).astype(float)
    rank_sum = (starts + ends + 1) / 2.0 @ np.add.reduceat(inside, starts, dtype=float)
    return float(rank_sum), float((counts**3 - counts).sum())


def _u_variance(n: np.ndarray, n_versus: np.ndarray, ties: np.ndarray) -> np.ndarray:
    total = (n + n_versus).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: np.ndarray = n * n_versus / 12.0 * (total + 1 - ties / (total * (total - 1)))
        return result


def _normal_p(u: np.ndarray, n: np.ndarray, n_versus: np.ndarray, ties: np.ndarray) -> np.ndarray:
    variance = _u_variance(n, n_versus, ties)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.maximum(np.abs(u - n * n_versus / 2.0) - 0.5, 0.0)
        return np.where(variance > 0, np.minimum(1.0, 2.0 * ndtr(-away / np.sqrt(variance))), np.nan)


def _exact_p(u: np.ndarray, n: int, n_versus: int) -> np.ndarray:
    tail = np.minimum(u, n * n_versus - u).astype(np.int64)
    below = np.cumsum(u_counts(n, n_versus, int(tail.max())))
    result: np.ndarray = np.minimum(
        1.0, np.array([2.0 * float(below[k] / comb(n + n_versus, n, exact=True)) for k in tail])
    )
    return result
