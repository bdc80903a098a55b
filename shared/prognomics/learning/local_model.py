"""Minimize a quadratic function with an elastic-net penalty, whose columns grow and whose curvature is kept.

The quadratic function is that of the log likelihood at one point. Its minimum under the penalty is found by
feature-sign search (Lee et al. 2007, Advances in Neural Information Processing Systems 19): linear systems on the
columns with a coefficient, until the optimality conditions of all columns hold. The inverse of their curvature is
updated as columns come and go, also from one call to the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.compiled import compiled_loops
from prognomics.learning.partial_likelihood import RiskOrder
from prognomics.regression.logistic_likelihood import LogisticOrder

DAMPING = 1e-7
"""Added to the curvature, as a fraction of the largest: columns may be copies of each other."""
LEAST_PIVOT = 1e-3
"""Of the damping: what a column must add to the curvature of the others, lest the inverse loses its digits."""
MOST_ROUNDS = 5000


class LocalModel:
    """The curvature of a log likelihood and of the ridge penalty at one point, for some columns.

    Parameters
    ----------
    risk : RiskOrder or LogisticOrder
    at : Likelihood or LogisticLikelihood
        The point.
    block : numpy.ndarray, shape (n_columns, n)
        All active columns, in sorted order.
    members : numpy.ndarray of int
        Those that the model describes.
    ridge : numpy.ndarray, shape (n_columns,)
    """

    def __init__(
        self, risk: RiskOrder | LogisticOrder, at: Any, block: np.ndarray,
        members: np.ndarray, ridge: np.ndarray,
    ) -> None:  # fmt: skip
        self._risk, self._at = risk, at
        self.members = members
        root, mean = risk.curvature_parts(at, block[members].T)
        self._root, self._mean = root.T, mean.T
        self.matrix = self._root @ self._root.T - self._mean @ self._mean.T
        diagonal = np.einsum("ii->i", self.matrix)
        self._damping = DAMPING * max(float(diagonal.max(initial=0.0)), np.finfo(float).tiny)
        diagonal += ridge[members] + self._damping
        self._support = np.zeros(0, int)
        self._inverse = np.zeros((0, 0))

    def include(self, block: np.ndarray, columns: np.ndarray, ridge: np.ndarray) -> None:
        """Describe further columns, at the same point."""
        known = np.zeros(len(block), bool)
        known[self.members] = True
        new = columns[~known[columns]]
        if not len(new):
            return
        root, mean = (part.T for part in self._risk.curvature_parts(self._at, block[new].T))
        across = self._root @ root.T - self._mean @ mean.T
        own = root @ root.T - mean @ mean.T
        np.einsum("ii->i", own)[:] += ridge[new] + self._damping
        self.matrix = np.block([[self.matrix, across], [across.T, own]])
        self._root, self._mean = np.vstack([self._root, root]), np.vstack([self._mean, mean])
        self.members = np.concatenate([self.members, new])

    def minimize(self, slope: np.ndarray, beta: np.ndarray, bar: np.ndarray, tolerance: float) -> np.ndarray:
        """The minimum of d' M d / 2 - slope' d + sum(bar |beta + d|) over changes d of the members' coefficients.

        Parameters
        ----------
        slope, beta, bar : numpy.ndarray, shape (n_members,)
        tolerance : float
            Largest violation of the optimality conditions.

        Returns
        -------
        numpy.ndarray, shape (n_members,)
            beta + d.
        """
        matrix, free = self.matrix, bar <= 0
        signs = np.sign(beta)
        now = beta.copy()
        entered = np.zeros(0, int)
        wanted = (signs != 0) | free
        self._settle(wanted)
        for _ in range(MOST_ROUNDS):
            held = self._support
            m = len(held)
            if m:
                outside = np.flatnonzero((beta != 0) & (now == 0))
                right = slope[held] - signs[held] * bar[held]
                if len(outside):
                    right = right + matrix[np.ix_(held, outside)] @ beta[outside]
                target = beta[held] + self._inverse[:m, :m] @ right
                crossed = (target * signs[held] < 0) & ~free[held]
                if crossed.any():
                    fresh = crossed & (now[held] == 0)
                    if fresh.any():  # came in together, but not all of them belong
                        if len(entered) == 1:
                            break  # rounding: a column alone moves the way that let it in
                        if fresh.sum() == len(entered):
                            fresh &= held != entered[0]
                        leaving = held[fresh]
                    else:
                        way = target - now[held]
                        with np.errstate(divide="ignore", invalid="ignore"):
                            part = np.where(crossed, -now[held] / way, np.inf)
                        first = int(np.argmin(part))
                        now[held] += min(max(part[first], 0.0), 1.0) * way
                        leaving = held[[first]]
                    now[leaving] = signs[leaving] = 0.0
                    wanted[leaving] = False
                    entered = entered[wanted[entered]]
                    self._settle(wanted)
                    continue
                now[held] = target
            left = slope - matrix @ (now - beta)
            excess = np.where((signs == 0) & ~free, np.abs(left) - bar, -np.inf)
            entered = np.flatnonzero(excess > tolerance)
            if not len(entered):
                break
            entered = entered[np.argsort(-excess[entered], kind="stable")]
            signs[entered] = np.sign(left[entered])
            wanted[entered] = True
            self._settle(wanted)
            wanted[:] = False
            wanted[self._support] = True
            entered = entered[wanted[entered]]
            if not len(entered):
                break  # copies of others
            signs[~wanted] = 0.0
        return now

    def _settle(self, wanted: np.ndarray) -> None:
        """Bring the support to the members of a mask; one that is a copy of others is excluded."""
        leaving = np.flatnonzero(~wanted[self._support])
        new = wanted.copy()
        new[self._support] = False
        coming = np.flatnonzero(new)
        if 4 * (len(leaving) + len(coming)) > len(self._support):
            self._invert(np.flatnonzero(wanted))
            return
        for place in leaving[::-1]:
            self._drop(int(place))
        for member in coming:
            self._add(int(member))

    def _invert(self, wanted: np.ndarray) -> None:
        from scipy.linalg.lapack import dpotrf, dpotri

        m = len(wanted)
        self._support = wanted.copy()
        self._reserve(m)
        if not m:
            return
        factor, failed = dpotrf(self.matrix[np.ix_(wanted, wanted)].T, lower=0, overwrite_a=1, clean=0)
        if failed:  # rounding: one by one, without those that fail
            self._support = np.zeros(0, int)
            for member in wanted:
                self._add(int(member))
            return
        inverse, _ = dpotri(factor, lower=0, overwrite_c=1)
        inverse = np.triu(inverse)
        self._inverse[:m, :m] = inverse + np.triu(inverse, 1).T

    def _reserve(self, m: int) -> None:
        if m > len(self._inverse):
            held = len(self._inverse)
            larger = np.zeros((m + 64 + m // 4,) * 2)
            larger[:held, :held] = self._inverse
            self._inverse = larger

    def _add(self, member: int) -> None:
        m = len(self._support)
        self._reserve(m + 1)
        row = self.matrix[member, self._support]
        vector = self._inverse[:m, :m] @ row
        pivot = float(self.matrix[member, member] - row @ vector)
        if not pivot > LEAST_PIVOT * self._damping:
            return
        _rank_one(self._inverse, vector, 1 / pivot)
        self._inverse[m, :m] = self._inverse[:m, m] = -vector / pivot
        self._inverse[m, m] = 1 / pivot
        self._support = np.append(self._support, member)

    def _drop(self, place: int) -> None:
        inverse, last = self._inverse, len(self._support) - 1
        if place != last:  # the last takes its place
            m = last + 1
            inverse[[place, last], :m] = inverse[[last, place], :m]
            inverse[:m, [place, last]] = inverse[:m, [last, place]]
            self._support[[place, last]] = self._support[[last, place]]
        _rank_one(inverse, inverse[:last, last].copy(), -1 / inverse[last, last])
        self._support = self._support[:last]


def _rank_one(matrix: np.ndarray, vector: np.ndarray, scale: float) -> None:
    """Add scale * vector vector' to the first rows and columns of a matrix, in place."""
    loops = compiled_loops()
    if loops is not None:
        loops.rank_one(matrix, vector, scale)
        return
    m = len(vector)
    matrix[:m, :m] += np.outer(scale * vector, vector)
