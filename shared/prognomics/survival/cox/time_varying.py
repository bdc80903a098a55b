"""Effects that change over follow-up: a hazard ratio per interval of time, or one that is linear in log time.

Follow-up is divided at the given months, each part a stratum of its own (R's `survSplit`), or at each event time (R's
`tt()`): the partial likelihood is the same, for no risk set reaches over a division. Therneau and Grambsch (2000),
doi 10.1007/978-1-4757-3294-8, chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from prognomics.errors import BadInput, Refused, UsageError, unknown_name
from prognomics.modeling.coefficient_rows import coefficient_rows, covariate_names, estimate_cells
from prognomics.modeling.coefficient_tests import likelihood_ratio_test, wald_test
from prognomics.modeling.design_matrix import Term
from prognomics.modeling.fitted import FittedModel
from prognomics.survival.cox.fit import CoxFit, fit_cox
from prognomics.survival.cox.models import CoxData
from prognomics.survival.cox.tables import model_row
from prognomics.survival.event_times import NEAR_TIE

FUNCTIONS = ("step", "log")
LOG = "log(t + 1)"
MOST_CELLS = 100_000_000
"""Numbers in the design of the log function, which has a row per sample and event time."""


@dataclass(frozen=True)
class TimeVarying:
    """What is asked: the terms whose effect changes, how, and the months at which follow-up is divided."""

    terms: tuple[str, ...] = ()
    function: str = "step"
    splits: tuple[float, ...] = ()

    @property
    def intervals(self) -> list[tuple[float, float]]:
        edges = [0.0, *self.splits, np.inf]
        return list(zip(edges[:-1], edges[1:], strict=True))


@dataclass(frozen=True)
class ModelOverTime:
    """A model with effects that change.

    Attributes
    ----------
    model : FittedModel
        Of the divided follow-up: its design has a row per sample and part.
    rows : list of dict
        Of `--out-table`.
    model_row : dict
        Of `--out-model`.
    effects : dict of str to callable
        By column of the design: log hazard ratio at times in months.
    """

    model: FittedModel
    rows: list[Any]
    model_row: dict[str, Any]
    effects: dict[str, Any]


def check_time_varying(
    terms: Sequence[str],
    function: str,
    splits: Sequence[float],
    covariates: Collection[str],
    fixed: Collection[str] = (),
    penalty: str = "none",
) -> TimeVarying:
    """What is asked, checked.

    Parameters
    ----------
    terms : sequence of str
    function : {"step", "log"}
    splits : sequence of float
        Months; of "step" only.
    covariates : collection of str
    fixed : collection of str
        Terms whose effect cannot change: splines and parts of interactions.
    penalty : str

    Raises
    ------
    BadInput
        A term that is not a covariate.
    UsageError
        No months for steps, months without steps or terms, a spline or interaction, Firth's penalty.
    """
    terms, splits = tuple(dict.fromkeys(terms)), tuple(sorted(set(float(split) for split in splits)))
    if function not in FUNCTIONS:
        raise UsageError(f"unknown function of time {function!r}", hint=f"one of {', '.join(FUNCTIONS)}")
    if not terms:
        if splits or function != "step":
            raise UsageError("a function of time needs a term whose effect changes",
                             hint="name it: --time-varying TERM")  # fmt: skip
        return TimeVarying()
    for name in terms:
        if name not in covariates:
            raise unknown_name("covariate", name, covariates, where="time-varying effects")
        if name in fixed:
            raise UsageError(f"the effect of {name!r} cannot change over time: it is a spline or in an interaction",
                             hint="enter it as a line, without the interaction")  # fmt: skip
    if penalty != "none":
        raise UsageError("effects that change over time are fitted without a penalty", hint="omit --penalty")
    if function == "step" and not splits:
        raise UsageError("steps need the months at which the effect changes", hint="for instance --time-split 24")
    if function == "log" and splits:
        raise UsageError("the logarithm of time has no months at which it changes", hint="omit --time-split")
    if any(not (np.isfinite(split) and split > 0) for split in splits):
        raise BadInput("a month at which an effect changes is not a positive number", where=f"{splits}")
    return TimeVarying(terms, function, splits)


@dataclass(frozen=True)
class _Parts:
    """Divided follow-up: which row of the design each part is of, and the arrays of `fit_cox`.

    `place` is the interval of a part, `log_time` the logarithm of its event time plus 1.
    """

    row: np.ndarray
    time: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    entry: np.ndarray | None
    place: np.ndarray | None = None
    log_time: np.ndarray | None = None


def _at_most(time: np.ndarray, high: float) -> np.ndarray:
    return time <= high + NEAR_TIE * max(1.0, high) if np.isfinite(high) else np.ones(len(time), dtype=bool)


def _step_parts(fit: CoxFit, asked: TimeVarying) -> _Parts:
    intervals = asked.intervals
    if _at_most(fit.time, asked.splits[-1]).all():
        raise Refused(f"nobody is followed beyond {asked.splits[-1]:g} months, where an effect is to change",
                      where=f"longest follow-up: {fit.time.max():g} months")  # fmt: skip
    found = []
    for k, (low, high) in enumerate(intervals):
        inside = np.ones(len(fit.time), dtype=bool) if k == 0 else ~_at_most(fit.time, low)
        if fit.entry is not None and np.isfinite(high):
            inside &= fit.entry < high
        row = np.flatnonzero(inside)
        ended = _at_most(fit.time[row], high)
        found.append((row, np.where(ended, fit.time[row], high), fit.event[row] & ended,
                      fit.stratum[row] * len(intervals) + k, np.full(len(row), k)))  # fmt: skip
    row, time, event, stratum, place = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _Parts(row, time, event, stratum, None if fit.entry is None else np.minimum(fit.entry[row], time), place)


def _log_parts(fit: CoxFit, n_columns: int) -> _Parts:
    found: list[Any] = []
    size = 0
    for code in np.unique(fit.stratum):
        own = np.flatnonzero(fit.stratum == code)
        for at in np.unique(fit.time[own][fit.event[own]]):
            there = own[fit.time[own] >= at]
            if fit.entry is not None:
                there = there[fit.entry[there] < at]
            size += len(there) * n_columns
            if size > MOST_CELLS:
                raise Refused(
                    f"the logarithm of time needs more than {MOST_CELLS:,} numbers for {len(fit.time)} samples",
                    hint="estimate the effect in intervals: --time-function step",
                )
            found.append((there, fit.event[there] & (fit.time[there] == at), np.full(len(there), len(found)),
                          np.full(len(there), np.log(at + 1))))  # fmt: skip
    row, event, stratum, log_time = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _Parts(row, np.ones(len(row)), event, stratum, None, log_time=log_time)


def model_over_time(one: FittedModel, asked: TimeVarying, data: CoxData) -> ModelOverTime | None:
    """A fitted model with the effect of some terms free to change; None if it holds none of them.

    Parameters
    ----------
    one : FittedModel
        With constant effects.
    asked : TimeVarying
    data : CoxData

    Returns
    -------
    ModelOverTime or None
        A row per interval and level (of the logarithm: per level a row of the effect at time 0, `interval` NA, and one
        of its change), whose `n` and `events` are the interval's, and an omnibus row: Wald's and the likelihood-ratio
        test against the same model with a constant effect of the term. An event at a division belongs to the earlier
        interval.

    Raises
    ------
    Refused
        Follow-up ends before a division; the logarithm with too many samples and event times.

    Notes
    -----
    As `coxph(Surv(tstart, tstop, event) ~ x:strata(interval), survSplit(…))` and
    `coxph(… ~ x + tt(x), tt = function(x, t, ...) x * log(t + 1))`.
    """
    changing = [term for term in one.design.terms if term.name in asked.terms and term.columns]
    if not changing:
        return None
    fitter = _Fitter(one, asked, data, changing)
    model = replace(one, design=replace(one.design, x=fitter.x), fit=fitter.fit, plain=fitter.fit,
                    cluster=fitter.cluster)  # fmt: skip
    constant = replace(model, design=replace(
        model.design, terms=tuple(term for term in one.design.terms if term not in changing)))  # fmt: skip
    made = coefficient_rows(constant, {}, data.conf_level, lambda columns: fitter.lr_p(fitter.x, fitter.fit, columns))
    rows: list[dict[str, Any]] = []
    effects: dict[str, Any] = {}
    for term in one.design.terms:
        if term in changing:
            found, of_columns = (
                _steps(fitter, model, term) if asked.function == "step" else _logarithm(fitter, model, term)
            )
            reason = one.reason_for(term)
            rows += [{"model": one.kind, "n_missing": one.n_missing, "term": term.name, "selected_by": reason, **row}
                     for row in found]  # fmt: skip
            effects |= of_columns
        else:
            rows += [row | {"n": one.fit.n} for row in made if row["term"] == term.name]
    names = ", ".join(term.name for term in changing)
    summary = model_row(model) | {"n": one.fit.n, "covariates": covariate_names(one)}
    summary["note"] = "; ".join(filter(None, [summary["note"], f"the effect of {names} changes over time"]))
    return ModelOverTime(model, rows, summary, effects)


class _Fitter:
    """Fits to divided follow-up.

    `x` holds the columns of the design, then the changes of each term (from the first interval, or per unit of log
    time); `changes` names their places by term.
    """

    def __init__(self, one: FittedModel, asked: TimeVarying, data: CoxData, changing: Sequence[Term]):
        self.one, self.asked, self.data, fit = one, asked, data, one.fit
        n_columns = one.design.x.shape[1] + sum(len(term.columns) for term in changing)
        self.parts = parts = _step_parts(fit, asked) if asked.function == "step" else _log_parts(fit, n_columns)
        self.cluster = None if one.cluster is None else one.cluster[parts.row]
        self.weights = None if fit.weights is None else fit.weights[parts.row]
        base, blocks, place = one.design.x[parts.row], [], one.design.x.shape[1]
        self.changes: dict[str, list[int]] = {}
        for term in changing:
            own = base[:, list(term.columns)]
            if asked.function == "step":
                made = [own * (parts.place == k)[:, None] for k in range(1, len(asked.intervals))]
            else:
                made = [own * parts.log_time[:, None]]
            block = np.column_stack(made)
            self.changes[term.name] = list(range(place, place + block.shape[1]))
            place += block.shape[1]
            blocks.append(block)
        self.x = np.column_stack([base, *blocks])
        self.fit = self.fitted(self.x)

    def fitted(self, x: np.ndarray) -> CoxFit:
        parts = self.parts
        return fit_cox(parts.time, parts.event, x, parts.stratum, self.data.ties, self.weights, parts.entry,
                       self.cluster, eps=self.data.eps)  # fmt: skip

    def lr_p(self, x: np.ndarray, fit: CoxFit, columns: Collection[int]) -> float:
        """Likelihood-ratio p of leaving columns of a design out."""
        left = [j for j in range(x.shape[1]) if j not in set(columns)]
        return likelihood_ratio_test(fit, self.fitted(x[:, left]) if left else None).p_value

    def omnibus(self, term: Term) -> dict[str, Any]:
        columns = self.changes[term.name]
        joint = wald_test(self.fit, columns)
        known = joint.chisq == joint.chisq
        return {
            "row_type": "omnibus", "reference": term.reference, "n": self.one.fit.n, "events": self.one.fit.n_events,
            "statistic": joint.chisq, "df": joint.df, "p_value": joint.p_value,
            "p_lr": self.lr_p(self.x, self.fit, columns), "estimable": "yes" if known else "no",
            "note": "test against a constant effect" if known else "Wald test undefined, see p_lr",
        }  # fmt: skip


def _contrast(term: Term, place: int) -> dict[str, Any]:
    if term.kind == "factor":
        return {"level": term.levels[place + 1], "reference": term.reference}
    return {"unit": "1"}


def _reference(fitter: _Fitter, term: Term) -> list[dict[str, Any]]:
    if term.kind != "factor":
        return []
    return [{"row_type": "reference", "level": term.reference, "reference": term.reference, "n": fitter.one.fit.n,
             "events": fitter.one.fit.n_events, "n_level": term.n_level[term.reference],
             "events_level": term.events_level[term.reference], "hr": 1.0, "estimable": "yes",
             "note": term.note}]  # fmt: skip


def interval_name(low: float, high: float) -> str:
    """`0-24`, or `24-` for the last one."""
    return f"{low:g}-" if np.isinf(high) else f"{low:g}-{high:g}"


def _steps(fitter: _Fitter, model: FittedModel, term: Term) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of a term by interval, from the same model with a column per interval."""
    parts, intervals = fitter.parts, fitter.asked.intervals
    own, width = fitter.x[:, list(term.columns)], len(term.columns)
    others = [j for j in range(fitter.x.shape[1]) if j not in {*term.columns, *fitter.changes[term.name]}]
    nested = np.column_stack(
        [*(own * (parts.place == k)[:, None] for k in range(len(intervals))), fitter.x[:, others]])  # fmt: skip
    fit = fitter.fitted(nested)
    tests = replace(model, fit=fit, plain=fit).coefficient_tests(fitter.data.conf_level)
    rows, betas = [], np.full((len(intervals), width), np.nan)
    for k, interval in enumerate(intervals):
        inside = parts.place == k
        for place in range(width):
            column = k * width + place
            betas[k, place] = fit.beta[column]
            row = estimate_cells(fit, tests, column) | _contrast(term, place)
            events = int(parts.event[inside].sum())
            row |= {"row_type": "level", "interval": interval_name(*interval), "n": int(inside.sum()), "events": events,
                    "p_lr": fitter.lr_p(nested, fit, [column])}  # fmt: skip
            if term.kind == "factor":
                chosen = inside & (own[:, place] == 1)
                row |= {"n_level": int(chosen.sum()), "events_level": int(parts.event[chosen].sum())}
            if not events:
                row["note"] = "not estimable: no events in this interval"
            rows.append(row)

    def at(months: np.ndarray, place: int) -> np.ndarray:
        result: np.ndarray = betas[np.searchsorted(np.array(fitter.asked.splits), months, side="left"), place]
        return result

    effects = {fitter.one.fit.columns[j]: partial(at, place=place) for place, j in enumerate(term.columns)}
    return [*_reference(fitter, term), *rows, fitter.omnibus(term)], effects


def _logarithm(fitter: _Fitter, model: FittedModel, term: Term) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    fit, tests = fitter.fit, model.coefficient_tests(fitter.data.conf_level)
    everyone = {"row_type": "level", "n": fitter.one.fit.n, "events": fitter.one.fit.n_events}
    rows: list[dict[str, Any]] = []
    effects: dict[str, Any] = {}
    for place, (main, change) in enumerate(zip(term.columns, fitter.changes[term.name], strict=True)):
        parts = ((main, None, "the effect at time 0"), (change, LOG, f"change per unit of {LOG}"))
        for column, interval, note in parts:
            row = everyone | estimate_cells(fit, tests, column) | _contrast(term, place) | {"interval": interval}
            if term.kind == "factor":
                row |= {"n_level": term.n_level[row["level"]], "events_level": term.events_level[row["level"]]}
            row["note"] = "; ".join(filter(None, [row["note"], note]))
            rows.append(row | {"p_lr": fitter.lr_p(fitter.x, fit, [column])})
        effects[fitter.one.fit.columns[main]] = _line(float(fit.beta[main]), float(fit.beta[change]))
    return [*_reference(fitter, term), *rows, fitter.omnibus(term)], effects


def _line(start: float, slope: float) -> Callable[..., Any]:
    return lambda months: start + slope * np.log(np.asarray(months) + 1)
