"""Columns that are computed: by conditions on several columns, by cutting numbers into classes, from two dates."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from prognomics.curation.raw_sheet import Sheet, Words, as_word, word_list
from prognomics.errors import BadInput, first_few


def by_conditions(sheet: Sheet, spec: dict[str, Any], field: str) -> list[str | None]:
    """The value of the first condition that holds, else `otherwise`.

    Parameters
    ----------
    sheet : Sheet
    spec : dict
        `when`: a list of `{where: {raw column: words}, value: word}`; several columns of one condition mean AND.
        `otherwise`: a word; without it, rows that no condition covers are missing.
    field : str
        For messages.

    Raises
    ------
    BadInput
        An unknown column.
    """
    result = [as_word(spec.get("otherwise")) or None] * len(sheet.raw)
    # a listed word counts even where it is also a spelling of missing
    whole = sheet.with_missing(frozenset({""}))
    open_rows = np.ones(len(result), dtype=bool)
    for i, rule in enumerate(spec["when"]):
        holds = open_rows.copy()
        for column, wanted in rule["where"].items():
            listed = Words((word, True) for word in word_list(wanted))
            cells = whole.words(column, f"{field}.when[{i}].where")
            holds &= np.array([listed.find(cell)[0] for cell in cells], dtype=bool)
        for row in np.flatnonzero(holds):
            result[row] = as_word(rule["value"]) or None
        open_rows &= ~holds
    return result


def classes(numbers: np.ndarray, breaks: list[float], labels: list[Any]) -> list[str | None]:
    """Labels of numbers: the first below the first break; a number equal to a break belongs above it."""
    words = [as_word(label) for label in labels]
    places = np.searchsorted(np.array(breaks, dtype=float), numbers, side="right")
    return [None if np.isnan(number) else words[place] for number, place in zip(numbers, places, strict=True)]


def days_between(sheet: Sheet, ends: list[str | None], starts: list[str | None], field: str) -> np.ndarray:
    """Days from one date to another (`YYYY-MM-DD`), NaN where either is missing.

    Raises
    ------
    BadInput
        What is no such date: the values and first samples are listed.
    """
    days = np.full(len(ends), np.nan)
    wrong: dict[str, str] = {}
    for i, pair in enumerate(zip(starts, ends, strict=True)):
        dates = []
        for text in pair:
            try:
                dates.append(None if text is None else datetime.date.fromisoformat(text[:10]))
            except ValueError:
                wrong.setdefault(str(text), sheet.sample_ids[i])
        if len(dates) == 2 and None not in dates:
            days[i] = (dates[1] - dates[0]).days
    if wrong and sheet.strict:
        raise BadInput(
            f"{field}: text where a date should be: {', '.join(map(repr, list(wrong)[:8]))}",
            where=f"sample {first_few(wrong.values())}",
            hint="dates are written YYYY-MM-DD; list the spellings of missing under missing:",
        )
    return days
