"""Separators inside names: how options with `column=value,value` and `A:B` are divided where a name holds them.

One rule for all options: of the ways to divide a text the one whose parts are there (columns of the sheet, levels of
the column), the longest part first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from prognomics.errors import BadInput, shortened

_SIGN = re.compile("!?=")
_MOST_BLANKS = 100
FEW_VALUES, SHOWN_VALUES = 10, 3


def split_values(text: str, present: Collection[str]) -> list[str]:
    """The values of a comma-separated list; a comma may also belong to a value that is there."""
    present = set(present)
    with_commas: dict[str, set[int]] = {}  # by what stands before the first comma: how many commas values have
    for value in present:
        if "," in value:
            with_commas.setdefault(value.partition(",")[0].rstrip(), set()).add(value.count(","))
    pieces, values, place = text.split(","), [], 0
    while place < len(pieces):
        more = sorted(with_commas.get(pieces[place].strip(), ()), reverse=True)
        joined = ((n, ",".join(pieces[place : place + n + 1]).strip()) for n in [*more, 0])
        n, value = next(((n, v) for n, v in joined if v in present), (0, pieces[place].strip()))
        values.append(value)
        place += n + 1
    return values


def split_filter(text: str, columns: Collection[str]) -> tuple[str, str, str]:
    """Column, sign (`=` or `!=`) and values of a filter; the column may hold the signs where it is there.

    Raises
    ------
    BadInput
        Without a sign.
    """
    text = text.strip()
    signs = [sign for sign in _SIGN.finditer(text) if sign.start()]
    if not signs:
        raise BadInput(f"the filter {shortened(text)!r} cannot be read", hint="write column=value or column!=value")
    longest = max(map(len, columns), default=0) + _MOST_BLANKS
    signs_in_columns = [sign for sign in signs if sign.start() <= longest]
    known = (s for s in reversed(signs_in_columns) if text[: s.start()].strip() in columns)
    sign = next(known, signs[0])
    return text[: sign.start()].strip(), sign[0], text[sign.end() :].strip()


def filter_name(text: str, columns: Collection[str] = (), present: Collection[str] = ()) -> str:
    """A filter as results state it: of more than `FEW_VALUES` values the first ones and how many there are."""
    try:
        column, sign, listed = split_filter(text, columns)
    except BadInput:
        return shortened(text)
    if len(values := split_values(listed, present)) <= FEW_VALUES:
        return text
    return f"{column}{sign}{','.join(map(shortened, values[:SHOWN_VALUES]))},… ({len(values):,} values)"


def split_pair(parts: Sequence[str], separator: str, first: Collection[str], second: Collection[str] = ()) -> list[str]:
    """Two names that were divided at the first separator, divided where the first one (and the second) is there.

    Without such a place they stay as they are.
    """
    pieces = separator.join(parts).split(separator)
    for n in range(len(pieces) - 1, 0, -1):
        one, other = separator.join(pieces[:n]).strip(), separator.join(pieces[n:]).strip()
        if one in first and (not second or other in second):
            return [one, other]
    return list(parts)
