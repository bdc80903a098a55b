"""Evaluate one field of a mapping on a raw sheet: pick a column, extract, recode, convert."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.clinical.curation_derived import by_conditions, classes, days_between
from prognomics.errors import BadInput, first_few, unknown_name

if TYPE_CHECKING:
    import pandas as pd

MISSING_WORDS = frozenset({"", "na", "nan", "null", "n/a", "#n/a", "<na>"})
DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def as_word(value: Any) -> str:
    """The text of a cell or of a value in a mapping; missing becomes the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        if math.isnan(value):
            return ""
        return f"{value:.15g}"
    text = str(value).strip()
    return "" if text in ("<NA>", "NaT") else text


def word_list(value: Any) -> list[str]:
    """The words of a mapping's list, or the only one."""
    return [as_word(item) for item in (value if isinstance(value, list) else [value])]


class Words:
    """A set of words with what they stand for; found exactly, else regardless of case, else as equal
    numbers."""

    def __init__(self, meanings: Iterable[tuple[str, Any]]):
        self.exact = dict(meanings)
        self.folded: dict[str, Any] = {}
        self.numbers: dict[float, Any] = {}
        folded_names = [name.casefold() for name in self.exact]
        for name, meaning in self.exact.items():
            if folded_names.count(name.casefold()) == 1:
                self.folded[name.casefold()] = meaning
            if NUMBER.fullmatch(name):
                self.numbers[float(name)] = meaning

    def find(self, word: str) -> tuple[bool, Any]:
        """Whether the word is known, and what it stands for."""
        if word in self.exact:
            return True, self.exact[word]
        if word.casefold() in self.folded:
            return True, self.folded[word.casefold()]
        if self.numbers and NUMBER.fullmatch(word) and float(word) in self.numbers:
            return True, self.numbers[float(word)]
        return False, None


@dataclass(frozen=True)
class Sheet:
    """A raw sheet with its sample ids, the words for missing, and whether faults stop (`strict`)."""

    raw: pd.DataFrame
    sample_ids: list[str]
    missing: frozenset[str]
    strict: bool = True

    def part(self, keep: np.ndarray) -> Sheet:
        """The rows where `keep` is true."""
        ids = [name for name, kept in zip(self.sample_ids, keep, strict=True) if kept]
        return Sheet(self.raw.loc[keep], ids, self.missing, self.strict)

    def lenient(self) -> Sheet:
        """The same sheet, where a value that is not understood counts as missing."""
        return Sheet(self.raw, self.sample_ids, self.missing, strict=False)

    def with_missing(self, missing: frozenset[str]) -> Sheet:
        """The same sheet with other spellings of missing."""
        return Sheet(self.raw, self.sample_ids, missing, self.strict)

    def words(self, source: str | list[str], field: str, missing: Iterable[str] = ()) -> list[str]:
        """The cells of a column as text, missing ones empty; of several columns, the first with a value."""
        absent = self.missing | {word.casefold() for word in missing}
        cells = [""] * len(self.raw)
        for name in [source] if isinstance(source, str) else source:
            if name not in self.raw.columns:
                raise unknown_name("column", name, list(self.raw.columns), where=f"mapping field {field}")
            for i, value in enumerate(self.raw[name]):
                if not cells[i]:
                    word = as_word(value)
                    cells[i] = "" if word.casefold() in absent else word
        return cells


def missing_words(mapping: dict[str, Any]) -> frozenset[str]:
    """All spellings of missing, in lower case."""
    return MISSING_WORDS | {word.casefold() for word in word_list(mapping.get("missing", []))}


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
