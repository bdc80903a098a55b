"""Values so far from the others that an estimate follows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from prognomics.errors import first_few, warn

FAR = 20.0
"""Interquartile ranges from the median (27 standard deviations of a normal variable)."""
MOST = 0.5
"""Share of the sum of squares about the median that such values must hold."""
SUSPECT, PROBE = 4.0, 64


def far_values(values: np.ndarray) -> np.ndarray:
    """Positions of the values that dominate a variable, shape (n_found,), the farthest first.

    They are more than 20 interquartile ranges from the median, and hold at least half of the sum of squares about
    it. Where half of the values are equal (many zeros), the median distance of the different ones takes the place of
    the range. Missing values are skipped.

    Parameters
    ----------
    values : array_like, shape (n_samples,)
    """
    values = np.asarray(values, dtype=float)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 4:
        return np.zeros(0, dtype=int)
    q1, middle, q3 = np.quantile(values[known], [0.25, 0.5, 0.75])
    with np.errstate(over="ignore"):
        distance = np.abs(values[known] - middle)
        unit = q3 - q1
        if unit == 0:
            different = np.sort(distance[distance > 0])[:-1]
            unit = np.median(different) if len(different) else np.inf
        far = distance > FAR * unit
        relative = distance / max(distance.max(), np.finfo(float).tiny)
        if not far.any() or (relative[far] ** 2).sum() < MOST * (relative**2).sum():
            return np.zeros(0, dtype=int)
    found = np.flatnonzero(far)
    return known[found[np.argsort(-distance[found], kind="stable")]]


def far_genes(values: np.ndarray) -> list[tuple[int, int]]:
    """Genes with such values, and the sample of the farthest, of a matrix of shape (n_genes, n_samples).

    A gene is looked at in full where an extreme is more than four standard deviations (of its first samples) away.
    """
    if not values.size:
        return []
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        probe = values[:, :PROBE]
        # a single value is at most sqrt(n - 1) standard deviations away
        wide = min(SUSPECT, 0.5 * np.sqrt(probe.shape[1] - 1)) * probe.std(axis=1)
        middle = probe.mean(axis=1)
        calm = (np.fmax.reduce(values, axis=1) - middle <= wide) & (middle - np.fmin.reduce(values, axis=1) <= wide)
    rows = np.flatnonzero(~calm)
    ordered = np.sort(values[rows], axis=1)
    q1, middle, q3 = (_quantile(ordered, share)[:, None] for share in (0.25, 0.5, 0.75))
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(values[rows] - middle)
        far = distance > FAR * (q3 - q1)
        square = (distance / np.maximum(distance.max(axis=1, keepdims=True), np.finfo(float).tiny)) ** 2
        dominated = far.any(axis=1) & ((square * far).sum(axis=1) >= MOST * square.sum(axis=1))
    plain = (values.shape[1] >= 4) & np.isfinite(ordered[:, -1]) & (q3 > q1)[:, 0]
    found = [(int(rows[i]), int(distance[i].argmax())) for i in np.flatnonzero(plain & dominated)]
    for i in np.flatnonzero(~plain):  # values are missing, or half of them are equal
        one = far_values(values[rows[i]])
        if len(one):
            found.append((int(rows[i]), int(one[0])))
    return sorted(found)


def _quantile(ordered: np.ndarray, share: float) -> np.ndarray:
    """Quantile (R's type 7) of each sorted row."""
    place = share * (ordered.shape[1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        result: np.ndarray = ordered[:, low] + (place - low) * (ordered[:, high] - ordered[:, low])
        return result


def warn_about_far_values(variables: Mapping[str, np.ndarray], sample_ids: Sequence[object], where: str = "") -> None:
    """Warn of variables that single values dominate, by the name of the sample.

    Parameters
    ----------
    variables : mapping of name to numpy.ndarray of float, shape (n_samples,)
    sample_ids : sequence, n_samples long
    where : str
        The cohort or model, if only a part of the samples is meant.
    """
    shown = []
    for name, values in variables.items():
        far = far_values(values)
        if len(far):
            samples = first_few(f"{sample_ids[i]} ({values[i]:.6g})" for i in far)
            shown.append(f"{name}{f' in {where}' if where else ''}: sample {samples}")
    warn_influential(shown, f"{len(shown)} variables")


def warn_influential(shown: Iterable[str], what: str) -> None:
    """The warning `influential-value` for what was found, nothing if that is nothing."""
    shown = list(shown)
    if shown:
        warn(
            "influential-value",
            f"{what} have values more than {FAR:g} interquartile ranges from the median, and the estimates follow "
            f"them: {'; '.join(shown[:5])}. Check for codes of missing values, units and typing errors; otherwise "
            "take logarithms or groups",
        )
