"""How large a signal a new signature finds: by events and by effect, on simulated cohorts.

`python -m benchmarks.signal_size [PAGE]` writes the table into the page of documentation.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

TEMPLATE = Path(__file__).with_suffix(".md")
EVENTS = (30, 60, 120, 240)
RATIOS = (1.2, 1.5, 2.0)
N_GENES, INFORMATIVE, REPEATS, N_TEST = 1000, 5, 6, 1000


def cell(events: int, ratio: float, seed: int) -> tuple[float, float, int, int]:
    """One study: the signature's C in new samples, that of the truth, true genes found, genes chosen."""
    from prognomics.data.matrix import ExpressionMatrix
    from prognomics.learning.cohort_data import learning_data
    from prognomics.learning.learner import Settings, learn
    from prognomics.survival.concordance import concordance

    rng = np.random.default_rng([events, round(100 * ratio), seed])
    n = 2 * events
    values = rng.normal(size=(N_GENES, n + N_TEST))
    truth = np.log(ratio) * values[:INFORMATIVE].sum(axis=0)
    time = rng.exponential(np.exp(-truth))
    end = rng.exponential(1.0, n + N_TEST)  # about half of the samples have the event
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(n + N_TEST)]})
    matrix = ExpressionMatrix(values, [f"g{i}" for i in range(N_GENES)], frame["sample_id"].tolist())
    data = learning_data(frame, matrix, np.minimum(time, end), (time <= end).astype(float), scaling="none")
    learned = learn(data, np.arange(n), Settings(folds=10, n_penalties=40, smallest=0.1))
    test = np.arange(n, n + N_TEST)
    linear = learned.coefficients @ data.values
    mine, best = (concordance(data.time[test], data.event[test], x[test]).estimate for x in (linear, truth))
    chosen = np.flatnonzero(learned.coefficients)
    return mine, best, int((chosen < INFORMATIVE).sum()), len(chosen)


def table() -> str:
    """The table as Markdown."""
    heads = ("events", "HR per SD of each of 5 genes", "C of the truth", "C of the signature", "true genes found",
             "genes chosen")  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for ratio in RATIOS:
        for events in EVENTS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mine, best, found, chosen = np.array([cell(events, ratio, s) for s in range(REPEATS)]).T
            reached = f"{mine.mean():.2f} ({mine.min():.2f} to {mine.max():.2f})"
            lines.append(f"| {events} | {ratio:g} | {best.mean():.2f} | {reached} | {found.mean():.1f} "
                         f"of {INFORMATIVE} | {chosen.mean():.0f} |")  # fmt: skip
            print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    made = TEMPLATE.read_text(encoding="utf-8").format(table=table(), genes=f"{N_GENES:,}", repeats=REPEATS)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(made, encoding="utf-8")
