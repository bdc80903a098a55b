"""What result tables have in common: columns, their order, and what every row states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

COMMON = ("endpoint", "population", "n_missing", "method", "note")


def result_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], **everywhere: object) -> pd.DataFrame:
    """A table with the given columns, then the common ones; what a row does not state is missing.

    Parameters
    ----------
    rows : iterable of mappings
    columns : sequence of str
        The contract's columns, in order.
    **everywhere
        Values that all rows share (endpoint, population, …).
    """
    order = [*columns, *(name for name in COMMON if name not in columns)]
    records = [{**everywhere, **row} for row in rows]
    strange = {name for record in records for name in record} - set(order)
    if strange:
        raise KeyError(f"columns outside the table: {sorted(strange)}")
    frame = pd.DataFrame(records, columns=order)
    for name in ("note",):
        frame[name] = frame[name].where(frame[name].astype(str) != "", None)
    return frame
