"""Differences between groups at milestones: of survival at given months, and of restricted means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import erfc, ndtri

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.errors import UsageError
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.curves.kaplan_meier import SurvivalCurve, survival_at
from prognomics.survival.curves.kaplan_meier_summary import variance_name
from prognomics.survival.curves.restricted_mean import restricted_mean

DIFFERENCE_COLUMNS = table_columns("km_difference")


def difference_table(
    curves: Mapping[str, SurvivalCurve],
    at: Sequence[float],
    horizon: float | None,
    p_adjust: str,
    common: Mapping[str, Any],
) -> pd.DataFrame:
    """`--out-difference`: estimates of one group minus those of an earlier one, for each pair.

    Parameters
    ----------
    curves : mapping of group to SurvivalCurve
        In order: a later group is compared with the earlier ones.
    at : sequence of float
        Months at which survival is compared.
    horizon : float, optional
        Of the restricted mean, months.
    p_adjust : str
        Over the pairs at one time, with three groups or more.
    common : mapping
        Values of all rows.

    Returns
    -------
    pandas.DataFrame
        With standard errors of both groups added in squares, normal limits and test. Curves are the pooled ones:
        strata do not count.

    Raises
    ------
    UsageError
        No groups, or no time.
    """
    if len(curves) < 2:
        raise UsageError("differences are between groups", hint="name a group column: --group-column")
    if not at and not horizon:
        raise UsageError("differences are at months",
                         hint="name them: --at for survival, --horizon for restricted means")  # fmt: skip
    rows: list[dict[str, Any]] = []
    wanted = [("survival", float(month)) for month in at] + ([("rmst", float(horizon))] if horizon else [])
    for statistic, month in wanted:
        found = []
        for versus, group in combinations(curves, 2):
            (one, se_one, why_one), (other, se_other, why_other) = (
                _estimate(curves[name], statistic, month) for name in (group, versus))  # fmt: skip
            se = float(np.hypot(se_one, se_other))
            found.append(
                {"time_months": month, "statistic": statistic, "group": group, "versus": versus}
                | _normal(one - other, se, curves[group].conf_level)
                | {"estimate_group": one, "estimate_versus": other, "n": curves[group].n + curves[versus].n,
                   "events": curves[group].n_events + curves[versus].n_events,
                   "method": f"difference of Kaplan-Meier estimates, {variance_name(curves[group])}",
                   "note": why_one or why_other}
            )  # fmt: skip
        if len(found) > 1:
            for row, p in zip(found, adjust([row["p_value"] for row in found], p_adjust), strict=True):
                row["p_adjusted"] = float(p)
                row["note"] = "; ".join(filter(None, [row["note"], f"p adjusted over pairs: {p_adjust}"]))
        rows += found
    return result_table(rows, DIFFERENCE_COLUMNS, **common)


def _estimate(curve: SurvivalCurve, statistic: str, month: float) -> tuple[float, float, str]:
    if month > curve.time[-1]:
        return np.nan, np.nan, "beyond the follow-up of a group"
    if statistic == "rmst":
        mean = restricted_mean(curve, month)
        return mean.estimate, mean.se, ""
    found = survival_at(curve, np.array([month]))
    estimate, se = float(found.survival[0]), float(found.se[0])
    if estimate == 0:
        return estimate, np.nan, "no survivor in a group: no standard error"
    return estimate, se, ""


def _normal(estimate: float, se: float, conf_level: float) -> dict[str, Any]:
    reach = float(ndtri(0.5 + conf_level / 2)) * se
    z = estimate / se if se > 0 else np.nan
    limits = (estimate - reach, estimate + reach) if se > 0 else (np.nan, np.nan)
    return {"estimate": estimate, "se": se, "ci_low": limits[0], "ci_high": limits[1], "z": z,
            "p_value": float(erfc(abs(z) / np.sqrt(2)))}  # fmt: skip
