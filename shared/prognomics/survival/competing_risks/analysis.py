"""Cumulative incidence of both causes in a sample sheet: at given times, whole curves, and Gray's tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.data.result_table import COMMON, result_table
from prognomics.data.strata import cohorts_of, resolve_strata, strata_name, stratum_labels
from prognomics.errors import Refused, UsageError, warn
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.competing_risks.follow_up import CompetingFollowUp, competing_follow_up
from prognomics.survival.competing_risks.gray import gray_test
from prognomics.survival.competing_risks.incidence import (
    CAUSES,
    CONF_TYPES,
    IncidenceCurves,
    cumulative_incidence,
    incidence_at,
)
from prognomics.survival.curves.groups import ALL, group_levels, group_values, refuse_times_beyond

INCIDENCE_COLUMNS = table_columns("incidence_table")
CURVE_COLUMNS = (
    "group", "cause", "time_months", "n_risk", "n_event", "n_competing", "n_censor", "incidence", "se", "ci_low",
    "ci_high", "se_delta", "one_minus_km", "n", "events", "competing", "conf_type",
)  # fmt: skip
TEST_COLUMNS = table_columns("gray_test")
PAIRS, NO_PAIR = "p adjusted over pairs: holm", "no test: the pair has no such event, or is never at risk side by side"
METHOD = (
    "Aalen-Johansen; se and limits by the infinitesimal jackknife (as survival::survfit), se_delta by the delta method "
    "(as cmprsk::cuminc)"
)
FEW_AT_RISK = 10


@dataclass(frozen=True)
class IncidenceAnalysis:
    """Tables with exactly the columns of `--out-incidence`, `--out-curve`, `--out-test`.

    `test` has no rows without a group column. `curves` holds the curves of each group, or of "all" without groups.
    """

    incidence: pd.DataFrame
    curve: pd.DataFrame
    test: pd.DataFrame
    curves: dict[str, IncidenceCurves]


def incidence_analysis(
    frame: pd.DataFrame,
    time_months: object,
    causes: object,
    group: str | None = None,
    *,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
    at: Sequence[float] = (),
    strata: Sequence[str] = ("auto",),
    group_order: Sequence[str] = (),
    endpoint: str = "",
    population: str = "all",
) -> IncidenceAnalysis:
    """Cumulative incidence of the event and of the competing event, overall and by group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: group, strata and cohort columns.
    time_months, causes : array_like of shape (n_samples,), or names of columns
        Months; 0 censored, 1 event, 2 competing event. Missing values are omitted and counted.
    group : str, optional
        Column of groups. The rows "all" describe every sample with the endpoint, also those without a group.
    conf_type : {"log-log", "plain"}
    conf_level : float
    at : sequence of float
        Months at which the incidence is wanted; by default the last observed time of each group.
    strata : sequence of str
        Of Gray's tests; see `resolve_strata`.
    group_order : sequence of str
        All groups in their order.
    endpoint, population : str
        Named in the tables.

    Returns
    -------
    IncidenceAnalysis

    Raises
    ------
    Refused
        No event of interest, one group only, groups that no stratum holds side by side, a time beyond all follow-up.
    BadInput
        Unknown columns, wrong values.
    UsageError
        Unknown options, a negative time.
    """
    if conf_type not in CONF_TYPES:
        raise UsageError(f"unknown interval type {conf_type!r}", hint=f"one of {', '.join(CONF_TYPES)}")
    for value in at:
        if not (np.isfinite(value) and value >= 0):
            raise UsageError(f"the incidence at {value} months was requested; a time is 0 or more")
    follow_up = competing_follow_up(frame, time_months, causes)
    known = follow_up.known
    at = list(dict.fromkeys(float(value) for value in at))
    refuse_times_beyond(at, float(follow_up.time[known].max()), "the incidence")
    stratifying = resolve_strata(frame, strata) if group is not None else []

    members, has_group = {ALL: known}, np.ones(len(frame), dtype=bool)
    levels: list[str] = []
    if group is not None:
        values = group_values(frame, group)
        has_group = values.notna().to_numpy()
        levels = group_levels(values, known & has_group, group, group_order=list(group_order))
        members |= {level: known & has_group & (values == level).to_numpy() for level in levels}
    common = {"endpoint": endpoint, "population": population}
    rows, curves = [], {}
    for name, inside in members.items():
        curves[name] = cumulative_incidence(
            follow_up.time[inside], follow_up.causes[inside], conf_type, conf_level, timefix=False
        )
        missing = int((~known).sum() if name == ALL else (~(known & has_group)).sum())
        rows += [{"group": name, "n_missing": missing, **row} for row in _incidence_rows(curves[name], at)]
    if levels:
        del curves[ALL]
    test = _test_table(frame, follow_up, values, known & has_group, levels, stratifying, common) if levels else (
        result_table([], TEST_COLUMNS))  # fmt: skip
    return IncidenceAnalysis(
        result_table(rows, INCIDENCE_COLUMNS, conf_type=conf_type, method=METHOD, **common),
        _curve_table(curves, conf_type, int((~(known & has_group)).sum()), common), test, curves,
    )  # fmt: skip


def _incidence_rows(curves: IncidenceCurves, at: Sequence[float]) -> list[dict[str, Any]]:
    times = np.array(at or [curves.time[-1]], dtype=float)
    n_risk = np.append(curves.n_risk, 0)[np.searchsorted(curves.time, times, side="left")]
    rows = []
    for cause in CAUSES:
        found = incidence_at(curves, cause, times)
        for i, time in enumerate(times):
            note = ""
            if time > curves.time[-1]:
                note = f"beyond the last observed time of the group ({curves.time[-1]:g} months)"
            elif n_risk[i] < FEW_AT_RISK:
                note = f"fewer than {FEW_AT_RISK} at risk"
            rows.append(
                {
                    "cause": cause, "time_months": time, "n": curves.n, "events": curves.events,
                    "competing": curves.competing, "n_risk": int(n_risk[i]), "estimate": found.estimate[i],
                    "se": found.se[i], "ci_low": found.ci_low[i], "ci_high": found.ci_high[i],
                    "se_delta": found.se_delta[i], "note": note,
                }
            )  # fmt: skip
    return rows


def _curve_table(
    curves: dict[str, IncidenceCurves], conf_type: str, n_missing: int, common: dict[str, Any]
) -> pd.DataFrame:
    parts = []
    for name, one in curves.items():
        for cause in CAUSES:
            found = one.causes[cause]
            values = {column: getattr(one, column) for column in ("n_risk", "n_event", "n_competing", "n_censor")}
            limits = {column: getattr(found, column) for column in ("se", "ci_low", "ci_high", "se_delta")}
            shared = {"n": one.n, "events": one.events, "competing": one.competing, "conf_type": conf_type}
            naive = one.naive if cause == "event" else np.full(len(one.time), np.nan)
            parts.append(
                pd.DataFrame({"group": name, "cause": cause, "time_months": one.time, **values,
                              "incidence": found.estimate, **limits, "one_minus_km": naive, **shared})
            )  # fmt: skip
    table = pd.concat(parts, ignore_index=True).assign(n_missing=n_missing, method=METHOD, note=None, **common)
    return table[[*CURVE_COLUMNS, *COMMON]]


def _test_table(
    frame: pd.DataFrame,
    follow_up: CompetingFollowUp,
    groups: pd.Series,
    rows: np.ndarray,
    levels: list[str],
    stratifying: list[str],
    common: dict[str, Any],
) -> pd.DataFrame:
    labels, stratum_known = stratum_labels(frame, stratifying)
    rows = rows & stratum_known
    present = [level for level in levels if (groups[rows] == level).any()]
    if len(present) < 2:
        raise Refused(f"only one group is left where {strata_name(stratifying)} is known", where=f"group: {present}")
    cohorts = cohorts_of(frame[rows])
    if not stratifying and len(cohorts) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts)} cohorts are compared as one: differences between them are confounded with the groups; "
            "the stratified test is preferred",
        )
    time, causes, group = follow_up.time[rows], follow_up.causes[rows], groups[rows].to_numpy(dtype=object)
    strata = None if labels is None else labels[rows]
    method = "Gray's test (rho = 0)" + (f", stratified by {' and '.join(stratifying)}" if stratifying else "")
    shared = {
        **common, "test": "gray", "strata": strata_name(stratifying), "method": method,
        "n_missing": len(frame) - int(rows.sum()),
    }  # fmt: skip
    records = []
    for code, cause in enumerate(CAUSES, start=1):
        result, note = {"df": len(present) - 1}, "no sample has a competing event"
        if (causes == code).any():
            found = gray_test(time, causes, group, strata, code, timefix=False)
            if code == 1 and not np.diag(found.covariance).any():
                raise Refused(
                    "the groups are never at risk side by side"
                    + (f" within a stratum of {strata_name(stratifying)}" if stratifying else ""),
                    hint="the comparison is confounded; look at the group by stratum counts",
                )
            result = {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}
            note = "" if np.isfinite(found.statistic) else "no test: the covariance of the scores is singular"
        for level in present:
            own = causes[group == level]
            counts = {"n": len(own), "events": int((own == 1).sum()), "competing": int((own == 2).sum())}
            records.append({**result, "cause": cause, "group": level, **counts, "note": note, "comparison": "overall"})
    if len(present) > 2:
        records += _pair_rows(time, causes, group, strata, present)
    return result_table(records, TEST_COLUMNS, **shared)


def _pair_rows(
    time: np.ndarray, causes: np.ndarray, group: np.ndarray, strata: Any, present: list[str]
) -> list[dict[str, Any]]:
    """Gray's test of each pair of groups for each cause that occurs, p-values adjusted by Holm over the pairs."""
    records = []
    for code, cause in enumerate(CAUSES, start=1):
        rows = []
        for pair in combinations(present, 2):
            inside = np.isin(group, pair)
            own, name = causes[inside], " vs ".join(pair)
            row = {"cause": cause, "group": name, "comparison": name, "n": len(own), "df": 1,
                   "events": int((own == 1).sum()), "competing": int((own == 2).sum()), "note": NO_PAIR}  # fmt: skip
            if (own == code).any():
                labels = None if strata is None else strata[inside]
                found = gray_test(time[inside], own, group[inside], labels, code, timefix=False)
                if np.isfinite(found.statistic):
                    row |= {"statistic": found.statistic, "df": found.df, "p_value": found.p_value, "note": PAIRS}
            rows.append(row)
        adjusted = adjust([row.get("p_value", np.nan) for row in rows], "holm")
        records += [{**row, "p_adjusted": p} for row, p in zip(rows, adjusted, strict=True)]
    return records
