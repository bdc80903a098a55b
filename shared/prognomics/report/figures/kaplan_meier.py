"""Kaplan-Meier curves with bands, censor marks, rates, and the number at risk under the axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.curve_lookup import (
    censored_points,
    curve_groups,
    group_counts,
    median_text,
    numbers_at_risk,
    overall_test_lines,
    rate_text,
    step_points,
)
from prognomics.report.figures.look import ColoredGroups, OrderedGroups, OverTime
from prognomics.report.wording import clean_text, endpoint_name, format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE = 0.175  # height of a text line in inches
GAP = 0.16  # between columns of text
PLOT_HEIGHT = 3.1
MOST_BANDS = 6  # groups beyond which bands only hide one another


@dataclass
class KaplanMeierFigure(OrderedGroups, ColoredGroups, OverTime, style.StudyFigure):
    """Survival curves of one or more groups.

    Parameters
    ----------
    curve : DataFrame
        `kaplan_meier --out-curve`: `group, time_months, n_risk, n_event, n_censor, survival,
        ci_low, ci_high`, one row for each distinct time of a group.
    summary : DataFrame, optional
        `kaplan_meier --out-summary`: medians and rates for the legend.
    test : DataFrame, optional
        `kaplan_meier --out-test`: the overall p-values.
    endpoint : str
        The endpoint's code (`os`) or its name; the label of the vertical axis.
    title : str
    landmark : float, optional
        Month from which the times count.
    hazard : str
        A line such as `HR 2.97 (1.84–4.79), Wald p = 7.5e-06`.
    at : sequence of float
        Times to mark, whose rates are in the legend if the summary has them.
    until : float, optional
        End of the horizontal axis; the longest time by default.
    """

    curve: pd.DataFrame
    summary: pd.DataFrame | None = None
    test: pd.DataFrame | None = None
    _: KW_ONLY
    endpoint: str = "os"
    landmark: float | None = None
    hazard: str = ""
    at: Sequence[float] = ()
    until: float | None = None

    def draw(self) -> Figure:
        """Raises `BadInput` when the curve table has no row."""
        if not len(self.curve):
            raise BadInput("the curve table has no row", where="kaplan_meier --out-curve")
        curve = self.curve.sort_values("time_months", kind="stable")
        groups = self.in_order(curve_groups(self.curve))
        self.check_colors(groups)
        parts = {group: curve[curve["group"] == group] for group in groups}
        colors, dashes = style.group_colors(groups), style.group_dashes(groups)
        longest = float(self.until or max(curve["time_months"].max(), 1e-9))
        names = {g: "All" if len(groups) == 1 and str(g) == "all" else clean_text(g) or "–" for g in groups}
        title = style.title_lines(self.title)

        rows = len(groups)
        widest_name = max(style.text_width(style.fit_text(n, 1.5), style.TEXT) for n in names.values())
        left = max(0.78, widest_name + 0.45)
        bottom = 0.12 + LINE * (rows + 1) + 0.55
        top = 0.12 + 0.19 * len(title) + LINE * (rows + 1) + 0.14
        figure = style.new_figure(style.WIDTH, bottom + PLOT_HEIGHT + top)
        height = bottom + PLOT_HEIGHT + top
        axes = style.add_axes(figure, left, bottom, style.WIDTH - left - 0.32, PLOT_HEIGHT)

        style.put_title(figure, title, 0.12, 0.19)
        self._draw_legend(figure, height - 0.12 - 0.19 * len(title), groups, names, colors, dashes)
        for group in groups:
            self._draw_curve(axes, parts[group], longest, colors[group], dashes[group], len(groups) <= MOST_BANDS)
        ticks = self._draw_axes(axes, longest)
        self._draw_notes(axes, parts, longest)
        self._draw_numbers(figure, axes, left, bottom, ticks, parts, names, colors)
        return figure

    def _since(self) -> str:
        """The unit of time, and from when it counts."""
        if self.landmark is None:
            return self.unit.name
        month = f"{self.landmark:g}" if self.unit.name == "months" else self.unit.text(self.landmark)
        return f"{self.unit.name} after {self.unit.one} {month}"

    def _draw_curve(
        self, axes: Axes, curve: pd.DataFrame, longest: float, color: str, dash: object, banded: bool
    ) -> None:
        points = step_points(curve, longest)
        time = points["time_months"].to_numpy()
        low, high = points["ci_low"].to_numpy() * 100, points["ci_high"].to_numpy() * 100
        if banded:
            axes.fill_between(time, low, high, step="post", color=color, alpha=0.13, linewidth=0, zorder=1)
        axes.plot(
            time,
            points["survival"] * 100,
            drawstyle="steps-post",
            color=color,
            linestyle=dash,
            linewidth=1.5,
            solid_capstyle="butt",
            zorder=3,
        )
        times, heights = censored_points(curve, longest)
        size = 5 if len(times) < 150 else 3.5
        marks = {"marker": "|", "markersize": size, "markeredgewidth": 0.7, "linestyle": "none"}
        axes.plot(times, heights * 100, color=color, zorder=4, **marks)

    def _draw_axes(self, axes: Axes, longest: float) -> np.ndarray:
        ticks = self.unit.ticks(longest)
        axes.set_xlim(0, longest * 1.01)
        axes.set_ylim(0, 103)
        axes.set_xticks(ticks, [self.unit.text(t) for t in ticks])
        axes.set_yticks(range(0, 101, 20))
        axes.set_xlabel(self._since().capitalize(), labelpad=2)
        name = endpoint_name(self.endpoint)
        axes.set_ylabel(style.fit_text(f"{name}, %" if name.endswith(")") else f"{name} (%)", PLOT_HEIGHT))
        axes.yaxis.grid(True, color=style.PALE, linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)
        for time in self.at:
            if 0 < time <= longest:
                axes.axvline(time, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)), zorder=2)
        return ticks

    def _draw_legend(self, figure: Figure, top: float, groups, names, colors, dashes) -> None:
        """A small table above the plot: line, group, n, events, median, rates at the asked times."""
        columns: list[tuple[str, list[str]]] = []
        counts = [group_counts(self.curve, self.summary, group) for group in groups]
        columns.append(("n", [format_count(n) for n, _ in counts]))
        columns.append(("events", [format_count(events) for _, events in counts]))
        since, unit = self._since(), self.unit
        if self.summary is not None and len(self.summary):
            columns.append((f"median {since} (95% CI)", [median_text(self.summary, g, unit) for g in groups]))
            for time in self.at:
                texts = [rate_text(self.summary, g, time) for g in groups]
                if any(text != "–" for text in texts):
                    columns.append((f"at {unit.text(time)} {since} (95% CI)", texts))
        widths = [max(style.text_width(t, style.SMALL) for t in (head, *texts)) for head, texts in columns]
        shown_names = [style.fit_text(names[g], 1.9, bold=True) for g in groups]
        start = 0.55 + max(style.text_width(name, style.TEXT, True) for name in shown_names) + GAP
        while len(columns) > 2 and start + sum(widths) + GAP * len(widths) > style.WIDTH - 0.05:
            columns.pop(), widths.pop()

        place = top - LINE * 0.8
        right = start
        for (head, texts), width in zip(columns, widths, strict=True):
            right += width + GAP
            look = {"ha": "right", "fontsize": style.SMALL}
            style.put_text(figure, right, place, head, color=style.GRAY, **look)
            for i, text in enumerate(texts):
                style.put_text(figure, right, place - LINE * (i + 1), text, **look)
        for i, group in enumerate(groups):
            y = place - LINE * (i + 1)
            style.put_line(figure, 0.15, 0.48, y + 0.035, colors[group], dashes[group])
            style.put_text(figure, 0.55, y, shown_names[i], weight="bold", color=style.text_color(colors[group]))

    def _draw_notes(self, axes: Axes, parts: dict[str, Any], longest: float) -> None:
        """The p-values and the hazard ratio, in the corner that the curves leave free."""
        lines = overall_test_lines(self.test)
        lines += [clean_text(self.hazard)] if self.hazard else []
        if not lines:
            return
        lines = [style.fit_text(line, 3.6) for line in lines]
        plot_width = axes.get_position().width * style.WIDTH
        width = max(style.text_width(line, style.TEXT) for line in lines) / plot_width + 0.02
        height = LINE * len(lines) / PLOT_HEIGHT + 0.02
        corners = {
            ("left", "bottom"): (0.015, 0.025),
            ("right", "top"): (0.985 - width, 0.975 - height),
            ("right", "bottom"): (0.985 - width, 0.025),
            ("left", "top"): (0.015, 0.975 - height),
        }
        crossings = {
            corner: _crossings(parts, longest, (x, y, x + width, y + height)) for corner, (x, y) in corners.items()
        }
        ha, va = min(crossings, key=crossings.__getitem__)
        axes.text(
            0.015 if ha == "left" else 0.985,
            0.025 if va == "bottom" else 0.975,
            "\n".join(lines),
            transform=axes.transAxes,
            ha=ha,
            va=va,
            multialignment=ha,
            linespacing=1.35,
            zorder=6,
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5},
        )

    def _draw_numbers(self, figure: Figure, axes, left, bottom, ticks, parts, names, colors) -> None:
        """Numbers at risk, each centered under its tick."""
        place = bottom - 0.55
        plot_width = style.WIDTH - left - 0.32
        methods = self.curve["method"].astype(str) if "method" in self.curve.columns else pd.Series([""])
        heading = "Number at risk (weighted)" if methods.str.contains("weighted").any() else "Number at risk"
        style.put_text(figure, 0.15, place, heading, weight="bold", fontsize=style.SMALL)
        limit = axes.get_xlim()[1]
        for i, (group, part) in enumerate(parts.items()):
            y = place - LINE * (i + 1)
            name = style.fit_text(names[group], left - 0.449)  # a hair more: the room is the widest name's own
            style.put_text(figure, left - 0.3, y, name, ha="right", color=style.text_color(colors[group]))
            for tick, number in zip(ticks, numbers_at_risk(part, ticks), strict=True):
                x = left + tick / limit * plot_width
                style.put_text(figure, x, y, format_count(number), ha="center")


def _crossings(parts: dict[str, Any], longest: float, box: tuple[float, float, float, float]) -> float:
    """How much of the curves and bands lies in a box given in fractions of the plot."""
    grid = np.linspace(box[0], min(box[2], 1.0), 60) * longest * 1.01
    low, high = box[1] * 103, box[3] * 103
    inside = 0.0
    for part in parts.values():
        points = step_points(part, longest)
        index = np.searchsorted(points["time_months"].to_numpy(), grid, side="right") - 1
        reached = grid <= points["time_months"].iloc[-1]
        value = points["survival"].to_numpy()[index] * 100
        upper = np.fmax(points["ci_high"].to_numpy()[index] * 100, value)
        lower = np.fmin(points["ci_low"].to_numpy()[index] * 100, value)
        inside += np.mean(reached & (value >= low - 2) & (value <= high + 2))
        inside += 0.2 * np.mean(reached & (upper >= low) & (lower <= high))
    return float(inside)
