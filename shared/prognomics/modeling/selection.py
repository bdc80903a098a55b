"""Which models an analysis holds: each variable alone, all together, and those that an entry rule selects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prognomics.errors import Refused, note, warn
from prognomics.modeling.coefficient_rows import rows_within_strata
from prognomics.modeling.coefficient_tests import likelihood_ratio_test
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.model_data import ModelData, nothing_estimable

MODELS = ("univariable", "multivariable", "both")
ENTRIES = ("all", "univariable", "both")
COMPLETE = "univariable_complete_cases"
SELECTED = "selected"


def choose_models(
    data: ModelData, covariates: Sequence[str], model: str, entry: str, entry_alpha: float, keep: Sequence[str] = ()
) -> list[FittedModel]:
    """Fit the models requested.

    Parameters
    ----------
    data : ModelData
    covariates : sequence of str
    model : {"univariable", "multivariable", "both"}
    entry : {"all", "univariable", "both"}
        With "univariable" only covariates with p < `entry_alpha` in their univariable model enter the multivariable
        one: the p of a numeric term or of a factor as a whole that the table reports, the likelihood-ratio p where
        Wald's is undefined.
        With "both" the model of all covariates stands first ("multivariable"), and that of the selected ones beside
        it under the name "selected".
    entry_alpha : float
    keep : sequence of str
        Standard covariates that enter regardless of their p.

    Raises
    ------
    Refused
        Nothing estimable in a model; no covariate selected for the only model.
    """
    models = []
    univariable: dict[str, FittedModel | None] = {}
    if model != "multivariable" or entry != "all":
        for name in covariates:
            univariable[name] = _try_fit(data, name, only=len(covariates) == 1)
        if not any(one is not None and _gives_something(data, one) for one in univariable.values()):
            raise nothing_estimable(univariable, covariates)
    if model != "multivariable":
        models += [one for one in univariable.values() if one is not None]
    if model == "univariable":
        return models
    if entry != "univariable":
        models.append(_joint(data, covariates, "multivariable", "all"))
    if entry != "all":
        reasons = {name: "univariable" for name, one in univariable.items() if entry_p(one) < entry_alpha}
        reasons |= {name: "kept" for name in keep if name not in reasons}
        entered = [name for name in covariates if name in reasons]
        if not entered:
            text = f"no covariate has p < {entry_alpha:g} in its univariable model, so none enters a joint one"
            if model == "multivariable" and entry == "univariable":
                raise Refused(text, hint="set the entry to all, or look at the univariable models")
            warn("no-covariate-selected", text)
        else:
            kind = SELECTED if entry == "both" else "multivariable"
            models.append(_joint(data, entered, kind, reasons))
    return models


def complete_case_models(data: ModelData, models: Sequence[FittedModel]) -> list[FittedModel]:
    """The covariates of the first joint model one at a time, in exactly its samples.

    An adjusted and an unadjusted estimate differ by the adjustment alone only there; univariable models use all samples
    that have their own covariate. As `coxph` of each on the complete cases of all.
    """
    joint = next((one for one in models if one.kind != "univariable"), None)
    if joint is None:
        return []
    rows = joint.design.complete
    names = [term.name for term in joint.design.terms if term.name in data.frame.columns]
    own = replace(data, eligible=data.eligible & rows)
    fitted = [_try_fit(own, name, only=False, kind=COMPLETE) for name in names] if len(names) > 1 else []
    return [one for one in fitted if one is not None]


def tell_different_samples(models: Sequence[FittedModel], compared: bool = False) -> None:
    """Say that the joint model has fewer samples than models of one covariate.

    Warnings: models-of-different-samples, where more than a tenth is missing; a note if fewer are, or if the unadjusted
    effects in the samples of the joint model are given as well (`compared`).
    """
    joint = next((one for one in models if one.kind != "univariable"), None)
    alone = {one.design.terms[0].name: int(one.design.complete.sum()) for one in models if one.kind == "univariable"}
    if joint is None or len(alone) < 2:
        return
    n, most = int(joint.design.complete.sum()), max(alone.values())
    if n < most:
        fewer = ", ".join(f"{name}: {most - number}" for name, number in alone.items() if number < most)
        say = note if compared or n >= 0.9 * most else warn
        say(
            "models-of-different-samples",
            f"the model of all covariates is of {n} samples, models of one covariate are of up to {most}"
            + (f" (without a value: {fewer})" if fewer else "")
            + ". Their effects differ by these samples as well as by the adjustment",
        )


def entry_p(model: FittedModel | None) -> float:
    """The p-value that decides whether a univariable model's covariate enters the joint model."""
    if model is None or model.fit.df == 0:
        return float("nan")
    test = model.joint_test(model.design.terms[0].columns)
    return test.p_value if test.p_value == test.p_value else likelihood_ratio_test(model.fit).p_value


def _gives_something(data: ModelData, model: FittedModel) -> bool:
    """Whether a coefficient is estimable, or the effect in one of the strata that an interaction has."""
    if model.fit.estimable.any():
        return True
    return any(row["estimable"] == "yes" for row in rows_within_strata(model, data, data.conf_level))


def _joint(data: Any, covariates: Sequence[str], kind: str, selected_by: dict[str, str] | str) -> Any:
    together = data.fit(covariates, kind, selected_by)
    if not _gives_something(data, together):
        raise nothing_estimable({kind: together}, covariates)
    return together


def _try_fit(data: Any, name: str, only: bool, kind: str = "univariable") -> Any:
    """A univariable model, or None with a warning where it cannot be fitted beside others."""
    try:
        return data.fit([name], kind)
    except Refused as refusal:
        if only:
            raise
        warn("model-left-out", f"{name}: {refusal.what}")
        return None
