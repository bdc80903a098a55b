"""The cutpoint table: one row per cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.cutpoint.cutpoint import HIGH, LOW, Cut

CUTPOINT_COLUMNS = (
    "marker", "policy", "rule", "direction", "lowest_high", "n_high", "n_low", "events_high", "events_low",
    "auc", "auc_low", "auc_high", "auc_ci_method", "sensitivity", "sensitivity_low", "sensitivity_high",
    "specificity", "specificity_low", "specificity_high", "n_case", "n_control", "n_tied_optima", "n_candidates",
    "window_low", "window_high", "statistic", "p_naive", "p_corrected", "correction", "learnt_in",
    "endpoint", "population", "n", "events", "n_missing", "method", "note",
    "threshold", "lowest_not_low", "n_middle", "n_high_case", "n_high_control",
    "n_searched", "events_searched", "strata", "p_permutation", "n_permutations", "critical_value",
    "p_lausen_schumacher", "p_improved_bonferroni", "p_hothorn_lausen",
    "hr_shrunken", "hr_shrunken_low", "hr_shrunken_high", "shrinkage", "n_bootstraps", "cut_ci_low", "cut_ci_high",
    "hr_per_sd", "hr_per_sd_low", "hr_per_sd_high", "p_per_sd", "hr_naive", "hr_naive_low", "hr_naive_high",
    "log_hr_shrunken_mc_se", "n_divisions", "p_permutation_mc_se",
)  # fmt: skip


def cutpoint_table(
    cuts: Cut | Sequence[Cut],
    *,
    marker: str,
    event: np.ndarray | None = None,
    endpoint: str | None = None,
    population: str | None = None,
) -> pd.DataFrame:
    """The cutpoint table, one row per cut, with the columns `CUTPOINT_COLUMNS`.

    Parameters
    ----------
    cuts : Cut or sequence of Cut
    marker : str
    event : array_like of float, shape (n_samples,), optional
        1 event, 0 none, NaN unknown, of the samples first given; fills the event counts.
    endpoint, population : str, optional
        As the table shows them.
    """
    rows = [_row(cut, marker, event, endpoint, population) for cut in ([cuts] if isinstance(cuts, Cut) else cuts)]
    return pd.DataFrame(rows, columns=list(CUTPOINT_COLUMNS))


def roc_table(cuts: Sequence[Cut], marker: str) -> pd.DataFrame | None:
    """The ROC curves behind cuts, one below the other, with `learnt_in`; None where none has one."""
    tables = [cut.roc.table(marker).assign(learnt_in=cut.learnt_in) for cut in cuts if cut.roc is not None]
    return pd.concat(tables, ignore_index=True) if tables else None


def profile_table(cuts: Sequence[Cut], marker: str) -> pd.DataFrame | None:
    """The statistics of all cutpoints of searches, one search below the other, with `learnt_in`; None without any."""
    tables = [
        cut.search.profile.assign(marker=marker, learnt_in=cut.learnt_in) for cut in cuts if cut.search is not None
    ]
    return pd.concat(tables, ignore_index=True) if tables else None


def _row(cut: Cut, marker: str, event: np.ndarray | None, endpoint: str | None, population: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(CUTPOINT_COLUMNS, np.nan)
    row.update(
        marker=marker, policy=cut.policy, rule=cut.rule, direction=cut.direction, lowest_high=cut.lowest_high,
        n_high=cut.n_high, n_low=cut.n_low, learnt_in=cut.learnt_in, n=cut.n_high + cut.n_low,
        n_missing=cut.n_missing, method=cut.method, threshold=cut.threshold, lowest_not_low=cut.lowest_not_low,
        n_middle=cut.n_middle)  # fmt: skip
    named = {"endpoint": endpoint, "population": population}
    row.update({name: value for name, value in named.items() if value is not None})
    if event is not None:
        happened = np.asarray(event, dtype=float)[cut.members] == 1
        high, low = int((happened & (cut.groups == HIGH)).sum()), int((happened & (cut.groups == LOW)).sum())
        row.update(events_high=high, events_low=low, events=high + low)
    if cut.notes:
        row["note"] = "; ".join(cut.notes)
    if cut.roc is not None:
        row.update(_of_curve(cut.roc))
    if cut.search is not None:
        row.update(cut.search.row())
    return row


def _of_curve(curve: Any) -> dict[str, Any]:
    at = curve.chosen
    return {
        "auc": curve.auc, "auc_low": curve.auc_low, "auc_high": curve.auc_high, "auc_ci_method": curve.auc_ci_method,
        "sensitivity": curve.sensitivity[at], "specificity": curve.specificity[at],
        "sensitivity_low": curve.sensitivity_ci[0], "sensitivity_high": curve.sensitivity_ci[1],
        "specificity_low": curve.specificity_ci[0], "specificity_high": curve.specificity_ci[1],
        "n_case": curve.n_case, "n_control": curve.n_control, "n_tied_optima": curve.n_tied_optima,
        "n_candidates": curve.n_candidates, "n_high_case": int(curve.n_high_case[at]),
        "n_high_control": int(curve.n_high_control[at]),
    }  # fmt: skip
