"""Cross-validated deviance of an elastic-net Cox path, as `glmnet::cv.glmnet(grouped = TRUE)` with given lambda.

The deviance of a fold is that of all samples less that of the training samples, both at the coefficients of the
training samples, so that also folds with few events have one (van Houwelingen et al. 2006, doi 10.1002/sim.2353).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from prognomics.learning.elastic_net import Fit, Path, PathProblem, elastic_net_paths
from prognomics.learning.partial_likelihood import RiskOrder, order_by_risk
from prognomics.regression.logistic_likelihood import LogisticOrder

AT_ONCE = 12
DENSE = 8  # a fit with more than one in so many columns is multiplied by the whole matrix


@dataclass(frozen=True)
class CrossValidation:
    """Cross-validation along a path.

    Attributes
    ----------
    path : Path
        Fitted to all samples.
    mean, se : numpy.ndarray, shape (n_penalties,)
        Deviance per event (per unit of its weight) and its standard error over folds.
    best, one_se : int
        Positions of lambda.min and lambda.1se.
    held_out : numpy.ndarray, shape (n_penalties, n_samples)
        Linear predictor of each sample by the fit of which it was not part.
    """

    path: Path
    mean: np.ndarray
    se: np.ndarray
    best: int
    one_se: int
    held_out: np.ndarray


@dataclass(frozen=True)
class CoxSamples:
    """Outcome of the samples of a matrix; arrays of shape (n_samples,), `strata` and `weights` may be None."""

    time: np.ndarray
    event: np.ndarray
    strata: np.ndarray | None = None
    weights: np.ndarray | None = None

    def order(self, samples: np.ndarray) -> RiskOrder:
        """These samples sorted by risk."""
        pick = [None if part is None else np.asarray(part)[samples] for part in (self.strata, self.weights)]
        return order_by_risk(np.asarray(self.time)[samples], np.asarray(self.event)[samples], *pick)


def linear_predictor(values: np.ndarray, fit: Fit) -> np.ndarray:
    """Linear predictor of all samples of the matrix at the columns and coefficients of a fit, shape (n_samples,)."""
    columns, beta = fit
    if len(columns) * DENSE < len(values):
        chosen: np.ndarray = beta @ values[columns]
        return chosen
    whole = np.zeros(len(values))
    whole[columns] = beta
    return np.asarray(whole @ values)  # without a copy of most of the matrix


def deviance_at(linear: np.ndarray, samples: np.ndarray, risk: RiskOrder | LogisticOrder) -> float:
    """Deviance, 2 (saturated - log likelihood), of some samples at a linear predictor of all samples of the matrix.

    Case weights are scaled to a mean of 1 among these samples, as glmnet does.
    """
    return 2 * risk.n * (risk.saturated - risk.evaluate(linear[samples[risk.order]]).value)


def left_out_deviance(linear: np.ndarray, whole: PathProblem, part: PathProblem) -> float:
    """Deviance of the samples of a problem that are not in a part of it, at a linear predictor of that part.

    Of survival that of all samples less that of the part; of a yes/no outcome that of the samples themselves, with the
    intercepts of the part, as `cv.glmnet`.
    """
    if isinstance(whole.risk, LogisticOrder) and isinstance(part.risk, LogisticOrder):
        return _left_out_logistic(linear, whole, whole.risk, part, part.risk)
    return deviance_at(linear, whole.samples, whole.risk) - deviance_at(linear, part.samples, part.risk)


def _left_out_logistic(
    linear: np.ndarray, whole: PathProblem, risk: LogisticOrder, part: PathProblem, inner: LogisticOrder
) -> float:
    rows = np.flatnonzero(~np.isin(whole.samples, part.samples))
    own = linear[part.samples]
    intercept = inner.intercepts(own)
    of_stratum = np.full(int(risk.stratum.max()) + 1, inner.mean_intercept(own))
    code = dict(zip(whole.samples.tolist(), risk.stratum.tolist(), strict=True))
    for sample, stratum in zip(part.samples.tolist(), inner.stratum.tolist(), strict=True):
        if not np.isnan(intercept[stratum]):
            of_stratum[code[sample]] = intercept[stratum]
    odds = linear[whole.samples[rows]] + of_stratum[risk.stratum[rows]]
    loss = np.logaddexp(0, odds) - risk.outcome[rows] * odds
    return float(2 * risk.n * risk.weight[rows] @ loss)


def cross_validate(
    values: np.ndarray, outcome: CoxSamples, folds: np.ndarray, problem: PathProblem, *, at_once: int = AT_ONCE
) -> CrossValidation:
    """Cross-validate a Cox path of samples with case weights; see `cross_validate_orders`."""
    weights = None if outcome.weights is None else np.asarray(outcome.weights, float)
    return cross_validate_orders(
        values, outcome.order, folds, problem, np.asarray(outcome.event, float), None, weights, at_once=at_once
    )


def cross_validate_orders(
    values: np.ndarray,
    order: Callable[[np.ndarray], RiskOrder | LogisticOrder],
    folds: np.ndarray,
    problem: PathProblem,
    event: np.ndarray,
    full: Path | None = None,
    weights: np.ndarray | None = None,
    *,
    at_once: int = AT_ONCE,
    whole_path: bool = True,
) -> CrossValidation:
    """Fit a path to all samples and, at the same penalties, to each set of training samples.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_columns, n_samples)
    order : callable
        From positions of samples to their outcome as `PathProblem` takes it.
    folds : numpy.ndarray, shape (len(problem.samples),)
        Fold of each sample of the problem.
    problem : PathProblem
    event : numpy.ndarray, shape (n_samples,)
        Of all samples of the matrix: the loss is per event, that of a logistic model per sample.
    full : Path, optional
        The path of all samples of the problem, where it is known.
    weights : numpy.ndarray, shape (n_samples,), optional
        Case weights.
    at_once : int
        Most paths that share one pass over the matrix.
    whole_path : bool
        False ends the paths of the folds where the loss has clearly risen (see `PastTheBest`); `mean`, `se` and
        `held_out` are then those of the first penalties.
    """
    folds = np.asarray(folds)
    labels = sorted(set(folds.tolist()))
    if full is None:
        (full,) = elastic_net_paths(values, [problem])
    training = [problem.samples[folds != label] for label in labels]
    parts = [replace(problem, samples=rows, risk=order(rows), penalties=full.penalty) for rows in training]
    counted = np.ones(len(event)) if isinstance(problem.risk, LogisticOrder) else event
    counted = counted if weights is None else counted * weights
    size = np.array([counted[problem.samples[folds == label]].sum() for label in labels])
    paths: list[Path] = []
    for begin in range(0, len(parts), at_once):
        enough = None if whole_path or len(parts) > at_once else PastTheBest(values, problem, parts, size)
        paths += elastic_net_paths(values, parts[begin : begin + at_once], enough)
    n_penalties = len(paths[0].penalty)
    held_out = np.full((n_penalties, len(problem.samples)), np.nan)
    loss = np.empty((len(labels), n_penalties))
    for k, (label, part, path) in enumerate(zip(labels, parts, paths, strict=True)):
        left = np.flatnonzero(folds == label)
        for step, fit in enumerate(zip(path.columns, path.coefficients, strict=True)):
            linear = linear_predictor(values, fit)
            loss[k, step] = left_out_deviance(linear, problem, part)
            held_out[step, left] = linear[problem.samples[left]]
    mean, se = fold_means(loss, size)
    best, one_se = choose_penalty(mean, se)
    return CrossValidation(full, mean, se, best, one_se, held_out)


def fold_means(loss: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss per event and its standard error over folds, shape (n_penalties,).

    Parameters
    ----------
    loss : numpy.ndarray, shape (n_folds, n_penalties)
    size : numpy.ndarray, shape (n_folds,)
        Events (or samples) of each fold; folds without any are excluded.
    """
    used = size > 0
    per_event = loss[used] / size[used, None]
    mean = np.average(per_event, axis=0, weights=size[used])
    variance = np.average((per_event - mean) ** 2, axis=0, weights=size[used])
    return mean, np.sqrt(variance / max(used.sum() - 1, 1))


class PastTheBest:
    """Whether the cross-validated loss has risen so far that its least value is behind.

    That is where the last PATIENCE penalties all have a loss of more than RISE standard errors above the least. The
    dense end of a path, which takes most of the time, is then not fitted in each fold.
    """

    PATIENCE, RISE = 10, 2.0

    def __init__(self, values: np.ndarray, problem: PathProblem, parts: list[PathProblem], size: np.ndarray) -> None:
        self._values, self._problem, self._parts, self._size = values, problem, parts, size
        self._loss: list[list[float]] = []

    def __call__(self, fits: Sequence[Fit]) -> bool:
        values, whole = self._values, self._problem
        self._loss.append([
            left_out_deviance(linear_predictor(values, fit), whole, part)
            for part, fit in zip(self._parts, fits, strict=True)
        ])  # fmt: skip
        if len(self._loss) <= self.PATIENCE:
            return False
        mean, se = fold_means(np.array(self._loss).T, self._size)
        best = int(np.argmin(mean))
        return bool((mean[-self.PATIENCE :] > mean[best] + self.RISE * se[best]).all())


def choose_penalty(mean: np.ndarray, se: np.ndarray) -> tuple[int, int]:
    """Positions of the largest penalty with the least loss, and of the largest within one standard error of it."""
    best = int(np.flatnonzero(mean <= mean.min())[0])
    return best, int(np.flatnonzero(mean <= mean[best] + se[best])[0])
