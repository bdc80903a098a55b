"""Cohorts at a glance: platform, samples and events, follow-up."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import OverTime
from prognomics.report.wording import as_number, clean_text, format_count, is_absent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.25
HEAD, FOOT = 0.42, 0.58
NAME, PLATFORM = 1.3, 1.7


def _outcomes() -> tuple[tuple[str, str], ...]:
    return (("Event", style.high()), ("No event", style.low()), ("Without the endpoint", style.PALE))


@dataclass
class CohortsFigure(OverTime, style.StudyFigure):
    """One row per cohort: its platform, a bar of its samples by outcome, its follow-up.

    Parameters
    ----------
    cohorts : DataFrame
        `cohort, platform, n, n_endpoint, events`, and where known `followup_months, followup_low,
        followup_high` (median follow-up by the reverse Kaplan-Meier estimate and its interval). Counts may be missing.
    title : str
    """

    cohorts: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when there is no cohort."""
        table = self.cohorts
        if not len(table):
            raise BadInput("there is no cohort", where="cohorts of the overview figure")
        followed = "followup_months" in table and not table["followup_months"].map(is_absent).all()
        named = not table["platform"].map(is_absent).all()
        title = style.title_lines(self.title)
        height = FOOT + ROW * len(table) + HEAD + 0.2 * len(title)
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        platforms = ["–" if is_absent(p) else p for p in table["platform"]]
        name_width = _column(["Cohort", *table["cohort"]], style.TEXT, NAME)
        platform_width = _column(["Platform", *platforms], style.SMALL, NAME + PLATFORM - name_width) if named else 0.0
        left = 0.15 + name_width + platform_width + 0.05
        side = 1.45 if followed else 0.0
        counts = 0.95
        width = style.WIDTH - left - counts - side - 0.15
        axes = style.add_axes(figure, left, FOOT, width, ROW * len(table))
        self._draw_bars(axes)
        top = FOOT + ROW * len(table) + 0.1
        heads = [(0.15, "Cohort", "left"), (left + width + counts - 0.1, "n / events", "right")]
        heads += [(0.15 + name_width, "Platform", "left")] if named else []
        heads += [(left + width + counts + 0.1, "Follow-up", "left")] if followed else []
        for x, text, side_of in heads:
            style.put_text(figure, x, top, text, weight="bold", fontsize=style.SMALL, ha=side_of)
        self._draw_legend(figure, left, top, width)
        for i, row in enumerate(table.to_dict("records")):
            y = FOOT + ROW * (len(table) - i - 0.5) - 0.035
            style.put_text(figure, 0.15, y, style.fit_text(row["cohort"], name_width - 0.1))
            if named:
                look = {"fontsize": style.SMALL, "color": style.GRAY}
                text = style.fit_text(platforms[i], platform_width - 0.1, style.SMALL)
                style.put_text(figure, 0.15 + name_width, y, text, **look)
            text = f"{format_count(row['n'])} / {format_count(row['events'])}"
            style.put_text(figure, left + width + counts - 0.1, y, text, ha="right")
        if followed:
            axes = style.add_axes(figure, left + width + counts + 0.1, FOOT, side - 0.15, ROW * len(table))
            self._draw_followup(axes)
        return figure

    def _draw_bars(self, axes: Any) -> None:
        table = self.cohorts
        places = np.arange(len(table))[::-1]
        n, known, events = (table[name].map(as_number).fillna(0).to_numpy() for name in ("n", "n_endpoint", "events"))
        known, events = np.minimum(known, n), np.minimum(events, known)
        start = np.zeros(len(table))
        for values, (_, color) in zip((events, known - events, n - known), _outcomes(), strict=True):
            axes.barh(places, values, 0.62, left=start, color=color, linewidth=0)
            start = start + values
        axes.set_ylim(-0.5, len(table) - 0.5)
        axes.set_xlim(0, max(n.max(), 1) * 1.02)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=4, integer=True)
        axes.set_xlabel("Samples", labelpad=2)

    def _draw_legend(self, figure: Any, left: float, top: float, width: float) -> None:
        """The colors that occur, in the last line of the picture."""
        from matplotlib.patches import Rectangle

        full_width, full_height = figure.get_size_inches()
        table, x = self.cohorts, 0.15
        without = (table["n"].map(as_number) > table["n_endpoint"].map(as_number).fillna(0)).any()
        for name, color in _outcomes()[: 3 if without else 2]:
            box = (x / full_width, 0.12 / full_height)
            figure.add_artist(Rectangle(box, 0.12 / full_width, 0.1 / full_height, color=color, linewidth=0))
            style.put_text(figure, x + 0.17, 0.12, name, fontsize=style.SMALL)
            x += 0.17 + style.text_width(name, style.SMALL) + 0.18

    def _draw_followup(self, axes: Any) -> None:
        table = self.cohorts
        places = np.arange(len(table))[::-1]
        middle, low, high = (
            self.unit.of(table[f"followup_{name}"].map(as_number).to_numpy()) for name in ("months", "low", "high")
        )
        for y, m, a, b in zip(places, middle, low, high, strict=True):
            if m == m:
                axes.plot([a if a == a else m, b if b == b else m], [y, y], color=style.INK, linewidth=1.1)
                axes.plot([m], [y], marker="o", markersize=4, color=style.INK, linestyle="none")
        axes.set_ylim(-0.5, len(table) - 0.5)
        axes.set_xlim(0, np.nanmax([*high, *middle]) * 1.08)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=3, integer=True)
        axes.set_xlabel(self.unit.heading, labelpad=2)


def _column(texts: list[object], size: float, widest: float) -> float:
    """The width of a column of text in inches, with the room next to it."""
    return min(max(style.text_width(clean_text(t), size, True) for t in texts) + 0.12, widest)
