"""The table of log-rank tests between the groups of a sample sheet: overall, trend, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.levels import is_cut
from prognomics.data.result_table import result_table
from prognomics.data.strata import cohorts_of, strata_name, stratum_labels
from prognomics.errors import Refused, warn
from prognomics.survival.clusters import cluster_labels
from prognomics.survival.curves.follow_up import FollowUp
from prognomics.survival.curves.logrank import LogrankTest, logrank, logrank_trend, pairwise_logrank
from prognomics.survival.curves.max_combo import max_combo, refuse_unsupported
from prognomics.survival.curves.mean_difference_table import mean_difference_rows

TEST_COLUMNS = (
    "test", "strata", "comparison", "group", "n", "observed", "expected", "chisq", "df", "p_value",
    "p_adjusted", "events", "time_months", "estimate", "se", "ci_low", "ci_high",
)  # fmt: skip
TEST_METHODS = {
    "logrank": "log-rank test",
    "wilcoxon": "Gehan-Breslow test (log-rank weighted by the number at risk)",
    "peto": "Peto-Peto test (log-rank weighted by survival, rho = 1)",
    "tarone_ware": "Tarone-Ware test (log-rank weighted by the square root of the number at risk)",
    "fleming_harrington": "Fleming-Harrington test (log-rank weighted by survival S: S^{0:g} (1 - S)^{1:g})",
    "max_combo": "max-combo test (largest of Fleming-Harrington (0, 0), (1, 0), (0, 1), (1, 1), corrected for it)",
}


def logrank_table(
    frame: pd.DataFrame,
    follow_up: FollowUp,
    groups: pd.Series,
    rows: np.ndarray,
    levels: Sequence[str],
    stratifying: Sequence[str],
    weights: str,
    p_adjust: str,
    trend: bool | None,
    common: Mapping[str, Any],
    *,
    powers: tuple[float, float] = (0.0, 0.0),
    horizon: float | None = None,
    conf_level: float = 0.95,
    n_left_out: int = 0,
    cluster: str | None = None,
) -> pd.DataFrame:
    """`--out-test`, as a frame.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
        For the strata and cohorts.
    follow_up : FollowUp
    groups : pandas.Series, n_samples rows
        Group of each sample, as text.
    rows : numpy.ndarray of bool, shape (n_samples,)
        Samples with endpoint and group.
    levels : sequence of str
        Groups in their order.
    stratifying : sequence of str
        Columns of the strata.
    weights, p_adjust, trend
        See `kaplan_meier_analysis`.
    common : mapping
        Values that all rows share.
    powers : tuple of float
        Of Fleming and Harrington's weights.
    horizon : float, optional
        Horizon of the restricted means whose differences follow the tests.
    conf_level : float
    cluster : str, optional
        Column of samples that belong together: the tests have the robust variance.
    n_left_out : int
        Samples that a landmark excludes; they are not missing.

    Raises
    ------
    Refused
        One group only, or groups that are never at risk side by side.
    """
    labels, stratum_known = stratum_labels(frame, stratifying)
    rows = rows & stratum_known
    present = [level for level in levels if (groups[rows] == level).any()]
    if len(present) < 2:
        raise Refused(f"only one group is left where {strata_name(stratifying)} is known", where=f"group: {present}")
    if not stratifying and len(cohorts_of(frame[rows])) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts_of(frame[rows]))} cohorts are compared as one: differences between them pass for "
            "a difference of the groups; the stratified test is the one to trust",
        )
    event = follow_up.event
    strata = None if labels is None else labels[rows]
    data: tuple[Any, ...] = (follow_up.time[rows], event[rows], groups[rows].to_numpy(), strata, weights)
    late: dict[str, Any] = {"entry": None if follow_up.entry is None else follow_up.entry[rows], "powers": powers}
    clusters = cluster_labels(frame, cluster)
    late["case_weights"] = None if follow_up.weights is None else follow_up.weights[rows]
    late["cluster"] = None if clusters is None else clusters[rows]
    if weights == "max_combo":
        refuse_unsupported(late["cluster"], late["case_weights"])
        overall = max_combo(*data[:4], levels=tuple(present), timefix=False, entry=late["entry"])
    else:
        overall = logrank(*data, levels=tuple(present), timefix=False, **late)
    if np.isnan(overall.chisq):
        raise Refused(
            "the groups are never at risk side by side"
            + (f" within a stratum of {strata_name(stratifying)}" if stratifying else ""),
            hint="the comparison is confounded; look at the group by stratum counts",
        )
    tests = [("overall", overall)]
    if trend is None:
        trend = len(present) > 2 and _have_an_order(present)
    if trend:
        tests.append(("trend", logrank_trend(overall)))
    if len(present) > 2:
        pairs = pairwise_logrank(*data, levels=tuple(present), p_adjust=p_adjust, **late)
        tests += [(f"{pair.levels[0]} vs {pair.levels[1]}", pair) for pair in pairs]
    deaths = {level: int((event & rows & (groups == level).to_numpy()).sum()) for level in present}
    method = TEST_METHODS[weights].format(*powers)
    method += f", stratified by {' and '.join(stratifying)}" if stratifying else ""
    method += ", weighted" if follow_up.weights is not None else ""
    method += (
        f", robust variance clustered by {cluster}"
        if cluster
        else (", robust variance by sample" if follow_up.weights is not None else "")
    )
    shared = {
        **common, "test": weights, "strata": strata_name(stratifying), "method": method,
        "n_missing": len(frame) - n_left_out - int(rows.sum()),
    }  # fmt: skip
    records = [record for name, test in tests for record in _test_rows(name, test, deaths, p_adjust)]
    if horizon:
        records += mean_difference_rows(
            follow_up, groups.to_numpy(), present, rows, labels, strata_name(stratifying), horizon, p_adjust, conf_level
        )
    return result_table(records, TEST_COLUMNS, **shared)


def _have_an_order(levels: list[str]) -> bool:
    return is_cut(levels) or pd.to_numeric(pd.Series(levels), errors="coerce").notna().all()


def _test_rows(comparison: str, test: LogrankTest, deaths: dict[str, Any], p_adjust: str) -> list[dict[str, Any]]:
    """One row per group of the comparison, the test repeated on each; one row for a trend."""
    result = {"comparison": comparison, "chisq": test.chisq, "df": test.df, "p_value": test.p_value}
    if comparison == "trend":
        return [{**result, "n": int(test.n.sum()), "events": sum(deaths.values())}]
    note = test.note if comparison == "overall" else f"p adjusted over pairs: {p_adjust}"
    return [
        {
            **result, "group": level, "n": int(test.n[i]), "events": deaths[level], "note": note,
            "observed": test.observed[i], "expected": test.expected[i], "p_adjusted": test.p_adjusted,
        }
        for i, level in enumerate(test.levels)
    ]  # fmt: skip
