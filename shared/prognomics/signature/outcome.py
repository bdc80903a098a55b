"""The outcome that centroids are derived from, and what a reader must know of classes made with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import COHORT, cohorts_of
from prognomics.errors import UsageError, first_few, note, unknown_name, warn
from prognomics.signature.centroid import CentroidClasses, labels_at_horizon
from prognomics.signature.class_test import Outcome


def outcome_labels(
    samples: SampleSheet | None, column: str | None, endpoint: Endpoint | None, horizon: float | None
) -> np.ndarray:
    """The outcome of each sample, missing where it is not known.

    Parameters
    ----------
    samples : SampleSheet
    column : str, optional
        Column with the outcome; or else
    endpoint : Endpoint
        of the same samples, and
    horizon : float
        in months: "event" and "event_free" by then, see `labels_at_horizon`.

    Returns
    -------
    ndarray of object, shape (n_samples,)

    Raises
    ------
    UsageError
        Without samples, or with a horizon and no endpoint.
    """
    if samples is None:
        raise UsageError("centroids are learnt from samples with an outcome", hint="give --samples")
    if column:
        if samples.resolve(column).removesuffix("_event") in samples.endpoint_names:
            warn("event-as-outcome", f"{column} says who had the event, not by when: patients censored early pass for "
                 "event-free; take --endpoint with --horizon")  # fmt: skip
        return samples.labels(column)
    if endpoint is None or horizon is None:
        raise UsageError("--horizon needs an endpoint", hint="give --endpoint, or --time-column and --event-column")
    labels = labels_at_horizon(endpoint.time_months, endpoint.event, horizon)
    counts = pd.Series(labels).value_counts()
    unknown = int(pd.isna(labels).sum())
    note("outcome", f"{endpoint.name} by {horizon:g} months: {counts.get('event', 0)} with the event, "
         f"{counts.get('event_free', 0)} without, {unknown} not followed so long or unknown")  # fmt: skip
    return labels


def tested_outcome(
    samples: SampleSheet, labels: np.ndarray, column: str | None, endpoint: Endpoint | None, horizon: float | None,
    within: str | None,
) -> Outcome:  # fmt: skip
    """The outcome that leave-one-out classes are tested against: the follow-up, or the column that labels them.

    Strata are the values of `within`, or the cohorts if there are several.
    """
    within = within or (COHORT if len(cohorts_of(samples.frame)) > 1 else None)
    stratum = pd.factorize(samples.labels(within))[0] if within else np.zeros(len(samples), dtype=int)
    if column or endpoint is None:
        return Outcome(labels, None, None, stratum, column or "")
    return Outcome(labels, endpoint.time_months, endpoint.event, stratum, f"{endpoint.name} by {horizon:g} months")


def rename_classes(outcome: Sequence[object] | np.ndarray, names: Mapping[str, str]) -> np.ndarray:
    """Labels with other names; BadInput for a name that no sample has."""
    labels = np.array([None if pd.isna(v) else str(v) for v in outcome], dtype=object)
    present = sorted({v for v in labels if v is not None})
    for old in names:
        if old not in present:
            raise unknown_name("outcome", old, present, where="outcome of the samples")
    return np.array([names.get(v, v) for v in labels], dtype=object)


def class_labels(
    samples: SampleSheet | None, column: str | None, endpoint: Endpoint | None, horizon: float | None,
    names: Mapping[str, str],
) -> np.ndarray:  # fmt: skip
    """The outcome of each sample by the names of classes; see `outcome_labels` and `rename_classes`."""
    return rename_classes(outcome_labels(samples, column, endpoint, horizon), names)


def measured(
    samples: SampleSheet | None, sample_ids: Sequence[str], endpoint: Endpoint | None = None
) -> tuple[SampleSheet | None, Endpoint | None]:
    """The samples that the matrix contains, and their follow-up; a warning counts the others. None without a sheet."""
    if samples is None:
        return None, endpoint
    held = set(sample_ids)
    here = np.array([s in held for s in samples.sample_ids])
    if not here.all():
        lost = [s for s, kept in zip(samples.sample_ids, here, strict=True) if not kept]
        warn("samples-without-expression", f"{len(lost)} samples of the sheet are not in the matrix: {first_few(lost)}")
    if endpoint is not None:
        endpoint = endpoint.take(here)
    return samples.take(here), endpoint


def class_column(signature_name: str) -> str:
    """The default name of the column of classes."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", signature_name).strip("_")
    return f"{plain}_class" if plain[:1].isalpha() else "centroid_class"


def tell_of_classes(found: CentroidClasses) -> None:
    """Say how the classes was chosen, and what may not be read from them."""
    counts = pd.Series(found.classes).value_counts().sort_index()
    shown = ", ".join(f"{n} {label}" for label, n in counts.items())
    learnt = ", ".join(f"{n} {label}" for label, n in found.n_training.items())
    text = f"{found.n_genes} of {found.n_signature} genes used; classes: {shown}"
    note("classes", f"{text}; centroids learnt from {learnt}" if learnt else text)
    if found.mode == "loocv":
        note("leave-one-out", "leave-one-out classes: each training sample was classified by centroids of the others; "
             "samples without an outcome by the centroids of all training samples")  # fmt: skip
        warn("leave-one-out-p", "the outcome was used to make these classes, so a test of the classes against that "
             "outcome is too optimistic even with leave-one-out: report p_permutation of --out-test, or take centroids "
             "from other data (--mode apply)")  # fmt: skip
    elif found.mode == "train":
        warn("own-training", "training samples were classified by centroids that they had a part in: these classes say "
             "nothing about the outcome; use --mode loocv, or apply the centroids to other samples")  # fmt: skip
