"""The hazard ratio of a marker in subgroups of samples, and whether it differs between them.

Each subgroup variable has a model of its own: all covariates, the variable, and its interaction with the marker. The
hazard ratio in each level is that model's, so that ratios and test agree; next to it is the ratio of a model of the
level's samples alone. Wang et al. (2007), doi 10.1056/NEJMsr077003.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import erfc, ndtri

from prognomics.data.columns import text_values
from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.errors import Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.coefficient_rows import WHY, estimate_cells
from prognomics.modeling.design_matrix import Term, build_design
from prognomics.modeling.fitted import FittedModel
from prognomics.modeling.splines import spline_basis
from prognomics.modeling.stratum_interactions import effects_within
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.cox.models import CoxData

SUBGROUP_COLUMNS = table_columns("cox_subgroups")
QUARTILES = (25, 50, 75)


def check_subgroups(frame: pd.DataFrame, subgroups: Sequence[str], markers: Collection[str]) -> tuple[str, ...]:
    """The subgroup variables, each once; BadInput for an unknown one, UsageError without a marker or for a marker."""
    subgroups = tuple(dict.fromkeys(subgroups))
    for name in subgroups:
        if name not in frame.columns:
            raise unknown_name("subgroup variable", name, map(str, frame.columns), where="samples and annotations")
        if name in markers:
            raise UsageError(f"{name!r} is the marker and a subgroup variable at once")
    if subgroups and not markers:
        raise UsageError("subgroups need a marker whose effect is looked at", hint="name it: --marker COLUMN")
    return subgroups


def subgroup_table(
    data: CoxData,
    covariates: Sequence[str],
    markers: Sequence[str],
    subgroups: Sequence[str],
    stratifying: Sequence[str],
    common: dict[str, Any],
) -> pd.DataFrame:
    """`--out-subgroups`: the effect of each marker overall, in the levels of each variable, and the interactions.

    Parameters
    ----------
    data : CoxData
    covariates : sequence of str
        Of the model of all samples, the markers among them.
    markers, subgroups : sequence of str
        A subgroup variable of numbers has the ratio at its quartiles; as a spline where the coding notes this. It need
        not be a covariate, and may be a stratum.
    stratifying : sequence of str
        Columns of the strata.
    common : dict
        Values of all rows.

    Returns
    -------
    pandas.DataFrame
        Row types `overall`; `level` (from the interaction model); `interaction` (Wald `p_value`, likelihood-ratio
        `p_lr`, Holm's `p_adjusted` over all interactions); and with strata `interaction_within`, the same test with
        the marker's effect free in each stratum: what the strata themselves say about the interaction. Samples of
        levels without events are excluded from the interaction model, whose degrees of freedom are of the others.

    Raises
    ------
    UsageError
        No subgroup variables, or a marker that enters as a spline.
    Refused
        No events, see `CoxData.fit`.

    Warns
    -----
    subgroups-examined

    Notes
    -----
    As `coxph(y ~ marker * subgroup + covariates + strata(cohort))` and its `anova` against the model without the
    interaction.
    """
    if not subgroups:
        raise UsageError("there are no subgroups", hint="name a variable: --subgroup COLUMN")
    rows: list[dict[str, Any]] = []
    for marker in markers:
        if marker in data.knots:
            raise UsageError(f"the marker {marker!r} enters as a curve: it has no hazard ratio in subgroups",
                             hint="leave it out of --spline")  # fmt: skip
        rows += _overall(_with(data, marker, ()), covariates, marker)
        for name in subgroups:
            rows += _of_variable(data, covariates, marker, name, stratifying)
    tests = [row for row in rows if row["row_type"] == "interaction"]
    known = np.array([_p(row) for row in tests])
    for row, p in zip(tests, adjust(known, "holm"), strict=True):
        row["p_adjusted"] = float(p)
    for row in rows:
        row["n_tests"] = len(tests)
    if len(tests) > 1:
        chance = 1 - 0.95 ** len(tests)
        warn("subgroups-examined", f"{len(tests)} interactions are tested; without any, one or more of as many "
             f"independent tests is below 0.05 with probability {chance:.2g}")  # fmt: skip
    return result_table(rows, SUBGROUP_COLUMNS, **common)


def _p(row: dict[str, Any]) -> float:
    result: float = row["p_value"] if row["p_value"] == row["p_value"] else row["p_lr"]
    return result


def _with(
    data: CoxData,
    marker: str,
    pairs: list[tuple[str, str]] | tuple[Any, ...],
    strata: Collection[str] = (),
    eligible: np.ndarray | None = None,
) -> CoxData:
    """The data with other interactions of the marker."""
    kept = [pair for pair in data.coding.interactions if marker not in pair]
    return replace(data, coding=replace(data.coding, interactions=(*kept, *pairs)),
                   interacting=tuple(dict.fromkeys([*data.interacting, *strata])),
                   eligible=data.eligible if eligible is None else eligible)  # fmt: skip


def _term(model: FittedModel, name: str) -> Term:
    result: Term = next(term for term in model.design.terms if term.name == name)
    return result


def _base(model: FittedModel, marker: str) -> dict[str, Any]:
    names = " + ".join(term.name for term in model.design.terms)
    return {"term": marker, "n": model.fit.n, "events": model.fit.n_events, "n_missing": model.n_missing,
            "covariates": names}  # fmt: skip


def _of_marker(own: Term, place: int) -> dict[str, Any]:
    """Which contrast of the marker a row is of."""
    if own.kind == "factor":
        return {"term_level": own.levels[place + 1], "reference": own.reference}
    return {"unit": "1"}


def _overall(data: CoxData, covariates: Sequence[str], marker: str) -> list[dict[str, Any]]:
    model = data.fit(covariates, "multivariable")
    tests, own = model.coefficient_tests(data.conf_level), _term(model, marker)
    return [
        _base(model, marker) | {"row_type": "overall", "n_level": model.fit.n, "events_level": model.fit.n_events}
        | _of_marker(own, place) | estimate_cells(model.fit, tests, column) | {"p_lr": data.lr_p(model, [column])}
        for place, column in enumerate(own.columns)
    ]  # fmt: skip


def _of_variable(
    data: CoxData, covariates: Sequence[str], marker: str, name: str, stratifying: Sequence[str]
) -> list[dict[str, Any]]:
    coding, is_stratum = data.coding, name in stratifying
    factors = [*coding.factors, name] if is_stratum else coding.factors
    shown = build_design(data.frame, list(dict.fromkeys([*covariates, name])), data.event, data.eligible, factors,
                         coding.numerics, coding.reference_levels)  # fmt: skip
    variable = next(term for term in shown.terms if term.name == name)
    labels = text_values(data.frame[name])
    empty = [level for level in variable.levels if not variable.events_level[level]]
    inside = _with(data, marker, [(marker, name)], [name] if is_stratum else [],
                   data.eligible & ~labels.isin(empty).to_numpy())  # fmt: skip
    names = [*covariates] if is_stratum else list(dict.fromkeys([*covariates, name]))
    model = inside.fit(names, "multivariable")
    note = f"levels without events are excluded: {first_few(empty)}" if empty else ""
    rows = (
        _by_level(data, inside, model, covariates, marker, name, labels)
        if variable.kind == "factor"
        else (_by_value(inside, model, marker, name))
    )
    for level in empty:
        rows.append(_base(model, marker) | {
            "row_type": "level", "level": level, "n_level": variable.n_level[level], "events_level": 0,
            "estimable": "no", "note": "no events in this level: excluded from the interaction model"})  # fmt: skip
    rows.append(_interaction("interaction", inside, model, marker, name, note))
    kinds = [column for column in stratifying if column != name]
    if kinds:
        apart = _with(inside, marker, [*((marker, kind) for kind in kinds), (marker, name)], kinds, inside.eligible)
        row = _interaction("interaction_within", apart, apart.fit(names, "multivariable"), marker, name,
                           f"the effect of {marker} is free in each stratum")  # fmt: skip
        rows.append(row)
    return [{"subgroup": name, **row} for row in rows]


def _interaction(kind: str, data: CoxData, model: FittedModel, marker: str, name: str, note: str) -> dict[str, Any]:
    columns = list(_term(model, f"{marker}:{name}").columns)
    usable = any(model.fit.reason[j] != "collinear" for j in columns)
    row = _base(model, marker) | {"row_type": kind, "statistic": np.nan, "df": 0, "p_value": np.nan, "p_lr": np.nan}
    if not usable:
        why = "no test: fewer than two levels in which the marker varies among samples at risk"
        return row | {"estimable": "no", "note": "; ".join(filter(None, [why, note]))}
    joint = model.joint_test(columns)
    known = joint.chisq == joint.chisq
    return row | {
        "statistic": joint.chisq, "df": joint.df, "p_value": joint.p_value, "p_lr": data.lr_p(model, columns),
        "estimable": "yes" if known else "no",
        "note": "; ".join(filter(None, ["" if known else "Wald test undefined, see p_lr", note])),
    }  # fmt: skip


def _by_level(
    whole: CoxData,
    data: CoxData,
    model: FittedModel,
    covariates: tuple[Any, ...],
    marker: str,
    name: str,
    labels: pd.Series,
) -> list[dict[str, Any]]:
    own = _term(model, marker)
    here = labels.to_numpy()[model.design.complete].astype(str)
    event = data.event[model.design.complete] == 1
    design, places = effects_within(model.design, (marker, name), name, here)
    nested = data.fit_design(design, model.kind)
    tests = nested.coefficient_tests(data.conf_level)
    order = [term.levels for term in model.design.terms if term.name == name]
    levels = order[0] if order else tuple(dict.fromkeys(level for level, _, _ in places))
    rows = []
    for level in levels:
        rows_of_level = labels.eq(level).fillna(False).to_numpy(dtype=bool)
        alone = _alone(whole, [one for one in covariates if one != name], marker, rows_of_level)
        for _, column, place in (found for found in places if found[0] == level):
            at = own.columns.index(column)
            rows.append(
                _base(model, marker) | {"row_type": "level", "level": level, "n_level": int((here == level).sum()),
                                        "events_level": int(event[here == level].sum())}
                | _of_marker(own, at) | estimate_cells(nested.fit, tests, place) | alone.get(_key(own, at), {})
            )  # fmt: skip
    return rows


def _key(own: Term, place: int) -> str:
    return own.levels[place + 1] if own.kind == "factor" else None


def _alone(data: CoxData, covariates: list[str], marker: str, inside: np.ndarray) -> dict[str, Any]:
    """The marker's ratio and limits in a model of some samples only, by its level."""
    part = _with(data, marker, (), (), data.eligible & inside)
    try:
        model = part.fit(covariates, "multivariable")
    except Refused:
        return {}
    own, tests = _term(model, marker), model.coefficient_tests(data.conf_level)
    return {
        _key(own, place): {"hr_alone": tests.hr[j], "ci_low_alone": tests.ci_low[j], "ci_high_alone": tests.ci_high[j]}
        for place, j in enumerate(own.columns) if model.fit.estimable[j]
    }  # fmt: skip


def _by_value(data: CoxData, model: FittedModel, marker: str, name: str) -> list[dict[str, Any]]:
    """The marker's ratio at the quartiles of a variable of numbers: contrasts of the interaction model."""
    own, other, both = (_term(model, one) for one in (marker, name, f"{marker}:{name}"))
    values = model.design.x[:, other.columns[0]]
    reach = float(ndtri(1 - (1 - data.conf_level) / 2))
    rows = []
    for percent, value in zip(QUARTILES, np.percentile(values, QUARTILES), strict=True):
        basis = spline_basis(np.array([value]), np.array(other.knots))[0] if other.kind == "spline" else [value]
        for place, column in enumerate(own.columns):
            used = [column, *(both.columns[j * len(own.columns) + place] for j in range(len(basis)))]
            contrast = np.array([1.0, *basis])
            reasons = {model.fit.reason[j] for j in used} - {""}
            row = (
                {"estimable": "no", "note": WHY[sorted(reasons)[0]]}
                if reasons
                else _contrast(contrast, model.fit.beta[used], model.fit.covariance[np.ix_(used, used)], reach)
            )
            row["note"] = "; ".join(filter(None, [row["note"], f"at the {percent}th percentile of {name}"]))
            rows.append(_base(model, marker) | {"row_type": "level", "level": f"{value:.6g}"}
                        | _of_marker(own, place) | row)  # fmt: skip
    return rows


def _contrast(contrast: np.ndarray, beta: np.ndarray, covariance: np.ndarray, reach: float) -> dict[str, Any]:
    estimate = float(contrast @ beta)
    se = float(np.sqrt(contrast @ covariance @ contrast))
    with np.errstate(over="ignore"):
        hr, low, high = (float(v) for v in np.exp([estimate, estimate - reach * se, estimate + reach * se]))
    z = estimate / se
    return {"beta": estimate, "se": se, "hr": hr, "ci_low": low, "ci_high": high, "statistic": z, "df": 1,
            "p_value": float(erfc(abs(z) / np.sqrt(2))), "estimable": "yes", "note": ""}  # fmt: skip
