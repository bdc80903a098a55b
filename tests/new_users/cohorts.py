"""Invented cohorts: sheets with an outcome and matrices of expression, from a random generator."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

Vector = np.ndarray


def survival(
    rng: np.random.Generator,
    log_hazard: Vector,
    *,
    median: float = 50.0,
    follow_up: tuple[float, float] = (24.0, 120.0),
) -> tuple[Vector, Vector]:
    """Months (two decimals, none at 0) and events of exponential survival with uniform follow-up."""
    event_time = rng.exponential(median / np.log(2) / np.exp(log_hazard))
    censored = rng.uniform(*follow_up, size=len(log_hazard))
    months = np.maximum(np.round(np.minimum(event_time, censored), 2), 0.05)
    return months, (event_time <= censored).astype(int)


def sheet(
    rng: np.random.Generator, log_hazard: Vector, *, cohort: str = "clinic", prefix: str = "S", median: float = 50.0
) -> pd.DataFrame:
    """A curated sheet of primary tumors, one a patient."""
    n = len(log_hazard)
    months, events = survival(rng, log_hazard, median=median)
    return pd.DataFrame({
        "sample_id": ids(prefix, n), "patient_id": ids(f"{prefix}P", n), "cohort": cohort, "tissue_type": "primary",
        "os_time": months, "os_event": events, "age_years": np.round(rng.normal(60, 10, n), 1),
    })  # fmt: skip


def ids(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i:03d}" for i in range(1, n + 1)]


def matrix(
    rng: np.random.Generator, samples: Iterable[str], genes: Iterable[str], *, mean: float = 8.0, sd: float = 1.0
) -> pd.DataFrame:
    """Log2 expression, genes by samples, of independent normal values (four decimals)."""
    names, columns = list(genes), list(samples)
    values = rng.normal(rng.normal(mean, 1.0, len(names))[:, None], sd, (len(names), len(columns)))
    return pd.DataFrame(np.round(values, 4), index=pd.Index(names, name="gene_id"), columns=columns)


def scaled(row: pd.Series) -> Vector:
    """Values of a gene with mean 0 and standard deviation 1."""
    values = row.to_numpy(dtype=float)
    return (values - values.mean()) / values.std(ddof=1)


def write(frame: pd.DataFrame, path: Path, *, separator: str = "\t") -> None:
    frame.to_csv(path, sep=separator, index=frame.index.name is not None)
