"""Cross-validated deviance of an elastic-net Cox path, as `glmnet::cv.glmnet(grouped = TRUE)` with given lambda.

The deviance of a fold is that of all samples less that of the training samples, both at the coefficients of the
training samples, so that also folds with few events have one (van Houwelingen et al. 2006, doi 10.1002/sim.2353).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prognomics.learning.elastic_net import Path, PathProblem, elastic_net_paths
from prognomics.learning.partial_likelihood import RiskOrder, order_by_risk


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

    def weight(self, samples: np.ndarray) -> np.ndarray:
        """Case weights of these samples."""
        return np.ones(len(samples)) if self.weights is None else np.asarray(self.weights, float)[samples]


def deviances(values: np.ndarray, samples: np.ndarray, risk: RiskOrder, path: Path) -> np.ndarray:
    """Deviance, 2 (saturated - log likelihood), of some samples at each fit of a path, shape (n_penalties,).

    Case weights are scaled to a mean of 1 among these samples, as glmnet does.
    """
    found = np.empty(len(path.penalty))
    where = samples[risk.order]
    for k, (columns, beta) in enumerate(zip(path.columns, path.coefficients, strict=True)):
        linear = beta @ values[np.ix_(columns, where)] if len(columns) else np.zeros(risk.n)
        found[k] = 2 * risk.n * (risk.saturated - risk.evaluate(linear).value)
    return found


def cross_validate(
    values: np.ndarray,
    outcome: CoxSamples,
    folds: np.ndarray,
    problem: PathProblem,
    *,
    at_once: int = 12,
) -> CrossValidation:
    """Fit a path to all samples and, at the same penalties, to each set of training samples.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_columns, n_samples)
    outcome : CoxSamples
        Of all samples of the matrix.
    folds : numpy.ndarray, shape (len(problem.samples),)
        Fold of each sample of the problem.
    problem : PathProblem
    at_once : int
        Most paths that share one pass over the matrix.
    """
    folds = np.asarray(folds)
    labels = list(dict.fromkeys(sorted(folds.tolist())))
    (full,) = elastic_net_paths(values, [problem])
    training = [problem.samples[folds != label] for label in labels]
    parts = [_like(problem, outcome, rows, full.penalty) for rows in training]
    paths = []
    for begin in range(0, len(parts), at_once):
        paths += elastic_net_paths(values, parts[begin : begin + at_once])
    held_out = np.full((len(full.penalty), len(problem.samples)), np.nan)
    loss = np.empty((len(labels), len(full.penalty)))
    size = np.empty(len(labels))
    for k, (label, rows, part, path) in enumerate(zip(labels, training, parts, paths, strict=True)):
        whole = deviances(values, problem.samples, problem.risk, path)
        loss[k] = whole - deviances(values, rows, part.risk, path)
        left = np.flatnonzero(folds == label)
        events = np.asarray(outcome.event, float)[problem.samples[left]]
        size[k] = outcome.weight(problem.samples[left]) @ events
        for step, (columns, beta) in enumerate(zip(path.columns, path.coefficients, strict=True)):
            held_out[step, left] = beta @ values[np.ix_(columns, problem.samples[left])] if len(columns) else 0.0
    counted = size > 0
    per_event = loss[counted] / size[counted, None]
    mean = np.average(per_event, axis=0, weights=size[counted])
    spread = np.average((per_event - mean) ** 2, axis=0, weights=size[counted])
    se = np.sqrt(spread / max(counted.sum() - 1, 1))
    best, one_se = choose_penalty(mean, se)
    return CrossValidation(full, mean, se, best, one_se, held_out)


def choose_penalty(mean: np.ndarray, se: np.ndarray) -> tuple[int, int]:
    """Positions of the largest penalty with the least loss, and of the largest within one standard error of it."""
    best = int(np.flatnonzero(mean <= mean.min())[0])
    return best, int(np.flatnonzero(mean <= mean[best] + se[best])[0])


def _like(problem: PathProblem, outcome: CoxSamples, samples: Sequence[int], penalties: np.ndarray) -> PathProblem:
    return PathProblem(
        samples, outcome.order(samples), problem.penalty_factor, problem.alpha, penalties,
        standardize=problem.standardize,
    )  # fmt: skip
