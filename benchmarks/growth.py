"""How the screen grows with genes and samples, and the memory of a screen that streams."""

from __future__ import annotations

import math
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from .growing import growing_work
from .timing import measured, processor, seconds

TITLE = "Growth of the screen"
SLACK = 0.25  # of exponents
STREAMED = {True: (2_000, 10_000), False: (4_000, 100_000)}


def text(quick: bool) -> str:
    """A table of seconds by genes and by samples, and of peak memory by size."""
    from prognomics.cutpoint.cut_statistics import best_cuts
    from prognomics.cutpoint.logrank_scores import rank_follow_up
    from prognomics.screen.cox_screen import cox_screen
    from prognomics.screen.follow_up import sort_follow_up

    from .screen import cohort

    lines = [
        "One thread, processor time; a unit is one gene of one sample: a constant cost per unit is linear growth.",
        "",
        "| genes | samples | Cox (s) | ns per unit | every cutpoint (s) | ns per unit |",
        "|---|---|---|---|---|---|",
    ]
    by_genes = [(g, 200) for g in ((2_000, 6_000) if quick else (2_000, 6_000, 20_000, 60_000))]
    by_samples = [(200, n) for n in ((100, 1_000, 10_000) if quick else (100, 1_000, 10_000, 100_000))]
    for n_genes, n_samples in by_genes + by_samples:
        values, time, event, _ = cohort(n_genes, n_samples)
        time = time + np.random.default_rng(0).random(n_samples)  # all times differ
        follow_up, ranked = sort_follow_up(time, event), rank_follow_up(time, event)
        cells = n_genes * n_samples / 1e9
        made = []
        for work in (partial(cox_screen, values, follow_up, threads=1), partial(best_cuts, values, ranked, 0.1, 1)):
            work()
            spent = min(seconds(processor(work)) for _ in range(2))
            made.append(f"{spent:.3g} | {spent / cells:.1f}")
        lines.append(f"| {n_genes:,} | {n_samples:,} | {' | '.join(made)} |")
    return "\n".join([*lines, "", *_exponents(quick), "", *_streaming(STREAMED[quick])]) + "\n"


def _exponents(quick: bool) -> list[str]:
    """The power of its size with which each kind of work grows, between one size and four times as much."""
    lines = [
        "Time grows with size to the power of the exponent, from one size to four times as much (one thread,",
        "processor time, least of three). Linear is 1, n log n about 1.1; up to 0.25 above what is expected is met.",
        "",
        "| work | of | sizes | seconds | exponent | expected | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for work in growing_work(quick):
        small, large = (min(seconds(processor(action)) for _ in range(3)) for action in map(work.make, work.sizes))
        exponent = math.log(large / small) / math.log(work.sizes[1] / work.sizes[0])
        met = "yes" if exponent <= work.expected + SLACK else "**no**"
        sizes = " → ".join(f"{size:,}" for size in work.sizes)
        lines.append(
            f"| {work.name} | {work.of} | {sizes} | {small:.3g} → {large:.3g} "
            f"| {exponent:.2f} | {work.expected:g} | {met} |"
        )
    return lines


def _streaming(largest: tuple[int, int]) -> list[str]:
    """Peak memory of `prognomics screen` on H5AD files: it must depend on a block, not on the number of genes."""
    lines = ["Peak memory of `prognomics screen` that reads an H5AD file in blocks (a fresh process, two threads):", "",
             "| genes | samples | file (MB) | peak (MB) |", "|---|---|---|---|"]  # fmt: skip
    n_genes, n_samples = largest
    for share in (4, 1):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _write(folder, n_genes // share, n_samples)
            words = [sys.executable, "-m", "prognomics", "screen", "--samples", str(folder / "s.tsv"), "--expression",
                     str(folder / "x.h5ad"), "--endpoint", "os", "--out-table", str(folder / "t.tsv")]  # fmt: skip
            peak = measured(words, folder / "log")[2]
            size = (folder / "x.h5ad").stat().st_size / 1e6
            lines.append(f"| {n_genes // share:,} | {n_samples:,} | {size:,.0f} | {peak:,.0f} |")
    return lines


def _write(folder: Path, n_genes: int, n_samples: int) -> None:
    """A matrix of four-byte numbers, written in blocks."""
    import h5py

    from prognomics.io.h5ad import write_h5ad

    rng = np.random.default_rng(1)
    ids = [f"G{i}" for i in range(n_genes)], [f"S{i}" for i in range(n_samples)]
    write_h5ad(folder / "x.h5ad", np.zeros((1, n_samples)), ["G"], ids[1])
    with h5py.File(folder / "x.h5ad", "a") as handle:
        del handle["X"], handle["var"]["gene_id"]
        text = h5py.string_dtype()
        handle["var"].create_dataset("gene_id", data=np.array(ids[0], dtype=object), dtype=text)
        stored = handle.create_dataset("X", (n_samples, n_genes), np.float32, chunks=(n_samples, 2))
        for begin in range(0, n_genes, 200):
            width = min(200, n_genes - begin)
            stored[:, begin : begin + width] = rng.standard_normal((n_samples, width), dtype=np.float32)
    time = rng.exponential(60, n_samples)
    event = rng.random(n_samples) < 0.4
    rows = zip(ids[1], time, event, strict=True)
    lines = ["sample_id\tos_time\tos_event", *(f"{s}\t{t:.2f}\t{int(e)}" for s, t, e in rows)]
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")
