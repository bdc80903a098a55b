"""What markers add to the standard variables and to each other: models with and without them on the same samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from prognomics.data.result_table import result_table
from prognomics.errors import UsageError
from prognomics.modeling.coefficient_tests import likelihood_ratio_test
from prognomics.modeling.fitted import FittedModel
from prognomics.survival.cox.fit import CoxFit
from prognomics.survival.cox.model_tests import model_tests
from prognomics.survival.cox.models import CoxData

ADDED_COLUMNS = (
    "marker", "standard", "n", "events", "loglik_standard", "loglik", "lr", "df", "p_lr", "concordance_standard",
    "concordance", "concordance_added", "aic_standard", "aic", "strata", "ties",
)  # fmt: skip

WEIGHTED = "weighted likelihoods: the p-value is right where weights count samples"
COMBINATION_COLUMNS = (
    "markers", "n_markers", "standard", "n", "events", "loglik_standard", "loglik", "lr", "df", "p_lr", "others",
    "lr_others", "df_others", "p_others", "concordance", "concordance_se", "aic", "strata", "ties",
)  # fmt: skip


def added_value_table(
    data: CoxData, model: FittedModel, markers: Sequence[str], common: Mapping[str, Any]
) -> pd.DataFrame:
    """`--out-added`: one row per marker, and one for all of them together if there are several.

    Each row compares two models on the samples of the full model: with all of its terms, and without the marker and
    its interactions. As `anova(coxph(standard), coxph(standard + marker))` on complete cases.

    Parameters
    ----------
    data : CoxData
    model : FittedModel
        With markers and standard variables.
    markers : sequence of str
        Terms of the model.
    common : mapping
        Values that all rows share.
    """
    rows = []
    for chosen in [*([marker] for marker in markers), *([list(markers)] if len(markers) > 1 else [])]:
        rows.append(_row(data, model, chosen))
    method = f"likelihood-ratio test of nested models; {common['method']}"
    return result_table(rows, ADDED_COLUMNS, **{**common, "method": method})


def _row(data: CoxData, model: FittedModel, chosen: Sequence[str]) -> dict[str, Any]:
    gone = _marker_columns(model, chosen)
    left = [term.name for term in model.design.terms if term.columns and not set(term.columns) & gone]
    fit, tests = model.fit, model_tests(model.fit, model.cluster)
    row = {
        "marker": " + ".join(chosen), "standard": " + ".join(left) or "none", "n": fit.n, "events": fit.n_events,
        "loglik": fit.loglik, "concordance": tests.concordance, "n_missing": model.n_missing,
    }  # fmt: skip
    smaller = _fit_without(data, model, chosen)
    if smaller is not None:
        below = model_tests(smaller, model.cluster).concordance
        row |= {"concordance_standard": below, "concordance_added": tests.concordance - below}
    if model.firth is not None:
        difference = model.firth.test(sorted(gone))
        row["loglik_standard"] = fit.loglik - difference.chisq / 2
        row["note"] = "penalized likelihoods"
    else:
        difference = likelihood_ratio_test(fit, smaller)
        row["loglik_standard"] = fit.loglik_null if smaller is None else smaller.loglik
        row |= {"aic": tests.aic, "aic_standard": tests.aic + difference.chisq - 2 * difference.df}
    if data.weights is not None and model.cluster is not None:
        row["note"] = WEIGHTED
    if not difference.df:
        row["note"] = "no information of its own"
    return row | {"lr": difference.chisq, "df": difference.df, "p_lr": difference.p_value}


def combination_table(
    data: CoxData, model: FittedModel, markers: Sequence[str], common: Mapping[str, Any]
) -> pd.DataFrame:
    """`--out-combinations`: each marker alone, each pair, all but one, and all, each with the standard variables.

    All models are of the samples of the full model. `lr` compares a combination with the standard variables alone,
    `lr_others` the full model with the combination: what the markers that it lacks add to it. As R's
    `anova(coxph(smaller), coxph(larger))` on complete cases.

    Parameters
    ----------
    data : CoxData
    model : FittedModel
        With all markers and standard variables.
    markers : sequence of str
        Two or more terms of the model.
    common : mapping
        Values that all rows share.

    Raises
    ------
    UsageError
        A single marker, or Firth's penalty, whose likelihoods of different models are not comparable.
    """
    if len(markers) < 2:
        raise UsageError("combinations need several markers in one multivariable model",
                         hint="name each: --marker A --marker B; a single one is in --out-added")  # fmt: skip
    if model.firth is not None:
        raise UsageError("combinations compare models by their likelihood, which Firth's penalty changes",
                         hint="remove --penalty; --out-added tests each marker under it")  # fmt: skip
    sizes = sorted({1, 2, len(markers) - 1, len(markers)})
    chosen = [one for size in sizes for one in combinations(markers, size)]
    fits = {one: _fit_without(data, model, [name for name in markers if name not in one]) for one in [(), *chosen]}
    standard = fits[()]
    gone = _marker_columns(model, markers)
    left = [term.name for term in model.design.terms if term.columns and not set(term.columns) & gone]
    rows = []
    for one in chosen:
        fit, others = fits[one] or model.fit, [name for name in markers if name not in one]
        tests, gain = model_tests(fit, model.cluster), likelihood_ratio_test(fit, standard)
        row: dict[str, Any] = {
            "markers": " + ".join(one), "n_markers": len(one), "standard": " + ".join(left) or "none", "n": fit.n,
            "events": fit.n_events, "n_missing": model.n_missing, "loglik": fit.loglik,
            "loglik_standard": fit.loglik_null if standard is None else standard.loglik, "lr": gain.chisq,
            "df": gain.df, "p_lr": gain.p_value, "others": " + ".join(others) or None,
            "concordance": tests.concordance, "concordance_se": tests.concordance_se, "aic": tests.aic,
        }  # fmt: skip
        if others:
            rest = likelihood_ratio_test(model.fit, fit)
            row |= {"lr_others": rest.chisq, "df_others": rest.df, "p_others": rest.p_value}
        if data.weights is not None and model.cluster is not None:
            row["note"] = WEIGHTED
        rows.append(row)
    method = f"likelihood-ratio tests of nested models; {common['method']}"
    return result_table(rows, COMBINATION_COLUMNS, **{**common, "method": method})


def _marker_columns(model: FittedModel, names: Collection[str]) -> set[int]:
    """Columns of these terms and of their interactions."""
    return {
        column
        for term in model.design.terms
        if term.name in names or set(term.parts) & set(names)
        for column in term.columns
    }


def _fit_without(data: CoxData, model: FittedModel, markers: Collection[str]) -> CoxFit | None:
    """The model without these markers, on its samples; None where nothing is left of it."""
    if not markers:
        whole: CoxFit = model.fit
        return whole
    kept = model.design.without(_marker_columns(model, markers))
    return data.refit(model, kept) if kept else None
