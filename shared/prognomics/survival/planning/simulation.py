"""Power by simulation: the stratified score test (log-rank test for groups) of data drawn from a study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from prognomics.stats.power import critical_value
from prognomics.survival.curves.kaplan_meier import kaplan_meier
from prognomics.survival.planning.observed import ObservedStudy
from prognomics.survival.planning.roots import increasing_root
from prognomics.survival.planning.trial import LARGEST_LOG_RATIO, Trial

CELLS = 2_000_000
# Draws (log hazard ratio, number of studies, generator) -> times, events, marker, each a list over strata of
# arrays of shape (n_studies, n_of_stratum).
Draw = Callable[[float, int, np.random.Generator], list[Any]]


def simulated_power(draw: Draw, log_ratio: float, n_samples: int, simulations: int, seed: int, alpha: float,
                    sides: int) -> tuple[float, float]:  # fmt: skip
    """Fraction of simulated studies that are significant in the direction of the effect, and its standard error.

    The same seed draws the same studies for each effect, so that effects are compared with little noise.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    batch = max(1, CELLS // max(n_samples, 1))
    critical, sign, found = critical_value(alpha, sides), 1.0 if log_ratio >= 0 else -1.0, 0
    for start in range(0, simulations, batch):
        z = score_statistics(draw(log_ratio, min(batch, simulations - start), rng))
        found += int((sign * z > critical).sum())
    power = found / simulations
    return power, float(np.sqrt(power * (1 - power) / simulations))


def score_statistics(strata: list[Any]) -> np.ndarray:
    """z of the stratified score test of each study, shape (n_studies,); 0 where nothing can be tested."""
    score = variance = 0.0
    for time, event, marker in strata:
        order = np.argsort(-time, axis=1)
        x, d = np.take_along_axis(marker, order, 1), np.take_along_axis(event, order, 1)
        at_risk = np.arange(1, x.shape[1] + 1)
        mean = np.cumsum(x, axis=1) / at_risk
        score = score + (d * (x - mean)).sum(axis=1)
        variance = variance + (d * np.maximum(np.cumsum(x * x, axis=1) / at_risk - mean**2, 0)).sum(axis=1)
    result: np.ndarray = np.divide(score, np.sqrt(variance), out=np.zeros_like(score), where=variance > 1e-12)
    return result


def draw_trial(trial: Trial, n: int) -> Draw:
    """Studies of `n` samples as planned: exponential times; groups of the planned sizes, or a normal marker."""
    sizes = [n // trial.n_strata + (i < n % trial.n_strata) for i in range(trial.n_strata)]

    def draw(log_ratio: float, studies: int, rng: np.random.Generator) -> list[Any]:
        strata = []
        for i, size in enumerate(sizes):
            shape = (studies, size)
            if trial.continuous:
                marker = rng.normal(size=shape)
            else:
                high = int(np.floor(size * trial.fractions[i] + 0.5))
                marker = np.broadcast_to((np.arange(size) < high).astype(float), shape)
            time = rng.exponential(size=shape) * trial.medians[i] / np.log(2) * np.exp(-log_ratio * marker)
            end = trial.follow_up + trial.accrual * rng.random(shape)
            if trial.lost > 0:
                end = np.minimum(end, rng.exponential(1 / trial.lost, size=shape))
            strata.append((np.minimum(time, end), (time <= end).astype(float), marker))
        return strata

    return draw


def draw_observed(study: ObservedStudy) -> Draw:
    """Studies with the markers and strata of a data set, and times as in each stratum.

    In each stratum the cumulative hazard is the Nelson-Aalen estimate (linear between events), scaled so that as many
    events are expected regardless of the effect; censoring times are drawn from its reverse Kaplan-Meier estimate.
    """
    parts = []
    for stratum in range(study.n_strata):
        rows = study.stratum == stratum
        time, event = study.time[rows], study.event[rows] == 1
        events = kaplan_meier(time, event)
        steps = np.cumsum(events.n_event / events.n_risk)
        censored = kaplan_meier(time, ~event)
        gone = 1 - censored.survival
        parts.append(
            (np.sort(study.marker[rows]), np.r_[0.0, steps], np.r_[0.0, events.time], gone, censored.time, time.max())
        )

    def draw(log_ratio: float, studies: int, rng: np.random.Generator) -> list[Any]:
        strata = []
        for marker, hazard, at, gone, ends, longest in parts:
            shape = (studies, len(marker))
            ratio = np.exp(log_ratio * (marker - marker.mean()))
            mass = np.diff(np.r_[0.0, gone, 1.0])
            ratio *= _scale(ratio, np.interp(np.r_[ends, longest], at, hazard), mass)
            wanted = rng.exponential(size=shape) / ratio
            time = np.interp(wanted, hazard, at)
            time[wanted > hazard[-1]] = np.inf
            place = np.searchsorted(gone, rng.random(shape), side="left")
            end = np.r_[ends, longest][place]
            strata.append((np.minimum(time, end), (time <= end).astype(float), np.broadcast_to(marker, shape)))
        return strata

    return draw


def _scale(ratio: np.ndarray, hazard: np.ndarray, mass: np.ndarray) -> float:
    """The factor of the hazards that gives as many expected events as without an effect.

    `hazard` is the cumulative hazard at each possible end of follow-up, `mass` the probability of that end.
    """
    wanted = mass @ -np.expm1(-hazard)
    if not 0 < wanted < 1:
        return 1.0
    levels, counts = np.unique(ratio, return_counts=True)

    def events(log_factor: float) -> float:
        return float(mass @ -np.expm1(-np.exp(log_factor) * np.outer(hazard, levels)) @ (counts / len(ratio)) - wanted)

    return float(np.exp(increasing_root(events, -LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)))
