"""Covariates as columns of a linear model, coded as R codes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.levels import refuse_stray_text
from prognomics.errors import BadInput, UsageError, first_few, unknown_name, warn


def covariate_columns(
    covariates: pd.DataFrame, sample_ids: Sequence[str] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Covariates without intercept: numbers as they are, levels by treatment contrasts.

    As R's `model.matrix(~ a + b)` without its first column: levels in alphabetical order, the first is
    the reference. Columns that do not vary are excluded with a warning.

    Parameters
    ----------
    covariates : pandas.DataFrame
        A row for each sample.
    sample_ids : sequence of str, optional
        For messages; the frame's index by default.

    Returns
    -------
    columns : numpy.ndarray, shape=(n_samples, n_columns)
    names : list of str

    Raises
    ------
    BadInput
        A covariate is missing for some samples.

    Warns
    -----
    constant-covariate
    """
    ids = np.asarray(list(covariates.index if sample_ids is None else sample_ids), dtype=object)
    columns, names = [], []
    for name in covariates.columns:
        column = covariates[name].infer_objects()
        if (missing := column.isna().to_numpy()).any():
            raise BadInput(
                f"covariate {name} is missing for {missing.sum()} samples",
                where=first_few(ids[missing]),
                hint="leave these samples out with --where, or leave the covariate out",
            )
        if column.nunique() < 2:
            warn("constant-covariate", f"covariate {name} has one value only and is excluded")
        elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns.append(column.to_numpy(dtype=np.float64))
            names.append(str(name))
        else:
            text = text_values(column)
            for level in sorted(set(text))[1:]:
                columns.append((text == level).to_numpy(dtype=np.float64))
                names.append(f"{name}={level}")
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0)), names


def typed_covariates(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    where: str = "sample sheet",
    stray_text: bool = False,
) -> pd.DataFrame:
    """Columns of a sample sheet, whose cells may all be text, as numbers or as levels.

    A column is numeric when every value that is there is a number, otherwise a factor; `factors` and
    `numerics` override the guess (grades 1, 2, 3 as levels; a column that must not hold text). Truth
    values are levels.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row for each sample; a column `sample_id`, if there, serves messages.
    names : sequence of str
        The columns to take, each once.
    factors, numerics : collections of str
    stray_text : bool
        Take measurements with some text among them as levels, instead of refusing them.

    Returns
    -------
    pandas.DataFrame
        The columns `names` with the frame's index: float64 (missing NaN), or text (missing None).

    Raises
    ------
    BadInput
        Unknown column; a column of `numerics` that holds text, or infinite values; measurements
        with some text among them.
    UsageError
        A column that is to be both.
    """
    for name in [*names, *factors, *numerics]:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns), where=where)
    if both := sorted(set(factors) & set(numerics)):
        raise UsageError(f"the column {both[0]!r} cannot be a factor and numeric at once")
    ids = frame["sample_id"] if "sample_id" in frame.columns else frame.index.to_series()
    typed = {}
    for name in dict.fromkeys(names):
        text = text_values(frame[name].infer_objects())
        numbers = pd.to_numeric(text, errors="coerce").astype(np.float64)
        bad = (numbers.isna() & text.notna()).to_numpy()
        if name in numerics and bad.any():
            raise BadInput(
                f"column {name!r} is to be numeric and holds text: {first_few(dict.fromkeys(text[bad]))}",
                where=f"{where}: {first_few(ids[bad])}",
                hint="take it as a factor, or correct these cells",
            )
        guessed = text.notna().any() and not bad.any() and not pd.api.types.is_bool_dtype(frame[name].infer_objects())
        if name in factors or not (guessed or name in numerics):
            if name not in factors and not stray_text:
                refuse_stray_text(name, numbers.tolist(), text.tolist(), ids.tolist(), where=where)
            typed[name] = text
            continue
        if (infinite := np.isinf(numbers.to_numpy())).any():
            raise BadInput(
                f"column {name!r} holds infinite values",
                where=f"{where}: {first_few(ids[infinite])}",
                hint="correct these cells, or leave them empty",
            )
        typed[name] = numbers
    return pd.DataFrame(typed, index=frame.index)
