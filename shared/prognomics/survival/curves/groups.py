"""Groups whose curves are compared, and the times at which curves are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.levels import ordered_levels, put_first, require_few_groups
from prognomics.errors import Refused, UsageError, first_few, unknown_name

ALL = "all"


def group_values(frame: pd.DataFrame, group: str) -> pd.Series:
    """The group of each sample as text, n_samples rows, missing None; BadInput for an unknown column."""
    if group not in frame.columns:
        raise unknown_name("group column", group, map(str, frame.columns), where="samples and annotations")
    return text_values(frame[group])


def group_levels(
    values: pd.Series,
    grouped: np.ndarray,
    group: str,
    reference_level: str | None = None,
    group_order: Sequence[str] = (),
) -> list[str]:
    """The groups in their order.

    Parameters
    ----------
    values : pandas.Series, n_samples rows
        See `group_values`.
    grouped : numpy.ndarray of bool, shape (n_samples,)
        Samples with group and endpoint.
    group : str
        The column.
    reference_level : str, optional
        The group to list first.
    group_order : sequence of str
        All groups in their order.

    Raises
    ------
    Refused
        One group only, or too many.
    BadInput, UsageError
        Unknown groups, an order that does not name each, a group named "all".
    """
    require_few_groups(list(dict.fromkeys(values[grouped])), f"column {group}")
    levels = ordered_levels(values[grouped])
    if group_order:
        strange = [level for level in group_order if level not in set(values.dropna())]
        if strange:
            raise unknown_name("group", strange[0], levels, where=f"column {group}")
        unnamed = [level for level in levels if level not in group_order]
        if unnamed or len(set(group_order)) < len(group_order):
            raise UsageError(
                f"the order of groups does not name each group once: {first_few(unnamed or group_order)}",
                hint="name every group, in order; leave groups out with --where",
            )
        levels = [level for level in group_order if level in levels]
    if reference_level is not None and reference_level not in levels:
        raise unknown_name("group", reference_level, levels, where=f"column {group}")
    if len(levels) < 2:
        raise Refused(
            f"the column {group!r} has {'only one group' if levels else 'no group'} among samples with follow-up",
            where=f"group: {levels[0]}" if levels else "",
            hint="check the subset and the group column; leave the group out for the survival of all samples",
        )
    if ALL in levels:
        raise UsageError(f"the column {group!r} has a group named {ALL!r}: tables use it for all samples")
    return put_first(levels, reference_level)


def refuse_times_beyond(times: Sequence[float], last: float, what: str = "survival") -> None:
    """Refuse times (months) beyond the last follow-up time of all samples."""
    beyond = [value for value in times if value > last]
    if beyond:
        raise Refused(
            f"{what} at {beyond[0]:g} months cannot be estimated: the longest follow-up is {last:g} months",
            hint="ask for an earlier time, or check the unit of the follow-up times",
        )
