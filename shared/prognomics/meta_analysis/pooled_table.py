"""The table of a meta-analysis: rows of cohorts, pooled effects, leave-one-out, subgroups and Egger's test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from prognomics.errors import BadInput, Refused, first_few, warn
from prognomics.meta_analysis.asymmetry import egger_row
from prognomics.meta_analysis.pooling import FEWEST_FOR_PREDICTION, WIDENED, pool
from prognomics.meta_analysis.subgroups import subgroup_rows

SCALES = ("log_ratio", "difference")
FEWEST_EVENTS = 10

META_COLUMNS = (
    "row_type",
    "cohort",
    "unit",
    "n",
    "events",
    "log_hr",
    "se",
    "hr",
    "ci_low",
    "ci_high",
    "p_value",
    "weight",
    "tau2",
    "tau2_method",
    "i2",
    "q",
    "q_df",
    "q_p",
    "pi_low",
    "pi_high",
    "endpoint",
    "population",
    "n_missing",
    "method",
    "note",
    "statistic",
    "df",
    "tau2_low",
    "tau2_high",
    "estimate",
    "subgroup",
)


def meta_analysis(
    cohorts: pd.DataFrame,
    *,
    tau: str,
    hartung_knapp: bool,
    unit: str | None = None,
    stratified: dict[str, Any] | None = None,
    endpoint: str | None = None,
    population: str | None = None,
    adjusted_for: Sequence[str] = (),
    given: bool = False,
    scale: str = "log_ratio",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """The meta-analysis table: cohorts, fixed, random, stratified, and each cohort excluded.

    Parameters
    ----------
    cohorts : DataFrame, one row per cohort
        Columns `cohort, log_hr, se`, and where known `n, events, n_missing, note`. A cohort without a
        finite log_hr and positive se keeps its row, with a note, and is not pooled.
    tau : {"reml", "dl", "pm", "fixed"}
        See :func:`pool`; with "fixed" there is no random row and the rows with a cohort excluded are fixed.
    hartung_knapp : bool
    unit : str, optional
        What the hazard ratio is per ("high vs low", "1 SD within cohort").
    stratified : dict, optional
        `log_hr, se, n, events` of the one Cox model stratified by cohort, shown beside.
    endpoint, population : str, optional
    adjusted_for : sequence of str
        Covariates in each cohort's model, named in the method.
    given : bool
        The effects are known from elsewhere: no model was fitted here.
    scale : {"log_ratio", "difference"}
        What `log_hr` of the cohorts is: the logarithm of a ratio, whose limits are given as ratios; or a difference,
        whose limits are differences (`log_hr` and `hr` are then NA, see `estimate`).
    conf_level : float

    Returns
    -------
    DataFrame
        Columns `META_COLUMNS`. Intervals on the HR scale; weights in percent. The random row carries
        tau², I² and the prediction interval (from five cohorts up), the fixed row I² from Q. A row
        `leave_out` names the cohort excluded. With a column `subgroup` among the cohorts, rows `subgroup` and
        `subgroup_test` (see :func:`subgroup_rows`); from ten cohorts up a row `egger` (see :func:`egger_row`).

    Raises
    ------
    BadInput
        For missing columns or repeated cohorts.
    Refused
        With fewer than two cohorts that can be pooled.
    """
    for column in ("cohort", "log_hr", "se"):
        if column not in cohorts.columns:
            raise BadInput(f"the effects have no column {column}", hint="needed: cohort, log_hr, se; useful: n, events")
    twice = cohorts["cohort"][cohorts["cohort"].duplicated()]
    if len(twice):
        raise BadInput("a cohort occurs twice among the effects", where=first_few(twice), hint="one row per cohort")
    log_hr, se = cohorts["log_hr"].to_numpy(dtype=float), cohorts["se"].to_numpy(dtype=float)
    if (se < 0).any():
        negative = first_few(cohorts["cohort"][se < 0])
        raise BadInput("a standard error is negative", where=negative, hint="give the standard error of the effect")
    events = _column(cohorts, "events")
    usable = np.isfinite(log_hr) & np.isfinite(se) & (se > 0)
    names = cohorts["cohort"].astype(str).to_numpy()
    if not usable.all():
        warn("cohort-not-pooled", f"no estimate, so not pooled: {first_few(_with_reasons(cohorts[~usable]))}")
    if usable.sum() < 2:
        raise Refused(
            "a meta-analysis needs two cohorts with an estimate",
            where=f"with one: {first_few(names[usable])}",
            hint="use cox for a single cohort, or give --cohort-column a column with several cohorts",
        )
    few = usable & (events < FEWEST_EVENTS)
    if few.any():
        warn(
            "few-events",
            f"fewer than {FEWEST_EVENTS} events in: {first_few(names[few])}; their standard errors are rough",
        )
    options: dict[str, Any] = {"hartung_knapp": hartung_knapp, "conf_level": conf_level}
    main = pool(log_hr[usable], se[usable], tau=tau, **options)
    fixed = pool(log_hr[usable], se[usable], tau="fixed", **options)
    facts = cohorts.assign(weight=np.nan)
    facts.loc[usable, "weight"] = main.weights * 100.0
    z = float(ndtri(0.5 + conf_level / 2.0))
    adjusted = f", adjusted for {', '.join(adjusted_for)}" if adjusted_for else ""
    method = "effect as given" if given else f"Cox{adjusted}"
    rows = [_cohort_row(facts.iloc[i], usable[i], few[i], z) | {"method": method} for i in range(len(facts))]
    totals = _totals(cohorts, usable)
    rows.append(_pooled_row("fixed", "all", fixed, totals, "inverse variance, fixed effect"))
    if tau != "fixed":
        rows.append(_pooled_row("random", "all", main, totals, _label(tau, hartung_knapp)))
        if usable.sum() < FEWEST_FOR_PREDICTION:
            rows[-1]["note"] = _join(rows[-1]["note"], f"no prediction interval below {FEWEST_FOR_PREDICTION} cohorts")
    if stratified is not None:
        rows.append(_stratified_row(stratified, z))
        rows[-1]["method"] += adjusted
    if usable.sum() > 2:
        for i in np.flatnonzero(usable):
            rest = usable.copy()
            rest[i] = False
            part = pool(log_hr[rest], se[rest], tau=tau, **options)
            label = "inverse variance, fixed effect" if tau == "fixed" else _label(tau, hartung_knapp)
            rows.append(_pooled_row("leave_out", names[i], part, _totals(cohorts, rest), label))
    if "subgroup" in cohorts.columns:
        label = "inverse variance, fixed effect" if tau == "fixed" else _label(tau, hartung_knapp)
        rows += subgroup_rows(cohorts["subgroup"], usable, lambda inside: _pooled_row(
            "subgroup", "all", pool(log_hr[inside], se[inside], tau=tau, **options), _totals(cohorts, inside), label)
            if inside.sum() > 1 else rows[int(np.flatnonzero(inside)[0])])  # fmt: skip
    rows += egger_row(log_hr[usable], se[usable])
    table = _on_scale(pd.DataFrame(rows, columns=list(META_COLUMNS)), scale)
    for column, value in (("unit", unit), ("endpoint", endpoint), ("population", population)):
        table[column] = np.nan if value is None else value
    return table


def _with_reasons(cohorts: pd.DataFrame) -> list[str]:
    reasons = cohorts["note"].fillna("") if "note" in cohorts.columns else [""] * len(cohorts)
    return [f"{name} ({why})" if why else str(name) for name, why in zip(cohorts["cohort"], reasons, strict=True)]


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float) if name in frame.columns else np.full(len(frame), np.nan)


def _totals(cohorts: pd.DataFrame, chosen: np.ndarray) -> dict[str, float]:
    return {name: _column(cohorts, name)[chosen].sum() for name in ("n", "events", "n_missing")}


def _label(tau: str, hartung_knapp: bool) -> str:
    name = {"reml": "REML", "dl": "DerSimonian-Laird", "pm": "Paule-Mandel"}[tau]
    return f"random effects, {name}" + (", Hartung-Knapp, never narrower than fixed" if hartung_knapp else "")


def _join(*notes: Any) -> str | None:
    return "; ".join(note for note in notes if note) or None


def _cohort_row(row: pd.Series, usable: bool, few: bool, z: float) -> dict[str, Any]:
    group = row.get("subgroup")
    note = row.get("note")
    note = None if note is None or note != note else str(note)
    made = {
        "row_type": "cohort",
        "cohort": row["cohort"],
        "weight": row["weight"],
        "subgroup": group,
        **{name: row.get(name, np.nan) for name in ("n", "events", "n_missing")},
    }
    if not usable:
        return made | {"note": _join(note, "not pooled: no estimate")}
    beta, se = float(row["log_hr"]), float(row["se"])
    return (
        made
        | _effect(beta, se, beta - z * se, beta + z * se)
        | {
            "statistic": beta / se,
            "p_value": float(2.0 * ndtr(-abs(beta / se))),
            "note": _join(note, f"fewer than {FEWEST_EVENTS} events" if few else None),
        }
    )


def _effect(beta: float, se: float, low: float, high: float) -> dict[str, float]:
    return {"estimate": beta, "se": se, "ci_low": low, "ci_high": high}


def _on_scale(table: pd.DataFrame, scale: str) -> pd.DataFrame:
    """The table with ratios and their limits, where effects are logarithms of ratios."""
    if scale == "difference":
        return table
    effects = table["row_type"] != "egger"
    table["log_hr"] = table["estimate"].where(effects)
    # a cohort near separation has limits beyond floating point; infinite is then what is meant
    with np.errstate(over="ignore"):
        table["hr"] = np.exp(table["log_hr"].astype(float))
        for column in ("ci_low", "ci_high", "pi_low", "pi_high"):
            table.loc[effects, column] = np.exp(table.loc[effects, column].astype(float))
    return table


def _pooled_row(row_type: str, cohort: str, pooled: Any, totals: dict[str, float], method: str) -> dict[str, Any]:
    return {
        "row_type": row_type,
        "cohort": cohort,
        **totals,
        "weight": 100.0 if cohort == "all" else np.nan,
        **_effect(pooled.effect, pooled.se, pooled.ci_low, pooled.ci_high),
        "p_value": pooled.p_value,
        "tau2": pooled.tau2,
        "tau2_method": pooled.tau_method,
        "i2": pooled.i2,
        "q": pooled.q,
        "q_df": pooled.q_df,
        "q_p": pooled.q_p,
        "tau2_low": pooled.tau2_low,
        "tau2_high": pooled.tau2_high,
        "pi_low": pooled.pi_low,
        "pi_high": pooled.pi_high,
        "statistic": pooled.statistic,
        "df": pooled.df,
        "method": method,
        "note": WIDENED if pooled.widened else None,
    }


def _stratified_row(stratified: dict[str, Any], z: float) -> dict[str, Any]:
    beta, se = float(stratified["log_hr"]), float(stratified["se"])
    return {
        "row_type": "stratified",
        "cohort": "all",
        "n": stratified.get("n", np.nan),
        "events": stratified.get("events", np.nan),
        "statistic": beta / se,
        **_effect(beta, se, beta - z * se, beta + z * se),
        "p_value": float(2.0 * ndtr(-abs(beta / se))),
        "method": "one Cox model, stratified by cohort",
    }
