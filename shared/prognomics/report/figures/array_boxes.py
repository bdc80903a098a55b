"""Relative log expression and relative standard errors of arrays, a box each; arrays that stand out in color."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, HEIGHT, BETWEEN, TOP = 0.62, 0.15, 1.55, 0.42, 0.42
MOST_NAMES = 60  # arrays; with more, only those that stand out are named
MANY_ARRAYS = 400  # more become pixels in SVG and PDF too
LONGEST_NAME = 1.1  # inches
NAME_STEP = 0.13  # inches between two names, at least
PANELS = (("rle", "Relative log expression", 0.0), ("nuse", "Relative standard error (NUSE)", 1.0))
ENDS = (5, 25, 50, 75, 95)


@dataclass
class ArrayBoxesFigure(style.StudyFigure):
    """Two rows of boxes: quartiles with whiskers to the 5th and 95th percentile.

    Parameters
    ----------
    table : DataFrame
        `rma --out-quality`: `sample_id, flags, rle_p5 ... nuse_p95`.
    title : str
    """

    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table of array quality has no row", where="rma --out-quality")
        flagged = (self.table["flags"] != "none").to_numpy()
        names = [style.fit_text(clean_text(n), LONGEST_NAME, style.SMALL) for n in self.table["sample_id"]]
        shown = self._named(flagged)
        below = 0.2 + max((style.text_width(names[i], style.SMALL) for i in shown), default=0.0)
        width = style.WIDTH - LEFT - RIGHT
        title = style.title_lines(self.title)
        total = below + 2 * HEIGHT + BETWEEN + TOP + 0.19 * len(title)
        figure = style.new_figure(style.WIDTH, total)
        style.put_title(figure, title, 0.1, 0.19)
        for place, (measure, label, center) in enumerate(PANELS):
            bottom = below + (1 - place) * (HEIGHT + BETWEEN)
            axes = style.add_axes(figure, LEFT, bottom, width, HEIGHT)
            self._draw_boxes(axes, measure, center, flagged)
            style.put_text(figure, LEFT, bottom + HEIGHT + 0.09, label, weight="bold")
            axes.set_xticks([])
        axes.set_xticks([i + 1 for i in shown], [names[i] for i in shown], rotation=90, fontsize=style.SMALL)
        for text, i in zip(axes.get_xticklabels(), shown, strict=True):
            text.set_color(style.high() if flagged[i] else style.INK)
        if flagged.any():
            key = "arrays that stand out"
            place = style.WIDTH - RIGHT - style.text_width(key, style.SMALL)
            style.put_text(figure, place, below + 2 * HEIGHT + BETWEEN + 0.09, key, fontsize=style.SMALL,
                           color=style.high())  # fmt: skip
        return figure

    def _named(self, flagged: np.ndarray) -> list[int]:
        """Numbers of the arrays whose names find room."""
        n = len(flagged)
        room = int((style.WIDTH - LEFT - RIGHT) / NAME_STEP)
        if n <= min(MOST_NAMES, room):
            return list(range(n))
        apart, last = [], -n
        for i in np.flatnonzero(flagged).tolist():
            if i - last >= n / room:
                apart.append(i)
                last = i
        return apart

    def _draw_boxes(self, axes: Any, measure: str, center: float, flagged: np.ndarray) -> None:
        from matplotlib.collections import LineCollection, PatchCollection
        from matplotlib.patches import Rectangle

        low, q1, middle, q3, high = (self.table[f"{measure}_p{p}"].to_numpy(dtype=float) for p in ENDS)
        known = np.isfinite(middle)
        axes.tick_params(axis="x", length=0)
        if not known.any():
            axes.text(0.5, 0.5, "needs at least two arrays", transform=axes.transAxes, ha="center", color=style.GRAY)
            axes.set_yticks([])
            axes.set_xlim(0.3, len(known) + 0.7)
            return
        axes.axhline(center, color=style.PALE, linewidth=0.8, zorder=1)
        many = len(known) > MANY_ARRAYS
        stands_out = 0.36 * max(len(known) / MANY_ARRAYS, 1) ** 1.5  # half the width of a box
        thin = min(0.6, 72 * (style.WIDTH - LEFT - RIGHT) / len(known) * 0.25)  # so that boxes stay to be seen
        for mine, color, half in ((known & ~flagged, style.low(), 0.36), (known & flagged, style.high(), stands_out)):
            at = np.flatnonzero(mine)
            lines = [[(i + 1, a[i]), (i + 1, b[i])] for i in at for a, b in ((low, q1), (q3, high))]
            axes.add_collection(LineCollection(lines, colors=color, linewidths=thin, zorder=2, rasterized=many))
            boxes = [Rectangle((i + 1 - half, q1[i]), 2 * half, max(q3[i] - q1[i], 0)) for i in at]
            filled = {"facecolor": color, "linewidths": 0, "alpha": 0.5, "zorder": 3, "rasterized": many}
            axes.add_collection(PatchCollection(boxes, **filled))
            bars = [[(i + 1 - half, middle[i]), (i + 1 + half, middle[i])] for i in at]
            axes.add_collection(LineCollection(bars, colors=color, linewidths=1.1, zorder=4, rasterized=many))
        axes.set_xlim(0.3, len(known) + 0.7)
        ends = np.array([np.nanmin(low[known]), np.nanmax(high[known]), center])
        room = 0.06 * (ends.max() - ends.min()) or 0.1
        axes.set_ylim(ends.min() - room, ends.max() + room)
        axes.locator_params(axis="y", nbins=5)
