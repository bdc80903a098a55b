"""How far a result that was drawn at random would move with another seed."""

from __future__ import annotations

import numpy as np


def proportion_error(p: float | np.ndarray, n_draws: int) -> float | np.ndarray:
    """Monte Carlo standard error of a fraction of `n_draws` random draws; NaN without draws."""
    p = np.asarray(p, dtype=float)
    return np.sqrt(p * (1 - p) / n_draws) if n_draws else np.full(p.shape, np.nan)


def mean_error(values: list[float] | np.ndarray) -> float:
    """Monte Carlo standard error of the mean of random draws; NaN for fewer than two."""
    values = np.asarray(values, dtype=float)
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
