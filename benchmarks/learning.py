"""The penalized path of 20,000 genes x 1,400 samples in 15 cohorts against glmnet, and what is made of it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from .timing import Row, compare, processor, seconds
from .workers import Worker, agreement

N_SAMPLES, N_COHORTS = 1400, 15
GENES = {False: 20_000, True: 2_000}
MINUTE = 60.0


def rows(rounds: int) -> list[Row]:
    from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
    from prognomics.learning.partial_likelihood import order_by_risk

    n_genes, few = GENES[rounds <= 3], min(rounds, 2)
    values, time, event, cohort = cohorts(n_genes)
    everyone = np.arange(N_SAMPLES)
    within = PathProblem(everyone, order_by_risk(time, event, cohort), np.ones(n_genes))
    plain = replace(within, risk=order_by_risk(time, event))
    upper = {"n_penalties": 50, "smallest": 0.1}
    size = f"{n_genes:,} × {N_SAMPLES:,}"

    def path(problem, **options):
        return processor(lambda: elastic_net_paths(values, [replace(problem, **options)]))

    with tempfile.TemporaryDirectory() as name:
        values.tofile(Path(name) / "x.bin")
        outcome = np.column_stack([time, event])
        np.savetxt(Path(name) / "y.tsv", outcome, "%.10g", "\t", header="time\tevent", comments="")
        (ours,) = elastic_net_paths(values, [replace(plain, **upper)])
        with Worker("learning.R", name, str(n_genes)) as r:
            made = [
                compare(f"path of 100 penalties, {size}, stratified by 15 cohorts", path(within), r.job("path"),
                        peer="glmnet, default accuracy, not stratified", goal=1.5, kind="speed", rounds=few),
                compare(f"path of 100 penalties, {size}", path(plain), r.job("path"), peer="glmnet, default accuracy",
                        goal=1.5, kind="speed", rounds=few),
                compare(f"path of 50 penalties to a tenth of the first, {size}", path(plain, **upper), r.job("exact"),
                        peer="glmnet, thresh = 1e-14", goal=1.5, kind="speed", rounds=few),
            ]  # fmt: skip
            note = "deviance ratios: " + agreement(ours.deviance_ratio, r.values.get("exact"))
            made[-1] = replace(made[-1], note=note)
    return [*made, *_whole(values, time, event, cohort)]


def cohorts(n_genes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Correlated genes of which 30 have an effect, months, events (half of the samples), cohort."""
    rng = np.random.default_rng(1)
    cohort = np.sort(rng.integers(0, N_COHORTS, N_SAMPLES))
    loading = rng.normal(size=(n_genes, 40)) * (rng.random((n_genes, 40)) < 0.15) * 0.5
    values = loading @ rng.normal(size=(40, N_SAMPLES)) + rng.normal(size=(n_genes, N_SAMPLES))
    risk = rng.normal(size=30) * 0.25 @ values[:30] + rng.normal(size=N_COHORTS)[cohort] * 0.5
    time, end = rng.exponential(60 * np.exp(-risk)), rng.exponential(80, N_SAMPLES)
    return values, np.maximum(np.round(np.minimum(time, end)), 0.1), (time <= end).astype(float), cohort


def _whole(values, time, event, cohort) -> list[Row]:
    """Cross-validation without each cohort, and random signatures, against the time that they may take."""
    import pandas as pd

    from prognomics.data.matrix import ExpressionMatrix
    from prognomics.learning.cohort_data import learning_data
    from prognomics.learning.held_out import HeldOutPredictions, make_splits
    from prognomics.learning.learner import Settings, learn
    from prognomics.learning.null_distribution import random_signatures

    ids = [f"s{i}" for i in range(N_SAMPLES)]
    frame = pd.DataFrame({"sample_id": ids, "cohort": [f"c{c:02d}" for c in cohort]})
    data = learning_data(frame, ExpressionMatrix(values, [f"g{i}" for i in range(len(values))], ids), time, event)
    splits = make_splits(data, "cohort", True, Settings())
    held = HeldOutPredictions(splits, {}, data.cohort.copy())
    one = seconds(processor(lambda: learn(data, splits[0].training, Settings())))
    draws = seconds(processor(lambda: random_signatures(data, held, 67, 10_000, 1)))
    return [
        Row("path and 10-fold cross-validation without each of 15 cohorts, two threads", one * len(splits) / 2,
            3 * MINUTE, "three minutes", 1, "speed", f"processor time of one cohort, {one:.1f} s, times 15 over 2"),
        Row("10,000 random signatures of 67 genes in 15 held-out cohorts", draws, MINUTE, "one minute", 1, "speed"),
    ]  # fmt: skip
