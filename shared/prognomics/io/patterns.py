"""Regular expressions from files: matched in time linear in the text, regardless of the expression (RE2).

What Python's `re` and RE2 both understand is understood, with Python's meaning of `\\d`, `\\w`, `\\s` and `\\Z`
for letters of all scripts; `\\b` knows ASCII letters only. Lookarounds and backreferences, which take exponential
time, are refused.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any

LONGEST_PATTERN = 1000
_WORD = r"\p{L}\p{N}_"
_BLANK = r"\t-\r\x1c-\x20\x85\p{Z}"
_NOT_WORD = r"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}" \
    r"\x{fe4d}-\x{fe4f}\x{ff3f}"  # fmt: skip
_NOT_BLANK = r"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}\x00-\x08\x0e-\x1b\x7f-\x{84}\x{86}-\x{9f}"
_CLASSES = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "W": _NOT_WORD, "s": _BLANK, "S": _NOT_BLANK}


class PatternError(ValueError):
    """A text is not a regular expression that can be matched in linear time."""


class Pattern:
    """A compiled expression.

    Raises
    ------
    PatternError
        It is longer than 1,000 letters, not a regular expression, or has lookarounds or backreferences.
    """

    def __init__(self, text: str):
        if len(text) > LONGEST_PATTERN:
            raise PatternError(f"is longer than {LONGEST_PATTERN} letters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of sets within sets
                re.compile(text)
        except (re.error, RecursionError, OverflowError) as fault:
            raise PatternError(f"is not a regular expression: {fault}") from None
        self._compiled = _linear(text)

    def first(self, text: str) -> str | None:
        """Of the first match the first group that took part, or all of it without groups; None without a match."""
        match = self._compiled.search(text)
        if match is None:
            return None
        return next((group for group in match.groups() if group is not None), "") if match.groups() else match[0]


@cache
def compile_pattern(text: str) -> Pattern:
    """The same pattern for the same text; see `Pattern`."""
    return Pattern(text)


def _linear(text: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_with_classes_of_all_scripts(text), options)
    except re2.error as fault:
        detail = fault.args[0].decode("utf-8", "replace") if isinstance(fault.args[0], bytes) else str(fault)
        raise PatternError(
            f"cannot be matched in linear time ({detail}); lookarounds, backreferences and counts above 1,000 "
            "are not supported"
        ) from None


def _with_classes_of_all_scripts(text: str) -> str:
    """The expression with `\\d`, `\\w`, `\\s` (ASCII in RE2), their opposites, `\\Z`, `\\u…` and `{,n}` spelled out."""
    pieces, place, bracket_from = [], 0, -1
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            following = text[place + 1 : place + 2]
            if following in ("u", "U"):
                digits = 4 if following == "u" else 8
                pieces.append(f"\\x{{{text[place + 2 : place + 2 + digits]}}}")
                place += 2 + digits
                continue
            if following not in _CLASSES:
                pieces.append("\\z" if following == "Z" else letter + following)
            elif bracket_from >= 0:
                pieces.append(_CLASSES[following])
            else:  # also what Unicode has not assigned belongs to the opposites
                opposite = following.isupper()
                pieces.append(f"[{'^' * opposite}{_CLASSES[following.lower()]}]")
            place += 2
            continue
        if bracket_from < 0:
            bracket_from = place if letter == "[" else -1
            pieces.append("{0" if text[place : place + 2] == "{," else letter)
            if text[place : place + 2] == "[^":
                pieces.append("^")
                place += 1
                bracket_from += 1
        elif letter == "]" and place > bracket_from + 1:
            bracket_from = -1
            pieces.append(letter)
        else:  # "[" within brackets is a letter, also for Python, but RE2 takes "[:" for the name of a class
            pieces.append("\\" + letter if letter in "[]" else letter)
        place += 1
    return "".join(pieces)
