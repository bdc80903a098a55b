"""Samples that belong together, such as those of one patient."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.errors import unknown_name


def cluster_labels(frame: pd.DataFrame, column: str | None) -> np.ndarray | None:
    """Cluster of each sample as an integer code, shape (n_samples,); None without a column.

    A sample without a value is a cluster by itself.

    Raises
    ------
    BadInput
        If there is no such column.
    """
    if column is None:
        return None
    if column not in frame.columns:
        raise unknown_name("cluster column", column, map(str, frame.columns), where="sample sheet")
    codes = pd.factorize(text_values(frame[column]))[0]
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    result: np.ndarray | None = codes
    return result
