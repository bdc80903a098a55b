"""The flow of samples as REMARK asks for it, as a drawing: boxes with n and events, and what left between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prognomics.report.figures.drawing import Drawing
from prognomics.report.wording import clean_text, format_count, is_absent, plural

LINE, PAD, LETTER = 16.0, 8.0, 6.5
BETWEEN, ARROW = 14.0, 30.0
NARROWEST = 150.0  # of a box beside others
HEAD = 4.0  # of an arrow
MOST_LINES = 6

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Box:
    lines: Sequence[str]
    left: Sequence[str]  # what left before it

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 2 * PAD

    @property
    def gap(self) -> float:
        return max(ARROW, LINE * len(self.left) + 12) if self.left else ARROW


def draw_flow(boxes: Sequence[Row], width: float = 700.0, label: str = "") -> Drawing:
    """The boxes one below the other; lanes, and the last boxes, side by side as far as they fit.

    `boxes` have `part` (source, trunk or leaf), `lane`, `label`, `n`, `events` and `left_out`, in the flow's order.
    """
    drawing = Drawing(width, 0, label)
    lanes = list(dict.fromkeys(b["lane"] for b in boxes if b["part"] == "source"))
    columns = [[b for b in boxes if b["part"] == "source" and b["lane"] == lane] for lane in lanes]
    trunk = [[b] for b in boxes if b["part"] == "trunk"]
    leaves = [[b] for b in boxes if b["part"] == "leaf"]
    y = _side_by_side(drawing, columns, 4.0, width, arrows_in=False)
    for column in trunk:
        y = _side_by_side(drawing, [column], y, width, arrows_in=y > 4)
    y = _side_by_side(drawing, leaves, y, width, arrows_in=y > 4) if leaves else y
    drawing.height = y + 4
    return drawing


def _side_by_side(
    drawing: Drawing, columns: Sequence[Sequence[Row]], top: float, width: float, arrows_in: bool
) -> float:
    """Columns of boxes in as many rows as they need; returns where they end."""
    if not columns:
        return top
    across = max(1, min(len(columns), int((width + BETWEEN) // (NARROWEST + BETWEEN))))
    wide = (width - 8 - BETWEEN * (across - 1)) / across
    bottom = top
    for first in range(0, len(columns), across):
        start = bottom
        for place, column in enumerate(columns[first : first + across]):
            y = start
            for n, row in enumerate(column):
                box = _box(row, wide)
                x = 4 + place * (wide + BETWEEN)
                if n or arrows_in:
                    _arrow(drawing, x + wide / 2, y, y + box.gap)
                    for line, text in enumerate(box.left):
                        drawing.text("lb", x + wide / 2 + 8, y + 14 + LINE * line, text)
                    y += box.gap
                elif first:
                    y += BETWEEN
                drawing.box("box", x, y, wide, box.height)
                for line, text in enumerate(box.lines):
                    last = line == len(box.lines) - 1 and len(box.lines) > 1
                    drawing.text("tk" if last else "ann", x + PAD, y + PAD + 12 + LINE * line, text)
                y += box.height
            bottom = max(bottom, y)
    return bottom


def _arrow(drawing: Drawing, x: float, top: float, bottom: float) -> None:
    drawing.path("axis", [(x, top), (x, bottom)])
    drawing.path("axis", [(x - HEAD, bottom - HEAD), (x, bottom), (x + HEAD, bottom - HEAD)])


def _box(row: Row, wide: float) -> _Box:
    counts = [f"n = {format_count(row['n'])}"] if not is_absent(row["n"]) else []
    counts += [plural(row["events"], "event")] if not is_absent(row["events"]) else []
    lines = wrapped(row["label"], wide - 2 * PAD)
    return _Box([*lines, ", ".join(counts)] if counts else lines, wrapped(row["left_out"], wide / 2 - 14))


_WORD = re.compile(r"p [<=>] \S+|n = \S+|\S+")  # a sign and its number stay in one line


def wrapped(text: object, width: float, most: int = MOST_LINES) -> list[str]:
    """A text in lines of that width, as far as its letters can be estimated; the rest after an ellipsis is excluded."""
    room = max(int(width / LETTER), 4)
    lines: list[str] = []
    for word in _WORD.findall(clean_text(text)):
        word = word if len(word) <= room else f"{word[: room - 1]}…"
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][: room - 1]}…"]
