"""What a set of numbers looks like: n, median, quartiles (R type 7), mean, SD, range."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.data.levels import ordered_levels

SUMMARY = ("n", "median", "q1", "q3", "mean", "sd", "min", "max")


def describe(values: np.ndarray) -> dict[str, float]:
    """Summary of the values that are there.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN is excluded.

    Returns
    -------
    dict
        Keys `SUMMARY`; quartiles of type 7 as R's `quantile`, `sd` with n - 1 (NaN for one
        value); everything but `n` is NaN without values.
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return dict.fromkeys(SUMMARY, np.nan) | {"n": 0}
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
    return {
        "n": len(values),
        "median": float(median),
        "q1": float(q1),
        "q3": float(q3),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else np.nan,
        "min": float(values.min()),
        "max": float(values.max()),
    }


def level_order(labels: Any) -> list[Any]:
    """The levels present, in the order of `prognomics.data.levels`.

    Parameters
    ----------
    labels : Series
        Missing labels are not level. The order of a pandas Categorical is kept.
    """
    if hasattr(labels, "cat"):
        present = set(labels.dropna())
        return [level for level in labels.cat.categories if level in present]
    present = {str(level): level for level in labels.dropna().unique()}
    return [present[name] for name in ordered_levels(present)]
