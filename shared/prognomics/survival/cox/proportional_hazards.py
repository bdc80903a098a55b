"""Test of proportional hazards: does a coefficient change with time?

Grambsch and Therneau (1994), doi 10.1093/biomet/81.3.515, in the form of a score test of
covariate × g(time), with the full information matrix; as `survival::cox.zph` from version 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prognomics.errors import Refused, UsageError
from prognomics.modeling.coefficient_tests import ChiSquareTest, chi_square
from prognomics.survival.cox.fit import CoxFit
from prognomics.survival.cox.risk_sets import make_risk_sets

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True)
class ProportionalHazardsTest:
    """One test a term, and the global one.

    Attributes
    ----------
    transform : str
    terms : dict of str to ChiSquareTest
        NaN for a term whose coefficients are not estimable.
    overall : ChiSquareTest
        R's row GLOBAL.
    """

    transform: str
    terms: dict[str, ChiSquareTest]
    overall: ChiSquareTest


def cox_zph(
    fit: CoxFit, transform: str = "km", terms: Mapping[str, Sequence[int]] | None = None
) -> ProportionalHazardsTest:
    """Test proportional hazards of each term of a fitted model.

    Parameters
    ----------
    fit : CoxFit
    transform : {"km", "rank", "identity", "log"}
        Time scale g: one minus the Kaplan-Meier estimate just before the time (all strata
        together), rank of the time among all samples, the time, its logarithm.
    terms : mapping of term to columns of the fit, optional
        A factor's columns are tested together; by default each column is a term. Coefficients
        that are not estimable take no part.

    Returns
    -------
    ProportionalHazardsTest

    Raises
    ------
    Refused
        Events at time 0 under "log".
    UsageError
        Unknown `transform`.
    """
    if transform not in TRANSFORMS:
        raise UsageError(f"unknown time transform {transform!r}", hint=f"one of {', '.join(TRANSFORMS)}")
    terms = {name: [j] for j, name in enumerate(fit.columns)} if terms is None else terms
    solution = fit.solution
    likelihood, sets = solution.likelihood, solution.likelihood.risk_sets
    usable = fit.estimable[solution.kept]
    p = int(usable.sum())
    undefined = ChiSquareTest(float("nan"), 0, float("nan"))
    if p == 0:
        return ProportionalHazardsTest(transform, {name: undefined for name in terms}, undefined)

    scale = event_time_scale(fit, sets.order[sets.death], transform)
    scale = scale - scale.mean()
    deviation = float(np.sqrt(np.mean(scale**2)))
    if deviation == 0:  # one event time: nothing can change over time
        return ProportionalHazardsTest(transform, {name: undefined for name in terms}, undefined)
    scale = scale / deviation

    state = likelihood.state(solution.beta)
    means = likelihood.means(state)
    blocks = [
        likelihood.information(state, means, weight)[np.ix_(usable, usable)]
        for weight in (np.ones(len(scale)), scale, scale**2)
    ]
    information = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
    score = np.concatenate((np.zeros(p), likelihood.gradient(state, means, scale)[usable]))
    position = {int(column): at for at, column in enumerate(solution.kept[usable])}

    def test(chosen: list[int]) -> ChiSquareTest:
        rows = list(range(p)) + [p + at for at in chosen]
        matrix, u = information[np.ix_(rows, rows)], score[rows]
        size = np.sqrt(np.diag(matrix))
        if not (size > 0).all():
            return ChiSquareTest(float("nan"), len(chosen), float("nan"))
        correlation, u = matrix / np.outer(size, size), u / size
        if np.linalg.eigvalsh(correlation)[0] < 1e-12:
            return ChiSquareTest(float("nan"), len(chosen), float("nan"))
        return chi_square(float(u @ np.linalg.solve(correlation, u)), len(chosen))

    results = {}
    for name, columns in terms.items():
        chosen = [position[j] for j in columns if j in position]
        results[name] = test(chosen) if chosen else undefined
    return ProportionalHazardsTest(transform, results, test(list(range(p))))


def event_time_scale(fit: CoxFit, sample: np.ndarray, transform: str) -> np.ndarray:
    """The time scale g at the events of some samples (positions), shape (n_sample,); see `cox_zph`."""
    time = fit.time[sample]
    if transform == "identity":
        result: np.ndarray = time
        return result
    if transform == "log":
        if (time <= 0).any():
            raise Refused(
                f"{int((time <= 0).sum())} events at time 0 have no logarithm",
                hint="choose another transform (km, rank or identity)",
            )
        result = np.log(time)
        return result
    if transform == "rank":
        ordered = np.sort(fit.time)
        low, high = np.searchsorted(ordered, time, side="left"), np.searchsorted(ordered, time, side="right")
        result = (low + 1 + high) / 2
        return result
    pooled = make_risk_sets(fit.time, fit.event, np.zeros(fit.n, dtype=np.intp), "breslow", fit.entry)
    ones = np.ones(fit.n)
    rising = (1 - pooled.over_deaths(ones) / pooled.over_risk_set(ones))[::-1]
    before = np.concatenate(([1.0], np.cumprod(rising)[:-1]))
    result = 1 - before[np.searchsorted(pooled.cell_time[::-1], time)]
    return result
