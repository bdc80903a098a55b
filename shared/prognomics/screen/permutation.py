"""Family-wise p-values by permutation: Westfall and Young's step-down maxT and minP.

Under the null hypothesis the martingale residuals of the model without genes can be exchanged between the samples of
a stratum. A gene's score statistic is its product with these residuals, so all permutations of a block of genes are
one matrix product. Beside covariates the observed statistic is the score test itself: what the covariates leave of a
gene may vary more where the hazard is high, which permuted residuals do not show.
"""

from __future__ import annotations

import numpy as np

from prognomics.errors import Refused
from prognomics.screen.null_model import NullModel

MOST_CELLS = 250_000_000
"""Statistics, or permuted residuals, that are held at once (four or eight bytes each)."""


class Permutations:
    """Permuted residuals, and the statistics of the genes seen so far.

    Parameters
    ----------
    null : NullModel
        Genes enter as what its covariates leave of them.
    n_genes, n_permutations : int
    rng : numpy.random.Generator

    Raises
    ------
    Refused
        More statistics than memory should hold.
    """

    def __init__(self, null: NullModel, n_genes: int, n_permutations: int, rng: np.random.Generator):
        n = len(null.residual)
        if max(n, n_genes) * (n_permutations + 1) > MOST_CELLS:
            raise Refused(
                f"{n_permutations} permutations of {n_genes} genes and {n} samples do not fit into memory",
                hint=f"at most {MOST_CELLS // max(n, n_genes) - 1} do",
            )
        self.null, self.bounds = null, null.follow_up.stratum_bounds
        centered = _within(null.residual[:, None], self.bounds)[:, 0]
        self.residuals = np.empty((n, n_permutations + 1))
        self.residuals[:, 0] = centered
        for column in range(1, n_permutations + 1):
            for begin, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
                self.residuals[begin:end, column] = rng.permutation(centered[begin:end])
        self.spread = [
            float(np.sum(centered[begin:end] ** 2) / max(end - begin - 1, 1))
            for begin, end in zip(self.bounds[:-1], self.bounds[1:], strict=True)
        ]
        columns = _within(np.asarray(null.covariates, dtype=float), self.bounds)
        self.basis = np.linalg.qr(columns)[0] if columns.shape[1] else columns
        self.statistics = np.full((n_genes, n_permutations + 1), np.nan, dtype=np.float32)
        self.done = 0

    def add(self, values: np.ndarray) -> None:
        """Take in a block of genes, shape (n_genes, n_columns); a missing value counts as its stratum's mean."""
        x = values[:, self.null.follow_up.columns].T
        missing = np.isnan(x)
        if missing.any():
            x = np.where(missing, _stratum_means(x, self.bounds), x)
        x = known = _within(x, self.bounds)
        x = x - self.basis @ (self.basis.T @ x)
        variance = np.zeros(x.shape[1])
        for spread, begin, end in zip(self.spread, self.bounds[:-1], self.bounds[1:], strict=True):
            variance += spread * np.sum(x[begin:end] ** 2, axis=0)
        varies = variance > 1e-20 * np.maximum(1.0, np.nanmax(np.abs(values), axis=1, initial=0.0)) ** 2
        place = slice(self.done, self.done + len(values))
        scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), np.nan)
        self.statistics[place] = np.abs((x * scale).T @ self.residuals)
        if self.basis.shape[1]:
            self.statistics[place, 0] = np.where(varies, np.abs(self.null.score_tests(known)), np.nan)
        self.done += len(values)

    def p_values(self, family: str = "max_t") -> np.ndarray:
        """Step-down adjusted p-values, shape (n_genes,), by "max_t" or "min_p"; NaN for genes without variation."""
        return step_down_min_p(self.statistics) if family == "min_p" else step_down_max_t(self.statistics)


def step_down_max_t(statistics: np.ndarray) -> np.ndarray:
    """Westfall and Young's step-down maxT.

    Parameters
    ----------
    statistics : numpy.ndarray, shape (n_genes, 1 + n_permutations)
        Absolute statistics, the observed ones first. NaN rows take no part.

    Returns
    -------
    numpy.ndarray, shape (n_genes,)
        The fraction of all arrangements, the observed one among them, in which the largest statistic of this gene and
        all with a smaller observed one reaches the observed; never smaller than that of a gene before.

    Notes
    -----
    Westfall and Young (1993); algorithm 2 of Ge, Dudoit and Speed (2003), doi 10.1007/BF02595811;
    `multtest::mt.maxT` but for counting the observed arrangement.
    """
    return _step_down(statistics, statistics[:, 0])


def step_down_min_p(statistics: np.ndarray) -> np.ndarray:
    """Westfall and Young's step-down minP: as `step_down_max_t`, of each gene's own permutation p-values.

    Genes whose statistics are distributed in different ways count alike. No p-value is below one over the number of
    arrangements, so that many genes need many permutations.

    Notes
    -----
    Algorithm 4 of Ge, Dudoit and Speed (2003), as `multtest::mt.minP`; genes of the same p-value go by their statistic.
    """
    beaten = np.full_like(statistics, np.nan)  # arrangements with a smaller statistic: the more, the smaller p
    for gene in np.flatnonzero(~np.isnan(statistics[:, 0])):
        beaten[gene] = np.searchsorted(np.sort(statistics[gene]), statistics[gene], "left")
    return _step_down(beaten, statistics[:, 0])


def _step_down(statistics: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """Adjusted p-values of genes in the order of their observed statistic, then of `tie`."""
    p = np.full(len(statistics), np.nan)
    known = np.flatnonzero(~np.isnan(statistics[:, 0]))
    order = known[np.lexsort((tie[known], statistics[known, 0]))]
    largest = np.zeros(statistics.shape[1], dtype=statistics.dtype)
    for gene in order:
        np.maximum(largest, statistics[gene], out=largest)
        p[gene] = np.mean(largest >= statistics[gene, 0])
    p[order[::-1]] = np.maximum.accumulate(p[order[::-1]])
    return p


def _stratum_means(x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    means = np.zeros_like(x)
    for begin, end in zip(bounds[:-1], bounds[1:], strict=True):
        count = np.maximum((~np.isnan(x[begin:end])).sum(axis=0), 1)
        means[begin:end] = np.nansum(x[begin:end], axis=0) / count
    return means


def _within(x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """The columns of x less the mean of each stratum, as a new array."""
    x = np.array(x, dtype=float)
    for begin, end in zip(bounds[:-1], bounds[1:], strict=True):
        if end > begin:
            x[begin:end] -= x[begin:end].mean(axis=0)
    return x
