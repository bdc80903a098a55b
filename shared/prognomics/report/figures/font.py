"""The one font of all figures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FONT = "Prognomics Sans"  # matplotlib's own files under a name that no font of the machine bears
_FILES = {
    "DejaVuSans.ttf": ("normal", 400),
    "DejaVuSans-Bold.ttf": ("normal", 700),
    "DejaVuSans-Oblique.ttf": ("oblique", 400),
    "DejaVuSans-BoldOblique.ttf": ("oblique", 700),
}


@lru_cache(maxsize=1)
def bundled_font() -> str:
    """The family of the figures' font, made known to matplotlib: the same file, and the same bytes, on every machine.

    A machine's own DejaVu Sans, found by name, may be another release with other outlines.
    """
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontEntry, fontManager

    for name, (style, weight) in _FILES.items():
        path = str(Path(get_data_path(), "fonts", "ttf", name))
        fontManager.ttflist.append(
            FontEntry(fname=path, name=FONT, style=style, weight=weight, stretch="normal", size="scalable")
        )
    return FONT
