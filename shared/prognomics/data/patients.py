"""Patients of a sample sheet: who is the same person, who has several samples, which sample represents a patient.

A patient is a `patient_id` within a cohort. Equal ids of two cohorts are different patients, because cohorts number
their patients from 1, unless the ids are barcodes that are unique worldwide (TCGA, TARGET). A sample without a
patient_id belongs to nobody else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.columns import text_values

if TYPE_CHECKING:
    from prognomics.data.sheet import SampleSheet

PATIENT = "patient_id"
MOST_NAMED = 5
_UNIQUE_WORLDWIDE = re.compile(r"TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}|TARGET-\d\d-[A-Z0-9]{6}")


@dataclass(frozen=True)
class Repeats:
    """Patients with several samples: sample ids by patient id, in the order of the ids."""

    samples: dict[str, list[str]]

    @property
    def n_samples(self) -> int:
        return sum(map(len, self.samples.values()))

    def __len__(self) -> int:
        return len(self.samples)

    def __str__(self) -> str:
        named = [f"{patient}: {', '.join(ids)}" for patient, ids in list(self.samples.items())[:MOST_NAMED]]
        return "; ".join(named) + ("; …" if len(self) > MOST_NAMED else "")


def ids_in(sheet: SampleSheet, column: str) -> np.ndarray:
    """A column as ids, shape (n_samples,), missing None."""
    result: np.ndarray = text_values(sheet.frame[sheet.resolve(column)]).to_numpy(dtype=object)
    return result


def patient_keys(sheet: SampleSheet, column: str = PATIENT) -> np.ndarray:
    """Who each sample is of: (cohort, patient_id), shape (n_samples,); None where no patient is named.

    Any column may say what samples have in common. The cohort is empty for ids that are unique worldwide, and in a
    sheet without cohorts.
    """
    patients = ids_in(sheet, column)
    cohorts = ids_in(sheet, "cohort") if "cohort" in sheet.columns else np.full(len(sheet), "", dtype=object)
    keys = np.empty(len(sheet), dtype=object)
    for row, (patient, cohort) in enumerate(zip(patients, cohorts, strict=True)):
        if patient is not None:
            keys[row] = ("" if _UNIQUE_WORLDWIDE.fullmatch(patient) else cohort or "", patient)
    return keys


def find_repeats(sheet: SampleSheet, keys: np.ndarray, rows: np.ndarray) -> Repeats:
    """Patients with more than one of the samples in `rows` (bool, shape (n_samples,))."""
    found: dict[tuple[str, ...], list[str]] = {}
    ids = sheet.sample_ids
    for row in np.flatnonzero(rows):
        if keys[row] is not None:
            found.setdefault(keys[row], []).append(ids[row])
    several = {key: sorted(samples) for key, samples in found.items() if len(samples) > 1}
    known = Counter(key[1] for key in several)
    label = {key: " ".join([key[1], *(f"({part})" for part in (key[0] if known[key[1]] > 1 else "", *key[2:])
                                      if part)]) for key in several}  # fmt: skip
    return Repeats({label[key]: several[key] for key in sorted(several, key=lambda key: (key[1], key))})


def choose_samples(sheet: SampleSheet, keys: np.ndarray, tiers: np.ndarray) -> np.ndarray:
    """One sample per patient, bool of shape (n_samples,): the order of rows has no part in it.

    Parameters
    ----------
    keys : numpy.ndarray of object, shape (n_samples,)
        Samples with equal keys compete; those with None are all kept.
    tiers : numpy.ndarray of int, shape (n_samples,)
        Samples of the lowest tier come first (0: can be analyzed), then primary tissue, then the lowest sample_id
        as text.
    """
    tissue = sheet.labels("tissue_type") if "tissue_type" in sheet.columns else np.full(len(sheet), None)
    ids = sheet.sample_ids
    order = sorted(range(len(sheet)), key=lambda row: (tiers[row], tissue[row] != "primary", ids[row]))
    keep, taken = np.zeros(len(sheet), dtype=bool), set()
    for row in order:
        if keys[row] is None or keys[row] not in taken:
            keep[row] = True
            taken.add(keys[row])
    return keep


def ids_in_several_cohorts(keys: np.ndarray, rows: np.ndarray) -> list[str]:
    """Patient ids that occur in more than one cohort and are taken for different patients, sorted."""
    cohorts: dict[str, set[str]] = {}
    for key in keys[rows]:
        if key is not None and key[0]:
            cohorts.setdefault(key[1], set()).add(key[0])
    return sorted(patient for patient, names in cohorts.items() if len(names) > 1)


def patients_in_several(keys: np.ndarray, labels: Sequence[object] | np.ndarray, rows: np.ndarray) -> list[str]:
    """Patients whose samples in `rows` have more than one of the labels (missing ones aside), sorted."""
    groups: dict[tuple[str, ...], set[object]] = {}
    for row in np.flatnonzero(rows).tolist():
        if keys[row] is not None and labels[row] is not None:
            groups.setdefault(keys[row], set()).add(labels[row])
    return sorted(key[1] for key, names in groups.items() if len(names) > 1)
