"""Levels or numbers: which columns are factors, and the order of a factor's levels, which decides its reference.

The levels of a cutpoint go from low to high. Levels that are all numbers go by value. All others are in
the order that R's `factor` gives them in a UTF-8 locale: the root collation of Unicode
(https://www.unicode.org/reports/tr10), in which punctuation comes before digits, digits before
letters, and letters are distinguished by accent and then by case (`a` before `A`) only where all else is equal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from prognomics.data.almost_numbers import why_no_number
from prognomics.errors import BadInput, first_few

CUT_LEVELS = ("low", "middle", "high")
# the root collation's order of what is neither digit nor letter
_PUNCTUATION = " _-‐–—,;:!¡?¿.…·'‘’\"“”«»()[]{}§¶@*/\\&#%‰†‡•`´^°©®+±÷×<=>¬|~≤≥$£¥€"
_RANK = {character: rank for rank, character in enumerate(_PUNCTUATION)}
_OTHER, _DIGIT, _LETTER = 1000, 2_000_000, 4_000_000
MOST_NUMERIC_LEVELS = 10
MOST_GROUPS = 30
MOST_LEVELS = 100


def is_cut(levels: Iterable[str]) -> bool:
    """Whether these are the levels of a cutpoint, at least one of them, so that they have their own order."""
    levels = set(levels)
    return bool(levels) and levels <= set(CUT_LEVELS)


def ordered_levels(levels: Iterable[str]) -> list[str]:
    """Each level once, in the suite's order: a cutpoint's low before high, numbers by value, else as R's `factor`."""
    levels = list(dict.fromkeys(levels))
    if is_cut(levels):
        return sorted(levels, key=CUT_LEVELS.index)
    try:
        return sorted(levels, key=lambda level: (float(level), level))
    except ValueError:
        return sorted(levels, key=collation_key)


def require_few_groups(levels: Sequence[object], where: str = "") -> None:
    """BadInput if there are more groups than can be compared in pairs."""
    if len(levels) > MOST_GROUPS:
        raise BadInput(
            f"{len(levels)} groups are too many to compare in pairs",
            where=f"{where + ', ' if where else ''}groups: {first_few(levels)}",
            hint="a column of numbers or identifiers? cut numbers into groups first, or relate the two as numbers "
            "(associate)",
        )


def require_few_levels(name: str, levels: Sequence[object], n_samples: int) -> None:
    """BadInput where a factor has more levels than a model can hold, or as many as an identifier.

    These are more than a hundred, or more than thirty with fewer than two samples per level on average.
    """
    like_an_id = len(levels) > MOST_GROUPS and 2 * len(levels) > n_samples
    if like_an_id or len(levels) > MOST_LEVELS:
        raise BadInput(
            f"the factor {name!r} has {len(levels)} levels in {n_samples} samples"
            f"{', as an identifier has' if like_an_id else ', too many for a model'}",
            where=f"levels {first_few(levels)}",
            hint="leave it out, combine levels, or name it as numeric (--numeric)",
        )


def put_first(levels: list[str], reference: str | None) -> list[str]:
    """The same levels with the reference moved to the front."""
    if reference is None:
        return levels
    return [reference] + [level for level in levels if level != reference]


def collation_key(text: str) -> tuple[Any, ...]:
    """What a text is sorted by in the root collation: base letters, then accents, then case."""
    primary: list[Any] = []
    accents: list[Any] = []
    cases: list[Any] = []
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character):
            accents[-1:] = [(accents[-1] if accents else 0) + ord(character)]
            continue
        for part in character.casefold():
            primary.append(_primary(part))
            accents.append(0)
            cases.append(character != part)
    return tuple(primary), tuple(accents), tuple(cases), text


def _primary(character: str) -> int:
    if character in _RANK:
        return _RANK[character]
    if (value := unicodedata.digit(character, None)) is not None:
        return _DIGIT + value
    return (_LETTER if character.isalnum() else _OTHER) + ord(character)


def refuse_stray_text(
    name: str, numbers: Sequence[float], text: Sequence[str | None], sample_ids: Sequence[str], *, where: str = ""
) -> None:
    """Refuse to take a column of measurements as a factor because some of its cells are text.

    It is one where most cells that are filled are numbers, or would be but for a comma, a sign or a unit, more than ten
    different ones; or where nearly every cell has a decimal comma of its own.

    Raises
    ------
    BadInput
        Naming the text, why it is not a number, and the samples that have it.
    """
    cells = [(i, n, str(t)) for i, (n, t) in enumerate(zip(numbers, text, strict=True)) if t is not None and t == t]
    stray = [(i, t) for i, n, t in cells if n != n]
    reasons = {i: why for i, t in stray if (why := why_no_number(t))}
    like_numbers = [t for i, n, t in cells if n == n or i in reasons]
    many = len(set(like_numbers)) > MOST_NUMERIC_LEVELS
    own_comma = "a decimal comma" in reasons.values() and len(set(like_numbers)) > max(4, 0.8 * len(cells))
    if not stray or 2 * len(like_numbers) <= len(cells) or not (many or own_comma):
        return
    because = f" ({', '.join(dict.fromkeys(reasons.values()))})" if reasons else ""
    raise BadInput(
        f"column {name!r} holds numbers, but text in {len(stray)} of {len(cells)} cells: "
        f"{first_few(repr(t) for t in dict.fromkeys(t for _, t in stray))}{because}",
        where=f"{where + ': ' if where else ''}{first_few(sample_ids[i] for i, _ in stray)}",
        hint="write plain numbers such as 14.7 (curate_samples reads decimal commas), or leave these cells empty; to "
        "take each value as a level, say --factor",
    )
