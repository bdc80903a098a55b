"""Hazard ratio along a variable that enters a Cox model as a restricted cubic spline."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, is_absent, p_phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS, FEW, HEIGHT, LEFT, RIGHT = 2, 6, 2.2, 0.62, 0.12  # three across if there are more than a few
MOST_PANELS = 12
P_OF = "against a line: "
TICK_ROOM = 0.17  # inches between two labels of an axis
WIDEST = 1000.0


@dataclass
class SplineCurveFigure(style.StudyFigure):
    """One panel per spline: hazard ratio against the variable's median, with its band.

    Parameters
    ----------
    curve : DataFrame
        `cox --out-spline`.
    """

    curve: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.curve):
            raise BadInput("there is no spline to draw", where="cox --out-spline")
        parts = list(self.curve.groupby(["model", "covariates", "term"], sort=False, dropna=False))
        n_parts, parts = len(parts), parts[:MOST_PANELS]
        most = ACROSS + (len(parts) > FEW)
        across = min(len(parts), most)
        deep, step = -(-len(parts) // across), style.WIDTH / most
        width = max(step * across, 4.6)
        title = style.title_lines(self.title, width)
        panel = style.panel_height(HEIGHT, deep, 0.8 * deep + 0.25 + style.title_room(title))
        rise = panel + 0.8
        height = deep * rise + 0.25
        figure = style.new_figure(width, height + style.title_room(title))
        style.put_title(figure, title)
        several = self.curve[["model", "covariates"]].drop_duplicates().shape[0] > 1
        if across == 1:
            step = 4.6
        for i, ((model, _, term), part) in enumerate(parts):
            left, bottom = LEFT + (i % across) * step, height - (i // across + 1) * rise + 0.5
            room = step - LEFT - RIGHT
            axes = style.add_axes(figure, left, bottom, room, panel)
            _draw_panel(axes, part, clean_text(term), room, panel)
            p = part["p_nonlinear"].iloc[0]
            said = "" if is_absent(p) else f"{P_OF * (across <= ACROSS)}{p_phrase(p)}"
            name = f"{model}: {term}" if several else str(term)
            name = style.fit_text(name, room - style.text_width(said, style.SMALL) - 0.1, bold=True)
            style.put_text(figure, left, bottom + panel + 0.07, name, weight="bold")
            style.put_text(figure, left + room, bottom + panel + 0.07, said, ha="right", fontsize=style.SMALL)
        said = "Band: 95% interval, pointwise. Dotted: the reference, the median."
        said += " p: against a line." if across > ACROSS else ""
        said += f" The first {len(parts)} of {n_parts}." if n_parts > len(parts) else ""
        look = {"fontsize": style.SMALL, "color": style.GRAY}
        style.put_text(figure, LEFT, 0.12, said, **look)
        return figure


def _draw_panel(axes: Any, part: pd.DataFrame, name: str, width: float, height: float) -> None:
    x = part["value"].to_numpy(dtype=float)
    ratio, low, high = (part[column].to_numpy(dtype=float) for column in ("hr", "ci_low", "ci_high"))
    low, high = np.clip(low, 1 / WIDEST, WIDEST), np.clip(high, 1 / WIDEST, WIDEST)
    axes.fill_between(x, low, high, color=style.low(), alpha=0.15, linewidth=0, zorder=1)
    axes.plot(x, np.clip(ratio, 1 / WIDEST, WIDEST), color=style.low(), zorder=3)
    axes.axhline(1, color=style.INK, linewidth=0.7, zorder=2)
    middle = float(part["reference_value"].iloc[0])
    axes.axvline(middle, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)), zorder=2)
    axes.set_yscale("log")
    bottom, top = min(low.min(), 0.5), max(high.max(), 2.0)
    axes.set_ylim(bottom * 0.93, top * 1.07)
    choices = np.array([0.001, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 2, 4, 10, 30, 100, 1000])
    ticks = choices[(choices >= bottom * 0.93) & (choices <= top * 1.07)]
    ticks = _apart(ticks, TICK_ROOM * np.log(top / bottom * 1.15) / height)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(x.min(), x.max())
    axes.set_xlabel(style.fit_text(name, min(width, 2.4)), labelpad=2)
    axes.set_ylabel("Hazard ratio", labelpad=2)


def _apart(ticks: np.ndarray, least: float) -> np.ndarray:
    """Ticks of a log axis whose logarithms differ by `least` or more, from 1 outwards."""
    kept = [1.0]
    for tick in sorted(ticks, key=lambda t: abs(np.log(t))):
        if all(abs(np.log(tick / other)) >= least for other in kept):
            kept.append(float(tick))
    return np.sort(kept)
