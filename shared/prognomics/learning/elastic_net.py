"""The elastic-net path of a stratified Cox model: many candidate columns, a falling penalty, exact optima.

The objective is glmnet's: minus the log partial likelihood (Breslow's ties) over the sum of weights, plus
lambda * sum_j pf_j (alpha |b_j| + (1 - alpha) b_j^2 / 2), for columns divided by their standard deviation (n in the
denominator). Simon et al. (2011), doi 10.18637/jss.v039.i05; strong rules: Tibshirani et al. (2012), doi
10.1111/j.1467-9868.2011.01004.x.

Each optimum is found by Newton's method with the exact information of the active columns, which converges
quadratically also with strata, and is accepted only when the optimality conditions of *all* columns hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from prognomics.errors import Refused
from prognomics.learning.partial_likelihood import Likelihood, RiskOrder
from prognomics.learning.quadratic import solve_quadratic
from prognomics.regression.logistic_likelihood import LogisticLikelihood, LogisticOrder

KKT = 1e-10  # of lambda: how far the optimality conditions may be missed
FIRST_PENALTIES = 5
LEAST_GAIN = 1e-3  # of the deviance ratio over FIRST_PENALTIES penalties, below which the path ends, as glmnet
MOST_EXPLAINED = 0.99
LEAST_ALPHA = 1e-3
MOST_STEPS = 100
STALLED, STALLED_KKT, STALLED_ROUNDING = 3, 1e-9, 1e-12
ROUNDING = 2e-14  # of a mean log likelihood whose weights sum to 1


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
    active: np.ndarray
    block: np.ndarray  # (n, n_active) standardized, in sorted order
    beta: np.ndarray
    at: Likelihood | LogisticLikelihood
    null: float
    lambdas: np.ndarray
    gradient: np.ndarray | None = None
    done: bool = False
    found: list = field(default_factory=list)


def elastic_net_paths(values: np.ndarray, problems: Sequence[PathProblem]) -> list[Path]:
    """Elastic-net Cox paths of several selections of samples side by side, so that the matrix is read once for all.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_columns, n_samples)
        Candidate columns (genes, covariates) in rows; finite.
    problems : sequence of PathProblem

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
                _optimize(state, state.lambdas[step])
            _gradients(values, waiting)
            waiting = [state for state in waiting if _admit(values, state, step)]
        for state in going:
            _keep(state, step)
        step += 1
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
    free = np.flatnonzero((factor == 0) & np.isfinite(scale))
    at = problem.risk.evaluate(np.zeros(problem.risk.n))
    state = _State(problem, where, center, scale, factor, free, np.zeros((problem.risk.n, 0)), np.zeros(len(free)),
                   at, at.value, np.zeros(0))  # fmt: skip
    state.block = _columns(values, state, free)
    if len(free):
        _optimize(state, 0.0)
    return state


def _columns(values, state, rows):
    return np.ascontiguousarray(
        ((values[np.ix_(rows, state.where)] - state.center[rows, None]) / state.scale[rows, None]).T
    )


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
        residual[state.where, k] = state.at.gradient
    product = values @ residual
    for k, state in enumerate(states):
        # residuals sum to 0, so that centering matters to rounding alone
        state.gradient = (product[:, k] - state.center * residual[:, k].sum()) / state.scale


def _screen(values: np.ndarray, state: _State, step: int) -> None:
    """Columns that the sequential strong rule cannot leave out join the active ones."""
    now = state.lambdas[step]
    before = state.lambdas[step - 1] if step else np.inf
    alpha = state.problem.alpha
    bar = alpha * state.factor * (2 * now - before) if step else alpha * state.factor * now
    _join(values, state, np.flatnonzero((np.abs(state.gradient) >= bar) & np.isfinite(state.scale)))


def _join(values: np.ndarray, state: _State, rows: np.ndarray) -> bool:
    new = np.setdiff1d(rows, state.active, assume_unique=True)
    if not len(new):
        return False
    state.active = np.concatenate([state.active, new])
    state.block = np.column_stack([state.block, _columns(values, state, new)])
    state.beta = np.concatenate([state.beta, np.zeros(len(new))])
    return True


def _admit(values: np.ndarray, state: _State, step: int) -> bool:
    """Let in the columns whose optimality condition is violated; whether there were any."""
    now, alpha = state.lambdas[step], state.problem.alpha
    outside = np.ones(len(state.factor), bool)
    outside[state.active] = False
    broken = outside & np.isfinite(state.scale) & (np.abs(state.gradient) > alpha * state.factor * now * (1 + KKT))
    return _join(values, state, np.flatnonzero(broken))


def _objective(state: _State, beta: np.ndarray, value: float, penalty: float) -> float:
    alpha, factor = state.problem.alpha, state.factor[state.active]
    return -value + penalty * float(factor @ (alpha * np.abs(beta) + (1 - alpha) / 2 * beta**2))


def _optimize(state: _State, penalty: float) -> None:
    """Newton's method over the active columns until their optimality conditions hold."""
    alpha, factor, risk = state.problem.alpha, state.factor[state.active], state.problem.risk
    bar, ridge = alpha * penalty * factor, (1 - alpha) * penalty * factor
    tolerance = max(KKT * penalty, ROUNDING)
    least, stalled = np.inf, 0
    for _ in range(MOST_STEPS):
        gradient = state.block.T @ state.at.gradient
        miss = _violation(gradient, state.beta, bar, ridge)
        stalled = 0 if miss < least / 2 else stalled + 1
        least = min(least, miss)
        # rounding of sums over samples may keep the last digits away: no further step brings more
        if miss <= tolerance or (stalled >= STALLED and miss <= max(STALLED_KKT * penalty, STALLED_ROUNDING)):
            return
        working = np.flatnonzero((state.beta != 0) | (np.abs(gradient) > bar * (1 - 1e-12)))
        beta = state.beta.copy()
        information = risk.curvature(state.at, state.block[:, working])
        beta[working] = solve_quadratic(
            information, gradient[working], beta[working], bar[working], ridge[working], tolerance
        )
        if not _step(state, beta, penalty):
            return
    raise Refused("the penalized model did not converge", where=f"lambda {penalty:.3g}",
                  hint="leave out unpenalized covariates that separate events from non-events")  # fmt: skip


def _step(state: _State, beta: np.ndarray, penalty: float) -> bool:
    """Go to new coefficients, or as far toward them as the objective falls; False where it does not fall any more."""
    move = beta - state.beta
    before = _objective(state, state.beta, state.at.value, penalty)
    size = 1.0
    for _ in range(40):
        trial = state.beta + size * move
        used = np.flatnonzero(trial)
        linear = state.block[:, used] @ trial[used]
        at = state.problem.risk.evaluate(linear)
        if _objective(state, trial, at.value, penalty) <= before + 1e-15 * abs(before):
            state.beta, state.at = trial, at
            return True
        size /= 2
    return False


def _violation(gradient: np.ndarray, beta: np.ndarray, bar: np.ndarray, ridge: np.ndarray) -> float:
    """Largest miss of the optimality conditions."""
    inside = np.abs(gradient - ridge * beta - np.sign(beta) * bar)
    outside = np.maximum(np.abs(gradient) - bar, 0.0)
    return float(np.where(beta != 0, inside, outside).max(initial=0.0))


def _keep(state: _State, step: int) -> None:
    """Store the optimum and decide whether the path goes on (the rules of glmnet where lambda was not given)."""
    penalty, problem = state.lambdas[step], state.problem
    held = state.beta != 0
    beta = np.zeros(len(state.factor))
    beta[state.active] = state.beta
    alpha = problem.alpha
    usable = np.isfinite(state.scale)
    miss = _violation(
        state.gradient[usable], beta[usable], alpha * penalty * state.factor[usable],
        (1 - alpha) * penalty * state.factor[usable],
    )  # fmt: skip
    rows = state.active[held]
    ratio = (state.at.value - state.null) / (problem.risk.saturated - state.null)
    state.found.append((rows, state.beta[held] / state.scale[rows], ratio, miss / penalty if penalty else miss))
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
