"""The SVG figures of a page as operators of a PDF.

WeasyPrint reads the outline of every letter of a figure again, which takes a second a figure. Here each outline is
turned into operators once. Only what matplotlib writes is understood: paths, reuse, groups, clipping rectangles,
pictures. A figure that holds anything else is left to WeasyPrint.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
SILENT = ("defs", "style", "metadata", "clipPath", "title", "desc")
KNOWN = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset",
         "fill-opacity", "stroke-opacity", "opacity", "fill-rule", "stroke-miterlimit")  # fmt: skip
CAPS, JOINS = {"butt": 0, "round": 1, "square": 2}, {"miter": 0, "round": 1, "bevel": 2}
PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0}
_URL = re.compile(r'src="(data:image/svg\+xml;charset=utf-8,([^"]+))"')
_RULE = re.compile(r"([*]|\.[\w-]+)\s*\{([^}]*)\}")
_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_LENGTH = re.compile(r"([\d.]+)(pt|px|)")
Style = Mapping[str, str]
Matrix = tuple[float, float, float, float, float, float]


class NotDrawn(ValueError):
    """The figure holds something that is not understood here."""


@dataclass(frozen=True)
class Part:
    """Operators, or a picture (`png`) on the unit square of the matrix set before; both within their own opacity."""

    operators: bytes
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0
    png: bytes = b""


def figures_of(page: str) -> dict[str, Any]:
    """URL to image for each SVG of the page that can be drawn here, for the cache of WeasyPrint."""
    found: dict[str, Any] = {}
    for url, data in _URL.findall(page):
        try:
            found[url] = Figure(unquote_to_bytes(data))
        except (NotDrawn, ElementTree.ParseError, ValueError, KeyError):
            continue  # WeasyPrint draws it
    return found


class Figure:
    """A figure with the two methods that WeasyPrint asks of an image."""

    def __init__(self, svg: bytes) -> None:
        root = ElementTree.fromstring(svg)
        if root.tag != f"{SVG}svg":
            raise NotDrawn(root.tag)
        self.width, self.height = (_pixels(root.get(name, "")) for name in ("width", "height"))
        self.box = tuple(map(float, root.get("viewBox", f"0 0 {self.width} {self.height}").split()))
        self.parts = _Operators(root).parts

    def get_intrinsic_size(self, image_resolution: object, font_size: object) -> tuple[float, float, float]:
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        left, top, width, height = self.box
        across, down = concrete_width / width, concrete_height / height
        stream.push_state()
        stream.transform(a=across, d=down, e=-left * across, f=-top * down)
        stream.stream.append(f"{' '.join(map(_decimal, self.box))} re W n".encode())
        for part in self.parts:
            if not part.png and part.fill_opacity == part.stroke_opacity == 1:
                stream.stream.append(part.operators)
                continue
            stream.push_state()
            stream.set_alpha(part.fill_opacity)
            stream.set_alpha(part.stroke_opacity, stroke=True)
            stream.stream.append(part.operators)
            if part.png:
                _raster(part.png).draw(stream, 1, 1, style)
            stream.pop_state()
        stream.pop_state()


def _raster(png: bytes) -> Any:
    import hashlib

    from PIL import Image
    from weasyprint.images import RasterImage

    return RasterImage(Image.open(io.BytesIO(png)), hashlib.sha256(png).hexdigest(), png)


def _link(element: ElementTree.Element) -> str:
    """What an element refers to, in the form of SVG 2 or of SVG 1.1."""
    return element.get("href", "") or element.get(HREF, "")


def _pixels(length: str) -> float:
    found = _LENGTH.fullmatch(length.strip())
    if not found:
        raise NotDrawn(f"length {length}")
    return float(found[1]) * PIXELS[found[2]]


class _Operators:
    """The parts of a figure, in the order of drawing."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.parts: list[Part] = []
        self.ids = {e.get("id"): e for e in root.iter() if e.get("id")}
        self.rules: dict[str, Style] = {}
        for sheet in root.iter(f"{SVG}style"):
            self.rules |= {name: _declared(text) for name, text in _RULE.findall(sheet.text or "")}
        self.outlines: dict[int, bytes] = {}
        self._children(root, {})

    def _children(self, element: ElementTree.Element, style: Style) -> None:
        for child in element:
            self._element(child, style)

    def _element(self, element: ElementTree.Element, inherited: Style) -> None:
        tag = str(element.tag).removeprefix(SVG)
        if tag in SILENT:
            return
        style = self._style(element, inherited)
        setting = self._placed(element)
        if tag == "g":
            if style.pop("opacity", "1") != "1":
                raise NotDrawn("a group with opacity")
            self._add(b"q " + setting)
            self._children(element, style)
            self._add(b"Q")
        elif tag == "path":
            self._path(element, style, setting)
        elif tag == "use":
            target = self.ids[_link(element).removeprefix("#")]
            if target.tag != f"{SVG}path":
                raise NotDrawn("reuse of other than a path")
            x, y = element.get("x", "0"), element.get("y", "0")
            moved = b"" if x == y == "0" else f"1 0 0 1 {_number(x)} {_number(y)} cm ".encode()
            opacity = style.pop("opacity", "1")
            own = {**self._style(target, style), "opacity": opacity}
            self._path(target, own, setting + moved + self._placed(target))
        elif tag == "image":
            self._image(element, style, setting)
        else:
            raise NotDrawn(tag)

    def _style(self, element: ElementTree.Element, inherited: Style) -> dict[str, str]:
        """What holds for an element: inherited, then the rules for all and for its class, then its own."""
        own = {name: element.get(name, "") for name in KNOWN if element.get(name) is not None}
        rules = {**self.rules.get("*", {}), **self.rules.get("." + element.get("class", ""), {})}
        passed = {name: value for name, value in inherited.items() if name != "opacity"}
        made = {**passed, **own, **rules, **_declared(element.get("style", ""))}
        if unknown := set(made) - set(KNOWN):
            raise NotDrawn(f"style {unknown}")
        return made

    def _placed(self, element: ElementTree.Element) -> bytes:
        """The operators of an element's clipping and transformation."""
        said = b""
        if transform := element.get("transform"):
            said += " ".join([*map(_decimal, _matrix(transform)), "cm "]).encode()
        if clip := element.get("clip-path"):
            children = list(self.ids[clip.removeprefix("url(#").removesuffix(")")])
            if len(children) != 1 or children[0].tag != f"{SVG}rect" or said:
                raise NotDrawn("a clip that is no rectangle")
            rectangle = (_number(children[0].get(n, "0")) for n in ("x", "y", "width", "height"))
            said += f"{' '.join(rectangle)} re W n ".encode()
        return said

    def _path(self, element: ElementTree.Element, style: Style, setting: bytes) -> None:
        outline = self.outlines.get(id(element))
        if outline is None:
            outline = self.outlines[id(element)] = _outline(element.get("d", ""))
        fill, stroke = _color(style.get("fill", "#000000")), _color(style.get("stroke", "none"))
        if not outline or not (fill or stroke):
            return
        even = "*" if style.get("fill-rule") == "evenodd" else ""
        paint = f"B{even}" if fill and stroke else f"f{even}" if fill else "S"
        color = (f"{fill} rg " if fill else "") + (f"{stroke} RG {_pen(style)}" if stroke else "")
        all_over = float(style.get("opacity", 1))
        opacities = (all_over * float(style.get(f"{what}-opacity", 1)) for what in ("fill", "stroke"))
        self._add(b"q " + setting + color.encode() + outline + f" {paint} Q".encode(), *opacities)

    def _image(self, element: ElementTree.Element, style: Style, setting: bytes) -> None:
        head, _, data = _link(element).partition(",")
        if head != "data:image/png;base64":
            raise NotDrawn("a picture that is no PNG")
        x, y, width, height = (float(element.get(n, "0")) for n in ("x", "y", "width", "height"))
        flat = " ".join([*map(_decimal, (width, 0, 0, height, x, y)), "cm"]).encode()
        self.parts.append(Part(setting + flat, float(style.get("opacity", 1)), 1.0, base64.b64decode(data)))

    def _add(self, operators: bytes, fill_opacity: float = 1.0, stroke_opacity: float = 1.0) -> None:
        self.parts.append(Part(operators, fill_opacity, stroke_opacity))


def _declared(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _number(text: str) -> str:
    return _decimal(float(text)) if "e" in text.lower() else text.strip()


def _decimal(value: float) -> str:
    """PDF knows no exponents."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _color(value: str) -> str:
    """Red, green and blue from 0 to 1; '' for none."""
    if value == "none":
        return ""
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise NotDrawn(f"color {value}")
    return " ".join(f"{int(value[i : i + 2], 16) / 255:.4f}" for i in (1, 3, 5))


def _pen(style: Style) -> str:
    dashes = style.get("stroke-dasharray", "none")
    dashes = "" if dashes == "none" else " ".join(_TOKEN.findall(dashes))
    return (f"{_number(style.get('stroke-width', '1'))} w {CAPS[style.get('stroke-linecap', 'butt')]} J "
            f"{JOINS[style.get('stroke-linejoin', 'miter')]} j {_number(style.get('stroke-miterlimit', '4'))} M "
            f"[{dashes}] {_number(style.get('stroke-dashoffset', '0'))} d ")  # fmt: skip


def _matrix(transform: str) -> Matrix:
    made: Matrix = (1, 0, 0, 1, 0, 0)
    for name, text in _TRANSFORM.findall(transform):
        values = [float(v) for v in _TOKEN.findall(text)]
        if name == "translate":
            step: Sequence[float] = (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
        elif name == "scale":
            step = (values[0], 0, 0, values[-1], 0, 0)
        elif name == "rotate" and len(values) == 1:
            cosine, sine = math.cos(math.radians(values[0])), math.sin(math.radians(values[0]))
            step = (cosine, sine, -sine, cosine, 0, 0)
        elif name == "matrix":
            step = values
        else:
            raise NotDrawn(f"transformation {name}")
        a, b, c, d, e, f = step
        p, q, r, s, t, u = made  # what stands first is applied last
        made = (p * a + r * b, q * a + s * b, p * c + r * d, q * c + s * d, p * e + r * f + t, q * e + s * f + u)
    return made


def _outline(path: str) -> bytes:
    """Absolute moves, lines and curves as operators; quadratic curves become cubic ones."""
    tokens, said, place, at = _TOKEN.findall(path), [], 0, (0.0, 0.0)
    command = ""
    takes = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0, "Z": 0}
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
        elif command in "zZ":
            raise NotDrawn("numbers after the end of a path")
        if command not in takes:
            raise NotDrawn(f"path command {command}")
        points = tokens[place : place + takes[command]]
        if len(points) < takes[command]:
            raise NotDrawn("a path that is cut off")
        place += takes[command]
        if command in "zZ":
            said.append("h")
            continue
        if command == "Q":
            x, y, across, down = map(float, points)
            ends = (at[0] + 2 * (x - at[0]) / 3, at[1] + 2 * (y - at[1]) / 3, across + 2 * (x - across) / 3,
                    down + 2 * (y - down) / 3, across, down)  # fmt: skip
            said.append(" ".join(map(_decimal, ends)) + " c")
        else:
            said.append(" ".join(map(_number, points)) + {"M": " m", "L": " l", "C": " c"}[command])
        at = (float(points[-2]), float(points[-1]))
        command = "L" if command == "M" else command
    return " ".join(said).encode()
