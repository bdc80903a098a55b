"""The nomogram of a locked Cox model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.result_table import result_table
from prognomics.errors import Refused
from prognomics.learning.application import Application
from prognomics.survival.evaluation.nomogram import Axis, nomogram_rows, numeric_axis
from prognomics.survival.evaluation.tables import NOMOGRAM_COLUMNS

MOST_TERMS = 15
IN_RANGE_OF = "values in the range of these samples; coefficients and baseline of the model"


def locked_nomogram(found: Application) -> pd.DataFrame:
    """`apply_model --out-nomogram`: points and predicted survival of a locked model.

    Raises
    ------
    Refused
        No Cox model with baseline, too many terms for an axis each, or a spline or an interaction.
    """
    model = found.model
    if model.kind != "cox" or not model.baseline:
        raise Refused("a nomogram is of a Cox model with its baseline survival",
                      hint="use a model of cox --out-fitted, or give --baseline")  # fmt: skip
    terms: dict[str, list[Any]] = {}
    for one in model.coefficients:
        if one.kind in ("spline", "interaction"):
            raise Refused(f"a nomogram has one axis per variable, and {one.column!r} is of a {one.kind}",
                          hint="use predicted survival (--out-scores)")  # fmt: skip
        terms.setdefault(one.term, []).append(one)
    if len(terms) > MOST_TERMS:
        raise Refused(f"a nomogram of {len(terms)} variables cannot be read",
                      hint="make the linear predictor a variable: evaluate_model --model")  # fmt: skip
    axes = []
    for term, parts in terms.items():
        if parts[0].kind == "factor":
            levels = [(parts[0].reference or "", 0.0), *((part.level or "", part.value) for part in parts)]
            axes.append(Axis(term, *map(tuple, zip(*levels, strict=True))))
            continue
        values = found.applied.columns[parts[0].column]
        if np.isnan(values).all():
            raise Refused(f"no sample has {term!r}: its axis would have no range")
        axes.append(numeric_axis(term, values, parts[0].value))
    center = sum(one.value * one.center for one in model.coefficients)
    hazards = {curve.stratum: {t: float(-np.log(curve.survival(np.array([t]))[0])) for t in found.at}
               for curve in model.baseline}  # fmt: skip
    known = {stratum: {t: h for t, h in by_time.items() if np.isfinite(h)} for stratum, by_time in hazards.items()}
    rows = [{"model": model.name, **row} for row in nomogram_rows(axes, known, center)]
    return result_table(rows, NOMOGRAM_COLUMNS, endpoint=model.endpoint, population=found.population, note=IN_RANGE_OF)
