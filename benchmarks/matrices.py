"""Whole matrices: written and read back, ComBat, quantile normalization; and the largest cohorts' C-index."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from .timing import Row, compare, processor
from .workers import Worker, agreement

N_SAMPLES, N_BATCHES = 1400, 15
GENES = {False: 20_000, True: 4_000}


def rows(rounds: int) -> list[Row]:
    from prognomics.expression.combat import combat
    from prognomics.expression.quantile import normalize_quantiles
    from prognomics.io.h5ad import read_h5ad, write_h5ad
    from prognomics.survival.concordance import concordance

    n_genes = GENES[rounds <= 3]
    rng = np.random.default_rng(3)
    batch = np.sort(rng.integers(0, N_BATCHES, N_SAMPLES))
    values = rng.normal(8, 2, (n_genes, N_SAMPLES)) + rng.normal(size=(n_genes, N_BATCHES))[:, batch]
    ids = [f"G{i}" for i in range(n_genes)], [f"S{i}" for i in range(N_SAMPLES)]
    score = rng.normal(size=100_000)
    time, event = rng.exponential(np.exp(-0.3 * score)), rng.random(100_000) < 0.4
    size, made = f"{n_genes:,} × {N_SAMPLES:,}", []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values.tofile(folder / "x.bin")
        np.savetxt(folder / "batch.tsv", batch, "%d")

        def files() -> None:
            write_h5ad(folder / "ours.h5ad", values, *ids)
            read_h5ad(folder / "ours.h5ad")

        labels = [f"b{b:02d}" for b in batch]
        adjusted = combat(values, labels).values
        normal = normalize_quantiles(values)
        work = {
            "text": (f"write and read back, {size}", processor(files), 20, None),
            "combat": (f"ComBat, {size}, {N_BATCHES} batches", processor(lambda: combat(values, labels)), 10, adjusted),
            "quantile": (f"quantile normalization, {size}", processor(lambda: normalize_quantiles(values)), 1, normal),
            "concordance": ("C-index, 10⁵ samples",
                            processor(lambda: concordance(time, event, score, with_se=False)), 20, None),
        }  # fmt: skip
        names = {"text": ("pandas, text", 20), "combat": ("combaters", 10), "quantile": ("qnorm", 1),
                 "concordance": ("lifelines", 20)}  # fmt: skip
        with Worker("matrices.py", name, str(n_genes)) as peers:
            for job, (peer, goal) in names.items():
                what, ours, _, numbers = work[job]
                made.append(_row(peers, job, peer, what, ours, goal, numbers, rounds=min(rounds, 3)))
        group = np.arange(N_SAMPLES) % 3 == 0
        made.append(_mann_whitney(values[: n_genes // 5], group, min(rounds, 3)))
        with_se = processor(lambda: concordance(time, event, score))  # lifelines gives none, R does
        work["quantile"] = (f"quantile normalization, {size}, one thread",
                            processor(lambda: normalize_quantiles(values, threads=1)), 8, normal)  # fmt: skip
        work["concordance"] = ("C-index with its standard error, 10⁵ samples", with_se, 4, None)
        names = {"combat": ("sva", 10), "quantile": ("limma", 8), "concordance": ("R survival", 4)}
        with Worker("matrices.R", name, str(n_genes)) as r:
            for job, (peer, goal) in names.items():
                what, ours, _, numbers = work[job]
                numbers = None if numbers is None or job == "quantile" else numbers.T.ravel()  # R reads by column
                made.append(_row(r, job, peer, what, ours, goal, numbers, rounds=min(rounds, 3)))
    return made


def _mann_whitney(values: np.ndarray, group: np.ndarray, rounds: int) -> Row:
    from scipy.stats import mannwhitneyu

    from prognomics.stats.rank_tests_by_gene import mann_whitney_by_gene

    pair = values[:, group], values[:, ~group]
    ours = mann_whitney_by_gene(values, group, ~group)
    theirs = mannwhitneyu(*pair, axis=1, method="asymptotic")
    return compare(
        f"Mann-Whitney, {len(values):,} genes × {values.shape[1]:,}",
        processor(lambda: mann_whitney_by_gene(values, group, ~group, threads=1)),
        processor(lambda: mannwhitneyu(*pair, axis=1, method="asymptotic")),
        peer="scipy, axis=1", goal=3, kind="speed", rounds=rounds,
        note=f"U the same in {np.mean(ours.u == theirs.statistic):.0%} of the genes, "
             f"largest difference of p {np.abs(ours.p_value - theirs.pvalue).max():.1e}",
    )  # fmt: skip


def _row(worker, job, peer, what, ours, goal, numbers, *, rounds) -> Row:
    row = compare(what, ours, worker.job(job), peer=peer, goal=goal, kind="speed", rounds=rounds)
    note = "" if numbers is None else agreement(np.asarray(numbers).ravel(), worker.values.get(job))
    return Row(**{**vars(row), "note": "; ".join(filter(None, [row.note, note]))})
