"""Moments of the covariate sum of a random subset: what the exact conditional likelihood is made of.

Given that k of n samples are cases, a subset of size k has probability proportional to exp(sum of its linear
predictors). Samples are added one at a time (Gail, Lubin and Rubinstein 1981, doi 10.1093/biomet/68.3.703; Howard
1972): the subsets of size k among the first j samples are those without sample j and those with it, so their moments
are the moments of a mixture of two. Means and covariances are formed directly, without differences of large sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SubsetMoments:
    """Of each stratum.

    Attributes
    ----------
    log_total : numpy.ndarray, shape (n_strata,)
        Log of the sum of exp(sum of linear predictors) over all subsets.
    mean : numpy.ndarray, shape (n_strata, n_columns)
        Of the sum of the covariates of a subset.
    covariance : numpy.ndarray, shape (n_strata, n_columns, n_columns)
    third : numpy.ndarray, shape (n_strata, n_columns), or None
        Third cumulants, two of their indices summed against the matrix that was given.
    """

    log_total: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    third: np.ndarray | None = None


def subset_moments(
    eta: np.ndarray, x: np.ndarray, size: np.ndarray, against: np.ndarray | None = None
) -> SubsetMoments:
    """Moments of the subsets of a size in several strata at once.

    Parameters
    ----------
    eta : numpy.ndarray, shape (n_strata, n_samples)
        Linear predictors; -inf fills strata that are smaller than others.
    x : numpy.ndarray, shape (n_strata, n_samples, n_columns)
    size : numpy.ndarray of int, shape (n_strata,)
        At least 1, less than the number of samples.
    against : numpy.ndarray, shape (n_columns, n_columns), optional
        Symmetric; gives `third`.
    """
    n_strata, n, p = x.shape
    largest = int(size.max())
    row, column = np.triu_indices(p)
    log_total = np.full((n_strata, largest + 1), -np.inf)
    log_total[:, 0] = 0.0
    mean = np.zeros((n_strata, largest + 1, p))
    spread = np.zeros((n_strata, largest + 1, len(row)))
    third = np.zeros((n_strata, largest + 1, p))
    smallest = int(size.min())
    for j in range(n):
        # sizes that j samples cannot have, and those that the samples to come cannot bring to the end, are not needed
        first, last = max(1, smallest - (n - 1 - j)), min(j + 1, largest) + 1
        here, less = slice(first, last), slice(first - 1, last - 1)
        with_it = log_total[:, less] + eta[:, j, None]
        total = np.logaddexp(log_total[:, here], with_it)
        possible = np.isfinite(total)
        with np.errstate(invalid="ignore"):
            share = np.where(possible, np.exp(with_it - total), 0.0)[..., None]
            rest = np.where(possible, np.exp(log_total[:, here] - total), 1.0)[..., None]
        step = mean[:, less] + x[:, j, None, :] - mean[:, here]
        widening = spread[:, less] - spread[:, here]
        if against is not None:
            third[:, here] = (
                rest * third[:, here]
                + share * third[:, less]
                + rest * share * _third_of_mixture(_square(widening, row, column, p), step, against, rest - share)
            )
        spread[:, here] = (
            rest * spread[:, here] + share * spread[:, less] + (rest * share * step[..., row] * step[..., column])
        )
        mean[:, here] += share * step
        log_total[:, here] = total
    strata = np.arange(n_strata)
    return SubsetMoments(
        log_total[strata, size], mean[strata, size], _square(spread[strata, size], row, column, p),
        third[strata, size] if against is not None else None,
    )  # fmt: skip


def _third_of_mixture(widening: np.ndarray, step: np.ndarray, against: np.ndarray, skew: np.ndarray) -> np.ndarray:
    """The third cumulant of a mixture of two, over the product of their shares and beyond those of the parts."""
    turned = step @ against
    traced = np.einsum("...ab,ab->...", widening, against)[..., None]
    crossed = np.einsum("...ab,...b->...a", widening, turned)
    length = np.einsum("...a,...a->...", step, turned)[..., None]
    result: np.ndarray = traced * step + 2 * crossed + skew * length * step
    return result


def _square(upper: np.ndarray, row: np.ndarray, column: np.ndarray, p: int) -> np.ndarray:
    full = np.empty((*upper.shape[:-1], p, p))
    full[..., row, column] = upper
    full[..., column, row] = upper
    return full
