"""Weights by the inverse probability of group, which balance covariates between groups.

The group is a logistic function of the covariates; a sample's weight is one over the probability of its own group, so
that each group represents all samples (average treatment effect).
Cole and Hernán (2004), doi 10.1016/j.cmpb.2003.10.004.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.data.sheet import sample_names
from prognomics.errors import Refused, UsageError, first_few, warn
from prognomics.modeling.design_matrix import build_design
from prognomics.stats.multinomial import fit_multinomial
from prognomics.survival.cox.models import case_weights

EXTREME = 10.0
"""Weight of a sample over the mean of its group above which it is called extreme."""
WEIGHT_COLUMNS = table_columns("group_weights")


@dataclass(frozen=True)
class GroupWeights:
    """Weights of samples, shape (n_samples,), NaN where a covariate or the group is missing, and their table.

    `table` has the columns of `--out-weights`; `effective` the effective number of samples by group.
    """

    weight: np.ndarray
    table: pd.DataFrame
    effective: dict[str, Any]


def weights_of_groups(
    frame: pd.DataFrame,
    weight_column: str | None,
    covariates: Sequence[str],
    factors: Collection[str],
    group_column: str | None,
) -> tuple[np.ndarray | None, Callable[..., GroupWeights] | None]:
    """Case weights of samples if a column has them, and what weights the groups where covariates are given.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    weight_column : str, optional
        See `case_weights`.
    covariates, factors, group_column
        See `inverse_probability_weights`.
    """
    given = case_weights(frame, weight_column)[0]
    if not covariates:
        return given, None
    return given, partial(inverse_probability_weights, frame, covariates, factors=factors, case_weights=given,
                          group_column=group_column or "")  # fmt: skip


def inverse_probability_weights(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    eligible: np.ndarray,
    groups: pd.Series,
    levels: Sequence[str],
    *,
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
    case_weights: np.ndarray | None = None,
    group_column: str = "",
) -> GroupWeights:
    """Weights of the average treatment effect.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    covariates : sequence of str
        Numbers enter as they are, text as a factor, see `build_design`.
    eligible : numpy.ndarray of bool, shape (n_samples,)
        Samples with group and endpoint.
    groups : pandas.Series, n_samples rows
        As text.
    levels : sequence of str
        Groups, the reference first.
    factors, numerics, reference_levels
        See `build_design`.
    case_weights : numpy.ndarray, shape (n_samples,), optional
        Of the model of the group.
    group_column : str
        Its name: it cannot be a covariate.

    Returns
    -------
    GroupWeights
        `propensity` is, with two groups, the probability of the second; with more that of the sample's own group.

    Raises
    ------
    Refused
        A group without complete cases, or covariates that separate the groups.
    UsageError
        The group as a covariate.

    Warns
    -----
    extreme-weights

    Notes
    -----
    As `1 / ifelse(group == second, p, 1 - p)` with `p` from `glm(group ~ covariates, family = binomial)`.
    """
    covariates = list(dict.fromkeys(covariates))
    if group_column in covariates:
        raise UsageError(f"{group_column!r} is the group and a covariate at once", hint="leave it out of --adjust-for")
    design = build_design(frame, covariates, np.zeros(len(frame)), eligible, factors, numerics, reference_levels)
    rows = design.complete
    names = groups.to_numpy(dtype=object)[rows]
    absent = [level for level in levels if not (names == level).any()]
    if absent:
        raise Refused("a group has no sample with all covariates of the adjustment", where=first_few(absent),
                      hint="check the missing values of the covariates")  # fmt: skip
    code = np.array([list(levels).index(name) for name in names])
    try:
        model = fit_multinomial(design.x, code, len(levels), None if case_weights is None else case_weights[rows])
    except Refused as refusal:
        raise Refused(f"groups cannot be adjusted for {' + '.join(covariates)}: {refusal.what}",
                      hint="samples of every kind must occur in every group") from None  # fmt: skip
    own = model.probability[np.arange(len(code)), code]
    weight = np.full(len(frame), np.nan)
    weight[rows] = 1 / own
    ids = sample_names(frame)
    table = pd.DataFrame({
        "sample_id": ids[rows], "propensity": model.probability[:, 1] if len(levels) == 2 else own,
        "weight": 1 / own, "group": names, "note": None,
    }, columns=list(WEIGHT_COLUMNS))  # fmt: skip
    effective, extreme = {}, []
    for i, level in enumerate(levels):
        inside = code == i
        w = table["weight"].to_numpy()[inside]
        effective[level] = float(w.sum() ** 2 / np.sum(w**2))
        far = np.flatnonzero(inside)[w > EXTREME * w.mean()]
        table.loc[far, "note"] = f"more than {EXTREME:g} times the mean weight of its group"
        extreme += [f"{table['sample_id'][j]} ({table['weight'][j]:.3g}, {level})" for j in far]
    rare = int((own < 0.05).sum())
    if extreme or rare:
        sizes = ", ".join(f"{level} {value:.0f} of {int((code == i).sum())}"
                          for i, (level, value) in enumerate(effective.items()))  # fmt: skip
        said = f"more than {EXTREME:g} times the mean of the group: {first_few(extreme)}; " if extreme else ""
        warn("extreme-weights", f"{said}{rare} samples are of a group with probability below 0.05 for them, weights up "
             f"to {1 / own.min():.3g}; effective numbers of samples: {sizes}. Few samples decide the adjusted "
             "curves")  # fmt: skip
    return GroupWeights(weight, table, effective)


def weights_table(adjustment: GroupWeights | None) -> pd.DataFrame:
    """`--out-weights`; UsageError without an adjustment."""
    if adjustment is None:
        raise UsageError("there are no weights of an adjustment", hint="name covariates: --adjust-for COLUMN")
    return adjustment.table
