"""The drawn cells of a forest: one estimate per row of a table on a common log axis, and the axis for its head."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from prognomics.report.figures.drawing import Drawing
from prognomics.report.wording import as_number

WIDTH, HEIGHT, PAD = 196.0, 30.0, 16.0
NARROWEST = 2  # doublings on either side of 1: 0.25 to 4
WIDEST = 6
CROWDED = 5  # doublings beyond which every second has a tick
LEAST, MOST = 5.0, 11.0  # sides of squares


@dataclass(frozen=True)
class Axis:
    """A log axis of so many doublings below and above 1."""

    below: int = NARROWEST
    above: int = NARROWEST
    no_effect: float = 1.0

    @property
    def ends(self) -> tuple[float, float]:
        return 2.0**-self.below, 2.0**self.above

    @property
    def ticks(self) -> list[float]:
        step = 1 if self.below + self.above <= CROWDED and self.below <= NARROWEST else 2
        return [2.0**power for power in range(-self.below + self.below % step, self.above + 1, step)]

    def x(self, ratio: float) -> float:
        low, high = self.ends
        inside = min(max(ratio, low), high)
        return PAD + (WIDTH - 2 * PAD) * (math.log2(inside) + self.below) / (self.below + self.above)

    def head(self) -> Drawing:
        """The axis with its ticks."""
        return _head(self)


@dataclass(frozen=True)
class LinearAxis:
    """An axis of concordances or areas: 0.5 is chance."""

    ends: tuple[float, float] = (0.3, 0.9)
    ticks: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    no_effect: float = 0.5

    def x(self, value: float) -> float:
        low, high = self.ends
        return PAD + (WIDTH - 2 * PAD) * (min(max(value, low), high) - low) / (high - low)

    def head(self) -> Drawing:
        """The axis with its ticks."""
        return _head(self)


def _head(axis: Axis | LinearAxis) -> Drawing:
    drawing = Drawing(WIDTH, 26)
    drawing.path("axis", [(PAD, 22), (WIDTH - PAD, 22)])
    for tick in axis.ticks:
        drawing.path("axis", [(axis.x(tick), 22), (axis.x(tick), 26)])
        drawing.text("tk", axis.x(tick), 15, f"{tick:.4g}", "middle")
    return drawing


def axis_for(ratios: Iterable[object]) -> Axis:
    """0.25 to 4, or wider, so that every estimate is on it; intervals may leave it."""
    powers = [math.log2(r) for r in map(as_number, ratios) if math.isfinite(r) and r > 0]
    below, above = (math.ceil(max((side * p for p in powers), default=0) + 0.1) for side in (-1, 1))
    return Axis(*(min(max(needed, NARROWEST), WIDEST) for needed in (below, above)))


def strip(
    axis: Axis | LinearAxis,
    hr: object = math.nan,
    low: object = math.nan,
    high: object = math.nan,
    *,
    pooled: bool = False,
    primary: bool = False,
    weight: float = 0.5,
    reference: bool = False,
) -> Drawing:
    """One row: a square by weight (0 to 1) or, if pooled, a diamond, with the interval; arrowheads where it goes on."""
    drawing, middle = Drawing(WIDTH, HEIGHT), HEIGHT / 2
    one = axis.x(axis.no_effect)
    drawing.path("ref", [(one, 0), (one, HEIGHT)])
    if reference:
        drawing.box("box", one - 3, middle - 3, 6, 6)
    value, lower, upper = map(as_number, (hr, low, high))
    if math.isnan(value) or value <= 0:
        return drawing
    mine = " pri" if primary else ""
    known = not (math.isnan(lower) or math.isnan(upper))
    start, end = (axis.x(max(lower, 1e-9)), axis.x(upper)) if known else (axis.x(value), axis.x(value))
    if pooled:
        corners = [(start, middle), (axis.x(value), middle - 6), (end, middle), (axis.x(value), middle + 6)]
        drawing.path(f"dia{mine}", corners, closed=True)
    else:
        side = LEAST + (MOST - LEAST) * math.sqrt(min(max(weight, 0.0), 1.0))
        drawing.path(f"ci{mine}", [(start, middle), (end, middle)])
        drawing.box(f"sq{mine}", axis.x(value) - side / 2, middle - side / 2, side, side)
    first, last = axis.ends
    if known and lower < first:
        drawing.path(f"ci{mine}", [(PAD + 5, middle - 4), (PAD, middle), (PAD + 5, middle + 4)])
    if known and upper > last:
        ending = WIDTH - PAD
        drawing.path(f"ci{mine}", [(ending - 5, middle - 4), (ending, middle), (ending - 5, middle + 4)])
    return drawing
