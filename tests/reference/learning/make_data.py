"""The data of the references: python make_data.py writes small.tsv (120 x 40, ties) and wide.tsv (70 x 160)."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

for name, n, p, seed in (("small", 120, 40, 11), ("wide", 70, 160, 12)):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) * rng.uniform(0.5, 2, p) + rng.normal(size=(n, 1)) * rng.uniform(0, 1, p)
    risk = x[:, :4] @ np.array([0.4, -0.3, 0.3, 0.2])
    time, censoring = rng.exponential(np.exp(-risk)) * 20, rng.exponential(25, n)
    event = (time <= censoring).astype(int)
    observed = np.ceil(np.minimum(time, censoring)) if name == "small" else np.minimum(time, censoring).round(3)
    columns = [observed, event, rng.integers(0, 3, n), np.round(rng.uniform(0.5, 2, n), 2), rng.integers(1, 6, n)]
    head = ["time", "event", "cohort", "weight", "fold", *(f"x{j + 1}" for j in range(p))]
    lines = ["\t".join(head)]
    for i in range(n):
        lines.append("\t".join([f"{c[i]:g}" for c in columns] + [f"{v:.4f}" for v in x[i]]))
    (HERE / f"{name}.tsv").write_text("\n".join(lines) + "\n")
