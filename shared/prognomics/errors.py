"""Errors that end a tool with a defined exit code, and warnings that are data.

An error states what is wrong, where (file, column, first identifiers) and what to
do about it. A warning carries a code, so that run records and reports can list
and group it.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable


class PrognomicsError(Exception):
    """Base of all errors that a user can act on.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str, optional
        The file, column, line or first identifiers concerned.
    hint : str, optional
        What to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = ""):
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"where: {self.where}")
        if self.hint:
            lines.append(f"what to do: {self.hint}")
        return "\n  ".join(lines)


class UsageError(PrognomicsError):
    """The call itself is wrong: a missing file, an unknown option or value, no output asked."""

    exit_code = 2


UsageFault = UsageError  # its former name, until the next release


class NotInstalled(UsageError):
    """An optional library that one output needs cannot be loaded; the other outputs can be made."""


class BadInput(PrognomicsError):
    """An input is malformed, or names something that it does not hold."""

    exit_code = 3


class ToChoose(BadInput):
    """The input is sound, and something in it has to be chosen, or is not there to choose."""


class Refused(PrognomicsError):
    """The analysis is statistically impossible or would mislead."""

    exit_code = 4


class SourceFailed(PrognomicsError):
    """A remote source failed, an offline cache has no copy, or a checksum differs."""

    exit_code = 5


class AnalysisWarning(UserWarning):
    """A warning with a code of `warning_codes.yml` that run records and reports show."""

    kind = "warning"

    def __init__(self, code: str, text: str):
        from prognomics.warning_codes import require_code

        require_code(code, self.kind)
        super().__init__(text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return f"[{self.code}] {self.text}"

    def with_text(self, text: str) -> AnalysisWarning:
        """The same with another text."""
        found = type(self).__new__(type(self), text)
        found.__dict__.update(self.__dict__)
        found.text, found.args = text, (text,)
        return found


class AnalysisNote(AnalysisWarning):
    """Something that a tool decided and a reader should know; no reason to doubt the result.

    Attributes
    ----------
    condition, excluded
        Where a tool excluded samples: the condition that the others meet, and how many do not; for the run record.
    """

    kind = "note"

    def __init__(self, code: str, text: str, condition: str = "", excluded: int = 0):
        super().__init__(code, text)
        self.condition, self.excluded = condition, excluded


def warn(code: str, text: str) -> None:
    """Warn the user; inside a tool run the warning lands in the run record."""
    warnings.warn(AnalysisWarning(code, text), stacklevel=2)


def note(code: str, text: str, *, condition: str = "", excluded: int = 0) -> None:
    """Tell the user what was decided; inside a tool run it lands in the run record's notes."""
    warnings.warn(AnalysisNote(code, text, condition, excluded), stacklevel=2)


def first_few(items: Iterable[object], limit: int = 5) -> str:
    """The first identifiers of a list, as error messages show them."""
    names = [str(item) for item in items]
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown}, … ({len(names)} in all)"


def shortened(text: str, limit: int = 200) -> str:
    """A text as messages show it: the start of a long one."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def near_names(name: str, candidates: Iterable[str], limit: int = 3) -> list[str]:
    """Names close to `name`: equal but for case first, then by similarity, then those that begin with it."""
    candidates = list(dict.fromkeys(str(c) for c in candidates))
    same = [c for c in candidates if c.casefold() == name.casefold() and c != name]
    close = difflib.get_close_matches(name, candidates, n=limit, cutoff=0.75)
    longer = [c for c in candidates if c.casefold().startswith(name.casefold())]
    distant = difflib.get_close_matches(name, candidates, n=limit, cutoff=0.6)
    return list(dict.fromkeys(same + close + longer + distant))[:limit]


def unknown_name(kind: str, name: str, candidates: Iterable[str], *, where: str = "") -> BadInput:
    """The error for a name that is not there, with the near names that are."""
    candidates = list(candidates)
    near = near_names(name, candidates)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif len(candidates) <= 30:
        hint = f"there are: {', '.join(map(str, candidates))}"
    else:
        hint = f"none of the {len(candidates)} names is near; check the identifier type"
    return BadInput(f"there is no {kind} {name!r}", where=where, hint=hint)


def require_known(kind: str, names: Iterable[str], known: Iterable[str], *, where: str = "") -> None:
    """Raise `unknown_name` for the first of the names that is not known."""
    known = list(dict.fromkeys(known))
    there = set(known)
    for name in names:
        if name not in there:
            raise unknown_name(kind, name, known, where=where)
