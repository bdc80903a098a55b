"""`python -m benchmarks [--quick]`: print the ratios and write docs/benchmarks.md."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from . import rma, series_matrix, startup, survival
from .timing import Row

GROUPS = {"Start-up": startup, "Survival": survival, "Affymetrix arrays": rma, "Sources": series_matrix}
HEAD = """# Benchmarks

Written by `make bench`. Ours and theirs run in turn, in one process or as fresh processes; the ratio of the medians
counts, not the seconds, which differ between machines. For a cost the ratio is ours over theirs, for a speed-up theirs
over ours.
"""


def table(rows: list[Row]) -> str:
    lines = ["| what | ours (s) | peer | theirs (s) | ratio | goal | met |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {r.name} | {r.ours:.3g} | {r.peer} | {r.theirs:.3g} | {r.ratio:.2f}× | {r.goal_text} | "
        f"{'yes' if r.met else 'no'} |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    rounds = 3 if "--quick" in sys.argv else 9
    text = HEAD + f"\nPython {platform.python_version()}, {platform.machine()}.\n"
    for title, group in GROUPS.items():
        made = table(group.rows(rounds))
        print(f"\n{title}\n{made}", flush=True)
        text += f"\n## {title}\n\n{made}"
    Path(__file__).resolve().parents[1].joinpath("docs", "benchmarks.md").write_text(text, encoding="utf-8")


main()
