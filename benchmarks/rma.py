"""RMA against affy in R on the same CEL files, reading included; the numbers compared afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from .timing import Row, compare

HERE = Path(__file__).resolve().parent
N_ARRAYS = 20


def rows(rounds: int) -> list[Row]:
    """Nothing where R or its package affy is not installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_arrays(folder)
        peer = _Affy(folder)
        if not peer.works:
            print("RMA is not compared: R with affy is not here, or does not run")
            return []
        made = [
            compare(f"RMA, {N_ARRAYS} arrays of 22,283 probesets × 11, {words}", lambda n=n: _ours(folder, n), peer.run,
                    peer="R affy", goal=2, kind="speed", rounds=min(rounds, 3))
            for n, words in ((1, "one thread"), (2, "two threads"))
        ]  # fmt: skip
        peer.finish()
        _same_numbers(folder)
        return made


def _make_arrays(folder: Path) -> None:
    sys.path.insert(0, str(HERE.parent / "test-data"))
    import affymetrix_files as raw

    rng = np.random.default_rng(1)
    chip = raw.made_up_chip("Bench", 712, [11] * 22_283, rng)
    (folder / "bench.cdf").write_bytes(raw.cdf_xda(chip))
    for i in range(N_ARRAYS):
        (folder / f"a{i:02d}.CEL").write_bytes(raw.cel_xda(chip, raw.made_up_intensities(chip, 1, rng)[0]))
    names = np.repeat(list(chip.probesets), [len(c) for c in chip.probesets.values()])
    lines = [f"{name}\t{cell + 1}\n" for name, cell in zip(names, chip.perfect_match_cells().tolist(), strict=True)]
    (folder / "cells.tsv").write_text("".join(lines))


def _ours(folder: Path, threads: int):
    from prognomics.expression.affymetrix.arrays import Arrays
    from prognomics.expression.affymetrix.cdf import read_cdf
    from prognomics.expression.affymetrix.rma import rma

    paths = sorted(folder.glob("*.CEL"))
    layout = read_cdf(folder / "bench.cdf")
    arrays = Arrays(paths, [p.stem for p in paths], layout, "bench.cdf")
    return layout, rma(arrays.perfect_match, arrays.names, layout.n_probes, threads=threads)


class _Affy:
    """One R process for all runs, so that its start is not counted."""

    def __init__(self, folder: Path):
        self.works = False
        if not shutil.which("Rscript"):
            return
        environment = dict(os.environ)
        library = folder / "stack_size.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        words = [compiler or "", "-shared", "-fPIC", "-o", str(library), str(HERE / "stack_size.c"), "-ldl"]
        if compiler and subprocess.run(words, capture_output=True).returncode == 0:
            environment["LD_PRELOAD"] = str(library)
        self._process = subprocess.Popen(
            ["Rscript", str(HERE / "rma.R"), str(folder)], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            self.run()
            self.works = True
        except (OSError, EOFError):
            self._process.kill()

    def run(self) -> None:
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        while (line := self._process.stdout.readline()) != "done\n":
            if not line:
                raise EOFError

    def finish(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def _same_numbers(folder: Path) -> None:
    import pandas as pd

    layout, found = _ours(folder, 2)
    theirs = pd.read_csv(folder / "affy.tsv", sep=r"\s+").loc[layout.probeset_ids]
    np.testing.assert_allclose(found.expression, theirs, rtol=0, atol=1e-9)
