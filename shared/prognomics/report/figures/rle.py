"""Relative log expression of each sample, cohort after cohort."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import ColoredGroups, OrderedGroups
from prognomics.report.wording import clean_text, format_count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 2.6
LEFT, RIGHT, TOP = 0.62, 0.15, 0.3
BOTTOM, BOTTOM_SLANTED = 0.36, 0.9
GAP_SHARE = 0.02  # between cohorts, of all samples
MAX_LABEL = 1.05  # inches of a slanted name


@dataclass
class RleFigure(OrderedGroups, ColoredGroups, style.StudyFigure):
    """Median and quartiles of each sample's deviation from its cohort; outliers are marked with a ring.

    Parameters
    ----------
    samples : DataFrame
        `quality_control --out-samples`: `sample_id, cohort, rle_q1, rle_median, rle_q3, rle_outlier`.
    title : str
    """

    samples: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.samples):
            raise BadInput("the table of samples has no row", where="quality_control --out-samples")
        width = style.WIDTH - LEFT - RIGHT
        found = dict(list(self.samples.groupby(self.samples["cohort"].map(clean_text), sort=False)))
        self.check_colors(found)
        parts = [(name, found[name]) for name in self.in_order(found)]
        gap = max(1.0, GAP_SHARE * len(self.samples))
        start, end = 0.0, len(self.samples) + gap * (len(parts) - 1)
        per_sample = width / end
        names = [f"{name} ({format_count(len(part))})" for name, part in parts]
        slanted = any(style.text_width(name, style.SMALL) > len(part) * per_sample
                      for name, (_, part) in zip(names, parts, strict=True))  # fmt: skip
        bottom = BOTTOM_SLANTED if slanted else BOTTOM
        title = style.title_lines(self.title)
        figure = style.new_figure(style.WIDTH, HEIGHT + bottom + TOP + style.title_room(title))
        style.put_title(figure, title)
        axes = style.add_axes(figure, LEFT, bottom, width, HEIGHT)
        many = len(self.samples) > style.MANY_POINTS
        for number, (cohort, part) in enumerate(parts):
            color = style.chosen_color(cohort) or style.hue(number)
            x = start + np.arange(len(part))
            q1, median, q3 = (part[f"rle_{c}"].to_numpy(dtype=float) for c in ("q1", "median", "q3"))
            line = float(np.clip(72 * per_sample * 0.6, 0.3, 4))
            axes.vlines(x, q1, q3, color=color, linewidth=line, alpha=0.55, zorder=2, rasterized=many)
            axes.scatter(x, median, s=float(np.clip(60 * per_sample, 0.8, 12)), color=style.INK, linewidths=0, zorder=3,
                         rasterized=many)  # fmt: skip
            far = (part["rle_outlier"] == "yes").to_numpy()
            axes.scatter(x[far], median[far], s=34, facecolors="none", edgecolors=style.high(), linewidths=1.1,
                         zorder=4)  # fmt: skip
            self._label(axes, names[number], start + (len(part) - 1) / 2, slanted)
            start += len(part) + gap
        axes.axhline(0, color=style.GRAY, linewidth=0.7, zorder=1)
        axes.set_xlim(-gap, end - 1 + gap)
        axes.set_xticks([])
        axes.set_ylabel("Relative log expression (log2)")
        said = "Each bar a sample: quartiles over genes; dot: median"
        if (self.samples["rle_outlier"] == "yes").any():
            said += "; ring: far from its cohort"
        top = bottom + HEIGHT + 0.1
        style.put_text(figure, LEFT, top, style.fit_text(said, width, style.SMALL), fontsize=style.SMALL,
                       color=style.GRAY)  # fmt: skip
        return figure

    @staticmethod
    def _label(axes: Any, name: str, middle: float, slanted: bool) -> None:
        """The cohort's name under its samples."""
        look = {"ha": "right", "rotation": 50, "rotation_mode": "anchor"} if slanted else {"ha": "center"}
        axes.annotate(
            style.fit_text(name, MAX_LABEL, style.SMALL) if slanted else name, (middle, 0), va="top",
            xycoords=("data", "axes fraction"), xytext=(0, -4), textcoords="offset points", fontsize=style.SMALL,
            **look,
        )  # fmt: skip
