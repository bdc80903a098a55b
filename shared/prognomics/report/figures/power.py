"""Power of a study against the true hazard ratio."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, HEIGHT, LEFT, RIGHT, BOTTOM = 4.6, 2.7, 0.62, 1.5, 0.72
MOST_CURVES = 6
TICKS = (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4)


@dataclass
class PowerFigure(style.StudyFigure):
    """A curve for each number of samples, with the powers requested as lines and simulated powers as points.

    Parameters
    ----------
    curve, table : DataFrame
        `power_analysis --out-curve` and `--out-table`.
    """

    curve: pd.DataFrame
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the curve has no row."""
        if not len(self.curve):
            raise BadInput("there is no curve to draw", where="power_analysis --out-curve")
        sizes = list(dict.fromkeys(self.curve["n"]))
        title = style.title_lines(self.title, LEFT + WIDE + RIGHT)
        height = BOTTOM + HEIGHT + 0.15
        figure = style.new_figure(LEFT + WIDE + RIGHT, height + style.title_room(title))
        style.put_title(figure, title)
        axes = style.add_axes(figure, LEFT, BOTTOM, WIDE, HEIGHT)
        wanted = self.table.loc[self.table["question"] != "power", "power"].dropna().unique()
        for power in wanted:
            axes.axhline(power, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1)
        for i, n in enumerate(sizes[:MOST_CURVES]):
            part = self.curve[self.curve["n"] == n]
            look = {"color": style.hue(i % style.n_hues()), "zorder": 3}
            axes.plot(part["hazard_ratio"], part["power"], linestyle=style.DASHES[i % len(style.DASHES)], **look)
            rows = self.table[(self.table["n"] == n) & self.table["power_simulated"].notna()]
            axes.plot(
                rows["hazard_ratio"], rows["power_simulated"], linestyle="none", marker="o", markersize=3.5, **look
            )
        self._legend(figure, sizes)
        low, high = self.curve["hazard_ratio"].min(), self.curve["hazard_ratio"].max()
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1.02)
        ticks = [tick for tick in TICKS if low <= tick <= high]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_yticks(np.linspace(0, 1, 6), [f"{tick:.0%}" for tick in np.linspace(0, 1, 6)])
        axes.set_ylabel("Power", labelpad=2)
        unit = str(self.table["unit"].iloc[0])
        axes.set_xlabel(style.fit_text(f"True hazard ratio ({unit})", WIDE), labelpad=2)
        said = "Dotted: power wanted."
        if self.table["power_simulated"].notna().any():
            said += " Points: simulated studies."
        if len(sizes) > MOST_CURVES:
            said += f" The first {MOST_CURVES} of {len(sizes)} numbers of samples."
        style.put_text(figure, LEFT, 0.12, said, fontsize=style.SMALL, color=style.GRAY)
        return figure

    def _legend(self, figure: Figure, sizes: list[Any]) -> None:
        left, top = LEFT + WIDE + 0.12, BOTTOM + HEIGHT - 0.05
        for i, n in enumerate(sizes[:MOST_CURVES]):
            color, dash = style.hue(i % style.n_hues()), style.DASHES[i % len(style.DASHES)]
            style.put_line(figure, left, left + 0.3, top - 0.2 * i, color, dash)
            style.put_text(figure, left + 0.38, top - 0.2 * i, f"n = {int(n):,}", va="center")
