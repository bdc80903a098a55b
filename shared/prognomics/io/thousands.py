"""Separators of thousands: 1.445 among 934 is not a decimal number."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WHOLE = {mark: re.compile(rf"[1-9]\d{{0,2}}({signs}\d{{3}})+") for mark, signs in
          ((",", ","), (".", r"\."), (" ", "[ \u00a0\u202f]"), ("'", "['\u2019]"))}  # fmt: skip


def thousands_mark(words: Iterable[str]) -> str:
    """The separator of thousands of integers, as in 1.445 among 934; the empty string if there is none.

    Of `.` and `,`, which may be decimal marks, at least two values must have three digits behind them; the others are
    integers below 1,000, of which one is 100 or more.
    """
    words = set(words)
    plain = [int(word) for word in words if re.fullmatch(r"\d{1,9}", word)]
    others = [word for word in words if not re.fullmatch(r"\d{1,9}", word)]
    if not others or (plain and max(plain) > 999):
        return ""
    mark = next((m for m, pattern in _WHOLE.items() if all(pattern.fullmatch(word) for word in others)), "")
    sure = len(others) > 1 and bool(plain) and max(plain) >= 100
    return mark if mark in ("'", " ") or sure else ""
