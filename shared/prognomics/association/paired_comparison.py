"""The rows of a comparison of groups whose samples are pairs, such as tumor and normal tissue of one patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, first_few, warn
from prognomics.stats.paired_tests import paired_t, signed_rank

PAIRED_TESTS = ("wilcoxon_signed_rank", "paired_t")
METHODS = {"wilcoxon_signed_rank": "Wilcoxon signed ranks of pairs, two-sided", "paired_t": "paired t-test, two-sided"}


def find_pairs(
    values: np.ndarray,
    labels: pd.Series,
    pairs: np.ndarray,
    group: str,
    versus: str,
    sample_ids: Sequence[str] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Rows of the samples of each pair.

    Parameters
    ----------
    values : numpy.ndarray of float, shape (n_samples,)
        NaN is in no pair.
    labels : pandas.Series, n_samples rows
        Groups.
    pairs : numpy.ndarray of object, shape (n_samples,)
        What the samples of a pair have in common; None for samples without.
    group, versus : str
    sample_ids : sequence of str
        For messages.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, int)
        Rows in `group` and in `versus`, in the order of the pairs' names, and how many samples have no partner.

    Raises
    ------
    BadInput
        Several samples of one pair in a group.
    """
    sides = []
    for level in (group, versus):
        rows = np.flatnonzero((labels == level).to_numpy() & ~np.isnan(values))
        known: dict[Any, list[int]] = {}
        for row in rows.tolist():
            if pairs[row] is not None:
                known.setdefault(pairs[row], []).append(row)
        twice = [members for members in known.values() if len(members) > 1]
        if twice:
            raise BadInput(
                f"{len(twice)} pairs have several samples in the group {level!r}",
                where=first_few(", ".join(sorted(sample_ids[row] for row in members)) for members in twice),
                hint="keep one sample of each by --one-sample-per-patient or --where",
            )
        sides.append((known, len(rows)))
    (first, n_first), (second, n_second) = sides
    both = sorted(set(first) & set(second))
    here, there = (np.array([side[key][0] for key in both], dtype=int) for side in (first, second))
    return here, there, n_first + n_second - 2 * len(both)


def paired_cells(
    values: np.ndarray,
    labels: pd.Series,
    pairs: np.ndarray,
    group: str,
    versus: str,
    sample_ids: Sequence[str] | np.ndarray,
    test: str,
    conf_level: float,
) -> dict[str, Any]:
    """Cells of a pair row: the test of group minus versus within pairs, and how many samples have no partner."""
    first, second, alone = find_pairs(values, labels, pairs, group, versus, sample_ids)
    cells: dict[str, Any] = {"n": len(first), "n_versus": len(first), "test": test, "method": METHODS[test],
                                "note": f"{alone} samples without a partner excluded" if alone else None}  # fmt: skip
    if not len(first):
        return cells | {"note": "no pair has both groups"}
    x, y = values[first], values[second]
    cells |= _signed_rank_cells(x, y, conf_level) if test == PAIRED_TESTS[0] else _mean_cells(x, y, conf_level)
    if np.isnan(cells["p_value"]):
        why = "no test: too few pairs, or no difference between them"
        cells["note"] = f"{why}; {cells['note']}" if cells["note"] else why
    return cells


def _signed_rank_cells(x: np.ndarray, y: np.ndarray, conf_level: float) -> dict[str, Any]:
    found = signed_rank(x, y, conf_level)
    kind = "exact" if found.exact else "normal approximation with continuity correction"
    zeros = f", {found.n_zero} differences of zero excluded" if found.n_zero else ""
    if not found.exact and len(x) < 50 and not np.isnan(found.p_value):
        why = " and ".join(["ties"] * found.tied + ["differences of zero"] * bool(found.n_zero))
        warn("no-exact-p", f"{why}: p_value is the normal approximation, as R's; p_exact is exact for these ranks")
    return {"statistic": found.v, "p_value": found.p_value, "p_exact": found.p_exact, "effect": found.shift,
            "effect_type": "hodges_lehmann", "ci_low": found.shift_low, "ci_high": found.shift_high,
            "method": f"{METHODS[PAIRED_TESTS[0]]}, {kind}{zeros}"}  # fmt: skip


def _mean_cells(x: np.ndarray, y: np.ndarray, conf_level: float) -> dict[str, Any]:
    found = paired_t(x, y, conf_level)
    return {"statistic": found.statistic, "df": found.df, "p_value": found.p_value, "effect": found.difference,
            "effect_type": "mean_difference", "ci_low": found.ci_low, "ci_high": found.ci_high}  # fmt: skip
