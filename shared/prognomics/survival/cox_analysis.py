"""The Cox analysis of a sample sheet: univariable and multivariable models and their three tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import Refused, UsageFault, first_few, unknown_name, warn
from prognomics.survival.cox import CoxFit, fit_cox
from prognomics.survival.cox_notes import FittedModel, warn_of_hazards, warn_of_models, why_not_estimable
from prognomics.survival.cox_tables import (
    coefficient_rows,
    coefficient_table,
    model_row,
    model_table,
    ph_rows,
    ph_table,
)
from prognomics.survival.cox_tests import likelihood_ratio_test, wald_test
from prognomics.survival.design_matrix import build_design, text_values
from prognomics.survival.proportional_hazards import TRANSFORMS
from prognomics.survival.result_table import endpoint_arrays
from prognomics.survival.strata import cohorts_of, resolve_strata, strata_name, stratum_labels

MODELS = ("univariable", "multivariable", "both")
ENTRIES = ("all", "univariable")


@dataclass(frozen=True)
class CoxAnalysis:
    """Tables of a Cox analysis, with exactly the columns of `--out-table`, `--out-model`, `--out-ph`.

    `models` holds the fits behind them.
    """

    table: pd.DataFrame
    model: pd.DataFrame
    ph: pd.DataFrame
    models: tuple


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
    transform: str = "km",
    conf_level: float = 0.95,
    entry_time: object | None = None,
    endpoint: str = "",
    population: str = "all",
    eps: float = 1e-9,
) -> CoxAnalysis:
    """Fit a model for each covariate, and one for all of them together.

    Each univariable model uses the samples complete for its covariate, the multivariable one
    those complete for all of its covariates.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a sample: covariates, strata and cluster columns; `sample_id` if there is one.
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are left out and counted.
    covariates : sequence of str
    strata : sequence of str
        See `resolve_strata`.
    ties : {"efron", "breslow"}
    model : {"univariable", "multivariable", "both"}
    entry : {"all", "univariable"}
        With "univariable" only covariates with p < `entry_alpha` in their univariable model
        enter the multivariable one: Wald's p of a numeric term or of a factor as a whole, the
        likelihood-ratio p where Wald's is undefined.
    entry_alpha : float
    reference_levels, factors, numerics
        See `build_design`.
    units : mapping of covariate to str, optional
        What one unit of a numeric term is; "1" by default.
    cluster : str, optional
        Column of clusters, for robust standard errors.
    transform : {"km", "rank", "identity", "log"}
        Time scale of the test of proportional hazards.
    conf_level : float
    entry_time : array_like or str, optional
        Times of late entry.
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
    UsageFault
        Unknown options, no covariates, a covariate that is also a stratum.
    """
    covariates = list(covariates)
    _check_options(covariates, model, entry, entry_alpha, transform)
    _check_coding(frame, covariates, [*factors, *numerics, *(reference_levels or {})])
    time, event, known = endpoint_arrays(frame, time_months, event)
    stratifying = resolve_strata(frame, strata)
    for name in covariates:
        if name in stratifying:
            raise UsageFault(
                f"{name!r} is a covariate and a stratum at once",
                hint="leave it out of the covariates, or set the strata to none",
            )
    labels, stratum_known = stratum_labels(frame, stratifying)
    late = None if entry_time is None else endpoint_arrays(frame, entry_time, event, False)[0]
    clusters, cluster_known = _cluster_labels(frame, cluster)
    eligible = known & stratum_known & cluster_known & (True if late is None else ~np.isnan(late))
    if not stratifying and len(cohorts_of(frame[eligible])) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts_of(frame[eligible]))} cohorts are analysed as one: differences between them in "
            "the covariate and in the hazard pass for an effect; the stratified model is the one to trust",
        )

    def fit(names: Sequence[str], kind: str, selected_by: str = "") -> FittedModel | None:
        design = build_design(frame, names, event, eligible, factors, numerics, reference_levels)
        rows = design.complete
        if not (event[rows] == 1).any():
            raise Refused(
                f"the {kind} model of {' + '.join(names)} has no events in {int(rows.sum())} complete cases",
                hint="check the missing values of the covariates, the subset and the endpoint",
            )
        fitted = fit_cox(
            time[rows], event[rows], design.x, None if labels is None else labels[rows], ties, None,
            None if late is None else late[rows], None if clusters is None else clusters[rows],
            design.columns, eps,
        )  # fmt: skip
        of_clusters = None if clusters is None else clusters[rows]
        return FittedModel(kind, design, fitted, of_clusters, len(frame) - int(rows.sum()), selected_by)

    models = []
    univariable = {}
    if model != "multivariable" or entry == "univariable":
        for name in covariates:
            univariable[name] = _try_fit(fit, name, only=len(covariates) == 1)
        if not any(one is not None and one.fit.estimable.any() for one in univariable.values()):
            raise _nothing_estimable(univariable, covariates)
    if model != "multivariable":
        models += [one for one in univariable.values() if one is not None]
    if model != "univariable":
        entered = covariates
        if entry == "univariable":
            entered = [name for name, one in univariable.items() if entry_p(one) < entry_alpha]
        if not entered:
            text = (
                f"no covariate has p < {entry_alpha:g} in its univariable model, so none enters a joint one"
            )
            if model == "multivariable":
                raise Refused(text, hint="set the entry to all, or look at the univariable models")
            warn("no-covariate-selected", text)
        else:
            together = fit(entered, "multivariable", entry)
            if not together.fit.estimable.any():
                raise _nothing_estimable({"multivariable": together}, entered)
            models.append(together)
    warn_of_models(models)

    common = {
        "endpoint": endpoint,
        "population": population,
        "strata": strata_name(stratifying),
        "ties": ties,
        "method": _method(ties, stratifying, cluster),
    }
    rows, ph = [], []
    for one in models:
        rows += coefficient_rows(one, dict(units or {}), conf_level, _refit(one, labels, late, eps))
        ph += ph_rows(one, transform)
    warn_of_hazards(ph)
    return CoxAnalysis(
        coefficient_table(rows, common), model_table([model_row(one) for one in models], common),
        ph_table(ph, common), tuple(models),
    )  # fmt: skip


def entry_p(model: FittedModel | None) -> float:
    """The p-value that decides whether a univariable model's covariate enters the joint model."""
    if model is None or model.fit.df == 0:
        return float("nan")
    wald = wald_test(model.fit, model.design.terms[0].columns)
    return wald.p_value if not np.isnan(wald.p_value) else likelihood_ratio_test(model.fit).p_value


def _check_options(covariates, model, entry, entry_alpha, transform):
    for what, value, known in (
        ("model", model, MODELS),
        ("entry", entry, ENTRIES),
        ("transform", transform, TRANSFORMS),
    ):
        if value not in known:
            raise UsageFault(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    if not covariates:
        raise UsageFault("no covariates were named")
    if not 0 < entry_alpha <= 1:
        raise UsageFault(f"the entry level is {entry_alpha}; it lies between 0 and 1")


def _check_coding(frame, covariates, coded):
    for name in coded:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns), where="samples and annotations")
    idle = [name for name in dict.fromkeys(coded) if name not in covariates]
    if idle:
        warn("coding-unused", f"the coding of {first_few(idle)} has no effect: no covariate has that name")


def _cluster_labels(frame, cluster):
    if cluster is None:
        return None, np.ones(len(frame), dtype=bool)
    if cluster not in frame.columns:
        raise unknown_name("cluster column", cluster, map(str, frame.columns), where="sample sheet")
    labels = text_values(frame[cluster])
    return labels.fillna("").to_numpy(dtype=str), labels.notna().to_numpy()


def _try_fit(fit, name, only):
    """A univariable model, or None with a warning where it cannot be fitted beside others."""
    try:
        return fit([name], "univariable")
    except Refused as refusal:
        if only:
            raise
        warn("model-left-out", f"{name}: {refusal.what}")
        return None


def _nothing_estimable(models: Mapping[str, FittedModel | None], covariates) -> Refused:
    reasons = []
    for one in models.values():
        if one is None:
            continue
        for term in one.design.terms:
            reasons.append(f"{term.name}: {why_not_estimable(term, one.fit)}")
    return Refused(
        f"nothing can be estimated for {' + '.join(covariates)}",
        where="; ".join(reasons[:5]),
        hint="a covariate must vary among samples at risk, with events at more than one of its levels",
    )


def _refit(model: FittedModel, labels, late, eps):
    """A function that fits the model without some of its columns; None when none is left."""
    rows = model.design.complete

    def without(columns: Collection[int]) -> CoxFit | None:
        left = model.design.without(columns)
        if not left:
            return None
        fit = model.fit
        return fit_cox(
            fit.time, fit.event, model.design.x[:, left], None if labels is None else labels[rows], fit.ties,
            None, None if late is None else late[rows], None, [fit.columns[j] for j in left], eps,
        )  # fmt: skip

    return without


def _method(ties, stratifying, cluster):
    text = f"Cox proportional hazards, {ties.capitalize()} ties"
    if stratifying:
        text += f", stratified by {' and '.join(stratifying)}"
    if cluster is not None:
        text += f", robust standard errors clustered by {cluster}"
    return text
