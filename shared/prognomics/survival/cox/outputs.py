"""Tables beside the hazard ratios: coefficients and baseline to apply a model, residuals, and curves of splines."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from prognomics.data.result_table import result_table
from prognomics.errors import Refused, UsageError, warn
from prognomics.modeling.coefficient_rows import covariate_names
from prognomics.modeling.design_matrix import Term
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.locked import applied_models, center_of
from prognomics.modeling.splines import harrell_knots, spline_basis
from prognomics.survival.cox.added_value import added_value_table, combination_table
from prognomics.survival.cox.analysis import CoxAnalysis
from prognomics.survival.cox.baseline import baseline_curves, survival_limits
from prognomics.survival.cox.proportional_hazards import event_time_scale
from prognomics.survival.cox.residuals import sample_residuals, schoenfeld_residuals
from prognomics.survival.cox.subgroups import subgroup_table

COEFFICIENT_COLUMNS = (
    "model", "term", "kind", "level", "reference", "column", "beta", "se", "centre", "knots", "n", "events",
    "covariates", "strata", "ties",
)  # fmt: skip
BASELINE_COLUMNS = (
    "model", "stratum", "time_months", "n_risk", "n_event", "cumulative_hazard", "se", "survival", "ci_low",
    "ci_high", "n", "events", "covariates", "strata", "ties",
)  # fmt: skip
SCHOENFELD_COLUMNS = (
    "model", "term", "column", "sample_id", "stratum", "time_months", "transform", "transformed_time", "residual",
    "scaled", "smooth", "beta", "n", "events", "covariates", "strata", "ties",
)  # fmt: skip
SPLINE_COLUMNS = (
    "model", "term", "value", "reference_value", "log_hr", "se", "hr", "ci_low", "ci_high", "p_nonlinear", "n",
    "events", "covariates", "strata", "ties",
)  # fmt: skip
CURVE_POINTS = 101
SMOOTH_KNOTS = 4


def further_tables(found: CoxAnalysis, transform: str) -> dict[str, Callable[[], pd.DataFrame]]:
    """The tables that are made only when requested, by the name of the output."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "added": partial(added_table, found), "combinations": partial(combinations_table, found),
        "coefficients": partial(coefficients_table, found), "baseline": partial(baseline_table, found),
        "residuals": partial(residual_table, found),
        "schoenfeld": partial(schoenfeld_table, found, transform), "spline_curve": partial(spline_table, found),
        "subgroups": lru_cache(1)(partial(
            subgroup_table, found.data, found.covariates, found.markers, found.subgroups, found.stratifying,
            found.common)),
    }  # fmt: skip
    constant: dict[str, Callable[[], pd.DataFrame]] = {
        name: partial(refuse_over_time, found, name) for name in tables if name != "schoenfeld"
    }
    return tables | constant if found.over_time else tables


def refuse_over_time(found: CoxAnalysis, what: str) -> None:
    """UsageError for an output that has no place for effects that change over time."""
    if found.over_time:
        raise UsageError(f"the output {what!r} is of effects that do not change over time",
                         hint="make it in a call without --time-varying")  # fmt: skip


def added_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-added`: what the markers add to the standard variables of the joint model (of all, if there are two).

    Raises
    ------
    UsageError
        No markers, or no joint model that holds them.
    """
    return added_value_table(found.data, *_joint_model(found), found.common)


def combinations_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-combinations`: each marker, each pair and all of the joint model compared, see `combination_table`."""
    return combination_table(found.data, *_joint_model(found), found.common)


def _joint_model(found: CoxAnalysis) -> tuple[FittedModel, list[str]]:
    """The first multivariable model that has markers, and those that it has."""
    if not found.markers:
        raise UsageError("there is no marker whose addition could be tested", hint="name it: --marker COLUMN")
    for one in applied_models(found.models):
        held = [marker for marker in found.markers if marker in {term.name for term in one.design.terms}]
        if held and one.kind != "univariable":
            return one, held
    raise UsageError("no multivariable model holds the marker", hint="fit one: --model multivariable, or both")


def coefficients_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-coefficients`: one row per column of each design, with the value at which the baseline stands.

    A sample's linear predictor is the sum of beta × (value - centre) over the rows of a model: the value of a number
    is itself, of a level 1 or 0, of a spline column that of `spline_basis` at the row's knots, of an interaction the
    product of the two columns that `column` joins by a colon. A coefficient without an estimate is NA.
    """
    rows = []
    for one in applied_models(found.models):
        center = center_of(one.design.x, one.fit.weights)
        for term in one.design.terms:
            for place, j in enumerate(term.columns):
                knots = " ".join(f"{knot:.10g}" for knot in term.knots) or None
                rows.append(
                    _said(one) | {
                        "term": term.name, "kind": term.kind, "level": _level(term, place), "knots": knots,
                        "reference": term.reference, "column": one.fit.columns[j], "beta": one.fit.beta[j],
                        "se": one.fit.se[j], "centre": center[j],
                    }
                )  # fmt: skip
    return result_table(rows, COEFFICIENT_COLUMNS, **found.common)


def baseline_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-baseline`: survival of the sample at the center of the coefficients' table, in each stratum.

    Raises
    ------
    Refused
        Every model has an infinite coefficient.
    """
    rows = []
    for one in applied_models(found.models):
        if "infinite" in one.fit.reason:
            warn("no-baseline", f"the model of {covariate_names(one)} has an infinite coefficient: no baseline "
                 "survival is given; omit the covariate, or ask for Firth's penalty")  # fmt: skip
            continue
        names = stratum_names(found, one)
        for curve in baseline_curves(one.fit, one.design.x, center_of(one.design.x, one.fit.weights)):
            survival, low, high = survival_limits(curve.cumulative_hazard, curve.se, found.data.conf_level)
            for i, time in enumerate(curve.time):
                rows.append(
                    _said(one) | {
                        "stratum": names[curve.stratum], "time_months": time, "n_risk": curve.n_risk[i],
                        "n_event": curve.n_event[i], "cumulative_hazard": curve.cumulative_hazard[i],
                        "se": curve.se[i], "survival": survival[i], "ci_low": low[i], "ci_high": high[i],
                    }
                )  # fmt: skip
    if not rows:
        raise Refused("no model has a baseline: a coefficient is infinite", hint="omit the separating covariate")
    method = f"baseline hazard at the center of the covariates; {found.common['method']}"
    return result_table(rows, BASELINE_COLUMNS, **{**found.common, "method": method})


def residual_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-residuals`: one row per sample of each model; a column `dfbeta_<column>` for each coefficient."""
    parts = []
    for one in applied_models(found.models):
        residuals = sample_residuals(one.fit)
        values = {
            "sample_id": _sample_ids(found, one), "model": one.kind, "covariates": covariate_names(one),
            "time_months": one.fit.time, "event": one.fit.event.astype(int),
            "linear_predictor": one.fit.linear_predictor, "martingale": residuals.martingale,
            "deviance": residuals.deviance,
            **{f"dfbeta_{name}": residuals.dfbeta[:, j] for j, name in enumerate(one.fit.columns)},
        }  # fmt: skip
        parts.append(pd.DataFrame(values))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(endpoint=found.common["endpoint"], population=found.common["population"])


def schoenfeld_table(found: CoxAnalysis, transform: str) -> pd.DataFrame:
    """`--out-schoenfeld`: one row per event and coefficient; `smooth` is a spline through the scaled residuals.

    The smooth is a least-squares restricted cubic spline with four knots in the transformed time; NA with too few
    distinct times. With effects that change over time `fitted` is the log hazard ratio of that model at the time.
    """
    rows = []
    for one in applied_models(found.models):
        changed = {id(base): after for base, after in zip(found.models, found.over_time, strict=False)}.get(id(one))
        effects = {} if changed is None else changed.effects
        fit = one.plain or one.fit
        residuals = schoenfeld_residuals(fit)
        scale = event_time_scale(fit, residuals.sample, transform)
        names, ids = stratum_names(found, one), _sample_ids(found, one)
        for term in one.design.terms:
            for j in term.columns:
                if not fit.estimable[j]:
                    continue
                smooth = _smooth(scale, residuals.scaled[:, j])
                fitted = effects[fit.columns[j]](residuals.time) if fit.columns[j] in effects else None
                for i, sample in enumerate(residuals.sample):
                    rows.append(
                        _said(one) | {
                            "term": term.name, "column": fit.columns[j], "sample_id": ids[sample],
                            "stratum": names[residuals.stratum[i]], "time_months": residuals.time[i],
                            "transform": transform, "transformed_time": scale[i], "residual": residuals.residual[i, j],
                            "scaled": residuals.scaled[i, j], "smooth": smooth[i], "beta": fit.beta[j],
                            **({"fitted": np.nan if fitted is None else fitted[i]} if found.over_time else {}),
                        }
                    )  # fmt: skip
    more = ("fitted",) if found.over_time else ()
    return result_table(rows, (*SCHOENFELD_COLUMNS, *more), **found.common)


def spline_table(found: CoxAnalysis) -> pd.DataFrame:
    """`--out-spline`: hazard ratio along each spline, against the median of its variable in the model's samples.

    Raises
    ------
    Refused
        No model has a spline.
    """
    rows = []
    reach = float(ndtri(1 - (1 - found.data.conf_level) / 2))
    for one in applied_models(found.models):
        inside = {part for term in one.design.terms for part in term.parts}
        for term in one.design.terms:
            columns = list(term.columns)
            if term.kind != "spline" or not one.fit.estimable[columns].all():
                continue
            values = one.design.x[:, columns[0]]
            middle, knots = float(np.median(values)), np.array(term.knots)
            grid = np.linspace(values.min(), values.max(), CURVE_POINTS)
            away = spline_basis(grid, knots) - spline_basis(np.array([middle]), knots)
            log_hr = away @ one.fit.beta[columns]
            se = np.sqrt(np.einsum("ij,jk,ik->i", away, one.fit.covariance[np.ix_(columns, columns)], away))
            p = found.data.lr_p(one, columns[1:])
            note = "where the other part of its interaction is 0 or at its reference" if term.name in inside else ""
            for i, value in enumerate(grid):
                rows.append(
                    _said(one) | {
                        "term": term.name, "value": value, "reference_value": middle, "log_hr": log_hr[i],
                        "se": se[i], "hr": np.exp(log_hr[i]), "ci_low": np.exp(log_hr[i] - reach * se[i]),
                        "ci_high": np.exp(log_hr[i] + reach * se[i]), "p_nonlinear": p, "note": note,
                    }
                )  # fmt: skip
    if not rows:
        raise Refused("no model has a spline that can be drawn", hint="name a variable of numbers with --spline")
    return result_table(rows, SPLINE_COLUMNS, **found.common)


def _said(model: FittedModel) -> dict[str, Any]:
    return {
        "model": model.kind, "n": model.fit.n, "events": model.fit.n_events, "n_missing": model.n_missing,
        "covariates": covariate_names(model),
    }  # fmt: skip


def _level(term: Term, place: int) -> str | None:
    if term.kind == "factor":
        result: str | None = term.levels[place + 1]
        return result
    return (term.labels[place] or None) if term.labels else None


def stratum_names(found: CoxAnalysis, model: FittedModel) -> dict[int, str]:
    """Names of the strata by the codes of the fit, which has no gaps."""
    strata = found.data.strata
    if strata is None:
        return {0: "all"}
    return {i: found.data.stratum_names[int(code)] for i, code in enumerate(np.unique(strata[model.design.complete]))}


def _sample_ids(found: CoxAnalysis, model: FittedModel) -> np.ndarray:
    frame = found.data.frame
    ids = frame["sample_id"] if "sample_id" in frame.columns else frame.index.to_series()
    result: np.ndarray = ids.to_numpy()[model.design.complete]
    return result


def _smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    try:
        knots = harrell_knots(x, SMOOTH_KNOTS)
    except Refused:
        return np.full(len(x), np.nan)
    design = np.column_stack([np.ones(len(x)), spline_basis(x, knots)])
    design[:, 1:] = (design[:, 1:] - design[:, 1:].mean(axis=0)) / design[:, 1:].std(axis=0)
    result: np.ndarray = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return result
