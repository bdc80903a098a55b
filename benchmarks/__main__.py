"""`python -m benchmarks [--quick] [--only NAME]`: print the ratios, and write them as a page.

The whole run writes docs/benchmarks.md under remarks.md; a quick one, on smaller data,
results/benchmarks_quick.md.

A group is a module with `rows(rounds)`; to add one, name it in GROUPS. A text is a module with `text(quick)`.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path

from . import (
    analyses,
    commands,
    full_scale,
    growth,
    imports,
    learning,
    limits,
    matrices,
    refusals,
    rma,
    screen,
    series_matrix,
    startup,
    survival,
)
from .report import table

GROUPS = {
    "Start-up": startup,
    "Refusals": refusals,
    "One model or curve": survival,
    "The screen": screen,
    "Competing risks and differential expression": analyses,
    "Matrices and large cohorts": matrices,
    "Sources": series_matrix,
    "Affymetrix arrays": rma,
    "Learning a signature": learning,
    "Whole commands, and their memory": commands,
}
TEXTS = (limits, growth, imports)
REMARKS = Path(__file__).with_name("remarks.md")
ROOT = Path(__file__).resolve().parents[1]
PAGES = {False: ROOT / "docs" / "benchmarks.md", True: ROOT / "results" / "benchmarks_quick.md"}
HEAD = """# Benchmarks

Written by `make bench`. Ours and theirs run in turn; the ratio of the medians counts, not the seconds, which differ
between machines and with what else these do. For a cost the ratio is ours over theirs, for a speed-up theirs over ours.
Work of one thread is timed by the processor, whole programs by the clock. Slow peers are given a part of the work and
scaled, as the note states. Every goal is a row, met or not.
"""


def main() -> None:
    began, quick = time.perf_counter(), "--quick" in sys.argv
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parts = []
    for title, group in GROUPS.items():
        if only in ("", group.__name__.rsplit(".", 1)[-1]):
            parts.append((title, table(group.rows(3 if quick else 7))))
            print(f"\n{title}\n{parts[-1][1]}", flush=True)
    for module in TEXTS:
        if only in ("", module.__name__.rsplit(".", 1)[-1]):
            parts.append((module.TITLE, module.text(quick)))
            print(f"\n{module.TITLE}\n{parts[-1][1]}", flush=True)
    if only == "full_scale" or not (only or quick):
        parts.append((full_scale.TITLE, table(full_scale.rows(0.05))))
        print(f"\n{full_scale.TITLE}\n{parts[-1][1]}", flush=True)
    if only:
        return  # a part must not replace the page
    remarks = (
        "Quick: smaller data, on which fixed costs weigh more.\n" if quick else REMARKS.read_text(encoding="utf-8")
    )
    minutes = (time.perf_counter() - began) / 60
    text = f"{HEAD}\n{remarks}\n{_machine()} The run took {minutes:.0f} minutes.\n"
    PAGES[quick].parent.mkdir(exist_ok=True)
    PAGES[quick].write_text(text + "".join(f"\n## {title}\n\n{made}" for title, made in parts), encoding="utf-8")
    print(f"\nwritten: {PAGES[quick]}")


def _machine() -> str:
    """Python, the machine, and how busy it was: with other work next to it, seconds by the clock mean little."""
    load = os.getloadavg()[0]
    processors = f"{os.cpu_count()} processors, load {load:.1f} at the end"
    return f"Python {platform.python_version()}, {platform.machine()}, {processors}."


if __name__ == "__main__":
    main()
