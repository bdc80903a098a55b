"""Analyses of every gene or of very many samples beside R's: competing risks and moderated t."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from .timing import Action, Row, compare, processor
from .workers import Worker, agreement

N_SAMPLES, N_BLOCKS = 1_400, 15
GENES = {False: 20_000, True: 2_000}
MANY = {False: 1_000_000, True: 100_000}
PART = {False: 100, True: 10}  # genes that R is given of those of the Fine-Gray screen


def rows(rounds: int) -> list[Row]:
    """Fine-Gray of every gene, cumulative incidence of a million, the moderated t within blocks."""
    from prognomics.screen.fine_gray_screen import CompetingSamples, fine_gray_screen
    from prognomics.survival.competing_risks.incidence import cumulative_incidence

    n_genes, some, many = GENES[rounds <= 3], PART[rounds <= 3], MANY[rounds <= 3]
    rng = np.random.default_rng(5)
    values = rng.normal(8, 2, (n_genes, N_SAMPLES))
    time, causes = np.round(rng.exponential(60, N_SAMPLES), 1) + 0.1, rng.choice([0.0, 1.0, 2.0], N_SAMPLES)
    block, group = np.sort(rng.integers(0, N_BLOCKS, N_SAMPLES)), rng.random(N_SAMPLES) < 0.4
    long, seen = np.round(rng.exponential(60, many), 1), rng.choice([0.0, 1.0, 2.0], many)
    alone = CompetingSamples(np.arange(N_SAMPLES), time, causes, np.zeros(N_SAMPLES, dtype=np.int64),
                             np.empty((N_SAMPLES, 0)))  # fmt: skip
    moderated = moderated_t(values, block, group)
    found = {"crr": fine_gray_screen(values[:some], alone).beta, "limma": moderated(),
             "incidence": cumulative_incidence(long, seen).causes["event"].estimate}  # fmt: skip
    size, made = f"{n_genes:,} × {N_SAMPLES:,}", []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values.tofile(folder / "x.bin")
        for title, columns in (("samples", (time, causes, block, group)), ("many", (long, seen))):
            np.savetxt(folder / f"{title}.tsv", np.column_stack(columns), "%.10g")
        with Worker("analyses.R", name, str(n_genes), str(some)) as r:

            def add(
                what: str, ours: Action, job: str, peer: str, goal: float, numbers: str, scale: float = 1.0
            ) -> None:
                row = compare(what, processor(ours), r.job(job), peer=peer, goal=goal, kind="speed", rounds=1,
                              scale=scale)  # fmt: skip
                note = "; ".join(filter(None, [row.note, agreement(found[numbers], r.values.get(job))]))
                made.append(Row(**{**vars(row), "note": note}))

            def screen() -> object:
                return fine_gray_screen(values, alone)

            part = n_genes / some
            add(f"Fine-Gray of every gene, {size}", screen, "crr", "R cmprsk::crr", 100, "crr", part)
            add(f"Fine-Gray of every gene, {size}", screen, "finegray", "R finegray, coxph", 10, "crr", part)
            add(f"cumulative incidence with intervals, {many:,} samples", lambda: cumulative_incidence(long, seen),
                "incidence", "R survfit", 5, "incidence")  # fmt: skip
            add(f"moderated t, {size}, {N_BLOCKS} blocks", moderated, "limma", "limma", 5, "limma")
    return made


def moderated_t(values: np.ndarray, block: np.ndarray, group: np.ndarray) -> Action:
    """The moderated t of every gene between two groups, with a mean per block."""
    from prognomics.stats.linear_by_gene import fit_by_gene, linear_design
    from prognomics.stats.moderated import squeeze_variances

    design = linear_design((block[:, None] == np.arange(N_BLOCKS)).astype(float), group.astype(float))

    def work() -> np.ndarray:
        fit = fit_by_gene(values, design)
        squeezed = squeeze_variances(fit.variance, fit.df)
        t: np.ndarray = fit.coefficient / (fit.unscaled * np.sqrt(squeezed.posterior))
        return t

    return work
