"""Who takes part in a screen: samples with follow-up, strata, covariates and a column in the matrix."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.strata import cohorts_of, resolve_strata, strata_name, stratum_labels
from prognomics.errors import BadInput, Refused, UsageError, first_few, warn
from prognomics.modeling.design_matrix import build_design
from prognomics.screen.follow_up import FollowUp, sort_follow_up
from prognomics.survival.endpoint_arrays import endpoint_arrays

FEW_EVENTS = 10


@dataclass(frozen=True)
class Eligible:
    """The samples of a screen.

    Attributes
    ----------
    frame : pandas.DataFrame
        Their rows of the sheet, in the sorted order of `follow_up`.
    follow_up : FollowUp
    covariates : numpy.ndarray, shape (n_samples, n_columns)
        Design of the covariates, in the same order; no columns without covariates.
    time, event : numpy.ndarray, shape (n_samples,)
        In the same order.
    strata : str
        As tables name them.
    n_sheet : int
        Samples of the sheet.
    rows : numpy.ndarray of int, shape (n_samples,)
        Their rows of the sheet, in the same order.
    """

    frame: pd.DataFrame
    follow_up: FollowUp
    covariates: np.ndarray
    time: np.ndarray
    event: np.ndarray
    strata: str
    n_sheet: int
    rows: np.ndarray


def eligible_samples(
    frame: pd.DataFrame,
    time_months: np.ndarray,
    event: np.ndarray,
    sample_ids: Sequence[str],
    *,
    strata: Sequence[str],
    covariates: Sequence[str] = (),
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
) -> Eligible:
    """Find and sort the samples of a screen.

    Parameters
    ----------
    frame : pandas.DataFrame
        The sheet, with the column `sample_id`.
    time_months, event : numpy.ndarray, shape (n_sheet,)
    sample_ids : sequence of str
        Columns of the matrix.
    strata : sequence of str
        See `resolve_strata`.
    covariates, factors, numerics
        See `build_design`.

    Returns
    -------
    Eligible

    Raises
    ------
    Refused
        No events, or none among the samples that are measured and complete.
    BadInput
        Unknown columns, wrong values, no sample of the sheet in the matrix.
    UsageError
        A covariate that is also a stratum.
    """
    time, event, known = endpoint_arrays(frame, time_months, event)
    stratifying = resolve_strata(frame, strata)
    both = [name for name in covariates if name in stratifying]
    if both:
        raise UsageError(f"{both[0]!r} is a covariate and a stratum at once", hint="leave it out of one of them")
    labels, stratum_known = stratum_labels(frame, stratifying)
    position = {sample: i for i, sample in enumerate(sample_ids)}
    column = np.array([position.get(sample, -1) for sample in frame["sample_id"]])
    if (column < 0).all():
        raise BadInput("the sample sheet matches no sample of the matrix", where=first_few(frame["sample_id"], 3))
    bare = frame["sample_id"].to_numpy()[column < 0]
    if len(bare):
        warn("samples-without-expression", f"{len(bare)} samples of the sheet are not in the matrix: {first_few(bare)}")
    keep = known & stratum_known & (column >= 0)
    design = build_design(frame, list(covariates), event, keep, factors, numerics)
    keep = design.complete
    events = int((event[keep] == 1).sum())
    if events == 0:
        raise Refused(
            f"there are no events among the {int(keep.sum())} samples with follow-up, expression and covariates",
            hint="check the endpoint, the subset and missing covariates",
        )
    if events < FEW_EVENTS:
        warn("few-events", f"{events} events only: no gene can be told from chance")
    cohorts = cohorts_of(frame[keep])
    if not stratifying and len(cohorts) > 1:
        warn(
            "cohorts-not-stratified",
            f"{len(cohorts)} cohorts are screened as one: genes that differ between cohorts of different hazard pass "
            "for prognostic; the stratified screen is the one to trust",
        )
    rows = np.flatnonzero(keep)
    follow_up = sort_follow_up(time[rows], event[rows], None if labels is None else labels[rows], np.arange(len(rows)))
    order = follow_up.columns
    rows, x = rows[order], design.x[order]
    varying = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(0, dtype=bool)
    follow_up = sort_follow_up(time[rows], event[rows], None if labels is None else labels[rows], column[rows])
    return Eligible(frame.iloc[rows], follow_up, x[:, varying], time[rows], event[rows], strata_name(stratifying),
                    len(frame), rows)  # fmt: skip
