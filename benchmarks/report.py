"""Rows as a table of docs/benchmarks.md."""

from __future__ import annotations

import math

from .timing import Row


def table(rows: list[Row]) -> str:
    lines = ["| what | ours (s) | peer | theirs (s) | ratio | goal | met | note |", "|---|---|---|---|---|---|---|---|"]
    for r in rows:
        known = not math.isnan(r.theirs)
        ratio, met = (f"{r.ratio:.3g}×", "yes" if r.met else "**no**") if known else ("–", "–")
        theirs = f"{r.theirs:.3g}" if known else "–"
        lines.append(f"| {r.name} | {r.ours:.3g} | {r.peer} | {theirs} | {ratio} | {r.goal_text} | {met} | {r.note} |")
    return "\n".join(lines) + "\n"
