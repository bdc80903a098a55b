"""Days between the dates of a raw sheet, in the order of day, month and year that the mapping declares."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from prognomics.curation.raw_sheet import NUMBER, Sheet
from prognomics.data.dates import fitting_formats, parse_date, strptime_format
from prognomics.errors import BadInput, first_few


def days_between(
    sheet: Sheet, ends: list[str | None], starts: list[str | None], date_format: str | None, field: str
) -> np.ndarray:
    """Days from one date to another, NaN where either is missing.

    Parameters
    ----------
    sheet : Sheet
        Its format of dates holds where the field has none of its own.
    ends, starts : list of str or None
    date_format : str, optional
    field : str
        For messages.

    Raises
    ------
    BadInput
        What is no such date: the values, the first samples and the formats that would fit are listed.
    """
    stated = date_format or sheet.date_format
    pattern = strptime_format(stated) if stated else None
    days = np.full(len(ends), np.nan)
    wrong: dict[str, str] = {}
    for i, pair in enumerate(zip(starts, ends, strict=True)):
        dates = [None if text is None else parse_date(text, pattern) for text in pair]
        for text, date in zip(pair, dates, strict=True):
            if text is not None and date is None:
                wrong.setdefault(text, sheet.sample_ids[i])
        if dates[0] is not None and dates[1] is not None:
            days[i] = (dates[1] - dates[0]).days
    if wrong and sheet.strict:
        raise BadInput(
            f"{field}: text where a date should be: {', '.join(map(repr, list(wrong)[:8]))}",
            where=f"sample {first_few(dict.fromkeys(wrong.values()))}",
            hint=_advice({w for w in [*starts, *ends] if w is not None}, wrong, stated),
        )
    return days


def _advice(words: Iterable[str], wrong: Iterable[str], stated: str | None) -> str:
    fits = fitting_formats(words)
    if len(fits) == 1:
        return f"say date_format: {fits[0]}"
    if fits:
        return f"say date_format: {' or '.join(fits)}; the values do not decide it, the source of the table must"
    if all(NUMBER.fullmatch(word) for word in wrong):
        return "say date_format: excel if these are the day numbers of a spreadsheet"
    written = stated or "YYYY-MM-DD (or say date_format: dd/mm/yyyy)"
    return (
        f"dates are read as {written}; list the spellings of missing under missing:, or cut the date out with extract:"
    )
