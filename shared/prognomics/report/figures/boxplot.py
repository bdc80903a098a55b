"""A marker by group: a box, every sample as a point, and the tests of pairs in brackets."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.box_brackets import (
    FOOT,
    MOST_BRACKETS,
    TEXT_LINE,
    WITHIN_COHORTS,
    PlacedBracket,
    chosen_brackets,
    stacked,
)
from prognomics.report.figures.look import ColoredGroups, OfValues, OrderedGroups
from prognomics.report.wording import as_number, clean_text, format_count, is_absent, p_phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 0.165
EDGE, LEFT, BETWEEN, BELOW = 0.15, 0.62, 0.3, 0.28
NARROWEST, COMFORTABLE, WIDEST = 0.62, 0.9, 1.15  # of a group, in inches
HEIGHT, LEAST_HEIGHT, LOW = 2.5, 0.85, 1.6
SLANT, LONGEST = 55, 1.5  # of group names that find no room side by side: degrees, inches
MOST_PANELS = 12
FEW_POINTS = 30  # fewer lie on top of the box's lines

TEST_NAMES = {
    "mann_whitney": "Mann-Whitney test",
    "welch": "Welch's t-test",
    "t": "Student's t-test",
    "dunn": "Dunn's test",
    "t_pooled": "t-test with the variance of all groups",
    "kruskal": "Kruskal-Wallis",
    "welch_anova": "Welch's analysis of variance",
    "anova": "Analysis of variance",
    "van_elteren": "van Elteren's test",
    "wilcoxon_signed_rank": "Wilcoxon signed-rank test",
    "paired_t": "Paired t-test",
    "linear_model": "difference of means adjusted for cohort",
}


@dataclass
class BoxFigure(OrderedGroups, ColoredGroups, OfValues, style.StudyFigure):
    """One panel per marker: the groups side by side, with n and p.

    Parameters
    ----------
    table : DataFrame
        `compare_groups --out-table`: medians and quartiles of the groups, p of the pairs and of the omnibus test.
    values : DataFrame, shape (n_samples, n_markers)
        The points; one column per marker of the table.
    groups : array_like of str, shape (n_samples,)
        Group of each sample.
    group_label, value_label : str
        Name of the grouping, for the horizontal axis; what follows the marker's name on the vertical one.
    """

    table: pd.DataFrame
    values: pd.DataFrame
    groups: np.ndarray
    _: KW_ONLY
    group_label: str = ""
    value_label: str = ""

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row of a group."""
        if not (self.table["row_type"] == "group").any():
            raise BadInput("the comparison table has no row of a group", where="compare_groups --out-table")
        markers = list(dict.fromkeys(self.table["marker"]))
        panels = [_Panel(self, marker) for marker in markers[:MOST_PANELS]]
        self.check_colors(panels[0].names)
        order = panels[0].names
        slot, columns = _grid(order, len(panels))
        width = slot * len(order)
        for panel in panels:
            panel.settle(width, len(panels) > 1)
        labels = _GroupLabels(order, slot, LEFT)
        under = 0.16 + labels.height + LINE * (1 + bool(self.group_label))
        rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
        above = [max(panel.head for panel in row) for row in rows]
        notes = self._notes(panels, len(markers))
        full = max(style.WIDTH if columns > 1 else LEFT + width + 0.25, 4.2)
        notes = [line for note in notes for line in style.wrap_text(note, full - 2 * EDGE, style.SMALL, lines=4)]
        title = style.title_lines(self.title, full)
        foot = 0.1 + 0.14 * len(notes)
        top = 0.1 + 0.19 * len(title)
        around = top + sum(above) + len(rows) * under + BELOW * (len(rows) - 1) + foot + 0.08
        tall = style.panel_height(HEIGHT, len(rows), around, LEAST_HEIGHT)
        height = top + sum(above) + len(rows) * (tall + under) + BELOW * (len(rows) - 1) + foot + 0.08
        figure = style.new_figure(full, height)
        style.put_title(figure, title, 0.1, 0.19)
        place = height - top
        wide = LEFT + width
        start = (full - columns * wide - BETWEEN * (columns - 1) - 0.1) / 2
        for row, room in zip(rows, above, strict=True):
            bottom = place - room - tall
            for i, panel in enumerate(row):
                panel.draw(figure, start + i * (wide + BETWEEN) + LEFT, bottom, (width, tall), labels)
            place = bottom - under - BELOW
        for i, line in enumerate(notes):
            shade = {"fontsize": style.SMALL, "color": style.GRAY}
            style.put_text(figure, EDGE, 0.1 + 0.14 * (len(notes) - 1 - i), line, **shade)
        return figure

    def _notes(self, panels: list[_Panel], n_markers: int) -> list[str]:
        pairs = self.table[self.table["row_type"] == "pair"]
        pooled, within = (pairs[pairs["test"].isin(WITHIN_COHORTS) == inside] for inside in (False, True))
        notes = ["Box: median and quartiles; whiskers: to the furthest values within 1.5 box heights; points: samples."]
        names = [TEST_NAMES.get(t, clean_text(t)) for t in dict.fromkeys(pooled["test"])]
        names += [f"within cohorts: {TEST_NAMES.get(t, clean_text(t))}" for t in dict.fromkeys(within["test"])]
        per_marker = len(pooled) // max(self.table["marker"].nunique(), 1)
        said = f"p: {'; '.join(names)}, two-sided"
        if per_marker > 1:
            said += f", not adjusted for the {per_marker} pairs (the table has both)"
        notes.append(f"{said}.")
        if per_marker > MOST_BRACKETS:
            notes.append(f"Brackets: the {MOST_BRACKETS} pairs with the smallest p of {per_marker}.")
        if n_markers > len(panels):
            notes.append(f"The first {len(panels)} of {n_markers} markers are drawn.")
        return notes


class _Panel:
    """One marker."""

    def __init__(self, figure: BoxFigure, marker: object):
        self.marker, self.parent = marker, figure
        table = figure.table[figure.table["marker"] == marker]
        self.boxes = table[table["row_type"] == "group"].set_index("group")
        self.pairs = table[table["row_type"] == "pair"]
        omnibus = table[table["row_type"] == "omnibus"]
        self.omnibus = ""
        if len(omnibus) and not is_absent(omnibus["p_value"].iloc[0]):
            test = omnibus["test"].iloc[0]
            self.omnibus = f"{TEST_NAMES.get(test, clean_text(test))}: {p_phrase(omnibus['p_value'].iloc[0])}"
        self.groups = figure.in_order(self.boxes.index)
        self.names = [clean_text(group) or "–" for group in self.groups]
        self.brackets: list[PlacedBracket] = []
        self.named, self.stack, self.head = False, 0.0, 0.0

    def settle(self, width: float, named: bool) -> None:
        """Where the brackets go, and how high what is above the axes is."""
        slot = width / len(self.groups)
        centers = {group: slot * (i + 0.5) for i, group in enumerate(self.groups)}
        self.named = named
        self.brackets, self.stack = stacked(chosen_brackets(self.pairs), centers, width)
        self.head = self.stack + 0.05 + LINE * (bool(self.omnibus) + named)

    def draw(self, figure: Any, left: float, bottom: float, size: tuple[float, float], labels: _GroupLabels) -> None:
        width, height = size
        axes = style.add_axes(figure, left, bottom, width, height)
        colors = style.group_colors(self.groups)
        values = self.parent.values[self.marker].to_numpy(dtype=float)
        for i, group in enumerate(self.groups):
            sample = values[np.asarray(self.parent.groups, dtype=object) == group]
            self._draw_group(axes, i, np.sort(sample[~np.isnan(sample)]), self.boxes.loc[group], colors[group])
        axes.set_xlim(-0.5, len(self.groups) - 0.5)
        axes.set_xticks(range(len(self.groups)), [""] * len(self.groups))
        axes.margins(y=0.04)
        axes.locator_params(axis="y", nbins=6)
        axes.yaxis.grid(True, color=style.PALE, linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)
        said = f"{clean_text(self.marker)} {self.parent.value_label}".strip()
        if self.named and height < LOW:  # the marker stands above the panel
            said = self.parent.value_label or "value"
        room = height + 0.3 * (height < LOW)
        axes.set_ylabel(style.fit_text(self.parent.with_unit(said), room), labelpad=2)
        self._draw_labels(figure, left, bottom, width, labels)
        top = bottom + height
        for placed in self.brackets:
            self._draw_bracket(figure, left, top, placed)
        place = top + self.stack + 0.06
        if self.omnibus:
            text = style.fit_text(self.omnibus, width, style.SMALL)
            style.put_text(figure, left, place, text, fontsize=style.SMALL)
            place += LINE
        if self.named:
            style.put_text(figure, left, place, style.fit_text(self.marker, width, bold=True), weight="bold")

    @staticmethod
    def _draw_group(axes: Any, place: int, sample: np.ndarray, box: pd.Series, color: str) -> None:
        if not len(sample):
            return
        q1, median, q3 = (as_number(box[name]) for name in ("q1", "median", "q3"))
        size, few = float(np.clip(1500 / len(sample), 2.5, 20)), len(sample) < FEW_POINTS
        alpha = float(np.clip(0.95 - 0.17 * np.log10(len(sample)), 0.4, 0.85))
        axes.scatter(
            place + spread(sample), sample, s=size, color=color, alpha=alpha,
            linewidths=0.4 * few, edgecolors="white", zorder=5 if few else 3,
            rasterized=len(sample) > style.MANY_POINTS,
        )  # fmt: skip
        reach = 1.5 * (q3 - q1)
        low, high = min(q1, sample[sample >= q1 - reach].min()), max(q3, sample[sample <= q3 + reach].max())
        line = {"color": style.INK, "linewidth": 0.9, "zorder": 4, "solid_capstyle": "butt"}
        for end, edge in ((low, q1), (high, q3)):
            axes.plot([place, place], [edge, end], **line)
            axes.plot([place - 0.12, place + 0.12], [end, end], **line)
        axes.fill_between([place - 0.3, place + 0.3], q1, q3, color=color, alpha=0.18, linewidth=0, zorder=2)
        x = [place - 0.3, place + 0.3, place + 0.3, place - 0.3, place - 0.3]
        axes.plot(x, [q1, q1, q3, q3, q1], **line)
        axes.plot([place - 0.3, place + 0.3], [median, median], **line | {"linewidth": 2.2})

    def _draw_labels(self, figure: Any, left: float, bottom: float, width: float, labels: _GroupLabels) -> None:
        slot = width / len(self.groups)
        for i, (group, name) in enumerate(zip(self.groups, self.names, strict=True)):
            n = f"n = {format_count(self.boxes.loc[group, 'n'])}"
            labels.draw(figure, left + slot * (i + 0.5), bottom - 0.2, name, n)
        if self.parent.group_label:
            text = style.fit_text(self.parent.group_label, width)
            style.put_text(figure, left + width / 2, bottom - 0.2 - labels.height - LINE - 0.03, text, ha="center")

    @staticmethod
    def _draw_bracket(figure: Any, left: float, top: float, placed: PlacedBracket) -> None:
        from matplotlib.lines import Line2D

        full_width, full_height = figure.get_size_inches()
        color = style.INK if placed.bracket.tested else style.GRAY
        foot = top + placed.bottom
        x = [left + placed.start] * 2 + [left + placed.end] * 2
        y = [foot, foot + FOOT, foot + FOOT, foot]
        figure.add_artist(Line2D([v / full_width for v in x], [v / full_height for v in y], color=color, linewidth=0.7))
        for i, text in enumerate(reversed(placed.bracket.lines)):
            shade = color if i == len(placed.bracket.lines) - 1 else style.GRAY
            look = {"ha": "center", "fontsize": style.SMALL, "color": shade}
            style.put_text(figure, left + placed.text, foot + FOOT + 0.045 + TEXT_LINE * i, text, **look)


class _GroupLabels:
    """The names of groups under a panel, and n: in two lines, or slanted under n where these would cut names short."""

    def __init__(self, names: list[str], slot: float, left: float):
        self.lines = {name: style.wrap_text(name, slot - 0.06, style.TEXT, lines=2) for name in names}
        self.slanted = any("…" in line for name in names if "…" not in name for line in self.lines[name])
        self.height = LINE * max(map(len, self.lines.values()))
        if self.slanted:
            turn = np.radians(SLANT)
            longest = min(LONGEST, (left + slot / 2 - 0.08) / np.cos(turn))
            self.lines = {name: [style.fit_text(name, longest)] for name in names}
            widest = max(style.text_width(line) for (line,) in self.lines.values())
            self.height = widest * np.sin(turn) + 0.12

    def draw(self, figure: Any, x: float, y: float, name: str, n: str) -> None:
        look = {"ha": "center", "fontsize": style.SMALL, "color": style.GRAY}
        if self.slanted:
            style.put_text(figure, x, y, n, **look)
            turned = {"ha": "right", "va": "center", "rotation": SLANT, "rotation_mode": "anchor"}
            style.put_text(figure, x + 0.03, y - 0.1, self.lines[name][0], **turned)
            return
        for j, text in enumerate(self.lines[name]):
            style.put_text(figure, x, y - LINE * j, text, ha="center")
        style.put_text(figure, x, y - self.height, n, **look)


def _grid(names: list[str], n_panels: int) -> tuple[float, int]:
    """The width of a group in inches and the number of panels side by side."""
    widest = max(style.text_width(word, style.TEXT) for name in names for word in name.split() or [""])
    slot = min(max(widest + 0.14, NARROWEST), WIDEST)
    room = style.WIDTH - 0.3
    columns = max(1, int((room + BETWEEN) / (LEFT + slot * len(names) + BETWEEN)))
    if columns == 1 and n_panels > 1 and LEFT + NARROWEST * len(names) <= (room - BETWEEN) / 2:
        columns = 2
    columns = min(columns, n_panels, 4)
    available = ((room + BETWEEN) / columns - BETWEEN - LEFT) / len(names)
    return min(max(slot, COMFORTABLE), available), columns


def spread(sample: np.ndarray, reach: float = 0.3) -> np.ndarray:
    """Sideways places of sorted values, shape (n,): wider where values are dense, the same at each call.

    Parameters
    ----------
    sample : ndarray, shape (n,)
        Sorted, without NaN.
    reach : float
        The furthest that a point goes.
    """
    n = len(sample)
    if n < 2 or sample[0] == sample[-1]:
        return np.zeros(n) if n < 2 else (np.arange(n) / (n - 1) - 0.5) * 2 * min(reach, 0.04 * n)
    window = (sample[-1] - sample[0]) / 12
    near = np.searchsorted(sample, sample + window, side="right") - np.searchsorted(sample, sample - window)
    width = reach * near / max(near.max(), 12)
    turns = (np.arange(1, n + 1) * 0.6180339887498949) % 1  # golden section: even without a pattern
    result: np.ndarray = (2 * turns - 1) * width
    return result
