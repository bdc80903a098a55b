"""Newton's method for a log likelihood, and the coefficients that have no finite maximum.

The maximum is sought however far it lies: with extreme covariates the linear predictor may range over many
thousands. A coefficient is called infinite only where the likelihood rises without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

SETTLED = 1e-3
"""Range of the linear predictor of a pending step below which it changes nothing."""
SAME_INFORMATION = 0.1
"""Relative change of the information over a pending step below which a maximum is near: where the likelihood has
none, each step takes away more than half of it."""
PENDING = 1e-4
"""Pending step, relative to the coefficient, of one that may run off."""
NEGLIGIBLE_PART = 1e-6
"""Share of the pending step's linear predictor below which a column has no part in it."""
ENTANGLED = 1e4
"""Variance, relative to that with the infinite coefficients held, above which a coefficient is known only relative
to those."""
ROUNDING = 1e-13
"""Information, relative to the sums whose difference it is, below which it is rounding."""
SUSPECT = 1e-4
"""Information, relative to that at beta = 0, below which digits may be lost."""
NOISE = 1e-12
"""Relative gain in log-likelihood below which rounding decides its sign."""


COLLINEAR = 1e-11
"""Share of a column's information that must be left after the columns before it."""


class State(Protocol):
    """A likelihood at one beta."""

    loglik: float


class Likelihood(Protocol):
    """A concave log likelihood of coefficients: Cox's partial, the logistic, the conditional logistic."""

    x: np.ndarray

    def linear_predictor(self, beta: np.ndarray) -> np.ndarray: ...

    def state(self, beta: np.ndarray) -> Any: ...

    def means(self, state: Any) -> np.ndarray: ...

    def gradient(self, state: Any, means: np.ndarray) -> np.ndarray: ...

    def information(self, state: Any, means: np.ndarray) -> np.ndarray: ...

    def square_sums(self, state: Any) -> np.ndarray: ...

    def recedes(self, direction: np.ndarray) -> bool: ...


@dataclass(frozen=True)
class Maximum:
    """Where Newton's method ended.

    Attributes
    ----------
    beta : numpy.ndarray, shape (n_columns,)
    state : State
        The likelihood at beta.
    inverse : numpy.ndarray, shape (n_columns, n_columns)
        Inverse of the information at beta.
    score : float
        Score statistic of beta = 0.
    running_off : numpy.ndarray of bool, shape (n_columns,)
        Columns whose coefficient has no finite estimate.
    drowned : numpy.ndarray of bool, shape (n_columns,)
        Columns whose information is lost in rounding: extreme values leave no digits for the others.
    iterations : int
    converged : bool
    """

    beta: np.ndarray
    state: State
    inverse: np.ndarray
    score: float
    running_off: np.ndarray
    drowned: np.ndarray
    iterations: int
    converged: bool


@dataclass(frozen=True)
class _Step:
    """A Newton step: information of each column, inverse information, step, expected gain, columns that are flat."""

    own: np.ndarray
    inverse: np.ndarray
    move: np.ndarray
    gain: float
    flat: np.ndarray


def maximize(likelihood: Likelihood, null: State, eps: float, max_iterations: int) -> Maximum:
    """Maximize a likelihood from beta = 0.

    Steps that lower the likelihood are shortened as `survival::coxph.fit` does. It ends behind a step that
    promised a gain of less than `eps`, relative, if the maximum is there: if not (the likelihood is flat because
    of a sample far out), it goes on; if the likelihood rises without end along the pending step, the columns of
    that step have no finite estimate.

    Parameters
    ----------
    likelihood : Likelihood
        Standardized columns that are not collinear.
    null : State
        The likelihood at beta = 0.
    eps : float
    max_iterations : int

    Returns
    -------
    Maximum
    """
    p = likelihood.x.shape[1]
    beta, state = np.zeros(p), null
    step = _newton_step(likelihood, state)
    score, informed = 2 * step.gain, step.own
    running_off = np.zeros(p, dtype=bool)
    if p == 0:
        return Maximum(beta, state, step.inverse, score, running_off, running_off, 0, True)
    converged, halved, iterations = False, 0, 0
    candidate = beta + step.move
    size = max(abs(null.loglik), 1.0)
    while iterations < max_iterations and not converged:
        iterations += 1
        trial = likelihood.state(candidate)
        # a step that promises less than rounding may lose as much by rounding, but not more (near separation it can)
        lowest = state.loglik - (NOISE * size if not halved and step.gain < NOISE * size else 0.0)
        if not trial.loglik >= lowest:
            halved += 1
            candidate = (candidate + halved * beta) / (halved + 1)
            if np.array_equal(candidate, beta):  # no step raises it: rounding decides
                break
            continue
        promised = step.gain if not halved else np.inf
        beta, state, halved = candidate, trial, 0
        step = _newton_step(likelihood, state)
        candidate = beta + step.move
        if promised <= eps * size:
            running_off = _running_off(likelihood, beta, state, step, informed)
            converged = running_off is not None
    if running_off is None:
        running_off = np.zeros(p, dtype=bool)
    drowned = _drowned(likelihood, state, step, informed) & ~running_off
    reach = np.abs(beta) * np.ptp(likelihood.x, axis=0)
    for moving in (drowned | running_off, reach > NEGLIGIBLE_PART * reach.max()):
        if (drowned.any() or not converged) and likelihood.recedes(np.where(moving, beta, 0.0)):
            # the digits are gone because the likelihood is at its end, and it never falls on the way there
            running_off, drowned, converged = running_off | drowned | moving, np.zeros(p, dtype=bool), True
    return Maximum(beta, state, step.inverse, score, running_off, drowned, iterations, converged)


def _drowned(likelihood: Likelihood, state: State, step: _Step, informed: np.ndarray) -> np.ndarray:
    """Columns without digits; `informed`, shape (n_columns,), is the information at beta = 0."""
    known = (np.diag(step.inverse) > 0) & np.isfinite(step.inverse).all(axis=0)
    if (step.own > SUSPECT * informed).all():
        result: np.ndarray = ~known
        return result
    square = likelihood.square_sums(state)
    result = ~(known & (step.own > ROUNDING * square))
    return result


def _running_off(
    likelihood: Likelihood, beta: np.ndarray, state: State, step: _Step, informed: np.ndarray
) -> np.ndarray | None:
    """Columns without a finite estimate once nothing more is to be gained, or None if beta is not there yet."""
    if _is_settled(likelihood, beta, step):
        result: np.ndarray | None = step.flat & ~_drowned(likelihood, state, step, informed)
        return result
    x = likelihood.x
    reach = np.abs(step.move) * np.ptp(x, axis=0)
    moving = (np.abs(step.move) > PENDING * np.abs(beta)) & (reach > NEGLIGIBLE_PART * reach.max())
    if not likelihood.recedes(np.where(moving, step.move, 0.0)):
        return None
    moving |= step.flat
    rest = np.flatnonzero(~moving)
    if len(rest):
        information = likelihood.information(state, likelihood.means(state))[np.ix_(rest, rest)]
        alone, _ = scaled_inverse(information)
        moving[rest] |= np.diag(step.inverse)[rest] > ENTANGLED * np.diag(alone)
    result = moving
    return result


def _is_settled(likelihood: Likelihood, beta: np.ndarray, step: _Step) -> bool:
    """Whether the information stays as it is over the pending step, so that the maximum is at its end."""
    if np.ptp(likelihood.linear_predictor(step.move)) <= SETTLED:
        return True
    there = likelihood.state(beta + step.move)
    information = likelihood.information(there, likelihood.means(there))
    now, then = 2 * step.gain, step.move @ information @ step.move
    return bool(abs(then - now) <= SAME_INFORMATION * now)


def _newton_step(likelihood: Likelihood, state: State) -> _Step:
    p = likelihood.x.shape[1]
    if p == 0:
        return _Step(np.zeros(0), np.zeros((0, 0)), np.zeros(0), 0.0, np.zeros(0, dtype=bool))
    means = likelihood.means(state)
    information = likelihood.information(state, means)
    inverse, flat = scaled_inverse(information)
    gradient = likelihood.gradient(state, means)
    move = inverse @ gradient
    return _Step(np.diag(information).copy(), inverse, move, float(move @ gradient) / 2, flat)


def scaled_inverse(information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverse information, and the columns whose likelihood is flat to machine precision.

    It goes through the eigenvalues of the scaled information, so that a flat direction (a coefficient that ran
    off) does not disturb the other columns.
    """
    deviation = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(deviation, deviation))
    usable = values > 1e-15 * values[-1]
    flat = (np.abs(vectors[:, ~usable]) > 1e-3).any(axis=1)
    vectors = vectors[:, usable] / deviation[:, None]
    return (vectors / values[usable]) @ vectors.T, flat


def informative_columns(information: np.ndarray, terms: float) -> np.ndarray:
    """Columns that add information at beta = 0 to the columns before them, shape (n_kept,).

    Parameters
    ----------
    information : numpy.ndarray, shape (n_columns, n_columns)
    terms : float
        Number (or weight) of the terms that it is the sum of.
    """
    size = np.diag(information)
    kept: list[int] = []
    for j in range(len(size)):
        if size[j] <= COLLINEAR * terms:
            continue
        left = size[j]
        if kept:
            cross = information[kept, j]
            deviation = np.sqrt(size[kept])
            correlation = information[np.ix_(kept, kept)] / np.outer(deviation, deviation)
            left -= (cross / deviation) @ np.linalg.solve(correlation, cross / deviation)
        if left > COLLINEAR * size[j]:
            kept.append(j)
    return np.array(kept, dtype=np.intp)


def predictor(x: np.ndarray, kept: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """X beta column by column: equal rows give equal bits, so that ties in it are ties."""
    eta = np.zeros(len(x))
    for column, value in zip(kept, beta, strict=True):
        eta += x[:, column] * value
    return eta
