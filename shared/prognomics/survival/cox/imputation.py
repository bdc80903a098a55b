"""Multiple imputation of the covariates of Cox models.

The imputation model holds all covariates, the markers, the event indicator, the Nelson-Aalen estimate at the follow-up
time, and the strata (White and Royston 2009, doi 10.1002/sim.3618). Numbers are drawn by scikit-learn's iterative
imputer with draws from the posterior, factors from logistic models whose coefficients are drawn first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import number_values, text_values
from prognomics.data.levels import ordered_levels
from prognomics.data.sheet import sample_names
from prognomics.errors import Refused, UsageError, first_few, warn
from prognomics.stats.multinomial import fit_multinomial
from prognomics.survival.cox.models import CoxData

CYCLES, MOST_MISSING = 5, 0.5


@dataclass(frozen=True)
class Imputed:
    """Frames without missing covariates.

    Attributes
    ----------
    frames : list of pandas.DataFrame
    eligible : numpy.ndarray of bool, shape (n_samples,)
        Samples with endpoint, strata and markers: those that were imputed.
    missing : dict of covariate to numpy.ndarray of bool, shape (n_samples,)
        Which values are imputed.
    """

    frames: list[Any]
    eligible: np.ndarray
    missing: dict[str, Any]


def impute(
    data: CoxData, covariates: Sequence[str], markers: Collection[str], n_imputations: int, seed: int
) -> Imputed | None:
    """Impute the covariates of a Cox analysis several times; None where none is missing.

    Parameters
    ----------
    data : CoxData
    covariates : sequence of str
        Markers among them are in the imputation model, and never imputed; nor is the outcome.
    markers : collection of str
    n_imputations : int
        Two or more.
    seed : int
        Draws depend on it and on the ids of the samples, not on the order of rows.

    Raises
    ------
    UsageError
        Fewer than two imputations.
    Refused
        A covariate without a value.

    Warns
    -----
    many-imputed
        More than half of a covariate's values are missing.
    """
    if n_imputations < 2:
        raise UsageError("multiple imputation needs two imputations or more", hint="for instance --impute 20")
    frame = data.frame
    columns = {name: _Column(frame, name, data) for name in covariates}
    eligible = data.eligible.copy()
    for name in markers:
        eligible &= columns[name].known
    missing = {name: eligible & ~column.known for name, column in columns.items() if name not in markers}
    missing = {name: rows for name, rows in missing.items() if rows.any()}
    if not missing:
        return None
    empty = [name for name in missing if not (columns[name].known & eligible).any()]
    if empty:
        raise Refused("a covariate has no value from which it could be imputed", where=first_few(empty))
    much = [f"{name} ({rows.sum()} of {eligible.sum()})" for name, rows in missing.items()
            if rows.sum() > MOST_MISSING * eligible.sum()]  # fmt: skip
    if much:
        warn("many-imputed", f"more than half of the values are imputed: {first_few(much)}")
    order = np.flatnonzero(eligible)
    order = order[np.argsort(sample_names(frame)[order].astype(str), kind="stable")]
    fixed = _outcome(data, order)
    frames = []
    for number in range(n_imputations):
        rng = np.random.default_rng([seed, number])
        drawn = _draw(columns, missing, order, fixed, rng)
        made = frame.copy()
        for name, values in drawn.items():
            whole = columns[name].whole()
            whole[order] = values
            made[name] = whole
        frames.append(made)
    return Imputed(frames, eligible, missing)


class _Column:
    """A covariate: its numbers, or the codes of its levels."""

    def __init__(self, frame: pd.DataFrame, name: str, data: CoxData):
        coded = name in data.coding.factors or name in data.coding.reference_levels
        numbers = None if coded else number_values(frame[name])
        if numbers is None and name in data.coding.numerics:
            numbers = pd.to_numeric(text_values(frame[name])).astype(float)
        self.levels: list[str] = []
        if numbers is None:
            text = text_values(frame[name])
            self.levels = ordered_levels(text[data.eligible].dropna())
            place = {level: float(i) for i, level in enumerate(self.levels)}
            self.values = np.array([place.get(value, np.nan) for value in text], dtype=float)
        else:
            self.values = numbers.to_numpy(dtype=float)
        self.known = ~np.isnan(self.values)

    def whole(self) -> np.ndarray:
        if not self.levels:
            return self.values.copy()
        return np.array([self.levels[int(v)] if v == v else None for v in self.values], dtype=object)

    def block(self, values: np.ndarray) -> np.ndarray:
        """Columns of the imputation model."""
        if not self.levels:
            return values[:, None]
        result: np.ndarray = (values[:, None] == np.arange(1, len(self.levels))).astype(float)
        return result


def _outcome(data: CoxData, order: np.ndarray) -> np.ndarray:
    """Event indicator, Nelson-Aalen estimate at the follow-up time, and indicators of the strata."""
    time, event = data.time[order], data.event[order] == 1
    cuts, place = np.unique(time, return_inverse=True)
    deaths, leaving = np.bincount(place, event), np.bincount(place)
    entry = np.zeros(len(time)) if data.late is None else data.late[order]
    entered = np.searchsorted(np.sort(entry), cuts, side="left" if data.late is not None else "right")
    at_risk = entered - np.concatenate(([0], np.cumsum(leaving)[:-1]))
    hazard = np.cumsum(deaths / np.maximum(at_risk, 1))[place]
    parts = [event.astype(float), hazard]
    if data.strata is not None:
        parts += [(data.strata[order] == code).astype(float) for code in np.unique(data.strata[order])[1:]]
    return np.column_stack(parts)


def _draw(
    columns: dict[str, _Column],
    missing: dict[str, np.ndarray],
    order: np.ndarray,
    fixed: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, Any]:
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    values = {name: column.values[order].copy() for name, column in columns.items()}
    gaps = {name: rows[order] for name, rows in missing.items()}
    for name, gap in gaps.items():
        values[name][gap] = rng.choice(values[name][~gap], int(gap.sum()))
    factors = [name for name in gaps if columns[name].levels]
    numbers = [name for name in gaps if not columns[name].levels]
    for _ in range(CYCLES if factors else 1):
        for name in factors:
            others = [columns[other].block(values[other]) for other in columns if other != name]
            x, gap = np.column_stack([fixed, *others]), gaps[name]
            values[name][gap] = _draw_levels(x, values[name], gap, len(columns[name].levels), name, rng)
        if numbers:
            complete = [columns[other].block(values[other]) for other in columns if other not in numbers]
            open_ = np.column_stack([np.where(gaps[name], np.nan, values[name]) for name in numbers])
            imputer = IterativeImputer(
                sample_posterior=True, max_iter=CYCLES if not factors else 2, tol=0,
                random_state=int(rng.integers(2**31 - 1)), skip_complete=True,
            )  # fmt: skip
            filled = _quietly(imputer, np.column_stack([open_, fixed, *complete]))
            for j, name in enumerate(numbers):
                values[name][gaps[name]] = filled[gaps[name], j]
    return {name: ([columns[name].levels[int(v)] for v in values[name]] if columns[name].levels else values[name])
            for name in gaps}  # fmt: skip


def _quietly(imputer: Any, table: np.ndarray) -> np.ndarray:
    """Filled in standardized columns; the imputer's remark on convergence does not apply to draws."""
    import warnings

    center, scale = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result: np.ndarray = imputer.fit_transform((table - center) / scale) * scale + center
        return result


def _draw_levels(x: Any, codes: Any, gap: Any, n_levels: Any, name: Any, rng: Any) -> np.ndarray:
    """Levels from a logistic model fitted to the known ones, with coefficients drawn from their distribution."""
    known = ~gap
    try:
        model = fit_multinomial(x[known], codes[known].astype(int), n_levels)
    except Refused as refusal:
        raise Refused(f"the factor {name!r} cannot be imputed: {refusal.what}",
                      hint="leave it out, join its levels, or use complete cases") from None  # fmt: skip
    values, vectors = np.linalg.eigh(model.covariance)
    step = vectors @ (np.sqrt(np.maximum(values, 0)) * rng.standard_normal(len(values)))
    beta = model.coefficients + step.reshape(model.coefficients.shape[1], -1).T
    eta = np.column_stack([np.zeros(int(gap.sum())), np.column_stack([np.ones(int(gap.sum())), x[gap]]) @ beta])
    p = np.exp(eta - eta.max(axis=1, keepdims=True))
    cumulative = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)
    result: np.ndarray = np.minimum((rng.random(len(p))[:, None] > cumulative).sum(axis=1), n_levels - 1).astype(float)
    return result
