"""The Kaplan-Meier analysis of a sample sheet: rates, medians, follow-up, curves and group tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import Refused, UsageFault, unknown_name
from prognomics.levels import ordered_levels
from prognomics.survival.design_matrix import put_first, text_values
from prognomics.survival.event_times import merge_near_ties
from prognomics.survival.kaplan_meier import (
    CONF_TYPES,
    SurvivalCurve,
    kaplan_meier,
    restricted_mean,
    survival_at,
    survival_quantile,
)
from prognomics.survival.logrank import WEIGHTS
from prognomics.survival.logrank_table import TEST_COLUMNS, logrank_table
from prognomics.survival.result_table import COMMON, endpoint_arrays, result_table
from prognomics.survival.strata import resolve_strata

ALL = "all"
SUMMARY_COLUMNS = (
    "group", "statistic", "time_months", "n", "events", "n_risk", "estimate", "se", "ci_low", "ci_high",
    "min", "max", "conf_type",
)  # fmt: skip
CURVE_COLUMNS = (
    "group", "time_months", "n_risk", "n_event", "n_censor", "survival", "se", "ci_low", "ci_high",
    "n", "events", "conf_type",
)  # fmt: skip
FEW_AT_RISK = 10


@dataclass(frozen=True)
class KaplanMeierAnalysis:
    """Tables with exactly the columns of `--out-summary`, `--out-curve`, `--out-test`.

    `test` has no rows without a group column. `curves` holds the curve of each group (or of
    "all" without groups) in their order.
    """

    summary: pd.DataFrame
    curve: pd.DataFrame
    test: pd.DataFrame
    curves: dict


def kaplan_meier_analysis(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    group: str | None = None,
    *,
    conf_type: str = "log",
    conf_level: float = 0.95,
    at: Sequence[float] = (),
    horizon: float | None = None,
    weights: str = "logrank",
    strata: Sequence[str] = ("auto",),
    p_adjust: str = "bh",
    trend: bool | None = None,
    reference_level: str | None = None,
    endpoint: str = "",
    population: str = "all",
) -> KaplanMeierAnalysis:
    """Survival of all samples and of groups, and the tests between the groups.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a sample: group, strata and cohort columns.
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are left out and counted.
    group : str, optional
        Column of groups. The rows "all" describe every sample with the endpoint, also those
        without a group.
    conf_type : {"log", "log-log", "plain"}
    conf_level : float
    at : sequence of float
        Times, in months, at which survival is wanted.
    horizon : float, optional
        Horizon, in months, of the restricted mean.
    weights : {"logrank", "wilcoxon", "peto"}
    strata : sequence of str
        Of the tests; see `resolve_strata`.
    p_adjust : {"bh", "holm", "none"}
        Over the pairs of three or more groups.
    trend : bool, optional
        Test for trend over the groups in their order. By default with three or more groups
        that have an order of their own: numbers, or low to high.
    reference_level : str, optional
        The group to list first.
    endpoint, population : str
        Named in the tables.

    Returns
    -------
    KaplanMeierAnalysis

    Raises
    ------
    Refused
        No events, one group only, groups that no stratum holds side by side, a time beyond
        the follow-up of all samples.
    BadInput
        Unknown columns or levels, wrong values.
    UsageFault
        Unknown options, a negative time.
    """
    _check_options(conf_type, weights, at, horizon)
    time, event, known = endpoint_arrays(frame, time_months, event)
    stratifying = resolve_strata(frame, strata) if group is not None else []
    at = list(dict.fromkeys(float(value) for value in at))
    _check_horizon(float(time[known].max()), at, horizon)
    time[known] = merge_near_ties(time[known])
    event = event == 1

    def curve_of(rows: np.ndarray, reverse: bool = False) -> SurvivalCurve:
        return kaplan_meier(time[rows], event[rows] ^ reverse, conf_type, conf_level, timefix=False)

    levels, members = [], {ALL: known}
    if group is not None:
        values = _group_values(frame, group)
        grouped = known & values.notna().to_numpy()
        levels = _levels(values, grouped, group, reference_level)
        members |= {level: grouped & (values == level).to_numpy() for level in levels}
    summary, curves = [], {}
    for name, rows in members.items():
        curves[name] = curve_of(rows)
        missing = len(frame) - int((rows if name == ALL else grouped).sum())
        follow_up = survival_quantile(curve_of(rows, reverse=True))
        for row in _summary_rows(curves[name], time[rows], follow_up, at, horizon):
            summary.append({"group": name, "n_missing": missing, **row})
    if levels:
        del curves[ALL]
    common = {"endpoint": endpoint, "population": population}
    test = logrank_table(
        frame, time, event, values, grouped, levels, stratifying, weights, p_adjust, trend, common
    ) if levels else result_table([], TEST_COLUMNS)  # fmt: skip
    return KaplanMeierAnalysis(
        result_table(summary, SUMMARY_COLUMNS, conf_type=conf_type, **common),
        _curve_table(curves, len(frame) - int((grouped if levels else known).sum()), common),
        test,
        curves,
    )


def _check_options(conf_type, weights, at, horizon):
    for what, value, known in (("interval type", conf_type, CONF_TYPES), ("weights", weights, WEIGHTS)):
        if value not in known:
            raise UsageFault(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    for value in [*at, *([] if horizon is None else [horizon])]:
        if not (np.isfinite(value) and value >= 0):
            raise UsageFault(f"survival at {value} months was asked; a time is 0 or more")


def _check_horizon(last, at, horizon):
    beyond = [value for value in [*at, *([] if horizon is None else [horizon])] if value > last]
    if beyond:
        raise Refused(
            f"survival at {beyond[0]:g} months cannot be estimated: the longest follow-up is {last:g} months",
            hint="ask for an earlier time, or check the unit of the follow-up times",
        )


def _group_values(frame, group):
    if group not in frame.columns:
        raise unknown_name("group column", group, map(str, frame.columns), where="samples and annotations")
    return text_values(frame[group])


def _levels(values, grouped, group, reference_level):
    levels = ordered_levels(values[grouped])
    if reference_level is not None and reference_level not in levels:
        raise unknown_name("group", reference_level, levels, where=f"column {group}")
    if len(levels) < 2:
        raise Refused(
            f"the column {group!r} holds {len(levels) or 'no'} group only among samples with follow-up",
            where=f"group: {levels[0]}" if levels else "",
            hint="check the subset and the group column; leave the group out for the survival of all samples",
        )
    if ALL in levels:
        raise UsageFault(f"the column {group!r} has a group named {ALL!r}: tables use it for all samples")
    return put_first(levels, reference_level)


def _summary_rows(curve, time, follow_up, at, horizon):
    base = {"n": curve.n, "events": curve.n_events}
    rows = []
    if at:
        values = survival_at(curve, np.array(at))
        for i, when in enumerate(at):
            note = ""
            if when > curve.time[-1]:
                note = f"beyond the last observed time of the group ({curve.time[-1]:g} months)"
            elif values.n_risk[i] < FEW_AT_RISK:
                note = f"fewer than {FEW_AT_RISK} at risk"
            rows.append(
                {
                    **base, "statistic": "survival", "time_months": when, "n_risk": int(values.n_risk[i]),
                    "estimate": values.survival[i], "se": values.se[i], "ci_low": values.ci_low[i],
                    "ci_high": values.ci_high[i], "method": "Kaplan-Meier, Greenwood", "note": note,
                }
            )  # fmt: skip
    median = survival_quantile(curve)
    rows.append(
        {
            **base, "statistic": "median", "estimate": median.estimate, "ci_low": median.ci_low,
            "ci_high": median.ci_high, "method": "Kaplan-Meier, Brookmeyer-Crowley",
            "note": "not reached" if np.isnan(median.estimate) else "",
        }
    )  # fmt: skip
    if horizon is not None:
        row = base | {"statistic": "rmst", "time_months": float(horizon)}
        row["method"] = "restricted mean, Greenwood"
        row["n_risk"] = int((time >= horizon).sum())
        if horizon > curve.time[-1]:
            row["note"] = f"beyond the last observed time of the group ({curve.time[-1]:g} months)"
        elif horizon > 0:
            mean = restricted_mean(curve, horizon)
            row |= {"estimate": mean.estimate, "se": mean.se, "ci_low": mean.ci_low, "ci_high": mean.ci_high}
        rows.append(row)
    rows.append(
        {
            **base, "statistic": "followup_reverse_km", "estimate": follow_up.estimate,
            "ci_low": follow_up.ci_low, "ci_high": follow_up.ci_high, "min": time.min(), "max": time.max(),
            "method": "reverse Kaplan-Meier median",
            "note": "not reached" if np.isnan(follow_up.estimate) else "",
        }
    )  # fmt: skip
    rows.append(
        {
            **base, "statistic": "observed_time", "estimate": float(np.median(time)), "min": time.min(),
            "max": time.max(), "conf_type": None,
            "method": "median of observed times, events and censorings alike",
        }
    )  # fmt: skip
    return rows


def _curve_table(curves, n_missing, common):
    columns = ("n_risk", "n_event", "n_censor", "survival", "se", "ci_low", "ci_high", "conf_type")
    parts = []
    for name, curve in curves.items():
        values = {column: getattr(curve, column) for column in columns}
        shared = {"n": curve.n, "events": curve.n_events, "n_missing": n_missing, **common}
        parts.append(pd.DataFrame({"group": name, "time_months": curve.time, **values, **shared}))
    table = pd.concat(parts, ignore_index=True).assign(method="Kaplan-Meier, Greenwood", note=None)
    return table[[*CURVE_COLUMNS, *COMMON]]
