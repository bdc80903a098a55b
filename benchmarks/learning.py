"""The penalized path of 20,000 genes x 1,400 samples in 15 cohorts against glmnet, and what is made of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .timing import Action, Row, compare, processor, seconds
from .workers import Worker, agreement

MINUTE = 60.0


@dataclass(frozen=True)
class Size:
    """Of the data, and of the work: random signatures, and the last penalty over the first."""

    genes: int
    samples: int
    cohorts: int
    draws: int
    smallest: float


FULL = Size(20_000, 1400, 15, 10_000, 0.01)
QUICK = Size(1_000, 400, 5, 1_000, 0.1)


def rows(rounds: int) -> list[Row]:
    from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
    from prognomics.learning.partial_likelihood import order_by_risk

    size, few = (QUICK if rounds <= 3 else FULL), min(rounds, 2)
    values, time, event, cohort = cohorts(size)
    within = PathProblem(np.arange(size.samples), order_by_risk(time, event, cohort), np.ones(size.genes),
                         smallest=size.smallest)  # fmt: skip
    plain = replace(within, risk=order_by_risk(time, event))
    upper = {"n_penalties": 50, "smallest": 0.1}
    what = f"{size.genes:,} × {size.samples:,}"

    def path(problem: PathProblem, **options: float) -> Action:
        return processor(lambda: elastic_net_paths(values, [replace(problem, **options)]))

    with tempfile.TemporaryDirectory() as name:
        values.tofile(Path(name) / "x.bin")
        outcome = np.column_stack([time, event, cohort])
        np.savetxt(Path(name) / "y.tsv", outcome, "%.10g", "\t", header="time\tevent\tcohort", comments="")
        (ours,) = elastic_net_paths(values, [replace(plain, **upper)])
        with Worker("learning.R", name, str(size.genes), str(size.smallest)) as r:
            made = [
                compare(f"path of 50 penalties to a tenth of the first, {what}", path(plain, **upper), r.job("exact"),
                        peer="glmnet, thresh = 1e-14", goal=1.5, kind="speed", rounds=few),
                compare(f"the same, stratified by {size.cohorts} cohorts", path(within, **upper), r.job("exact"),
                        peer="glmnet, thresh = 1e-14, not stratified", goal=1.5, kind="speed", rounds=few),
            ]  # fmt: skip
            note = "deviance ratios: " + agreement(ours.deviance_ratio, r.values.get("exact"))
            told = r.job("path")
            if told is not None:
                mine, default = seconds(path(within)), told()
                note += f"; 100 penalties, stratified: {mine:.3g} s; glmnet at its default, not so: {default:.3g} s"
            made[0] = replace(made[0], note=note)
            return [*made, *_whole(size, values, time, event, cohort, r)]


def cohorts(size: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Correlated genes of which 30 have an effect, months, events (half of the samples), cohort."""
    rng = np.random.default_rng(1)
    cohort = np.sort(rng.integers(0, size.cohorts, size.samples))
    loading = rng.normal(size=(size.genes, 40)) * (rng.random((size.genes, 40)) < 0.15) * 0.5
    values = loading @ rng.normal(size=(40, size.samples)) + rng.normal(size=(size.genes, size.samples))
    risk = rng.normal(size=30) * 0.25 @ values[:30] + rng.normal(size=size.cohorts)[cohort] * 0.5
    time, end = rng.exponential(60 * np.exp(-risk)), rng.exponential(80, size.samples)
    return values, np.maximum(np.round(np.minimum(time, end)), 0.1), (time <= end).astype(float), cohort


def _whole(
    size: Size, values: np.ndarray, time: np.ndarray, event: np.ndarray, cohort: np.ndarray, r: Worker
) -> list[Row]:
    """Cross-validation without each cohort, and random signatures, against the time that they may take."""
    import pandas as pd

    from prognomics.data.matrix import ExpressionMatrix
    from prognomics.learning.cohort_data import learning_data
    from prognomics.learning.held_out import HeldOutPredictions, make_splits
    from prognomics.learning.learner import Settings, learn
    from prognomics.learning.null_distribution import random_signatures

    ids = [f"s{i}" for i in range(size.samples)]
    frame = pd.DataFrame({"sample_id": ids, "cohort": [f"c{c:02d}" for c in cohort]})
    data = learning_data(frame, ExpressionMatrix(values, [f"g{i}" for i in range(len(values))], ids), time, event)
    settings = Settings(n_penalties=50, smallest=0.1)
    splits = make_splits(data, "cohort", True, settings)
    held = HeldOutPredictions(splits, {}, data.cohort.copy())
    both = len(splits) / 2  # held-out cohorts of each of two processes
    one = compare(
        f"path and 10-fold cross-validation without each of {size.cohorts} cohorts, two processes",
        processor(lambda: learn(data, splits[0].training, settings, whole_path=False)), r.job("cv"),
        peer="glmnet, thresh = 1e-14, not stratified, two processes", goal=4, kind="speed", rounds=1,
        note=f"processor time of one cohort times {size.cohorts} over 2",
    )  # fmt: skip
    one = replace(one, ours=one.ours * both, theirs=one.theirs * both)
    draws = seconds(processor(lambda: random_signatures(data, held, 67, size.draws, 1)))
    return [
        one,
        Row("the same against the clock", one.ours, 3 * MINUTE, "three minutes", 1, "speed"),
        Row(f"{size.draws:,} random signatures of 67 genes in {size.cohorts} held-out cohorts", draws,
            MINUTE * size.draws / FULL.draws, "one minute per 10,000", 1, "speed"),
    ]  # fmt: skip
