"""The Cox analysis of a sample sheet: univariable and multivariable models and their three tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from prognomics.data.strata import cohorts_of, resolve_strata, strata_name
from prognomics.errors import UsageError, unknown_name, warn
from prognomics.modeling.coefficient_rows import coefficient_rows, rows_within_strata
from prognomics.modeling.design_terms import check_interactions
from prognomics.modeling.fitted import warn_about_influence, warn_about_models
from prognomics.modeling.model_data import Coding, check_coding
from prognomics.modeling.selection import ENTRIES, MODELS, choose_models, complete_case_models, tell_different_samples
from prognomics.modeling.stratum_interactions import strata_that_interact
from prognomics.survival.cox.models import CoxData, check_penalty, cox_data
from prognomics.survival.cox.notes import warn_about_hazards
from prognomics.survival.cox.pooled import imputed_rows
from prognomics.survival.cox.proportional_hazards import TRANSFORMS
from prognomics.survival.cox.subgroups import check_subgroups
from prognomics.survival.cox.tables import coefficient_table, model_row, model_table, ph_rows, ph_table
from prognomics.survival.cox.time_varying import check_time_varying, model_over_time


@dataclass(frozen=True)
class CoxAnalysis:
    """Tables of a Cox analysis, with exactly the columns of `--out-table`, `--out-model`, `--out-ph`.

    `models` holds the fits behind them, `data` what they were fitted to, `common` what all tables say.
    `over_time` has for each of the models the one with effects that change over time, or None.
    """

    table: pd.DataFrame
    model: pd.DataFrame
    ph: pd.DataFrame
    models: tuple[Any, ...]
    data: CoxData
    common: dict[str, Any]
    markers: tuple[Any, ...]
    covariates: tuple[Any, ...] = ()
    subgroups: tuple[Any, ...] = ()
    stratifying: tuple[Any, ...] = ()
    over_time: tuple[Any, ...] = ()


def cox_analysis(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    covariates: Sequence[str],
    *,
    strata: Sequence[str] = ("auto",),
    ties: str = "efron",
    model: str = "both",
    entry: str = "all",
    entry_alpha: float = 0.05,
    reference_levels: Mapping[str, str] | None = None,
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    units: Mapping[str, str] | None = None,
    cluster: str | None = None,
    transform: str | Sequence[str] = "km",
    conf_level: float = 0.95,
    entry_time: object | None = None,
    weights: object | None = None,
    splines: Sequence[str] = (),
    n_knots: int = 4,
    interactions: Sequence[tuple[str, str]] = (),
    penalty: str = "none",
    keep: Sequence[str] = (),
    markers: Sequence[str] = (),
    subgroups: Sequence[str] = (),
    time_varying: Sequence[str] = (),
    time_function: str = "step",
    time_splits: Sequence[float] = (),
    n_imputations: int = 0,
    seed: int = 1,
    complete_cases: bool = False,
    endpoint: str = "",
    population: str = "all",
    eps: float = 1e-14,
) -> CoxAnalysis:
    """Fit a model for each covariate, and one for all of them together.

    Each univariable model uses the samples complete for its covariate, the multivariable one
    those complete for all of its covariates.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: covariates, strata and cluster columns; `sample_id` if there is one.
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are excluded and counted.
    covariates : sequence of str
    strata : sequence of str
        See `resolve_strata`.
    ties : {"efron", "breslow"}
    model : {"univariable", "multivariable", "both"}
    entry : {"all", "univariable", "both"}
        See `choose_models`.
    entry_alpha : float
    reference_levels, factors, numerics
        See `build_design`.
    units : mapping of covariate to str, optional
        What one unit of a numeric term is; "1" by default.
    cluster : str, optional
        Column of clusters, for robust standard errors.
    transform : {"km", "rank", "identity", "log"}, or several of them
        Time scales of the test of proportional hazards; the warning is of the first.
    conf_level : float
    entry_time : array_like or str, optional
        Times of late entry, months.
    weights : array_like or str, optional
        Case weights; those that are not integers make standard errors robust, as coxph.
    splines : sequence of str, n_knots : int
        Covariates that enter as restricted cubic splines.
    interactions : sequence of pairs of covariates
        Products that enter every model of both. One part may be a stratum: its own effect is in the baselines,
        and rows of type `within` give the other part's hazard ratio in each of its levels.
    penalty : {"none", "firth"}
        Firth's penalty: estimates stay finite under separation; intervals and p-values are of the
        profile likelihood.
    keep : sequence of str
        Standard covariates, that the entry rule does not exclude.
    markers : sequence of str
        Covariates whose addition to the others is of interest, see `added_value_table`.
    subgroups : sequence of str
        Columns in whose levels the markers' effect is of interest, see `subgroup_table`.
    time_varying : sequence of str, time_function : {"step", "log"}, time_splits : sequence of float
        Covariates whose effect changes over time, how, and the months of steps; see `model_over_time`. The tests of
        proportional hazards are of the model with constant effects.
    n_imputations, seed : int
        Two or more: models of imputed covariates are added next to those of complete cases, see `imputed_rows`.
    complete_cases : bool
        Add to the table each covariate of the joint model alone in the samples of that model, see
        `complete_case_models`.
    endpoint, population : str
        Named in the tables.
    eps : float
        See `fit_cox`.

    Returns
    -------
    CoxAnalysis

    Raises
    ------
    Refused
        No events; nothing estimable in a model; no covariate selected for the only model.
    BadInput
        Unknown columns or levels, wrong values.
    UsageError
        Unknown options, no covariates, a covariate that is also a stratum.
    """
    covariates = list(covariates)
    transforms = [transform] if isinstance(transform, str) else list(dict.fromkeys(transform))
    _check_options(covariates, model, entry, entry_alpha, transforms)
    check_penalty(penalty, cluster)
    stratifying = resolve_strata(frame, strata)
    interacting = strata_that_interact(interactions, stratifying)
    check_interactions(interactions, [*covariates, *interacting])
    subgroups = check_subgroups(frame, subgroups, markers)
    check_coding(frame, [*covariates, *interacting, *subgroups], [*factors, *numerics, *(reference_levels or {})])
    for what, names in (("covariates to keep", keep), ("markers", markers)):
        for name in names:
            if name not in covariates:
                raise unknown_name("covariate", name, covariates, where=what)
    for name in covariates:
        if name in stratifying:
            raise UsageError(
                f"{name!r} is a covariate and a stratum at once",
                hint="leave it out of the covariates (an interaction with it may stay), or set the strata to none",
            )
    fixed = {*splines, *(name for pair in interactions for name in pair)}
    asked = check_time_varying(time_varying, time_function, time_splits, covariates, fixed, penalty)
    coding = Coding(factors, numerics, reference_levels or {}, tuple(splines), n_knots, tuple(interactions))
    data = cox_data(
        frame, time_months, event, [*covariates, *subgroups], coding, stratifying=stratifying, cluster=cluster,
        weights=weights, entry_months=entry_time, ties=ties, penalty=penalty, eps=eps, conf_level=conf_level,
    )  # fmt: skip
    cohorts = cohorts_of(frame[data.eligible])
    if not stratifying and len(cohorts) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts)} cohorts are analyzed as one: differences between them in "
            "the covariate and in the hazard pass for an effect; the stratified model is the one to trust",
        )
    models = choose_models(data, covariates, model, entry, entry_alpha, keep)
    tell_different_samples(models, complete_cases)
    over_time = [model_over_time(one, asked, data) if asked.terms else None for one in models]
    warn_about_models(
        [one if changed is None else changed.model for one, changed in zip(models, over_time, strict=True)]
    )
    warn_about_influence(models, frame)
    common = {
        "endpoint": endpoint,
        "population": population,
        "strata": strata_name(stratifying),
        "ties": ties,
        "method": _method(ties, stratifying, cluster, weights, entry_time, penalty),
    }
    rows, summaries = [], []
    for one, changed in zip(models, over_time, strict=True):
        if changed is not None:
            rows += changed.rows
            summaries.append(changed.model_row)
            continue
        rows += coefficient_rows(one, dict(units or {}), conf_level, partial(data.lr_p, one))
        rows += rows_within_strata(one, data, conf_level)
        summaries.append(model_row(one))
    if n_imputations:
        if asked.terms or penalty != "none" or entry != "all":
            raise UsageError("imputation goes with constant effects, no penalty, and entry of all covariates",
                             hint="omit --time-varying, --penalty and --entry")  # fmt: skip
        rows += imputed_rows(data, models, covariates, markers, n_imputations, seed, conf_level)
    for one in complete_case_models(data, models) if complete_cases else []:
        rows += coefficient_rows(one, dict(units or {}), conf_level, partial(data.lr_p, one))
    ph = [row for one in models for scale in transforms for row in ph_rows(one, scale)]
    warn_about_hazards([row for row in ph if row["term"] not in asked.terms])
    # columns follow the order of their definition without a gap, so that a column has one place
    more = ["interval", "n_imputed", "fmi"] if n_imputations else ["interval"] if asked.terms else []
    return CoxAnalysis(
        coefficient_table(rows, common, more), model_table(summaries, common),
        ph_table(ph, common), tuple(models), data, common, tuple(markers),
        tuple(covariates), subgroups, tuple(stratifying), tuple(over_time) if asked.terms else (),
    )  # fmt: skip


def _check_options(covariates: list[str], model: str, entry: str, entry_alpha: float, transforms: list[str]) -> None:
    for what, value, known in (
        ("model", model, MODELS),
        ("entry", entry, ENTRIES),
        *(("transform", transform, TRANSFORMS) for transform in transforms),
    ):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    if not covariates:
        raise UsageError("no covariates were named")
    if not 0 < entry_alpha <= 1:
        raise UsageError(f"the entry level is {entry_alpha}; it lies between 0 and 1")


def _method(
    ties: str, stratifying: list[str], cluster: str | None, weights: str | None, entry_time: str | None, penalty: str
) -> str:
    text = f"Cox proportional hazards, {ties.capitalize()} ties"
    if penalty == "firth":
        text += ", Firth's penalty, intervals and p-values of the profile penalized likelihood"
    if stratifying:
        text += f", stratified by {' and '.join(stratifying)}"
    if weights is not None:
        text += ", case weights"
    if entry_time is not None:
        text += ", late entry"
    if cluster is not None:
        text += f", robust standard errors clustered by {cluster}"
    return text
