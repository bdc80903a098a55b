"""Consensus of samples in order of their classes, and the stability of each number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, format_count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE, LEFT, BETWEEN, FOOT = 2.9, 1.0, 0.85, 0.62
MEASURES = (("pac", "Ambiguous pairs", "o", "solid"), ("silhouette", "Silhouette", "s", "dashed"))


@dataclass
class ConsensusFigure(style.StudyFigure):
    """A heat map of the consensus of the chosen number of classes, next to the stability of all numbers.

    Parameters
    ----------
    consensus : numpy.ndarray, shape (n_samples, n_samples)
    classes : numpy.ndarray of str, shape (n_samples,)
    names : sequence of str
        Classes in their order.
    table : DataFrame
        `cluster_samples --out-table`.
    """

    consensus: np.ndarray
    classes: np.ndarray
    names: Sequence[str]
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when there is no sample."""
        from matplotlib.colors import LinearSegmentedColormap

        if not len(self.classes):
            raise BadInput("there is no sample", where="cluster_samples --out-groups")
        title = style.title_lines(self.title)
        top = 0.42 + 0.2 * len(title)
        figure = style.new_figure(LEFT + SIDE + BETWEEN + SIDE * 0.8 + 0.2, FOOT + SIDE + top)
        style.put_title(figure, title)
        order = np.concatenate([np.flatnonzero(self.classes == name) for name in self.names])
        axes = style.add_axes(figure, LEFT, FOOT, SIDE, SIDE)
        image = np.nan_to_num(self.consensus[np.ix_(order, order)])
        shades = LinearSegmentedColormap.from_list("consensus", ["white", style.low()])
        axes.imshow(image, cmap=shades, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
        sizes = [int((self.classes == name).sum()) for name in self.names]
        ends = np.cumsum(sizes)
        for end in ends[:-1]:
            axes.axhline(end - 0.5, color=style.GRAY, linewidth=0.8)
            axes.axvline(end - 0.5, color=style.GRAY, linewidth=0.8)
        labels = [style.fit_name(clean_text(name), f" ({format_count(n)})", LEFT - 0.2, style.SMALL, bold=False)
                  for name, n in zip(self.names, sizes, strict=True)]  # fmt: skip
        axes.set_yticks(ends - np.array(sizes) / 2 - 0.5, labels, fontsize=style.SMALL)
        axes.set_xticks([])
        axes.tick_params(length=0)
        style.put_text(figure, LEFT, FOOT + SIDE + 0.08, "Consensus of samples by class (n)", fontsize=style.SMALL)
        self._draw_stability(figure)
        return figure

    def _draw_stability(self, figure: Figure) -> None:
        left, width = LEFT + SIDE + BETWEEN, SIDE * 0.8
        axes = style.add_axes(figure, left, FOOT, width, SIDE)
        k = self.table["k"].to_numpy()
        for name, label, marker, dash in MEASURES:
            axes.plot(k, self.table[name], marker=marker, linestyle=dash, color=style.INK, label=label, markersize=4)
        chosen = k[(self.table["chosen"] == "yes").to_numpy()]
        axes.axvline(chosen[0], color=style.GRAY, linewidth=0.8, zorder=0)
        axes.set_xticks(k)
        axes.set_ylim(min(0.0, float(self.table["silhouette"].min())) - 0.05, 1.05)
        axes.set_xlabel("Number of classes", fontsize=style.SMALL)
        axes.legend(frameon=False, fontsize=style.SMALL, loc="upper right")
        style.put_text(figure, left, FOOT + SIDE + 0.08, "Stability (line: chosen)", fontsize=style.SMALL)
