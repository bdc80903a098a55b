"""What a user may choose of a figure next to its content: order and colors of groups, units of axes.

Each class represents one choice; a figure that inherits it takes it (`StudyFigure.with_look`), and the spec of the
tool that draws it names it under `look` of the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from prognomics.errors import unknown_name
from prognomics.report.wording import clean_text, format_number


@dataclass(frozen=True)
class TimeUnit:
    """A unit of time and how many months it has."""

    name: str
    months: float
    decimals: int = 1

    def text(self, months: float) -> str:
        """A time given in months as a number of this unit."""
        return format_number(months) if self.name == "months" else f"{round(self.of(months), 2 * self.decimals):,g}"

    def of(self, months: float) -> float:
        """Times given in months, in this unit."""
        return months / self.months

    @property
    def heading(self) -> str:
        return self.name.capitalize()

    @property
    def one(self) -> str:
        return self.name.removesuffix("s")

    def ticks(self, longest: float, widest: float = 1.0) -> np.ndarray:
        """Round places on an axis from 0 to `longest`, in months, shape (n,); fewer with a `widest` above 1."""
        if self.name == "months" and longest >= 4:
            return np.arange(0, longest * 1.0001, month_step(longest * widest))
        from matplotlib.ticker import MaxNLocator

        most = 6 if self.name == "months" else int(8 / widest)
        ticks = MaxNLocator(most).tick_values(0, self.of(longest)) * self.months
        result: np.ndarray = ticks[(ticks >= 0) & (ticks <= longest * 1.0001)]
        return result


SIDES = ("low", "high")  # the groups of a cut
_UNITS = TimeUnit("days", 1 / 30.4375, 0), TimeUnit("months", 1.0), TimeUnit("years", 12.0)
UNITS = {unit.name: unit for unit in _UNITS}


@dataclass(kw_only=True)
class OverTime:
    """A figure with an axis of time: `time_unit` is days, months or years; tables stay in months."""

    time_unit: str = "months"

    @property
    def unit(self) -> TimeUnit:
        return UNITS[self.time_unit]


@dataclass(kw_only=True)
class OfValues:
    """A figure with an axis of a marker's values: `value_unit` is in brackets after its name."""

    value_unit: str = ""

    def with_unit(self, name: str) -> str:
        return f"{name} ({clean_text(self.value_unit)})" if self.value_unit else name


@dataclass(kw_only=True)
class OrderedGroups:
    """A figure of groups: those of `group_order` come first, in that order."""

    group_order: Sequence[str] = ()

    def in_order(self, present: Iterable[object]) -> list[object]:
        """The groups of the figure in the order requested; BadInput if one is requested that it has not."""
        groups = list(dict.fromkeys(present))
        names = {clean_text(group): group for group in reversed(groups)}
        asked = [names[_known(clean_text(name), names)] for name in self.group_order]
        return list(dict.fromkeys([*asked, *groups]))

    def places(self, names: Iterable[object]) -> list[int]:
        """Numbers of the rows of a table by the groups that they represent, those requested first."""
        names = [clean_text(name) for name in names]
        if not self.group_order:
            return [*range(len(names))]
        order = self.in_order(names)
        return sorted(range(len(names)), key=lambda i: order.index(names[i]))


@dataclass(kw_only=True)
class ColoredGroups:
    """A figure of groups: `group_color` gives colors (#rrggbb) of groups by name."""

    group_color: Mapping[str, str] = field(default_factory=dict)

    def check_colors(self, present: Iterable[object]) -> None:
        """BadInput if a color is given for a group that the figure has not."""
        names = dict.fromkeys(clean_text(group) for group in present)
        for name in self.group_color:
            _known(clean_text(name), names)


def _known(name: str, names: Mapping[str, object]) -> str:
    if name in names:
        return name
    raise unknown_name("group", name, names, where="groups of the plot")


def month_step(longest: float) -> float:
    """The distance between ticks of a time axis in months: at most nine ticks, whole years if possible."""
    for step in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240):
        if longest / step <= 8:
            return float(step)
    return 240.0 * round(longest / 240 / 8 + 0.5)
