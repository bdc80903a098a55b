"""Tables of an evaluation, in the suite's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.survival.evaluation.accuracy import brier_parts
from prognomics.survival.evaluation.calibration import calibration_groups, observed_over_expected, risk_groups
from prognomics.survival.evaluation.cohort_validation import LeftOut
from prognomics.survival.evaluation.decision import net_benefit
from prognomics.survival.evaluation.discrimination import Estimate, auc, roc_curve
from prognomics.survival.evaluation.evaluated import Evaluated, Setting
from prognomics.survival.evaluation.nomogram import design_axes, nomogram_rows
from prognomics.survival.evaluation.optimism import Optimism, optimism_error
from prognomics.survival.evaluation.prediction import kaplan_meier_risk
from prognomics.survival.evaluation.scoring import ALWAYS

MEASURE_COLUMNS = table_columns("evaluation_table")
CURVE_COLUMNS = table_columns("evaluation_curve")
ROC_COLUMNS = table_columns("evaluation_roc")
CALIBRATION_COLUMNS = table_columns("calibration_table")
DECISION_COLUMNS = table_columns("decision_table")
NOMOGRAM_COLUMNS = table_columns("nomogram_table")
APPARENT, LEAVE_OUT = "apparent", "leave_one_cohort_out"
DIFFERENCE = "covariates+marker minus covariates"
CURVE_TIMES = 40
THRESHOLDS = np.arange(1, 100) / 100
METHODS = {
    "harrell_c": "Harrell's C",
    "uno_c": "Uno's C",
    "auc": "cumulative/dynamic AUC, weighted by the inverse probability of censoring",
    "brier": "Brier score, weighted by the inverse probability of censoring",
    "integrated_brier": "Brier score averaged over the time up to the horizon",
    "scaled_brier": "1 - Brier score / that of the Kaplan-Meier curve",
    "scaled_integrated_brier": "1 - integrated Brier score / that of the Kaplan-Meier curve",
    "calibration_slope": "Cox coefficient of the linear predictor",
    "observed_expected": "Kaplan-Meier risk over the mean predicted risk",
    "likelihood_ratio": "likelihood-ratio test",
}
BOUNDS = {"harrell_c": (0, 1), "uno_c": (0, 1), "auc": (0, 1), "brier": (0, 1), "integrated_brier": (0, 1)}
NESTED = "a nested model's gain is tested by the likelihood ratio, not by this interval"


def _limits(value: float, se: float, metric: str, difference: bool = False) -> dict[str, Any]:
    reach = float(ndtri(0.975)) * se
    low, high = value - reach, value + reach
    if metric in BOUNDS and not difference:
        low, high = np.clip([low, high], *BOUNDS[metric])
    return {"estimate": value, "se": se, "ci_low": float(low), "ci_high": float(high)}


def _months(horizon: float) -> float:
    return float("nan") if horizon == ALWAYS else horizon


def _ordered(measures: Mapping[str, Any]) -> list[Any]:
    names = list(METHODS)
    return sorted(measures, key=lambda key: (names.index(key[0]), key[1] != ALWAYS, key[1]))


def measure_table(evaluated: Mapping[str, Evaluated], optimism: Mapping[str, Optimism],
                  left_out: Mapping[str, list[LeftOut]], setting: Setting) -> pd.DataFrame:  # fmt: skip
    """`--out-table`: every measure of every model, apparent, corrected and in left-out cohorts."""
    metrics = setting.metrics
    whole = {"n": len(metrics.time), "events": int(metrics.event.sum()), "validation": APPARENT}
    counts = {status.horizon: {"n_case": int(status.case.sum()), "n_control": int(status.control.sum())}
              for status in metrics.statuses}  # fmt: skip
    rows = []
    for (metric, horizon), one in setting.null.items():
        rows.append({"model": "null", "metric": metric, "time_months": horizon, **_limits(one.value, one.se, metric),
                     "method": f"{METHODS[metric]}, of the Kaplan-Meier curve", **counts[horizon],
                     **whole})  # fmt: skip
    for name, one in evaluated.items():
        rows += _model_rows(name, one, optimism.get(name), setting, whole, counts)
    if "covariates+marker" in evaluated:
        rows += _difference_rows(evaluated, optimism, whole, counts)
    for name, cohorts in left_out.items():
        for cohort in cohorts:
            rows += _left_out_rows(name, cohort)
    return result_table(rows, MEASURE_COLUMNS, n_missing=setting.n_missing, **setting.common)


def _model_rows(
    name: str,
    one: Evaluated,
    optimism: Optimism | None,
    setting: Setting,
    whole: dict[str, Any],
    counts: dict[float, dict[str, Any]],
) -> list[dict[str, Any]]:
    metrics, fit = setting.metrics, one.model.fit
    cells = {key: _limits(found.value, found.se, key[0]) for key, found in one.measures.items()}
    # in the data that it was fitted to a Cox model's slope is 1
    cells["calibration_slope", ALWAYS] = {"estimate": 1.0}
    for horizon, status, risk in zip(metrics.horizons, metrics.statuses, one.prediction.risk, strict=True):
        at = status.used
        ratio = observed_over_expected(metrics.time[at], metrics.event[at], risk[at], horizon, metrics.stratum[at])
        cells["observed_expected", horizon] = vars(ratio)
    rows = []
    for metric, horizon in _ordered(cells):
        row = {"model": name, "metric": metric, "time_months": _months(horizon), "method": METHODS[metric],
               **cells[metric, horizon], **whole, **counts.get(horizon, {})}  # fmt: skip
        if optimism is not None:
            loss = optimism.mean.get((metric, horizon), float("nan"))
            row |= {"optimism": loss, "corrected": row["estimate"] - loss, "bootstraps": optimism.n_fits,
                    "optimism_mc_se": optimism_error(optimism, (metric, horizon))}  # fmt: skip
        rows.append(row)
    rows.append({"model": name, "metric": "likelihood_ratio", "estimate": fit.lr, "statistic": fit.lr, "df": fit.df,
                 "p_value": float(chdtrc(fit.df, fit.lr)),
                 "method": f"{METHODS['likelihood_ratio']} against no variable", **whole})  # fmt: skip
    return rows


def _difference_rows(
    evaluated: Mapping[str, Evaluated],
    optimism: Mapping[str, Optimism],
    whole: dict[str, Any],
    counts: dict[float, dict[str, Any]],
) -> list[dict[str, Any]]:
    """What the marker adds: measures with it minus those without, and the likelihood-ratio test."""
    more, less = evaluated["covariates+marker"], evaluated["covariates"]
    rows = []
    for metric, horizon in _ordered(more.measures):
        one: Estimate = more.measures[metric, horizon].minus(less.measures[metric, horizon])
        row = {"model": DIFFERENCE, "metric": metric, "time_months": _months(horizon), "method": METHODS[metric],
               "note": NESTED, **_limits(one.value, one.se, metric, True), **whole,
               **counts.get(horizon, {})}  # fmt: skip
        if optimism:
            loss = optimism["covariates+marker"].mean[metric, horizon] - optimism["covariates"].mean[metric, horizon]
            error = optimism_error(optimism["covariates+marker"], (metric, horizon), optimism["covariates"])
            row |= {"optimism": loss, "corrected": one.value - loss, "optimism_mc_se": error,
                    "bootstraps": min(optimism[m].n_fits for m in ("covariates", "covariates+marker"))}  # fmt: skip
        rows.append(row)
    lr = 2 * (more.model.fit.loglik - less.model.fit.loglik)
    df = more.model.fit.df - less.model.fit.df
    p = float(chdtrc(df, max(lr, 0.0))) if df > 0 else float("nan")
    rows.append({"model": DIFFERENCE, "metric": "likelihood_ratio", "estimate": lr, "statistic": lr, "df": df,
                 "p_value": p, "method": METHODS["likelihood_ratio"] + " of the marker given the covariates",
                 "note": "" if df > 0 else "the marker adds no information beyond the covariates",
                 **whole})  # fmt: skip
    return rows


def _left_out_rows(name: str, cohort: LeftOut) -> list[dict[str, Any]]:
    shared = {"model": name, "validation": LEAVE_OUT, "cohort": cohort.cohort, "n": cohort.n, "events": cohort.events}
    if not cohort.measures:
        return [shared | {"metric": "harrell_c", "method": METHODS["harrell_c"], "note": cohort.note}]
    cells = {key: _limits(one.value, one.se, key[0]) for key, one in cohort.measures.items()}
    cells["calibration_slope", ALWAYS] = _limits(*cohort.slope, "calibration_slope")
    cells |= {("observed_expected", horizon): vars(ratio) for horizon, ratio in cohort.ratios.items()}
    rows = []
    for metric, horizon in _ordered(cells):
        note = cohort.note
        if np.isnan(cells[metric, horizon]["estimate"]):
            note = "follow-up ends before the horizon, or there are no cases or controls"
        rows.append(shared | {"metric": metric, "time_months": _months(horizon), "method": METHODS[metric],
                              "note": note, **cells[metric, horizon]})  # fmt: skip
    return rows


def curve_table(evaluated: Mapping[str, Evaluated], setting: Setting) -> pd.DataFrame:
    """`--out-curve`: AUC and Brier score at times from the first events to the largest horizon."""
    metrics = setting.metrics
    last = max(metrics.horizons)
    first = float(np.quantile(metrics.time[metrics.event], 0.05))
    times = np.unique(np.append(np.linspace(min(first, last), last, CURVE_TIMES), metrics.horizons))
    rows = []
    null = kaplan_meier_risk(metrics.time, metrics.event, metrics.stratum, times)
    for name, one in evaluated.items():
        risks = one.model.risk(one.design.x, metrics.stratum, times)
        for i, time in enumerate(times):
            status = metrics.weights.status(time)
            area = auc(metrics.weights, status, one.prediction.eta)
            score, none = (brier_parts(metrics.weights, status, risk)[0] for risk in (risks[i], null[i]))
            limits = _limits(area.value, area.se, "auc")
            rows.append({"model": name, "time_months": float(time), "auc": area.value, "auc_low": limits["ci_low"],
                         "auc_high": limits["ci_high"], "brier": score, "brier_null": none,
                         "scaled_brier": 1 - score / none if none > 0 else np.nan, "n_case": int(status.case.sum()),
                         "n_control": int(status.control.sum())})  # fmt: skip
    return result_table(rows, CURVE_COLUMNS, **_shared(setting))


def _shared(setting: Setting) -> dict[str, Any]:
    return {name: setting.common[name] for name in ("endpoint", "population")} | {"n_missing": setting.n_missing}


def roc_table(evaluated: Mapping[str, Evaluated], setting: Setting) -> pd.DataFrame:
    """`--out-roc`: the ROC curve of each model at each horizon."""
    metrics, rows = setting.metrics, []
    for name, one in evaluated.items():
        for i, status in enumerate(metrics.statuses):
            if not (status.case.any() and status.control.any()):
                continue
            curve = roc_curve(metrics.weights, status, one.prediction.risk[i])
            rows += [{"model": name, "time_months": status.horizon, "threshold": threshold, "sensitivity": true,
                      "specificity": 1.0 - false}
                     for threshold, true, false in zip(curve.threshold, curve.sensitivity, curve.false_positive,
                                                       strict=True)]  # fmt: skip
    method = "cases placed among the controls of their stratum" if len(setting.strata) > 1 else "all samples"
    return result_table(rows, ROC_COLUMNS, method=method, **_shared(setting))


def calibration_table(evaluated: Mapping[str, Evaluated], setting: Setting) -> pd.DataFrame:
    """`--out-calibration`: predicted and observed risk in groups of rising predicted risk."""
    metrics, rows = setting.metrics, []
    for name, one in evaluated.items():
        for i, status in enumerate(metrics.statuses):
            at, risk = status.used, one.prediction.risk[i]
            codes = risk_groups(risk[at], setting.groups)
            rows += [{"model": name, "time_months": status.horizon, "group": found.number,
                      **{c: getattr(found, c) for c in CALIBRATION_COLUMNS[3:]}}
                     for found in calibration_groups(metrics.time[at], metrics.event[at], risk[at], status.horizon,
                                                     codes)]  # fmt: skip
    return result_table(rows, CALIBRATION_COLUMNS, method="Kaplan-Meier, log-log limits", **_shared(setting))


def decision_table(evaluated: Mapping[str, Evaluated], setting: Setting) -> pd.DataFrame:
    """`--out-decision`: net benefit by threshold of each model, of treating all and of treating none."""
    metrics, rows = setting.metrics, []
    for i, status in enumerate(metrics.statuses):
        at = status.used
        risks = {name: one.prediction.risk[i][at] for name, one in evaluated.items()}
        risks |= {"all": np.ones(int(at.sum())), "none": np.zeros(int(at.sum()))}
        for name, risk in risks.items():
            benefit, n_high = net_benefit(metrics.time[at], metrics.event[at], risk, status.horizon, THRESHOLDS)
            rows += [
                {
                    "model": name,
                    "time_months": status.horizon,
                    "threshold": threshold,
                    "net_benefit": gain,
                    "n_high": n,
                    "n": int(at.sum()),
                }
                for threshold, gain, n in zip(THRESHOLDS.tolist(), benefit.tolist(), n_high.tolist(), strict=True)
            ]
    return result_table(rows, DECISION_COLUMNS, method="events above the threshold by Kaplan-Meier", **_shared(setting))


def nomogram_table(evaluated: Mapping[str, Evaluated], setting: Setting) -> pd.DataFrame:
    """`--out-nomogram`: points of values, and the risk that sums of points represent, of each model."""
    rows = []
    for name, one in evaluated.items():
        beta = np.nan_to_num(one.model.fit.beta)
        baselines = {stratum: {h: float(hazard.at(h)) for h in setting.metrics.horizons}
                     for stratum, hazard in zip(setting.strata, one.model.baseline, strict=True)}  # fmt: skip
        axes = design_axes(one.design, one.model.fit)
        rows += [{"model": name, **row} for row in nomogram_rows(axes, baselines, float(one.model.center @ beta))]
    return result_table(rows, NOMOGRAM_COLUMNS, **_shared(setting))
