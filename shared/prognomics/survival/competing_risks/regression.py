"""Regression with competing events: the Fine-Gray model and the cause-specific Cox models, side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

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
MODEL_KINDS = ("univariable", "multivariable", "both")
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
    model_kind: str = "multivariable",
    strata: Sequence[str] = ("auto",),
    ties: str = "auto",
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    conf_level: float = 0.95,
    endpoint: str = "",
    population: str = "all",
    eps: float = 1e-14,
) -> CompetingRegression:
    """Fit the models of all covariates together, or of each alone, on their complete cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: covariates and strata.
    time_months, causes : array_like of shape (n_samples,), or names of columns
        Months; 0 censored, 1 event, 2 competing event. Missing values are omitted and counted.
    covariates : sequence of str
    model : {"fine_gray", "cause_specific", "both"}
        "cause_specific" has a model of each cause, in which the other one is censored.
    model_kind : {"univariable", "multivariable", "both"}
        Each covariate alone, all together, or first the ones and then the others; in the column `model_kind`.
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
    options = (("model", model, MODELS), ("kind of model", model_kind, MODEL_KINDS), ("handling of ties", ties, TIES))
    for what, value, known in options:
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
        make = partial(_data, frame, follow_up, covariates, coding, stratifying, _ties(kind, ties), eps, conf_level)
        fitted += _fitted(make, kind, _sets(covariates, model_kind), follow_up)
    models = tuple(one for _, _, one in fitted)
    warn_about_models(models)
    warn_about_influence([one for one in models if one.kind == models[0].kind], frame)
    rows: list[dict[str, Any]] = []
    ph: list[dict[str, Any]] = []
    for named, data, one in fitted:
        facts = {"ties": data.ties, "method": _method(one.kind, data.ties, stratifying), "model_kind": named,
                 "n_competing": int((follow_up.causes[one.design.complete] == 2).sum())}  # fmt: skip
        rows += [facts | row for row in coefficient_rows(one, {}, conf_level, partial(data.lr_p, one))]
        ph += [{"ties": data.ties} | row for row in ph_rows(one, PH_SCALE.get(one.kind, "km"))]
    for kind in dict.fromkeys(row["model"] for row in ph):
        warn_about_hazards([row for row in ph if row["model"] == kind], WAY_ON)
    common = {"endpoint": endpoint, "population": population, "strata": strata_name(stratifying)}
    said = "scaled Schoenfeld residuals" + (f", stratified by {' and '.join(stratifying)}" if stratifying else "")
    columns = (*TABLE_COLUMNS, "n_competing", "model_kind")
    return CompetingRegression(result_table(rows, columns, **common), ph_table(ph, {**common, "method": said}), models)


def _sets(covariates: Sequence[str], model_kind: str) -> list[tuple[str, list[str]]]:
    """The covariates of each model, with its kind."""
    alone = [] if model_kind == "multivariable" else [("univariable", [name]) for name in covariates]
    return alone if model_kind == "univariable" else [*alone, ("multivariable", list(covariates))]


def _ties(kind: str, ties: str) -> str:
    if ties != "auto":
        return ties
    return "breslow" if kind == "fine_gray" else "efron"


def _data(
    frame: pd.DataFrame,
    follow_up: CompetingFollowUp,
    covariates: Sequence[str],
    coding: Coding,
    stratifying: Sequence[str],
    ties: str,
    eps: float,
    conf_level: float,
    kind: str,
) -> CoxData:
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


def _fitted(
    make: Callable[[str], CoxData], kind: str, sets: Sequence[tuple[str, list[str]]], follow_up: CompetingFollowUp
) -> list[tuple[str, CoxData, FittedModel]]:
    """The models of a kind, with their data; none where those of the competing event cannot be fitted."""
    if kind == "cause_specific_competing" and not (follow_up.causes[follow_up.known] == 2).any():
        return []
    try:
        data = make(kind)
        fitted = [(named, data, data.fit(names, kind, "all")) for named, names in sets]
        if not any(one.fit.estimable.any() for _, _, one in fitted):
            raise nothing_estimable({kind: fitted[-1][2]}, sets[-1][1])
    except Refused as refusal:
        if kind != "cause_specific_competing":
            raise
        warn("model-left-out", f"{kind}: {refusal.what}")
        return []
    return fitted


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
