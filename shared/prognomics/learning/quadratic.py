"""Minimize a quadratic function with an elastic-net penalty: coordinate descent, then exact solutions on the support.

The second part is feature-sign search, Lee et al. (2007), Advances in Neural Information Processing Systems 19: a
finite sequence of linear systems, which ends at the minimum however correlated the columns are.
"""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled_loops

SWEEPS = 100
ROUNDS = 40
MOST_CHANGES = 500


def solve_quadratic(
    information: np.ndarray, gradient: np.ndarray, beta: np.ndarray, bar: np.ndarray, ridge: np.ndarray,
    tolerance: float,
) -> np.ndarray:  # fmt: skip
    """The minimum of (b - beta)' I (b - beta) / 2 - gradient' (b - beta) + sum(bar |b| + ridge b^2 / 2).

    Parameters
    ----------
    information : numpy.ndarray, shape (n, n)
        Positive semidefinite.
    gradient, beta, bar, ridge : numpy.ndarray, shape (n,)
    tolerance : float
        Largest violation of the optimality conditions.

    Returns
    -------
    numpy.ndarray, shape (n,)
    """
    information = np.ascontiguousarray(information)
    new = beta.copy()
    for _ in range(ROUNDS):
        slope = gradient - information @ (new - beta)
        descend(information, slope, new, bar, ridge, SWEEPS)
        new, solved = _search_signs(information, gradient, beta, new, bar, ridge, tolerance)
        if solved:
            break
    return new


def descend(
    information: np.ndarray, slope: np.ndarray, new: np.ndarray, bar: np.ndarray, ridge: np.ndarray, sweeps: int
) -> None:
    """Sweeps of coordinate descent; `slope` (the gradient of the quadratic part at `new`) and `new` change in place."""
    loops = compiled_loops()
    if loops is not None:
        loops.descend(information, slope, new, bar, ridge, sweeps)
        return
    for _ in range(sweeps):
        for j in range(len(new)):
            curve = information[j, j]
            if curve + ridge[j] <= 0:
                continue
            pull = slope[j] + curve * new[j]
            moved = np.sign(pull) * max(abs(pull) - bar[j], 0.0) / (curve + ridge[j])
            if moved != new[j]:
                slope -= information[j] * (moved - new[j])
                new[j] = moved


def _search_signs(information, gradient, beta, new, bar, ridge, tolerance):
    """Feature-sign search from `new`; the minimum, and whether it was reached."""
    from scipy.linalg import LinAlgError, solve

    new = new.copy()
    signs = np.sign(new)
    base = gradient + information @ beta
    for _ in range(MOST_CHANGES):
        held = np.flatnonzero(signs)
        if len(held):
            matrix = information[np.ix_(held, held)] + np.diag(ridge[held])
            try:
                exact = solve(matrix, base[held] - signs[held] * bar[held], assume_a="pos", check_finite=False)
            except LinAlgError:
                return new, False
            crossed = (exact * signs[held] < 0) & (bar[held] > 0)
            if crossed.any():
                way = exact - new[held]
                with np.errstate(divide="ignore", invalid="ignore"):
                    share = np.where(crossed, -new[held] / way, np.inf)
                at = int(np.argmin(share))
                new[held] += min(max(share[at], 0.0), 1.0) * way
                new[held[at]] = signs[held[at]] = 0.0
                continue
            new[held] = exact
            signs[held] = np.where(bar[held] > 0, np.sign(exact), signs[held])
        slope = base - information @ new
        excess = np.where(signs == 0, np.abs(slope) - bar, 0.0)
        worst = int(np.argmax(excess))
        if excess[worst] <= tolerance:
            inside = np.abs(slope - ridge * new - np.sign(new) * bar)[new != 0]
            return new, bool(inside.max(initial=0.0) <= tolerance)
        signs[worst] = np.sign(slope[worst])
    return new, False
