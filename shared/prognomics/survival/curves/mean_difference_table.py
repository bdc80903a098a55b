"""Differences of restricted mean survival between groups, as rows of the table of tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from prognomics.stats.multiple_testing import adjust
from prognomics.survival.curves.follow_up import FollowUp
from prognomics.survival.curves.restricted_mean import MeanDifference, mean_difference, restricted_mean

METHOD = "difference of restricted means (the second group minus the first)"


def mean_difference_rows(
    follow_up: FollowUp,
    groups: np.ndarray,
    levels: Sequence[str],
    rows: np.ndarray,
    strata: np.ndarray | None,
    stratifying: str,
    horizon: float,
    p_adjust: str,
    conf_level: float = 0.95,
) -> list[dict[str, Any]]:
    """Rows for each pair of groups: of the pooled curves, and of the strata combined if there are any.

    Parameters
    ----------
    follow_up : FollowUp
    groups : numpy.ndarray of object, shape (n_samples,)
    levels : sequence of str
        Groups in their order.
    rows : numpy.ndarray of bool, shape (n_samples,)
        Samples with endpoint, group and stratum.
    strata : numpy.ndarray of int, shape (n_samples,), or None
    stratifying : str
        Name of the strata.
    horizon : float
        Months.
    p_adjust : str
        Over the pairs, of each kind by itself.

    Returns
    -------
    list of dict
        The estimate is the second group's restricted mean minus the first's. A stratum in which a group has no
        follow-up up to the horizon, or no event up to it, does not count.
    """
    kinds = [("none", np.zeros(len(rows), dtype=np.intp))]
    if strata is not None:
        kinds.append((stratifying, strata))
    made = []
    for name, stratum in kinds:
        found = []
        for first, second in combinations(levels, 2):
            parts = [rows & (groups == level) for level in (first, second)]
            difference, note = _difference(follow_up, parts, stratum, horizon, conf_level)
            found.append(_row(f"{first} vs {second}", parts, follow_up, name, difference, note))
        if len(found) > 1:
            adjusted = adjust(np.array([row["p_value"] for row in found]), p_adjust)
            for row, p in zip(found, adjusted, strict=True):
                row["p_adjusted"] = p
                row["note"] = "; ".join(filter(None, [row["note"], f"p adjusted over pairs: {p_adjust}"]))
        made += found
    return [{**row, "time_months": float(horizon)} for row in made]


def _difference(
    follow_up: FollowUp, parts: list[np.ndarray], stratum: np.ndarray, horizon: float, conf_level: float
) -> tuple[MeanDifference, str]:
    differences, variances, left_out = [], [], 0
    present = np.unique(stratum[parts[0] | parts[1]])
    for code in present:
        means = []
        for part in parts:
            inside = part & (stratum == code)
            if not inside.any() or follow_up.time[inside].max() < horizon:
                break
            means.append(restricted_mean(follow_up.curve(inside), horizon))
        variance = sum(mean.se**2 for mean in means)
        if len(means) < 2 or (len(present) > 1 and not all(mean.se > 0 for mean in means)):
            left_out += 1
            continue
        differences.append(means[1].estimate - means[0].estimate)
        variances.append(variance)
    note = ""
    if left_out and len(present) == 1:
        note = "a group's follow-up ends before the horizon"
    elif left_out:
        note = f"{left_out} of {len(present)} strata do not count: a group has no event or ends before the horizon"
    return mean_difference(np.array(differences), np.array(variances), conf_level), note


def _row(
    comparison: str, parts: list[np.ndarray], follow_up: FollowUp, strata: str, difference: MeanDifference, note: str
) -> dict[str, Any]:
    both = parts[0] | parts[1]
    return {
        "test": "rmst_difference", "strata": strata, "comparison": comparison, "n": int(both.sum()),
        "events": int((follow_up.event & both).sum()), "chisq": difference.z**2, "df": 1,
        "p_value": difference.p_value, "estimate": difference.estimate, "se": difference.se,
        "ci_low": difference.ci_low, "ci_high": difference.ci_high, "note": note,
        "method": METHOD + ("" if strata == "none" else f", strata of {strata} combined by inverse variance"),
    }  # fmt: skip
