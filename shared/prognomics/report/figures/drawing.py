"""Drawings of lines, areas and text: SVG that a page may style, and PNG and PDF of the same shapes.

A shape has a class, such as `curve low`; the class gives its look (`LOOKS`), which is written with the shape, so that
an SVG may leave the page. The page's style sheet has the same classes with the colors of its light and dark form.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from prognomics.report.figures import style
from prognomics.report.wording import clean_text

INK, SOFT, HAIR, LOW, HIGH, PRIMARY, WHITE = "#1b1f24", "#565e68", "#e1e5e9", "#0b6aa6", "#b84a10", "#6a3d9a", "#ffffff"
OTHERS = ("#00785a", "#9c4577", "#7a5c00", "#3a7ca5")  # Okabe and Ito's further hues, darker: 4.5 to 1 on white
DASHES = {"low": (7.0, 2.5), "g1": (2.0, 2.0), "g2": (9.0, 3.0, 2.0, 3.0), "g3": (4.0, 2.0), "g4": (1.0, 2.0)}
HUES = {"low": LOW, "high": HIGH, **{f"g{n}": color for n, color in enumerate(OTHERS, 1)}, "only": INK}
# stroke, stroke width, fill, opacity
LOOKS: dict[str, tuple[str, float, str, float]] = {
    "grid": (HAIR, 1, "none", 1),
    "axis": (SOFT, 1, "none", 1),
    "ref": (SOFT, 1, "none", 1),
    "curve": (INK, 2, "none", 1),
    "cens": (INK, 1, "none", 0.75),
    "band": ("none", 0, INK, 0.13),
    "ci": (INK, 1.4, "none", 1),
    "sq": ("none", 0, INK, 1),
    "dia": ("none", 0, INK, 1),
    "box": (SOFT, 1, "none", 1),
    "bar": ("none", 0, INK, 1),
    "pale": ("none", 0, HAIR, 1),
    "pt": ("#868e98", 2.4, "none", 0.75),
    "sig": (INK, 2.4, "none", 0.8),
    "mark": ("none", 0, PRIMARY, 1),
    "tk": ("none", 12, SOFT, 1),
    "lb": ("none", 12, SOFT, 1),
    "ann": ("none", 13, INK, 1),
    "dl": ("none", 12.5, INK, 1),
}
BOLD = ("dl", "b")
FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
INCH = 96.0  # pixels
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """`classes` are a look and, after a blank, a group or `pri`; `text` makes it a text at the first point."""

    classes: str
    points: tuple[tuple[Point, ...], ...]
    closed: bool = False
    text: str = ""
    anchor: str = "start"
    turned: bool = False

    def look(self) -> tuple[str, float, str, float]:
        first, *others = self.classes.split()
        stroke, width, fill, opacity = LOOKS[first]
        hue = next((HUES[name] for name in others if name in HUES), PRIMARY if "pri" in others else "")
        if hue:
            stroke, fill = (stroke if stroke == "none" else hue), (fill if fill == "none" else hue)
        return stroke, width, fill, opacity

    @property
    def dash(self) -> tuple[float, ...]:
        first, *others = self.classes.split()
        if first == "ref":
            return (2.0, 3.0)
        return next((DASHES[name] for name in others if name in DASHES), ()) if first == "curve" else ()


@dataclass
class Drawing:
    """Shapes on a canvas in pixels, the origin at the upper left; `label` says in words what is drawn."""

    width: float
    height: float
    label: str = ""
    shapes: list[Shape] = field(default_factory=list)

    def path(self, classes: str, *lines: Sequence[Point], closed: bool = False) -> None:
        """One or several lines, or areas."""
        if lines:
            self.shapes.append(Shape(classes, tuple(map(tuple, lines)), closed))

    def box(self, classes: str, x: float, y: float, width: float, height: float) -> None:
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self.path(classes, corners, closed=True)

    def text(self, classes: str, x: float, y: float, text: object, anchor: str = "start", turned: bool = False) -> None:
        self.shapes.append(Shape(classes, (((x, y),),), False, clean_text(text), anchor, turned))

    def inline(self, classes: str = "fig") -> Markup:
        """An SVG element for a page; hidden from screen readers if it has no label."""
        said = Markup('role="img" aria-label="{}"').format(self.label) if self.label else Markup('aria-hidden="true"')
        return Markup('<svg class="{}" viewBox="0 0 {} {}" width="{}" height="{}" {}>{}</svg>').format(
            classes,
            _n(self.width),
            _n(self.height),
            _n(self.width),
            _n(self.height),
            said,
            Markup("").join(map(_element, self.shapes)),
        )

    def to_bytes(self, format: str = "svg") -> bytes:
        """The drawing as svg, png (300 dpi at 96 pixels per inch) or pdf; the same shapes give the same bytes."""
        if format == "svg":
            head = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 '
                f'{_n(self.width)} {_n(self.height)}" width="{_n(self.width)}" height="{_n(self.height)}">'
            )
            body = "".join(_element(s, family=True) for s in self.shapes)
            return f"{head}<title>{escape(self.label)}</title>{body}</svg>\n".encode()
        return _painted(self, format)


def stepped(points: Iterable[Point]) -> list[Point]:
    """The corners of a step function that keeps each value until the next point."""
    corners: list[Point] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _path(shape: Shape) -> str:
    """Path data, horizontal and vertical parts in their short form."""
    said = []
    for line in shape.points:
        texts = [(_n(x), _n(y)) for x, y in line]
        said.append(f"M{texts[0][0]} {texts[0][1]}")
        for (x0, y0), (x, y) in zip(texts, texts[1:], strict=False):
            if (x, y) != (x0, y0):
                said.append(f"H{x}" if y == y0 else f"V{y}" if x == x0 else f"L{x} {y}")
        if len(texts) == 1:
            said.append("h0")
        if shape.closed:
            said.append("Z")
    return "".join(said)


def _element(shape: Shape, family: bool = False) -> Markup:
    """A shape with the look of its class, which a style sheet may change."""
    style = Markup(_style(shape, family))
    if not shape.text:
        return Markup('<path class="{}" d="{}"{}/>').format(shape.classes, _path(shape), style)
    (x, y) = shape.points[0][0]
    place = f'transform="translate({_n(x)} {_n(y)}) rotate(-90)"' if shape.turned else f'x="{_n(x)}" y="{_n(y)}"'
    anchor = Markup("") if shape.anchor == "start" else Markup(f' text-anchor="{shape.anchor}"')
    return Markup('<text class="{}" {}{}{}>{}</text>').format(shape.classes, Markup(place), anchor, style, shape.text)


def _style(shape: Shape, family: bool) -> str:
    stroke, width, fill, opacity = shape.look()
    if shape.text:
        said = f' font-family="{FONT}"' if family else ""
        bold = ' font-weight="600"' if set(shape.classes.split()) & set(BOLD) else ""
        return f'{said} font-size="{width:g}"{bold} fill="{fill}"'
    said = "" if stroke == "none" else f' stroke="{stroke}"' + (f' stroke-width="{width:g}"' if width != 1 else "")
    said += f' fill="{fill}"' + (f' opacity="{opacity}"' if opacity < 1 else "")
    said += ' stroke-linecap="round"' if shape.classes.split()[0] in ("pt", "sig") else ""
    return said + (f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else "")


def _painted(drawing: Drawing, format: str) -> bytes:
    """The shapes by matplotlib, in the font of all figures."""
    with style.drawing():
        figure = style.new_figure(drawing.width / INCH, drawing.height / INCH)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, drawing.width), ylim=(drawing.height, 0))
        axes.set_axis_off()
        for shape in drawing.shapes:
            _paint(axes, shape, 72 / INCH)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=format, dpi=style.DPI, metadata=style.METADATA[format])
    return buffer.getvalue()


def _paint(axes: Any, shape: Shape, point: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    stroke, width, fill, opacity = shape.look()
    if shape.text:
        (x, y) = shape.points[0][0]
        side = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
        across, up = (side, "baseline") if not shape.turned else ("right" if side == "left" else "center", "center")
        axes.text(
            x,
            y,
            shape.text,
            fontsize=width * point,
            color=fill,
            ha=across,
            va=up,
            rotation=90 if shape.turned else 0,
            fontweight="bold" if set(shape.classes.split()) & set(BOLD) else "normal",
        )
        return
    vertices, codes = [], []
    for line in shape.points:
        line = [*line, line[0]] if shape.closed or len(line) == 1 else line
        vertices += line
        codes += [Path.MOVETO, *[Path.LINETO] * (len(line) - 1)]
        if shape.closed:
            codes[-1] = Path.CLOSEPOLY
    dash = (0, [part / max(width, 1) for part in shape.dash]) if shape.dash else "solid"
    axes.add_patch(
        PathPatch(
            Path(vertices, codes),
            facecolor=fill,
            edgecolor=stroke,
            linewidth=width * point,
            alpha=opacity,
            linestyle=dash,
            fill=fill != "none",
            clip_on=False,
            joinstyle="round",
            capstyle="round" if len(shape.points[0]) == 1 else "butt",
        )
    )
