"""The enrichment score of preranked gene set enrichment analysis.

Subramanian et al. (2005), doi 10.1073/pnas.0506580102.
"""

from __future__ import annotations

import numpy as np

EQUAL = 1e-12  # deviations that differ by less are of the same size


def enrichment_scores(places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The largest deviation of each set's running sum from zero, with its sign; as fgsea's `calcGseaStat`.

    Parameters
    ----------
    places : numpy.ndarray of int, shape (n_sets, size)
        Ranks of the sets' genes, rising in each row; 0 is the gene with the highest statistic.
    weights : numpy.ndarray, shape (n_genes,)
        Absolute statistics in the order of the ranking, raised to the power `weight`. More genes than `size`.

    Returns
    -------
    numpy.ndarray, shape (n_sets,)
        Zero where both deviations are of the same size.
    """
    tops, steps = running_tops(places, weights)
    high, low = tops.max(axis=1), (tops - steps).min(axis=1)
    return np.where(high > -low + EQUAL, high, np.where(high < -low - EQUAL, low, 0.0))


def running_tops(places: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The running sum just after each gene of the sets, and the step up at it, both of shape (n_sets, size)."""
    size = places.shape[1]
    steps = weights[places]
    sums = np.cumsum(steps, axis=1)
    total = sums[:, -1:].copy()
    nothing = total[:, 0] <= 0
    if nothing.any():  # statistics of zero only: each gene counts alike
        steps[nothing], total[nothing] = 1.0, float(size)
        sums[nothing] = np.arange(1.0, size + 1)
    sums /= total
    steps /= total
    sums -= (places - np.arange(size)) / (len(weights) - size)
    return sums, steps


def leading_edge(places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks of the genes up to the largest deviation, the outermost first; none for a score of zero.

    Parameters
    ----------
    places : numpy.ndarray of int, shape (size,)
    weights : numpy.ndarray, shape (n_genes,)
    """
    tops, steps = (part[0] for part in running_tops(places[None, :], weights))
    bottoms = tops - steps
    if tops.max() > -bottoms.min() + EQUAL:
        return places[: int(np.argmax(tops)) + 1]
    if tops.max() < -bottoms.min() - EQUAL:
        return places[int(np.argmin(bottoms)) :][::-1]
    return places[:0]


def running_score(places: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the running sum over all ranks, for a plot: ranks and heights, from (0, 0) to (n_genes, 0)."""
    tops, steps = (part[0] for part in running_tops(places[None, :], weights))
    x = np.column_stack([places, places + 1]).ravel()
    y = np.column_stack([tops - steps, tops]).ravel()
    return np.concatenate([[0], x, [len(weights)]]), np.concatenate([[0.0], y, [0.0]])
