"""The Kaplan-Meier analysis of a sample sheet: rates, medians, follow-up, curves and group tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.population import AT_RISK, as_population
from prognomics.data.registry import table_columns
from prognomics.data.result_table import COMMON, result_table
from prognomics.data.strata import resolve_strata
from prognomics.errors import UsageError
from prognomics.survival.curves.follow_up import follow_up_of, from_landmark
from prognomics.survival.curves.groups import ALL, group_levels, group_values, refuse_times_beyond
from prognomics.survival.curves.kaplan_meier import CONF_TYPES
from prognomics.survival.curves.kaplan_meier_summary import landmark_row, summary_rows, variance_name
from prognomics.survival.curves.logrank_table import TEST_COLUMNS, TEST_METHODS, logrank_table

SUMMARY_COLUMNS = table_columns("km_summary")
CURVE_COLUMNS = (
    "group", "time_months", "n_risk", "n_event", "n_censor", "survival", "se", "ci_low", "ci_high",
    "n", "events", "conf_type",
)  # fmt: skip


@dataclass(frozen=True)
class KaplanMeierAnalysis:
    """Tables with exactly the columns of `--out-summary`, `--out-curve`, `--out-test`.

    `test` has no rows without a group column. `curves` holds the curve of each group (or of
    "all" without groups) in their order. `adjustment` is what `adjust` gave.
    """

    summary: pd.DataFrame
    curve: pd.DataFrame
    test: pd.DataFrame
    curves: dict[str, Any]
    adjustment: object | None = None


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
    group_order: Sequence[str] = (),
    powers: tuple[float, float] = (0.0, 0.0),
    entry_months: object | None = None,
    landmark: float | None = None,
    cluster: str | None = None,
    probabilities: Sequence[float] = (),
    case_weights: np.ndarray | None = None,
    adjust: Callable[..., Any] | None = None,
    endpoint: str = "",
    population: str = "all",
) -> KaplanMeierAnalysis:
    """Survival of all samples and of groups, and the tests between the groups.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample: group, strata and cohort columns.
    time_months, event : array_like of shape (n_samples,), or names of columns
        Missing values are excluded and counted.
    group : str, optional
        Column of groups. The rows "all" describe every sample with the endpoint, also those
        without a group.
    conf_type : {"log", "log-log", "plain"}
    conf_level : float
    at : sequence of float
        Times, in months, at which survival is wanted.
    horizon : float, optional
        Horizon, in months, of the restricted mean and of its differences between groups.
    weights : {"logrank", "wilcoxon", "peto", "tarone_ware", "fleming_harrington", "max_combo"}
    strata : sequence of str
        Of the tests; see `resolve_strata`.
    p_adjust : {"bh", "holm", "none"}
        Over the pairs of three or more groups.
    trend : bool, optional
        Test for trend over the groups in their order. By default with three or more groups
        that have an order of their own: numbers, or low to high.
    reference_level : str, optional
        The group to list first.
    group_order : sequence of str
        All groups in their order; with three or more the trend over it is tested.
    powers : tuple of float
        p and q of Fleming and Harrington's weights.
    entry_months : array_like or str, optional
        Months at which samples came under observation (left truncation).
    landmark : float, optional
        Months: only samples at risk then are analyzed, and all times (`at`, `horizon`, the tables') count from there.
    cluster : str, optional
        Column of samples that belong together, such as patient_id: the tests between groups have the robust variance.
        Curves, medians and restricted means take each sample for itself.
    probabilities : sequence of float
        Of the event: rows `quantile` give the times by which that fraction has had it.
    case_weights : numpy.ndarray, shape (n_samples,), optional
        NaN where not known. Curves and tests are weighted, with the robust variance by sample.
    adjust : callable, optional
        Of the rows to use, the group of each sample and the groups in order: gives an object whose `weight`,
        shape (n_samples,), NaN where not known, multiplies the weights of the groups' curves and tests (not of "all").
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
    UsageError
        Unknown options, a negative time.
    """
    if cluster is not None and (group is None or horizon is not None):
        raise UsageError(
            "clusters are of tests between groups, and not of restricted means",
            hint="name a group column and leave --horizon out, or give --one-sample-per-patient",
        )
    _check_options(conf_type, weights, at, horizon, probabilities)
    if adjust is not None and group is None:
        raise UsageError("curves of groups are adjusted", hint="name a group column: --group-column")
    whole = follow_up_of(frame, time_months, event, entry_months)
    if case_weights is not None:
        whole = replace(whole, weights=case_weights, known=whole.known & (case_weights > 0))
    follow_up = whole
    stratifying = resolve_strata(frame, strata) if group is not None else []
    if landmark is not None:
        follow_up = from_landmark(whole, landmark)
        population = as_population(population).meeting(f"{AT_RISK}{landmark:g} months")
    known = follow_up.known
    at = list(dict.fromkeys(float(value) for value in at))
    refuse_times_beyond([*at, *([] if horizon is None else [horizon])], float(follow_up.time[known].max()))

    levels, members, has_group = [], {ALL: np.ones(len(frame), dtype=bool)}, np.ones(len(frame), dtype=bool)
    if group is not None:
        values = group_values(frame, group)
        has_group = values.notna().to_numpy()
        levels = group_levels(values, known & has_group, group, reference_level, list(group_order))
    compared, adjustment = follow_up, None
    if adjust is not None:
        adjustment = adjust(known & has_group, values, levels)
        has_group &= adjustment.weight > 0
        compared = replace(follow_up, weights=adjustment.weight * (1 if case_weights is None else case_weights))
    members |= {level: has_group & (values == level).to_numpy() for level in levels}
    summary, curves = [], {}
    for name, inside in members.items():
        rows = inside & known
        source = follow_up if name == ALL else compared
        curves[name] = source.curve(rows, conf_type, conf_level)
        missing = int((~whole.known).sum() if name == ALL else (~(whole.known & has_group)).sum())
        made = summary_rows(curves[name], source, rows, at, horizon, list(dict.fromkeys(probabilities)))
        if adjustment is not None and name == ALL:
            made = [row | {"note": "; ".join(filter(None, [row.get("note"), "not adjusted"]))} for row in made]
        if landmark is not None:
            made.append(landmark_row(whole, follow_up, inside, landmark))
        summary += [{"group": name, "n_missing": missing, **row} for row in made]
    if levels:
        del curves[ALL]
    common = {"endpoint": endpoint, "population": population}
    test = logrank_table(
        frame, compared, values, known & has_group, levels, stratifying, weights, p_adjust,
        True if trend is None and len(group_order) > 2 else trend, common, powers=powers, horizon=horizon,
        conf_level=conf_level, n_left_out=int((whole.known & ~known).sum()), cluster=cluster,
    ) if levels else result_table([], TEST_COLUMNS)  # fmt: skip
    return KaplanMeierAnalysis(
        result_table(summary, SUMMARY_COLUMNS, conf_type=conf_type, **common),
        _curve_table(curves, int((~(whole.known & has_group)).sum()), common),
        test,
        curves,
        adjustment,
    )


def _check_options(
    conf_type: str,
    weights: str,
    at: Sequence[float],
    horizon: float | None,
    probabilities: Sequence[float],
) -> None:
    for value in probabilities:
        if not 0 < value < 1:
            raise UsageError(f"the probability of a quantile is {value}; it lies between 0 and 1")
    for what, value, known in (("interval type", conf_type, CONF_TYPES), ("weights", weights, TEST_METHODS)):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}", hint=f"one of {', '.join(known)}")
    for value in [*at, *([] if horizon is None else [horizon])]:
        if not (np.isfinite(value) and value >= 0):
            raise UsageError(f"survival at {value} months was asked; a time is 0 or more")


def _curve_table(curves: dict[str, Any], n_missing: int, common: dict[str, Any]) -> pd.DataFrame:
    columns = ("n_risk", "n_event", "n_censor", "survival", "se", "ci_low", "ci_high", "conf_type")
    parts = []
    for name, curve in curves.items():
        values = {column: getattr(curve, column) for column in columns}
        shared = {"n": curve.n, "events": curve.n_events, "n_missing": n_missing, **common,
                  "method": f"Kaplan-Meier, {variance_name(curve)}"}  # fmt: skip
        parts.append(pd.DataFrame({"group": name, "time_months": curve.time, **values, **shared}))
    table = pd.concat(parts, ignore_index=True).assign(note=None)
    return table[[*CURVE_COLUMNS, *COMMON]]
