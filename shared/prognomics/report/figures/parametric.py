"""Fitted distributions of survival over the Kaplan-Meier estimate, dashed beyond follow-up."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import ColoredGroups, OrderedGroups, OverTime
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, HEIGHT, LEFT, RIGHT, BOTTOM, LINE = 4.4, 2.9, 0.62, 1.78, 0.86, 0.19
NOT_FITTED = "kaplan_meier"
NAMES = {"weibull": "Weibull", "exponential": "Exponential", "log_normal": "Log-normal", "log_logistic": "Log-logistic",
         "generalized_gamma": "Generalized gamma", "piecewise_exponential": "Piecewise exponential"}  # fmt: skip
DASHED, DOTTED = (0, (5, 2)), (0, (1, 2))
MOST = 12


@dataclass
class ParametricFigure(style.StudyFigure, OrderedGroups, ColoredGroups, OverTime):
    """One panel: all distributions without groups, else the one of the smallest AIC for each group.

    Parameters
    ----------
    curve, fit : DataFrame
        `parametric_survival --out-curve` and `--out-fit`.
    """

    curve: pd.DataFrame
    fit: pd.DataFrame
    _: KW_ONLY
    endpoint: str = ""

    def draw(self) -> Figure:
        """Raises `BadInput` when the curve has no row."""
        if not len(self.curve):
            raise BadInput("there is no curve to draw", where="parametric_survival --out-curve")
        groups = self.in_order(self.curve["group"])
        self.check_colors(groups)
        ranked = self.fit.sort_values("aic", kind="stable")["distribution"].tolist()
        several = len(groups) > 1
        width = LEFT + WIDE + RIGHT
        title = style.title_lines(self.title, width)
        figure = style.new_figure(width, BOTTOM + HEIGHT + 0.15 + style.title_room(title))
        style.put_title(figure, title)
        axes = style.add_axes(figure, LEFT, BOTTOM, WIDE, HEIGHT)
        if several:
            colors = style.group_colors(groups)
            lines = [(clean_text(g) or "–", colors[g], (ranked[0], g)) for g in groups]
        else:
            lines = [(NAMES[name], style.hue(i), (name, groups[0])) for i, name in enumerate(ranked)]
        for _, color, (name, group) in lines:
            self._draw_fitted(axes, name, group, color)
        for group in groups:
            self._draw_steps(axes, group, colors[group] if several else style.INK, band=not several)
        longest = float(self.curve["time_months"].max())
        known = float(self.curve.loc[self.curve["distribution"] == NOT_FITTED, "time_months"].max())
        if known < longest:
            axes.axvline(known, color=style.GRAY, linewidth=0.7, linestyle=DOTTED, zorder=1)
        self._draw_axes(axes, longest)
        top = BOTTOM + HEIGHT - 0.05
        for i, (text, color, _) in enumerate(lines[:MOST]):
            style.put_line(figure, LEFT + WIDE + 0.1, LEFT + WIDE + 0.32, top - LINE * i, color, "solid")
            style.put_text(figure, LEFT + WIDE + 0.38, top - LINE * i, style.fit_text(text, RIGHT - 0.45), va="center")
        said = ["Thin steps: Kaplan-Meier." + (" Band: its 95% interval." if not several else "")]
        said[0] += f" Smooth: {NAMES[ranked[0]]} (smallest AIC)." if several else " Smooth: fitted, in order of AIC."
        if known < longest:
            said.append("Dashed: beyond the last follow-up, where no data support the curves.")
        for i, text in enumerate(reversed(said)):
            style.put_text(figure, LEFT, 0.12 + 0.16 * i, text, fontsize=style.SMALL, color=style.GRAY)
        return figure

    def _part(self, name: str, group: object) -> pd.DataFrame:
        return self.curve[(self.curve["distribution"] == name) & (self.curve["group"] == group)]

    def _draw_fitted(self, axes: Any, name: str, group: object, color: str) -> None:
        part = self._part(name, group)
        beyond = (part["extrapolated"] == "yes").to_numpy()
        time, survival = part["time_months"].to_numpy(float), part["survival"].to_numpy(float) * 100
        axes.plot(time[~beyond], survival[~beyond], color=color, zorder=3)
        if beyond.any():
            start = max(int(np.argmax(beyond)) - 1, 0)
            axes.plot(time[start:], survival[start:], color=color, linestyle=DASHED, zorder=3)

    def _draw_steps(self, axes: Any, group: object, color: str, band: bool) -> None:
        part = self._part(NOT_FITTED, group)
        time, survival = part["time_months"].to_numpy(float), part["survival"].to_numpy(float) * 100
        axes.plot(time, survival, drawstyle="steps-post", color=color, linewidth=0.7, zorder=2)
        if band:
            low, high = (part[side].astype(float).to_numpy() * 100 for side in ("ci_low", "ci_high"))
            axes.fill_between(time, low, high, step="post", color=style.GRAY, alpha=0.18, linewidth=0, zorder=1)

    def _draw_axes(self, axes: Any, longest: float) -> None:
        ticks = self.unit.ticks(longest)
        axes.set_xlim(0, longest * 1.01)
        axes.set_ylim(0, 102)
        axes.set_xticks(ticks, [self.unit.text(t) for t in ticks])
        axes.set_xlabel(self.unit.heading, labelpad=2)
        name = clean_text(self.endpoint)
        axes.set_ylabel(style.fit_text(f"Survival (%){f', {name}' if name else ''}", HEIGHT), labelpad=2)
        axes.yaxis.grid(True, color=style.PALE, linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)
