"""The one style of all figures, and how a figure becomes bytes.

matplotlib is imported when a figure is drawn, never before. The colours are
those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any
common colour vision tell apart; low is blue, high is vermillion.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.errors import UsageFault
from prognomics.report.figures.svg import compact_svg
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "pdf", "svg")
DPI = 300

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#B5558C"
ORANGE, SKY, INK, GREY, PALE = "#E69F00", "#56B4E9", "#222222", "#6B6B6B", "#D9D9D9"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, "#7A5C00", INK)
DASHES = ("solid", (0, (6, 1.6)), (0, (6, 1.6, 1.2, 1.6)), (0, (2.2, 1.4)), (0, (9, 2)), (0, (1.2, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

# Sizes in points, lengths in inches: a full text width of an A4 or letter page is 6.5 to 7 inches.
TEXT, SMALL, TITLE = 8.0, 7.0, 9.5
WIDTH = 6.8
MANY_POINTS = 3000  # more of one kind become pixels (300 dpi) in SVG and PDF too

STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so the bytes are the same everywhere
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
def drawing() -> Iterator[None]:
    """The project's style on top of matplotlib's own defaults, whatever the user's settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


class StudyFigure(ABC):
    """What every figure can do once it knows how to draw itself.

    A subclass is a dataclass of the tables and labels that it shows, and has
    `draw`, which returns a `matplotlib.figure.Figure`.
    """

    @abstractmethod
    def draw(self) -> Figure:
        """The figure, drawn under the project's style."""

    def to_bytes(self, format: str = "png") -> bytes:
        """The figure as PNG (300 dpi), PDF or SVG; the same bytes for the same content.

        Raises
        ------
        UsageFault
            When the format is not one of png, pdf and svg.
        """
        if format not in FORMATS:
            raise UsageFault(f"there is no plot format {format!r}", hint=f"use one of {', '.join(FORMATS)}")
        buffer = io.BytesIO()
        with drawing():
            self.draw().savefig(buffer, format=format, dpi=DPI, metadata=METADATA[format])
        if format == "svg":
            return compact_svg(buffer.getvalue().decode("utf-8")).encode("utf-8")
        return buffer.getvalue()

    def save(self, path: str | Path, format: str | None = None) -> None:
        """Write the figure; without a format the file's ending decides, and png otherwise."""
        path = Path(path)
        if format is None:
            ending = path.suffix.lower().lstrip(".")
            format = ending if ending in FORMATS else "png"
        path.write_bytes(self.to_bytes(format))


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in inches, without pyplot and its global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Figure, left: float, bottom: float, width: float, height: float):
    """Axes at a place given in inches from the lower left corner."""
    full_width, full_height = figure.get_size_inches()
    return figure.add_axes((left / full_width, bottom / full_height, width / full_width, height / full_height))


def put_text(figure: Figure, x: float, y: float, text: str, **style):
    """Text at a place given in inches from the lower left corner."""
    full_width, full_height = figure.get_size_inches()
    style = {"va": "baseline", "ha": "left", "fontsize": TEXT, **style}
    return figure.text(x / full_width, y / full_height, text, **style)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """The width of one line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=["DejaVu Sans"], size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


def fit_text(text: object, width: float, size: float = TEXT, bold: bool = False) -> str:
    """One line that is no wider than `width` inches; the middle of a longer text becomes an ellipsis."""
    text = clean_text(text)[:400]
    if text_width(text, size, bold) <= width:
        return text
    keep = len(text)
    while keep > 2:
        keep -= 1
        head = (keep + 1) // 2
        shorter = f"{text[:head].rstrip()}…{text[len(text) - (keep - head) :].lstrip()}"
        if text_width(shorter, size, bold) <= width:
            return shorter
    return "…"


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


def group_colours(groups: Sequence[object]) -> dict[object, str]:
    """A colour a group: low is blue and high vermillion wherever they occur, others follow in order."""
    named = {"low": BLUE, "high": VERMILLION}
    names = {group: str(group).strip().casefold() for group in groups}
    colours = {group: named[name] for group, name in names.items() if name in named}
    if len(names) == 1 and not colours:
        return dict.fromkeys(groups, INK)
    free = [colour for colour in CYCLE if colour not in colours.values()]
    others = [group for group in groups if group not in colours]
    colours.update({group: free[i % len(free)] for i, group in enumerate(others)})
    return {group: colours[group] for group in groups}


def text_colour(colour: str) -> str:
    """The colour for text of a group: dark ink where the group's own colour is too pale to read."""
    return INK if colour in (ORANGE, SKY) else colour


def group_dashes(groups: Sequence[object]) -> dict[object, object]:
    """A line pattern a group, so that the lines differ in a grey print as well."""
    return {group: DASHES[i % len(DASHES)] for i, group in enumerate(groups)}


def month_step(longest: float) -> float:
    """The distance between ticks of a time axis in months: at most nine ticks, whole years if possible."""
    for step in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240):
        if longest / step <= 8:
            return float(step)
    return 240.0 * round(longest / 240 / 8 + 0.5)
