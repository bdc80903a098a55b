"""Enriched gene sets as dots, and the running score of the first."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, format_count, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW, LEFT, RIGHT, BOTTOM = 0.22, 2.75, 0.95, 0.5
RUNNING, GAP, NAME = 1.5, 0.6, 0.22
SMALLEST_DOT, LARGEST_DOT = 14.0, 90.0


@dataclass
class EnrichmentFigure(style.StudyFigure):
    """Normalized scores or odds ratios of the first sets; size by genes found, filled below a false discovery rate.

    Parameters
    ----------
    table : DataFrame
        `enrichment --out-table`.
    running : DataFrame or None
        Corners of the running score of the first set: `rank, score, hit`.
    top : int
        Sets to show.
    fdr : float
    title : str
    """

    table: pd.DataFrame
    running: pd.DataFrame | None = None
    _: KW_ONLY
    top: int = 15
    fdr: float = 0.05

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table has no row", where="enrichment --out-table")
        rows = self.table.head(self.top)
        title = style.title_lines(self.title)
        above = 0.42 + 0.22 * len(title)
        extra = 0.0 if self.running is None else RUNNING + GAP + NAME
        height = min(ROW * (len(rows) + 1), style.PAGE_HEIGHT - BOTTOM - extra - above)
        figure = style.new_figure(style.WIDTH, BOTTOM + height + extra + above)
        style.put_title(figure, title, 0.055, 0.22)
        place = BOTTOM + height + extra + 0.1
        style.put_text(figure, 0.15, place, style.fit_text(self._summary(), 6.5, style.SMALL), fontsize=style.SMALL,
                       color=style.GRAY)  # fmt: skip
        self._dots(style.add_axes(figure, LEFT, BOTTOM, style.WIDTH - LEFT - RIGHT, height), rows)
        if self.running is not None:
            axes = style.add_axes(figure, 0.62, BOTTOM + height + GAP, style.WIDTH - 0.62 - 0.2, RUNNING)
            self._running(axes, str(rows["set"].iloc[0]))
        return figure

    def _dots(self, axes: Any, rows: pd.DataFrame) -> None:
        ranked = str(rows["method"].iloc[0]).startswith("gsea")
        if ranked:
            x = rows["nes"].fillna(rows["es"]).to_numpy(float)
        else:
            x = rows["overlap"].to_numpy(float) / np.maximum(rows["expected"].to_numpy(float), 1e-12)
        y = -np.arange(len(rows), dtype=float)
        counts = rows["n_found" if ranked else "overlap"].to_numpy(float)
        span = max(float(np.ptp(np.sqrt(counts))), 1e-9)
        sizes = SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * (np.sqrt(counts) - np.sqrt(counts.min())) / span
        found = rows["q_value"].to_numpy(float) < self.fdr
        middle = 0.0 if ranked else 1.0
        for chosen, color in ((x >= middle, style.high()), (x < middle, style.low())):
            for filled in (True, False):
                own = chosen & (found == filled)
                axes.scatter(x[own], y[own], s=sizes[own], facecolors=color if filled else "white", edgecolors=color,
                             linewidths=1.0, zorder=3)  # fmt: skip
        axes.axvline(middle, color=style.PALE, linewidth=0.8, zorder=1)
        low, high = min(float(x.min()), middle), max(float(x.max()), middle)
        around = 0.08 * max(high - low, 0.1)
        axes.set_xlim(low - around, high + around)
        axes.set_ylim(-len(rows) + 0.2, 0.8)
        names = [style.fit_text(clean_text(str(name)), LEFT - 0.25, style.SMALL) for name in rows["set"]]
        axes.set_yticks(y, names, fontsize=style.SMALL)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("Normalized enrichment score" if ranked else "Genes of the set in the list, over expected")
        across = axes.get_xlim()[1] + 0.02 * np.ptp(axes.get_xlim())
        for at, q, count in zip(y, rows["q_value"], counts, strict=True):
            axes.text(across, at, f"q {q:.2g} ({format_count(count)})", fontsize=style.SMALL, va="center",
                      color=style.INK if q < self.fdr else style.GRAY, clip_on=False)  # fmt: skip

    def _running(self, axes: Any, name: str) -> None:
        x, y = self.running["rank"].to_numpy(float), self.running["score"].to_numpy(float)
        axes.plot(x, y, color=style.INK, linewidth=1.1, zorder=3)
        axes.axhline(0, color=style.PALE, linewidth=0.8, zorder=1)
        low, high = min(float(y.min()), 0.0), max(float(y.max()), 0.0)
        span = max(high - low, 0.1)
        hits = np.unique(self.running.loc[self.running["hit"].astype(bool), "rank"].to_numpy(float))
        axes.vlines(hits - 0.5, low - 0.2 * span, low - 0.08 * span, color=style.GRAY, linewidth=0.6, zorder=2)
        axes.set_xlim(0, x.max())
        axes.set_ylim(low - 0.24 * span, high + 0.06 * span)
        axes.set_xlabel("Rank of the gene, highest statistic first", labelpad=2)
        axes.set_ylabel("Running score", labelpad=2)
        axes.set_title(style.fit_text(clean_text(name), 5.5, style.SMALL), fontsize=style.SMALL, loc="left", pad=4)

    def _summary(self) -> str:
        found = int((self.table["q_value"] < self.fdr).sum())
        kind = "preranked" if str(self.table["method"].iloc[0]).startswith("gsea") else "over-representation"
        sets = plural(len(self.table), "set")
        return f"{sets}, {kind}; {format_count(found)} at a false discovery rate of {self.fdr:.0%} (filled)"
