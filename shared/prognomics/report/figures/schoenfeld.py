"""Scaled Schoenfeld residuals of a Cox model over time: does a log hazard ratio stay the same?"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import OverTime, TimeUnit
from prognomics.report.wording import clean_text, is_absent, p_phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS, FEW, HEIGHT, LEFT, RIGHT = 2, 6, 2.0, 0.62, 0.12  # three across if there are more than a few
MOST_PANELS = 12
P_OF = "change over time: "
MOST_TICKS, FEW_TICKS = 6, 4


@dataclass
class SchoenfeldFigure(OverTime, style.StudyFigure):
    """One panel per coefficient: residuals, a smooth through them, and the coefficient of the model.

    Parameters
    ----------
    residuals : DataFrame
        `cox --out-schoenfeld`.
    ph : DataFrame
        `cox --out-ph`, for the p-values.
    """

    residuals: pd.DataFrame
    ph: pd.DataFrame | None = None
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.residuals):
            raise BadInput("there is no residual to draw", where="cox --out-schoenfeld")
        parts = list(self.residuals.groupby(["model", "covariates", "column"], sort=False, dropna=False))
        n_parts, parts = len(parts), parts[:MOST_PANELS]
        across = min(len(parts), ACROSS + (len(parts) > FEW))
        deep, step = -(-len(parts) // across), style.WIDTH / across
        title = style.title_lines(self.title)
        panel = style.panel_height(HEIGHT, deep, 0.85 * deep + 0.35 + style.title_room(title))
        rise = panel + 0.85
        full = deep * rise + 0.35
        height = full + style.title_room(title)
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        several = self.residuals[["model", "covariates"]].drop_duplicates().shape[0] > 1
        for i, ((model, _, column), part) in enumerate(parts):
            left, bottom = LEFT + (i % across) * step, full - (i // across + 1) * rise + 0.5
            axes = style.add_axes(figure, left, bottom, step - LEFT - RIGHT, panel)
            _draw_panel(axes, part, self.unit, MOST_TICKS if across <= ACROSS else FEW_TICKS)
            name = f"{model}: {column}" if several else str(column)
            room = step - LEFT - RIGHT
            p = self._p_text(part.iloc[0])
            p = p if across <= ACROSS else p.removeprefix(P_OF)
            name = style.fit_text(name, room - style.text_width(p, style.SMALL) - 0.1, bold=True)
            style.put_text(figure, left, bottom + panel + 0.07, name, weight="bold")
            style.put_text(figure, left + room, bottom + panel + 0.07, p, ha="right", fontsize=style.SMALL)
        said = "Points: events. Line: smooth of the points. Dashed: the model's log hazard ratio."
        if "fitted" in self.residuals.columns:
            said = said.removesuffix(".") + ", constant. Dotted: as fitted over time."
        said += " p: change over time." if across > ACROSS else ""
        said += f" The first {len(parts)} of {n_parts}." if n_parts > len(parts) else ""
        style.put_text(figure, LEFT if across <= ACROSS else 0.15, 0.12, said, fontsize=style.SMALL, color=style.GRAY)
        return figure

    def _p_text(self, row: pd.Series) -> str:
        if self.ph is None:
            return ""
        ph = self.ph
        found = ph[(ph["model"] == row["model"]) & (ph["covariates"] == row["covariates"]) & (ph["term"] == row["term"])
                   & (ph["transform"] == row["transform"])]  # fmt: skip
        if not len(found) or is_absent(found["p_value"].iloc[0]):
            return ""
        return f"{P_OF}{p_phrase(found['p_value'].iloc[0])}"


def _draw_panel(axes: Any, part: pd.DataFrame, unit: TimeUnit, most: int) -> None:
    part = part.sort_values("transformed_time", kind="stable")
    x, y = part["transformed_time"].to_numpy(dtype=float), part["scaled"].to_numpy(dtype=float)
    small = 9 if len(x) < 100 else 4
    axes.scatter(x, y, s=small, color=style.low(), alpha=0.45, linewidths=0, zorder=2,
                 rasterized=len(x) > style.MANY_POINTS)  # fmt: skip
    smooth = part["smooth"].to_numpy(dtype=float)
    if np.isfinite(smooth).all():
        axes.plot(x, smooth, color=style.high(), linewidth=1.5, zorder=4)
    axes.axhline(0, color=style.PALE, linewidth=0.8, zorder=1)
    axes.axhline(float(part["beta"].iloc[0]), color=style.INK, linewidth=1, linestyle=(0, (4, 2)), zorder=3)
    if "fitted" in part.columns and part["fitted"].notna().all():
        fitted = part["fitted"].to_numpy(dtype=float)
        axes.plot(x, fitted, color=style.hue(2), linewidth=2, linestyle=(0, (1, 1)),
                  drawstyle="steps-pre", zorder=5)  # fmt: skip
    low, high = np.quantile(y, (0.005, 0.995)) if len(y) > 200 else (y.min(), y.max())
    low, high = min(low, 0.0, float(np.nanmin(smooth, initial=0))), max(high, 0.0, float(np.nanmax(smooth, initial=0)))
    margin = 0.05 * ((high - low) or 1.0)
    axes.set_ylim(low - margin, high + margin)
    ticks, months = _time_ticks(x, part["time_months"].to_numpy(dtype=float), most)
    axes.set_xticks(ticks, [unit.text(month) for month in months])
    scale = clean_text(part["transform"].iloc[0])
    axes.set_xlabel(unit.heading if scale == "identity" else f"{unit.heading} ({scale} scale)", labelpad=2)
    axes.set_ylabel("Scaled residual (log HR)", labelpad=2)


def _time_ticks(position: np.ndarray, months: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Event times at about equal distances on the axis."""
    wanted = np.linspace(position.min(), position.max(), most)
    index = np.unique([int(np.abs(position - place).argmin()) for place in wanted])
    ticks, first = np.unique(position[index], return_index=True)
    months = months[index][first]
    span = (position.max() - position.min()) or 1.0
    keep = np.concatenate(([True], np.diff(ticks) > span / (2.2 * most)))
    return ticks[keep], months[keep]
