"""What adjusting each cohort on its own takes away from biology that differs between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.errors import first_few, warn


def warn_if_nested(batch: Sequence[str], groups: Sequence[object], *, name: str) -> pd.DataFrame:
    """Warn when adjusting each cohort on its own takes away differences in `groups`.

    Centering each cohort (z-scores, ComBat without the groups as covariate) removes every difference
    between cohorts, and with it the part of the biology that differs between them: all of it where each
    cohort holds one level (nested), some of it where a cohort holds one level while others hold several.

    Returns
    -------
    pandas.DataFrame
        Cross table, cohorts x levels.

    Warns
    -----
    biology-nested-in-cohorts
    """
    table = cross_table(batch, groups)
    if table.shape[0] < 2 or table.shape[1] < 2:
        return table
    single = (table > 0).sum(axis=1) == 1
    if single.all() and (table > 0).any().sum() > 1:
        warn(
            "biology-nested-in-cohorts",
            f"{name} does not vary within any cohort: adjusting each cohort on its own removes "
            f"its differences altogether\n{indented(table)}",
        )
    elif single.any():
        warn(
            "biology-nested-in-cohorts",
            f"{name} has one level only in cohort {first_few(table.index[single])}: "
            f"adjusting each cohort on its own removes how these differ from the others\n{indented(table)}",
        )
    return table


def cross_table(batch: Sequence[object] | np.ndarray, groups: Sequence[object] | np.ndarray) -> pd.DataFrame:
    """Samples per cohort (order of appearance) and level (alphabetical); missing levels excluded."""
    name, label = (text_values(pd.Series(list(labels), dtype=object)) for labels in (batch, groups))
    known = label.notna() & name.notna()
    name, label = name[known], label[known]
    cohorts, levels = list(dict.fromkeys(name)), sorted(set(label))
    table = pd.DataFrame(0, index=pd.Index(cohorts, name="cohort"), columns=pd.Index(levels))
    if cohorts:
        row = {cohort: i for i, cohort in enumerate(cohorts)}
        column = {level: i for i, level in enumerate(levels)}
        counts = np.zeros(table.shape, dtype=np.int64)
        np.add.at(counts, (name.map(row).to_numpy(), label.map(column).to_numpy()), 1)
        table = pd.DataFrame(counts, index=table.index, columns=table.columns)
    return table


def indented(table: pd.DataFrame) -> str:
    """A cross table as lines of a message."""
    table = table.rename_axis(index=None)
    return "\n".join("    " + line for line in table.to_string().splitlines())
