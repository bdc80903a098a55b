"""Cumulative incidence of an event and of its competing event, with number at risk under both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.curve_lookup import curve_groups, numbers_at_risk, step_points
from prognomics.report.figures.kaplan_meier import GAP, LINE, MOST_BANDS
from prognomics.report.figures.look import ColoredGroups, OrderedGroups, OverTime
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_count,
    format_percent,
    is_absent,
    p_phrase,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT, RIGHT, BETWEEN = 2.6, 0.12, 0.42
CAUSES = ("event", "competing")
NAIVE = "Thin lines: 1 - Kaplan-Meier, which censors competing events and overestimates the incidence."


@dataclass
class IncidenceFigure(OrderedGroups, ColoredGroups, OverTime, style.StudyFigure):
    """A panel for each cause, with the curves of all groups.

    Parameters
    ----------
    curve : DataFrame
        `competing_risks --out-curve`.
    incidence : DataFrame, optional
        `competing_risks --out-incidence`: rates for the legend.
    test : DataFrame, optional
        `competing_risks --out-test`: p-values.
    endpoint : str
        The endpoint's code.
    at : sequence of float
        Times to mark, whose rates of the event are in the legend.
    """

    curve: pd.DataFrame
    incidence: pd.DataFrame | None = None
    test: pd.DataFrame | None = None
    _: KW_ONLY
    endpoint: str = ""
    at: Sequence[float] = ()

    def draw(self) -> Figure:
        """Raises `BadInput` when the curve table has no row."""
        if not len(self.curve):
            raise BadInput("the curve table has no row", where="competing_risks --out-curve")
        curve = self.curve.sort_values("time_months", kind="stable")
        groups = self.in_order(curve_groups(self.curve))
        self.check_colors(groups)
        colors, dashes = style.group_colors(groups), style.group_dashes(groups)
        longest = float(max(curve["time_months"].max(), 1e-9))
        names = {g: "All" if len(groups) == 1 and str(g) == "all" else clean_text(g) or "–" for g in groups}
        title, rows = style.title_lines(self.title), len(groups)
        widest = max(style.text_width(style.fit_text(name, 1.3), style.TEXT) for name in names.values())
        left = max(0.78, widest + 0.45)
        width = (style.WIDTH - left - BETWEEN - RIGHT) / 2
        bottom = 0.3 + LINE * (rows + 1) + 0.55
        height = bottom + HEIGHT + 0.62 + 0.19 * len(title) + LINE * (rows + 1)
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title, 0.12, 0.19)
        self._draw_legend(figure, height - 0.12 - 0.19 * len(title), groups, names, colors, dashes)
        top = self._highest(curve)
        for i, cause in enumerate(CAUSES):
            start = left + i * (width + BETWEEN)
            axes = style.add_axes(figure, start, bottom, width, HEIGHT)
            for group in groups:
                part = curve[(curve["group"] == group) & (curve["cause"] == cause)]
                self._draw_curve(axes, part, longest, colors[group], dashes[group], len(groups) <= MOST_BANDS)
            ticks = self._draw_axes(axes, longest, top, i == 0)
            self._draw_heading(figure, start, bottom + HEIGHT + 0.08, width, cause)
            for j, group in enumerate(groups):
                part = curve[(curve["group"] == group) & (curve["cause"] == cause)]
                y = bottom - 0.55 - LINE * (j + 1)
                for tick, number in zip(ticks, numbers_at_risk(part, ticks), strict=True):
                    style.put_text(figure, start + tick / axes.get_xlim()[1] * width, y, format_count(number),
                                   ha="center", fontsize=style.SMALL)  # fmt: skip
        style.put_text(figure, 0.15, bottom - 0.55, "Number at risk", weight="bold", fontsize=style.SMALL)
        for j, group in enumerate(groups):
            name = style.fit_text(names[group], left - 0.449)
            style.put_text(figure, left - 0.3, bottom - 0.55 - LINE * (j + 1), name, ha="right",
                           color=style.text_color(colors[group]))  # fmt: skip
        style.put_text(figure, 0.15, 0.1, NAIVE, fontsize=style.SMALL, color=style.GRAY)
        return figure

    def _highest(self, curve: pd.DataFrame) -> float:
        """Upper end of both vertical axes, percent."""
        largest = np.nanmax(curve[["incidence", "ci_high", "one_minus_km"]].astype(float).to_numpy(), initial=0.05)
        result: float = min(100.0, 10 * np.ceil(10 * largest + 1e-9))
        return result

    def _draw_curve(self, axes: Axes, curve: pd.DataFrame, longest: float, color: str, dash: Any, banded: bool) -> None:
        points = step_points(curve, longest, column="incidence", start=0.0)
        time = points["time_months"].to_numpy()
        if banded:
            low, high = (points[side].fillna(points["incidence"]).to_numpy() * 100 for side in ("ci_low", "ci_high"))
            axes.fill_between(time, low, high, step="post", color=color, alpha=0.13, linewidth=0, zorder=1)
        axes.plot(time, points["incidence"] * 100, drawstyle="steps-post", color=color, linestyle=dash, linewidth=1.5,
                  solid_capstyle="butt", zorder=3)  # fmt: skip
        if curve["one_minus_km"].notna().any():
            naive = step_points(curve, longest, column="one_minus_km", start=0.0)
            axes.plot(naive["time_months"], naive["one_minus_km"] * 100, drawstyle="steps-post", color=color,
                      linestyle=dash, linewidth=0.6, zorder=2)  # fmt: skip

    def _draw_axes(self, axes: Axes, longest: float, top: float, first: bool) -> np.ndarray:
        ticks = self.unit.ticks(longest, 2.0)
        axes.set_xlim(0, longest * 1.02)
        axes.set_ylim(0, top * 1.03)
        axes.set_xticks(ticks, [self.unit.text(t) for t in ticks])
        axes.set_xlabel(self.unit.heading, labelpad=2)
        if first:
            axes.set_ylabel("Cumulative incidence (%)")
        axes.yaxis.grid(True, color=style.PALE, linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)
        for time in self.at:
            if 0 < time <= longest:
                axes.axvline(time, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)), zorder=2)
        return ticks

    def _draw_heading(self, figure: Figure, left: float, bottom: float, width: float, cause: str) -> None:
        said = ""
        if self.test is not None and len(self.test):
            row = self.test[self.test["cause"] == cause].iloc[0]
            said = "" if is_absent(row["p_value"]) else f"Gray {p_phrase(row['p_value'])}"
        name = "Competing event"
        if cause == "event":
            name = f"Event ({clean_text(self.endpoint)})" if self.endpoint else "Event of interest"
        room = width - style.text_width(said, style.SMALL) - 0.1
        style.put_text(figure, left, bottom, style.fit_text(name, room, bold=True), weight="bold")
        style.put_text(figure, left + width, bottom, said, ha="right", fontsize=style.SMALL)

    def _draw_legend(
        self,
        figure: Figure,
        top: float,
        groups: list[str],
        names: Mapping[str, str],
        colors: Mapping[str, str],
        dashes: Mapping[str, Any],
    ) -> None:
        """A small table above the panels: line, group, n, events, competing events, incidence at the marked times."""
        first = [self.curve[self.curve["group"] == group].iloc[0] for group in groups]
        columns = [
            (label, [format_count(as_number(row[column])) for row in first])
            for label, column in (("n", "n"), ("events", "events"), ("competing", "competing"))
        ]
        for time in self.at:
            texts = [self._rate(group, time) for group in groups]
            if any(text != "–" for text in texts):
                columns.append((f"events by {self.unit.text(time)} {self.unit.name} (95% CI)", texts))
        widths = [max(style.text_width(text, style.SMALL) for text in (head, *texts)) for head, texts in columns]
        shown = [style.fit_text(names[group], 1.9, bold=True) for group in groups]
        start = 0.55 + max(style.text_width(name, style.TEXT, True) for name in shown) + GAP
        while len(columns) > 3 and start + sum(widths) + GAP * len(widths) > style.WIDTH - 0.05:
            columns.pop(), widths.pop()
        place, right = top - LINE * 0.8, start
        for (head, texts), width in zip(columns, widths, strict=True):
            right += width + GAP
            style.put_text(figure, right, place, head, color=style.GRAY, ha="right", fontsize=style.SMALL)
            for i, text in enumerate(texts):
                style.put_text(figure, right, place - LINE * (i + 1), text, ha="right", fontsize=style.SMALL)
        for i, group in enumerate(groups):
            y = place - LINE * (i + 1)
            style.put_line(figure, 0.15, 0.48, y + 0.035, colors[group], dashes[group])
            style.put_text(figure, 0.55, y, shown[i], weight="bold", color=style.text_color(colors[group]))

    def _rate(self, group: object, time: float) -> str:
        table = self.incidence
        if table is None or not len(table):
            return "–"
        rows = table[(table["group"].astype(str) == str(group)) & (table["cause"] == "event")
                     & np.isclose(table["time_months"].astype(float), time)]  # fmt: skip
        if not len(rows) or is_absent(rows["estimate"].iloc[0]):
            return "–"
        return format_percent(*(rows[name].iloc[0] for name in ("estimate", "ci_low", "ci_high")))
