"""A large series matrix, from a gzip file into memory, whole processes: ours, polars, pandas and GEOparse in turn.

The peers stand in the benchmarks' own environment (or in this one); what is not installed is left out.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from .timing import Row, compare, process

PROBES, SAMPLES = 54_675, 310
NAME = "a series matrix, 54,675 × 310, gzip"
OWN_ENVIRONMENT = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
OURS = "import sys; from prognomics.sources.geo import read_series_values as read; m = read(sys.argv[1]).values"
WITH_SHEET = "import sys; from prognomics.sources.geo import read_series_matrix as read; read(sys.argv[1])"
# not ru_maxrss: a child inherits that of the process that started it
PEAK = """
high = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(high.split()[1]) * 1024, m.nbytes)"""
# module, what it runs, which of the two files it takes, the goal
PEERS = (
    ("polars", "import sys, polars; polars.read_csv(sys.argv[1], separator='\\t', comment_prefix='!')", 0, 1.5),
    ("pandas", "import sys, pandas; pandas.read_csv(sys.argv[1], sep='\\t', comment='!', index_col=0)", 0, 3.5),
    # it reads SOFT only: the same table as the record of one sample
    ("GEOparse", "import sys, GEOparse; GEOparse.get_GEO(filepath=sys.argv[1], geotype='GSM', silent=True)", 1, 6.0),
)


def rows(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "GSE1_series_matrix.txt.gz", Path(folder) / "GSM1.soft.gz"]
        write_series(*files)
        ours = process(sys.executable, "-c", OURS, str(files[0]))
        found = []
        for module, code, which, goal in PEERS:
            python = python_with(module)
            if python is not None:
                theirs = process(python, "-c", code, str(files[which]))
                found.append(compare(NAME, ours, theirs, peer=module, goal=goal, kind="speed", rounds=rounds))
                if module == "GEOparse":  # it reads the samples' annotation too
                    both = process(sys.executable, "-c", WITH_SHEET, str(files[0]))
                    found.append(compare(f"{NAME}, with the sample sheet", both, theirs, peer=module, goal=goal,
                                         kind="speed", rounds=rounds))  # fmt: skip
        told = subprocess.run([sys.executable, "-c", OURS + PEAK, str(files[0])], check=True, capture_output=True)
        peak, matrix = map(float, told.stdout.split())
        found.append(Row("its peak memory (bytes)", peak, matrix, "the matrix", 2.5, "cost"))
        return found


def python_with(module: str) -> str | None:
    """The interpreter that has a peer, or None."""
    for python in (str(OWN_ENVIRONMENT), sys.executable):
        asked = [python, "-c", f"import {module}"]
        if Path(python).exists() and not subprocess.run(asked, capture_output=True).returncode:
            return python
    return None


def write_series(series: Path, sample: Path, probes: int = PROBES) -> None:
    """Write the series, and its table as the SOFT record of one sample (log2 intensities with five decimals)."""
    rng = np.random.default_rng(1)
    ids = [f"GSM{100_000 + i}" for i in range(SAMPLES)]

    def line(name: str, cells: list[str]) -> bytes:
        return "\t".join([name, *(f'"{cell}"' for cell in cells)]).encode() + b"\n"

    with gzip.open(series, "wb", compresslevel=6) as out, gzip.open(sample, "wb", compresslevel=6) as soft:
        out.write(line("!Series_geo_accession", ["GSE1"]) + line("!Sample_geo_accession", ids))
        out.write(line("!Sample_platform_id", ["GPL570"] * SAMPLES))
        out.write(line("!Sample_characteristics_ch1", [f"age: {40 + i % 40}" for i in range(SAMPLES)]))
        out.write(b"!series_matrix_table_begin\n" + line('"ID_REF"', ids))
        soft.write(b"^SAMPLE = GSM1\n!Sample_title = all\n#ID_REF = \n")
        soft.write("".join(f"#{name} = value\n" for name in ids).encode())
        soft.write(b"!sample_table_begin\n" + "\t".join(["ID_REF", *ids]).encode() + b"\n")
        for probe in range(probes):
            values = 2 + rng.gamma(4, 1.5) + rng.normal(0, 0.5, SAMPLES)
            cells = "\t".join(["%.5f"] * SAMPLES) % tuple(values)
            out.write(f'"{200_000 + probe}_at"\t{cells}\n'.encode())
            soft.write(f"{200_000 + probe}_at\t{cells}\n".encode())
        out.write(b"!series_matrix_table_end\n")
        soft.write(b"!sample_table_end\n")
