"""Evaluate one field of a mapping on a raw sheet: pick a column, extract, recode, convert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.derived import by_conditions, classes, days_between
from prognomics.curation.raw_sheet import NUMBER, Sheet, Words, as_word, word_list
from prognomics.errors import BadInput, first_few

if TYPE_CHECKING:
    pass

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


def text_field(sheet: Sheet, spec: str | dict[str, Any], field: str) -> list[str | None]:
    """Evaluate a field as text; None where missing.

    Raises
    ------
    BadInput
        An unknown column; values that neither `values` nor `extract` covers (they are listed).
    """
    if isinstance(spec, str):
        spec = {"column": spec}
    if "constant" in spec:
        return [as_word(spec["constant"]) or None] * len(sheet.raw)
    if "when" in spec:
        return by_conditions(sheet, spec, field)
    otherwise = as_word(spec.get("otherwise"))
    own_missing = word_list(spec.get("missing", []))
    values = Words((key, as_word(value)) for key, value in spec.get("values", {}).items())
    listed = set(values.exact)
    # a word that `values` lists is a value, even where it is also a spelling of missing
    whole = sheet.with_missing(frozenset({""})) if listed else sheet
    cells = whole.words(spec["column"], field, [] if listed else own_missing)
    absent = sheet.missing | {word.casefold() for word in own_missing}
    pattern = re.compile(spec["extract"]) if "extract" in spec else None
    result: list[str | None] = []
    uncovered: dict[str, str] = {}
    for cell, sample in zip(cells, sheet.sample_ids, strict=True):
        known, word = True, cell
        if pattern is not None and cell:
            match = pattern.search(cell)
            known = match is not None
            word = ((match[1] if pattern.groups else match[0]) or "").strip() if match else cell
        if known and listed and word:
            known, meaning = values.find(word)
            word = meaning if known else word
        if word.casefold() in absent and not (listed and known):
            known, word = True, ""
        if not known and spec.get("other") != "keep":
            if "other" not in spec and not otherwise:
                uncovered.setdefault(cell, sample)
            word = ""
        result.append(word or otherwise or None)
    if uncovered and sheet.strict:
        kind = "values" if listed else "extract"
        raise BadInput(
            f"{field}: {kind} does not cover {', '.join(map(repr, list(uncovered)[:12]))}",
            where=f"column {_column_names(spec)}, first in sample {first_few(uncovered.values())}",
            hint=f"add them to {field}.{kind}, to missing, or say other: missing, other: keep, or otherwise: WORD",
        )
    return result


def number_field(sheet: Sheet, spec: str | dict[str, Any], field: str) -> np.ndarray:
    """Evaluate a field as numbers, NaN where missing; no unit conversion. With `since`, days from that date.

    Raises
    ------
    BadInput
        Text in a number: the values and first samples are listed.
    """
    words = text_field(sheet, spec, field)
    if isinstance(spec, dict) and "since" in spec:
        starts = text_field(sheet, {"column": spec["since"], "missing": spec.get("missing", [])}, field)
        return days_between(sheet, words, starts, field)
    numbers = np.full(len(words), np.nan)
    wrong: dict[str, str] = {}
    for i, (word, sample) in enumerate(zip(words, sheet.sample_ids, strict=True)):
        if word is None:
            continue
        if NUMBER.fullmatch(word):
            numbers[i] = float(word)
        else:
            wrong.setdefault(word, sample)
    if wrong and sheet.strict:
        raise BadInput(
            f"{field}: text where a number should be: {', '.join(map(repr, list(wrong)[:8]))}",
            where=f"column {_column_names(spec)}, sample {first_few(wrong.values())}",
            hint="list the spellings of missing under missing:, or cut the number out with extract:",
        )
    return numbers


def convert_time(values: np.ndarray, unit: str, to: str) -> np.ndarray:
    """Convert durations: a month is 30.4375 days, a year 12 months."""
    ratio = DAYS_IN[unit] / DAYS_IN[to]
    return values * ratio if ratio >= 1 else values / (DAYS_IN[to] / DAYS_IN[unit])


def column_field(sheet: Sheet, spec: str | dict[str, Any], name: str) -> np.ndarray | list[str | None]:
    """Evaluate an entry of `columns`: numbers where `number`, `scale`, `unit` or `since` says so, else text."""
    field = f"columns.{name}"
    unit = spec.get("unit") if isinstance(spec, dict) else None
    if unit:
        target = name.rpartition("_")[2]
        if target not in DAYS_IN:
            raise BadInput(
                f"{field}: the unit of the result is not known",
                hint="end the column's name with its unit (_years, _months, _weeks, _days)",
            )
        return convert_time(number_field(sheet, spec, field), unit, target)
    if isinstance(spec, dict) and "breaks" in spec:
        numbers = number_field(sheet, spec, field) * spec.get("scale", 1)
        return classes(numbers, spec["breaks"], spec["labels"])
    if isinstance(spec, dict) and (spec.get("number") or "scale" in spec or "since" in spec):
        return number_field(sheet, spec, field) * spec.get("scale", 1)
    return text_field(sheet, spec, field)


def _column_names(spec: str | dict[str, Any]) -> str:
    source = spec if isinstance(spec, str) else spec["column"]
    return " or ".join(map(repr, [source] if isinstance(source, str) else source))
