"""The distribution of a marker with its cut, one panel per cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import SIDES, ColoredGroups, OfValues, OrderedGroups
from prognomics.report.wording import as_number, clean_text, format_count, format_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, EDGE = 0.62, 0.2, 0.15
SINGLE, PANEL, BETWEEN = 2.3, 0.85, 0.36
FEW = 6  # panels; more stand in two columns
BINS = 45


def cut_figure(
    values: Sequence[np.ndarray], table: pd.DataFrame, curve: pd.DataFrame | None, profile: pd.DataFrame | None
) -> style.StudyFigure:
    """The figure that shows how a cutpoint was found: a ROC curve, the profile of a search, or the values alone."""
    learnt = table["policy"] != "prespecified"
    if curve is not None:
        from prognomics.report.figures.roc import RocFigure

        return RocFigure(curve, table[learnt])
    if profile is not None:
        from prognomics.report.figures.cut_profile import CutProfileFigure

        return CutProfileFigure(profile, table[learnt])
    return CutpointFigure(values, table)


@dataclass
class CutpointFigure(OrderedGroups, ColoredGroups, OfValues, style.StudyFigure):
    """Histograms of the marker, colored by the side of the cutpoint that a value falls on.

    Parameters
    ----------
    values : sequence of array_like
        The marker's values behind each row of the table; NaN is not drawn.
    table : DataFrame
        `cutpoint --out-table`: `marker, rule, lowest_high, n_low, n_high, learnt_in`, and with two
        quantiles `lowest_not_low, n_middle`.
    title : str
    """

    values: Sequence[np.ndarray]
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` without a cutpoint, or when values and cuts differ in number."""
        if not len(self.table) or len(self.values) != len(self.table):
            sets = f"{len(self.values)} sets of values for {len(self.table)} cuts"
            raise BadInput(sets, where="cutpoint --out-table")
        self.check_colors(SIDES)
        table = self.table.iloc[order := self.places(self.table["learnt_in"])]
        parts = [np.asarray(self.values[i], dtype=float) for i in order]
        parts = [v[np.isfinite(v)] for v in parts]
        everything = np.concatenate(parts)
        edges = _edges(everything, max(map(len, parts)))
        many = len(parts) > 1
        title = style.title_lines(self.title)
        top = 0.42 + 0.2 * len(title)
        columns = 1 + (len(parts) > FEW)
        deep = -(-len(parts) // columns)
        around = 0.5 + (deep - 1) * BETWEEN + top
        panel = style.panel_height(PANEL, deep, around) if many else SINGLE
        height = around + deep * panel
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        width = style.WIDTH / columns - LEFT - RIGHT
        for i, values in enumerate(parts):
            row = table.iloc[i]
            column, place = divmod(i, deep)
            left, bottom = LEFT + column * style.WIDTH / columns, height - top - panel - place * (panel + BETWEEN)
            axes = style.add_axes(figure, left, bottom, width, panel)
            _draw_panel(axes, values, row, edges)
            axes.set_ylabel("Samples", labelpad=3)
            axes.locator_params(axis="y", nbins=3 if many else 6, integer=True)
            put = "the others, cut of " if many and row.get("policy") == "prespecified" else ""
            name = f"{put}{clean_text(row['learnt_in'])}" if many else ""
            _head(figure, (left, left + width), bottom + panel + 0.1, name, row, brief=columns > 1)
            if place == deep - 1 or i == len(parts) - 1:
                axes.set_xlabel(style.fit_text(self.with_unit(clean_text(row["marker"])), width), labelpad=2)
            else:
                axes.set_xticklabels([])
        return figure


def _edges(values: np.ndarray, most: int) -> np.ndarray:
    """Edges of the bars: as many as the samples carry, the same in all panels."""
    low, high = float(values.min()), float(values.max())
    bars = int(np.clip(2 * np.sqrt(most), 8, BINS))
    return np.linspace(low, high if high > low else low + 1, bars + 1)


def _cuts(row: pd.Series) -> list[float]:
    cuts = [as_number(row.get("lowest_not_low")), as_number(row["lowest_high"])]
    return [cut for cut in cuts if cut == cut]


def _draw_panel(axes: Any, values: np.ndarray, row: pd.Series, edges: np.ndarray) -> None:
    """Bars stacked by side, so that a bar with the cutpoint inside shows both colors."""
    cuts = _cuts(row)
    sides = np.searchsorted(cuts, values, side="right")
    colors = (style.low(), style.high()) if len(cuts) == 1 else (style.low(), style.PALE, style.high())
    base = np.zeros(len(edges) - 1)
    for side, color in enumerate(colors):
        counts, _ = np.histogram(values[sides == side], edges)
        axes.bar(edges[:-1], counts, np.diff(edges), bottom=base, align="edge", color=color, edgecolor="white",
                 linewidth=0.4, zorder=2)  # fmt: skip
        base += counts
    for cut in cuts:
        axes.axvline(cut, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=3)
    margin = 0.02 * (edges[-1] - edges[0])
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)
    axes.set_ylim(0, max(base.max() * 1.08, 1))


def _head(figure: Any, ends: tuple[float, float], y: float, name: str, row: pd.Series, brief: bool) -> None:
    """One line over a panel: the rule and its cut, and how many are low and high, in their colors."""
    cuts = [format_number(cut, 4) for cut in _cuts(row)]
    where = f"low below {cuts[0]}, high from {cuts[1]}" if len(cuts) > 1 else f"high from {cuts[0]}"
    low, high = (f"{format_count(row[f'n_{side}'])} {side}" for side in ("low", "high"))
    counts = [(low, style.low()), (high, style.high())]
    if as_number(row.get("n_middle")) > 0:
        counts.insert(1, (f"{format_count(row['n_middle'])} between", style.GRAY))
    left, right = ends
    for text, color in reversed(counts):
        style.put_text(figure, right, y, text, ha="right", weight="bold", color=color)
        right -= style.text_width(text, style.TEXT, True) + 0.16
    said = f"cut {' and '.join(cuts)}" if brief else f"{clean_text(row['rule'])}, {where}"
    rule = style.fit_name(name, f": {said}", right - left) if name else style.fit_text(said, right - left)
    style.put_text(figure, left, y, rule, **({"weight": "bold"} if name else {}))
