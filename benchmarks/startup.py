"""How long a tool takes to start, against what it cannot do without."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .timing import Row, compare, process


def rows(rounds: int) -> list[Row]:
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        sheet, table = Path(folder) / "samples.tsv", str(Path(folder) / "table.tsv")
        sheet.write_text(samples_text(500))
        cox = process(python, "-m", "prognomics", "cox", "--samples", str(sheet), "--endpoint", "os", "--covariate",
                      "marker", "--covariate", "stage", "--out-table", table)  # fmt: skip
        return [
            compare("`prognomics cox --help`", process(python, "-m", "prognomics", "cox", "--help"),
                    process(python, "-c", "import click, yaml"), peer="`import click, yaml`", goal=4, kind="cost",
                    rounds=rounds),
            compare("a cox run on 500 samples", cox, process(python, "-c", "import pandas"), peer="`import pandas`",
                    goal=2.5, kind="cost", rounds=rounds),
        ]  # fmt: skip


def samples_text(n: int) -> str:
    import random

    rng = random.Random(1)
    lines = ["sample_id\tcohort\tos_time\tos_event\tmarker\tstage"]
    lines += [
        f"S{i}\tc\t{rng.expovariate(0.02):.1f}\t{rng.randint(0, 1)}\t{rng.gauss(0, 1):.4f}\t{rng.choice('ABC')}"
        for i in range(n)
    ]
    return "\n".join(lines) + "\n"
