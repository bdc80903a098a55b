"""What the machine can do at most, measured in the same run, and the fraction of it that the kernels reach."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .timing import processor, seconds

TITLE = "Fraction of the machine's limit"
GENES = {False: 20_000, True: 4_000}
N_SAMPLES, N_BATCHES = 1_400, 15
GOAL = 0.6


def text(quick: bool) -> str:
    """One row per kernel: the least time that its limit allows, its time, and the fraction of the two."""
    from prognomics.cutpoint.cut_statistics import best_cuts
    from prognomics.cutpoint.logrank_scores import rank_follow_up
    from prognomics.expression.combat import combat
    from prognomics.expression.quantile import normalize_quantiles
    from prognomics.screen.cox_screen import cox_screen
    from prognomics.screen.follow_up import sort_follow_up
    from prognomics.stats.ordering import row_orders

    from .screen import cohort

    values, time, event, _ = cohort(GENES[quick], N_SAMPLES)
    follow_up, ranked = sort_follow_up(time, event), rank_follow_up(time, event)
    batch = [f"b{i % N_BATCHES:02d}" for i in range(N_SAMPLES)]
    copied = np.empty_like(values)
    by_sample = np.ascontiguousarray(values.T)
    copy = _least(lambda: np.copyto(copied, values))  # reads and writes the matrix once
    powers = _least(lambda: np.exp(values, out=copied))
    orders = _least(lambda: row_orders(values))
    sorts = _least(lambda: np.sort(by_sample, axis=1))
    found = [
        ("Cox of every gene", "one exp per value, by NumPy", powers,
         _least(lambda: cox_screen(values, follow_up, threads=1)), "two passes with an exp and three sums"),
        ("log-rank of every cutpoint", "the order of every gene, by our own sort", orders,
         _least(lambda: best_cuts(values, ranked, 0.1, 1)), "log n steps per cutpoint for its variance"),
        (f"ComBat, {N_BATCHES} batches", "bandwidth: the matrix read twice, written once", 1.5 * copy,
         _least(lambda: combat(values, batch)), "sums per batch and the iterations of the prior"),
        ("quantile normalization", "the sort of every sample, by NumPy", sorts,
         _least(lambda: normalize_quantiles(values, threads=1)), "values go back to their places at random"),
        _series_matrix(quick),
    ]  # fmt: skip
    lines = [
        "One thread, processor time, the best of three.",
        "",
        "| what | limit | least (s) | ours (s) | fraction | goal | met | what else it does |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for what, limit, least, ours, why in found:
        met = "yes" if least / ours >= GOAL else "**no**"
        lines.append(
            f"| {what} | {limit} | {least:.3g} | {ours:.3g} | {least / ours:.0%} | ≥ {GOAL:.0%} | {met} | {why} |"
        )
    rate = 2 * values.nbytes / copy / 1e9
    return "\n".join([*lines, "", f"Bandwidth of a copy: {rate:.1f} GB/s (read and written)."]) + "\n"


def _series_matrix(quick: bool) -> tuple[str, str, float, float, str]:
    """Reading a series matrix against decompressing it."""
    from prognomics.sources.geo import read_series_values

    from .series_matrix import write_series

    with tempfile.TemporaryDirectory() as name:
        files = Path(name) / "GSE1_series_matrix.txt.gz", Path(name) / "GSM1.soft.gz"
        write_series(*files, probes=5_000 if quick else 54_675)
        opened = _decompressor()
        least = _least(lambda: opened(files[0]))
        ours = _least(lambda: read_series_values(files[0]))
    return (
        "a series matrix",
        "decompression alone",
        least,
        ours,
        "parsing; by the clock both are simultaneous",
    )


def _decompressor() -> Callable[[Path], object]:
    try:
        from isal import igzip
    except ImportError:
        return lambda path: gzip.decompress(path.read_bytes())
    return lambda path: igzip.decompress(path.read_bytes())


def _least(work: Callable[[], object]) -> float:
    work()
    return min(seconds(processor(work)) for _ in range(3))
