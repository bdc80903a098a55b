"""Tables given as Python objects: pandas and polars frames, AnnData's `obs`, a frame indexed by its key."""

from __future__ import annotations

from typing import Any

KEYS = ("sample_id", "gene_id", "probe_id")


def is_anndata(value: Any) -> bool:
    """Whether an object has the parts of an AnnData (samples × genes)."""
    return all(hasattr(value, name) for name in ("X", "obs", "obs_names", "var_names"))


def as_pandas(value: Any) -> Any:
    """A pandas frame of any table that Python users have; other objects are returned as they are.

    A polars frame (eager or lazy) is copied column by column, an index named `sample_id` (or as another key) becomes a
    column.
    """
    import pandas as pd

    if type(value).__module__.partition(".")[0] == "polars":
        value = value.collect() if hasattr(value, "collect") else value
        value = pd.DataFrame({name: _cells(value.get_column(name)) for name in value.columns})
    if isinstance(value, pd.DataFrame) and value.index.name in KEYS and value.index.name not in value.columns:
        value = value.reset_index()
    return value


def samples_of_anndata(value: Any) -> Any:
    """The `obs` of an AnnData as a frame with `sample_id`."""
    frame = value.obs.copy()
    if "sample_id" not in frame.columns:
        frame.insert(0, "sample_id", list(value.obs_names))
    return frame.reset_index(drop=True)


def _cells(column: Any) -> Any:
    """The values of a polars column; text stays text, missing is None."""
    import pandas as pd

    return pd.Series(column.to_list(), dtype=None if column.dtype.is_numeric() else object)
