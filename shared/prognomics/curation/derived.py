"""Columns that are computed: by conditions on several columns, and by cutting numbers into classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.curation.raw_sheet import Sheet, Words, as_word, word_list


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
