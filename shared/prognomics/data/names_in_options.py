"""Separators inside names: how options with `column=value,value` and `A:B` are divided where a name holds them.

One rule for all options: of the ways to divide a text the one whose parts are there (columns of the sheet, levels of
the column), the longest part first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from prognomics.errors import BadInput

_SIGN = re.compile(r"\s*(!?=)\s*")


def split_values(text: str, present: Collection[str]) -> list[str]:
    """The values of a comma-separated list; a comma may also belong to a value that is there."""
    pieces, values = text.split(","), []
    while pieces:
        joined = [",".join(pieces[:n]).strip() for n in range(len(pieces), 0, -1)]
        value = next((j for j in joined if j in present), joined[-1])
        values.append(value)
        pieces = pieces[len(joined) - joined.index(value) :]
    return values


def split_filter(text: str, columns: Collection[str]) -> tuple[str, str, str]:
    """Column, sign (`=` or `!=`) and values of a filter; the column may hold the signs where it is there.

    Raises
    ------
    BadInput
        Without a sign.
    """
    signs = list(_SIGN.finditer(text))
    ways = [(text[: s.start()].strip(), s[1], text[s.end() :].strip()) for s in signs if s.start()]
    if not ways:
        raise BadInput(f"the filter {text!r} cannot be read", hint="write column=value or column!=value")
    return next((way for way in reversed(ways) if way[0] in columns), ways[0])


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
