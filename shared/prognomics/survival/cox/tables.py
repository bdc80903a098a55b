"""Rows of the tables of a Cox analysis, in the suite's columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.modeling.design_matrix import Term
from prognomics.modeling.stratum_interactions import within_rows
from prognomics.survival.cox.fit import CoxFit
from prognomics.survival.cox.model_tests import CoefficientTests, model_tests
from prognomics.survival.cox.notes import FittedModel
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.result_table import result_table

TABLE_COLUMNS = tuple(c for c in table_columns("cox_table") if c not in ("interval", "n_imputed", "fmi"))
MODEL_COLUMNS = (
    "model", "n", "events", "loglik_null", "loglik", "lr", "df", "p_lr", "wald", "p_wald", "score", "p_score",
    "concordance", "concordance_se", "aic", "epv", "covariates", "strata", "ties", "iterations", "converged",
)  # fmt: skip
PH_COLUMNS = (
    "model", "term", "transform", "chisq", "df", "p_value", "n", "events", "covariates", "strata", "ties",
)  # fmt: skip
WHY = {
    "collinear": "not estimable: no information beyond the terms before it",
    "infinite": "not estimable: the {ratio} is 0 or infinite (a level without events, or separation)",
    "drowned": "not estimable: extreme values leave no digits for the others",
    "": "",
}
SPLINE_UNIT = "spline basis"
PART = "takes part in an interaction: the effect where the other part is 0 or at its reference"

if TYPE_CHECKING:
    from prognomics.survival.cox.models import ModelData

    pass

TestOf = Callable[[Collection[int]], float]


def covariate_names(model: FittedModel) -> str:
    """The covariates of a model as tables name them."""
    return " + ".join(term.name for term in model.design.terms)


def coefficient_rows(
    model: FittedModel, units: Mapping[str, str], conf_level: float, lr_p: TestOf
) -> list[dict[str, Any]]:
    """Rows of `--out-table`: one for a numeric term; reference, levels and omnibus of a factor.

    A spline has a row for each column of its basis and two omnibus rows, of the whole term and (level "nonlinear") of
    its departure from a line; an interaction that of a factor. `p_lr` is the likelihood-ratio p of excluding what
    the row represents: a column for a level, the whole term for an omnibus row. `lr_p` gives it.
    """
    fit, tests = model.fit, model.coefficient_tests(conf_level)
    shared = {"model": model.kind, "n": fit.n, "events": fit.n_events, "n_missing": model.n_missing}
    inside = {part for term in model.design.terms for part in term.parts}
    rows = []
    for term in model.design.terms:
        base = {**shared, "term": term.name, "selected_by": model.reason_for(term)}
        # what a part of an interaction does by itself depends on the coding of the other part
        test = (lambda columns: float("nan")) if term.name in inside else lr_p
        if len(term.columns) == 1 and term.kind != "factor" and term.labels in ((), ("",)):
            row = estimate_cells(fit, tests, term.columns[0]) | {"unit": units.get(term.name, "1")}
            made = [{"row_type": "level", **row, "p_lr": test(term.columns)}]
        elif term.kind == "factor":
            made = _factor_rows(term, model, tests, test)
        else:
            made = _column_rows(term, model, tests, test)
        if term.name in inside:
            made = [row | {"note": "; ".join(filter(None, [row.get("note"), PART]))} for row in made]
        rows += [{**base, **row} for row in made]
    return rows


def rows_within_strata(
    model: FittedModel, data: ModelData, conf_level: float, lr_p: Callable[..., Any] | None = None
) -> list[dict[str, Any]]:
    """Rows of type `within`, see `within_rows`; `lr_p` gives the likelihood-ratio p of columns of a model."""

    def estimate(nested: FittedModel, column: int) -> dict:
        row = estimate_cells(nested.fit, nested.coefficient_tests(conf_level), column)
        return row if lr_p is None else row | {"p_lr": lr_p(nested, [column])}

    base = {"model": model.kind, "n_missing": model.n_missing}
    return [base | row for row in within_rows(data, model, estimate)]


def _column_rows(
    term: Term, model: FittedModel, tests: CoefficientTests, lr_p: Callable[..., Any]
) -> list[dict[str, Any]]:
    """Rows of a spline or an interaction: its columns, and the tests of them together."""
    rows = []
    for label, column in zip(term.labels, term.columns, strict=True):
        row = estimate_cells(model.fit, tests, column)
        if term.kind == "spline":
            row["unit"] = SPLINE_UNIT
            row["note"] = "; ".join(filter(None, [row["note"], "a part of a curve, no hazard ratio of its own"]))
        rows.append({"row_type": "level", "level": label or None, "reference": term.reference, **row,
                     "p_lr": lr_p([column])})  # fmt: skip
    rows.append(_omnibus_row(term, term.columns, model, lr_p))
    if term.kind == "spline":
        knots = ", ".join(f"{knot:.6g}" for knot in term.knots)
        rows[-1]["note"] = "; ".join(filter(None, [rows[-1]["note"], f"knots at {knots}"]))
        curved = _omnibus_row(term, term.columns[1:], model, lr_p)
        curved["note"] = "; ".join(filter(None, [curved["note"], "test against a line"]))
        rows.append(curved | {"level": "nonlinear"})
    return rows


def _factor_rows(
    term: Term, model: FittedModel, tests: CoefficientTests, lr_p: Callable[..., Any]
) -> list[dict[str, Any]]:
    def of_level(level: str) -> dict:
        return {
            "level": level,
            "reference": term.reference,
            "n_level": term.n_level[level],
            "events_level": term.events_level[level],
        }

    rows = []
    if term.levels:
        base = {"row_type": "reference", tests.RATIO: 1.0, "estimable": "yes", "note": term.note}
        rows.append(base | of_level(term.reference))
    for level, column in zip(term.levels[1:], term.columns, strict=True):
        row = {"row_type": "level", "p_lr": lr_p([column])}
        rows.append(row | of_level(level) | estimate_cells(model.fit, tests, column))
    rows.append(_omnibus_row(term, term.columns, model, lr_p))
    return rows


def _omnibus_row(term: Term, columns: Sequence[int], model: FittedModel, lr_p: Callable[..., Any]) -> dict:
    joint = model.joint_test(columns)
    reasons = [model.fit.reason[j] for j in columns]
    known = not np.isnan(joint.chisq)
    note = "" if known else "Wald test undefined, see p_lr"
    if not columns:
        note = f"not estimable: {term.note}"
    elif known and "collinear" in reasons:
        note = "levels without information of their own are left out"
    return {
        "row_type": "omnibus", "reference": term.reference, "statistic": joint.chisq, "df": joint.df,
        "p_value": joint.p_value, "p_lr": lr_p(columns) if columns else float("nan"),
        "estimable": "yes" if known else "no", "note": note,
    }  # fmt: skip


def estimate_cells(fit: CoxFit, tests: CoefficientTests, column: int) -> dict:
    """The cells of one coefficient: estimate, limits, Wald's test, and why there is none."""
    estimable = bool(fit.estimable[column])
    return {
        "beta": fit.beta[column],
        "se": fit.se[column],
        **tests.cells(column),
        "estimable": "yes" if estimable else "no",
        "note": WHY[fit.reason[column]].format(ratio=fit.ratio),
    }


def model_row(model: FittedModel) -> dict:
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
