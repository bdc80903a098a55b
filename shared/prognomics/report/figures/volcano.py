"""A screen's volcano plot: hazard ratio against p-value, a point a gene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, format_count, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT, LEFT, RIGHT, BOTTOM, EDGE = 3.9, 0.62, 0.2, 0.5, 0.15
NAMED = 12
OBSTACLES, DOT = 60, 0.025  # the strongest points, and half their width in inches: names keep off them
RASTER_FROM = 3000
SMALLEST = 1e-300
UNITS = {
    "per standard deviation": " per SD within cohort",
    "per unit": " per unit",
    "at the median": ", high against low at the median",
    "best of all cuts": ", high against low at the best cut",
}


@dataclass
class VolcanoFigure(style.StudyFigure):
    """Log2 hazard ratio against -log10 p, the genes below a false discovery rate in color.

    Parameters
    ----------
    table : DataFrame
        `screen --out-table`.
    highlight : sequence of str
        Genes to name regardless of their p-value.
    fdr : float
        Genes with a q-value below it are colored: worse prognosis vermillion, better blue.
    title : str
    """

    table: pd.DataFrame
    _: KW_ONLY
    highlight: Sequence[str] = ()
    fdr: float = 0.05
    effect: ClassVar[str] = "hr"
    sides: ClassVar[str] = "{} with worse, {} with better survival where higher"

    def draw(self) -> Figure:
        """Raises `BadInput` when no gene has a p-value."""
        rows = self.table[self.table["p_value"].notna() & self.table[self.effect].notna()]
        if not len(rows):
            raise BadInput("no gene has a p-value and an effect", where="the table of the volcano plot")
        title = style.title_lines(self.title)
        top = 0.42 + 0.22 * len(title)
        figure = style.new_figure(style.WIDTH, HEIGHT + top)
        style.put_title(figure, title, 0.055, 0.22)
        axes = style.add_axes(figure, LEFT, BOTTOM, style.WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM)
        x = _bounded(self._logarithms(rows[self.effect].to_numpy(float)))
        y = -np.log10(np.maximum(rows["p_value"].to_numpy(float), SMALLEST))
        found = rows["q_value"].to_numpy(float) < self.fdr
        self._points(axes, x, y, found)
        self._names(axes, x, y, rows["gene_id"].astype(str).to_numpy(), found)
        style.put_text(figure, LEFT, HEIGHT + 0.1, style.fit_text(self._summary(x, found), 6.0, style.SMALL),
                       fontsize=style.SMALL, color=style.GRAY)  # fmt: skip
        return figure

    def _points(self, axes: Any, x: np.ndarray, y: np.ndarray, found: np.ndarray) -> None:
        size = float(np.clip(6000 / len(x), 3, 16))
        raster = len(x) > RASTER_FROM  # or a vector file would hold tens of thousands of shapes
        for chosen, color, alpha, order in (
            (~found, "#9A9A9A", 0.6, 2),
            (found & (x >= 0), style.high(), 0.85, 3),
            (found & (x < 0), style.low(), 0.85, 3),
        ):
            axes.scatter(x[chosen], y[chosen], s=size, color=color, alpha=alpha, linewidths=0, zorder=order,
                         rasterized=raster)  # fmt: skip
        reach = max(float(np.abs(x).max()) * 1.12, 0.1)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(0, max(float(y.max()) * 1.1, 1.5))
        axes.axvline(0, color=style.PALE, linewidth=0.7, zorder=1)
        if found.any():
            line = float(y[found].min())
            axes.axhline(line, color=style.GRAY, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        axes.set_xlabel(self._axis_label(), labelpad=3)
        axes.set_ylabel("\u2212log\u2081\u2080 p", labelpad=3)

    def _names(self, axes: Any, x: np.ndarray, y: np.ndarray, genes: np.ndarray, found: np.ndarray) -> None:
        wanted = [int(np.flatnonzero(genes == gene)[0]) for gene in self.highlight if (genes == gene).any()]
        strongest = [int(i) for i in np.argsort(-y, kind="stable")[:NAMED] if found[i] or i in wanted]
        width, height = style.WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM
        across, up = width / np.ptp(axes.get_xlim()), height / np.ptp(axes.get_ylim())
        corner = axes.get_xlim()[0]
        near = np.argsort(-y, kind="stable")[:OBSTACLES]
        dots = [((x[i] - corner) * across, y[i] * up) for i in [*near, *wanted]]
        taken = [(px - DOT, py - DOT, px + DOT, py + DOT) for px, py in dots]
        for i in dict.fromkeys([*wanted, *strongest]):
            text = style.fit_text(clean_text(genes[i]), 1.1, style.SMALL)
            long = style.text_width(text, style.SMALL)
            px, py = (x[i] - corner) * across, y[i] * up
            place = _free_place(px, py, long, taken, width, height)
            bold = i in wanted
            if place is None and not bold:
                continue
            left, low = place or (px + 0.05, py - 0.04)
            taken.append((left, low, left + long, low + 0.11))
            axes.text(left / across + corner, low / up, text, fontsize=style.SMALL, va="bottom",
                      weight="bold" if bold else "normal", zorder=6)  # fmt: skip
            if bold:
                axes.scatter(x[i], y[i], s=26, facecolors="none", edgecolors=style.INK, linewidths=0.9, zorder=5)

    def _logarithms(self, effects: np.ndarray) -> np.ndarray:
        """Effects as they are drawn, none at zero."""
        result: np.ndarray = np.log2(np.maximum(effects, SMALLEST))
        return result

    def _axis_label(self) -> str:
        method = str(self.table["method"].iloc[0])
        unit = next((unit for words, unit in UNITS.items() if words in method), "")
        return f"log\u2082 hazard ratio{unit}"

    def _adjusted(self) -> str:
        strata = str(self.table["strata"].iloc[0])
        return "" if strata == "none" else f"; stratified by {strata}"

    def _summary(self, x: np.ndarray, found: np.ndarray) -> str:
        worse, better = int((found & (x >= 0)).sum()), int((found & (x < 0)).sum())
        genes = plural(len(x), "gene")
        how = self._adjusted()
        if not worse + better:
            return f"{genes}; none at a false discovery rate of {self.fdr:.0%}{how}"
        sides = self.sides.format(format_count(worse), format_count(better))
        return f"{genes}; false discovery rate {self.fdr:.0%}: {sides}{how}"


def _bounded(x: np.ndarray) -> np.ndarray:
    """Estimates far outside the others drawn at the edge, so that one odd gene does not press all into a line."""
    edge = 4 * max(float(np.quantile(np.abs(x), 0.99)), 0.05)
    result: np.ndarray = np.clip(x, -edge, edge)
    return result


def _free_place(
    px: float, py: float, long: float, taken: list[tuple[float, float, float, float]], width: float, height: float
) -> tuple[float, float]:
    """The first place beside a point, in inches, that touches no name; None where all are taken."""
    for left, low in (
        (px + 0.05, py - 0.05), (px - 0.05 - long, py - 0.05), (px - long / 2, py + 0.04), (px - long / 2, py - 0.16),
        (px + 0.05, py + 0.04), (px - 0.05 - long, py + 0.04),
    ):  # fmt: skip
        box = (left, low, left + long, low + 0.11)
        inside = left >= 0 and left + long <= width and low >= 0 and low + 0.11 <= height
        if inside and not any(a[0] < box[2] and box[0] < a[2] and a[1] < box[3] and box[1] < a[3] for a in taken):
            return left, low
    return None
