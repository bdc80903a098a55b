"""The codes of warnings and notes: what each means and what to do (`warning_codes.yml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("warning_codes.yml")
_KINDS = {"warnings": "warning", "notes": "note"}


@dataclass(frozen=True)
class WarningCode:
    """One entry of the list.

    Attributes
    ----------
    code : str
        Its public name (kebab-case), as in run records.
    kind : str
        `warning` or `note`.
    title : str
        Heading in reports.
    meaning : str
        What was found, and what follows from it.
    action : str
        What to do.
    theme : str
        What several codes have in common, such as `patients`; empty if nothing.
    """

    code: str
    kind: str
    title: str
    meaning: str
    action: str
    theme: str = ""


@cache
def warning_codes() -> dict[str, WarningCode]:
    """All codes in the order of the file: warnings, then notes, then those that plugins declared."""
    import yaml

    listed = yaml.load(_FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {
        code: WarningCode(code, _KINDS[group], **entry) for group in _KINDS for code, entry in listed[group].items()
    }


def declare_codes(codes: Mapping[str, Mapping[str, str]]) -> None:
    """Add the codes that a plugin's spec declares (`warning_codes`); codes of the suite stay as they are."""
    for code, entry in codes.items():  # none declared: the file is not read
        warning_codes().setdefault(code, WarningCode(code, **entry))


def require_code(code: str, kind: str) -> None:
    """Require that a warning or note may be given under a code: a warning only under one that is listed as such.

    Raises
    ------
    ValueError
        The code is not listed, or is listed as a note and given as a warning.
    """
    entry = warning_codes().get(code)
    if entry is None:
        raise ValueError(f"the code {code!r} is not listed in {_FILE.name}")
    if kind == "warning" and entry.kind == "note":
        raise ValueError(f"the code {code!r} is listed as a note in {_FILE.name}, and given as a warning")


def title_of(code: str) -> str:
    """The heading of a code; of one that is not listed (a record of another version) its own words."""
    entry = warning_codes().get(code)
    words = code.replace("-", " ")
    return entry.title if entry else words[:1].upper() + words[1:]
