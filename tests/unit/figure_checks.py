"""What a picture must not show: texts outside the paper, over one another, or too small to read in print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.report.figures.style import DPI, drawing

SMALLEST = 5.0  # points
TALLEST, WIDEST = 10.2, 7.3  # inches that a page of A4 or letter paper has between its margins
TOUCH = 0.35  # points by which boxes of texts may overlap: they hold room above and below the letters


@dataclass(frozen=True)
class Drawn:
    """A text as it is drawn: its corners in points from the lower left, shape (4, 2)."""

    text: str
    size: float
    corners: np.ndarray


def drawn_texts(figure):
    """The texts that really are drawn (ticks beyond an axis are not), and the size of the paper in points."""
    from matplotlib.text import Text

    seen, original = [], Text.draw

    def draw(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        return original(self, renderer, *args, **kwargs)

    with drawing(figure):
        made = figure.draw()
        made.set_dpi(DPI)
        Text.draw = draw
        try:
            made.draw_without_rendering()
        finally:
            Text.draw = original
        renderer = made.canvas.get_renderer()
        scale = 72 / made.dpi
        found = [Drawn(t.get_text(), t.get_fontsize(), _corners(t, renderer) * scale) for t in dict.fromkeys(seen)]
    return found, made.get_size_inches() * 72


def _corners(text, renderer):
    """The corners of a text's box, turned with it."""
    angle = text.get_rotation()
    box = text.get_window_extent(renderer)
    if angle % 90 == 0:
        return np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    text.set_rotation(0)
    flat = text.get_window_extent(renderer)
    text.set_rotation(angle)
    turn = np.radians(angle)
    turned = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (flat.width / 2, flat.height / 2)
    return np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]) + half @ turned


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """By how much two turned boxes overlap, in points: the least distance that would part them."""
    least = np.inf
    for corners in (first, second):
        for i in (0, 1):
            edge = corners[i + 1] - corners[i]
            normal = np.array([-edge[1], edge[0]]) / (np.hypot(*edge) or 1)
            a, b = first @ normal, second @ normal
            least = min(least, a.max() - b.min(), b.max() - a.min())
    return least


def faults(figure) -> list[str]:
    """What is wrong with the texts and the size of a picture."""
    texts, (width, height) = drawn_texts(figure)
    found = []
    if height > TALLEST * 72 or width > WIDEST * 72:
        found.append(f"larger than a page: {width / 72:.1f} × {height / 72:.1f} inches")
    found += ["nothing is left of a name" for one in texts if one.text.strip(" .:") == "…"]
    for one in texts:
        low, high = one.corners.min(axis=0), one.corners.max(axis=0)
        if (low < -TOUCH).any() or (high > (width + TOUCH, height + TOUCH)).any():
            found.append(f"leaves the picture: {one.text!r}")
        if one.size < SMALLEST:
            found.append(f"too small, {one.size:.1f} points: {one.text!r}")
    for one, other in _near(texts):
        if overlap(one.corners, other.corners) > TOUCH:
            found.append(f"overlap: {one.text!r} and {other.text!r}")
    return found


def _near(texts: list[Drawn]):
    """Pairs of texts whose upright boxes overlap."""
    corners = np.array([t.corners for t in texts]).reshape(-1, 4, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    both = (low[:, None] < high[None]).all(axis=2)
    return [(texts[i], texts[j]) for i, j in np.argwhere(both & both.T) if i < j]
