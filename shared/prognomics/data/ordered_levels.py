"""Variables whose levels have an order that the user declares."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from prognomics.data.names_in_options import split_values
from prognomics.errors import BadInput, UsageError, first_few


def declare_order(variables: pd.DataFrame, ordered: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Variables with declared levels as ordered categories.

    Parameters
    ----------
    variables : DataFrame, shape (n_samples, n_variables)
        Declared columns hold text.
    ordered : sequence of (column, "level,level,…")
        Levels from the lowest to the highest, all that occur; a comma may also be part of a level that occurs. A column
        that is named repeatedly has the levels of all its entries, in their order.

    Raises
    ------
    UsageError
        A column that is not a variable, fewer than two levels, a level named twice.
    BadInput
        Values that the declared levels do not hold.
    """
    variables = variables.copy()
    for name in dict.fromkeys(name for name, _ in ordered):
        if name not in variables.columns:
            what = f"the ordered column {name!r} is not among the variables"
            raise UsageError(what, hint="name it as a variable too")
        occurring = {str(value) for value in variables[name].dropna()}
        entries = [text for column, text in ordered if column == name]
        levels, text = [level for entry in entries for level in split_values(entry, occurring)], ", ".join(entries)
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise UsageError(f"the order {text!r} of {name!r} must name each of its levels once",
                             hint=f"such as {name}=I,II,III")  # fmt: skip
        strange = sorted(occurring - set(levels))
        if strange:
            raise BadInput(f"the order of {name!r} omits {first_few(strange)}", where=f"declared: {text}",
                           hint="name all levels, or leave samples out (--where)")  # fmt: skip
        variables[name] = pd.Categorical(variables[name], categories=levels, ordered=True)
    return variables
