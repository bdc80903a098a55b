"""A nomogram: the points of each variable, their sum, and the predicted survival that the sum represents."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import OverTime
from prognomics.report.wording import clean_text, is_absent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES, RIGHT, ROW, BOTTOM, TOP = 1.75, 0.3, 0.46, 0.5, 0.15
TICK, ABOVE, GAP = 0.05, 0.12, 0.06
WIDE = style.WIDTH - NAMES - RIGHT
MOST_ROWS = 18
WARNING = (
    "To be validated in other patients before use (apply_model). "
    "Draw a vertical line up to Points for each variable; add them up."
)


@dataclass
class NomogramFigure(style.StudyFigure, OverTime):
    """One model: that with the most variables of the table.

    Parameters
    ----------
    table : DataFrame
        `evaluate_model --out-nomogram` or `apply_model --out-nomogram`.
    """

    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row, or no variable has an effect."""
        rows = self.table[self.table["points"].notna()]
        if not len(rows):
            raise BadInput("no variable has an effect: there is no nomogram to draw", where="--out-nomogram")
        counts = rows[rows["row_type"] == "points"].groupby("model", sort=False)["term"].nunique()
        rows = rows[rows["model"] == counts[::-1].idxmax()]
        points, totals = rows[rows["row_type"] == "points"], rows[rows["row_type"] == "total"]
        axes: list[tuple[str, list[Any], float]] = [("Points", [(p, f"{p:g}") for p in range(0, 101, 10)], 100.0)]
        axes += [(clean_text(term), self._ticks(part), 100.0) for term, part in points.groupby("term", sort=False)]
        most = float(totals["points"].max()) if len(totals) else 100.0
        axes.append(("Total points", [(p, f"{p:g}") for p in dict.fromkeys(totals["points"])], most))
        survival = self._survival_axes(rows)
        axes += [(name, ticks, most) for name, ticks in survival]
        read_off = {name for name, _ in survival}
        left_out = len(axes) - MOST_ROWS
        axes = axes[:MOST_ROWS]
        title = style.title_lines(self.title)
        height = BOTTOM + ROW * len(axes) + TOP
        figure = style.new_figure(style.WIDTH, height + style.title_room(title))
        style.put_title(figure, title)
        for i, (name, ticks, longest) in enumerate(axes):
            color = style.hue(0) if name in read_off else style.INK  # what is read off, as against what is added up
            self._draw_axis(figure, height - TOP - ROW * (i + 0.75), name, ticks, longest, color)
        text = WARNING + (f" {left_out} axes are excluded." if left_out > 0 else "")
        said = style.wrap_text(text, style.WIDTH - 0.3, style.SMALL)
        for i, line in enumerate(reversed(said)):
            style.put_text(figure, 0.15, 0.1 + 0.14 * i, line, fontsize=style.SMALL, color=style.GRAY)
        return figure

    @staticmethod
    def _ticks(part: pd.DataFrame) -> list[tuple[float, str]]:
        return [(float(p), clean_text(v)) for p, v in zip(part["points"], part["value"], strict=True)]

    def _survival_axes(self, rows: pd.DataFrame) -> list[tuple[str, list[Any]]]:
        part = rows[rows["row_type"] == "survival"]
        several = rows["stratum"].dropna().nunique() > 1
        made = []
        for (stratum, time), one in part.groupby(["stratum", "time_months"], sort=False):
            name = f"{self.unit.text(float(time))}-{self.unit.one} survival"
            name += f", {clean_text(stratum)}" if several and not is_absent(stratum) else ""
            made.append(
                (name, [(float(p), f"{float(v):.0%}") for p, v in zip(one["points"], one["value"], strict=True)])
            )
        return made

    def _draw_axis(self, figure: Figure, y: float, name: str, ticks: list[Any], longest: float, color: str) -> None:
        """A horizontal axis with labels below its ticks; a label without room goes above, or is excluded."""
        heading = name in ("Points", "Total points")
        style.put_text(figure, 0.15, y, style.fit_text(name, NAMES - 0.25, bold=heading), va="center",
                       weight="bold" if heading else "normal")  # fmt: skip
        places = [(NAMES + point / longest * WIDE, text) for point, text in sorted(ticks)]
        _line(figure, places[0][0], y, places[-1][0], y, color)
        ends = {"below": -1.0, "above": -1.0}
        for x, text in places:
            text = style.fit_text(text, 1.2, style.SMALL)
            half = style.text_width(text, style.SMALL) / 2
            side = next((side for side in ends if x - half > ends[side] + GAP), None)
            sign = 1 if side == "above" else -1
            _line(figure, x, y, x, y + sign * TICK, color)
            if side is None:
                continue
            ends[side] = x + half
            style.put_text(figure, x, y + sign * ABOVE, text, ha="center", va="center", fontsize=style.SMALL)


def _line(figure: Figure, x0: float, y0: float, x1: float, y1: float, color: str) -> None:
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    figure.add_artist(Line2D([x0 / width, x1 / width], [y0 / height, y1 / height], color=color, linewidth=0.7))
