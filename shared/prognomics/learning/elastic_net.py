"""The elastic-net path of a stratified Cox model: many candidate columns, a falling penalty, exact optima.

The objective is glmnet's: minus the log partial likelihood (Breslow's ties) over the sum of weights, plus
lambda * sum_j pf_j (alpha |b_j| + (1 - alpha) b_j^2 / 2), for columns divided by their standard deviation (n in the
denominator). Simon et al. (2011), doi 10.18637/jss.v039.i05; strong rules: Tibshirani et al. (2012), doi
10.1111/j.1467-9868.2011.01004.x.

Each optimum is found over the active columns and is accepted only when the optimality conditions of *all* columns hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prognomics.errors import Refused
from prognomics.learning.active_columns import KKT, ActiveColumns, violation
from prognomics.learning.partial_likelihood import RiskOrder
from prognomics.learning.ridge_columns import RidgeColumns
from prognomics.regression.logistic_likelihood import LogisticOrder

FIRST_PENALTIES = 5
LEAST_GAIN = 1e-3  # of the deviance ratio over FIRST_PENALTIES penalties, below which the path ends, as glmnet
MOST_EXPLAINED = 0.99
LEAST_ALPHA = 1e-3


Fit = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Path:
    """Fits along a falling penalty.

    Attributes
    ----------
    penalty : numpy.ndarray, shape (n_penalties,)
        lambda.
    columns : list of numpy.ndarray of int
        Columns with a coefficient other than 0, for each penalty.
    coefficients : list of numpy.ndarray
        Their coefficients, per unit of the column as given.
    deviance_ratio : numpy.ndarray, shape (n_penalties,)
    null_deviance : float
        Per unit of weight: 2 (saturated - null) log likelihood.
    kkt : numpy.ndarray, shape (n_penalties,)
        Largest violation of the optimality conditions over all columns, as a fraction of lambda.
    """

    penalty: np.ndarray
    columns: list[np.ndarray]
    coefficients: list[np.ndarray]
    deviance_ratio: np.ndarray
    null_deviance: float
    kkt: np.ndarray

    def dense(self, n_columns: int) -> np.ndarray:
        """All coefficients, shape (n_penalties, n_columns)."""
        full = np.zeros((len(self.penalty), n_columns))
        for row, (columns, values) in enumerate(zip(self.columns, self.coefficients, strict=True)):
            full[row, columns] = values
        return full


@dataclass
class PathProblem:
    """One data set of a path: a selection of the samples of a matrix that several problems share.

    Attributes
    ----------
    samples : numpy.ndarray of int, shape (n,)
        Rows of the problem among the columns of the matrix.
    risk : RiskOrder or LogisticOrder
        Outcome of these samples, in their order.
    penalty_factor : numpy.ndarray, shape (n_columns,)
        At least 0; rescaled here to sum to the number of columns. 0 is never penalized.
    alpha : float
    penalties : numpy.ndarray or None
        Given values of lambda, falling; None for `n_penalties` from the smallest that leaves all out.
    n_penalties : int
    smallest : float or None
        Last lambda over the first; by default 0.01 with fewer samples than columns, else 1e-4.
    standardize : bool
    """

    samples: np.ndarray
    risk: RiskOrder | LogisticOrder
    penalty_factor: np.ndarray
    alpha: float = 1.0
    penalties: np.ndarray | None = None
    n_penalties: int = 100
    smallest: float | None = None
    standardize: bool = True


@dataclass
class _State:
    problem: PathProblem
    where: np.ndarray  # matrix column of each sorted sample
    center: np.ndarray
    scale: np.ndarray  # infinite for columns that do not vary: they never enter
    factor: np.ndarray
    active: ActiveColumns | RidgeColumns
    null: float
    lambdas: np.ndarray
    gradient: np.ndarray | None = None
    done: bool = False
    found: list[Any] = field(default_factory=list[Any])


def elastic_net_paths(
    values: np.ndarray, problems: Sequence[PathProblem], enough: Callable[[Sequence[Fit]], bool] | None = None
) -> list[Path]:
    """Elastic-net Cox paths of several selections of samples side by side, so that the matrix is read once for all.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_columns, n_samples)
        Candidate columns (genes, covariates) in rows; finite.
    problems : sequence of PathProblem
    enough : callable, optional
        Whether the paths may end here, from the fits of all problems at a penalty: columns and coefficients.

    Returns
    -------
    list of Path

    Raises
    ------
    Refused
        An unpenalized column separates events, or no column varies.
    """
    states = [_start(values, problem) for problem in problems]
    _penalties(values, states)
    step = 0
    while any(not state.done for state in states):
        going = [state for state in states if not state.done]
        for state in going:
            _screen(values, state, step)
        waiting = going
        while waiting:
            for state in waiting:
                state.active.optimize(state.lambdas[step])
            _gradients(values, waiting)
            waiting = [state for state in waiting if _admit(values, state, step)]
        for state in going:
            _keep(state, step)
        step += 1
        if enough is not None and enough([state.found[-1][:2] for state in states]):
            break
    return [_as_path(state) for state in states]


def _start(values: np.ndarray, problem: PathProblem) -> _State:
    where = problem.samples[problem.risk.order]
    weight = problem.risk.weight
    row_weight = np.zeros(values.shape[1])
    row_weight[where] = weight
    center = values @ row_weight
    square = np.einsum("ij,ij,j->i", values, values, row_weight, optimize=False)
    variance = np.maximum(square - center**2, 0.0)
    flat = variance <= 1e-14 * np.maximum(square, np.finfo(float).tiny)
    scale = np.where(flat, np.inf, np.sqrt(variance) if problem.standardize else 1.0)
    factor = np.asarray(problem.penalty_factor, float)
    factor = factor * (len(factor) / factor.sum()) if factor.sum() > 0 else factor
    if not np.isfinite(scale).any():
        raise Refused("no column varies among the samples")
    at = problem.risk.evaluate(np.zeros(problem.risk.n))
    active: ActiveColumns | RidgeColumns
    penalized = (factor > 0) & np.isfinite(scale)
    if problem.alpha == 0 and penalized.sum() > problem.risk.n:
        active = RidgeColumns(values, where, center, scale, factor, problem.risk, at)
        active.optimize_unpenalized()
        return _State(problem, where, center, scale, factor, active, at.value, np.zeros(0))
    active = ActiveColumns(problem.risk, problem.alpha, at)
    state = _State(problem, where, center, scale, factor, active, at.value, np.zeros(0))
    if _join(values, state, np.flatnonzero((factor == 0) & np.isfinite(scale))):
        active.optimize(0.0)
    return state


def _penalties(values: np.ndarray, states: Sequence[_State]) -> None:
    """The sequence of lambda of each problem: as given, or falling from the first that lets a column in."""
    _gradients(values, states)
    for state in states:
        problem = state.problem
        if problem.penalties is not None:
            state.lambdas = np.asarray(problem.penalties, float)
        else:
            inside = np.where(state.factor > 0, np.abs(state.gradient), 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                largest = np.nanmax(inside / state.factor) / max(problem.alpha, LEAST_ALPHA)
            smallest = problem.smallest or (0.01 if problem.risk.n < len(state.factor) else 1e-4)
            state.lambdas = largest * smallest ** (np.arange(problem.n_penalties) / max(problem.n_penalties - 1, 1))


def _gradients(values: np.ndarray, states: Sequence[_State]) -> None:
    """Gradient of the mean log likelihood by every standardized column, for all problems in one product."""
    residual = np.zeros((values.shape[1], len(states)))
    for k, state in enumerate(states):
        residual[state.where, k] = state.active.at.gradient
    product = values @ residual
    for k, state in enumerate(states):
        # residuals sum to 0, so that centering matters to rounding alone
        state.gradient = (product[:, k] - state.center * residual[:, k].sum()) / state.scale


def _screen(values: np.ndarray, state: _State, step: int) -> None:
    """Columns that the sequential strong rule cannot exclude join the active ones."""
    now = state.lambdas[step]
    before = state.lambdas[step - 1] if step else np.inf
    alpha = state.problem.alpha
    bar = alpha * state.factor * (2 * now - before) if step else alpha * state.factor * now
    _join(values, state, np.flatnonzero((np.abs(state.gradient) >= bar) & np.isfinite(state.scale)))


def _join(values: np.ndarray, state: _State, rows: np.ndarray) -> bool:
    new = np.setdiff1d(rows, state.active.rows, assume_unique=True)
    if len(new) and isinstance(state.active, ActiveColumns):
        columns = (values[np.ix_(new, state.where)] - state.center[new, None]) / state.scale[new, None]
        state.active.join(new, columns, state.factor[new])
    return len(new) > 0


def _admit(values: np.ndarray, state: _State, step: int) -> bool:
    """Let in the columns whose optimality condition is violated; whether there were any."""
    now, alpha = state.lambdas[step], state.problem.alpha
    outside = np.ones(len(state.factor), bool)
    outside[state.active.rows] = False
    broken = outside & np.isfinite(state.scale) & (np.abs(state.gradient) > alpha * state.factor * now * (1 + KKT))
    return _join(values, state, np.flatnonzero(broken))


def _keep(state: _State, step: int) -> None:
    """Store the optimum and decide whether the path goes on (the rules of glmnet where lambda was not given)."""
    penalty, problem = state.lambdas[step], state.problem
    active, usable = state.active, np.isfinite(state.scale)
    rows, own = active.solution()
    beta = np.zeros(len(state.factor))
    beta[rows] = own
    alpha = problem.alpha
    miss = violation(
        state.gradient[usable], beta[usable], alpha * penalty * state.factor[usable],
        (1 - alpha) * penalty * state.factor[usable],
    )  # fmt: skip
    ratio = (active.at.value - state.null) / (problem.risk.saturated - state.null)
    state.found.append((rows, own / state.scale[rows], ratio, miss / penalty if penalty else miss))
    state.done = step + 1 == len(state.lambdas)
    if problem.penalties is None and step + 1 >= FIRST_PENALTIES:
        gain = ratio - state.found[step + 1 - FIRST_PENALTIES][2]
        state.done |= gain < LEAST_GAIN * ratio or ratio > MOST_EXPLAINED


def _as_path(state: _State) -> Path:
    order = [np.argsort(rows) for rows, *_ in state.found]
    return Path(
        state.lambdas[: len(state.found)], [f[0][o] for f, o in zip(state.found, order, strict=True)],
        [f[1][o] for f, o in zip(state.found, order, strict=True)], np.array([f[2] for f in state.found]),
        2 * (state.problem.risk.saturated - state.null), np.array([f[3] for f in state.found]),
    )  # fmt: skip
