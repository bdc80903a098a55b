"""Whole commands, each a fresh process, from file to table.

The goal is a number of seconds of processor time. The note states the peak memory, for which the goal is 2 GB.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from .screen import N_SAMPLES, cohort
from .timing import Row, measured

GENES = {False: 20_000, True: 2_000}
ROWS = {False: 10_000, True: 2_000}
MAPPING = """sample_id: sample
tissue_type: {constant: primary}
endpoints:
  os: {definition: death, time: {column: os_days, unit: days}, event: {column: status, event: dead, censored: alive}}
columns: {age_years: {column: age, unit: years}}
"""


def rows(rounds: int) -> list[Row]:
    """Seconds and memory of each command."""
    quick = rounds <= 3
    n_genes, n_rows = GENES[quick], ROWS[quick]
    size = f"{n_genes:,} × {N_SAMPLES:,}"
    part = n_genes / GENES[False]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, n_genes, n_rows)
        data = ["--samples", "samples.tsv", "--expression", "x.h5ad"]
        adjusted = ["--covariate", "age", "--covariate", "size", "--strata", "cohort"]
        groups = ["--group-column", "group", "--level", "high", "--reference", "low", "--block", "cohort"]
        outcome = ["--endpoint", "os"]
        merge = ["--expression", "x.h5ad", "--samples", "samples.tsv", "--method", "combat"]
        jobs: list[tuple[str, float, list[str]]] = [
            (f"`screen`, {size}, 15 strata, two covariates", 10 * part + 2, ["screen", *data, *outcome, *adjusted]),
            ("`screen`, the same, 1,000 permutations", 120 * part + 2,
             ["screen", *data, *outcome, *adjusted, "--permutations", "1000"]),
            (f"`differential_expression`, {size}, 15 blocks", 6 * part + 2,
             ["differential_expression", *data, *groups]),
            (f"`merge_cohorts --method combat`, {size}, 15 cohorts", 12 * part + 2, ["merge_cohorts", *merge]),
            (f"`enrichment`, 5,000 sets in {n_genes:,} genes", 30,
             ["enrichment", "--table", "ranking.tsv", "--sets", "sets.gmt"]),
            (f"`curate_samples`, a sheet of {n_rows:,} rows", 3,
             ["curate_samples", "--samples", "raw.tsv", "--mapping", "mapping.yml", "--cohort", "C"]),
            ("`curate_samples --suggest`, the same sheet", 6,
             ["curate_samples", "--samples", "raw.tsv", "--suggest", "--cohort", "C"]),
        ]  # fmt: skip
        outputs = {"curate_samples": ["--out-samples", "out.tsv"], "merge_cohorts": ["--out-expression", "out.h5ad"]}
        made = []
        for what, goal, words in jobs:
            out = outputs.get(words[0], ["--out-table", "out.tsv"])
            if "--suggest" in words:
                out = ["--out-mapping", "out.yml"]
            made.append(_row(what, goal, [*words, *out], folder))
        return made


def _row(what: str, goal: float, words: list[str], folder: Path) -> Row:
    wall, spent, memory = measured([sys.executable, "-m", "prognomics", *words], folder / "log", folder)
    note = f"the ratio is in seconds; {wall:.3g} s by the clock; peak memory {memory:,.0f} MB of 2,000"
    return Row(what, spent, 1.0, f"{goal:g} s of processor time", goal, "cost", note)


def _write(folder: Path, n_genes: int, n_rows: int) -> None:
    from prognomics.io.h5ad import write_h5ad

    rng = np.random.default_rng(4)
    values, time, event, age = cohort(n_genes, N_SAMPLES)
    ids, genes = [f"S{i}" for i in range(N_SAMPLES)], [f"G{i}" for i in range(n_genes)]
    write_h5ad(folder / "x.h5ad", values + 8, genes, ids)
    lines = ["sample_id\tcohort\tos_time\tos_event\tage\tsize\tgroup"]
    for i in range(N_SAMPLES):
        group = "high" if rng.random() < 0.4 else "low"
        lines.append(f"{ids[i]}\tc{i % 15:02d}\t{time[i]:g}\t{event[i]:g}\t{age[i]:g}\t{rng.normal(5, 1):.1f}\t{group}")
    (folder / "samples.tsv").write_text("\n".join(lines) + "\n")
    ranking = [f"{gene}\t{t:.4f}" for gene, t in zip(genes, rng.normal(size=n_genes), strict=True)]
    (folder / "ranking.tsv").write_text("\n".join(["gene_id\tt", *ranking]) + "\n")
    sizes = rng.integers(15, 300, 5_000)
    sets = ["\t".join([f"SET{i}", "", *rng.choice(genes, size, replace=False)]) for i, size in enumerate(sizes)]
    (folder / "sets.gmt").write_text("\n".join(sets) + "\n")
    raw = [f"P{i}\t{40 + i % 40}\t{'dead' if i % 3 else 'alive'}\t{30 + i % 3000}" for i in range(n_rows)]
    (folder / "raw.tsv").write_text("\n".join(["sample\tage\tstatus\tos_days", *raw]) + "\n")
    (folder / "mapping.yml").write_text(MAPPING)
