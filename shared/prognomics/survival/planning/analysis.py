"""Tables of power: what a planned study needs, and what a data set could show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.errors import UsageError, warn
from prognomics.stats.power import needed_information, power_of, smallest_ratio
from prognomics.survival.planning.observed import ObservedStudy
from prognomics.survival.planning.simulation import draw_observed, draw_trial, simulated_power
from prognomics.survival.planning.trial import Trial, smallest_effect

COLUMNS = table_columns("power_table")
CURVE_COLUMNS = table_columns("power_curve")
FEW_EVENTS, MOST_SAMPLES = 20, 20_000
RATIOS = np.exp(np.linspace(np.log(1 / 4), np.log(4), 121))
FORMULAS = {False: "Schoenfeld's formula", True: "Hsieh and Lavori's formula"}


@dataclass(frozen=True)
class Question:
    """Error rates and simulations that all rows have in common."""

    powers: Sequence[float]
    ratios: Sequence[float]
    alpha: float = 0.05
    sides: int = 2
    simulations: int = 0
    seed: int = 1

    @property
    def error(self) -> tuple[float, int]:
        return self.alpha, self.sides


@dataclass(frozen=True)
class PowerAnalysis:
    """`table` and `curve` with the columns of the outputs of these names."""

    table: pd.DataFrame
    curve: pd.DataFrame


def plan_study(trial_at: Callable[[float], Trial], sizes: Sequence[int], question: Question) -> PowerAnalysis:
    """Samples that each hazard ratio needs; power and smallest hazard ratios of each number of samples.

    Parameters
    ----------
    trial_at : function of a log hazard ratio
        The study; its follow-up may depend on the hazard ratio where a fraction of events is given.
    sizes : sequence of int
        Numbers of samples; may be empty if there is a hazard ratio.
    question : Question

    Raises
    ------
    UsageError
        Neither a hazard ratio nor a number of samples, or a hazard ratio of 1.
    """
    _check(question.ratios)
    if not question.ratios and not sizes:
        raise UsageError("there is nothing to compute",
                         hint="give --hazard-ratio (samples needed), --n (smallest effect), or both")  # fmt: skip
    rows = []
    for ratio in question.ratios:
        trial = trial_at(float(np.log(ratio)))
        for power in question.powers:
            n = _whole(trial.needed(np.log(ratio), power, *question.error)[0])
            rows.append({"question": "sample_size", **_planned(trial, n, np.log(ratio), power, question)})
    for n in sizes:
        for ratio in question.ratios:
            trial = trial_at(float(np.log(ratio)))
            power = float(power_of(np.log(ratio), n * trial.information(np.log(ratio)), *question.error))
            rows.append({"question": "power", **_planned(trial, n, np.log(ratio), power, question)})
        for power in question.powers:
            found, below = (smallest_effect(trial_at, n, power, *question.error, sign) for sign in (1, -1))
            trial = trial_at(found if np.isfinite(found) else 0.0)
            rows.append({"question": "smallest_effect", **_planned(trial, n, found, power, question),
                         "hazard_ratio_below": float(np.exp(below))})  # fmt: skip
    trial = trial_at(0.0)
    trials = {ratio: trial_at(float(np.log(ratio))) for ratio in RATIOS}
    curve = [{"n": n, "events": _expected(trials[ratio], n, np.log(ratio)), "hazard_ratio": ratio,
              "power": power_of(np.log(ratio), n * trials[ratio].information(np.log(ratio)), *question.error)}
             for n in dict.fromkeys(sizes or [row["n"] for row in rows]) for ratio in RATIOS]  # fmt: skip
    return PowerAnalysis(_table(rows, trial.continuous, question), pd.DataFrame(curve, columns=CURVE_COLUMNS))


def study_power(
    study: ObservedStudy, question: Question, *, endpoint: str = "", population: str = "all"
) -> PowerAnalysis:
    """The smallest hazard ratios that a data set could show, and its power and the samples needed for given ones.

    The events are those observed, near no effect. `sample_size` is of a larger study of the same kind: the same
    strata, groups and fraction of events.
    """
    _check(question.ratios)
    n, events, information = len(study.time), float(study.events.sum()), study.information
    high = None if study.continuous else float(study.marker.mean())
    common = {"effect": "continuous" if study.continuous else "groups", "unit": study.unit,
              "event_fraction": events / n, "group_fraction": high, "r_squared": study.r_squared,
              "strata": study.strata, "n_strata": study.n_strata}  # fmt: skip
    own = {**common, "n": n, "events": int(events), "information": information}
    rows = []
    for power in question.powers:
        ratio = smallest_ratio(information, power, *question.error)
        rows.append({"question": "smallest_effect", "hazard_ratio": ratio, "hazard_ratio_below": 1 / ratio,
                     "power": power, **own})  # fmt: skip
    for ratio in question.ratios:
        power = float(power_of(np.log(ratio), information, *question.error))
        rows.append({"question": "power", "hazard_ratio": ratio, "power": power, **own})
    draw = draw_observed(study) if question.simulations and not study.r_squared else None
    if question.simulations and study.r_squared:
        warn("no-simulation-with-covariates", "power is not simulated if the marker is adjusted for covariates")
    for row in rows:
        row |= _simulated(draw, np.log(row["hazard_ratio"]), n, question)
    for ratio in question.ratios:
        for power in question.powers:
            times = needed_information(np.log(ratio), power, *question.error) / information
            rows.append({"question": "sample_size", "hazard_ratio": ratio, "power": power, **common,
                         "n": _whole(times * n), "events": _whole(times * events),
                         "information": times * information})  # fmt: skip
    curve = [{"n": n, "events": int(events), "hazard_ratio": ratio,
              "power": power_of(np.log(ratio), information, *question.error)} for ratio in RATIOS]  # fmt: skip
    table = _table(
        rows, study.continuous, question, endpoint=endpoint, population=population, n_missing=study.n_missing
    )
    return PowerAnalysis(table, pd.DataFrame(curve, columns=CURVE_COLUMNS))


def _planned(trial: Trial, n: int, log_ratio: float, power: float, question: Question) -> dict[str, Any]:
    """What a row states of a planned study of `n` samples."""
    known = np.isfinite(log_ratio)
    events = trial.event_fractions(log_ratio).mean() if known else np.nan
    draw = draw_trial(trial, n) if question.simulations and not trial.r_squared and known else None
    return {
        "effect": "continuous" if trial.continuous else "groups", "unit": "1 SD" if trial.continuous else "high vs low",
        "hazard_ratio": float(np.exp(log_ratio)), "power": power, "n": n,
        "events": _expected(trial, n, log_ratio) if known else None, "event_fraction": events,
        "group_fraction": None if trial.continuous else float(np.mean(trial.fractions)),
        "information": n * trial.information(log_ratio) if known else np.nan, "r_squared": trial.r_squared,
        "strata": "none" if trial.n_strata == 1 else "of equal size", "n_strata": trial.n_strata,
        **_simulated(draw, log_ratio, n, question),
    }  # fmt: skip


def _expected(trial: Trial, n: int, log_ratio: float) -> int:
    return _whole(n * trial.event_fractions(log_ratio).mean())


def _simulated(draw: Callable[..., Any] | None, log_ratio: float, n: int, question: Question) -> dict[str, Any]:
    if draw is None or n > MOST_SAMPLES:
        return {}
    power, se = simulated_power(draw, float(log_ratio), n, question.simulations, question.seed, *question.error)
    return {"power_simulated": power, "power_simulated_se": se, "simulations": question.simulations}


def _table(rows: list[dict[str, Any]], continuous: bool, question: Question, **common: object) -> pd.DataFrame:
    few = [row for row in rows if row["events"] is not None and row["events"] < FEW_EVENTS]
    if few:
        least = min(row["events"] for row in few)
        warn("few-events", f"the formulas are for many events; a row has {least}: rely on the simulated power")
    for row in rows:
        row["note"] = "not simulated: too many samples" if question.simulations and row["n"] > MOST_SAMPLES else ""
    common = {"alpha": question.alpha, "sides": question.sides, "method": FORMULAS[continuous], **common}
    return result_table(rows, COLUMNS, **common)


def _check(ratios: Sequence[float]) -> None:
    if any(ratio == 1 for ratio in ratios):
        raise UsageError("a hazard ratio of 1 is no effect: no study can show it", hint="give one below or above 1")


def _whole(value: float) -> int:
    """Rounded up, but not for rounding error."""
    return int(np.ceil(value - 1e-9 * max(value, 1.0)))
