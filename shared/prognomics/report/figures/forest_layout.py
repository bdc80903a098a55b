"""The common drawing of all forest plots: columns of text, and estimates on a log axis between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prognomics.report.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.215  # height of a row in inches
GAP = 0.18
EDGE = 0.15
PLOT_WIDTH, NARROWEST = 2.35, 1.9
SHORTEST = 1.2  # of labels
TICKS = (
    (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2),
    (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4),
    (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
    (0.01, 0.1, 1, 10, 100),
    (1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6),
)


@dataclass(frozen=True)
class ForestRow:
    """A row of a forest plot.

    `kind` is heading, estimate (a square), summary (a diamond), reference (an open
    circle at 1), interval (a bar alone) or text (no mark); `size` is the side of the
    square between 0 and 1.
    """

    label: str
    cells_left: tuple[str, ...] = ()
    cells_right: tuple[str, ...] = ()
    kind: str = "estimate"
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    size: float = 0.5
    color: str = style.INK
    indent: int = 0
    bold: bool = False


@dataclass
class ForestLayout:
    """Rows, headers of the text columns and the words around them.

    With `difference_unit` the rows are of differences d, given as exp(d / unit): the axis is linear in d.
    """

    rows: Sequence[ForestRow]
    label_header: str = ""
    left_headers: Sequence[str] = ()
    right_headers: Sequence[str] = ()
    axis_label: str = "Hazard ratio (log scale)"
    directions: tuple[str, str] = ("lower hazard", "higher hazard")
    title: str = ""
    footnotes: Sequence[str] = field(default_factory=tuple)
    difference_unit: float | None = None

    def draw(self) -> Figure:
        rows = [*self.rows]
        label_width = min(
            2.4, max([style.text_width(self.label_header), *(_label_width(r) for r in rows if r.cells_left)])
        )
        left = [self._column(header, [r.cells_left for r in rows], i) for i, header in enumerate(self.left_headers)]
        right = [self._column(header, [r.cells_right for r in rows], i) for i, header in enumerate(self.right_headers)]
        plot_left = EDGE + label_width + GAP + sum(w + GAP for w in left)
        wanted = plot_left + PLOT_WIDTH + GAP + sum(w + GAP for w in right) + EDGE - GAP
        if wanted > style.PAGE:  # first the plot becomes narrower, then the labels shorter
            shorter = min(max(wanted - style.PAGE - (PLOT_WIDTH - NARROWEST), 0), label_width - SHORTEST)
            label_width, plot_left = label_width - shorter, plot_left - shorter
        width = min(max(style.WIDTH, wanted), style.PAGE)
        plot_width = width - plot_left - sum(w + GAP for w in right) - EDGE
        title = style.title_lines(self.title, width)
        notes = [
            line for note in self.footnotes for line in style.wrap_text(note, width - 2 * EDGE, style.SMALL, lines=4)
        ]

        bottom = 0.62 + 0.15 * len(notes) + (0.05 if notes else 0)
        plot_height = ROW * len(rows)
        top = 0.12 + 0.2 * len(title) + ROW + 0.06
        height = bottom + plot_height + top
        figure = style.new_figure(width, height)
        style.put_title(figure, title)
        for i, line in enumerate(notes):
            style.put_text(figure, EDGE, 0.15 * (len(notes) - i) - 0.05, line, fontsize=style.SMALL, color=style.GRAY)

        axes = style.add_axes(figure, plot_left, bottom, plot_width, plot_height)
        self._draw_axis(figure, axes, bottom, plot_left, plot_width)
        for i, row in enumerate(rows):
            _draw_estimate(axes, len(rows) - i - 0.5, row)
        self._draw_columns(figure, bottom, plot_height, label_width, left, right, plot_left + plot_width)
        return figure

    @staticmethod
    def _column(header: str, cells: Sequence[tuple[str, ...]], i: int) -> float:
        texts = [header, *(row[i] for row in cells if len(row) > i)]
        return max(style.text_width(text, style.TEXT, bold=True) for text in texts)

    def _draw_axis(self, figure: Any, axes: Any, bottom: float, plot_left: float, plot_width: float) -> None:
        low, high = axis_limits(self.rows)
        ticks = axis_ticks(low, high)
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(0, max(len(self.rows), 1))
        axes.xaxis.set_minor_locator(_no_ticks())
        labels = [f"{tick:g}" for tick in ticks]
        if self.difference_unit is not None:
            places = difference_ticks(math.log(low) * self.difference_unit, math.log(high) * self.difference_unit)
            ticks, labels = [math.exp(d / self.difference_unit) for d in places], [f"{d:g}" for d in places]
        shown = labels_apart([math.log(tick / low) / math.log(high / low) * plot_width for tick in ticks], labels)
        axes.set_xticks([ticks[i] for i in shown], [labels[i] for i in shown])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(1, color=style.GRAY, linewidth=0.8, zorder=1)
        label = style.fit_text(self.axis_label, plot_width + 1.0, style.SMALL)
        middle = plot_left + plot_width / 2
        style.put_text(figure, middle, bottom - 0.34, label, ha="center", fontsize=style.SMALL)
        # Where an arrow starts: beside the line of no effect.
        one = plot_left + plot_width * math.log(1 / low) / math.log(high / low)
        look = {"fontsize": style.SMALL, "color": style.GRAY}
        lower, higher = (f"← {self.directions[0]}", f"{self.directions[1]} →")
        wide = [style.text_width(text, style.SMALL) for text in (lower, higher)]
        if one - 0.06 - wide[0] > plot_left - 0.6 and one + 0.06 + wide[1] < plot_left + plot_width + 0.6:
            style.put_text(figure, one - 0.06, bottom - 0.49, lower, ha="right", **look)
            style.put_text(figure, one + 0.06, bottom - 0.49, higher, ha="left", **look)
        else:
            style.put_text(figure, middle, bottom - 0.49, f"{lower}   {higher}", ha="center", **look)

    def _draw_columns(
        self,
        figure: Any,
        bottom: float,
        plot_height: float,
        label_width: float,
        left: list[float],
        right: list[float],
        plot_right: float,
    ) -> None:
        def line(
            y: float,
            label: str,
            cells_left: Sequence[str],
            cells_right: Sequence[str],
            bold: bool,
            indent: float = 0,
        ) -> None:
            look = {"weight": "bold"} if bold else {}
            clear = {} if any(cells_left) else {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.8}}
            room = label_width - indent if any(cells_left) else plot_right - EDGE - indent
            text = style.fit_text(label, room, style.TEXT, bold)
            style.put_text(figure, EDGE + indent, y, text, **look, **clear)  # over the line of no effect
            x = EDGE + label_width + GAP
            for text, width in zip(cells_left, left, strict=False):
                style.put_text(figure, x + width, y, text, ha="right", **look)
                x += width + GAP
            x = plot_right
            for text, width in zip(cells_right, right, strict=False):
                style.put_text(figure, x + GAP + width, y, text, ha="right", **look)
                x += width + GAP

        head = bottom + plot_height + 0.09
        line(head, self.label_header, self.left_headers, self.right_headers, bold=True)
        width = figure.get_size_inches()[0]
        _rule(figure, EDGE, width - EDGE, bottom + plot_height + 0.02)
        for i, row in enumerate(self.rows):
            y = bottom + plot_height - ROW * (i + 0.5) - 0.035
            line(y, row.label, row.cells_left, row.cells_right, row.bold or row.kind == "heading", 0.14 * row.indent)


def _label_width(row: ForestRow) -> float:
    bold = row.bold or row.kind == "heading"
    return style.text_width(row.label[:200], style.TEXT, bold) + 0.14 * row.indent + 0.01


def _rule(figure: Any, left: float, right: float, y: float) -> None:
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    ends = [left / width, right / width]
    figure.add_artist(Line2D(ends, [y / height] * 2, color=style.INK, linewidth=0.6))


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def axis_limits(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """Limits of the log axis: all estimates, and intervals as far as a factor of 12 beyond them.

    An interval that reaches farther gets an arrow; without that bound one cohort with
    two events would press all others into a line.
    """
    ratios = [r.ratio for r in rows if _drawable(r.ratio)] or [1.0]
    lows = [r.low for r in rows if _drawable(r.low)]
    highs = [r.high for r in rows if _drawable(r.high)]
    least, most = min([*ratios, 1.0]), max([*ratios, 1.0])
    low = max(min([*lows, least]), least / 12) / 1.08
    high = min(max([*highs, most]), most * 12) * 1.08
    return max(min(low, 0.78), 1e-6), min(max(high, 1.28), 1e6)


def axis_ticks(low: float, high: float) -> list[float]:
    """Between three and eight round numbers in the limits, always with 1 if it lies inside."""
    for marks in TICKS:
        inside = [mark for mark in marks if low <= mark <= high]
        if marks[0] > low * 1.3 or marks[-1] < high / 1.3:
            continue
        if 3 <= len(inside) <= 8:
            return inside
    inside = [mark for mark in TICKS[2] if low <= mark <= high]
    return inside if 2 <= len(inside) <= 8 else [mark for mark in TICKS[3] if low <= mark <= high] or [1.0]


def labels_apart(places: Sequence[float], labels: Sequence[str]) -> list[int]:
    """Which labels of an axis to print, so that none touches the one before: from no effect outward, in their order.

    Parameters
    ----------
    places : sequence of float
        Middle of each label, inches.
    labels : sequence of str
    """
    start = next((i for i, label in enumerate(labels) if label in ("1", "0")), 0)
    kept = [start]
    for i in [*range(start - 1, -1, -1), *range(start + 1, len(labels))]:
        room = [abs(places[i] - places[k]) - _half(labels[i]) - _half(labels[k]) for k in kept]
        kept += [i] if min(room) >= 0 else []
    return sorted(kept)


def _half(label: str) -> float:
    return style.text_width(label, style.TEXT) / 2


def difference_ticks(low: float, high: float) -> list[float]:
    """Round places between two limits."""
    from matplotlib.ticker import MaxNLocator

    return [float(round(d, 12)) for d in MaxNLocator(5).tick_values(low, high) if low <= d <= high]


def _drawable(value: float) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0


def _draw_estimate(axes: Any, y: float, row: ForestRow) -> None:
    from matplotlib.patches import Polygon

    low_limit, high_limit = axes.get_xlim()
    if row.kind == "reference":
        look = {"marker": "o", "markersize": 4, "markerfacecolor": "white", "markeredgecolor": style.GRAY}
        axes.plot([1], [y], markeredgewidth=0.9, zorder=3, **look)
        return
    bounded = _drawable(row.low) and (_drawable(row.high) or row.high == math.inf)
    if row.kind == "summary" and _drawable(row.ratio) and bounded:
        ends = max(row.low, low_limit), min(row.high, high_limit)
        corners = [(ends[0], y), (row.ratio, y + 0.27), (ends[1], y), (row.ratio, y - 0.27)]
        axes.add_patch(Polygon(corners, closed=True, facecolor=row.color, edgecolor="none", zorder=3))
        return
    if row.kind not in ("estimate", "interval"):
        return
    if bounded:
        ends = [max(row.low, low_limit), min(row.high, high_limit)]
        width = 3.2 if row.kind == "interval" else 1.1
        axes.plot(ends, [y, y], color=row.color, linewidth=width, solid_capstyle="butt", zorder=2)
        look = {"color": row.color, "markersize": 5, "linestyle": "none", "clip_on": False, "zorder": 3}
        if row.low < low_limit:
            axes.plot([low_limit], [y], marker="<", **look)
        if row.high > high_limit:
            axes.plot([high_limit], [y], marker=">", **look)
    if row.kind == "estimate" and _drawable(row.ratio):
        size = 3.2 + 5.5 * math.sqrt(min(max(row.size, 0.0), 1.0))
        axes.plot(
            [row.ratio],
            [y],
            marker="s",
            markersize=size,
            color=row.color,
            linestyle="none",
            markeredgewidth=0,
            zorder=4,
        )
