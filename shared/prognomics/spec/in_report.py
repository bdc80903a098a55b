"""Where a tool's results are in a report: the key `report` of its spec and of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OTHER = "other"  # the section of results that no spec places
LAST = 1000  # the order of tools whose specs do not state one


@dataclass(frozen=True)
class Setting:
    """An input whose value is part of a step's title, as `text` with {} for the value; all values if none is listed."""

    input: str
    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """What a step's title names: values of inputs, the cohort, a setting.

    `first` and then `continuous` are inputs of which the first given one counts; `every` are inputs that all count,
    with `by` after them.
    """

    first: tuple[str, ...] = ()
    continuous: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    by: str = ""
    origin: bool = False
    setting: Setting | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """All inputs that it names."""
        named = (*self.first, *self.continuous, *self.every, self.by, self.setting.input if self.setting else "")
        return tuple(name for name in named if name)


@dataclass(frozen=True)
class InReport:
    """How a report shows the steps of a tool; `section`, `title` and `link` are empty if it has no section."""

    step: str = ""
    order: int = LAST
    section: str = ""
    title: str = ""
    link: str = ""
    model: str = ""
    roles: frozenset[str] = frozenset()
    about: About = About()


def in_report(raw: Mapping[str, Any]) -> InReport:
    """The key `report` of a tool's spec."""
    about = raw.get("about", {})
    setting = about.get("setting")
    return InReport(
        raw.get("step", ""), raw.get("order", LAST), raw.get("section", ""), raw.get("title", ""),
        raw.get("link", raw.get("title", "")), raw.get("model", ""), frozenset(raw.get("roles", ())),
        About(
            tuple(about.get("first", ())), tuple(about.get("continuous", ())), tuple(about.get("every", ())),
            about.get("by", ""), about.get("origin", False),
            Setting(setting["input"], setting["text"], tuple(setting.get("values", ()))) if setting else None,
        ),
    )  # fmt: skip
