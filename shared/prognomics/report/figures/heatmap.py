"""A signature's genes in samples, the samples in order of their classes."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import ColoredGroups, OrderedGroups
from prognomics.report.wording import clean_text, format_count, is_absent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GENE = 0.105  # height of a gene's row with its name in inches
MOST_COLUMNS = 1600  # samples that print can tell apart; of more, SVG and PDF hold those only
MOST_NAMED = 90  # genes beyond which names are excluded
TALLEST = 8.0
BAR, HEAD, FOOT, KEY = 0.13, 0.42, 0.3, 0.75
LINE, COLUMN = 0.155, 2.15  # of the legend of many classes
NAME = 0.95  # width of gene names
NOT_KNOWN = "no class"


class _Group(NamedTuple):
    name: str
    samples: list[object]
    color: str

    @property
    def label(self) -> str:
        return f"{self.name} (n = {format_count(len(self.samples))})"


@dataclass
class HeatmapFigure(OrderedGroups, ColoredGroups, style.StudyFigure):
    """Values of genes (rows) in samples (columns), grouped by class under a bar of the classes' colors.

    Classes are in alphabetical order if no other is requested; within a class samples keep the order of `values`.

    Parameters
    ----------
    values : DataFrame, shape (n_genes, n_samples)
        Genes in the index, samples in the columns, on a scale with middle 0 (centered or standardized); NaN is gray.
    classes : Series
        The class of each sample, by sample; missing is drawn last as no class.
    limit : float
        Values beyond it have the color of the limit.
    value_label : str
        The value's name and unit, under its colors.
    """

    values: pd.DataFrame
    classes: pd.Series
    _: KW_ONLY
    limit: float = 2.5
    value_label: str = "Expression (SD from the mean)"

    def draw(self) -> Figure:
        """Raises `BadInput` when there is no gene or no sample."""
        if not self.values.size:
            raise BadInput("the heat map has no gene or no sample", where="values of the heat map")
        from matplotlib.colors import LinearSegmentedColormap

        named = len(self.values) <= MOST_NAMED
        left = 0.15 + (NAME if named else 0.0)
        width = style.WIDTH - left - 0.15
        title = style.title_lines(self.title)
        bottom = FOOT + KEY - 0.3
        groups = self._groups()
        labels = _labels(groups, left, width)
        head = (HEAD if labels else 0.2 + LINE * len(_legend(groups))) + 0.2 * len(title)
        height = min(max(GENE * len(self.values), 1.2), TALLEST, style.PAGE_HEIGHT - bottom - BAR - head)
        total = bottom + height + BAR + head
        figure = style.new_figure(style.WIDTH, total)
        style.put_title(figure, title)
        columns = [sample for group in groups for sample in group.samples]
        between = LinearSegmentedColormap.from_list("values", style.scale())
        colors = between.with_extremes(bad=style.PALE)
        axes = style.add_axes(figure, left, bottom, width, height)
        cells = np.ma.masked_invalid(self.values[columns].to_numpy(dtype=float))
        how = "none" if len(columns) <= MOST_COLUMNS else "nearest"
        shown = {"aspect": "auto", "interpolation": how, "vmin": -self.limit, "vmax": self.limit, "cmap": colors}
        image = axes.imshow(cells, **shown)
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_visible(False)
        if named:
            size = min(style.SMALL, 72 * height / len(self.values) * 0.85)
            for i, gene in enumerate(self.values.index):
                y = bottom + height * (1 - (i + 0.5) / len(self.values)) - size / 72 * 0.35
                name = style.fit_text(gene, NAME - 0.06, size)
                style.put_text(figure, left - 0.05, y, name, ha="right", fontsize=size)
        top = bottom + height
        self._draw_classes(figure, axes, groups, left, top, width, len(columns))
        for x, text, color in labels:
            look = {"fontsize": style.SMALL, "color": style.text_color(color), "weight": "bold"}
            style.put_text(figure, x, top + BAR + 0.09, text, **look)
        if not labels:
            self._draw_legend(figure, groups, top + BAR + 0.09)
        self._draw_key(figure, image, left)
        return figure

    def _groups(self) -> list[_Group]:
        """The classes from left to right, samples without one last."""
        known = {s: self.classes.get(s) for s in self.values.columns}
        names = {s: NOT_KNOWN if is_absent(c) else clean_text(c) for s, c in known.items()}
        chosen = self.in_order(sorted(set(names.values()) - {NOT_KNOWN}))
        self.check_colors(chosen)
        if NOT_KNOWN in names.values():
            chosen.append(NOT_KNOWN)
        colors = style.group_colors(chosen) | {NOT_KNOWN: style.GRAY}
        return [_Group(c, [s for s, name in names.items() if name == c], colors[c]) for c in chosen]

    @staticmethod
    def _draw_classes(
        figure: Any, axes: Any, groups: list[_Group], left: float, top: float, width: float, n: int
    ) -> None:
        from matplotlib.patches import Rectangle

        full_width, full_height = figure.get_size_inches()
        start = 0
        for _, samples, color in groups:
            x, wide = left + width * start / n, width * len(samples) / n
            place = (x / full_width, (top + 0.03) / full_height)
            look: dict[str, Any] = {"facecolor": color, "edgecolor": "white", "linewidth": 0.6}
            figure.add_artist(Rectangle(place, wide / full_width, BAR / full_height, **look))
            start += len(samples)
            if start < n:
                axes.axvline(start - 0.5, color="white", linewidth=1.2)

    @staticmethod
    def _draw_legend(figure: Any, groups: list[_Group], lowest: float) -> None:
        """All classes in columns over the bar, where their names find no room side by side."""
        from matplotlib.patches import Rectangle

        full_width, full_height = figure.get_size_inches()
        rows = _legend(groups)
        for i, row in enumerate(rows):
            y = lowest + LINE * (len(rows) - 1 - i)
            for x, text, color in row:
                box = (x / full_width, y / full_height)
                figure.add_artist(Rectangle(box, 0.12 / full_width, 0.09 / full_height, color=color, linewidth=0))
                style.put_text(figure, x + 0.16, y, text, fontsize=style.SMALL)

    def _draw_key(self, figure: Any, image: Any, left: float) -> None:
        axes = style.add_axes(figure, left, 0.36, 1.5, 0.09)
        bar = figure.colorbar(image, cax=axes, orientation="horizontal", ticks=[-self.limit, 0, self.limit])
        bar.outline.set_linewidth(0.5)
        axes.tick_params(labelsize=style.SMALL, pad=1.5)
        label = style.fit_text(self.value_label, style.WIDTH - left - 1.9, style.SMALL)
        style.put_text(figure, left + 1.65, 0.36, label, fontsize=style.SMALL)


def _labels(groups: list[_Group], left: float, width: float) -> list[tuple[float, str, str]]:
    """(place in inches, text, color) of the classes' names over their bars; none if one would not fit."""
    n = sum(len(samples) for _, samples, _ in groups)
    start, free, placed = 0, left, []
    for group in groups:
        x, wide = left + width * start / n, width * len(group.samples) / n
        text = style.fit_text(group.label, max(wide, min(1.6, left + width - free)), style.SMALL, True)
        long = style.text_width(text, style.SMALL, True)
        where = max(min(x, left + width - long), free)
        if where + long > left + width + 0.1 or ("…" in text and "…" not in group.label):
            return []
        placed.append((where, text, group.color))
        free = where + long + 0.12
        start += len(group.samples)
    return placed


def _legend(groups: list[_Group]) -> list[list[tuple[float, str, str]]]:
    """Rows of (place, text, color)."""
    across = int((style.WIDTH - 0.3) / COLUMN)
    entries = []
    for i, group in enumerate(groups):
        text = style.fit_name(group.name, group.label[len(group.name) :], COLUMN - 0.3, style.SMALL, False)
        entries.append((0.15 + i % across * COLUMN, text, group.color))
    return [entries[i : i + across] for i in range(0, len(entries), across)]
