"""Draft a mapping for a raw sheet: every guess explained, nothing applied, what is not known marked TODO."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.event_words import EVENT_FALSE, EVENT_TRUE
from prognomics.curation.raw_sheet import MISSING_WORDS, NUMBER, as_word
from prognomics.data.mapping import TODO, dump_mapping
from prognomics.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 15
MISSING_LIKE = re.compile(
    r"not (reported|available|applicable|known|assessed|determined)|unknown|missing|\[[a-z][a-z /_-]*\]|-+|\?|n\.?d\.?",
    re.IGNORECASE,
)
ENDPOINT_NAMES = ("os", "dss", "dfs", "dfi", "pfs", "pfi", "rfs", "mfs", "dmfs", "efs", "ttp", "css")
DEFINITIONS = {
    "os": "death from any cause", "dss": "death from the disease", "css": "death from the disease",
    "mfs": "metastasis", "dmfs": "distant metastasis", "rfs": "relapse", "ttp": "progression",
}  # fmt: skip
TIME_WORDS = re.compile(r"time|months?|days?|years?|surviv|follow|days_to|duration", re.IGNORECASE)
EVENT_WORDS = re.compile(
    r"status|event|death|dead|vital|relapse|recurr|progress|censor|deceased|metasta|(^|[^a-z])met([^a-z]|$)",
    re.IGNORECASE,
)
TISSUES = {
    "normal": r"normal|healthy|adjacent|non.?tumou?r|control",
    "metastasis": r"metasta",
    "relapse": r"relapse|recurren",
    "cell_line": r"cell.?line",
    "primary": r"primary|tumou?r|carcinoma|sarcoma|cancer|malignan",
    "other": r"benign|borderline",
}
FIELDS = {
    "age_years": r"\bage\b|^age|_age(_|$)|age_at",
    "sex": r"^(sex|gender)\b|_(sex|gender)$",
    "grade": r"grade",
    "stage": r"stage|figo|ajcc",
    "histology": r"histolog|histotype|subtype|diagnosis$",
    "tumor_size": r"(^|_)size|diameter",
    "node_status": r"node",
}
SEXES = {"m": "male", "male": "male", "f": "female", "female": "female", "man": "male", "woman": "female"}


@dataclass(frozen=True)
class Suggestion:
    """A drafted mapping.

    Attributes
    ----------
    mapping : dict
        To be completed by hand: `TODO` stands where a person must decide (`check_mapping` refuses it).
    reasons : list of (field, reason)
        Why each guess was made.
    unused : list of str
        Raw columns that the draft does not use.
    """

    mapping: dict[str, Any]
    reasons: list[tuple[str, str]]
    unused: list[str]


class _Draft:
    def __init__(self, raw: pd.DataFrame):
        self.words = {str(c): [as_word(v) for v in raw[c]] for c in raw.columns}
        self.mapping: dict[str, Any] = {}
        self.reasons: list[tuple[str, str]] = []
        self.used: set[str] = set()
        self.missing: dict[str, None] = {}

    def because(self, field: str, column: str | None, reason: str) -> None:
        if column is not None:
            self.used.add(column)
        self.reasons.append((field, f"column {column!r}: {reason}" if column else reason))

    def levels(self, column: str) -> list[str]:
        """Distinct values, most frequent first, without spellings of missing (which are noted)."""
        counts = Counter(self.words[column])
        found = [word for word, _ in counts.most_common() if word.casefold() not in MISSING_WORDS]
        for word in found:
            if MISSING_LIKE.fullmatch(word):
                self.missing[word] = None
        return [word for word in found if word not in self.missing]

    def is_numeric(self, column: str) -> bool:
        levels = self.levels(column)
        return bool(levels) and all(NUMBER.fullmatch(word) for word in levels)


def suggest(raw: pd.DataFrame) -> Suggestion:
    """Draft a mapping by the names and values of the columns.

    Parameters
    ----------
    raw : pandas.DataFrame
        A raw sample sheet.

    Returns
    -------
    Suggestion

    Raises
    ------
    BadInput
        A sheet without rows or columns.
    """
    if not len(raw) or not len(raw.columns):
        raise BadInput("the raw sample sheet is empty")
    draft = _Draft(raw)
    _suggest_ids(draft)
    _suggest_tissue(draft)
    endpoints = _suggest_endpoints(draft)
    columns = _suggest_columns(draft)
    if draft.missing:
        draft.mapping["missing"] = list(draft.missing)
        draft.because("missing", None, "spellings that look like missing values")
    if endpoints:
        draft.mapping["endpoints"] = endpoints
    if columns:
        draft.mapping["columns"] = columns
    draft.mapping["expect"] = {"n": len(raw)}
    draft.because(
        "expect.n", None, "the number of rows; add the numbers of events that the publication states"
    )
    order = ("sample_id", "patient_id", "tissue_type", "missing", "endpoints", "columns", "expect")
    mapping = {key: draft.mapping[key] for key in order if key in draft.mapping}
    return Suggestion(mapping, draft.reasons, [c for c in draft.words if c not in draft.used])


def draft_text(suggestion: Suggestion) -> str:
    """The draft as YAML, its reasons above it as comments."""
    lines = ["# A drafted mapping: check every line, and decide where it says TODO.", "# Why:"]
    lines += [f"#   {field}: {_one_line(reason)}" for field, reason in suggestion.reasons]
    if suggestion.unused:
        lines.append("# Columns not used: " + _one_line(", ".join(suggestion.unused)))
    return "\n".join(lines) + "\n" + dump_mapping(suggestion.mapping)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _suggest_ids(draft: _Draft) -> None:
    unique = [c for c, words in draft.words.items() if all(words) and len(set(words)) == len(words)]
    named = [
        c for c in unique if re.search(r"sample|gsm|geo_accession|barcode|array|^pid$|^id$", c, re.IGNORECASE)
    ]
    column = (named or unique or [next(iter(draft.words))])[0]
    draft.mapping["sample_id"] = column
    reason = (
        "a different value in every row"
        if column in unique
        else "the first column; its values are NOT unique"
    )
    draft.because("sample_id", column, reason)
    for other, words in draft.words.items():
        named_patient = re.search(r"patient|subject|donor|case_?(id|submitter)", other, re.IGNORECASE)
        if named_patient and other != column and all(words) and len(set(words)) > len(words) // 3:
            draft.mapping["patient_id"] = other
            repeated = [word for word, n in Counter(words).items() if n > 1]
            more = f"; {len(repeated)} of them in several rows: see one_sample_per" if repeated else ""
            draft.because(
                "patient_id", other, f"named like a patient; {len(set(words))} values in {len(words)} rows{more}"
            )
            return
    barcodes = draft.words[column]
    if all(re.match(r"TCGA-\w\w-\w{4}-\d\d", word) for word in barcodes):
        draft.mapping["patient_id"] = {"column": column, "extract": r"^TCGA-\w\w-\w{4}"}
        draft.because("patient_id", column, "TCGA barcodes: the first three parts name the patient")


def _suggest_tissue(draft: _Draft) -> None:
    column = draft.mapping["sample_id"]
    if all(re.match(r"TCGA-\w\w-\w{4}-\d\d", word) for word in draft.words[column]):
        values = {"01": "primary", "02": "relapse", "06": "metastasis", "11": "normal"}
        found = {word[13:15] for word in draft.words[column]}
        draft.mapping["tissue_type"] = {
            "column": column, "extract": r"^TCGA-\w\w-\w{4}-(\d\d)",
            "values": {code: values.get(code, TODO) for code in sorted(found)},
        }  # fmt: skip
        draft.because("tissue_type", column, "TCGA barcodes: 01 is a primary tumour, 11 normal tissue")
        return
    best: tuple[int, str, dict[str, str]] | None = None
    for name in draft.words:
        if not re.search(r"tissue|type|source_name|disease|specimen|material", name, re.IGNORECASE):
            continue
        levels = draft.levels(name)
        if not levels or len(levels) > MOST_LEVELS:
            continue
        values = {word: _tissue(word) for word in levels}
        n_known = sum(meaning != TODO for meaning in values.values())
        if n_known and (best is None or n_known > best[0]):
            best = (n_known, name, values)
    if best is None:
        draft.mapping["tissue_type"] = {"constant": TODO}
        draft.because("tissue_type", None, "no column tells tumours from normal tissue: primary, if all are")
        return
    _, name, values = best
    draft.mapping["tissue_type"] = {"column": name, "values": values}
    draft.because("tissue_type", name, "its values name tissues: " + _listed(draft, name))


def _tissue(word: str) -> str:
    for tissue, pattern in TISSUES.items():
        if re.search(pattern, word, re.IGNORECASE):
            return tissue
    return TODO


def _suggest_endpoints(draft: _Draft) -> dict[str, Any]:
    times = [c for c in draft.words if TIME_WORDS.search(c) and draft.is_numeric(c) and not _is_age(c)]
    events = [c for c in draft.words if c not in times and _is_event(draft, c)]
    endpoints: dict[str, Any] = {}
    for event in events:
        name = _endpoint_name(event)
        partners = [t for t in times if _endpoint_name(t) == name and t not in draft.used]
        if not partners:
            continue
        time = partners[0]
        unit, why = _unit(draft, time)
        levels = draft.levels(event)
        happened = [word for word in levels if EVENT_TRUE.fullmatch(word) and not EVENT_FALSE.fullmatch(word)]
        censored = [word for word in levels if EVENT_FALSE.fullmatch(word)]
        unclear = [word for word in levels if word not in happened and word not in censored]
        source, told = _with_follow_up(draft, time, event, censored, times)
        if told:
            draft.because(f"endpoints.{name}.time", None, told)
        endpoints[name] = {
            "definition": DEFINITIONS.get(name, TODO),
            "time": {"column": source, "unit": unit},
            "event": {"column": event, "event": happened or [TODO], "censored": censored or [TODO]},
        }
        if unclear:
            endpoints[name]["event"]["event"] = [*happened, TODO]
            draft.because(f"endpoints.{name}.event", None, f"event or censored? {', '.join(unclear)}")
        draft.because(f"endpoints.{name}.time", time, why)
        draft.because(f"endpoints.{name}.event", event, "values: " + _listed(draft, event))
    return endpoints


def _with_follow_up(
    draft: _Draft, time: str, event: str, censored: list[str], times: list[str]
) -> tuple[str | list[str], str]:
    """The time column, with that of the last follow-up where the first says nothing of the censored; and why."""
    rows = [i for i, word in enumerate(draft.words[event]) if word in censored]
    without = [i for i in rows if not draft.words[time][i]]
    if len(without) <= len(rows) // 2:
        return time, ""
    told = f"{len(without)} of {len(rows)} censored rows have no {time!r}"
    for other in times:
        filled = sum(bool(draft.words[other][i]) for i in without)
        if other != time and filled and re.search(r"follow|last|contact", other, re.IGNORECASE):
            draft.used.add(other)
            return [time, other], f"{told}; {other!r} has {filled} of them"
    return time, f"{told}: look for a column of the last follow-up"


def _is_event(draft: _Draft, column: str) -> bool:
    levels = draft.levels(column)
    named = EVENT_WORDS.search(column) or column.lower() in ENDPOINT_NAMES
    known = any(EVENT_TRUE.fullmatch(word) or EVENT_FALSE.fullmatch(word) for word in levels)
    return bool(named) and known and len(levels) <= 6


def _endpoint_name(column: str) -> str:
    """The endpoint that a column's name speaks of: an acronym in it, death as os, else followup."""
    parts = re.split(r"[^a-z]+", column.lower())
    for part in parts:
        if part in ENDPOINT_NAMES:
            return part
    if re.search(r"death|dead|vital|overall|surviv|deceased", column, re.IGNORECASE):
        return "os"
    if re.search(r"metasta|(^|[^a-z])met([^a-z]|$)", column, re.IGNORECASE):
        return "mfs"
    if re.search(r"relapse|recurr", column, re.IGNORECASE):
        return "rfs"
    return "followup"


def _unit(draft: _Draft, column: str) -> tuple[str, str]:
    longest = max(float(word) for word in draft.levels(column))
    for unit in ("days", "weeks", "months", "years"):
        if re.search(unit[:-1], column, re.IGNORECASE):
            return unit, f"its name says {unit}; the longest is {longest:g}"
    if longest > 700:
        return "days", f"the longest, {longest:g}, fits days only"
    return TODO, f"the name does not say the unit; the longest is {longest:g}"


def _is_age(column: str) -> bool:
    return re.search(FIELDS["age_years"], column, re.IGNORECASE) is not None


def _suggest_columns(draft: _Draft) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for field, pattern in FIELDS.items():
        for column in draft.words:
            if column in draft.used or field in columns or not re.search(pattern, column, re.IGNORECASE):
                continue
            levels = draft.levels(column)
            if not levels:
                continue
            spec = _column_spec(draft, field, column, levels)
            if spec is not None:
                columns[field] = spec
                draft.because(f"columns.{field}", column, "values: " + _listed(draft, column))
    return columns


def _column_spec(draft: _Draft, field: str, column: str, levels: list[str]) -> dict[str, Any] | None:
    if field == "age_years":
        if not draft.is_numeric(column):
            return None
        median = float(np.median([float(word) for word in levels]))
        return {"column": column, "unit": "years" if median <= 120 else "days" if median > 1200 else TODO}
    if field == "tumor_size" and draft.is_numeric(column):
        return {"column": column, "number": True}
    if len(levels) > MOST_LEVELS:
        return None
    if field == "sex":
        return {"column": column, "values": {word: SEXES.get(word.lower(), TODO) for word in levels}}
    return {"column": column, "values": {word: word for word in sorted(levels)}}


def _listed(draft: _Draft, column: str) -> str:
    counts = Counter(word or "(empty)" for word in draft.words[column])
    shown = [f"{word} ({n})" for word, n in counts.most_common(8)]
    return ", ".join(shown) + (", …" if len(counts) > 8 else "")
