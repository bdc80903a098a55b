"""Samples and patients that a model was derived from are not validation of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import LockedModel, identifier_hash
from prognomics.data.population import NOT_DERIVATION, as_population
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import COHORT
from prognomics.errors import Refused, first_few, note, warn
from prognomics.learning.profiles import known_profiles

LEAVE_OUT = "exclude them (--exclude-derivation, or --where), or score them without an endpoint (apply_model)"


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
    for column, kind, ids, seen in _named_in_derivation(model, frame):
        same = sorted(set(ids[seen]))
        if same:
            raise Refused(
                f"{len(same)} of {ids.nunique()} {kind} were in the derivation of the model: it cannot be validated in "
                "them", where=f"{column}: {first_few(same, 10)}", hint=LEAVE_OUT,
            )  # fmt: skip


def _named_in_derivation(
    model: LockedModel, frame: pd.DataFrame
) -> Iterator[tuple[str, str, pd.Series[str], np.ndarray]]:
    """Column, what it names, its ids, and which samples (bool) it names as being of the derivation.

    Warns
    -----
    ids-in-several-cohorts
    """
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
        yield column, kind, ids, seen & ~other


def without_derivation(
    model: LockedModel, samples: SampleSheet, expression: ExpressionMatrix | None
) -> tuple[SampleSheet, np.ndarray]:
    """The samples that the model was not derived from, and where they are (bool, shape (n_samples,)).

    A sample is excluded if its id, its patient's, or its expression is that of one in the derivation. How many and
    which is noted; the population of the rest states it.

    Raises
    ------
    Refused
        No sample is left; or the model does not state what it was derived from.
    """
    frame = samples.frame
    if not (model.derivation.sample_hashes or model.derivation.patient_hashes or model.derivation.profiles):
        raise Refused("the model does not state the samples that it was derived from, so that none can be excluded",
                      hint="exclude them by their ids or their cohort (--where)")  # fmt: skip
    left = np.zeros(len(frame), bool)
    for _, _, _, seen in _named_in_derivation(model, frame):
        left |= seen
    alike = _profiles_in_derivation(model, frame, expression) & ~left
    left |= alike
    ids = sorted(frame["sample_id"].astype(str)[left])
    if left.all():
        raise Refused(f"all {len(left)} samples were in the derivation of the model: none is left",
                      where=f"sample_id: {first_few(ids, 10)}", hint="give samples of other patients")  # fmt: skip
    known = f", {int(alike.sum())} of them by their expression alone" if alike.any() else ""
    text = (f"{len(ids)} of {len(left)} samples were in the derivation of the model and are excluded{known}"
            f"{': ' + first_few(ids, 10) if ids else ''}")  # fmt: skip
    note("derivation-excluded", text, condition=NOT_DERIVATION, excluded=len(ids))
    return samples.take(~left, as_population(samples.population).meeting(NOT_DERIVATION)), ~left


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
    same = _profiles_in_derivation(model, frame, expression) & known
    ids = frame["sample_id"].astype(str)
    if same.any():
        raise Refused(
            f"{int(same.sum())} of {int(known.sum())} samples have the expression of samples of the model's derivation"
            ": it cannot be validated in them", where=f"sample_id: {first_few(sorted(ids[same]), 10)}",
            hint=f"these seem to be the same samples under other names: {LEAVE_OUT}",
        )  # fmt: skip


def _profiles_in_derivation(model: LockedModel, frame: pd.DataFrame, expression: ExpressionMatrix | None) -> np.ndarray:
    """Samples (bool) whose expression is that of a sample of the derivation."""
    if expression is None or not model.derivation.profiles:
        return np.zeros(len(frame), bool)
    cohort = text_values(frame[COHORT]).fillna("") if COHORT in frame.columns else pd.Series("", frame.index)
    ids = frame["sample_id"].astype(str).tolist()
    return known_profiles(model.derivation.profiles, expression, ids, cohort.to_numpy(object))


def _elsewhere(model: Any, frame: pd.DataFrame) -> np.ndarray:
    """Samples of cohorts that the model was not derived in; none where either side names no cohort."""
    if COHORT not in frame.columns or not model.derivation.cohorts:
        result: np.ndarray = pd.Series(False, index=frame.index).to_numpy()
        return result
    cohort = text_values(frame[COHORT])
    result = (cohort.notna() & ~cohort.isin(model.derivation.cohorts)).to_numpy()
    return result
