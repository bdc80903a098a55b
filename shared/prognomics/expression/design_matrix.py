"""Covariates as columns of a linear model, coded as R codes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, first_few, warn


def covariate_columns(
    covariates: pd.DataFrame, sample_ids: Sequence[str] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Covariates without intercept: numbers as they are, levels by treatment contrasts.

    As R's `model.matrix(~ a + b)` without its first column: levels in alphabetical order, the first is
    the reference. Columns that do not vary are left out with a warning.

    Parameters
    ----------
    covariates : pandas.DataFrame
        A row for each sample.
    sample_ids : sequence of str, optional
        For messages; the frame's index by default.

    Returns
    -------
    columns : numpy.ndarray, shape=(n_samples, n_columns)
    names : list of str

    Raises
    ------
    BadInput
        A covariate is missing for some samples.

    Warns
    -----
    constant-covariate
    """
    ids = np.asarray(list(covariates.index if sample_ids is None else sample_ids), dtype=object)
    columns, names = [], []
    for name in covariates.columns:
        column = covariates[name].infer_objects()
        if (missing := column.isna().to_numpy()).any():
            raise BadInput(
                f"covariate {name} is missing for {missing.sum()} samples",
                where=first_few(ids[missing]),
                hint="leave these samples out with --where, or leave the covariate out",
            )
        if column.nunique() < 2:
            warn("constant-covariate", f"covariate {name} has one value only and is left out")
        elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns.append(column.to_numpy(dtype=np.float64))
            names.append(str(name))
        else:
            text = column.astype(str)
            for level in sorted(set(text))[1:]:
                columns.append((text == level).to_numpy(dtype=np.float64))
                names.append(f"{name}={level}")
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0)), names
