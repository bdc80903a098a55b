"""The tables of docs/how_we_know.md: each is written by the run that it reports, between two marks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from prognomics import __version__


def heading(command: str, seed: int | None) -> str:
    """Command, seed, date and version of a run, as one line."""
    sown = "" if seed is None else f", seed {seed}"
    return f"`{command}`{sown}, {datetime.now(UTC):%Y-%m-%d}, version {__version__}."


def replace_table(path: Path, name: str, lines: list[str]) -> None:
    """Put the lines between the marks of this name; a page without them is an error."""
    start, end = f"<!-- {name}: written by its run -->", f"<!-- end of {name} -->"
    text = path.read_text(encoding="utf-8")
    if start not in text or end not in text:
        raise SystemExit(f"{path}: the marks of {name!r} are missing")
    body = "\n".join([start, *lines, end])
    path.write_text(
        re.sub(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: body, text, flags=re.S), encoding="utf-8"
    )
