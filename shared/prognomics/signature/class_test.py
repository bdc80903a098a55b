"""Leave-one-out classes against the outcome that they were derived from, judged by permuting the whole procedure.

A leave-one-out class has seen the outcome of all other samples, so its test against that outcome is not one of groups
given beforehand. Each permutation gives the samples the outcomes of others, derives the centroids again, classifies
every sample, and tests the new classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from prognomics.cutpoint.maximally_selected import permutation_p
from prognomics.errors import note, warn
from prognomics.signature.centroid import CentroidClasses, class_members, nearest_classes
from prognomics.stats.monte_carlo import proportion_error
from prognomics.survival.curves.logrank import logrank


@dataclass(frozen=True)
class Outcome:
    """What classes are derived from and tested against.

    Attributes
    ----------
    labels : numpy.ndarray of object, shape (n_samples,)
        Class of each training sample; missing where not known.
    time_months, event : numpy.ndarray or None, shape (n_samples,)
        Follow-up, where the labels come from it.
    stratum : numpy.ndarray of int, shape (n_samples,)
        Outcomes are permuted, and follow-up is tested, within strata.
    name : str
    """

    labels: np.ndarray
    time_months: np.ndarray | None
    event: np.ndarray | None
    stratum: np.ndarray
    name: str


def class_test(
    found: CentroidClasses, outcome: Outcome, *, n_permutations: int, min_margin: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Test leave-one-out classes against their outcome, naively and by permuting the whole procedure.

    Parameters
    ----------
    found : CentroidClasses
        Of mode `loocv`.
    outcome : Outcome
    n_permutations : int
    min_margin : float
        As the classes were made.
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        One row: `outcome, test, n, events, statistic, df, p_naive, p_permutation, n_permutations, null_95,
        naive_level, p_permutation_mc_se`; without p where all samples are in one class.
        The test is the log-rank test of the classes (stratified), or without follow-up Pearson's chi-square of class by
        outcome among the training samples. `null_95` is the statistic that 5% of the permutations reach,
        `naive_level` the fraction of permutations whose naive p is below 0.05.
    """
    statistic, df, n, events = _statistic(found.classes, outcome, np.arange(len(found.classes)))
    if not df:
        warn("one-class", "all samples with an outcome are in one class, so the classes cannot be tested")
        n_permutations = 0
    names, rows = list(found.centroids.columns[1:]), _within(outcome.stratum)
    null, naive = [], 0
    for _ in range(n_permutations):
        order = np.empty(len(found.classes), dtype=int)
        for own in rows:
            order[own] = rng.permutation(own)
        members, _ = class_members(outcome.labels[order], len(order))
        distances = found.centering.distances(np.column_stack(list(members.values())).astype(float), leave_out=True)
        value, own_df, *_ = _statistic(nearest_classes(distances, names, min_margin)[0], outcome, order)
        null.append(value)
        naive += own_df > 0 and float(chdtrc(own_df, value)) < 0.05
    many = n_permutations > 0
    p_naive = float(chdtrc(df, statistic)) if df else float("nan")
    p = permutation_p(statistic, null) if many else float("nan")
    if many:
        note("class-test", f"{outcome.name} by class: p {p:.3g} against {n_permutations} permutations of the whole "
             f"procedure; as if the classes had been given beforehand it would be {p_naive:.3g}")  # fmt: skip
    return pd.DataFrame([{
        "outcome": outcome.name, "test": "chi-square" if outcome.time_months is None else "log-rank", "n": n,
        "events": events, "statistic": statistic, "df": df, "p_naive": p_naive, "p_permutation": p,
        "n_permutations": n_permutations, "null_95": float(np.quantile(null, 0.95)) if many else np.nan,
        "naive_level": naive / n_permutations if many else np.nan,
        "p_permutation_mc_se": float(proportion_error(p, n_permutations)),
    }])  # fmt: skip


def _within(stratum: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(stratum == code) for code in np.unique(stratum)]


def _statistic(classes: np.ndarray, outcome: Outcome, order: np.ndarray) -> tuple[Any, ...]:
    """Chi-square, degrees of freedom, samples and events of classes against the outcomes in that order."""
    classed = ~pd.isna(classes)
    if outcome.time_months is None:
        labels = outcome.labels[order]
        used = classed & ~pd.isna(labels)
        rows, columns = (np.unique(part[used].astype(str), return_inverse=True) for part in (classes, labels))
        counts = np.zeros((len(rows[0]), len(columns[0])))
        np.add.at(counts, (rows[1], columns[1]), 1.0)
        expected = counts.sum(axis=1)[:, None] * counts.sum(axis=0) / max(counts.sum(), 1)
        df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
        return float(((counts - expected) ** 2 / expected).sum()) if df else 0.0, df, int(used.sum()), np.nan
    time, event = outcome.time_months[order], outcome.event[order]
    used = classed & ~np.isnan(time) & ~np.isnan(event)
    if len(set(classes[used])) < 2 or not event[used].any():
        return 0.0, 0, int(used.sum()), int(event[used].sum())
    test = logrank(time[used], event[used], classes[used].astype(str), outcome.stratum[used])
    value = test.chisq if test.chisq == test.chisq else 0.0
    return float(value), test.df, int(used.sum()), int(event[used].sum())
