"""A case of the GDC as one row of text: nested records become columns with dotted names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prognomics.data.barcode import tissue_of
from prognomics.errors import BadInput

_IDENTIFIERS = ("case_id", "submitter_id", "state", "created_datetime", "updated_datetime")
_NOT_OF_A_PATIENT = ("samples", "files", "submitter_sample_ids", "sample_ids")
# newer releases of the GDC replace the first by the other two ("Normal"; "Metastatic")
_KINDS = ("sample_type", "tissue_type", "tumor_descriptor")
# a case may hold several; the joined values keep their order
_JOIN = "|"
_DEEPEST = 30


def case_row(case: dict[str, Any], sample: dict[str, Any]) -> dict[str, str]:
    """One sample's row.

    Parameters
    ----------
    case : dict
        As the endpoint `cases` gives it, with demographic, diagnoses and follow-ups expanded.
    sample : dict
        The sample of the case.

    Returns
    -------
    dict of str to str
        `patient_id, tissue_type, days_to_last_contact`, then the source's fields under their dotted names
        (`demographic.vital_status`). Of several diagnoses the one of the primary disease gives
        `diagnoses.*`, else the first; of other lists all values stand joined by `|`. `days_to_last_contact` is
        the latest of the days of last follow-up in diagnoses and follow-ups.
    """
    barcode = str(sample.get("submitter_id", ""))
    own = _sample_of(case, barcode) or sample
    row = {
        "patient_id": str(case.get("submitter_id", "")),
        "tissue_type": tissue_of(barcode, " ".join(str(own.get(name) or "") for name in _KINDS)),
        "days_to_last_contact": _last_contact(case),
    }
    for name, value in case.items():
        if name not in (*_NOT_OF_A_PATIENT, *_IDENTIFIERS) and not name.endswith(("_ids", "_id")):
            row.update(_flat(name, _primary(value) if name == "diagnoses" else value))
    row.update(_flat("samples", {k: v for k, v in own.items() if k not in ("portions",)}))
    return row


def _sample_of(case: dict[str, Any], barcode: str) -> dict[str, Any] | None:
    samples = case.get("samples")
    samples = [s for s in samples if isinstance(s, dict)] if isinstance(samples, list) else []
    return next((s for s in samples if s.get("submitter_id") == barcode), None)


def _primary(diagnoses: Any) -> Any:
    """The diagnosis of the primary disease, else the first."""
    if not isinstance(diagnoses, list) or not diagnoses:
        return diagnoses
    own = "diagnosis_is_primary_disease"
    marked = [d for d in diagnoses if isinstance(d, dict) and str(d.get(own)).lower() == "true"]
    return (marked or diagnoses)[0]


_MISSING = ("", "'--", "--", "not reported", "[Not Available]")
_CONTACTS = ("days_to_last_follow_up", "days_to_follow_up")


def portal_case(rows: list[dict[str, str]]) -> dict[str, str]:
    """One row of the rows that the portal's tables give of a case, one for each diagnosis, treatment and follow-up.

    As `case_row` does: the diagnosis of the primary disease counts, and a cell that the first of its rows lacks is
    filled from its others. `days_to_last_contact` is the latest of the days of follow-up in all rows.

    Parameters
    ----------
    rows : list of dict of str to str
        Missing is `'--` or empty.
    """
    primary = [row for row in rows if _of_primary(row)] or rows[:1]
    own = {name: next((row[name] for row in primary if row[name] not in _MISSING), rows[0][name]) for name in rows[0]}
    for name in own:  # what does not belong to a diagnosis may stand in any row
        if not name.startswith(("diagnoses.", "treatments.", "pathology_details.")) and own[name] in _MISSING:
            own[name] = next((row[name] for row in rows if row[name] not in _MISSING), own[name])
    days = [float(row[name]) for row in rows for name in row if name.rpartition(".")[2] in _CONTACTS
            and _is_number(row[name])]  # fmt: skip
    return {**own, "days_to_last_contact": f"{max(days):.10g}"} if days else own


def _of_primary(row: dict[str, str]) -> bool:
    named = {name.rpartition(".")[2]: value.strip().lower() for name, value in row.items()}
    if "diagnosis_is_primary_disease" in named:
        return named["diagnosis_is_primary_disease"] == "true"
    return named.get("classification_of_tumor") == "primary"


def _flat(name: str, value: Any, depth: int = 0) -> dict[str, str]:
    """Dotted columns of a nested value; times of record keeping are excluded."""
    if depth > _DEEPEST:
        raise BadInput("a record of a case is nested too deeply", where=name[:200])
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, inner in value.items():
            if not str(key).endswith("_datetime"):
                found.update(_flat(f"{name}.{key}", inner, depth + 1))
        return found
    if isinstance(value, list):
        if not any(isinstance(item, (dict, list)) for item in value):
            return {name: _JOIN.join(map(_text, value))}
        parts = [_flat(name, item, depth + 1) for item in value]
        columns = list(dict.fromkeys(column for part in parts for column in part))
        return {column: _JOIN.join(part.get(column, "") for part in parts).strip(_JOIN) for column in columns}
    return {name: _text(value)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(str(value).split())


def _last_contact(case: dict[str, Any]) -> str:
    days = [
        float(value)
        for records, field in (("diagnoses", "days_to_last_follow_up"), ("follow_ups", "days_to_follow_up"))
        for value in _values(case.get(records), field)
        if _is_number(value)
    ]
    return f"{max(days):.10g}" if days else ""


def _values(records: Any, field: str) -> Iterator[Any]:
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict):
            yield record.get(field)


def _is_number(value: Any) -> bool:
    try:
        return float(value) == float(value)
    except (TypeError, ValueError):
        return False
