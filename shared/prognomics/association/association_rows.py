"""Rows of an association table that describe: counts, summaries, and the same by cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, first_few, warn
from prognomics.stats.descriptives import describe, level_order

MISSING = "missing"
ALL = "all"
SUMMARY_COLUMNS = ("mean", "sd", "median", "q1", "q3")

ASSOCIATION_COLUMNS = table_columns("association_table")


def cohort_rows(variables: pd.DataFrame, kinds: Mapping[str, str], cohort: np.ndarray | None) -> list[dict[str, Any]]:
    """Rows of variable by cohort, and a warning for each variable that cohorts settle.

    A variable is nested when several cohorts know it and none holds two of its values; then its effect
    cannot be distinguished from the cohorts' differences, and normalization within cohorts removes it.
    """
    if cohort is None:
        return []
    labels = text_labels(cohort)
    cohorts = {str(name): (labels == name).to_numpy() for name in level_order(labels)}
    if len(cohorts) < 2:
        return []
    rows, nested, partly = [], [], []
    for name in variables.columns:
        values = pd.Series(variables[name].to_numpy())
        shown = "group" if name == free_name(variables.drop(columns=name)) else name
        varied = {c: values[mask].nunique() for c, mask in cohorts.items() if values[mask].notna().any()}
        if len(varied) > 1 and values.nunique() > 1:
            single = [c for c, n in varied.items() if n == 1]
            if len(single) == len(varied):
                nested.append(shown)
            elif single:
                partly.append(f"{shown} ({first_few(single)})")
        if kinds[name] != "numeric":
            made = count_rows(shown, text_labels(values), cohorts)
        else:
            numbers = number_cells(values, name)
            made = [summary_row(shown, numbers[mask], group=c) for c, mask in cohorts.items()]
        rows += [row | {"method": "by cohort"} for row in made]
    if nested:
        warn("nested-in-cohorts", f"one value per cohort only, so not to be told from the cohorts: {first_few(nested)}")
    if partly:
        warn("partly-nested", f"a single value in some cohorts: {'; '.join(partly)}")
    return rows


def free_name(variables: pd.DataFrame) -> str:
    name = "group"
    while name in variables.columns:
        name += "_"
    return name


def text_labels(values: np.ndarray | pd.Series) -> pd.Series:
    if isinstance(values, pd.Series) and hasattr(values, "cat"):
        return values.reset_index(drop=True)
    return pd.Series(np.asarray(values, dtype=object))


def number_cells(values: pd.Series, name: str) -> np.ndarray:
    try:
        result: np.ndarray = pd.to_numeric(pd.Series(np.asarray(values))).to_numpy(dtype=float)
        return result
    except (ValueError, TypeError) as fault:
        hint = f"say --factor {name} if it is a category"
        raise BadInput(f"variable {name} holds text", where=str(fault), hint=hint) from fault


def empty_row(name: str, row_type: str) -> dict[str, Any]:
    cells = {"variable": name, "row_type": row_type, "method": None, "note": None}
    return dict.fromkeys(ASSOCIATION_COLUMNS, np.nan) | cells


def test_row(name: str, known: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    return empty_row(name, "test") | {"n": int((known & chosen).sum()), "n_missing": int((~known & chosen).sum())}


def count_rows(name: str, values: pd.Series, members: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    rows = []
    absent = values.isna().to_numpy()
    for level in [*level_order(values), MISSING]:
        inside = absent if level is MISSING else (values == level).to_numpy()
        for group, mask in members.items():
            known, missing = int((mask & ~absent).sum()), int((mask & absent).sum())
            count = int((inside & mask).sum())
            base = known + missing if level is MISSING else known
            rows.append(
                empty_row(name, "count")
                | {
                    "level": level,
                    "group": group,
                    "count": count,
                    "n_missing": missing,
                    "percent": 100.0 * count / base if base else np.nan,
                }
            )
    return rows


def summary_row(
    name: str, sample: np.ndarray, *, level: float | str = np.nan, group: float | str = np.nan
) -> dict[str, Any]:
    facts = describe(sample)
    return (
        empty_row(name, "summary")
        | {column: facts[column] for column in SUMMARY_COLUMNS}
        | {"level": level, "group": group, "count": facts["n"], "n_missing": int(np.isnan(sample).sum())}
    )
