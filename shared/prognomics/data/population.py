"""Which samples an analysis used: a list of conditions, which prints itself in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ALL = "all"
ONE_PER_PATIENT = "one sample per patient"
NOT_DERIVATION = "not in the derivation of the model"
AT_RISK = "at risk at "
_AND = " & "
# Where a printed population may be divided: before `column=`, `column!=`, or a condition that is no filter.
_BEFORE_CONDITION = re.compile(rf" & (?=[^=&!]*!?=|(?:{ONE_PER_PATIENT}|{NOT_DERIVATION})(?:$| & )|{AT_RISK})")


class Population(str):
    """The conditions that all samples of an analysis meet; as text, they are joined by " & ", or `all` without any.

    Attributes
    ----------
    conditions : tuple of str
        Filters (`column=value[,value]`) and other conditions, in the order in which they were applied.
    """

    conditions: tuple[str, ...]

    def __new__(cls, conditions: Iterable[str] = ()) -> Population:
        kept = tuple(dict.fromkeys(conditions))
        made = super().__new__(cls, _AND.join(kept) or ALL)
        made.conditions = kept
        return made

    def __getnewargs__(self) -> tuple[tuple[str, ...]]:  # type: ignore[override]
        return (self.conditions,)

    def meeting(self, *conditions: str) -> Population:
        """The same with further conditions."""
        return Population((*self.conditions, *conditions))


EVERYONE = Population()


def as_population(given: str | None) -> Population:
    """A population; of a printed one (a cell of a table) the conditions that can be distinguished.

    In a printed population a value that contains ` & ` and a column name cannot be distinguished from two conditions.
    """
    if isinstance(given, Population):
        return given
    text = str(given or ALL)
    return Population(() if text == ALL else _BEFORE_CONDITION.split(text))


def population_of_record(record: Mapping[str, Any]) -> Population:
    """The population of a run record: its list of conditions; of a record without this list, the printed population."""
    listed = record.get("population_conditions")
    if isinstance(listed, list):
        return Population(str(condition) for condition in listed)
    printed = record.get("population")
    return as_population(printed if isinstance(printed, str) else None)
