"""Newton's method for the partial likelihood, and the coefficients that have no finite maximum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.survival.cox.partial_likelihood import PartialLikelihood, State

RUNNING_OFF = 0.05
"""Pending Newton step, times the range of the column, above which a coefficient has no finite estimate.
Where the likelihood has no maximum, each step moves the log hazard ratio by about one."""
UNKNOWN = 50.0
"""Standard error, times the range of the column, above which nothing is known beside a coefficient
that runs off."""
NOISE = 1e-14
"""Relative rounding noise of a log-likelihood."""
WIDEST = 300.0
"""Largest range of the linear predictor that is tried: beyond it hazards underflow."""
NEGLIGIBLE = 1e-3
"""Log-likelihoods smaller than this are compared absolutely."""


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
    iterations : int
    converged : bool
    """

    beta: np.ndarray
    state: State
    inverse: np.ndarray
    score: float
    running_off: np.ndarray
    iterations: int
    converged: bool


def maximise(likelihood: PartialLikelihood, null: State, eps: float, max_iterations: int) -> Maximum:
    """Maximise a partial likelihood from beta = 0.

    Steps that lower the likelihood are shortened. It ends when the log-likelihood changes by
    less than `eps`, relative, after a full step: the rule of `survival::coxph.fit`.

    Parameters
    ----------
    likelihood : PartialLikelihood
        Standardised columns that are not collinear.
    null : State
        The likelihood at beta = 0.
    eps : float
    max_iterations : int

    Returns
    -------
    Maximum
    """
    p = likelihood.x.shape[1]
    spread = np.ptp(likelihood.x, axis=0)
    beta, state = np.zeros(p), null
    inverse, step, flat = _newton_step(likelihood, state)
    score = float(step @ likelihood.gradient(state, likelihood.means(state)))
    if p == 0:
        return Maximum(beta, state, inverse, score, np.zeros(0, dtype=bool), 0, True)
    converged, halved, iterations = False, 0, 0
    candidate = beta + step * _shortened(likelihood, beta, step)
    while iterations < max_iterations and not converged:
        iterations += 1
        trial = likelihood.state(candidate)
        change = trial.loglik - state.loglik
        # Under separation the log-likelihood may tend to 0: a relative change would never be small.
        tolerance = max(eps, NOISE) * max(abs(trial.loglik), NEGLIGIBLE)
        converged = halved == 0 and bool(abs(change) <= tolerance) and np.isfinite(trial.loglik)
        if not converged and not change >= -NOISE * abs(state.loglik):
            halved += 1
            candidate = (candidate + halved * beta) / (halved + 1)
            continue
        halved = 0
        beta, state = candidate, trial
        inverse, step, flat = _newton_step(likelihood, state)
        candidate = beta + step * _shortened(likelihood, beta, step)
    running_off = flat | (np.abs(step) * spread > RUNNING_OFF)
    if running_off.any():  # and what is known only relative to those, such as two levels without events
        running_off |= np.sqrt(np.diag(inverse)) * spread > UNKNOWN
    return Maximum(beta, state, inverse, score, running_off, iterations, converged)


def _shortened(likelihood, beta, step):
    """The share of a step that keeps all hazard ratios within what numbers hold (nearly always 1)."""
    room = WIDEST - np.ptp(likelihood.linear_predictor(beta))
    length = np.ptp(likelihood.linear_predictor(step))
    return 1.0 if length <= room else max(room, 0.0) / length


def _newton_step(likelihood, state):
    """Inverse information, Newton step, and the columns whose likelihood is flat to machine precision.

    It goes through the eigenvalues of the scaled information, so that a flat direction (a
    coefficient that ran off) does not disturb the other columns.
    """
    if likelihood.x.shape[1] == 0:
        return np.zeros((0, 0)), np.zeros(0), np.zeros(0, dtype=bool)
    means = likelihood.means(state)
    information = likelihood.information(state, means)
    deviation = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(deviation, deviation))
    usable = values > 1e-15 * values[-1]
    flat = (np.abs(vectors[:, ~usable]) > 1e-3).any(axis=1)
    vectors = vectors[:, usable] / deviation[:, None]
    inverse = (vectors / values[usable]) @ vectors.T
    return inverse, inverse @ likelihood.gradient(state, means), flat
