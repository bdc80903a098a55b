"""The colors of figures: palettes that people with any common color vision distinguish, and colors of single groups.

A figure names colors by what they mean (`low()`, `high()`, `hue(n)`); which they are is settled while it is drawn,
by its palette and by the colors that were given to groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from prognomics.report.wording import clean_text

INK, GRAY, PALE = "#222222", "#6B6B6B", "#D9D9D9"

# Low or better first, then high or worse, then the others in the order in which groups take them.
PALETTES = {
    # Okabe and Ito, https://jfly.uni-koeln.de/color/, its yellow excluded, its purple darker
    "okabe_ito": ("#0072B2", "#D55E00", "#009E73", "#B5558C", "#E69F00", "#56B4E9", "#7A5C00", INK),
    # Paul Tol's bright scheme, https://sronpersonalpages.nl/~pault/
    "tol_bright": ("#4477AA", "#EE6677", "#228833", "#AA3377", "#CCBB44", "#66CCEE", "#8A8A8A", INK),
    # for gray prints: lines and marks differ in their form as well
    "gray": ("#8F8F8F", "#1A1A1A", "#6B6B6B", "#B4B4B4", "#454545", "#A2A2A2", "#7D7D7D", "#303030"),
}
DEFAULT = "okabe_ito"
LEGIBLE = 3.0  # contrast with white paper from which a color serves for text


_colors: ContextVar[tuple[str, ...]] = ContextVar("colors", default=PALETTES[DEFAULT])
_chosen: ContextVar[Mapping[str, str]] = ContextVar("chosen", default=MappingProxyType({}))


@contextmanager
def colored(palette: str = DEFAULT, chosen: Mapping[str, str] | None = None) -> Iterator[None]:
    """The colors while a figure is drawn; `chosen` are those of groups by name."""
    chosen = {clean_text(name): color for name, color in (chosen or {}).items()}
    sides = {name.casefold(): color for name, color in chosen.items()}
    first, second, *others = PALETTES[palette]
    before = _colors.set((sides.get("low", first), sides.get("high", second), *others)), _chosen.set(chosen)
    try:
        yield
    finally:
        _colors.reset(before[0])
        _chosen.reset(before[1])


def hue(number: int) -> str:
    """The color of that number, from the first again after the last."""
    colors = _colors.get()
    return colors[number % len(colors)]


def low() -> str:
    """The color of low values, and of the better prognosis."""
    return hue(0)


def high() -> str:
    """The color of high values, of the worse prognosis, and of what stands out."""
    return hue(1)


def scale() -> tuple[str, str, str]:
    """The colors of a scale from low over its middle to high; in gray from light to dark."""
    ends = low(), high()
    gray = all(color[1:3] == color[3:5] == color[5:7] for color in ends)
    return ("#FFFFFF", "#9E9E9E", ends[1]) if gray else (ends[0], "white", ends[1])


def n_hues() -> int:
    """How many different colors there are."""
    return len(_colors.get())


def chosen_color(group: object) -> str | None:
    """The color that was given to a group."""
    return _chosen.get().get(clean_text(group))


def group_colors(groups: Sequence[object]) -> dict[object, str]:
    """A color a group: the chosen one, low and high as everywhere, others follow in order."""
    chosen = _chosen.get()
    sides = {"low": low(), "high": high()}
    names = {group: clean_text(group) for group in groups}
    colors = {group: chosen.get(name) or sides.get(name.casefold(), "") for group, name in names.items()}
    colors = {group: color for group, color in colors.items() if color}
    if len(names) == 1 and not colors:
        return dict.fromkeys(groups, INK)
    free = [color for color in _colors.get() if color not in colors.values()] or [INK]
    others = [group for group in groups if group not in colors]
    rounds = (0.0, 0.5, 0.25)
    colors.update({group: lighter(free[i % len(free)], rounds[i // len(free) % 3]) for i, group in enumerate(others)})
    return {group: colors[group] for group in groups}


def text_color(color: str) -> str:
    """The color for text of a group: dark ink where the group's own color is too pale to read."""
    return color if 1.05 / (_luminance(color) + 0.05) >= LEGIBLE else INK


def _luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lighter(color: str, share: float) -> str:
    """The color on its way to white: 0 as it is, 1 white."""
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)
