"""The screen of 20,000 genes × 1,400 samples, month-rounded times, against R and Python, one thread each."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

from .timing import Row, compare, process, processor
from .workers import Worker, agreement

N_SAMPLES = 1400
GENES = {False: 20_000, True: 2_000}
FEW = {False: 200, True: 40}


def cohort(n_genes: int, n_samples: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Expression, times in whole months, events (40%), age."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_genes, n_samples))
    time = np.maximum(np.round(rng.exponential(60 * np.exp(-0.4 * values[0]))), 1)
    return values, time, (rng.random(n_samples) < 0.4).astype(float), rng.normal(60, 10, n_samples).round()


def hand_over(folder: Path, values: np.ndarray, time: np.ndarray, event: np.ndarray, age: np.ndarray) -> None:
    """Files for the peers: x.bin and y.tsv, and for the tool x.h5ad and samples.tsv."""
    from prognomics.io.h5ad import write_h5ad

    ids = [f"S{i}" for i in range(len(time))]
    values.tofile(folder / "x.bin")
    columns = np.column_stack([time, event, age])
    np.savetxt(folder / "y.tsv", columns, "%g", "\t", header="time\tevent\tage", comments="")
    write_h5ad(folder / "x.h5ad", values, [f"G{i}" for i in range(len(values))], ids)
    lines = ["sample_id\tos_time\tos_event", *(f"{s}\t{t:g}\t{e:g}" for s, t, e in zip(ids, time, event, strict=True))]
    (folder / "samples.tsv").write_text("\n".join(lines) + "\n")


def rows(rounds: int) -> list[Row]:
    from prognomics.cutpoint.cut_statistics import best_cuts
    from prognomics.cutpoint.logrank_scores import rank_follow_up
    from prognomics.screen.cox_screen import cox_screen
    from prognomics.screen.follow_up import sort_follow_up
    from prognomics.screen.logrank_screen import logrank_screen

    quick = rounds <= 3
    n_genes, some = GENES[quick], FEW[quick]
    values, time, event, age = cohort(n_genes, N_SAMPLES)
    follow_up = sort_follow_up(time, event)
    size = f"{n_genes:,} × {N_SAMPLES:,}"
    cox = processor(lambda: cox_screen(values, follow_up, threads=1))
    two = processor(lambda: cox_screen(values, follow_up, covariates=age[follow_up.columns, None], threads=1))
    logrank = processor(lambda: logrank_screen(values, follow_up, threads=1))
    ranked = rank_follow_up(time, event)
    cuts = processor(lambda: best_cuts(values, ranked, 0.1, threads=1))
    part = n_genes / some
    few = min(rounds, 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_over(folder, values, time, event, age)
        found = cox_screen(values, follow_up)
        chisq, statistic = logrank_screen(values, follow_up).chisq, best_cuts(values, ranked, 0.1).statistic
        made = []
        with Worker("screen.R", name, str(n_genes), str(some)) as r:

            def add(what, ours, job, peer, goal, numbers=None, scale=1.0, times=rounds):
                row = compare(what, ours, r.job(job), peer=peer, goal=goal, kind="speed", rounds=times, scale=scale)
                note = agreement(numbers, r.values.get(job)) if numbers is not None else ""
                made.append(Row(**{**vars(row), "note": "; ".join(filter(None, [row.note, note]))}))

            add(f"Cox of every gene, {size}", cox, "coxph_fit", "R coxph.fit", 8, found.beta)
            add(f"Cox of every gene, {size}", cox, "c_routine", "R's C routine", 3, found.beta)
            add(f"Cox of every gene, {size}", cox, "coxph_formula", "R coxph(formula)", 100, found.beta, part, few)
            add(f"Cox beside one covariate, {size}", two, "coxph_fit_two", "R coxph.fit", 2)
            add(f"log-rank at the median, {size}", logrank, "survdiff_fit", "R survdiff.fit", 12, chisq)
            add(f"log-rank of every cut, {size}", cuts, "maxstat", "R maxstat", 15, statistic, part, few)
            if r.jobs:
                whole = np.tile(values, (GENES[False] // n_genes, 1))
                hand_over(folder, whole, time, event, age)
                made.append(_process_row(folder, r, rounds, len(whole), len(whole) / n_genes))
                made += _accuracy(found, r)
        with Worker("screen.py", name, str(n_genes), str(some)) as peers:
            for what, ours, job, peer, goal in (
                (f"Cox of every gene, {size}", cox, "lifelines_cox", "lifelines", 2000),
                (f"Cox of every gene, {size}", cox, "sksurv_cox", "scikit-survival", 1000),
                (f"log-rank at the median, {size}", logrank, "statsmodels_logrank", "statsmodels", 12),
            ):
                row = compare(what, ours, peers.job(job), peer=peer, goal=goal, kind="speed", rounds=1, scale=part)
                made.append(row)
    return made


def _process_row(folder: Path, r: Worker, rounds: int, n_genes: int, scale: float) -> Row:
    """The whole tool, from file to table in a fresh process, against coxph.fit's loop alone."""
    words = [sys.executable, "-m", "prognomics", "screen", "--samples", str(folder / "samples.tsv"), "--expression",
             str(folder / "x.h5ad"), "--endpoint", "os", "--out-table", str(folder / "table.tsv")]  # fmt: skip
    run = process(*words)

    def timed() -> float:
        before = os.times()
        run()
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    with mock.patch.dict(os.environ, PROGNOMICS_THREADS="1"):
        row = compare(
            f"`prognomics screen`, {n_genes:,} genes, file to table", timed, r.job("coxph_fit"),
            peer="R coxph.fit, loop alone", goal=2, kind="speed", rounds=min(rounds, 5), scale=scale,
        )  # fmt: skip
        os.environ["PROGNOMICS_COMPILED"] = "0"
        plain = timed()
    note = ("processor time of both, each call a new process; nothing is compiled when it runs; "
            f"where the loops were not compiled {plain:.3g} s, {row.theirs / plain:.2g}×")  # fmt: skip
    return Row(**{**vars(row), "note": "; ".join(filter(None, [row.note, note]))})


def _accuracy(found, r: Worker) -> list[Row]:
    """How far from R with eps = 1e-14: the goal is the largest difference allowed."""
    made = []
    for what, ours, job, goal in (
        ("largest difference of beta", found.beta, "coxph_fit_exact", 1e-9),
        ("largest difference of the SE", found.se, "coxph_fit_exact_se", 1e-8),
        ("largest relative difference of the log-likelihood", found.loglik, "coxph_fit_exact_loglik", 1e-12),
    ):
        r.job(job)()
        theirs = r.values[job]
        gap = np.abs(ours[: len(theirs)] - theirs)
        gap = gap / np.abs(theirs) if "relative" in what else gap
        made.append(Row(what, float(gap.max()), 1.0, "R coxph.fit, eps = 1e-14", goal, "cost", "not seconds"))
    return made
