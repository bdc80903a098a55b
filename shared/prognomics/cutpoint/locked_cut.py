"""A cutpoint as a model that divides other samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.cutpoint.cutpoint import Cut
from prognomics.data.endpoint import Endpoint
from prognomics.data.model import Coefficient, Derivation, LockedModel, identifier_hashes
from prognomics.data.strata import cohorts_of
from prognomics.errors import UsageError

SAW_OUTCOME = ("roc", "maxstat")


def locked_cut(
    cuts: Sequence[Cut], frame: pd.DataFrame, values: np.ndarray, endpoint: Endpoint | None, *, marker: str,
    is_gene: bool, within: str | None, method: str, name: str,
) -> LockedModel:  # fmt: skip
    """The cutpoint of an analysis, ready for other samples: their linear predictor is the marker itself.

    Identifiers are kept (as hashes) only of samples in which cases or an outcome led to the cutpoint.

    Parameters
    ----------
    cuts : sequence of Cut
        As :func:`learn_cuts` gives them; those after the first put the same cut on other samples.
    frame : pandas.DataFrame, shape (n_samples, ...)
    values : numpy.ndarray, shape (n_samples,)
        The marker.
    endpoint : Endpoint or None
    marker : str
    is_gene : bool
        Whether the marker is a gene of the matrix, or a column of the samples.
    within : str or None
    method, name : str

    Raises
    ------
    UsageError
        A cut in each cohort.
    """
    if within:
        raise UsageError("--within learns a cut in each cohort, and a fitted model has one",
                         hint="leave --within out, or learn the cut in one cohort (--learn-where)")  # fmt: skip
    cut = cuts[0]
    known = ~np.isnan(values[cut.members])
    own = frame.iloc[cut.members[known]]
    high = cut.threshold if cut.policy == "prespecified" else cut.lowest_high
    two = [] if np.isnan(cut.lowest_not_low) else [float(cut.lowest_not_low)]
    seen = method in SAW_OUTCOME
    events = None if endpoint is None else int((endpoint.event[cut.members[known]] == 1).sum())
    return LockedModel(
        kind="cutpoint", name=name,
        coefficients=(Coefficient(marker, "gene" if is_gene else "numeric", marker, 1.0),),
        cutpoints=(*two, float(high)), cut_rule=cut.method, endpoint=endpoint.name if endpoint else None,
        missing_genes={marker: float(values[cut.members[known]].mean())} if is_gene else {},
        derivation=Derivation(
            n=int(known.sum()), events=events, cohorts=tuple(cohorts_of(own)), population=cut.learnt_in,
            sample_hashes=identifier_hashes(own["sample_id"]) if seen else (),
            patient_hashes=identifier_hashes(own["patient_id"]) if seen and "patient_id" in own else (),
            method=cut.method,
        ), notes=cut.notes,
    )  # fmt: skip
