"""Which columns stratify a survival analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.errors import BadInput, UsageError, unknown_name

COHORT = "cohort"


def resolve_strata(frame: pd.DataFrame, strata: Sequence[str]) -> list[str]:
    """The stratifying columns that a request represents.

    Parameters
    ----------
    frame : pandas.DataFrame
        The samples of the analysis.
    strata : sequence of str
        ["auto"]: the column `cohort` where it holds more than one value, else none;
        ["none"] or nothing: no strata; otherwise names of columns.

    Returns
    -------
    list of str

    Raises
    ------
    UsageError
        "auto" or "none" together with other values.
    BadInput
        An unknown column.
    """
    strata = [strata] if isinstance(strata, str) else list(dict.fromkeys(strata))
    words = [word for word in strata if word in ("auto", "none")]
    if words and len(strata) > 1:
        raise UsageError(f"strata {words[0]!r} stands alone: it cannot be combined with {strata}")
    if strata == ["auto"]:
        return [COHORT] if len(cohorts_of(frame)) > 1 else []
    if not strata or strata == ["none"]:
        return []
    for column in strata:
        if column not in frame.columns:
            raise unknown_name("strata column", column, map(str, frame.columns), where="sample sheet")
    return strata


def cohorts_of(frame: pd.DataFrame) -> list[str]:
    """The distinct cohorts of the samples; empty without a cohort column."""
    if COHORT not in frame.columns:
        return []
    return sorted(text_values(frame[COHORT]).dropna().unique())


def stratum_labels(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray | None, np.ndarray]:
    """One stratum per sample, and which samples have all of its columns.

    Returns
    -------
    labels : numpy.ndarray of int, shape (n_samples,), or None without columns
        Codes of the combinations of values; -1 where a column is missing.
    known : numpy.ndarray of bool, shape (n_samples,)
    """
    known = np.ones(len(frame), dtype=bool)
    if not columns:
        return None, known
    combined = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        codes, labels = pd.factorize(text_values(frame[column]), sort=True)
        known &= codes >= 0
        combined = combined * (len(labels) + 1) + codes
    return np.where(known, combined, -1), known


def strata_name(columns: Sequence[str]) -> str:
    """How tables name the strata: "none", or the columns joined by +."""
    return "+".join(columns) if columns else "none"


def encode_levels(labels: np.ndarray | None, n_samples: int, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Integer codes from 0 of group or stratum labels, and the sorted labels (Raises BadInput)."""
    if labels is None:
        return np.zeros(n_samples, dtype=np.intp), np.zeros(1)
    labels = np.asarray(labels)
    if labels.shape != (n_samples,):
        raise BadInput(f"{what} labels and times differ in shape: {labels.shape} and {(n_samples,)}")
    if labels.dtype == object:
        labels = labels.astype(str)
    distinct, codes = np.unique(labels, return_inverse=True)
    return codes.reshape(-1).astype(np.intp), distinct
