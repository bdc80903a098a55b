"""Samples and patients that a model was derived from are not validation of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel, identifier_hash
from prognomics.data.strata import COHORT
from prognomics.errors import Refused, first_few, note, warn
from prognomics.learning.profiles import known_profiles


def require_new(model: LockedModel, frame: pd.DataFrame) -> None:
    """Refuse samples that the model was derived from, by their own id or their patient's.

    Ids that are bare numbers are numbered again in each cohort: they count only in a cohort of the derivation.

    Parameters
    ----------
    model : LockedModel
    frame : pandas.DataFrame, shape (n_samples, ...)
        `sample_id`, and `patient_id` and `cohort` if there are any.

    Raises
    ------
    Refused
        Naming the samples, or the patients.
    """
    if not (model.derivation.sample_hashes or model.derivation.patient_hashes):
        if model.kind in ("score", "cutpoint"):
            return  # made without an outcome
        note("derivation-unknown", "the model does not state the samples that it was derived from: make sure that none "
             "of the samples here was among them")  # fmt: skip
        return
    for column, hashes, kind in (
        ("sample_id", model.derivation.sample_hashes, "samples"),
        ("patient_id", model.derivation.patient_hashes, "patients"),
    ):
        if column not in frame.columns or not hashes:
            continue
        ids = text_values(frame[column])
        seen = ids.map(identifier_hash, na_action="ignore").isin(hashes).to_numpy(bool)
        other = seen & ids.map(lambda one: (one or "").isdigit()).to_numpy(bool) & _elsewhere(model, frame)
        if other.any():
            numbers = sorted(set(ids[other]))
            warn("ids-in-several-cohorts", f"{len(numbers)} {kind} have the number of one of the derivation "
                 f"({first_few(numbers)}) and are in another cohort: taken for other {kind}")  # fmt: skip
        same = sorted(set(ids[seen & ~other]))
        if same:
            raise Refused(
                f"{len(same)} of {ids.nunique()} {kind} were in the derivation of the model: it cannot be validated in "
                "them", where=f"{column}: {first_few(same, 10)}",
                hint="leave them out (--where), or score them without an endpoint",
            )  # fmt: skip


def require_other_profiles(
    model: LockedModel, frame: pd.DataFrame, known: np.ndarray, expression: ExpressionMatrix | None
) -> None:
    """Refuse samples whose expression is that of a sample of the derivation, also under other names.

    Parameters
    ----------
    model : LockedModel
    frame : pandas.DataFrame, shape (n_samples, ...)
        All samples, so that genes are standardized within whole cohorts.
    known : numpy.ndarray of bool, shape (n_samples,)
        Samples with an outcome.
    expression : ExpressionMatrix or None

    Raises
    ------
    Refused
        Naming the samples.
    """
    if expression is None or not model.derivation.profiles:
        return
    ids = frame["sample_id"].astype(str)
    cohort = text_values(frame[COHORT]).fillna("") if COHORT in frame.columns else pd.Series("", frame.index)
    same = known_profiles(model.derivation.profiles, expression, ids.tolist(), cohort.to_numpy(object)) & known
    if same.any():
        raise Refused(
            f"{int(same.sum())} of {int(known.sum())} samples have the expression of samples of the model's derivation"
            ": it cannot be validated in them", where=f"sample_id: {first_few(sorted(ids[same]), 10)}",
            hint="these seem to be the same samples under other names: exclude them (--where), or score them without "
            "an endpoint",
        )  # fmt: skip


def _elsewhere(model: Any, frame: pd.DataFrame) -> np.ndarray:
    """Samples of cohorts that the model was not derived in; none where either side names no cohort."""
    if COHORT not in frame.columns or not model.derivation.cohorts:
        return pd.Series(False, index=frame.index).to_numpy()
    cohort = text_values(frame[COHORT])
    return (cohort.notna() & ~cohort.isin(model.derivation.cohorts)).to_numpy()
