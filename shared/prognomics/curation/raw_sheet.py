"""A raw sheet and its words, as the fields of a mapping look at them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.errors import unknown_name

if TYPE_CHECKING:
    import pandas as pd

MISSING_WORDS = frozenset({"", "na", "nan", "null", "n/a", "#n/a", "<na>"})
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
    """A set of words with what they represent; found exactly, else regardless of case, else as equal
    numbers."""

    def __init__(self, meanings: Iterable[tuple[str, Any]]):
        self.exact = dict(meanings)
        self.numbers: dict[float, Any] = {}
        alike: dict[str, list[Any]] = {}
        for name, meaning in self.exact.items():
            alike.setdefault(name.casefold(), []).append(meaning)
            if NUMBER.fullmatch(name):
                self.numbers[float(name)] = meaning
        # words that differ in case only stand for another case of them if they mean the same
        self.folded = {name: found[0] for name, found in alike.items() if all(m == found[0] for m in found)}

    def find(self, word: str) -> tuple[bool, Any]:
        """Whether the word is known, and what it represents."""
        if word in self.exact:
            return True, self.exact[word]
        if word.casefold() in self.folded:
            return True, self.folded[word.casefold()]
        if self.numbers and NUMBER.fullmatch(word) and float(word) in self.numbers:
            return True, self.numbers[float(word)]
        return False, None


@dataclass(frozen=True)
class Sheet:
    """A raw sheet with its sample ids, the words for missing, its notation, and whether errors stop (`strict`)."""

    raw: pd.DataFrame
    sample_ids: list[str]
    missing: frozenset[str]
    strict: bool = True
    decimal: str = "."
    thousands: str = ""
    date_format: str | None = None
    decimal_declared: bool = False

    def part(self, keep: np.ndarray) -> Sheet:
        """The rows where `keep` is true."""
        ids = [name for name, kept in zip(self.sample_ids, keep, strict=True) if kept]
        return replace(self, raw=self.raw.loc[keep], sample_ids=ids)

    def lenient(self) -> Sheet:
        """The same sheet, where a value that is not understood counts as missing."""
        return replace(self, strict=False)

    def with_missing(self, missing: frozenset[str]) -> Sheet:
        """The same sheet with other spellings of missing."""
        return replace(self, missing=missing)

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
