"""A forest as one drawing: the rows of its table with their estimates, for use outside the page."""

from __future__ import annotations

from collections.abc import Sequence

from prognomics.report.figures.drawing import Drawing, Shape
from prognomics.report.figures.forest_strip import HEIGHT, WIDTH, Axis

LETTER, GAP, MARGIN, HEAD, INDENT = 8.0, 14.0, 10.0, 26.0, 14.0
WIDEST = 420.0  # of a column
# texts without the drawing's column, the drawing, whether it is a heading, whether it is indented
Row = tuple[Sequence[str], Drawing | None, bool, bool]


def draw_forest(heads: Sequence[str], rows: Sequence[Row], axis: Axis, place: int, label: str = "") -> Drawing:
    """Columns of text with the drawn column at `place`; all texts to the left."""
    said = [[texts[i] for texts, _, is_head, _ in rows if not (is_head and i == 0)] for i in range(len(heads))]
    widths = [_width(head, *column) for head, column in zip(heads, said, strict=True)]
    lefts, x = [], MARGIN
    for i, width in enumerate(widths):
        x += WIDTH + GAP if i == place else 0.0
        lefts.append(x)
        x += width + GAP
    x += WIDTH + GAP if place == len(widths) else 0.0
    drawn_at = (lefts[place] if place < len(lefts) else x) - WIDTH - GAP
    drawing = Drawing(x - GAP + MARGIN, HEAD + 16 + HEIGHT * len(rows), label)
    right = drawing.width - MARGIN
    drawing.path("axis", [(MARGIN, HEAD + 4), (right, HEAD + 4)])
    for left, head in zip(lefts, heads, strict=True):
        drawing.text("dl", left, HEAD - 6, _cut(head))
    _put(drawing, axis.head(), drawn_at, HEAD - 22)
    for number, (texts, strip, is_head, indented) in enumerate(rows):
        y = HEAD + 8 + HEIGHT * number
        for i, text in enumerate(texts):
            if text:
                look, left = ("dl" if is_head and i == 0 else "ann"), lefts[i] + INDENT * (indented and i == 0)
                drawing.text(look, left, y + HEIGHT / 2 + 4, text if is_head else _cut(text))
        if strip is not None:
            _put(drawing, strip, drawn_at, y)
    bottom = HEAD + 8 + HEIGHT * len(rows)
    drawing.path("axis", [(MARGIN, bottom), (right, bottom)])
    return drawing


def _width(*texts: str) -> float:
    return min(max((LETTER * len(t) for t in texts), default=0.0) + 4, WIDEST)


def _cut(text: str) -> str:
    most = int(WIDEST / LETTER)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _put(drawing: Drawing, part: Drawing, x: float, y: float) -> None:
    """The shapes of another drawing at a place in this one."""
    for shape in part.shapes:
        moved = tuple(tuple((a + x, b + y) for a, b in line) for line in shape.points)
        drawing.shapes.append(Shape(shape.classes, moved, shape.closed, shape.text, shape.anchor, shape.turned))
