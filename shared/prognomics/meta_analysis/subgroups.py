"""Subgroups of cohorts: pooled each by itself, and a test of the differences between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from prognomics.data.columns import text_values
from prognomics.data.levels import ordered_levels
from prognomics.errors import BadInput, Refused, first_few, unknown_name, warn


def subgroup_rows(
    subgroups: pd.Series, usable: np.ndarray, pooled: Callable[[np.ndarray], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows `subgroup`, one per level, and `subgroup_test`.

    Parameters
    ----------
    subgroups : pandas.Series, n_cohorts rows
        As text, None where not known: such cohorts are in no subgroup.
    usable : numpy.ndarray of bool, shape (n_cohorts,)
        Cohorts with an estimate.
    pooled : callable
        Of the cohorts (bool, shape (n_cohorts,)) of a subgroup: the cells of its row, `estimate` and `se` among them.

    Returns
    -------
    list of dict
        The test is Cochran's Q between the subgroups' estimates, each with its own variance between cohorts: that of
        `metafor::rma(estimates, sei = , mods = ~ subgroup, method = "FE")`.

    Raises
    ------
    Refused
        Fewer than two subgroups with an estimate.
    """
    values = text_values(subgroups)
    unknown = int(values.isna().sum())
    if unknown:
        warn("subgroup-unknown", f"{unknown} cohorts are in no subgroup: their value is missing")
    levels = ordered_levels(values[usable].dropna())
    if len(levels) < 2:
        raise Refused("subgroups need cohorts with an estimate in two of them", where=f"subgroups: {first_few(levels)}",
                      hint="check the subgroup column")  # fmt: skip
    rows = []
    for level in levels:
        inside = usable & (values == level).to_numpy()
        row = {**pooled(inside), "row_type": "subgroup", "cohort": "all", "subgroup": level, "weight": np.nan}
        if inside.sum() == 1:
            row["note"] = "one cohort: its own estimate"
        rows.append(row)
    effect, variance = (np.array([row[name] for row in rows], float) for name in ("estimate", "se"))
    weight = 1 / variance**2
    q = float(weight @ (effect - weight @ effect / weight.sum()) ** 2)
    return [*rows, {
        "row_type": "subgroup_test", "cohort": "all", "q": q, "q_df": len(levels) - 1,
        "q_p": float(chdtrc(len(levels) - 1, q)), "statistic": q, "df": len(levels) - 1,
        "p_value": float(chdtrc(len(levels) - 1, q)), "method": "Q between the subgroups' estimates",
    }]  # fmt: skip


def assign_subgroups(
    effects: pd.DataFrame, frame: pd.DataFrame, cohort_column: str, column: str | None
) -> pd.DataFrame:
    """Effects of cohorts with the value that a column of samples has in each; BadInput where a cohort has several.

    Without a column the effects stay as they are.
    """
    if column is None:
        return effects
    if column not in frame.columns:
        raise unknown_name("subgroup column", column, map(str, frame.columns), where="samples and annotations")
    found = {}
    for cohort, part in frame.groupby(text_values(frame[cohort_column])):
        values = sorted(text_values(part[column]).dropna().unique())
        if len(values) > 1:
            raise BadInput(f"the subgroup column {column!r} has several values in one cohort",
                           where=f"{cohort}: {first_few(values)}",
                           hint="subgroups are of cohorts; for subgroups of samples use cox --subgroup")  # fmt: skip
        found[str(cohort)] = values[0] if values else None
    return effects.assign(subgroup=[found.get(str(cohort)) for cohort in effects["cohort"]])
