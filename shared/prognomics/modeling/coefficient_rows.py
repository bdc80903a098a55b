"""Rows of a table of coefficients: of numeric terms, levels of factors, splines and interactions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from prognomics.modeling.coefficient_tests import CoefficientTests, Fit
from prognomics.modeling.design_matrix import Term
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.model_data import ModelData
from prognomics.modeling.stratum_interactions import within_rows

WHY = {
    "collinear": "not estimable: no information beyond the terms before it",
    "infinite": "not estimable: the {ratio} is 0 or infinite (a level without events, or separation)",
    "drowned": "not estimable: extreme values leave no digits for the others",
    "": "",
}
SPLINE_UNIT = "spline basis"
PART = "takes part in an interaction: the effect where the other part is 0 or at its reference"
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

    def estimate(nested: FittedModel, column: int) -> dict[str, Any]:
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
    def of_level(level: str) -> dict[str, Any]:
        return {
            "level": level,
            "reference": term.reference,
            "n_level": term.n_level[level],
            "events_level": term.events_level[level],
        }

    rows = []
    if term.levels and term.reference is not None:
        base = {"row_type": "reference", tests.RATIO: 1.0, "estimable": "yes", "note": term.note}
        rows.append(base | of_level(term.reference))
    for level, column in zip(term.levels[1:], term.columns, strict=True):
        row = {"row_type": "level", "p_lr": lr_p([column])}
        rows.append(row | of_level(level) | estimate_cells(model.fit, tests, column))
    rows.append(_omnibus_row(term, term.columns, model, lr_p))
    return rows


def _omnibus_row(term: Term, columns: Sequence[int], model: FittedModel, lr_p: Callable[..., Any]) -> dict[str, Any]:
    joint = model.joint_test(columns)
    reasons = [model.fit.reason[j] for j in columns]
    known = not np.isnan(joint.chisq)
    note = "" if known else "Wald test undefined, see p_lr"
    if not columns:
        note = f"not estimable: {term.note}"
    elif known and "collinear" in reasons:
        note = "levels without information of their own are excluded"
    return {
        "row_type": "omnibus", "reference": term.reference, "statistic": joint.chisq, "df": joint.df,
        "p_value": joint.p_value, "p_lr": lr_p(columns) if columns else float("nan"),
        "estimable": "yes" if known else "no", "note": note,
    }  # fmt: skip


def estimate_cells(fit: Fit, tests: CoefficientTests, column: int) -> dict[str, Any]:
    """The cells of one coefficient: estimate, limits, Wald's test, and why there is none."""
    estimable = bool(fit.estimable[column])
    return {
        "beta": fit.beta[column],
        "se": fit.se[column],
        **tests.cells(column),
        "estimable": "yes" if estimable else "no",
        "note": WHY[fit.reason[column]].format(ratio=fit.ratio),
    }
