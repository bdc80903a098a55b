"""The evaluation of models of a sample sheet: with the marker, without it, and what the marker adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.strata import COHORT, cohorts_of, resolve_strata, strata_name, stratum_labels
from prognomics.errors import Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.design_matrix import Design, build_design
from prognomics.modeling.fitted import FittedModel, warn_about_influence, warn_about_models, why_not_estimable
from prognomics.survival.endpoint_arrays import endpoint_arrays
from prognomics.survival.evaluation import tables
from prognomics.survival.evaluation.accuracy import integration_grid
from prognomics.survival.evaluation.cohort_validation import leave_one_cohort_out
from prognomics.survival.evaluation.evaluated import Evaluated, Setting
from prognomics.survival.evaluation.optimism import bootstrap_optimism, draw
from prognomics.survival.evaluation.prediction import RiskModel, fit_risk_model, kaplan_meier_risk
from prognomics.survival.evaluation.scoring import PerformanceMetrics, Prediction
from prognomics.survival.event_times import merge_near_ties

GRID_TIMES, BOOTSTRAP_TIMES = 200, 40
FEW = 10


@dataclass(frozen=True)
class Evaluation:
    """Tables of an evaluation, each with the columns of the output of its name."""

    table: pd.DataFrame
    curve: pd.DataFrame
    roc: pd.DataFrame
    calibration: pd.DataFrame
    decision: pd.DataFrame
    nomogram: pd.DataFrame


def evaluate_models(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    covariates: Sequence[str],
    marker: str | None = None,
    *,
    at: Sequence[float],
    strata: Sequence[str] = ("auto",),
    ties: str = "efron",
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    groups: int = 5,
    bootstraps: int = 200,
    rng: np.random.Generator | None = None,
    endpoint: str = "",
    population: str = "all",
) -> Evaluation:
    """Discrimination, accuracy and calibration of Cox models, apparent and validated.

    With covariates and a marker three models are judged, all on the samples that have every variable:
    the covariates', the marker's, and both together, and the last is compared with the first.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample; the columns `cohort` and `sample_id` are used where they are. With `sample_id` the results
        are exactly the same for any order of rows.
    time_months, event : array_like of shape (n_samples,), or names of columns
    covariates : sequence of str
        Standard variables; may be empty if there is a marker.
    marker : str, optional
    at : sequence of float
        Horizons in months.
    strata, factors, numerics, reference_levels, ties, endpoint, population
        As in `cox_analysis`.
    groups : int
        Of the calibration table.
    bootstraps : int
        Bootstrap samples for the optimism; 0 for none.
    rng : numpy.random.Generator, optional
        Needed for bootstraps.

    Returns
    -------
    Evaluation

    Raises
    ------
    Refused
        No events; nothing estimable; a horizon that nobody is followed to.
    BadInput
        Unknown columns or levels, wrong values.
    UsageError
        No variable, a horizon that is not positive, the marker among the covariates or the strata.
    """
    covariates, horizons = list(covariates), sorted(dict.fromkeys(float(time) for time in at))
    stratifying = resolve_strata(frame, strata)
    _check(covariates, marker, horizons, stratifying)
    frame, time, flags, known = _by_id(frame, *endpoint_arrays(frame, time_months, event))
    labels, stratum_known = stratum_labels(frame, stratifying)
    names = {**({"covariates": covariates} if covariates else {}), **({"marker": [marker]} if marker else {})}
    if len(names) == 2:
        names["covariates+marker"] = [*covariates, marker]
    every = max(names.values(), key=len)
    for name in every:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns), where="samples and annotations")
    complete = build_design(frame, every, flags, known & stratum_known, factors, numerics, reference_levels).complete
    if not (flags[complete] == 1).any():
        raise Refused(f"there are no events in the {int(complete.sum())} complete cases of {' + '.join(every)}",
                      hint="check the missing values of the variables, the subset and the endpoint")  # fmt: skip
    if not stratifying and len(cohorts_of(frame[complete])) > 1:
        warn("cohorts-not-stratified", f"{len(cohorts_of(frame[complete]))} cohorts are judged as one: a model that "
             "tells cohorts apart passes for one that tells patients apart")  # fmt: skip

    time, happened = merge_near_ties(time[complete]), flags[complete] == 1
    names_of_strata, stratum = _codes(frame[complete], labels, complete, stratifying)
    cohort = _cohorts(frame[complete])
    _check_horizons(horizons, time, happened, stratum, names_of_strata)
    metrics = PerformanceMetrics(time, happened, stratum, horizons, integration_grid(time, horizons[-1], GRID_TIMES))
    coding = (factors, numerics, reference_levels)
    null = metrics.accuracy(_null(metrics, horizons))
    evaluated = {name: _evaluate(frame, variables, happened, complete, coding, metrics, null, ties)
                 for name, variables in names.items()}  # fmt: skip
    _warn(evaluated, metrics, frame)

    designs = {name: one.design.x for name, one in evaluated.items()}
    optimism = {}
    if bootstraps:
        rows = draw(bootstraps, stratum, rng)
        grid = integration_grid(time, horizons[-1], BOOTSTRAP_TIMES)
        optimism = bootstrap_optimism(designs, time, happened, stratum, horizons, grid, ties, rows)
        failed = {name: bootstraps - one.n_fits for name, one in optimism.items() if one.n_fits < bootstraps}
        if failed:
            shown = ", ".join(f"{n} of {bootstraps} for {name}" for name, n in failed.items())
            warn("bootstrap-fits-failed", f"some bootstrap samples could not be fitted and are excluded: {shown}")
    left_out = {}
    if len(set(cohort)) > 1:
        grid = integration_grid(time, horizons[-1], BOOTSTRAP_TIMES)
        left_out = {name: leave_one_cohort_out(x, time, happened, stratum, cohort, horizons, grid, ties)
                    for name, x in designs.items()}  # fmt: skip
    setting = Setting(
        metrics, names_of_strata, null, groups, bootstraps, int(len(frame) - complete.sum()),
        {"endpoint": endpoint, "population": population, "strata": strata_name(stratifying), "ties": ties},
    )  # fmt: skip
    return Evaluation(
        tables.measure_table(evaluated, optimism, left_out, setting), tables.curve_table(evaluated, setting),
        tables.roc_table(evaluated, setting), tables.calibration_table(evaluated, setting),
        tables.decision_table(evaluated, setting), tables.nomogram_table(evaluated, setting),
    )  # fmt: skip


def _by_id(
    frame: pd.DataFrame, time: np.ndarray, event: np.ndarray, known: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Samples in the order of their ids, if they have any: sums and draws do not depend on the order of rows."""
    if "sample_id" not in frame.columns:
        return frame, time, event, known
    order = frame["sample_id"].astype(str).to_numpy().argsort(kind="stable")
    return frame.iloc[order].reset_index(drop=True), time[order], event[order], known[order]


def _check(covariates: list[str], marker: str | None, horizons: list[float], stratifying: list[str]) -> None:
    if not covariates and marker is None:
        raise UsageError("there is nothing to evaluate", hint="name a marker (--gene or --marker-column) or covariates")
    if marker in covariates:
        raise UsageError(f"{marker!r} is the marker and a covariate at once", hint="leave it out of the covariates")
    for name in [*covariates, *([marker] if marker else [])]:
        if name in stratifying:
            raise UsageError(f"{name!r} is a variable and a stratum at once",
                             hint="leave it out of the variables, or set the strata to none")  # fmt: skip
    if not horizons or not horizons[0] > 0:
        raise UsageError("a horizon is a positive number of months", hint="for five years, say --at 60")


def _codes(
    frame: pd.DataFrame, labels: np.ndarray | None, complete: np.ndarray, stratifying: list[str]
) -> tuple[list[str], np.ndarray]:
    """Names of the strata that have samples, and the code of each sample."""
    if labels is None:
        return ["all"], np.zeros(len(frame), dtype=np.intp)
    _, first, codes = np.unique(labels[complete], return_index=True, return_inverse=True)
    shown = frame[stratifying].apply(text_values).fillna("NA").agg(" ".join, axis=1).to_numpy()
    return [str(shown[i]) for i in first], codes.reshape(-1)


def _cohorts(frame: pd.DataFrame) -> np.ndarray:
    if COHORT not in frame.columns:
        return np.full(len(frame), "all")
    result: np.ndarray = text_values(frame[COHORT]).fillna("(no cohort)").to_numpy(dtype=str)
    return result


def _check_horizons(
    horizons: list[float], time: np.ndarray, event: np.ndarray, stratum: np.ndarray, names: list[str]
) -> None:
    """Refuse a horizon that nobody is followed to; warn of cohorts that end before one."""
    longest = np.array([time[stratum == code].max() for code in range(len(names))])
    ends_alive = np.array([(~event[(stratum == c) & (time == longest[c])]).any() for c in range(len(names))])
    for horizon in horizons:
        followed = (longest > horizon) | ((longest == horizon) & ends_alive)
        if not followed.any():
            raise Refused(
                f"the horizon of {horizon:g} months lies beyond the follow-up: nobody is followed event-free to it",
                where=f"longest time: {longest.max():.4g} months",
                hint=f"ask for a horizon below {longest.max():.4g} (--at)",
            )
        if not followed.all():
            short = [f"{names[code]} ({longest[code]:.3g})" for code in np.flatnonzero(~followed)]
            text = f"not judged at {horizon:g} months, as nobody is followed so far: {first_few(short)}"
            warn("short-follow-up", text)


def _evaluate(
    frame: pd.DataFrame,
    variables: list[str],
    event: np.ndarray,
    complete: np.ndarray,
    coding: tuple[Any, ...],
    metrics: PerformanceMetrics,
    null: dict[tuple[str, float], Any],
    ties: str,
) -> Evaluated:
    flags = np.zeros(len(frame))
    flags[complete] = event
    design: Design = build_design(frame, variables, flags, complete, *coding)
    stratum = metrics.stratum
    model: RiskModel = fit_risk_model(metrics.time, metrics.event, design.x, stratum, ties)
    if not model.fit.estimable.any():
        why = "; ".join(f"{term.name}: {why_not_estimable(term, model.fit)}" for term in design.terms)
        raise Refused(
            f"nothing can be estimated for {' + '.join(variables)}: {why}",
            hint="a variable must vary among samples at risk, with events at more than one of its levels",
        )
    prediction = Prediction(model.linear_predictor(design.x), model.risk(design.x, stratum, metrics.horizons),
                            model.risk(design.x, stratum, metrics.grid))  # fmt: skip
    return Evaluated(design, model, prediction, metrics.measures(prediction, null))


def _null(metrics: PerformanceMetrics, horizons: list[float]) -> Prediction:
    return Prediction(np.zeros(len(metrics.time)), *(
        kaplan_meier_risk(metrics.time, metrics.event, metrics.stratum, times)
        for times in (horizons, metrics.grid)))  # fmt: skip


def _warn(evaluated: Mapping[str, Evaluated], metrics: PerformanceMetrics, frame: pd.DataFrame) -> None:
    models = [FittedModel(name, one.design, one.model.fit, None, 0) for name, one in evaluated.items()]
    warn_about_models(models)
    warn_about_influence(models, frame)
    for status in metrics.statuses:
        n_case, n_control = int(status.case.sum()), int(status.control.sum())
        if min(n_case, n_control) < FEW:
            warn("few-cases", f"{n_case} events by {status.horizon:g} months and {n_control} samples followed beyond: "
                 "measures at that horizon are unsure")  # fmt: skip
