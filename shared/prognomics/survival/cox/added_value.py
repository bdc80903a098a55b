"""What markers add to the standard variables: likelihood ratio and concordance of the models with and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from prognomics.survival.cox.model_tests import likelihood_ratio_test, model_tests
from prognomics.survival.cox.models import CoxData
from prognomics.survival.cox.notes import FittedModel
from prognomics.survival.result_table import result_table

ADDED_COLUMNS = (
    "marker", "standard", "n", "events", "loglik_standard", "loglik", "lr", "df", "p_lr", "concordance_standard",
    "concordance", "concordance_added", "aic_standard", "aic", "strata", "ties",
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


def _row(data: CoxData, model: FittedModel, chosen: Sequence[str]) -> dict:
    gone = {
        column
        for term in model.design.terms
        if term.name in chosen or set(term.parts) & set(chosen)
        for column in term.columns
    }
    left = [term.name for term in model.design.terms if term.columns and not set(term.columns) & gone]
    fit, tests = model.fit, model_tests(model.fit, model.cluster)
    row = {
        "marker": " + ".join(chosen), "standard": " + ".join(left) or "none", "n": fit.n, "events": fit.n_events,
        "loglik": fit.loglik, "concordance": tests.concordance, "n_missing": model.n_missing,
    }  # fmt: skip
    kept = model.design.without(gone)
    smaller = data.refit(model, kept) if kept else None
    if smaller is not None:
        below = model_tests(smaller, model.cluster).concordance
        row |= {"concordance_standard": below, "concordance_added": tests.concordance - below}
    if model.firth is not None:
        difference = model.firth.test(gone)
        row["loglik_standard"] = fit.loglik - difference.chisq / 2
        row["note"] = "penalized likelihoods"
    else:
        difference = likelihood_ratio_test(fit, smaller)
        row["loglik_standard"] = fit.loglik_null if smaller is None else smaller.loglik
        row |= {"aic": tests.aic, "aic_standard": tests.aic + difference.chisq - 2 * difference.df}
    if data.weights is not None and model.cluster is not None:
        row["note"] = "weighted likelihoods: the p-value is right where weights count samples"
    if not difference.df:
        row["note"] = "no information of its own"
    return row | {"lr": difference.chisq, "df": difference.df, "p_lr": difference.p_value}
