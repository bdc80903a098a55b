"""Guess the columns of age, sex, grade, stage and the like."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from prognomics.curation.draft import MOST_LEVELS, Draft
from prognomics.curation.headings import plain

# headings as `plain` gives them: what a field is called, and what it is not
FIELDS = {
    "age_years": (r"\bage\b|\balter\b", r"gestational|obfuscated|stage|group|gruppe|menarche|death|onset|smoking"),
    "sex": (r"\b(sex|gender|geschlecht|sexe)\b", ""),
    "grade": (r"grade\b|\bgrading\b|differenzierung", r"ecog|toxicity"),
    "stage": (r"stage\b|figo|stadium|\bstade\b|\buicc\b", r"development|substage|life|\b[tnm]\b|ecog|growth"),
    "histology": (
        r"histolog|histotype|subtype|primary diagnosis|\bdiagnosis$|histologie",
        r"days|date|year|age|time|grade|method",
    ),
    "tumor_size": (r"\bsize\b|diameter|grosse|taille|durchmesser", r"sample size|household"),
    "node_status": (r"\bnodes?\b|\bnodal\b|lymph|nodalstatus|ganglion", r"count|number|examined|method|ratio"),
}
SEXES = {
    "m": "male", "male": "male", "man": "male", "maennlich": "male", "mannlich": "male", "homme": "male",
    "masculin": "male",
    "f": "female", "female": "female", "woman": "female", "w": "female", "weiblich": "female", "femme": "female",
    "feminin": "female",
}  # fmt: skip
_AGE = re.compile(r"\D{0,12}(\d+(?:[.,]\d+)?)\D{0,12}")
_TNM = re.compile(r"[ypc]*[TNM](\d[a-d]?|x|is)( .*)?", re.IGNORECASE)


def suggest_columns(draft: Draft) -> dict[str, Any]:
    """Further columns by heading and values; what a person would have to decide is excluded and noted."""
    columns: dict[str, Any] = {}
    for field, (pattern, excluded) in FIELDS.items():
        candidates = [
            c for c in draft.words if c not in draft.used and _named(c, pattern, excluded) and draft.levels(c)
        ]
        drafted = [(column, spec) for column in candidates if (spec := _spec(draft, field, column)) is not None]
        if not drafted:
            continue
        # the fullest column, in years before days, the plainer heading first
        column, spec = max(
            drafted, key=lambda one: (_fullness(draft, one[0]), one[1].get("unit") == "years", -len(one[0]))
        )
        columns[field] = spec
        draft.note_missing(column)
        draft.because(f"columns.{field}", column, "values: " + draft.listed(column))
        if len(drafted) > 1:
            others = ", ".join(repr(c) for c, _ in drafted if c != column)
            draft.doubt(f"columns.{field}", f"{column!r} is taken, the fullest; also there: {others}")
    return columns


def _named(column: str, pattern: str, excluded: str) -> bool:
    text = plain(column)
    return re.search(pattern, text) is not None and not (excluded and re.search(excluded, text))


def _fullness(draft: Draft, column: str) -> float:
    return round(float(draft.present(column).mean()), 2)


def _spec(draft: Draft, field: str, column: str) -> dict[str, Any] | None:
    levels = draft.levels(column)
    if field == "age_years":
        return _age(draft, column)
    if field == "tumor_size":
        return _number(draft, column) if draft.numbers(column) is not None else None
    if len(levels) > MOST_LEVELS and field != "histology":
        return None
    if field == "sex":
        meanings = {word: SEXES.get(plain(word)) for word in levels}
        if None in meanings.values():
            draft.doubt("columns.sex", f"column {column!r} is excluded: which is male? {draft.listed(column)}")
            return None
        return {"column": column, "values": meanings}
    if field == "stage" and all(_TNM.fullmatch(word) for word in levels):
        return None
    if len(levels) > 2 * MOST_LEVELS:
        return None
    return {"column": column, "values": {word: word for word in sorted(levels)}}


def _number(draft: Draft, column: str) -> dict[str, Any]:
    return {"column": column, "number": True, **draft.notation(column)}


def _age(draft: Draft, column: str) -> dict[str, Any] | None:
    """Ages in years or days; bounds such as `>89` are read as 89 where most values are numbers."""
    values = draft.numbers(column)
    spec: dict[str, Any] = {"column": column}
    if values is None:
        bounded = [word for word in draft.levels(column) if not re.fullmatch(r"\d+([.,]\d+)?", word)]
        fraction = np.isin(np.array(draft.words[column], dtype=object), bounded).sum() / max(
            draft.present(column).sum(), 1
        )
        if fraction > 0.2 or not all(_AGE.fullmatch(word) for word in bounded):
            return None
        spec["extract"] = r"\d+(?:[.,]\d+)?"
        found = [_AGE.fullmatch(w) for w in draft.words[column] if not draft.is_missing(w)]
        values = np.array([float(one[1].replace(",", ".")) for one in found if one])
        if any("," in word for word in draft.levels(column)):
            spec["decimal"] = ","
        draft.doubt("columns.age_years", f"bounds are taken as the number in them: {', '.join(bounded[:5])}")
    else:
        spec |= draft.notation(column)
    stated = draft.cell_unit(column)
    if stated and values is not None:
        return {**spec, "unit": stated}
    median = float(np.nanmedian(values))
    if np.nanmin(values) < 0 or 120 < median <= 1200:
        return None
    return {**spec, "unit": "years" if median <= 120 else "days"}
