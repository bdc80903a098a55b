"""What the parts of a model must be to each other, which a schema cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prognomics.errors import BadInput, first_few

if TYPE_CHECKING:
    from prognomics.data.model import Coefficient, LockedModel

SCORE_METHODS = ("mean", "weighted_mean", "zscore", "ssgsea", "singscore")


def check_model(model: LockedModel, where: str) -> None:
    """BadInput where the parts of a model contradict each other."""
    columns = [c.column for c in model.coefficients]
    repeated = sorted({c for c in columns if columns.count(c) > 1}) if len(set(columns)) < len(columns) else []
    if repeated:
        raise BadInput(f"columns occur more than once in the model: {first_few(repeated)}", where=where)
    numbers = [x for c in model.coefficients for x in (c.value, c.center, c.scale, *c.knots)]
    numbers += [model.intercept or 0.0, *model.cutpoints, *model.missing_genes.values()]
    if not np.isfinite(np.array(numbers, float)).all():
        raise BadInput("a number of the model is not finite", where=where)
    for one in model.coefficients:
        fault = _fault(one)
        if fault:
            raise BadInput(f"the coefficient {one.column!r} {fault}", where=where)
    unknown = {part for c in model.coefficients for part in c.parts} - set(columns)
    if unknown:
        raise BadInput(f"an interaction names columns that the model lacks: {first_few(sorted(unknown))}", where=where)
    _check_baseline(model, where)
    profiles = model.derivation.profiles
    if profiles and {8 * ((len(profiles["genes"]) // 2 + 7) // 8)} != {4 * len(bits) for bits in profiles["bits"]}:
        raise BadInput("the profiles of the derivation do not have one bit for each pair of genes", where=where)
    if not _ascending(model.cutpoints):
        raise BadInput("the cutpoints of the model are not in ascending order", where=where)
    if model.kind == "score" and model.score_method not in SCORE_METHODS:
        raise BadInput(f"{model.score_method!r} is not a method of scores", where=where,
                       hint=f"one of {', '.join(SCORE_METHODS)}")  # fmt: skip
    if model.kind == "score" and any(c.kind != "gene" for c in model.coefficients):
        raise BadInput("a score is of genes only", where=where)


def _fault(one: Coefficient) -> str:
    if one.kind == "interaction" and len(one.parts) != 2:
        return "is an interaction without two parts"
    if one.kind == "spline" and (len(one.knots) < 3 or not (np.diff(one.knots) > 0).all()):
        return "is a spline without three ascending knots"
    if one.kind == "spline" and one.place > len(one.knots) - 2:
        return f"is column {one.place} of a spline of {len(one.knots)} knots"
    if one.kind == "factor" and one.level is None:
        return "is of a factor and has no level"
    return ""


def _check_baseline(model: LockedModel, where: str) -> None:
    names = [curve.stratum for curve in model.baseline]
    if len(set(names)) < len(names):
        raise BadInput("two baselines are of one stratum", where=where)
    for curve in model.baseline:
        times, hazard = curve.time_months, curve.cumulative_hazard
        if not times or len(times) != len(hazard) or not (_ascending(times) and _ascending(hazard)) or min(hazard) < 0:
            raise BadInput(f"the baseline of stratum {curve.stratum!r} is not an ascending curve", where=where)
        if not np.isfinite([*times, *hazard]).all():
            raise BadInput(f"a number of the baseline of stratum {curve.stratum!r} is not finite", where=where)


def _ascending(values: Sequence[float]) -> bool:
    return bool(np.all(np.diff(np.asarray(values, float)) >= 0))
