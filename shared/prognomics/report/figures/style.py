"""The one style of all figures, and how a figure becomes bytes.

matplotlib is imported when a figure is drawn, never before.
"""

from __future__ import annotations

import io
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prognomics.errors import UsageError, first_few, note
from prognomics.report.figures.font import FONT, bundled_font
from prognomics.report.figures.look import month_step  # noqa: F401
from prognomics.report.figures.palette import (  # noqa: F401  figures find all of the style here
    DEFAULT,
    GRAY,
    INK,
    PALE,
    chosen_color,
    colored,
    group_colors,
    high,
    hue,
    lighter,
    low,
    n_hues,
    scale,
    text_color,
)
from prognomics.report.figures.svg import compact_svg
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GLYPH = re.compile(r"Glyph (\d+) ")
FORMATS = ("png", "pdf", "svg")
DPI = 300
COARSE_DPI = 150  # of thousands of points in an SVG, or it would be megabytes

DASHES = ("solid", (0, (6, 1.6)), (0, (6, 1.6, 1.2, 1.6)), (0, (2.2, 1.4)), (0, (9, 2)), (0, (1.2, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

# Sizes in points, lengths in inches: a full text width of an A4 or letter page is 6.5 to 7 inches.
TEXT, SMALL, TITLE = 8.0, 7.0, 9.5
WIDTH = 6.8
PAGE, PAGE_HEIGHT = 7.2, 10.0  # what a page of A4 or letter paper holds
MANY_POINTS = 3000  # more of one kind become pixels in SVG and PDF too

STYLE = {
    "font.family": FONT,
    "font.size": TEXT,
    "axes.labelsize": TEXT,
    "axes.titlesize": TITLE,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "prognomics",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
}

# Nothing that changes from run to run is written into the files.
METADATA = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "svg": {"Date": None, "Creator": None},
}


@contextmanager
def drawing(figure: StudyFigure | None = None) -> Iterator[None]:
    """The project's style on top of matplotlib's own defaults, whatever the user's settings; a figure's own colors."""
    import matplotlib

    with matplotlib.rc_context(), colored(getattr(figure, "palette", DEFAULT), getattr(figure, "group_color", {})):
        bundled_font()
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


@contextmanager
def _missing_glyphs() -> Iterator[None]:
    """One warning that names the characters which the figures' font lacks, in place of matplotlib's for each."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    lacking: dict[str, None] = {}
    for message in caught:
        glyph = _GLYPH.match(str(message.message))
        if glyph:
            lacking[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(message.message, message.category, message.filename, message.lineno)
    if lacking:
        note("plot-font", f"the font of the plots lacks {first_few(lacking)}: drawn as empty boxes")


@dataclass(kw_only=True)
class StudyFigure(ABC):
    """What every figure can do once it knows how to draw itself.

    A subclass is a dataclass of the tables and labels that it shows, and has
    `draw`, which returns a `matplotlib.figure.Figure`. What else may be chosen of it
    is in the classes of `look` that it inherits.

    Parameters
    ----------
    title : str
    palette : str
        One of `PALETTES`.
    """

    title: str = ""
    palette: str = DEFAULT

    def with_look(self, **choices: object) -> StudyFigure:
        """The same figure with these fields, as far as it has them.

        Raises
        ------
        UsageError
            If a text holds characters that the figures' font lacks.
        """
        for text in choices.values():
            if lacking := lacking_glyphs(text) if isinstance(text, str) else "":
                raise UsageError(f"the font of the plots lacks {first_few(lacking)}", where=repr(text),
                                 hint="write it in Latin, Greek or Cyrillic letters")  # fmt: skip
        own = {f.name for f in fields(self)}
        return replace(self, **{name: choice for name, choice in choices.items() if name in own})

    @abstractmethod
    def draw(self) -> Figure:
        """The figure, drawn under the project's style."""

    def to_bytes(self, format: str = "png") -> bytes:
        """The figure as PNG (300 dpi), PDF or SVG; the same bytes for the same content.

        Raises
        ------
        UsageError
            When the format is not one of png, pdf and svg.
        """
        if format not in FORMATS:
            raise UsageError(f"there is no plot format {format!r}", hint=f"use one of {', '.join(FORMATS)}")
        buffer = io.BytesIO()
        with drawing(self), _missing_glyphs():
            drawn = self.draw()
            dpi = COARSE_DPI if format == "svg" and _holds_pixels(drawn) else DPI
            drawn.savefig(buffer, format=format, dpi=dpi, metadata=METADATA[format])
        if format == "svg":
            return compact_svg(buffer.getvalue().decode("utf-8")).encode("utf-8")
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        """For notebooks."""
        return self.to_bytes("png")

    def save(self, path: str | Path, format: str | None = None) -> None:
        """Write the figure; without a format the file's ending decides, and png otherwise."""
        path = Path(path)
        if format is None:
            ending = path.suffix.lower().lstrip(".")
            format = ending if ending in FORMATS else "png"
        path.write_bytes(self.to_bytes(format))


def _holds_pixels(figure: Figure) -> bool:
    """Whether marks of a figure, being too many, are drawn as pixels; the key of a color scale always is."""
    from matplotlib.collections import QuadMesh
    from matplotlib.image import AxesImage

    marks = figure.findobj(lambda artist: artist.get_rasterized() and not isinstance(artist, QuadMesh))
    return bool(marks) or any(image.get_interpolation() == "nearest" for image in figure.findobj(AxesImage))


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in inches, without pyplot and its global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Any:
    """Axes at a place given in inches from the lower left corner."""
    full_width, full_height = figure.get_size_inches()
    return figure.add_axes((left / full_width, bottom / full_height, width / full_width, height / full_height))


def title_lines(title: str, width: float = WIDTH) -> list[str]:
    """A title in at most three lines that fit into a figure of that width."""
    return wrap_text(title, width - 0.3, TITLE, bold=True) if title else []


def panel_height(wanted: float, rows: int, around: float, least: float = 0.4) -> float:
    """The height of a panel in inches, of `rows` one below the other, so that with all `around` a page holds them."""
    return wanted if around + rows * wanted <= PAGE_HEIGHT else max((PAGE_HEIGHT - around) / rows, least)


def title_room(lines: Sequence[str]) -> float:
    """The height in inches that the lines of a title need above what stands at the top of a figure."""
    return 0.2 * len(lines) + 0.1 if lines else 0.0


def put_title(figure: Figure, lines: Sequence[str], above: float = 0.12, step: float = 0.2) -> None:
    """The lines of a title at the top of the figure."""
    height = figure.get_size_inches()[1]
    for i, line in enumerate(lines):
        put_text(figure, 0.15, height - above - step * (i + 0.75), line, fontsize=TITLE, weight="bold")


def lacking_glyphs(text: str) -> str:
    """The characters of a text that the figures' font lacks."""
    if text.isascii():
        return ""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(dict.fromkeys(c for c in clean_text(text) if ord(c) not in known))


def put_text(figure: Figure, x: float, y: float, text: str, **style: Any) -> Any:
    """Text at a place given in inches from the lower left corner."""
    full_width, full_height = figure.get_size_inches()
    style = {"va": "baseline", "ha": "left", "fontsize": TEXT, **style}
    return figure.text(x / full_width, y / full_height, text, **style)


def put_line(figure: Figure, left: float, right: float, height: float, color: str, dash: object) -> None:
    """A horizontal sample of a line, places in inches from the lower left corner."""
    from matplotlib.lines import Line2D

    width, full = figure.get_size_inches()
    ends = [left / width, right / width]
    figure.add_artist(Line2D(ends, [height / full] * 2, color=color, linestyle=dash, linewidth=1.5))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """The width of one line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=[bundled_font()], size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


def fit_text(text: object, width: float, size: float = TEXT, bold: bool = False) -> str:
    """One line that is not a wider than `width` inches; the middle of a longer text becomes an ellipsis."""
    text = clean_text(text)[:400]
    full = text_width(text, size, bold)
    if full <= width:
        return text

    def shortened(keep: int) -> str:
        head = (keep + 1) // 2
        return f"{text[:head].rstrip()}…{text[len(text) - (keep - head) :].lstrip()}"

    keep = min(max(int(len(text) * width / full), 2), len(text) - 1)  # near, as widths are costly
    while keep < len(text) - 1 and text_width(shortened(keep), size, bold) <= width:
        keep += 1
    while keep >= 2 and text_width(shortened(keep), size, bold) > width:
        keep -= 1
    return shortened(keep) if keep >= 2 else "…"


def fit_name(name: object, said: str, width: float, size: float = TEXT, bold: bool = True) -> str:
    """A name and what is said of it in one line: the name becomes shorter before the rest does."""
    room = width - text_width(said, size, bold)
    return fit_text(f"{fit_text(name, max(room, 0.4), size, bold)}{said}", width, size, bold)


def wrap_text(text: object, width: float, size: float = TEXT, bold: bool = False, lines: int = 3) -> list[str]:
    """Text broken at blanks into at most `lines` lines of `width` inches."""
    broken: list[str] = []
    for word in clean_text(text).split():
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and text_width(longer, size, bold) <= width:
            broken[-1] = longer
        else:
            broken.append(word)
    if len(broken) > lines:
        broken = [*broken[: lines - 1], " ".join(broken[lines - 1 :])]
    return [fit_text(line, width, size, bold) for line in broken]


def group_dashes(groups: Sequence[object]) -> dict[object, object]:
    """A line pattern a group, so that the lines differ in a gray print as well."""
    return {group: DASHES[i % len(DASHES)] for i, group in enumerate(groups)}
