"""The first table of an article: an association table laid out to be read, one column per group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from prognomics.association.association_rows import ALL, MISSING

BY_COHORT = "by cohort"
ENDING = ("p", "p_adjusted", "test", "effect", "p_within_cohorts")
FIXED = ("variable", "level", *ENDING)


def table_one(table: pd.DataFrame) -> pd.DataFrame:
    """Lay out an association table.

    Parameters
    ----------
    table : DataFrame
        As `associate_groups`, `associate_marker` or `describe_samples` gives it.

    Returns
    -------
    DataFrame
        Text. `variable`, `level`, a column for each group and for all of them (with groups), or `n` and the
        marker's median and quartiles (with a continuous marker), then `ENDING` on a variable's first row
        if there are tests.
        A group whose name is that of another column gets an underscore.
    """
    rows = table[table["method"].astype(str) != BY_COHORT]
    described = rows[rows["row_type"] != "test"]
    by_group = described["group"].notna().any()
    groups = list(dict.fromkeys(described["group"].dropna().astype(str)))
    heads = {group: group + "_" * (group in FIXED) for group in [*(g for g in groups if g != ALL), ALL]}
    made = [_sizes(described, heads)] if by_group else []
    for name, part in rows.groupby("variable", sort=False):
        made.append({"variable": name, "level": ""})
        for _, test in part[part["row_type"] == "test"].iterrows():  # one, or none in a description
            made[-1] |= _tested(test) | _missing(test, by_group)
        lines = _levels(part, heads) if (part["row_type"] == "count").any() else _numbers(part, heads)
        made += lines if by_group else _marker(part)
    columns = list(heads.values()) if by_group else ["n", "marker"]
    ending = ENDING if (rows["row_type"] == "test").any() else ()
    return pd.DataFrame(made, columns=["variable", "level", *columns, *ending]).fillna("")


def _sizes(described: pd.DataFrame, heads: dict[str, str]) -> dict[str, str]:
    """The number of samples of each group, counted on the first variable."""
    first = described[described["variable"] == described["variable"].iloc[0]]
    counted = first[first["row_type"] == "count"]
    sizes = counted.groupby("group")["count"].sum() if len(counted) else first.set_index("group")[
        ["count", "n_missing"]].sum(axis=1)  # fmt: skip
    return {"variable": "n", "level": "", **{head: f"{int(sizes[group])}" for group, head in heads.items()}}


def _tested(test: pd.Series) -> dict[str, str]:
    effect = ""
    if pd.notna(test["effect"]):
        effect = f"{str(test['effect_type']).replace('_', ' ')} {_number(test['effect'])}"
    if effect and pd.notna(test["ci_low"]):
        effect += f" ({_number(test['ci_low'])} to {_number(test['ci_high'])})"
    if pd.isna(test["p_value"]):
        return {"test": "" if pd.isna(test["note"]) else str(test["note"])}
    return {"p": _p(test["p_value"]), "p_adjusted": _p(test["p_adjusted"]), "effect": effect,
            "test": str(test["test"]).replace("_", " "), "p_within_cohorts": _p(test["p_within"])}  # fmt: skip


def _missing(test: pd.Series, by_group: bool) -> dict[str, str]:
    return {} if by_group else {"n": f"{int(test['n'])}"}


def _levels(part: pd.DataFrame, heads: dict[str, str]) -> list[dict[str, Any]]:
    """One line per level: count and percent of each group; missing values only if there are some."""
    lines = []
    for level, cells in part[part["row_type"] == "count"].groupby("level", sort=False):
        by_group = cells.set_index("group")
        if level == MISSING and not by_group["count"].sum():
            continue
        line = {"variable": "", "level": str(level)}
        for group, head in heads.items():
            cell = by_group.loc[group]
            share = "" if level == MISSING or pd.isna(cell["percent"]) else f" ({cell['percent']:.1f}%)"
            line[head] = f"{int(cell['count'])}{share}"
        lines.append(line)
    return lines


def _numbers(part: pd.DataFrame, heads: dict[str, str]) -> list[dict[str, Any]]:
    """Mean and SD, median and quartiles, and missing values if there are some."""
    cells = part[part["row_type"] == "summary"].set_index("group")
    lines = [
        {"variable": "", "level": "mean (SD)",
         **{head: _pair(cells.loc[g, "mean"], cells.loc[g, "sd"]) for g, head in heads.items() if g in cells.index}},
        {"variable": "", "level": "median (quartiles)",
         **{head: _spread(cells.loc[g]) for g, head in heads.items() if g in cells.index}},
    ]  # fmt: skip
    if cells["n_missing"].sum():
        lines.append(
            {
                "variable": "",
                "level": MISSING,
                **{head: f"{int(cells.loc[g, 'n_missing'])}" for g, head in heads.items() if g in cells.index},
            }
        )
    return lines


def _marker(part: pd.DataFrame) -> list[dict[str, Any]]:
    """The marker in each level; of a number its own spread."""
    summaries = part[part["row_type"] == "summary"]
    return [{"variable": "", "level": "its own values" if pd.isna(row["level"]) else str(row["level"]),
             "n": f"{int(row['count'])}", "marker": _spread(row)} for _, row in summaries.iterrows()]  # fmt: skip


def _spread(row: pd.Series) -> str:
    if pd.isna(row["median"]):
        return ""
    return f"{_number(row['median'])} ({_number(row['q1'])} to {_number(row['q3'])})"


def _pair(mean: float, sd: float) -> str:
    if pd.isna(mean):
        return ""
    return _number(mean) + ("" if pd.isna(sd) else f" ({_number(sd)})")


def _number(value: float) -> str:
    """Three significant digits, without an exponent where one can do without."""
    value = float(value)
    if not np.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else ""
    if value == 0 or 1e-4 <= abs(value) < 1e5:
        digits = 0 if abs(value) >= 100 else 2 - int(np.floor(np.log10(abs(value)))) if value else 0
        return f"{value:.{max(digits, 0)}f}"
    return f"{value:.3g}"


def _p(value: float) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.1e}" if value < 0.0001 else f"{value:.4f}" if value < 0.001 else f"{value:.3f}"
