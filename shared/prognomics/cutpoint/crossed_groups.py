"""Groups of several markers together: their levels crossed, or samples that are high in all or any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.cutpoint.cutpoint import HIGH, LOW
from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, Refused, unknown_name

RULES = ("cross", "all", "any")
BETWEEN = " & "
TABLE_COLUMNS = (*table_columns("group_table"), "endpoint", "population", "n_missing")


def cross_groups(
    columns: Mapping[str, Sequence[object]], rule: str, levels: Mapping[str, str] | None = None
) -> np.ndarray:
    """One group a sample from its groups by several markers.

    Parameters
    ----------
    columns : mapping of str to sequence of str, shape (n_samples,)
        The levels of two or more columns by the names that they have in the groups; missing is None.
    rule : {"cross", "all", "any"}
        `cross` makes a group of each combination, `XPO1-high & CINSARC-high`. `all` calls a sample high that is
        high in every column and low otherwise; `any` one that is in at least one.
    levels : mapping of str to str, optional
        What `all` and `any` take for high in a column; by default "high".

    Returns
    -------
    ndarray of object, shape (n_samples,)
        NaN where a column is missing; for `all` and `any` only where the others do not decide it (a marker that is
        not high rules out `all`, one that is high is enough for `any`).

    Raises
    ------
    BadInput
        With fewer than two columns, or a column that never has the level.
    Refused
        When only one group comes out.
    """
    if len(columns) < 2:
        raise BadInput("groups of markers together need two columns", hint="give --column twice")
    labels = {name: pd.Series(np.asarray(values, dtype=object)) for name, values in columns.items()}
    known = np.column_stack([values.notna() for values in labels.values()])
    groups = np.full(len(known), np.nan, dtype=object)
    if rule == "cross":
        texts = [name + "-" + values.astype(str) for name, values in labels.items()]
        whole = known.all(axis=1)
        groups[whole] = pd.concat(texts, axis=1).agg(BETWEEN.join, axis=1).to_numpy()[whole]
    else:
        wanted = {name: (levels or {}).get(name, HIGH) for name in labels}
        for name, values in labels.items():
            if not (values == wanted[name]).any():
                raise unknown_name(f"level of {name}", wanted[name], sorted(values.dropna().astype(str).unique()))
        has = np.column_stack([values == wanted[name] for name, values in labels.items()])
        high, decided = (has.all(axis=1), (known & ~has).any(axis=1)) if rule == "all" else (
            has.any(axis=1), has.any(axis=1))  # fmt: skip
        groups[decided | known.all(axis=1)] = LOW
        groups[high] = HIGH
    if len(set(groups[~pd.isna(groups)])) < 2:
        raise Refused("the markers together make one group only", where=f"{int((~pd.isna(groups)).sum())} samples",
                      hint="check the columns, or take --rule cross")  # fmt: skip
    return groups


def group_table(
    groups: np.ndarray, event: np.ndarray | None = None, endpoint: str | None = None, population: str = "all"
) -> pd.DataFrame:
    """Samples and events of each group, by name; columns `TABLE_COLUMNS`."""
    known = ~pd.isna(groups)
    rows = []
    for name in sorted(set(groups[known])):
        own = groups == name
        events = np.nan if event is None else int((np.asarray(event, dtype=float)[own] == 1).sum())
        rows.append({"group": name, "n": int(own.sum()), "events": events, "fraction": own.sum() / known.sum()})
    everywhere = {"endpoint": endpoint, "population": population, "n_missing": int((~known).sum())}
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS)).assign(**everywhere)
