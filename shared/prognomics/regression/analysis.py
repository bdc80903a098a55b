"""The logistic analysis of a sample sheet: univariable and multivariable models and their tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.data.strata import cohorts_of, resolve_strata, strata_name
from prognomics.errors import Refused, UsageError, warn
from prognomics.modeling.coefficient_rows import coefficient_rows, covariate_names, rows_within_strata
from prognomics.modeling.coefficient_tests import chi_square
from prognomics.modeling.design_terms import check_interactions
from prognomics.modeling.fitted import warn_about_influence, warn_about_models
from prognomics.modeling.model_data import PENALTIES, Coding, check_coding
from prognomics.modeling.selection import MODELS, choose_models, tell_different_samples
from prognomics.modeling.stratum_interactions import strata_that_interact
from prognomics.regression.discrimination import apparent_auc, brier_score
from prognomics.regression.models import LogisticData, LogisticModel, logistic_data
from prognomics.regression.outcome import BinaryOutcome
from prognomics.stats.roc import roc

ODDS_COLUMNS = table_columns("odds_table")
MODEL_COLUMNS = (
    "model", "n", "events", "loglik_null", "loglik", "lr", "df", "p_lr", "aic", "auc", "auc_low", "auc_high", "brier",
    "intercept", "epv", "covariates", "strata", "ties", "iterations", "converged",
)  # fmt: skip
MOST_CURVES = 50


@dataclass(frozen=True)
class LogisticAnalysis:
    """Tables of a logistic analysis, with exactly the columns of `--out-table` and `--out-model`.

    `models` has the fits behind them, `data` what they were fitted to, `common` what all tables state.
    """

    table: pd.DataFrame
    model: pd.DataFrame
    models: tuple[LogisticModel, ...]
    data: LogisticData
    outcome: BinaryOutcome
    stratifying: tuple[str, ...]
    common: dict[str, Any]


def logistic_analysis(
    frame: pd.DataFrame,
    outcome: BinaryOutcome,
    covariates: Sequence[str],
    *,
    strata: Sequence[str] = ("auto",),
    penalty: str = "none",
    model: str = "both",
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    interactions: Sequence[tuple[str, str]] = (),
    population: str = "all",
    conf_level: float = 0.95,
) -> LogisticAnalysis:
    """Fit a model for each covariate, and one for all of them together.

    Each univariable model uses the samples complete for its covariate, the multivariable one those complete for all
    of its covariates.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: covariates and strata; `sample_id` if available.
    outcome : BinaryOutcome
        Missing values are excluded and counted.
    covariates : sequence of str
    strata : sequence of str
        See `resolve_strata`; with strata the likelihood is the exact conditional one.
    penalty : {"none", "firth"}
    model : {"univariable", "multivariable", "both"}
    factors, numerics, reference_levels
        See `build_design`.
    interactions : sequence of pairs of covariates
        Rows of type `within` give the odds ratio of one part in each level of the other, if that is a factor or a
        stratum.
    population : str
        Named in the tables.
    conf_level : float

    Returns
    -------
    LogisticAnalysis
        Agrees with R's `glm(family = binomial)`, `survival::clogit(method = "exact")` and `logistf::logistf`.

    Raises
    ------
    Refused
        One outcome only, no stratum with both, nothing estimable.
    BadInput
        Unknown columns or levels, wrong values.
    UsageError
        Unknown options, no covariates, a covariate that is also the outcome or a stratum.
    """
    covariates = list(covariates)
    stratifying = resolve_strata(frame, strata)
    interacting = strata_that_interact(interactions, stratifying)
    _check_options(covariates, model, penalty, outcome, stratifying)
    check_interactions(interactions, [*covariates, *interacting])
    check_coding(frame, [*covariates, *interacting], [*factors, *numerics, *(reference_levels or {})])
    coding = Coding(factors, numerics, reference_levels or {}, interactions=tuple(interactions))
    data = logistic_data(frame, outcome.values, coding, stratifying=stratifying, penalty=penalty, conf_level=conf_level)
    if not stratifying and len(cohorts_of(frame[data.eligible])) > 1:
        warn("cohorts-not-stratified", "cohorts are analyzed as one: differences between them in the covariate "
             "and in the outcome are confounded with its effect; conditional models are preferred")  # fmt: skip
    models = choose_models(data, covariates, model, "all", 0.05)
    tell_different_samples(models)
    warn_about_models(models)
    warn_about_influence(models, frame)
    common = {
        "endpoint": outcome.name, "population": population, "strata": strata_name(stratifying),
        "ties": "exact" if stratifying else None, "method": _method(stratifying, penalty),
    }  # fmt: skip
    rows = [
        row
        for one in models
        for row in [
            *coefficient_rows(one, {}, conf_level, partial(data.lr_p, one)),
            *rows_within_strata(one, data, conf_level, data.lr_p),
        ]
    ]
    return LogisticAnalysis(
        result_table(rows, ODDS_COLUMNS, **common),
        result_table([_model_row(one, conf_level) for one in models], MODEL_COLUMNS, **common),
        tuple(models), data, outcome, tuple(stratifying), common,
    )  # fmt: skip


def roc_table(found: LogisticAnalysis) -> pd.DataFrame:
    """`--out-roc`: a curve of each model's linear predictor; of a conditional model one in each stratum."""
    curves = []
    for one in found.models:
        fit, rows = one.fit, one.design.complete
        labels = np.full(int(rows.sum()), "", dtype=object)
        for name in found.stratifying:
            values = found.data.stratum_values(name)[rows]
            labels = np.array([", ".join(filter(None, pair)) for pair in zip(labels, values, strict=True)], object)
        strata = list(dict.fromkeys(sorted(labels[_both(fit)])))
        if len(strata) > MOST_CURVES:
            raise UsageError(f"{len(strata)} strata have a ROC curve each, more than {MOST_CURVES}",
                             hint="omit --out-roc: the model table has the AUC within strata")  # fmt: skip
        for stratum in strata:
            inside = labels == stratum
            name = f"{one.kind}: {covariate_names(one)}" + (f" ({stratum})" if stratum else "")
            try:
                curve = roc(fit.linear_predictor, fit.case & inside, ~fit.case & inside, direction="high",
                            rule="youden")  # fmt: skip
            except Refused as refusal:
                warn("no-roc-curve", f"{name}: {refusal.what}")
                continue
            curves.append(curve.table(name).assign(learnt_in=stratum or found.common["population"]))
    if not curves:
        raise Refused("no model has a ROC curve", hint="look at --out-model for the AUC")
    return pd.concat(curves, ignore_index=True)


def _both(fit: Any) -> np.ndarray:
    result: np.ndarray = fit.solution.likelihood.informative
    return result


def _check_options(
    covariates: list[str], model: str, penalty: str, outcome: BinaryOutcome, stratifying: list[str]
) -> None:
    for what, value, known in (("model", model, MODELS), ("penalty", penalty, PENALTIES)):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    if not covariates:
        raise UsageError("no covariates were named", hint="name variables (--covariate) or genes (--gene)")
    for name in covariates:
        if name == outcome.column:
            raise UsageError(f"{name!r} is the outcome and a covariate at once", hint="leave it out of the covariates")
        if name in stratifying:
            raise UsageError(
                f"{name!r} is a covariate and a stratum at once",
                hint="leave it out of the covariates (an interaction with it may stay), or set the strata to none",
            )
    if outcome.column in stratifying:
        raise UsageError(f"{outcome.column!r} is the outcome and a stratum at once", hint="use other strata, or none")


def _method(stratifying: list[str], penalty: str) -> str:
    text = "logistic regression"
    if stratifying:
        text = f"conditional logistic regression, exact, within {' and '.join(stratifying)}"
    if penalty == "firth":
        return text + ", Firth's penalty, intervals and p-values of the profile penalized likelihood"
    return text + ", profile likelihood intervals, Wald p-values"


def _model_row(model: LogisticModel, conf_level: float) -> dict[str, Any]:
    fit = model.fit
    auc, low, high, said = apparent_auc(fit, conf_level)
    notes = [said]
    if "infinite" in fit.reason:
        notes.append("a coefficient is infinite: loglik is the supremum")
    if model.firth is not None:
        notes.append("penalized log-likelihoods; AIC is not defined")
    parameters = fit.df + (0 if fit.conditional else 1)
    return {
        "model": model.kind, "n": fit.n, "events": fit.n_events, "loglik_null": fit.loglik_null,
        "loglik": fit.loglik, "lr": fit.lr, "df": fit.df, "p_lr": chi_square(fit.lr, fit.df).p_value,
        "aic": float("nan") if model.firth else 2 * parameters - 2 * fit.loglik, "auc": auc, "auc_low": low,
        "auc_high": high, "brier": brier_score(fit), "intercept": fit.intercept,
        "epv": fit.n_informative / fit.df if fit.df else float("nan"), "covariates": covariate_names(model),
        "iterations": fit.iterations, "converged": "yes" if fit.converged else "no", "n_missing": model.n_missing,
        "note": "; ".join(filter(None, notes)),
    }  # fmt: skip
