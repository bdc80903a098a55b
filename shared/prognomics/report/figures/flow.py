"""The flow of samples as REMARK asks for it: boxes with n and events, and what left between them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, format_count, is_absent, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 0.155  # height of a line in inches
PAD = 0.085  # inside a box
ARROW = 0.3  # between boxes
BETWEEN = 0.16  # between lanes
MARGIN = 0.15
WIDEST = 2.6  # of a box
MOST_LINES = 5


@dataclass(frozen=True)
class _Box:
    lines: list[str]
    said: list[str]

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 2 * PAD


@dataclass
class FlowFigure(style.StudyFigure):
    """Samples from the sources to the analyses.

    Parameters
    ----------
    boxes : DataFrame
        `part, lane, label, n, events, left_out`, one row per box in the order of the flow. `part` is source (a lane of
        boxes one below the other, lanes side by side), trunk (one box under all lanes) or leaf (boxes side by side
        at the end). `left_out` states in words what left before this box; counts may be missing.
    title : str
    """

    boxes: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when there is no box."""
        if not len(self.boxes):
            raise BadInput("the flow has no box", where="boxes of the flow figure")
        lanes = list(dict.fromkeys(self.boxes.loc[self.boxes["part"] == "source", "lane"]))
        room = style.WIDTH - 2 * MARGIN
        lane_width = (room - BETWEEN * (len(lanes) - 1)) / max(len(lanes), 1)
        columns = [self._boxes(self.boxes[(self.boxes["part"] == "source") & (self.boxes["lane"] == lane)], lane_width)
                   for lane in lanes]  # fmt: skip
        trunk = self._boxes(self.boxes[self.boxes["part"] == "trunk"], room)
        part = self.boxes[self.boxes["part"] == "leaf"]
        leaf_width = (room - BETWEEN * (len(part) - 1)) / max(len(part), 1)
        leaves = self._boxes(part, leaf_width)
        rows = [[column[i] for column in columns if i < len(column)] for i in range(max(map(len, columns), default=0))]
        rows += [[box] for box in trunk] + ([leaves] if leaves else [])
        heights = [max(box.height for box in row) for row in rows]
        gaps = [max(ARROW, *(LINE * len(box.said) + 0.12 for box in row)) for row in rows]
        title = style.title_lines(self.title)
        top = MARGIN + style.title_room(title)
        total = top + sum(heights) + sum(gaps[1:]) + MARGIN
        figure = style.new_figure(style.WIDTH, total)
        style.put_title(figure, title)
        tops, y = [], total - top
        for height, gap in zip(heights, gaps, strict=True):
            y -= gap if tops else 0
            tops.append(y)
            y -= height
        self._draw(figure, columns, trunk, leaves, tops, heights, (lane_width, leaf_width))
        return figure

    def _boxes(self, part: pd.DataFrame, width: float) -> list[_Box]:
        made = []
        for row in part.to_dict("records"):
            inner = min(width, WIDEST) - 2 * PAD
            counts = [] if is_absent(row.get("n")) else [f"n = {format_count(row['n'])}"]
            if not is_absent(row.get("events")):
                counts.append(plural(row["events"], "event"))
            label = style.wrap_text(row["label"], inner, style.SMALL, bold=True, lines=3)
            said = style.wrap_text(row.get("left_out") or "", width / 2 - 0.14, style.SMALL, lines=MOST_LINES)
            made.append(_Box([*label, *style.wrap_text(", ".join(counts), inner, style.SMALL)], said))
        return made

    def _draw(self, figure: Any, columns: Any, trunk: Any, leaves: Any, tops: Any, heights: Any, widths: Any) -> None:
        lane_width, leaf_width = widths
        middle = style.WIDTH / 2
        ends = []  # where the lanes end
        for number, column in enumerate(columns):
            x = MARGIN + lane_width / 2 + number * (lane_width + BETWEEN)
            for i, box in enumerate(column):
                if i:
                    self._arrow(figure, (x, tops[i - 1] - column[i - 1].height), (x, tops[i]), box.said)
                self._draw_box(figure, box, x, tops[i], min(lane_width, WIDEST))
            ends.append((x, tops[len(column) - 1] - column[-1].height))
        depth = max(map(len, columns), default=0)
        for i, box in enumerate(trunk):
            if i or not ends:
                ends = ends if not i else [(middle, tops[depth + i - 1] - trunk[i - 1].height)]
            self._join(figure, ends, (middle, tops[depth + i]), box.said)
            self._draw_box(figure, box, middle, tops[depth + i], WIDEST)
            ends = [(middle, tops[depth + i] - box.height)]
        for number, box in enumerate(leaves):
            x = MARGIN + leaf_width / 2 + number * (leaf_width + BETWEEN)
            y = tops[-1]
            if len(ends) == 1:
                bend = y + ARROW * 0.6
                start = ends[0]
                self._line(figure, [start, (start[0], bend), (x, bend)])
                self._arrow(figure, (x, bend), (x, y), [])
            self._draw_box(figure, box, x, y, min(leaf_width, WIDEST))

    def _join(self, figure: Any, starts: Any, end: Any, said: list[str]) -> None:
        """From the ends of all lanes into one box."""
        if len(starts) < 2:
            if starts:
                self._arrow(figure, starts[0], end, said)
            return
        bend = end[1] + min(ARROW * 0.6, min(y for _, y in starts) - end[1])
        for x, y in starts:
            self._line(figure, [(x, y), (x, bend), (end[0], bend)])
        self._arrow(figure, (end[0], bend), end, said)

    def _draw_box(self, figure: Any, box: _Box, x: float, top: float, width: float) -> None:
        from matplotlib.patches import Rectangle

        full_width, full_height = figure.get_size_inches()
        place = ((x - width / 2) / full_width, (top - box.height) / full_height)
        look = {"facecolor": "white", "edgecolor": style.INK, "linewidth": 0.8}
        figure.add_artist(Rectangle(place, width / full_width, box.height / full_height, **look))
        for i, line in enumerate(box.lines):
            last = i == len(box.lines) - 1 and line.startswith("n = ")
            style.put_text(figure, x, top - PAD - LINE * (i + 0.78), line, ha="center", fontsize=style.SMALL,
                           weight="normal" if last else "bold")  # fmt: skip

    def _arrow(self, figure: Any, start: Any, end: Any, said: list[str]) -> None:
        from matplotlib.patches import Polygon

        self._line(figure, [start, end])
        full_width, full_height = figure.get_size_inches()
        x, y = end
        corners = [(x, y), (x - 0.035, y + 0.07), (x + 0.035, y + 0.07)]
        placed = [(a / full_width, b / full_height) for a, b in corners]
        figure.add_artist(Polygon(placed, color=style.INK, linewidth=0))
        middle = (start[1] + y) / 2 + LINE * (len(said) / 2 - 0.75)
        for i, line in enumerate(said):
            look = {"fontsize": style.SMALL, "color": style.GRAY}
            style.put_text(figure, x + 0.09, middle - LINE * i, clean_text(line), **look)

    @staticmethod
    def _line(figure: Any, points: Any) -> None:
        from matplotlib.lines import Line2D

        width, height = figure.get_size_inches()
        x, y = [a / width for a, _ in points], [b / height for _, b in points]
        figure.add_artist(Line2D(x, y, color=style.INK, linewidth=0.8, solid_joinstyle="miter"))
