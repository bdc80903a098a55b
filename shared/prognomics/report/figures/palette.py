"""The colours of figures: palettes that people with any common colour vision tell apart, and colours of single groups.

A figure names colours by what they mean (`low()`, `high()`, `hue(n)`); which they are is settled while it is drawn,
by its palette and by the colours that were given to groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from prognomics.report.wording import clean_text

INK, GREY, PALE = "#222222", "#6B6B6B", "#D9D9D9"

# Low or better first, then high or worse, then the others in the order in which groups take them.
PALETTES = {
    # Okabe and Ito, https://jfly.uni-koeln.de/color/, its yellow left out, its purple darker
    "okabe_ito": ("#0072B2", "#D55E00", "#009E73", "#B5558C", "#E69F00", "#56B4E9", "#7A5C00", INK),
    # Paul Tol's bright scheme, https://sronpersonalpages.nl/~pault/
    "tol_bright": ("#4477AA", "#EE6677", "#228833", "#AA3377", "#CCBB44", "#66CCEE", "#8A8A8A", INK),
    # for grey prints: lines and marks differ in their form as well
    "grey": ("#8F8F8F", "#1A1A1A", "#6B6B6B", "#B4B4B4", "#454545", "#A2A2A2", "#7D7D7D", "#303030"),
}
DEFAULT = "okabe_ito"
LEGIBLE = 3.0  # contrast with white paper from which a colour serves for text


_colours: ContextVar[tuple[str, ...]] = ContextVar("colours", default=PALETTES[DEFAULT])
_chosen: ContextVar[Mapping[str, str]] = ContextVar("chosen", default=MappingProxyType({}))


@contextmanager
def coloured(palette: str = DEFAULT, chosen: Mapping[str, str] | None = None) -> Iterator[None]:
    """The colours while a figure is drawn; `chosen` are those of groups by name."""
    chosen = {clean_text(name): colour for name, colour in (chosen or {}).items()}
    sides = {name.casefold(): colour for name, colour in chosen.items()}
    first, second, *others = PALETTES[palette]
    before = _colours.set((sides.get("low", first), sides.get("high", second), *others)), _chosen.set(chosen)
    try:
        yield
    finally:
        _colours.reset(before[0])
        _chosen.reset(before[1])


def hue(number: int) -> str:
    """The colour of that number, from the first again after the last."""
    colours = _colours.get()
    return colours[number % len(colours)]


def low() -> str:
    """The colour of low values, and of the better prognosis."""
    return hue(0)


def high() -> str:
    """The colour of high values, of the worse prognosis, and of what stands out."""
    return hue(1)


def scale() -> tuple[str, str, str]:
    """The colours of a scale from low over its middle to high; in grey from light to dark."""
    ends = low(), high()
    grey = all(colour[1:3] == colour[3:5] == colour[5:7] for colour in ends)
    return ("#FFFFFF", "#9E9E9E", ends[1]) if grey else (ends[0], "white", ends[1])


def n_hues() -> int:
    """How many different colours there are."""
    return len(_colours.get())


def chosen_colour(group: object) -> str | None:
    """The colour that was given to a group."""
    return _chosen.get().get(clean_text(group))


def group_colours(groups: Sequence[object]) -> dict[object, str]:
    """A colour a group: the chosen one, low and high as everywhere, others follow in order."""
    chosen = _chosen.get()
    sides = {"low": low(), "high": high()}
    names = {group: clean_text(group) for group in groups}
    colours = {group: chosen.get(name) or sides.get(name.casefold(), "") for group, name in names.items()}
    colours = {group: colour for group, colour in colours.items() if colour}
    if len(names) == 1 and not colours:
        return dict.fromkeys(groups, INK)
    free = [colour for colour in _colours.get() if colour not in colours.values()] or [INK]
    others = [group for group in groups if group not in colours]
    rounds = (0.0, 0.5, 0.25)
    colours.update({group: lighter(free[i % len(free)], rounds[i // len(free) % 3]) for i, group in enumerate(others)})
    return {group: colours[group] for group in groups}


def text_colour(colour: str) -> str:
    """The colour for text of a group: dark ink where the group's own colour is too pale to read."""
    return colour if 1.05 / (_luminance(colour) + 0.05) >= LEGIBLE else INK


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lighter(colour: str, share: float) -> str:
    """The colour on its way to white: 0 as it is, 1 white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)
