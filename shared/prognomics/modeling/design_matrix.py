"""From the columns of a sample sheet to the design of a model: terms, levels, reference, complete cases.

Factors have R's treatment contrasts: one 0/1 column for each level but the reference. Levels
are in the order of `prognomics.data.levels` (that of R's `factor`; the levels of a cutpoint go from low to
high), the first is the reference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import number_values, text_values
from prognomics.data.levels import ordered_levels, put_first, refuse_stray_text, require_few_levels
from prognomics.errors import BadInput, UsageError, first_few, unknown_name, warn


@dataclass(frozen=True)
class Term:
    """One covariate of a design.

    Attributes
    ----------
    name : str
    kind : {"numeric", "factor", "spline", "interaction"}
    levels : tuple of str
        Among complete cases, the reference first; empty for a numeric term.
    reference : str or None
    columns : tuple of int
        Columns of the design that belong to it; none for a factor with a single level.
    n_level, events_level : dict of str to int
        Samples and events by level.
    note : str
    labels : tuple of str
        What each column of a spline or an interaction is called.
    knots : tuple of float
        Of a spline.
    parts : tuple of str
        The terms of an interaction.
    """

    name: str
    kind: str
    levels: tuple[Any, ...]
    reference: str | None
    columns: tuple[Any, ...]
    n_level: dict[str, Any] = field(default_factory=dict[str, Any])
    events_level: dict[str, Any] = field(default_factory=dict[str, Any])
    note: str = ""
    labels: tuple[Any, ...] = ()
    knots: tuple[Any, ...] = ()
    parts: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Design:
    """Design of a model on its complete cases.

    Attributes
    ----------
    terms : tuple of Term
    x : numpy.ndarray, shape (n_complete, n_columns)
    columns : tuple of str
        "age_years" for a numeric term, "grade=3" for a level of a factor.
    complete : numpy.ndarray of bool, shape (n_samples,)
        Rows of the frame that `x` holds, in their order.
    """

    terms: tuple[Any, ...]
    x: np.ndarray
    columns: tuple[Any, ...]
    complete: np.ndarray

    def without(self, columns: Collection[int]) -> list[int]:
        """The columns of the design that are not among `columns`."""
        return [j for j in range(self.x.shape[1]) if j not in set(columns)]


def build_design(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    event: np.ndarray,
    eligible: np.ndarray | None = None,
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
) -> Design:
    """Design matrix of covariates on their complete cases.

    A column is numeric when all its values are numbers, otherwise a factor; booleans are
    factors. `factors` and `numerics` override the guess.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    covariates : sequence of str
        Columns, in the order of the terms.
    event : numpy.ndarray, shape (n_samples,)
        Event flags, for events by level; not read outside complete cases.
    eligible : numpy.ndarray of bool, shape (n_samples,), optional
        Rows that may be used (those with an endpoint).
    factors, numerics : collections of str
    reference_levels : mapping of column to level, optional

    Returns
    -------
    Design

    Raises
    ------
    BadInput
        Unknown column or reference level, a numeric column with text or infinite values.
    UsageError
        A covariate named twice, or as factor and as numeric.
    """
    reference_levels = dict(reference_levels or {})
    _check_names(frame, covariates, factors, numerics)
    complete = np.full(len(frame), True) if eligible is None else np.array(eligible, dtype=bool)
    values = {}
    for name in covariates:
        if name in numerics:
            numbers = numeric_values(frame, name)
        else:
            numbers = None if name in factors or name in reference_levels else finite_values(frame, name)
        values[name] = text_values(frame[name]) if numbers is None else numbers
        if numbers is None and name not in factors and name not in reference_levels:
            check_stray_text(frame, name)
        complete &= values[name].notna().to_numpy()
    event = np.asarray(event)[complete].astype(float) == 1

    terms: list[Any] = []
    blocks: list[Any] = []
    columns: list[Any] = []
    for name in covariates:
        kept, start = values[name].to_numpy()[complete], len(columns)
        if values[name].dtype != object:
            blocks.append(kept.astype(float)[:, None])
            columns.append(name)
            terms.append(Term(name, "numeric", (), None, (start,)))
            continue
        reference = _reference(name, reference_levels.get(name), values[name], kept)
        require_few_levels(name, list(dict.fromkeys(kept)), len(kept))
        levels = put_first(ordered_levels(kept), reference)
        blocks.append(np.column_stack([kept == level for level in levels[1:]] or [np.zeros((len(kept), 0))]))
        columns += [f"{name}={level}" for level in levels[1:]]
        terms.append(
            Term(
                name, "factor", tuple(levels), levels[0] if levels else None,
                tuple(range(start, len(columns))),
                {level: int((kept == level).sum()) for level in levels},
                {level: int(event[kept == level].sum()) for level in levels},
                "" if len(levels) > 1 else f"one level only among complete cases: {first_few(levels)}",
            )
        )  # fmt: skip
    x = np.column_stack(blocks).astype(float) if blocks else np.zeros((int(complete.sum()), 0))
    return Design(tuple(terms), x, tuple(columns), complete)


def _check_names(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    factors: Collection[str],
    numerics: Collection[str],
) -> None:
    for name in [*covariates, *factors, *numerics]:
        if name not in frame.columns:
            raise unknown_name("covariate", name, map(str, frame.columns), where="samples and annotations")
    twice = [name for name in dict.fromkeys(covariates) if list(covariates).count(name) > 1]
    if twice:
        raise UsageError(f"the covariate {twice[0]!r} is named twice")
    both = sorted(set(factors) & set(numerics))
    if both:
        raise UsageError(f"the column {both[0]!r} cannot be a factor and numeric at once")


def check_stray_text(frame: pd.DataFrame, name: str) -> None:
    """Refuse a column of measurements with some text in it, see `refuse_stray_text`."""
    if pd.api.types.is_bool_dtype(frame[name].dtype):
        return
    text = text_values(frame[name])
    ids = frame["sample_id"] if "sample_id" in frame.columns else frame.index.to_series()
    refuse_stray_text(name, pd.to_numeric(text, errors="coerce").tolist(), text.tolist(), ids.tolist())


def numeric_values(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column that is to be numeric as finite numbers, NaN where missing; refused where it has other text."""
    column = frame[name]
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(float)
    numbers = finite_values(frame, name)
    if numbers is not None:
        return numbers
    text = text_values(column)
    numbers = pd.to_numeric(text, errors="coerce").astype(float)
    bad = text.notna() & numbers.isna()
    if bad.any():
        raise BadInput(
            f"column {name!r} is to be numeric, but {int(bad.sum())} values are text",
            where=f"values {first_few(text[bad].unique())}",
            hint="use it as a factor, or recode these values",
        )
    return numbers


def finite_values(frame: pd.DataFrame, name: str) -> pd.Series | None:
    """A column as finite numbers where every value that it has is a number, else None."""
    numbers = number_values(frame[name])
    infinite = np.isinf(numbers.to_numpy()) if numbers is not None else np.array(False)
    if infinite.any():
        ids = frame["sample_id"] if "sample_id" in frame.columns else frame.index.to_series()
        raise BadInput(f"column {name!r} holds infinite values", where=f"samples {first_few(ids.to_numpy()[infinite])}")
    return numbers


def _reference(name: str, wanted: str | None, values: pd.Series, kept: np.ndarray) -> str | None:
    if wanted is None:
        return None
    everywhere = ordered_levels(values.dropna())
    if wanted not in everywhere:
        raise unknown_name("level", wanted, everywhere, where=f"column {name}")
    if wanted not in set(kept):
        warn(
            "reference-level-absent",
            f"no complete case of {name} has the reference level {wanted}; its first level is the reference",
        )
        return None
    return wanted
