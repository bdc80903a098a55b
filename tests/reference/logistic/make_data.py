"""Writes data.tsv: samples of several cohorts and of matched sets, with responses of known cause."""

from pathlib import Path

import numpy as np
import pandas as pd

rng = np.random.Generator(np.random.PCG64(77))
n = 160
cohort = rng.choice(["a", "b", "c", "d"], n, p=[0.4, 0.3, 0.2, 0.1])
marker, age = rng.standard_normal(n).round(3), np.round(rng.normal(60, 9, n))
treatment, stage = rng.choice(["drug", "none"], n), rng.choice(["I", "II", "III"], n)
shift = pd.Series(cohort).map({"a": -0.8, "b": 0.2, "c": 0.6, "d": 1.0}).to_numpy()
eta = shift + 0.9 * marker * (treatment == "drug") - 0.03 * (age - 60) + 0.5 * (stage == "III")
response = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
rare = ((rng.random(n) < 0.12) & (response == 1)).astype(int)  # separates: all of them respond
frame = pd.DataFrame({
    "sample_id": [f"S{i:03d}" for i in range(n)], "cohort": cohort, "pair": np.arange(n) // 4, "marker": marker,
    "age": age, "treatment": treatment, "stage": stage, "rare": rare, "response": response,
})  # fmt: skip
frame.to_csv(Path(__file__).parent / "data.tsv", sep="\t", index=False)
