"""The log-rank statistic over all cutpoints of a searched marker, one panel per search."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import SIDES, ColoredGroups, OfValues, OrderedGroups
from prognomics.report.wording import as_number, clean_text, format_number, format_ratio, p_phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, EDGE, LINE = 0.62, 1.2, 0.15, 0.17
SINGLE, PANEL, BETWEEN = 2.5, 1.2, 0.72
FEW, FAR_RIGHT = 4, 0.2  # panels; more stand in two columns, with room at their right
APART = 0.25  # inches between the names of the two lines
SINGLE_CUT = 1.959964


@dataclass
class CutProfileFigure(OrderedGroups, ColoredGroups, OfValues, style.StudyFigure):
    """The size of the statistic of each cutpoint, the window of the search, and what chance alone reaches.

    Parameters
    ----------
    profile : DataFrame
        `cutpoint --out-profile`: `lowest_high, statistic, inside, learnt_in`.
    table : DataFrame
        `cutpoint --out-table`, the rows of the searches.
    title : str
    """

    profile: pd.DataFrame
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` without a search."""
        if not len(self.table):
            raise BadInput("the table has no row", where="cutpoint --out-table")
        title = style.title_lines(self.title)
        many = len(self.table) > 1
        top = 0.58 + 0.2 * len(title)
        columns = 1 + (len(self.table) > FEW)
        deep = -(-len(self.table) // columns)
        foot, between = (0.46, BETWEEN) if columns == 1 else (0.66, 0.62)
        around = foot + (deep - 1) * between + top
        panel = style.panel_height(PANEL, deep, around) if many else SINGLE
        height = around + deep * panel
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        self.check_colors(SIDES)
        for i, (_, row) in enumerate(self.table.iloc[self.places(self.table["learnt_in"])].iterrows()):
            own = self.profile[self.profile["learnt_in"] == row["learnt_in"]]
            column, place = divmod(i, deep)
            left, bottom = LEFT + column * style.WIDTH / columns, height - top - panel - place * (panel + between)
            width = style.WIDTH / columns - LEFT - (RIGHT if columns == 1 else FAR_RIGHT)
            axes = style.add_axes(figure, left, bottom, width, panel)
            _draw(axes, own, row, panel, named=columns == 1)
            (_head if columns == 1 else _brief_head)(figure, left, bottom + panel + 0.1, row, many)
            if place == deep - 1 or i == len(self.table) - 1:
                name = self.with_unit(f"Cut of {row['marker']}")
                axes.set_xlabel(style.fit_text(name, width), labelpad=2)
        if columns > 1:
            _draw_key(figure)
        return figure


def _draw(axes: Any, profile: pd.DataFrame, row: pd.Series, panel: float, named: bool) -> None:
    cuts, size = profile["lowest_high"].to_numpy(float), np.abs(profile["statistic"].to_numpy(float))
    worse_high = profile["statistic"].to_numpy(float) > 0
    inside = (profile["inside"] == "yes").to_numpy()
    axes.plot(cuts, size, color=style.GRAY, linewidth=0.7, zorder=2)
    for side, color in ((worse_high, style.high()), (~worse_high, style.low())):
        axes.plot(cuts[side & inside], size[side & inside], "o", markersize=2.6, color=color, zorder=3)
        axes.plot(cuts[side & ~inside], size[side & ~inside], "o", markersize=2.2, color=style.PALE, zorder=3)
    axes.axvspan(as_number(row["window_low"]), as_number(row["window_high"]), color=style.PALE, alpha=0.35, linewidth=0)
    axes.axvline(as_number(row["lowest_high"]), color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    critical = as_number(row["critical_value"])
    top = max(size.max(), critical if critical == critical else 0, SINGLE_CUT) * 1.12
    lines = [(SINGLE_CUT, "5% for a cut\ngiven beforehand", (0, (1, 1.5)))]
    if critical == critical:
        lines.append((critical, "5% for the best\nof these cuts", (0, (6, 2))))
    near = 0.0 if len(lines) < 2 else max(APART - abs(critical - SINGLE_CUT) / top * panel, 0) / 2 * 72
    for at, text, dashes in lines:
        axes.axhline(at, color=style.INK, linewidth=0.8, linestyle=dashes, zorder=1)
        aside = near if at == max(at for at, *_ in lines) else -near  # lines close together, their names apart
        if named:
            axes.annotate(text, (1, at), xycoords=("axes fraction", "data"), xytext=(4, aside), va="center",
                          textcoords="offset points", fontsize=style.SMALL, annotation_clip=False)  # fmt: skip
    margin = 0.02 * (cuts[-1] - cuts[0] or 1.0)
    axes.set_xlim(cuts[0] - margin, cuts[-1] + margin)
    axes.set_ylim(0, top)
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.set_ylabel("Statistic", labelpad=3)


def _head(figure: Any, left: float, y: float, row: pd.Series, many: bool) -> None:
    """Two lines over a panel: the corrected result, then the continuous one."""
    name = f"{clean_text(row['learnt_in'])}: " if many else ""
    room = style.WIDTH - left - EDGE
    where = f"{name}best cut high from {format_number(row['lowest_high'], 4)}, {p_phrase(row['p_corrected'])} corrected"
    shrunken = f"; HR shrunken {_ratio(row, 'hr_shrunken')}" if row["hr_shrunken"] == row["hr_shrunken"] else ""
    style.put_text(figure, left, y + LINE, style.fit_text(where + shrunken, room, bold=True), weight="bold")
    text = f"continuous: HR {_ratio(row, 'hr_per_sd')} per SD, {p_phrase(row['p_per_sd'])}"
    right = style.WIDTH - RIGHT
    for word, color in (("low worse", style.low()), ("high worse", style.high())):
        style.put_text(figure, right, y, word, ha="right", color=color, fontsize=style.SMALL)
        right -= style.text_width(word, style.SMALL) + 0.16
    style.put_text(figure, left, y, style.fit_text(text, right - left))


def _brief_head(figure: Any, left: float, y: float, row: pd.Series, many: bool) -> None:
    """The same in a narrow panel."""
    room = style.WIDTH / 2 - LEFT
    found = f": high from {format_number(row['lowest_high'], 4)}, {p_phrase(row['p_corrected'])}"
    style.put_text(figure, left, y + 0.13, style.fit_name(row["learnt_in"], found, room), weight="bold")
    text = f"continuous: HR {_ratio(row, 'hr_per_sd')} per SD, {p_phrase(row['p_per_sd'])}"
    style.put_text(figure, left, y, style.fit_text(text, room, style.SMALL), fontsize=style.SMALL, color=style.GRAY)


def _draw_key(figure: Any) -> None:
    """What colors and lines of many panels mean, in the last line of the picture."""
    x = LEFT
    for word, color in (
        ("high worse", style.high()), ("low worse", style.low()), ("dotted: 5% for a cut given beforehand", style.INK),
        ("dashed: 5% for the best cut; p corrected for the search", style.INK),
    ):  # fmt: skip
        style.put_text(figure, x, 0.1, word, fontsize=style.SMALL, color=color)
        x += style.text_width(word, style.SMALL) + 0.16


def _ratio(row: pd.Series, name: str) -> str:
    low, high = as_number(row[f"{name}_low"]), as_number(row[f"{name}_high"])
    interval = f" ({format_ratio(low)}–{format_ratio(high)})" if low == low and high == high else ""
    return format_ratio(row[name]) + interval
