"""Variables whose levels have an order that the user declares."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from prognomics.errors import BadInput, UsageFault, first_few


def declare_order(variables: pd.DataFrame, ordered: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Variables with declared levels as ordered categories.

    Parameters
    ----------
    variables : DataFrame, shape (n_samples, n_variables)
        Declared columns hold text.
    ordered : sequence of (column, "level,level,…")
        Levels from the lowest to the highest, all that occur.

    Raises
    ------
    UsageFault
        A column that is no variable or is declared twice, fewer than two levels, a level named twice.
    BadInput
        Values that the declared levels do not hold.
    """
    variables = variables.copy()
    names = [name for name, _ in ordered]
    for name, text in ordered:
        if name not in variables.columns or names.count(name) > 1:
            what = "is declared twice" if names.count(name) > 1 else "is not among the variables"
            raise UsageFault(f"the ordered column {name!r} {what}", hint="name each once, and as a variable too")
        levels = [level.strip() for level in text.split(",")]
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise UsageFault(f"the order {text!r} of {name!r} must name each of its levels once",
                             hint=f"such as {name}=I,II,III")  # fmt: skip
        strange = sorted({str(value) for value in variables[name].dropna()} - set(levels))
        if strange:
            raise BadInput(f"the order of {name!r} leaves out {first_few(strange)}", where=f"declared: {text}",
                           hint="name all levels, or leave samples out (--where)")  # fmt: skip
        variables[name] = pd.Categorical(variables[name], categories=levels, ordered=True)
    return variables
