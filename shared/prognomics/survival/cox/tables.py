"""Rows of the tables of a Cox analysis, in the suite's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.modeling.coefficient_rows import covariate_names
from prognomics.modeling.fitted import FittedModel
from prognomics.survival.cox.model_tests import model_tests
from prognomics.survival.cox.proportional_hazards import cox_zph

TABLE_COLUMNS = tuple(c for c in table_columns("cox_table") if c not in ("interval", "n_imputed", "fmi"))
MODEL_COLUMNS = (
    "model", "n", "events", "loglik_null", "loglik", "lr", "df", "p_lr", "wald", "p_wald", "score", "p_score",
    "concordance", "concordance_se", "aic", "epv", "covariates", "strata", "ties", "iterations", "converged",
)  # fmt: skip
PH_COLUMNS = (
    "model", "term", "transform", "chisq", "df", "p_value", "n", "events", "covariates", "strata", "ties",
)  # fmt: skip

if TYPE_CHECKING:
    pass


def model_row(model: FittedModel) -> dict[str, Any]:
    """One row of `--out-model`; `covariates` names what the model holds."""
    fit, tests = model.fit, model_tests(model.fit, model.cluster)
    notes = []
    if "infinite" in fit.reason:
        notes.append("a coefficient is infinite: loglik is the supremum, Wald's test is undefined")
    if not fit.converged:
        notes.append("not converged")
    if model.firth is not None:
        notes.append("penalized log-likelihoods; the score test and AIC are not defined")
        tests = replace(tests, aic=float("nan"))
    return {
        "model": model.kind,
        "n": fit.n,
        "events": fit.n_events,
        "loglik_null": fit.loglik_null,
        "loglik": fit.loglik,
        "lr": tests.lr,
        "df": tests.df,
        "p_lr": tests.p_lr,
        "wald": tests.wald,
        "p_wald": tests.p_wald,
        "score": tests.score,
        "p_score": tests.p_score,
        "concordance": tests.concordance,
        "concordance_se": tests.concordance_se,
        "aic": tests.aic,
        "epv": tests.epv,
        "covariates": covariate_names(model),
        "iterations": fit.iterations,
        "converged": "yes" if fit.converged else "no",
        "n_missing": model.n_missing,
        "note": "; ".join(notes),
    }


def ph_rows(model: FittedModel, transform: str) -> list[dict[str, Any]]:
    """Rows of `--out-ph`: one a term (a factor as a whole), then GLOBAL; of the fit without penalty."""
    tests = cox_zph(model.plain or model.fit, transform, {t.name: t.columns for t in model.design.terms})
    shared = {
        "model": model.kind,
        "transform": transform,
        "n": model.fit.n,
        "events": model.fit.n_events,
        "covariates": covariate_names(model),
        "n_missing": model.n_missing,
    }
    rows = []
    for name, test in [*tests.terms.items(), ("GLOBAL", tests.overall)]:
        untestable = np.isnan(test.chisq)
        note = "not testable: no estimable coefficient, or too few event times" if untestable else ""
        result = {"chisq": test.chisq, "df": test.df, "p_value": test.p_value, "note": note}
        rows.append({**shared, "term": name, **result})
    return rows


def coefficient_table(rows: list[dict[str, Any]], common: Mapping[str, Any], more: Sequence[str] = ()) -> pd.DataFrame:
    """`--out-table`, as a frame; `more` names columns that only some analyses have."""
    return result_table(rows, (*TABLE_COLUMNS, *more), **common)


def model_table(rows: list[dict[str, Any]], common: Mapping[str, Any]) -> pd.DataFrame:
    """`--out-model`, as a frame."""
    return result_table(rows, MODEL_COLUMNS, **common)


def ph_table(rows: list[dict[str, Any]], common: Mapping[str, Any]) -> pd.DataFrame:
    """`--out-ph`, as a frame."""
    common = {**common, "method": f"score test of proportional hazards; {common['method']}"}
    return result_table(rows, PH_COLUMNS, **common)
