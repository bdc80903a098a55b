"""Describe clinical variables of all samples, without groups and without tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from prognomics.association.association import assemble_table, check_kind, label_values
from prognomics.association.association_rows import ALL, cohort_rows, count_rows, number_cells, summary_row
from prognomics.association.association_within import cohort_labels
from prognomics.errors import Refused


def describe_samples(
    variables: pd.DataFrame,
    *,
    kinds: Mapping[str, str],
    cohort: np.ndarray | None = None,
    population: str | None = None,
) -> pd.DataFrame:
    """Counts or summaries of each variable over all samples, and by cohort.

    Parameters
    ----------
    variables : DataFrame, shape (n_samples, n_variables)
        Missing values have their own row.
    kinds : mapping of str to {"categorical", "ordered", "numeric"}
    cohort : array_like of str, optional
        With several cohorts, rows by cohort follow.
    population : str, optional

    Returns
    -------
    DataFrame
        Columns of `associate_groups`; rows `count` and `summary` only.

    Raises
    ------
    BadInput
        For an unknown kind, or text in a numeric variable.
    Refused
        No samples.
    """
    if not len(variables):
        raise Refused("no samples to describe", hint="check the subset (--where)")
    everyone = {ALL: np.ones(len(variables), bool)}
    rows = []
    for name in variables.columns:
        if check_kind(kinds, name) == "numeric":
            rows.append(summary_row(name, number_cells(variables[name], name), group=ALL))
        else:
            rows += count_rows(name, label_values(variables[name], name), everyone)
    return assemble_table(rows + cohort_rows(variables, kinds, cohort_labels(cohort)), population)
