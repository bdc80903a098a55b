"""Coverage-guided fuzzing of every parser, in slices; a run that was stopped goes on with its files and its counts.

    python benchmarks/fuzzing.py --seconds 3600 --log build/fuzz.tsv --write docs/how_we_know.md

`seconds` are those of a processor, for each parser in all. What a fuzzer found ends its slice and is kept near the log.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from proof_page import heading, replace_table

from prognomics import __version__

SLICE = 300
COLUMNS = ("target", "version", "processor_seconds", "files", "files_kept", "peak_mb", "found")
PARSERS = {
    "series": "GEO series matrix", "soft": "GEO SOFT (family, data set)", "platform": "platform annotation",
    "matrix": "expression matrix (TSV, CSV, GCT, gzip)", "h5ad": "H5AD, bytes", "h5ad_layout": "H5AD, layouts",
    "sheet": "clinical tables, drafted and curated", "mapping": "mappings (YAML)", "local": "local files of any kind",
    "rows": "numeric rows, compiled against NumPy", "decimals": "decimals against Python's `float`",
}  # fmt: skip


def targets(python: Path) -> list[str]:
    """The names of the fuzz targets."""
    said = subprocess.run([python, "-m", "tests.fuzz", "--help"], capture_output=True, text=True, check=True).stdout
    return re.search(r"\{([\w,]+)\}", said)[1].split(",")


def fuzz(python: Path, target: str, seconds: int, corpus: Path) -> dict[str, object]:
    """One slice: processor seconds, files tried and kept, peak memory, and what was found."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [str(python), "-m", "tests.fuzz", target, "--seconds", str(seconds), "--corpus", str(corpus)]
    with tempfile.TemporaryFile("w+") as log:
        done = subprocess.run(words, stdout=log, stderr=log)
        log.seek(0)
        said = log.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    runs = re.findall(r"^#(\d+)\s", said, re.M) + re.findall(r"^Done (\d+) runs", said, re.M)
    peak = re.findall(r"rss: (\d+)Mb", said)
    fault = re.findall(r"^(\w*(?:Error|Exception)\b.*)$", said, re.M)
    found = (fault or ["ended without a message"])[-1] if done.returncode else ""
    return {"target": target, "version": __version__, "processor_seconds": round(spent, 1),
            "files": int(runs[-1]) if runs else 0, "files_kept": len(list(corpus.iterdir())),
            "peak_mb": max(map(int, peak), default=0), "found": found.replace("\t", " ")[:120]}  # fmt: skip


def read(log: Path) -> pd.DataFrame:
    """The slices so far."""
    if not log.exists():
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("\t".join(COLUMNS) + "\n", encoding="utf-8")
    return pd.read_csv(log, sep="\t", keep_default_na=False)


def page(rows: pd.DataFrame) -> list[str]:
    """The sums by parser as lines of Markdown."""
    lines = ["| parser | processor minutes | files tried | files kept | peak memory (MB) | found |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for target, mine in rows.groupby("target", sort=True):
        found = "; ".join(dict.fromkeys(f for f in mine["found"] if f)) or "nothing"
        name = f"{PARSERS[target]} (`{target}`)" if target in PARSERS else f"`{target}`"
        lines.append(f"| {name} | {mine['processor_seconds'].sum() / 60:.1f} | {mine['files'].sum():,} | "
                     f"{mine['files_kept'].iloc[-1]:,} | {mine['peak_mb'].max()} | {found} |")  # fmt: skip
    return lines


def main() -> None:
    """Fuzz each target in slices until it has its seconds, and print or write the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3600, help="of a processor, for each target in all")
    parser.add_argument("--target", action="append", help="this one alone; repeatable")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="one that has atheris")
    parser.add_argument("--log", type=Path, default=Path("build/fuzz.tsv"))
    parser.add_argument("--write", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    rows = read(given.log)
    for target in given.target or targets(given.python):
        spent = rows.loc[rows["target"] == target, "processor_seconds"].sum()
        while spent < given.seconds:
            corpus = given.log.with_suffix("") / target
            row = fuzz(given.python, target, min(SLICE, max(int(given.seconds - spent), 5)), corpus)
            with given.log.open("a", encoding="utf-8") as lines:
                lines.write("\t".join(str(row[c]) for c in COLUMNS) + "\n")
            spent += float(row["processor_seconds"])
            if row["found"]:
                break
    text = [heading(f"make proof-fuzz SECONDS={given.seconds}", None), "", *page(read(given.log))]
    replace_table(given.write, "fuzzing", text) if given.write else print("\n".join(text))


if __name__ == "__main__":
    main()
