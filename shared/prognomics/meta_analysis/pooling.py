"""Combine the effects of cohorts: fixed effect, random effects, heterogeneity, leave-one-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from prognomics.errors import BadInput, Refused, first_few, warn
from prognomics.meta_analysis.asymmetry import egger_row
from prognomics.meta_analysis.heterogeneity import tau2_at, tau2_limits
from prognomics.meta_analysis.subgroups import subgroup_rows

TAU_METHODS = ("reml", "dl", "pm", "fixed")
SCALES = ("log_ratio", "difference")
FEWEST_FOR_PREDICTION = 5
FEWEST_EVENTS = 10
WIDENED = "Hartung-Knapp's interval was narrower than the fixed one: the fixed standard error is used"

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


@dataclass(frozen=True)
class Pooled:
    """A pooled effect, of ratios on the log scale.

    Attributes
    ----------
    effect, se, ci_low, ci_high : float
    statistic, df, p_value : float
        z (df NaN), or t with k - 1 degrees of freedom.
    weights : ndarray
        Fraction of each effect, summing to one.
    tau2, i2, h2 : float
        Between-cohort variance and the fraction of variance it makes; 0 for a fixed effect.
    q, q_df, q_p : float
        Cochran's test of heterogeneity.
    tau2_low, tau2_high : float
        Limits of the between-cohort variance by the Q-profile method; NaN for a fixed effect.
    pi_low, pi_high : float
        Prediction interval for a new cohort; NaN below five cohorts and for a fixed effect.
    widened : bool
        Hartung-Knapp's interval was narrower than the fixed one, whose width was taken instead.
    """

    effect: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float
    p_value: float
    weights: np.ndarray
    tau2: float
    tau_method: str
    i2: float
    q: float
    q_df: int
    q_p: float
    tau2_low: float = np.nan
    tau2_high: float = np.nan
    pi_low: float = np.nan
    pi_high: float = np.nan
    widened: bool = False


def pool(effects, se, *, tau: str, hartung_knapp: bool, conf_level: float = 0.95) -> Pooled:
    """Pool effects by inverse variance, with fixed or random effects.

    Parameters
    ----------
    effects, se : array_like, shape (n_cohorts,)
        Log hazard ratios and their standard errors, finite and positive.
    tau : {"reml", "dl", "pm", "fixed"}
        Estimator of the between-cohort variance: restricted maximum likelihood (Viechtbauer 2005,
        doi:10.3102/10769986030003261), DerSimonian and Laird 1986 (doi:10.1016/0197-2456(86)90046-2),
        Paule and Mandel 1982 (doi:10.6028/jres.087.022), or none.
    hartung_knapp : bool
        For random effects, Hartung and Knapp's standard error with Student's t
        (doi:10.1002/sim.1791). With effects that happen to lie close its interval may come out narrower
        than the fixed-effect one; then the fixed-effect standard error and the normal
        distribution are used (`widened`), so that the interval is never narrower than fixed.
    conf_level : float

    Returns
    -------
    Pooled

    Raises
    ------
    Refused
        With fewer than two effects.

    Notes
    -----
    Equals `metafor::rma(method = "REML" | "DL" | "PM" | "FE")`, with `test = "knha"` unless `widened`.
    I² is 100 tau² / (tau² + typical variance), as metafor. The prediction interval is
    effect ± c sqrt(tau² + se²), c the quantile of t with k - 1 degrees of freedom for
    Hartung-Knapp, else of the normal, as `predict.rma`. Limits of tau² are those of `confint.rma`.
    """
    effects, se = np.asarray(effects, dtype=float), np.asarray(se, dtype=float)
    if tau not in TAU_METHODS:
        raise BadInput(f"unknown estimator {tau!r}", hint=f"one of {', '.join(TAU_METHODS)}")
    if len(effects) < 2:
        raise Refused(
            "a meta-analysis needs two cohorts with an estimate",
            where=f"{len(effects)} given",
            hint="use cox for a single cohort",
        )
    k, variance = len(effects), se**2
    # relative to the most precise effect, whose residual would else be rounding times a large weight
    origin = float(effects[np.argmin(se)])
    effects = effects - origin
    fixed_weight = 1.0 / variance
    fixed_effect = float(fixed_weight @ effects / fixed_weight.sum())
    fixed_se = float(1.0 / np.sqrt(fixed_weight.sum()))
    q = float(fixed_weight @ (effects - fixed_effect) ** 2)
    heterogeneity: dict[str, Any] = {"q": q, "q_df": k - 1, "q_p": float(chdtrc(k - 1, q))}
    z = float(ndtri(0.5 + conf_level / 2.0))
    # the typical sampling variance (Higgins and Thompson 2002, doi:10.1002/sim.1186)
    spread = _spread_of_weights(fixed_weight)
    typical = (k - 1) / spread
    if tau == "fixed":
        fixed = fixed_effect + origin
        statistic = fixed / fixed_se
        return Pooled(
            fixed,
            fixed_se,
            fixed - z * fixed_se,
            fixed + z * fixed_se,
            statistic,
            np.nan,
            float(2.0 * ndtr(-abs(statistic))),
            fixed_weight / fixed_weight.sum(),
            0.0,
            "none",
            100.0 * max(0.0, 1.0 - (k - 1) / q) if q > 0 else 0.0,
            **heterogeneity,
        )
    heterogeneity["tau2_low"], heterogeneity["tau2_high"] = tau2_limits(effects, variance, conf_level)
    tau2 = {
        "dl": lambda: max(0.0, (q - (k - 1)) / spread), "pm": lambda: tau2_at(effects, variance, k - 1.0),
        "reml": lambda: _tau2_reml(effects, variance),
    }[tau]()  # fmt: skip
    weight = 1.0 / (variance + tau2)
    effect = float(weight @ effects / weight.sum())
    wald_se = float(1.0 / np.sqrt(weight.sum()))
    t = float(stdtrit(k - 1, 0.5 + conf_level / 2.0))
    error, df, reach, widened = wald_se, np.nan, z, False
    if hartung_knapp:
        knapped = float(np.sqrt(weight @ (effects - effect) ** 2 / (k - 1))) * wald_se
        widened = t * knapped < z * fixed_se
        error, df, reach = (fixed_se, np.nan, z) if widened else (knapped, float(k - 1), t)
    effect += origin
    statistic = effect / error
    p_value = 2.0 * (ndtr(-abs(statistic)) if np.isnan(df) else stdtr(df, -abs(statistic)))
    ahead = reach * np.sqrt(tau2 + error**2) if k >= FEWEST_FOR_PREDICTION else np.nan
    return Pooled(
        effect,
        error,
        effect - reach * error,
        effect + reach * error,
        statistic,
        df,
        float(p_value),
        weight / weight.sum(),
        tau2,
        tau,
        float(100.0 * tau2 / (tau2 + typical)),
        **heterogeneity,
        pi_low=float(effect - ahead),
        pi_high=float(effect + ahead),
        widened=widened,
    )


def _spread_of_weights(weight: np.ndarray) -> float:
    """The sum of weights less the sum of their squares divided by it, without the difference of large numbers."""
    others = np.array([np.delete(weight, i).sum() for i in range(len(weight))])
    return float(weight @ others / weight.sum())


def _tau2_reml(effects, variance):
    """Root of the restricted likelihood's score in tau², 0 where the score is negative from there on.

    The score is bracketed on a grid and bisected: unlike Fisher scoring this neither overshoots nor
    stops early. Of several maxima the one with the highest likelihood is taken.
    """

    def score(tau2):
        """At each tau², shape (n_points,)."""
        weight = 1.0 / (variance + np.reshape(tau2, (-1, 1)))
        total, squares = weight.sum(axis=1), (weight**2).sum(axis=1)
        residual = effects - (weight @ effects / total)[:, None]
        return ((weight * residual) ** 2).sum(axis=1) - total + squares / total

    def log_likelihood(tau2):
        weight = 1.0 / (variance + tau2)
        residual = effects - weight @ effects / weight.sum()
        return 0.5 * float(np.log(weight).sum() - np.log(weight.sum()) - weight @ residual**2)

    top = 10.0 * (float(np.ptp(effects)) ** 2 + float(variance.max()))
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * min(float(variance.min()), top), top, 400)])
    slopes = score(grid)
    found = [0.0]
    for i in np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0)):
        low, high = grid[i], grid[i + 1]
        for _ in range(200):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            low, high = (middle, high) if score(middle)[0] > 0 else (low, middle)
        found.append(0.5 * (low + high))
    return float(max(found, key=log_likelihood))


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
    cohorts : DataFrame, one row a cohort
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
        raise BadInput("a cohort occurs twice among the effects", where=first_few(twice), hint="one row a cohort")
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
    options = {"hartung_knapp": hartung_knapp, "conf_level": conf_level}
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


def _with_reasons(cohorts):
    reasons = cohorts["note"].fillna("") if "note" in cohorts.columns else [""] * len(cohorts)
    return [f"{name} ({why})" if why else str(name) for name, why in zip(cohorts["cohort"], reasons, strict=True)]


def _column(frame, name):
    return frame[name].to_numpy(dtype=float) if name in frame.columns else np.full(len(frame), np.nan)


def _totals(cohorts, chosen):
    return {name: _column(cohorts, name)[chosen].sum() for name in ("n", "events", "n_missing")}


def _label(tau, hartung_knapp):
    name = {"reml": "REML", "dl": "DerSimonian-Laird", "pm": "Paule-Mandel"}[tau]
    return f"random effects, {name}" + (", Hartung-Knapp, never narrower than fixed" if hartung_knapp else "")


def _join(*notes):
    return "; ".join(note for note in notes if note) or None


def _cohort_row(row, usable, few, z):
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


def _effect(beta, se, low, high):
    return {"estimate": beta, "se": se, "ci_low": low, "ci_high": high}


def _on_scale(table, scale):
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


def _pooled_row(row_type, cohort, pooled, totals, method):
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


def _stratified_row(stratified, z):
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
