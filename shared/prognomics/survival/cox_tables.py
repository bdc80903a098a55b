"""Rows of the tables of a Cox analysis, in the suite's columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.survival.cox import CoxFit
from prognomics.survival.cox_notes import FittedModel
from prognomics.survival.cox_tests import (
    CoefficientTests,
    coefficient_tests,
    likelihood_ratio_test,
    model_tests,
    wald_test,
)
from prognomics.survival.design_matrix import Term
from prognomics.survival.proportional_hazards import cox_zph
from prognomics.survival.result_table import result_table

TABLE_COLUMNS = (
    "model", "row_type", "term", "level", "reference", "unit", "n", "events", "n_level", "events_level",
    "beta", "se", "hr", "ci_low", "ci_high", "statistic", "df", "p_value", "p_lr", "strata", "ties",
    "selected_by", "estimable",
)  # fmt: skip
MODEL_COLUMNS = (
    "model", "n", "events", "loglik_null", "loglik", "lr", "df", "p_lr", "wald", "p_wald", "score", "p_score",
    "concordance", "concordance_se", "aic", "epv", "covariates", "strata", "ties", "iterations", "converged",
)  # fmt: skip
PH_COLUMNS = (
    "model", "term", "transform", "chisq", "df", "p_value", "n", "events", "covariates", "strata", "ties",
)  # fmt: skip
WHY = {
    "collinear": "not estimable: no information beyond the terms before it",
    "infinite": "not estimable: the hazard ratio is 0 or infinite (a level without events, or separation)",
    "": "",
}

Refit = Callable[[Collection[int]], "CoxFit | None"]


def covariate_names(model: FittedModel) -> str:
    """The covariates of a model as tables name them."""
    return " + ".join(term.name for term in model.design.terms)


def coefficient_rows(
    model: FittedModel, units: Mapping[str, str], conf_level: float, refit: Refit
) -> list[dict]:
    """Rows of `--out-table`: one for a numeric term; reference, levels and omnibus of a factor.

    `p_lr` is the likelihood-ratio p of leaving out what the row stands for: a column for a
    level, the whole term for an omnibus row. `refit` fits the model without some columns.
    """
    fit, tests = model.fit, coefficient_tests(model.fit, conf_level)
    shared = {
        "model": model.kind,
        "n": fit.n,
        "events": fit.n_events,
        "n_missing": model.n_missing,
        "selected_by": model.selected_by or None,
    }

    def lr_p(columns: Sequence[int]) -> float:
        smaller = refit(columns)
        return likelihood_ratio_test(fit, smaller).p_value

    rows = []
    for term in model.design.terms:
        base = {**shared, "term": term.name}
        if term.kind == "numeric":
            row = _estimate(fit, tests, term.columns[0]) | {"unit": units.get(term.name, "1")}
            rows.append({**base, "row_type": "level", **row, "p_lr": lr_p(term.columns)})
            continue
        rows += [{**base, **row} for row in _factor_rows(term, fit, tests, lr_p)]
    return rows


def _factor_rows(term: Term, fit: CoxFit, tests: CoefficientTests, lr_p: Callable) -> list[dict]:
    def of_level(level: str) -> dict:
        return {
            "level": level,
            "reference": term.reference,
            "n_level": term.n_level[level],
            "events_level": term.events_level[level],
        }

    rows = []
    if term.levels:
        base = {"row_type": "reference", "hr": 1.0, "estimable": "yes", "note": term.note}
        rows.append(base | of_level(term.reference))
    for level, column in zip(term.levels[1:], term.columns, strict=True):
        row = {"row_type": "level", "p_lr": lr_p([column])}
        rows.append(row | of_level(level) | _estimate(fit, tests, column))
    wald = wald_test(fit, term.columns)
    reasons = [fit.reason[j] for j in term.columns]
    known = not np.isnan(wald.chisq)
    note = "" if known else "Wald test undefined, see p_lr"
    if not term.columns:
        note = f"not estimable: {term.note}"
    elif known and "collinear" in reasons:
        note = "levels without information of their own are left out"
    rows.append(
        {
            "row_type": "omnibus",
            "reference": term.reference,
            "statistic": wald.chisq,
            "df": wald.df,
            "p_value": wald.p_value,
            "p_lr": lr_p(term.columns) if term.columns else float("nan"),
            "estimable": "yes" if known else "no",
            "note": note,
        }
    )
    return rows


def _estimate(fit: CoxFit, tests: CoefficientTests, column: int) -> dict:
    estimable = bool(fit.estimable[column])
    return {
        "beta": fit.beta[column],
        "se": fit.se[column],
        "hr": tests.hr[column],
        "ci_low": tests.ci_low[column],
        "ci_high": tests.ci_high[column],
        "statistic": tests.z[column],
        "df": 1,
        "p_value": tests.p_value[column],
        "estimable": "yes" if estimable else "no",
        "note": WHY[fit.reason[column]],
    }


def model_row(model: FittedModel) -> dict:
    """One row of `--out-model`; `covariates` names what the model holds."""
    fit, tests = model.fit, model_tests(model.fit, model.cluster)
    notes = []
    if "infinite" in fit.reason:
        notes.append("a coefficient is infinite: loglik is the supremum, Wald's test is undefined")
    if not fit.converged:
        notes.append("not converged")
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


def ph_rows(model: FittedModel, transform: str) -> list[dict]:
    """Rows of `--out-ph`: one a term (a factor as a whole), then GLOBAL."""
    tests = cox_zph(model.fit, transform, {term.name: term.columns for term in model.design.terms})
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


def coefficient_table(rows: list[dict], common: Mapping) -> pd.DataFrame:
    """`--out-table`, as a frame."""
    return result_table(rows, TABLE_COLUMNS, **common)


def model_table(rows: list[dict], common: Mapping) -> pd.DataFrame:
    """`--out-model`, as a frame."""
    return result_table(rows, MODEL_COLUMNS, **common)


def ph_table(rows: list[dict], common: Mapping) -> pd.DataFrame:
    """`--out-ph`, as a frame."""
    common = {**common, "method": f"score test of proportional hazards; {common['method']}"}
    return result_table(rows, PH_COLUMNS, **common)
