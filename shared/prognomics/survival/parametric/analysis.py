"""Parametric models of a sample sheet: their fit, time ratios, and survival by group, also beyond follow-up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.result_table import result_table
from prognomics.data.strata import resolve_strata, strata_name
from prognomics.errors import Refused, UsageError, first_few, unknown_name, warn
from prognomics.modeling.design_matrix import build_design
from prognomics.survival.curves.follow_up import late_entry
from prognomics.survival.endpoint_arrays import endpoint_arrays
from prognomics.survival.event_times import check_entry, merge_near_ties
from prognomics.survival.parametric.design import estimable_part
from prognomics.survival.parametric.fit import DISTRIBUTIONS, PIECEWISE
from prognomics.survival.parametric.samples import Samples
from prognomics.survival.parametric.tables import (
    CURVE_COLUMNS,
    FIT_COLUMNS,
    SURVIVAL_COLUMNS,
    TABLE_COLUMNS,
    curve_rows,
    effect_rows,
    fit_row,
    survival_rows,
)

PIECES = 3
FEW_EVENTS = 10
CURVE_TIMES = 121


@dataclass(frozen=True)
class ParametricAnalysis:
    """Tables with the columns of the outputs of these names; `best` is the distribution of the smallest AIC."""

    fit: pd.DataFrame
    table: pd.DataFrame
    survival: pd.DataFrame
    curve: pd.DataFrame
    best: str


def parametric_analysis(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    covariates: Sequence[str] = (),
    group_column: str | None = None,
    *,
    distributions: Sequence[str] = DISTRIBUTIONS,
    breaks: Sequence[float] = (),
    at: Sequence[float] = (),
    horizon: float | None = None,
    strata: Sequence[str] = ("auto",),
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    entry_months: object | None = None,
    endpoint: str = "",
    population: str = "all",
) -> ParametricAnalysis:
    """Fit distributions of survival time, with covariates.

    Parameters
    ----------
    frame, time_months, event, covariates, factors, numerics, reference_levels, endpoint, population
        As in `cox_analysis`.
    group_column : str, optional
        Enters the models as a factor; survival is given by its levels.
    distributions : sequence of str
    breaks : sequence of float
        Months at which the rate of the piecewise exponential model changes; by default the tertiles of event times.
    at : sequence of float
        Months of the survival table.
    horizon : float, optional
        Where the curves end; by default at the last time.
    strata : sequence of str
        Columns that enter the models as factors.
    entry_months : array_like of shape (n_samples,) or str, optional
        Months at which samples came under observation (left truncation).

    Raises
    ------
    Refused
        No events, or no distribution that can be fitted.
    """
    wanted = list(dict.fromkeys(distributions))
    for name in wanted:
        if name not in DISTRIBUTIONS:
            raise unknown_name("distribution", name, DISTRIBUTIONS)
    stratifying = [c for c in resolve_strata(frame, strata) if c != group_column and c not in covariates]
    if group_column in covariates:
        raise UsageError(f"{group_column!r} is the group and a covariate", hint="leave it out of the covariates")
    terms = [*([group_column] if group_column else []), *covariates, *stratifying]
    coding = ([*factors, *stratifying, *([group_column] if group_column else [])], numerics, reference_levels)
    samples = _samples(frame, time_months, event, terms, group_column, coding, entry_months)
    dead = samples.event == 1
    last = float(samples.time.max())
    cuts = _breaks(breaks, samples.time[dead]) if PIECEWISE in wanted else ()
    fits, failed = {}, []
    for name in wanted:
        if name == "generalized_gamma" and samples.entry is not None:
            failed.append(f"{name}: it is not fitted with late entry")
            continue
        try:
            fits[name] = samples.fit(name, cuts)
        except Refused as refusal:
            failed.append(f"{name}: {refusal.what}")
    if not fits:
        raise Refused("no distribution can be fitted", where="; ".join(failed), hint="omit terms")
    if failed:
        warn("distribution-not-fitted", f"excluded: {first_few(failed)}")
    _warn(samples, last, at, horizon)
    common = {"endpoint": endpoint, "population": population, "n_missing": samples.n_missing,
              "strata": strata_name(stratifying), "covariates": " + ".join(terms) or None}  # fmt: skip
    rows = [fit_row(name, one, samples) for name, one in fits.items()]
    best = min(rows, key=lambda row: row["aic"])["distribution"]
    for row in rows:
        row["delta_aic"] = row["aic"] - min(other["aic"] for other in rows)
    times = np.linspace(0, horizon or last, CURVE_TIMES)
    groups = {"all": np.ones(len(samples.time), bool)}
    if group_column:
        levels = samples.design.terms[0].levels
        groups = {level: samples.group == level for level in levels}
    effects = [row for name, one in fits.items() for row in effect_rows(name, one, samples)]
    return ParametricAnalysis(
        result_table(rows, FIT_COLUMNS, **common),
        result_table(effects, TABLE_COLUMNS, **common),
        result_table(survival_rows(fits, samples, groups, at), SURVIVAL_COLUMNS, **common),
        pd.DataFrame(curve_rows(fits, samples, groups, times), columns=CURVE_COLUMNS), best,
    )  # fmt: skip


def _samples(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    terms: list[str],
    group_column: str | None,
    coding: tuple[Any, ...],
    entry_months: object | None,
) -> Samples:
    time, flags, known = endpoint_arrays(frame, time_months, event)
    entry, known = late_entry(frame, entry_months, time, known)
    zero = known & (time == 0)
    if zero.any():
        left = int(zero.sum())
        warn(
            "zero-times-left-out", f"{left} samples with a follow-up time of 0 are excluded: the models are of log time"
        )
    design = build_design(frame, terms, flags, known & ~zero, *coding)
    rows = design.complete
    if not (flags[rows] == 1).any():
        raise Refused(f"there are no events in the {int(rows.sum())} complete cases",
                      hint="check the missing values of the covariates, the subset and the endpoint")  # fmt: skip
    flags = flags[rows]
    if entry is None:
        time = merge_near_ties(time[rows])
    else:
        time, entry = merge_near_ties(time[rows], entry[rows])
        check_entry(entry, time)
    fitted, columns, reason = estimable_part(design, flags)
    group = np.full(len(time), "all", object)
    if group_column:
        term = design.terms[0]
        group[:] = term.levels[0]
        for level, column in zip(term.levels[1:], term.columns, strict=True):
            group[design.x[:, column] == 1] = level
    return Samples(time, flags, design, fitted, columns, reason, group, len(frame) - int(rows.sum()), entry)


def _breaks(breaks: Sequence[float], event_times: np.ndarray) -> tuple[Any, ...]:
    """Where rates change: as given, or at quantiles of the event times; each interval has an event."""
    given = (
        sorted({float(b) for b in breaks})
        or np.unique(np.quantile(event_times, np.arange(1, PIECES) / PIECES)).tolist()
    )
    counts = np.bincount(np.searchsorted(given, event_times, side="left"), minlength=len(given) + 1)
    if (counts == 0).any():
        if breaks:
            raise Refused("an interval between --breaks has no events", where=f"events by interval: {counts.tolist()}",
                          hint="choose breaks with events between them")  # fmt: skip
        given = [b for b in given if b < event_times.max()]
    return tuple(given)


def _warn(samples: Samples, last: float, at: Sequence[float], horizon: float | None) -> None:
    n_events = int(samples.event.sum())
    if n_events < FEW_EVENTS:
        warn("few-events", f"{n_events} events: distributions cannot be distinguished by so few")
    beyond = [t for t in [*at, *([horizon] if horizon else [])] if t > last]
    if beyond:
        shown = first_few([f"{t:g}" for t in dict.fromkeys(beyond)])
        warn("extrapolation", f"survival at {shown} months lies beyond the last follow-up ({last:.4g} months) and "
             "depends on the distribution alone, not on data")  # fmt: skip
