"""How well an applied model predicts, in each cohort and in all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.result_table import result_table
from prognomics.errors import BadInput, Refused, first_few, unknown_name, warn
from prognomics.learning.absolute_risk import expected_events
from prognomics.learning.application import ALL, Application
from prognomics.learning.binary_calibration import binary_calibration_rows
from prognomics.learning.overlap import require_new, require_other_profiles
from prognomics.learning.validation import HeldOut, binary_measures, survival_measures
from prognomics.survival.evaluation.calibration import calibration_groups, risk_groups
from prognomics.survival.evaluation.tables import CALIBRATION_COLUMNS

VALIDATION_COLUMNS = ("model", "cohort", "n", "events", "statistic", "time_months", "estimate", "se", "ci_low",
                      "ci_high", "p_value")  # fmt: skip
METHODS = {
    "c_harrell": "Harrell's C",
    "c_uno": "Uno's C, up to time_months",
    "auc": "cumulative/dynamic AUC, weighted by the inverse probability of censoring",
    "calibration_slope": "Cox coefficient of the linear predictor; p against 1",
    "hr_per_sd": "hazard ratio per standard deviation of the linear predictor in these samples",
    "observed_expected": "observed over expected events",
    "brier": "Brier score, weighted by the inverse probability of censoring",
}
BINARY_METHODS = {
    "auc": "AUC, DeLong's interval",
    "calibration_slope": "logistic coefficient of the linear predictor; p against 1",
    "observed_expected": "observed over expected events",
    "brier": "Brier score",
}
FEW_EVENTS = 10


@dataclass(frozen=True)
class Validation:
    """A model against outcomes.

    Attributes
    ----------
    table, calibration : pandas.DataFrame
        Outputs of these names.
    known : numpy.ndarray of bool, shape (n_samples,)
        Samples with a linear predictor and an outcome.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame
    known: np.ndarray


def require_new_samples(found: Application, known: np.ndarray, expression: ExpressionMatrix | None = None) -> None:
    """Refuse samples with an outcome that the model was derived from, by their names or by their expression.

    Parameters
    ----------
    found : Application
    known : numpy.ndarray of bool, shape (n_samples,)
    expression : ExpressionMatrix or None
    """
    require_new(found.model, found.frame[known])
    require_other_profiles(found.model, found.frame, known, expression)


def validate_survival(found: Application, endpoint: Endpoint, groups: int) -> Validation:
    """Discrimination and calibration in each cohort and in all, stratified by cohort.

    Parameters
    ----------
    found : Application
    endpoint : Endpoint
        Of the same samples.
    groups : int
        Of the calibration table.

    Raises
    ------
    Refused
        No sample with an outcome and a linear predictor; no events at all.
    """
    linear = found.linear_predictor
    known = endpoint.known & ~np.isnan(linear)
    if not known.any():
        raise Refused("none of the samples has a linear predictor, a follow-up time and an event flag",
                      hint="check the endpoint, the subset and the missing values")  # fmt: skip
    expected, beyond = expected_events(found.model, linear, endpoint.time_months, found.stratum)
    cohort = found.cohort[known]
    absolute = found.model.kind == "cox"
    data = HeldOut(
        endpoint.time_months[known], endpoint.event[known], linear[known], cohort, found.at,
        found.survival[known] if absolute else None, expected[known] if absolute else None,
        found.group[known].astype(object), found.model.levels,
    )  # fmt: skip
    if not (data.event == 1).any():
        raise Refused(f"none of the {len(data.event)} samples has the event",
                      hint="check the event column and the subset")  # fmt: skip
    rows = []
    for name, chosen in _blocks(cohort):
        part = data.pick(chosen)
        rows += _block(found, name, part if name == ALL else replace(part, stratum=None),
                       int(beyond[known][chosen].sum()))  # fmt: skip
    common = {"endpoint": endpoint.name, "population": found.population, "n_missing": int((~known).sum())}
    return Validation(result_table(rows, VALIDATION_COLUMNS, model=found.model.name, **common),
                      _calibration(found, endpoint, known, groups, common), known)  # fmt: skip


def _blocks(cohort: np.ndarray) -> list[tuple[str, np.ndarray]]:
    names = sorted(set(cohort) - {ALL})
    return [*((name, cohort == name) for name in names), (ALL, np.ones(len(cohort), bool))]


def _block(found: Application, name: str, data: HeldOut, beyond: int) -> list[dict[str, Any]]:
    counts = {"cohort": name, "n": len(data.time), "events": int((data.event == 1).sum())}
    if not counts["events"]:
        warn("cohort-without-events", f"cohort {name!r} has no events: the model cannot be validated in it")
        return [{**counts, "statistic": "c_harrell", "method": METHODS["c_harrell"], "note": "no events"}]
    whole = data.expected is not None and not np.isnan(data.expected).any()
    rows = survival_measures(data if whole else replace(data, expected=None))  # of all of the samples, or of none
    if found.model.kind == "cox":
        rows += _absent(found, rows, whole)
    else:
        rows = [row for row in rows if row["statistic"] != "calibration_slope"]  # a score is on no scale of hazards
    made = []
    for row in rows:
        notes = [f"fewer than {FEW_EVENTS} events"] if counts["events"] < FEW_EVENTS else []
        if row.get("note"):
            notes.append(row["note"])
        elif row["estimate"] != row["estimate"]:
            notes.append("not defined here: follow-up ends before the horizon, or there is nothing to compare")
        if row["statistic"] == "observed_expected" and row["time_months"] is None and beyond:
            notes.append(f"{beyond} samples were followed longer than the model: no hazard is added after its end")
        if name == ALL and row["statistic"] in ("c_harrell", "c_uno", "auc") and len(set(data.stratum)) > 1:
            notes.append("pairs within cohorts")
        method = METHODS.get(row["statistic"], "hazard ratio between the model's groups")
        if row["statistic"] == "observed_expected" and row["time_months"] is not None:
            method = "risk by Kaplan-Meier over mean predicted risk"
        made.append({**row, **counts, "method": method, "note": "; ".join(notes)})
    return made


def _absent(found: Application, rows: list[dict[str, Any]], has_baseline: bool) -> list[Any]:
    """Rows of measures of absolute risk that could not be taken, with the reason."""
    have = {(row["statistic"], row["time_months"]) for row in rows}
    wanted = [(statistic, h) for h in found.at for statistic in ("observed_expected", "brier")]
    lacking = [key for key in [*wanted, ("observed_expected", None)] if key not in have]
    if not found.model.baseline:
        reason = "the model has no baseline survival"
    elif not has_baseline:
        reason = "the model has no baseline survival for " + first_few(found.without_baseline)
    else:
        reason = "the horizon is beyond the model's follow-up"
    return [{"statistic": s, "time_months": h, "estimate": np.nan, "note": reason} for s, h in lacking]


def _calibration(
    found: Application, endpoint: Endpoint, known: np.ndarray, groups: int, common: dict[str, Any]
) -> pd.DataFrame:
    rows = []
    for k, horizon in enumerate(found.at):
        chosen = known & ~np.isnan(found.survival[:, k])
        if not chosen.any():
            continue
        risk = 1 - found.survival[chosen, k]
        time, event = endpoint.time_months[chosen], endpoint.event[chosen] == 1
        for one in calibration_groups(time, event, risk, horizon, risk_groups(risk, groups)):
            cells = {c: getattr(one, c) for c in CALIBRATION_COLUMNS[3:]}
            rows.append({"model": found.model.name, "time_months": horizon, "group": one.number, **cells})
    return result_table(rows, CALIBRATION_COLUMNS, method="Kaplan-Meier, log-log limits", **common)


def validate_outcome(found: Application, groups: int, expression: ExpressionMatrix | None = None) -> Validation:
    """The same of a logistic model, whose outcome is a column of the samples.

    Raises
    ------
    BadInput
        The outcome's column, or its level, is not in the samples.
    """
    outcome = found.model.outcome or {}
    column, level = outcome.get("column", ""), outcome.get("level", "")
    if column not in found.frame.columns:
        raise unknown_name("outcome of the model", column, map(str, found.frame.columns), where="samples")
    labels = text_values(found.frame[column])
    known = (labels.notna() & ~np.isnan(found.linear_predictor)).to_numpy(bool)
    require_new_samples(found, labels.notna().to_numpy(bool), expression)
    levels = {level} if level in set(labels.dropna()) else set(level.split(","))  # several levels may be the event
    if not levels & set(labels[known]):
        raise BadInput(f"no sample has {level!r} in {column!r}", where="samples and annotations",
                       hint=f"its values are {first_few(sorted(set(labels.dropna())))}")  # fmt: skip
    event, linear = labels[known].isin(levels).to_numpy(float), found.linear_predictor[known]
    cohort, rows = found.cohort[known], []
    for name, chosen in _blocks(cohort):
        counts = {"cohort": name, "n": int(chosen.sum()), "events": int(event[chosen].sum())}
        within = cohort[chosen] if name == ALL else np.zeros(counts["n"])
        if not any(len(set(event[chosen][within == one])) == 2 for one in dict.fromkeys(within)):
            warn("cohort-without-events", f"all samples of {_named(name)} have the same outcome")
            rows.append({**counts, "statistic": "auc", "method": BINARY_METHODS["auc"], "note": "one outcome only"})
            continue
        rows += _binary_block(found, counts, binary_measures(event[chosen], linear[chosen], within))
    common = {"endpoint": f"{column}={level}", "population": found.population, "n_missing": int((~known).sum())}
    bins = binary_calibration_rows(event, linear, groups) if found.model.intercept is not None else []
    calibration = result_table([{"model": found.model.name, **row} for row in bins], CALIBRATION_COLUMNS,
                               method="proportion, Clopper-Pearson limits", **common)  # fmt: skip
    return Validation(result_table(rows, VALIDATION_COLUMNS, model=found.model.name, **common), calibration, known)


def _named(block: str) -> str:
    return "each cohort" if block == ALL else f"cohort {block!r}"


def _binary_block(found: Application, counts: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a block with methods and notes; a conditional model has no intercept, and so no probabilities."""
    few = min(counts["events"], counts["n"] - counts["events"]) < FEW_EVENTS
    notes = [f"fewer than {FEW_EVENTS} samples of an outcome"] if few else []
    several = counts["cohort"] == ALL and len(set(found.cohort)) > 1
    made = []
    for row in rows:
        own = {**row, **counts, "method": BINARY_METHODS[row["statistic"]]}
        said = list(notes)
        if several and row["statistic"] in ("auc", "calibration_slope"):
            said.append("pairs within cohorts" if row["statistic"] == "auc" else "an intercept per cohort")
        if found.model.intercept is None and row["statistic"] in ("observed_expected", "brier"):
            own |= dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "p_value"), np.nan)
            said.append("the model has no intercept, and gives no probabilities")
        made.append({**own, "note": "; ".join(said)})
    return made
