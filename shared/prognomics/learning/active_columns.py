"""The optimum of an elastic-net likelihood over active columns, which join as the penalty falls.

Steps go to the minimum of a quadratic function under the penalty. Its curvature is that of an earlier point as long as
the optimality conditions, which are taken exactly, improve quickly; else it is taken again (Newton's method).
"""

from __future__ import annotations

import numpy as np

from prognomics.errors import Refused
from prognomics.learning.local_model import LocalModel
from prognomics.learning.partial_likelihood import Likelihood, RiskOrder
from prognomics.regression.logistic_likelihood import LogisticLikelihood, LogisticOrder

KKT = 1e-10  # of lambda: how far the optimality conditions may be missed
MOST_STEPS = 300
NEXT, MOST_ON_THE_WAY = 0.75, 30
ROUGH = 1e-2  # of a penalty on the way
SLOW = 0.3  # of the violation before: a step that leaves more asks for new curvature,
LARGE = 5e5  # in models of so many values; sooner in smaller ones, whose curvature costs little
STALLED, STALLED_KKT, STALLED_ROUNDING = 3, 1e-9, 1e-12
ROUNDING = 2e-15  # of a mean log likelihood whose weights sum to 1
MOST_HALVINGS = 40


class ActiveColumns:
    """Columns that may have a coefficient, and the optimum over them.

    Parameters
    ----------
    risk : RiskOrder or LogisticOrder
    alpha : float
    at : Likelihood or LogisticLikelihood
        Where all coefficients are 0.

    Attributes
    ----------
    rows : numpy.ndarray of int
        Which columns these are.
    beta : numpy.ndarray, shape (n_active,)
        Per standard deviation.
    at : Likelihood or LogisticLikelihood
        At these coefficients.
    """

    def __init__(self, risk: RiskOrder | LogisticOrder, alpha: float, at: Likelihood | LogisticLikelihood) -> None:
        self._risk, self._alpha, self.at = risk, alpha, at
        self.rows, self.beta, self._factor = np.zeros(0, int), np.zeros(0), np.zeros(0)
        self._room = np.zeros((0, risk.n))
        self._model: LocalModel | None = None
        self._model_penalty = self._penalty = np.nan

    def join(self, rows: np.ndarray, columns: np.ndarray, factor: np.ndarray) -> None:
        """More columns, whose coefficients are 0.

        Parameters
        ----------
        rows : numpy.ndarray of int, shape (n_new,)
        columns : numpy.ndarray, shape (n_new, n)
            Standardized, in sorted order.
        factor : numpy.ndarray, shape (n_new,)
            Penalty factors.
        """
        held = len(self.rows)
        if held + len(rows) > len(self._room):
            room = np.empty((held + len(rows) + 32 + held // 2, self._risk.n))
            room[:held] = self._room[:held]
            self._room = room
        self._room[held : held + len(rows)] = columns
        self.rows = np.concatenate([self.rows, rows])
        self.beta = np.concatenate([self.beta, np.zeros(len(rows))])
        self._factor = np.concatenate([self._factor, factor])

    def solution(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns with a coefficient, and their coefficients per standard deviation."""
        held = self.beta != 0
        return self.rows[held], self.beta[held]

    def optimize(self, penalty: float) -> None:
        """Go to the optimum at a penalty, by way of others where it is far from the one before.

        Raises
        ------
        Refused
            The likelihood has no optimum, as where an unpenalized column separates events.
        """
        for other in self._on_the_way(penalty):
            self._approach(other, ROUGH * other)
        self._approach(penalty, max(KKT * penalty, ROUNDING))
        self._penalty = penalty or np.nan

    def _on_the_way(self, penalty: float) -> np.ndarray:
        begin, penalized = self._penalty, self._factor > 0
        if np.isnan(begin) and self._alpha > 0 and penalized.any():  # from where the first column has a coefficient
            gradient = self._room[: len(self.rows)] @ self.at.gradient
            begin = float((np.abs(gradient[penalized]) / self._factor[penalized]).max()) / self._alpha
        if not 0 < penalty < begin:
            return np.zeros(0)
        steps = min(int(np.log(begin / penalty) / -np.log(NEXT)), MOST_ON_THE_WAY)
        return np.geomspace(begin, penalty, steps + 1)[1:-1] if steps > 1 else np.zeros(0)

    def _approach(self, penalty: float, tolerance: float) -> None:
        block, risk = self._room[: len(self.rows)], self._risk
        bar, ridge = self._alpha * penalty * self._factor, (1 - self._alpha) * penalty * self._factor
        if self._alpha < 1 and not 0.5 * self._model_penalty <= penalty <= self._model_penalty:
            self._model = None
        least, stalled, before, fresh, moved = np.inf, 0, np.inf, False, True
        gradient = block @ self.at.gradient
        for _ in range(MOST_STEPS):
            miss = violation(gradient, self.beta, bar, ridge)
            stalled = 0 if miss < least / 2 else stalled + 1
            least = min(least, miss)
            # rounding of sums over samples may keep the last digits away: no further step brings more
            near = miss <= max(STALLED_KKT * penalty, STALLED_ROUNDING)
            if miss <= tolerance or (near and stalled >= STALLED) or not (moved or not fresh):
                return
            working = np.flatnonzero((self.beta != 0) | (np.abs(gradient) > bar * (1 - 1e-12)))
            slow = SLOW * min(1.0, working.size * risk.n / LARGE)
            if self._model is None or not moved or (miss > slow * before and not near):
                self._model, self._model_penalty, fresh = (
                    LocalModel(risk, self.at, block, working, ridge),
                    penalty,
                    True,
                )
            else:
                self._model.include(block, working, ridge)
                fresh = False
            members = self._model.members
            beta = np.zeros(len(self.beta))
            beta[members] = self._model.minimize(
                (gradient - ridge * self.beta)[members], self.beta[members], bar[members], tolerance
            )
            before = miss
            moved, gradient = self._step(block, beta, penalty, miss, gradient, bar, ridge)
        raise no_optimum(penalty)

    def _step(
        self, block: np.ndarray, beta: np.ndarray, penalty: float, miss: float, gradient: np.ndarray, bar: np.ndarray,
        ridge: np.ndarray,
    ) -> tuple[bool, np.ndarray]:  # fmt: skip
        """Go to new coefficients, or as far toward them as the objective falls: whether it did, and the gradient."""
        move = beta - self.beta
        now = self._objective(self.beta, self.at.value, penalty)
        size = 1.0
        for _ in range(MOST_HALVINGS):
            trial = self.beta + size * move
            at = self._risk.evaluate(trial @ block)
            there = self._objective(trial, at.value, penalty)
            falls = there <= now + 1e-15 * abs(now)
            if falls or there <= now + 1e-12 * abs(now):  # the objective is known to rounding, the gradient better
                slope = block @ at.gradient
                if falls or violation(slope, trial, bar, ridge) < miss / 2:
                    self.beta, self.at = trial, at
                    return True, slope
            size /= 2
        return False, gradient

    def _objective(self, beta: np.ndarray, value: float, penalty: float) -> float:
        alpha = self._alpha
        return -value + penalty * float(self._factor @ (alpha * np.abs(beta) + (1 - alpha) / 2 * beta**2))


def violation(gradient: np.ndarray, beta: np.ndarray, bar: np.ndarray, ridge: np.ndarray) -> float:
    """Largest miss of the optimality conditions."""
    inside = np.abs(gradient - ridge * beta - np.sign(beta) * bar)
    outside = np.maximum(np.abs(gradient) - bar, 0.0)
    return float(np.where(beta != 0, inside, outside).max(initial=0.0))


def no_optimum(penalty: float) -> Refused:
    """The error where a penalized likelihood has no optimum at a penalty."""
    return Refused("the penalized model did not converge", where=f"lambda {penalty:.3g}",
                   hint="omit unpenalized covariates that separate events from non-events")  # fmt: skip
