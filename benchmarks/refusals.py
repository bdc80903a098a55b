"""How soon a wrong input is refused, against `import pandas`: before the work, whatever the size of the file."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .startup import samples_text
from .timing import Action, Row, compare, process

LARGE = {False: 300 << 20, True: 30 << 20}


def rows(rounds: int) -> list[Row]:
    """One row per kind of wrong input; each must be refused."""
    quick = rounds <= 3
    peer = process(sys.executable, "-c", "import pandas")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good, large = folder / "samples.tsv", LARGE[quick]
        good.write_text(samples_text(500))
        (folder / "short.tsv").write_text(samples_text(500).replace("sample_id", "patient", 1))
        (folder / "binary.tsv").write_bytes(b"PK\x03\x04" + bytes(large))
        (folder / "text.tsv").write_bytes(b"gene_id\ta\tb\nTP53\tlow\thigh\n" + b"G\t1\t2\n" * (large // 6))
        cox = ["cox", "--endpoint", "os", "--covariate", "marker", "--out-table", str(folder / "out.tsv")]
        screen = ["screen", "--samples", str(good), "--endpoint", "os", "--out-table", str(folder / "out.tsv")]
        size = f"{large >> 20} MB"
        cases: list[tuple[str, float, list[str]]] = [
            ("an option that does not exist", 1.0, [*cox, "--samples", str(good), "--endpiont", "os"]),
            ("a file that does not exist", 2.0, [*cox, "--samples", str(folder / "none.tsv")]),
            ("a sheet without sample_id", 2.5, [*cox, "--samples", str(folder / "short.tsv")]),
            ("a variable that the sheet does not contain", 2.5, [*cox, "--samples", str(good), "--covariate", "stge"]),
            (f"a damaged workbook of {size} as the sheet", 2.5, [*cox, "--samples", str(folder / "binary.tsv")]),
            (f"a damaged workbook of {size} as the matrix", 2.5, [*screen, "--expression", str(folder / "binary.tsv")]),
            (f"words in the first row of a matrix of {size}", 2.5, [*screen, "--expression", str(folder / "text.tsv")]),
        ]  # fmt: skip
        return [
            compare(what, _refused(words), peer, peer="`import pandas`", goal=goal, kind="cost", rounds=min(rounds, 5))
            for what, goal, words in cases
        ]


def _refused(words: list[str]) -> Action:
    def run() -> None:
        done = subprocess.run([sys.executable, "-m", "prognomics", *words], capture_output=True, text=True)
        if done.returncode not in (2, 3):
            raise RuntimeError(f"{' '.join(words)}: not refused (exit code {done.returncode})\n{done.stderr[-500:]}")

    return run
