"""Printed results of books, papers and packages, redone by single commands of the suite.

`tests/reference/published/results.yml` lists printed numbers, where they were printed and the command that redoes them;
`export.R` of the same folder writes the data from R's packages, so that none of them is kept here. A number agrees if
it lies within half a unit of the last printed digit.

    python benchmarks/published.py --write docs/how_we_know.md
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from proof_page import heading, replace_table

from prognomics.cli import commands

PLACE = Path(__file__).resolve().parents[1] / "tests" / "reference" / "published"


@dataclass(frozen=True)
class Redone:
    """One printed number and ours."""

    what: str
    source: str
    checked: str
    quantity: str
    printed: str
    ours: float
    reason: str = ""

    @property
    def difference(self) -> float:
        """Ours minus the printed number."""
        return self.ours - float(self.printed)

    @property
    def agrees(self) -> bool:
        """Whether ours lies within half a unit of the last printed digit."""
        decimals = len(self.printed.partition(".")[2])
        return abs(self.difference) <= 0.5 * 10**-decimals * (1 + 1e-6)


def listed() -> dict:
    """Sources and results as declared."""
    return yaml.safe_load((PLACE / "results.yml").read_text(encoding="utf-8"))


def export(folder: Path) -> bool:
    """Let R write its data sets into the folder; False without R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return False
    subprocess.run([rscript, str(PLACE / "export.R"), str(folder)], check=True, capture_output=True, timeout=300)
    return True


def data_file(result: dict) -> str:
    """The file that a result's command reads."""
    words = shlex.split(result["run"])
    return words[words.index("--samples" if "--samples" in words else "--effects") + 1]


def redo(result: dict, source: dict, folder: Path) -> list[Redone]:
    """Run the command of one result in the folder of data; one entry per printed number."""
    outputs = {output: folder / f"out.{output}.tsv" for output, *_ in result["values"]}
    words = shlex.split(result["run"])
    for output, path in outputs.items():
        words += [f"--out-{output}", str(path)]
    before = Path.cwd()
    try:
        os.chdir(folder)
        commands.main(["--quiet", *words], "prognomics", standalone_mode=False)
    finally:
        os.chdir(before)
    tables = {output: _rows(path) for output, path in outputs.items()}
    done = []
    for output, where, column, printed in result["values"]:
        row = _row(tables[output], where, result["what"])
        named = ", ".join([column, *(str(v) for k, v in where.items() if k not in ("comparison", "row_type"))])
        ours = float(row[column])
        reason = result.get("differs", {}).get(printed, {}).get("why", "")
        done.append(Redone(result["what"], source["text"], source["checked"], named, printed, ours, reason))
    return done


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _row(rows: list[dict[str, str]], where: dict, what: str) -> dict[str, str]:
    found = [r for r in rows if all(r[k] == str(v) for k, v in where.items())]
    if not found:
        raise LookupError(f"{what}: the table has no row with {where}")
    return found[0]


def page(done: list[Redone]) -> list[str]:
    """The table as lines of Markdown."""
    agree = [d for d in done if d.agrees]
    read = [d for d in done if d.checked == "read"]
    results = len({d.what for d in done})
    lines = [
        f"{len(done)} printed numbers of {results} analyses, {len(agree)} of them within half a unit of their last",
        f"digit. {len(read)} were read in the text of their source; {len(done) - len(read)} were written from memory",
        "(marked *memory*): a disagreement of these would first be a reason to look at the source.",
        "",
        "| analysis | number | printed | ours | difference | agrees | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for d in done:
        mark = "yes" if d.agrees else f"no: {d.reason}"
        place = d.source + (" *(memory)*" if d.checked == "memory" else "")
        lines.append(
            f"| {d.what} | {d.quantity} | {d.printed} | {d.ours:.8g} | {d.difference:+.1e} | {mark} | {place} |"
        )
    return lines


def main() -> None:
    """Redo all results whose data are here and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    declared = listed()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not export(folder):
            raise SystemExit("published.py: R is not installed, and the data come from its packages")
        here = [r for r in declared["results"] if (folder / data_file(r)).is_file()]
        done = [d for r in here for d in redo(r, declared["sources"][r["source"]], folder)]
    text = [heading("python benchmarks/published.py", None), "", *page(done)]
    replace_table(given.write, "published", text) if given.write else print("\n".join(text))


if __name__ == "__main__":
    main()
