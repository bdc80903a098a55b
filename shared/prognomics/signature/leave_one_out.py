"""Centroids that a sample had no part in, for all samples of a cohort at once and for many sets of labels."""

from __future__ import annotations

import numpy as np

from prognomics.signature.centroid_distance import correlation_distances


class CenteredProfiles:
    """Profiles of samples, centered within cohorts with and without each sample itself.

    Taking a sample out moves the gene means of its cohort by a known amount, and with them the centered values of its
    peers, so the sums behind the centroids are corrected, not made again; nothing of this but the sums depends on the
    labels.

    Parameters
    ----------
    profile : numpy.ndarray, shape (n_genes, n_samples)
        Missing is NaN.
    cohorts : numpy.ndarray of int, shape (n_samples,)
    distance : str
        See :func:`prognomics.signature.centroid_distance.correlation_distances`.
    """

    def __init__(self, profile: np.ndarray, cohorts: np.ndarray, distance: str):
        self.distance, self.cohorts = distance, cohorts
        values = profile.T
        self.known = ~np.isnan(values)
        filled = np.where(self.known, values, 0.0)
        codes = np.unique(cohorts)
        self.inside = (cohorts[:, None] == codes).astype(float)
        total, number = self.inside.T @ filled, self.inside.T @ self.known
        own = np.searchsorted(codes, cohorts)
        rest = number[own] - self.known
        means = np.where(number > 0, total / np.maximum(number, 1), np.nan)
        mean_of_rest = np.where(rest > 0, (total[own] - filled) / np.maximum(rest, 1), np.nan)
        self.moved = np.where(rest > 0, means[own] - mean_of_rest, 0.0)
        self.centered = values - means[own]
        self.alone = values - mean_of_rest
        self.filled = np.where(self.known, self.centered, 0.0)
        self.own = own

    def centroids(self, members: np.ndarray) -> np.ndarray:
        """Mean profile of each class, shape (n_classes, n_genes); `members` is 0/1 of shape (n_samples, n_classes)."""
        sums, counts = members.T @ self.filled, members.T @ self.known
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    def distances(self, members: np.ndarray, *, leave_out: bool) -> np.ndarray:
        """Distances of all samples to the centroids; of training samples to those of the others, if `leave_out`."""
        found = correlation_distances(self.centered, self.centroids(members), self.distance)
        training = np.flatnonzero(members.any(axis=1))
        if leave_out and len(training):
            left = self._left_out(members, training)
            found[training] = correlation_distances(self.alone[training], left, self.distance)
        return found

    def _left_out(self, members: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """For each training sample the centroids as if gene means and centroids had never seen it: (n, k, g)."""
        known, filled = self.known[rows][:, None, :], self.filled[rows][:, None, :]
        own = members[rows][:, :, None] * known
        peers = np.stack([(members * inside[:, None]).T @ self.known for inside in self.inside.T])[self.own[rows]]
        count = (members.T @ self.known)[None] - own
        sums = (members.T @ self.filled)[None] - own * filled + self.moved[rows][:, None, :] * (peers - own)
        return np.where(count > 0, sums / np.maximum(count, 1), np.nan)
