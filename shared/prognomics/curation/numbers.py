"""Numbers in the cells of a raw sheet: decimal commas and separators of thousands as the mapping declares them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from prognomics.curation.raw_sheet import NUMBER, Sheet
from prognomics.errors import BadInput, first_few
from prognomics.io.thousands import thousands_mark

_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")
_GROUPED = {
    ",": re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ".": re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?"),
    " ": re.compile(r"[-+]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?"),
    "'": re.compile(r"[-+]?\d{1,3}(['\u2019]\d{3})+([.,]\d+)?"),
}


def as_number(word: str, decimal: str = ".", thousands: str = "") -> float | None:
    """The number that a cell contains; None where it is not a number in this notation.

    Parameters
    ----------
    word : str
    decimal : {".", ","}
        With a comma, cells that a spreadsheet stored as numbers (14.5) are read too.
    thousands : {"", ",", ".", " ", "'"}
        The separator of thousands.
    """
    if thousands and _GROUPED[thousands].fullmatch(word):
        word = re.sub(f"[{re.escape(thousands)}\u00a0\u202f\u2019]", "", word)
    if decimal == "," and "," in word:
        if not _DECIMAL_COMMA.fullmatch(word):
            return None
        return float(word.replace(",", "."))
    return float(word) if NUMBER.fullmatch(word) else None


def read_numbers(sheet: Sheet, words: list[str | None], spec: dict[str, Any], field: str, columns: str) -> np.ndarray:
    """Numbers of cells, NaN where missing.

    Parameters
    ----------
    sheet : Sheet
        Its notation of numbers holds where the field has none of its own.
    words : list of str or None
    spec : dict
        `decimal` and `thousands` of the field.
    field, columns : str
        For messages.

    Returns
    -------
    numpy.ndarray, shape (n_samples,)

    Raises
    ------
    BadInput
        Text where a number should be, with the values, the first samples and the notation that would read them.
    """
    decimal = spec.get("decimal", sheet.decimal)
    thousands = spec.get("thousands", sheet.thousands)
    declared = sheet.decimal_declared or {"decimal", "thousands"} & set(spec) or thousands
    if not declared and sheet.strict and thousands_mark(word for word in words if word) == ".":
        pointed = {word: sample for word, sample in zip(words, sheet.sample_ids, strict=True) if word and "." in word}
        raise BadInput(
            f"{field}: {next(iter(pointed))!r} among integers below 1,000: is the point decimal?",
            where=f"column {columns}, sample {first_few(pointed.values())}",
            hint='say thousands: "." if the point separates thousands, or decimal: "." if it is the decimal point',
        )
    numbers = np.full(len(words), np.nan)
    wrong: dict[str, str] = {}
    for i, (word, sample) in enumerate(zip(words, sheet.sample_ids, strict=True)):
        if word is None:
            continue
        number = as_number(word, decimal, thousands)
        if number is None or (decimal == "," and not thousands and re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", word)):
            wrong.setdefault(word, sample)
        else:
            numbers[i] = number
    if wrong and sheet.strict:
        raise BadInput(
            f"{field}: text where a number should be: {', '.join(map(repr, list(wrong)[:8]))}",
            where=f"column {columns}, sample {first_few(wrong.values())}",
            hint=_advice(list(wrong), decimal),
        )
    return numbers


def _advice(wrong: list[str], decimal: str) -> str:
    if decimal == "," and all(_GROUPED["."].fullmatch(word) for word in wrong):
        return 'say thousands: "." if the point separates thousands, or decimal: "." if it is the decimal point'
    grouped = [mark for mark, pattern in _GROUPED.items() if all(pattern.fullmatch(word) for word in wrong)]
    comma = all(_DECIMAL_COMMA.fullmatch(word) for word in wrong)
    if comma and "," in grouped:
        return 'say decimal: "," if the comma is the decimal one, or thousands: "," if it separates thousands'
    if comma:
        return 'say decimal: "," (of this field, or at the top of the mapping for all)'
    if grouped:
        return f'say thousands: "{grouped[0]}"'
    return "list the spellings of missing under missing:, or cut the number out with extract:"
