"""Evaluate one field of a mapping on a raw sheet: pick a column, extract, recode, convert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from prognomics.curation.dates import days_between
from prognomics.curation.derived import by_conditions, classes
from prognomics.curation.numbers import read_numbers
from prognomics.curation.raw_sheet import Sheet, Words, as_word, word_list
from prognomics.data.time_units import DAYS_IN, convert_time
from prognomics.errors import BadInput, first_few
from prognomics.io.patterns import compile_pattern

LONGEST_WORD = 100_000


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
    steps = _rewriting(spec)
    result: list[str | None] = []
    uncovered: dict[str, str] = {}
    for cell, sample in zip(cells, sheet.sample_ids, strict=True):
        known, word = True, cell
        for step in steps if cell else ():
            rewritten = step(word)
            known &= rewritten is not None
            word = word if rewritten is None else rewritten
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
            where=f"column {column_names(spec)}, first in sample {first_few(uncovered.values())}",
            hint=f"add them to {field}.{kind}, to missing, or say other: missing, other: keep, or otherwise: WORD",
        )
    return result


def _rewriting(spec: dict[str, Any]) -> list[Callable[[str], str | None]]:
    """`replace` and `extract`, in the order in which the mapping writes them; None where a pattern does not match."""

    def replace(word: str) -> str:
        for old, new in spec["replace"].items():
            word = word.replace(old, as_word(new))
            if len(word) > LONGEST_WORD:
                raise BadInput(f"replace makes words of more than {LONGEST_WORD:,} letters")
        return word.strip()

    def extract(word: str) -> str | None:
        found = compile_pattern(spec["extract"]).first(word)
        return None if found is None else found.strip()

    return [{"replace": replace, "extract": extract}[key] for key in spec if key in ("replace", "extract")]


def number_field(sheet: Sheet, spec: str | dict[str, Any], field: str) -> np.ndarray:
    """Evaluate a field as numbers, NaN where missing; no unit conversion. With `since`, days from that date.

    Raises
    ------
    BadInput
        Text in a number: the values and first samples are listed.
    """
    words = text_field(sheet, spec, field)
    given = spec if isinstance(spec, dict) else {}
    if "since" in given:
        starts = text_field(sheet, {"column": given["since"], "missing": given.get("missing", [])}, field)
        return days_between(sheet, words, starts, given.get("date_format"), field)
    return read_numbers(sheet, words, given, field, column_names(spec))


def column_field(sheet: Sheet, spec: str | dict[str, Any], name: str) -> np.ndarray | list[str | None]:
    """Evaluate an entry of `columns`: numbers where `number`, `scale`, `unit` or `since` notes this, else text."""
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
    if isinstance(spec, dict) and (spec.get("number") or {"scale", "since", "decimal", "thousands"} & set(spec)):
        result: np.ndarray | list[str | None] = number_field(sheet, spec, field) * spec.get("scale", 1)
        return result
    return text_field(sheet, spec, field)


def column_names(spec: str | dict[str, Any]) -> str:
    """The raw columns of a field, for messages."""
    source = spec if isinstance(spec, str) else spec.get("column", list(spec))
    return " or ".join(map(repr, [source] if isinstance(source, str) else source))
