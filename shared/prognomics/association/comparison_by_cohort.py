"""The comparison of groups in each cohort by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.association.comparison import COMPARISON_COLUMNS, compare_groups
from prognomics.errors import Refused
from prognomics.stats.descriptives import level_order


def compare_by_cohort(
    markers: pd.DataFrame,
    groups: np.ndarray,
    cohort: np.ndarray | None,
    *,
    levels: Sequence[str] | None = None,
    reference: str | None = None,
    population: Any = None,
    pairs: np.ndarray | None = None,
    sample_ids: Sequence[str] | np.ndarray = (),
    **options: Any,
) -> pd.DataFrame:
    """What :func:`prognomics.association.comparison.compare_groups` gives within each cohort.

    Parameters
    ----------
    markers, groups, levels, reference, population, pairs, sample_ids, **options
        As there; p-values are adjusted within a cohort.
    cohort : array_like of str, shape (n_samples,), or None
        One cohort, named "all", without.

    Returns
    -------
    DataFrame
        `cohort`, then `COMPARISON_COLUMNS`. A cohort that holds fewer than two of the groups has one row with a note.
    """
    groups = np.asarray(groups, dtype=object)
    cohort = pd.Series(np.full(len(groups), "all") if cohort is None else np.asarray(cohort, dtype=object))
    sample_ids = np.asarray(sample_ids if len(sample_ids) else np.arange(len(groups)), dtype=object)
    wanted = None if levels is None else [*levels, *([reference] if reference is not None else [])]
    tables = []
    for name in level_order(cohort):
        inside = (cohort == name).to_numpy()
        present = level_order(pd.Series(groups[inside]))
        chosen = [level for level in (wanted or present) if level in present]
        try:
            if reference is not None and reference not in present:
                raise Refused(f"no sample of {reference}")
            made = compare_groups(
                markers[inside], groups[inside], levels=list(dict.fromkeys(chosen)), reference=reference,
                pairs=None if pairs is None else pairs[inside], sample_ids=sample_ids[inside], **options,
            )  # fmt: skip
        except Refused as refusal:
            made = pd.DataFrame([{"row_type": "omnibus", "note": f"no comparison: {refusal.what}"}],
                                columns=list(COMPARISON_COLUMNS))  # fmt: skip
        tables.append(made.assign(cohort=str(name)))
    table = pd.concat([t.astype(object) for t in tables], ignore_index=True)[["cohort", *COMPARISON_COLUMNS]]
    table["population"] = population if population is not None else np.nan
    return table
