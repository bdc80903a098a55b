"""A mapping in the making: the columns of a raw sheet as they look, what was guessed from them, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.headings import CALENDAR, DATE, plain
from prognomics.curation.numbers import as_number
from prognomics.curation.raw_sheet import MISSING_WORDS, NUMBER, as_word
from prognomics.data.dates import fitting_formats, parse_date, strptime_format
from prognomics.data.mapping import TODO
from prognomics.data.time_units import ENOUGH_TO_JUDGE, named_unit
from prognomics.io.thousands import thousands_mark

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 15
MISSING_LIKE = re.compile(
    r"not (reported|available|applicable|known|assessed|determined|collected|provided|recorded|specified|done|"
    r"evaluated)|"
    r"unknown|unk|missing|\[[a-z][a-z /_-]*\]|'?-+|\?+|\.|n\.?d\.?|n\.a\.?|not allowed to collect|data not available|"
    r"unbekannt|keine angaben?|k\.\s?a\.?|fehlend|fehlt|inconnue?|non (renseign[ée]|disponible|connu)e?|manquante?|"
    r"#(value|ref|div/0|name|num|null)[!?]?",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_UNIT_IN_CELL = re.compile(r"([-+]?\d[\d.,]*)\s*([a-zA-Zé]{2,7}\.?)")
_EXCEL_DAYS = (20000, 60000)  # 1954 to 2064


@dataclass(frozen=True)
class Suggestion:
    """A drafted mapping.

    Attributes
    ----------
    mapping : dict
        To be completed by hand: `TODO` is where a person must decide (`check_mapping` refuses it).
    reasons : list of (field, reason)
        Why each guess was made.
    unused : list of str
        Raw columns that the draft does not use.
    unsure : list of (field, reason)
        What may be wrong, and what a person should look at.
    """

    mapping: dict[str, Any]
    reasons: list[tuple[str, str]]
    unused: list[str]
    unsure: list[tuple[str, str]]


class Draft:
    """The columns of a raw sheet and what was guessed of them so far."""

    def __init__(self, raw: pd.DataFrame):
        self.raw = raw
        self.words = {str(c): [as_word(v) for v in raw[c]] for c in raw.columns}
        # Python's None among numbers is a missing value, here and in the other columns; elsewhere it may be a finding
        self._python_none = any(_numbers_but_none(words) for words in self.words.values())
        self.mapping: dict[str, Any] = {}
        self.reasons: list[tuple[str, str]] = []
        self.unsure: list[tuple[str, str]] = []
        self.used: set[str] = set()
        self.missing: dict[str, None] = {}
        self._levels: dict[str, list[str]] = {}
        self._numbers: dict[str, np.ndarray | None] = {}
        self._cell_units: dict[str, str] = {}

    def because(self, field: str, column: str | None, reason: str) -> None:
        """Note why a guess was made; its column is used."""
        if column is not None:
            self.used.add(column)
        self.reasons.append((field, f"column {column!r}: {reason}" if column else reason))

    def doubt(self, field: str, reason: str) -> None:
        """Note what may be wrong."""
        self.unsure.append((field, reason))

    def is_missing(self, word: str) -> bool:
        """Whether a cell is empty or spells a missing value."""
        if word == "None" and self._python_none:
            return True
        return word.casefold() in MISSING_WORDS or MISSING_LIKE.fullmatch(word) is not None

    def levels(self, column: str) -> list[str]:
        """Distinct values, most frequent first, without spellings of missing."""
        if column not in self._levels:
            counts = Counter(word for word in self.words[column] if not self.is_missing(word))
            self._levels[column] = [word for word, _ in counts.most_common()]
        return self._levels[column]

    def note_missing(self, column: str) -> None:
        """Note the spellings of missing in a column that the draft uses."""
        for word in dict.fromkeys(self.words[column]):
            if word.casefold() not in MISSING_WORDS and self.is_missing(word):
                self.missing[word] = None

    def present(self, column: str) -> np.ndarray:
        """Which rows have a value, shape (n_rows,)."""
        return np.array([not self.is_missing(word) for word in self.words[column]], dtype=bool)

    def numbers(self, column: str) -> np.ndarray | None:
        """A column of numbers, NaN where missing (decimal commas are read); None if it is not numeric."""
        if column not in self._numbers:
            words, levels = self.words[column], self.levels(column)
            if self.cell_unit(column):
                words, levels = ([_UNIT_IN_CELL.sub(r"\1", word) for word in given] for given in (words, levels))
            if mark := thousands_mark(levels):
                self.doubt("columns", f"column {column!r}: {mark!r} is taken for the separator of thousands")
                found = [np.nan if self.is_missing(word) else as_number(word, ".", mark) for word in words]
                self._numbers[column] = np.array(found, dtype=float)
                return self._numbers[column]
            with_comma = [word for word in levels if _DECIMAL_COMMA.fullmatch(word)]
            decimal = "," if with_comma else "."
            grouped = bool(with_comma) and all(_GROUPED.fullmatch(word) for word in with_comma)
            # three digits behind the comma of every value are decimals: of numbers with thousands some are below
            if grouped and (len(with_comma) < len(levels) or len(with_comma) < ENOUGH_TO_JUDGE):
                self._numbers[column] = None
                self.doubt("columns", f"column {column!r}: does the comma of {with_comma[0]!r} separate thousands?")
                return None
            found = [np.nan if self.is_missing(word) else as_number(word, decimal) for word in words]
            numeric = all(value is not None for value in found) and bool(levels)
            self._numbers[column] = np.array(found, dtype=float) if numeric else None
        return self._numbers[column]

    def cell_unit(self, column: str) -> str:
        """The unit of time that follows the number in every cell, as in `31.4 months`, or the empty string."""
        if column not in self._cell_units:
            found = {named_unit(u[2]) if (u := _UNIT_IN_CELL.fullmatch(word)) else "" for word in self.levels(column)}
            if len(found) > 1 and "" not in found:
                self.doubt("columns", f"the cells of {column!r} are in several units: {', '.join(sorted(found))}")
            self._cell_units[column] = found.pop() if len(found) == 1 else ""
        return self._cell_units[column]

    def notation(self, column: str) -> dict[str, str]:
        """How a mapping states that numbers of a column are written: decimal commas, units in the cells."""
        if self.numbers(column) is None:
            return {}
        if mark := thousands_mark(self.levels(column)):
            return {"thousands": mark}
        comma = any(_DECIMAL_COMMA.fullmatch(_UNIT_IN_CELL.sub(r"\1", word)) for word in self.words[column])
        unit = {"extract": r"^[-+]?[0-9.,]+"} if self.cell_unit(column) else {}
        return {**unit, "decimal": ","} if comma else unit

    def is_calendar(self, column: str) -> bool:
        """Whether a column contains years or days of the calendar, by its heading or by its values."""
        if CALENDAR.search(plain(column)):
            return True
        values = self.numbers(column)
        if values is None:
            return False
        values = values[~np.isnan(values)]
        return len(values) >= 3 and bool(np.all((values >= 1900) & (values <= 2100) & (values == values.round())))

    def date_formats(self, column: str) -> list[str]:
        """The formats in which all values of a column are dates."""
        levels = self.levels(column)
        if len(levels) < (1 if DATE.search(plain(column)) else 2):
            return []
        if all(NUMBER.fullmatch(word) for word in levels):
            if all(re.fullmatch(r"(19|20)\d{6}", word) for word in levels):
                return fitting_formats(levels)
            days = [float(word) for word in levels]
            return ["excel"] if all(_EXCEL_DAYS[0] < d < _EXCEL_DAYS[1] for d in days) else []
        if parse_date(levels[0], None) is None and not re.search(r"\d.*[^\d].*\d", levels[0]):
            return []
        found = fitting_formats(levels)
        return [] if found and not _credible(levels, found) else found

    def listed(self, column: str) -> str:
        """The commonest values of a column with their numbers."""
        counts = Counter(word or "(empty)" for word in self.words[column])
        shown = [f"{word} ({n})" for word, n in counts.most_common(8)]
        return ", ".join(shown) + (", …" if len(counts) > 8 else "")


def _numbers_but_none(words: list[str]) -> bool:
    others = [word for word in words if word != "None"]
    numbers = [word for word in others if NUMBER.fullmatch(word)]
    return "None" in words and len(numbers) >= ENOUGH_TO_JUDGE and len(numbers) == len([w for w in others if w])


def _credible(words: list[str], formats: list[str]) -> bool:
    years = [parse_date(word, strptime_format(formats[0])).year for word in words]  # type: ignore[union-attr]
    return min(years) > 1900 and max(years) < 2100


def to_decide(candidates: list[str]) -> str:
    """The text for a place where a person must choose among candidates."""
    return f"{TODO}: " + " or ".join(map(repr, candidates))
