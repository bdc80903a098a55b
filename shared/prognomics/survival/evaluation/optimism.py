"""How much of a model's apparent performance is owed to being judged on the data that it was fitted to.

Harrell's bootstrap: a model is fitted to a sample drawn with replacement and judged there and on the
data it was drawn from; the mean loss is the optimism. Harrell, Lee and Mark (1996), doi
10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; as `rms::validate`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.errors import AnalysisWarning, Refused
from prognomics.stats.monte_carlo import mean_error
from prognomics.survival.evaluation.calibration import calibration_slope, observed_over_expected
from prognomics.survival.evaluation.prediction import fit_risk_model, kaplan_meier_risk, predicted_risk
from prognomics.survival.evaluation.scoring import ALWAYS, PerformanceMetrics, Prediction


@dataclass(frozen=True)
class Optimism:
    """Loss in each bootstrap sample by measure and horizon, its mean, and how many fits it rests on."""

    mean: dict[Any, Any]
    losses: dict[Any, Any]
    n_fits: int


def draw(n_resamples: int, stratum: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows drawn with replacement within each stratum, shape (n_resamples, n_samples)."""
    rows = np.empty((n_resamples, len(stratum)), dtype=np.intp)
    for code in range(int(stratum.max()) + 1):
        at = np.flatnonzero(stratum == code)
        rows[:, at] = rng.choice(at, size=(n_resamples, len(at)))
    return rows


def bootstrap_optimism(
    designs: Mapping[str, np.ndarray], time: np.ndarray, event: np.ndarray, stratum: np.ndarray,
    horizons: Sequence[float], grid: np.ndarray, ties: str,
    resamples: np.ndarray,
) -> dict[str, Optimism]:  # fmt: skip
    """Optimism of each measure of each model.

    Parameters
    ----------
    designs : mapping of model name to numpy.ndarray, shape (n_samples, n_columns)
    time : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    event : numpy.ndarray of bool, shape (n_samples,)
    stratum : numpy.ndarray of int, shape (n_samples,)
        Codes from 0 without gaps.
    horizons, grid
        As `PerformanceMetrics`.
    ties : {"efron", "breslow"}
    resamples : numpy.ndarray of int, shape (n_resamples, n_samples)
        Rows of each bootstrap sample (see `draw`); it must draw from every stratum.

    Returns
    -------
    dict of model name to Optimism
        Measures of `PerformanceMetrics`, `calibration_slope` (its mean is 1 minus the slope on the original data)
        and `observed_expected`. Samples whose model cannot be fitted are excluded.
    """
    original = PerformanceMetrics(time, event, stratum, horizons, grid)
    losses: dict[str, list[dict[str, Any]]] = {name: [] for name in designs}
    for rows in resamples:
        if not event[rows].any():
            continue
        train = PerformanceMetrics(time[rows], event[rows], stratum[rows], horizons, grid)
        null_train, null_test = (of.brier_values(_null(train, of)) for of in (train, original))
        for name, x in designs.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AnalysisWarning)
                try:
                    model = fit_risk_model(train.time, train.event, x[rows], train.stratum, ties)
                except Refused:
                    continue
                if not (model.fit.df and np.isfinite(model.fit.solution.beta).all()):
                    continue
                apparent = _values(train, _predict(model, x[rows], train), null_train)
                apparent["calibration_slope", ALWAYS] = 1.0  # as it is where a model was fitted
                prediction = _predict(model, x, original)
                tested = _values(original, prediction, null_test)
                tested["calibration_slope", ALWAYS] = calibration_slope(
                    time, event, prediction.eta, stratum, ties)[0]  # fmt: skip
            losses[name].append({key: apparent[key] - tested[key] for key in apparent})
    return {name: _optimism(made) for name, made in losses.items()}


def _null(train: PerformanceMetrics, of: PerformanceMetrics) -> Prediction:
    """The Kaplan-Meier curves of the training sample's strata as a prediction for another data set."""
    first = np.array([members[0] for members in train.weights.members])
    risk, grid_risk = (kaplan_meier_risk(train.time, train.event, train.stratum, times)[:, first][:, of.stratum]
                       for times in (train.horizons, train.grid))  # fmt: skip
    return Prediction(np.zeros(len(of.time)), risk, grid_risk)


def _predict(model: Any, x: np.ndarray, of: PerformanceMetrics) -> Prediction:
    eta = model.linear_predictor(x)
    risk, grid_risk = (predicted_risk(eta, model.baseline, of.stratum, times) for times in (of.horizons, of.grid))
    return Prediction(eta, risk, grid_risk)


def _values(metrics: PerformanceMetrics, prediction: Prediction, null: np.ndarray) -> dict[str, Any]:
    found = metrics.values(prediction, null)
    for horizon, status, risk in zip(metrics.horizons, metrics.statuses, prediction.risk, strict=True):
        at = status.used
        ratio = observed_over_expected(metrics.time[at], metrics.event[at], risk[at], horizon, metrics.stratum[at])
        found["observed_expected", horizon] = ratio.estimate
    return found


def _optimism(made: list[dict[str, Any]]) -> Optimism:
    losses = {key: np.array([one[key] for one in made]) for key in sorted({key for one in made for key in one})}
    finite = {key: values[np.isfinite(values)] for key, values in losses.items()}
    means = {key: float(values.mean()) if len(values) else float("nan") for key, values in finite.items()}
    return Optimism(means, losses, len(made))


def optimism_error(more: Optimism, key: tuple[Any, ...], less: Optimism | None = None) -> float:
    """Monte Carlo standard error of the optimism of a measure, or of its difference between two models."""
    losses = more.losses.get(key)
    if losses is None:
        return float("nan")
    if less is not None:
        other = less.losses.get(key)
        if other is None or len(other) != len(losses):
            return float("nan")
        losses = losses - other
    return mean_error(losses[np.isfinite(losses)])
