"""Regression with competing events: the Fine-Gray model and the cause-specific Cox models, side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import pandas as pd

from prognomics.data.result_table import result_table
from prognomics.data.strata import cohorts_of, resolve_strata, strata_name
from prognomics.errors import Refused, UsageError, warn
from prognomics.modeling.coefficient_rows import coefficient_rows
from prognomics.modeling.fitted import FittedModel, warn_about_influence, warn_about_models
from prognomics.modeling.model_data import Coding, check_coding, nothing_estimable
from prognomics.survival.competing_risks.fine_gray import fit_fine_gray
from prognomics.survival.competing_risks.follow_up import CompetingFollowUp, competing_follow_up
from prognomics.survival.cox.fit import CoxFit
from prognomics.survival.cox.models import CoxData, cox_data
from prognomics.survival.cox.notes import warn_about_hazards
from prognomics.survival.cox.tables import TABLE_COLUMNS, ph_rows, ph_table

MODELS = {
    "fine_gray": ("fine_gray",),
    "cause_specific": ("cause_specific", "cause_specific_competing"),
    "both": ("fine_gray", "cause_specific", "cause_specific_competing"),
}
TIES = ("auto", "efron", "breslow")
WAY_ON = "Look at the curves; --censor-at MONTHS limits the model to early follow-up"
PH_SCALE = {"fine_gray": "identity"}
"""Time scale of the test of proportional hazards, where it is not that of `cox` (km)."""


@dataclass(frozen=True)
class FineGrayData(CoxData):
    """The data of a Cox analysis whose models are Fine-Gray models; `causes`, shape (n_samples,), has the 2 too."""

    causes: np.ndarray | None = None

    def _fit(self, rows: np.ndarray, x: np.ndarray, columns: Sequence[str], cluster: object = None) -> CoxFit:
        strata = None if self.strata is None else self.strata[rows]
        return fit_fine_gray(self.time[rows], self.causes[rows], x, strata, self.ties, columns, self.eps)


@dataclass(frozen=True)
class CompetingRegression:
    """`table` has exactly the columns of `--out-table`, `ph` those of `cox --out-ph`; `models` holds the fits."""

    table: pd.DataFrame
    ph: pd.DataFrame
    models: tuple[FittedModel, ...]


def competing_regression(
    frame: pd.DataFrame,
    time_months: object,
    causes: object,
    covariates: Sequence[str],
    *,
    model: str = "both",
    strata: Sequence[str] = ("auto",),
    ties: str = "auto",
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    conf_level: float = 0.95,
    endpoint: str = "",
    population: str = "all",
    eps: float = 1e-9,
) -> CompetingRegression:
    """Fit the models of all covariates together on their complete cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: covariates and strata.
    time_months, causes : array_like of shape (n_samples,), or names of columns
        Months; 0 censored, 1 event, 2 competing event. Missing values are omitted and counted.
    covariates : sequence of str
    model : {"fine_gray", "cause_specific", "both"}
        "cause_specific" has a model of each cause, in which the other one is censored.
    strata : sequence of str
        See `resolve_strata`. In the Fine-Gray model each stratum has its own censoring distribution.
    ties : {"auto", "efron", "breslow"}
        "auto" is Breslow in the Fine-Gray model (as `cmprsk::crr`, see `fit_fine_gray`), Efron in the others.
    factors, numerics, reference_levels
        See `build_design`.
    conf_level : float
    endpoint, population : str
        Named in the tables.
    eps : float
        See `fit_cox`.

    Returns
    -------
    CompetingRegression

    Raises
    ------
    Refused
        No event of interest; nothing estimable in a model of the event of interest.
    BadInput
        Unknown columns or levels, wrong values.
    UsageError
        Unknown options, no covariates, a covariate that is also a stratum.
    """
    covariates = list(covariates)
    for what, value, known in (("model", model, MODELS), ("handling of ties", ties, TIES)):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    if not covariates:
        raise UsageError("no covariates were named", hint="name a variable with --covariate, or a gene with --gene")
    check_coding(frame, covariates, [*factors, *numerics, *(reference_levels or {})])
    stratifying = resolve_strata(frame, strata)
    for name in covariates:
        if name in stratifying:
            raise UsageError(f"{name!r} is a covariate and a stratum at once", hint="set the strata to none")
    follow_up = competing_follow_up(frame, time_months, causes)
    cohorts = cohorts_of(frame[follow_up.known])
    if not stratifying and len(cohorts) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts)} cohorts are analyzed as one: differences between them in the covariate and in the hazard "
            "are confounded with its effect; the stratified model is preferred",
        )
    coding = Coding(factors, numerics, reference_levels or {})
    fitted = []
    for kind in MODELS[model]:
        method = _ties(kind, ties)
        make = partial(_data, frame, follow_up, covariates, coding, stratifying, method, eps, conf_level)
        one = _fitted(make, kind, covariates, follow_up)
        if one is not None:
            fitted.append(one)
    models = tuple(one for _, one in fitted)
    warn_about_models(models)
    warn_about_influence(models[:1], frame)
    rows, ph = [], []
    for data, one in fitted:
        facts = {"ties": data.ties, "method": _method(one.kind, data.ties, stratifying),
                 "n_competing": int((follow_up.causes[one.design.complete] == 2).sum())}  # fmt: skip
        rows += [facts | row for row in coefficient_rows(one, {}, conf_level, partial(data.lr_p, one))]
        ph += [{"ties": data.ties} | row for row in ph_rows(one, PH_SCALE.get(one.kind, "km"))]
    for kind in dict.fromkeys(row["model"] for row in ph):
        warn_about_hazards([row for row in ph if row["model"] == kind], WAY_ON)
    common = {"endpoint": endpoint, "population": population, "strata": strata_name(stratifying)}
    said = "scaled Schoenfeld residuals" + (f", stratified by {' and '.join(stratifying)}" if stratifying else "")
    return CompetingRegression(
        result_table(rows, (*TABLE_COLUMNS, "n_competing"), **common), ph_table(ph, {**common, "method": said}), models
    )


def _ties(kind: str, ties: str) -> str:
    if ties != "auto":
        return ties
    return "breslow" if kind == "fine_gray" else "efron"


def _data(frame, follow_up, covariates, coding, stratifying, ties, eps, conf_level, kind) -> CoxData:
    event = (follow_up.causes == (2 if kind == "cause_specific_competing" else 1)).astype(float)
    event[~follow_up.known] = np.nan
    data = cox_data(
        frame, follow_up.time, event, covariates, coding, stratifying=stratifying, cluster=None, weights=None,
        entry_months=None, ties=ties, penalty="none", eps=eps, conf_level=conf_level,
    )  # fmt: skip
    if kind != "fine_gray":
        return data
    own = {field.name: getattr(data, field.name) for field in fields(CoxData)}
    return FineGrayData(**own, causes=follow_up.causes)


def _fitted(make, kind, covariates, follow_up: CompetingFollowUp) -> tuple[CoxData, FittedModel] | None:
    """A model with its data; None where that of the competing event cannot be fitted next to the others."""
    if kind == "cause_specific_competing" and not (follow_up.causes[follow_up.known] == 2).any():
        return None
    try:
        data = make(kind)
        one = data.fit(covariates, kind, "all")
        if not one.fit.estimable.any():
            raise nothing_estimable({kind: one}, covariates)
    except Refused as refusal:
        if kind != "cause_specific_competing":
            raise
        warn("model-left-out", f"{kind}: {refusal.what}")
        return None
    return data, one


def _method(kind: str, ties: str, stratifying: Sequence[str]) -> str:
    by = f", stratified by {' and '.join(stratifying)}" if stratifying else ""
    if kind == "fine_gray":
        as_crr = ties == "breslow" and not stratifying
        return f"Fine-Gray model, {ties.capitalize()} ties{by}, robust variance " + (
            "with the estimated censoring distribution (as cmprsk::crr)" if as_crr
            else "by sample (as survival::finegray and coxph)"
        )  # fmt: skip
    censored = "competing events" if kind == "cause_specific" else "events of interest"
    modeled = "" if kind == "cause_specific" else " of the competing event"
    return f"Cox proportional hazards{modeled}, {ties.capitalize()} ties{by}, {censored} censored"
