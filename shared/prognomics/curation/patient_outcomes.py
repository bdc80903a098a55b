"""Patients whose samples have different outcomes in a table: one of them is wrong, whichever sample is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prognomics.curation.checks import matching
from prognomics.curation.endpoints import MOST_LISTED, read_endpoint
from prognomics.curation.raw_sheet import Sheet
from prognomics.errors import first_few, warn

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 0.01  # of the longer time
ROUNDED = 0.1  # months
STATUS = {0: "censored", 1: "event", 2: "competing event"}


def warn_about_patient_outcomes(sheet: Sheet, samples: pd.DataFrame, mapping: dict[str, Any]) -> None:
    """Warn of patients with samples of one tissue type that differ in the time or the status of an endpoint.

    Parameters
    ----------
    sheet : Sheet
        All rows, before one sample per patient is chosen.
    samples : pandas.DataFrame, one row per row of the sheet
        `patient_id`, `tissue_type` and the columns that `only` of an endpoint names.
    mapping : dict

    Warns
    -----
    patient-outcomes-differ
        The endpoint, and the patients with their samples, times and statuses.
    """
    patients = samples["patient_id"].tolist()
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(patients, samples["tissue_type"].tolist(), strict=True)):
        rows.setdefault(key, []).append(row)
    repeated = [found for found in rows.values() if len(found) > 1]
    if not repeated:
        return
    lenient = sheet.lenient()
    for name, spec in mapping.get("endpoints", {}).items():
        eligible = matching(samples, spec.get("only", {}), f"endpoints.{name}.only")
        endpoint = read_endpoint(lenient, name, spec, eligible)
        time, causes, known = endpoint.time_months, endpoint.causes, endpoint.known
        differ = []
        for group in ([row for row in found if known[row]] for found in repeated):
            longest = max((time[row] for row in group), default=0.0)
            apart = longest - min((time[row] for row in group), default=0.0)
            if apart > max(ROUNDED, TOLERANCE * longest) or len({causes[row] for row in group}) > 1:
                said = (f"{sheet.sample_ids[r]} {time[r]:.4g} months, {STATUS[int(causes[r])]}" for r in group)
                differ.append(f"{patients[group[0]]} ({'; '.join(said)})")
        if differ:
            warn(
                "patient-outcomes-differ",
                f"{name}: {len(differ)} of {len(repeated)} patients with several samples of one tissue type have "
                f"different times or statuses in them: {first_few(differ, MOST_LISTED)}",
            )
