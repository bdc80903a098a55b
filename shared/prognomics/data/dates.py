"""How dates are written: formats, and the date that a text is in one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

EXCEL = "excel"  # days since 1899-12-30, as a spreadsheet stores dates
_EXCEL_ZERO = datetime.date(1899, 12, 30)
_PARTS = {"yyyy": "%Y", "yy": "%y", "mmm": "%b", "mm": "%m", "dd": "%d", "m": "%m", "d": "%d"}
COMMON_FORMATS = (
    "yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "mm-dd-yyyy", "yyyy/mm/dd", "yyyy.mm.dd",
    "yyyymmdd", "dd/mm/yy", "mm/dd/yy", "dd.mm.yy", "dd mmm yyyy",
    "dd-mmm-yy", "dd mmm yy", "mmm dd, yyyy", "mmm dd yyyy", "dd/mmm/yyyy",
)  # fmt: skip
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")
# month names of other languages than Python's own, which are English
_MONTHS = {
    "januar": "Jan", "jän": "Jan", "janv": "Jan", "févr": "Feb", "fév": "Feb", "fev": "Feb", "mär": "Mar",
    "märz": "Mar", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun", "juni": "Jun", "juil": "Jul",
    "juli": "Jul", "août": "Aug",
    "aou": "Aug", "sept": "Sep", "okt": "Oct", "dez": "Dec", "déc": "Dec",
}  # fmt: skip


def strptime_format(text: str) -> str:
    """A format as Python's `strptime` takes it, from that or from a pattern such as `dd.mm.yyyy`.

    Raises
    ------
    ValueError
        What is not a format of a date.
    """
    if text == EXCEL:
        return EXCEL
    found = text
    if "%" not in text:
        found = re.sub("yyyy|yy|mmm|mm|dd|m|d", lambda part: _PARTS[part[0]], text.lower())
    directives = re.findall(r"%[a-zA-Z]", found)
    kinds = {"%m": "m", "%b": "m", "%B": "m", "%d": "d", "%Y": "y", "%y": "y"}
    if sorted(kinds.get(d, d) for d in directives) not in (["d", "m", "y"], ["m", "y"]):
        raise ValueError(f"{text!r} is not a format of dates: write dd/mm/yyyy, %d/%m/%Y, or excel")
    datetime.datetime(2001, 2, 3).strftime(found)
    return found


def parse_date(text: str, date_format: str | None) -> datetime.date | None:
    """A date in a format of `strptime_format`, by default YYYY-MM-DD; a time of day is ignored. None if it is not."""
    text = _TIME_OF_DAY.sub("", text.strip())
    try:
        if date_format is None:
            return datetime.date.fromisoformat(text) if len(text) == 10 else None
        if date_format == EXCEL:
            days = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else -1.0
            return _EXCEL_ZERO + datetime.timedelta(days=int(days)) if 1 <= days < 200000 else None
        if "%b" in date_format:
            text = re.sub(r"[^\W\d_]+\.?", lambda m: _MONTHS.get(m[0].rstrip(".").lower(), m[0].rstrip(".")[:3]), text)
        return datetime.datetime.strptime(text, date_format).date()
    except ValueError:
        return None


def fitting_formats(words: Iterable[str]) -> list[str]:
    """The common formats in which all words are dates."""
    words = list(words)
    return [f for f in COMMON_FORMATS if words and all(parse_date(w, strptime_format(f)) for w in words)]
