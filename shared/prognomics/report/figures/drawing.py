"""Drawings of lines, areas and text: SVG that a page may style, and PNG and PDF of the same shapes.

A shape has a class, such as `curve low`, which gives its look (`LOOKS`). The page's style sheet has the same classes
with the colors of its light and dark form; an SVG that leaves the page carries the light ones.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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
_SHAPE = re.compile(r'<(path|text) class="((?:%s)[a-z0-9 ]*)"' % "|".join(LOOKS))


ANCHORS = {"m": "middle", "e": "end"}  # classes of texts in a page
LINES = ("axis", "grid")  # shapes that are lines only


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
    """Shapes on a canvas in pixels, the origin at the upper left; `label` states in words what is drawn."""

    width: float
    height: float
    label: str = ""
    shapes: list[Shape] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)  # numbers that a script needs, such as the places of axes

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
        facts = Markup("").join(Markup(' data-{}="{}"').format(name, _n(value)) for name, value in self.facts.items())
        return Markup('<svg class="{}" viewBox="0 0 {} {}" width="{}" height="{}" {}{}>{}</svg>').format(
            classes,
            _n(self.width),
            _n(self.height),
            _n(self.width),
            _n(self.height),
            said,
            facts,
            Markup("").join(map(_element, _lines_together(self.shapes))),
        )

    def to_bytes(self, format: str = "svg") -> bytes:
        """The drawing as svg, png (300 dpi at 96 pixels per inch) or pdf; the same shapes give the same bytes."""
        if format == "svg":
            head = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 '
                f'{_n(self.width)} {_n(self.height)}" width="{_n(self.width)}" height="{_n(self.height)}">'
            )
            body = "".join(_element(s, styled=True) for s in self.shapes)
            return f"{head}<title>{escape(self.label)}</title>{body}</svg>\n".encode()
        return self.painted(format)[format]

    def painted(self, *formats: str) -> dict[str, bytes]:
        """The drawing as png or pdf, or both, drawn once."""
        return _painted(self, formats)


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


def _short(number: float) -> str:
    """A distance in tenths of a pixel: `12`, `-.5`."""
    text = _n(number)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _path(shape: Shape) -> str:
    """Path data by steps from point to point, horizontal and vertical ones in their short form."""
    said: list[str] = []
    x0, y0 = 0.0, 0.0
    for line in shape.points:
        (x1, y1), *rest = ((round(x, 1), round(y, 1)) for x, y in line)
        start, step = f"M{_n(x1)} {_n(y1)}", f"m{_short(x1 - x0)} {_short(y1 - y0)}"
        said.append(start if shape.closed or not said or len(start) <= len(step) else step)
        x0, y0 = x1, y1
        for x, y in rest:
            across, down = _short(x - x0), _short(y - y0)
            if (x, y) != (x0, y0):
                said.append(f"h{across}" if y == y0 else f"v{down}" if x == x0 else f"l{across} {down}")
            x0, y0 = x, y
        if not rest:
            said.append("h0")
        if shape.closed:
            said.append("Z")
    return "".join(said)


def _lines_together(shapes: Sequence[Shape]) -> list[Shape]:
    """The same picture with the lines of axes and grids as one shape each, where the first of them was."""
    lines = {name: [line for s in shapes if s.classes == name for line in s.points] for name in LINES}
    kept: list[Shape] = []
    for shape in shapes:
        if shape.classes not in lines:
            kept.append(shape)
        elif lines[shape.classes]:
            kept.append(replace(shape, points=tuple(lines[shape.classes])))
            lines[shape.classes] = []
    return kept


def _element(shape: Shape, styled: bool = False) -> Markup:
    looks = attributes(shape.classes, bool(shape.text)) if styled else {}
    style = Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in looks.items())
    if not shape.text:
        return Markup('<path class="{}" d="{}"{}/>').format(shape.classes, _path(shape), style)
    (x, y) = shape.points[0][0]
    place = f'transform="translate({_n(x)} {_n(y)}) rotate(-90)"' if shape.turned else f'x="{_n(x)}" y="{_n(y)}"'
    classes, anchor = shape.classes, Markup("")
    if styled and shape.anchor != "start":
        anchor = Markup(f' text-anchor="{shape.anchor}"')
    elif shape.anchor != "start":
        classes += f" {shape.anchor[0]}"
    return Markup('<text class="{}" {}{}{}>{}</text>').format(classes, Markup(place), anchor, style, shape.text)


def attributes(classes: str, is_text: bool) -> dict[str, str]:
    """The look of a class as attributes of SVG, in the light form."""
    shape = Shape(classes, ())
    stroke, width, fill, opacity = shape.look()
    names = set(classes.split())
    if is_text:
        bold = {"font-weight": "600"} if names & set(BOLD) else {}
        side = next((ANCHORS[name] for name in sorted(names & set(ANCHORS))), "")
        anchor = {"text-anchor": side} if side else {}
        return {"font-family": FONT, "font-size": f"{width:g}", **bold, "fill": fill, **anchor}
    found = {} if stroke == "none" else {"stroke": stroke, "stroke-width": f"{width:g}"}
    found |= {"fill": fill} | ({"opacity": f"{opacity:g}"} if opacity < 1 else {})
    found |= {"stroke-linecap": "round"} if names & {"pt", "sig"} else {}
    return found | ({"stroke-dasharray": " ".join(map(_n, shape.dash))} if shape.dash else {})


def looks_in(page: str) -> dict[str, dict[str, str]]:
    """The attributes of each class of shapes in a page, by `path curve low` or `text dl low`."""
    used = dict.fromkeys(match[0] for match in _SHAPE.finditer(page))
    keys = sorted(text.removeprefix("<").replace(' class="', " ").removesuffix('"') for text in used)
    return {key: attributes(key.partition(" ")[2], key.startswith("text")) for key in keys}


def dressed(page: str) -> str:
    """The page with the looks of its shapes written to them, for what applies no style sheet to SVG in a page."""
    looks = {key: "".join(f' {name}="{escape(value)}"' for name, value in found.items())
             for key, found in looks_in(page).items()}  # fmt: skip
    return _SHAPE.sub(lambda m: m[0] + looks[f"{m[1]} {m[2]}"], page)


def _painted(drawing: Drawing, formats: Sequence[str]) -> dict[str, bytes]:
    """The shapes by matplotlib, in the font of all figures."""
    with style.drawing():
        figure = style.new_figure(drawing.width / INCH, drawing.height / INCH)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, drawing.width), ylim=(drawing.height, 0))
        axes.set_axis_off()
        for shape in drawing.shapes:
            _paint(axes, shape, 72 / INCH)
        found = {}
        for form in formats:
            buffer = io.BytesIO()
            figure.savefig(buffer, format=form, dpi=style.DPI, metadata=style.METADATA[form])
            found[form] = buffer.getvalue()
    return found


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
    vertices: list[Point] = []
    codes: list[Any] = []
    for points in shape.points:
        line = [*points, points[0]] if shape.closed or len(points) == 1 else list(points)
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
