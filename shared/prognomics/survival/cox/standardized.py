"""Survival of groups standardized over covariates: the average of a Cox model's predictions (g-formula).

A model of the group and the covariates predicts each sample's survival as a member of each group in turn; a group's
curve is the average over all samples. Makuch (1982), doi 10.1016/0021-9681(82)90030-6; the standard error from the
influence of each sample on both parts, Ozenne et al. (2020), doi 10.1002/bimj.201800298. Numbers are those of R's
`riskRegression::ate` on `coxph(..., ties = "breslow")`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import erfc, ndtri

from prognomics.data.registry import table_columns
from prognomics.data.result_table import result_table
from prognomics.data.strata import resolve_strata, strata_name, stratum_labels
from prognomics.errors import Refused, UsageError
from prognomics.modeling.design_matrix import Design, build_design
from prognomics.survival.cox.fit import CoxFit, fit_cox
from prognomics.survival.cox.residuals import sample_residuals
from prognomics.survival.endpoint_arrays import endpoint_arrays

STANDARDIZED_COLUMNS = table_columns("standardized_survival")
METHOD = "average over all samples of a Cox model's predictions (Breslow's ties), standard error by influence"
REACH = float(ndtri(0.975))


def standardized_table(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    group: str | None,
    covariates: Sequence[str],
    at: Sequence[float],
    *,
    strata: Sequence[str] = ("auto",),
    factors: Collection[str] = (),
    weighted: bool = False,
    common: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """`--out-standardized`: survival of each group by given months, standardized over covariates, and its differences.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    time_months, event : array_like of shape (n_samples,), or names of columns
    group : str
        Column of groups.
    covariates : sequence of str
        Numbers enter as they are, text as a factor.
    at : sequence of float
        Months; without them all months with an event.
    strata : sequence of str
        Of the model; see `resolve_strata`.
    factors : collection of str
        Columns of numbers whose values are levels.
    weighted : bool
        Whether weights, late entry or a landmark were requested, which this average does not take.
    common : mapping, optional
        Values of all rows.

    Raises
    ------
    UsageError
        No groups or no covariates, the group as a covariate, or `weighted`.
    Refused
        A coefficient of the model that cannot be estimated.
    """
    if group is None or not covariates:
        raise UsageError("survival is standardized between groups, over covariates",
                         hint="name both: --group-column and --adjust-for")  # fmt: skip
    if weighted:
        raise UsageError("standardized survival takes no weights, late entry or landmark",
                         hint="leave them out, or take the curves adjusted by weights")  # fmt: skip
    if group in covariates:
        raise UsageError(f"{group!r} is both the group and a covariate", hint="leave it out of --adjust-for")
    time, flags, known = endpoint_arrays(frame, time_months, event)
    names = [c for c in resolve_strata(frame, strata) if c != group and c not in covariates]
    labels, has_stratum = stratum_labels(frame, names)
    design = build_design(frame, [group, *dict.fromkeys(covariates)], flags, known & has_stratum, [group, *factors])
    rows = design.complete
    if len(design.terms[0].levels) < 2:
        raise Refused("a single group has all covariates of the adjustment", where=str(design.terms[0].levels[0]),
                      hint="check the missing values of the covariates")  # fmt: skip
    fit = fit_cox(time[rows], flags[rows], design.x, None if labels is None else labels[rows], "breslow")
    if not fit.estimable.all():
        lost = [design.columns[j] for j in np.flatnonzero(~fit.estimable)]
        raise Refused("survival cannot be standardized: a coefficient is not estimable", where=", ".join(lost),
                      hint="drop these covariates, or merge rare levels")  # fmt: skip
    months = np.array(list(dict.fromkeys(map(float, at))) or np.unique(fit.time[fit.event]))
    found = standardize(fit, design, months)
    shared = {"n": fit.n, "events": fit.n_events, "n_missing": len(frame) - fit.n, "strata": strata_name(names),
              "covariates": " + ".join(covariates), "method": METHOD, **(common or {})}  # fmt: skip
    return result_table(_rows(found, months), STANDARDIZED_COLUMNS, **shared)


@dataclass(frozen=True)
class Standardized:
    """Survival of each group, shape (n_times,), and the influence of each sample on it, shape (n_times, n_samples).

    NaN beyond the follow-up of a stratum: its survival is not known there.
    """

    survival: dict[str, np.ndarray]
    influence: dict[str, np.ndarray]


def standardize(fit: CoxFit, design: Design, months: np.ndarray) -> Standardized:
    """The average of predictions for each level of the first term of a design.

    Parameters
    ----------
    fit : CoxFit
        With Breslow's ties, every coefficient finite; without weights and late entry.
    design : Design
    months : numpy.ndarray, shape (n_times,)
    """
    center = design.x.mean(axis=0)
    away, dfbeta = design.x - center, sample_residuals(fit).dfbeta
    baselines = [_baseline(fit, away, code) for code in range(int(fit.stratum.max()) + 1)]
    group = design.terms[0]
    survival, influence = {}, {}
    for level in group.levels:
        own = away.copy()
        columns = list(group.columns)
        own[:, columns] = np.array([float(name == level) for name in group.levels[1:]]) - center[columns]
        risk = np.exp(own @ fit.beta)
        found = [_average(fit, baselines, own, risk, dfbeta, month) for month in months]
        survival[str(level)] = np.array([mean for mean, _ in found])
        influence[str(level)] = np.array([each for _, each in found])
    return Standardized(survival, influence)


@dataclass(frozen=True)
class _Baseline:
    """Of a stratum: its samples, and sums over event times up to each (a leading 0 for none)."""

    rows: np.ndarray
    time: np.ndarray
    hazard: np.ndarray
    square: np.ndarray
    slope: np.ndarray
    at_event: np.ndarray  # one over the sum of risks at each sample's event, 0 without one
    risk: np.ndarray
    last: float


def _baseline(fit: CoxFit, away: np.ndarray, code: int) -> _Baseline:
    rows = np.flatnonzero(fit.stratum == code)
    time, event, risk = fit.time[rows], fit.event[rows], np.exp(away[rows] @ fit.beta)
    order = np.argsort(-time, kind="stable")
    falling = -time[order]
    at = np.unique(time[event])
    held = np.searchsorted(falling, -at, side="right")  # how many end at or after each event time
    total = np.cumsum(risk[order])[held - 1] if len(at) else np.zeros(0)
    first = np.cumsum(risk[order, None] * away[rows][order], axis=0)[held - 1] if len(at) else away[:0]
    deaths = np.bincount(np.searchsorted(at, time[event]), minlength=len(at))
    at_event = np.zeros(len(rows))
    at_event[event] = 1 / total[np.searchsorted(at, time[event])]

    def running(steps: np.ndarray) -> np.ndarray:
        return np.concatenate([np.zeros((1, *steps.shape[1:])), np.cumsum(steps, axis=0)])

    return _Baseline(rows, at, running(deaths / total), running(deaths / total**2),
                     running((deaths / total**2)[:, None] * first), at_event, risk, float(time.max()))  # fmt: skip


def _average(
    fit: CoxFit, baselines: Sequence[_Baseline], own: np.ndarray, risk: np.ndarray, dfbeta: np.ndarray, month: float
) -> tuple[float, np.ndarray]:
    """Average survival by a month, and the influence of each sample on it."""
    if any(month > one.last for one in baselines):
        return np.nan, np.full(fit.n, np.nan)
    survival, steps, slope = np.empty(fit.n), np.zeros(fit.n), np.zeros(own.shape[1])
    for one in baselines:
        k = int(np.searchsorted(one.time, month, side="right"))
        rows, hazard = one.rows, one.hazard[k]
        survival[rows] = np.exp(-hazard * risk[rows])
        weight = survival[rows] * risk[rows] / fit.n
        until = np.minimum(np.searchsorted(one.time, fit.time[rows], side="right"), k)
        done = one.at_event * (fit.time[rows] <= month) - one.risk * one.square[until]
        steps[rows] = weight.sum() * done
        slope += hazard * (weight @ own[rows]) - weight.sum() * one.slope[k]
    mean = float(survival.mean())
    return mean, (survival - mean) / fit.n - steps - dfbeta @ slope


def _rows(found: Standardized, months: np.ndarray) -> list[dict[str, Any]]:
    rows = []
    for i, month in enumerate(months):
        base = {"time_months": float(month)}
        for level, survival in found.survival.items():
            se = float(np.sqrt(np.sum(found.influence[level][i] ** 2)))
            low, high = np.clip(survival[i] + np.array([-1, 1]) * REACH * se, 0, 1)
            note = "beyond the follow-up of a stratum" if np.isnan(survival[i]) else ""
            rows.append({**base, "statistic": "survival", "group": level, "estimate": survival[i], "se": se,
                         "ci_low": low, "ci_high": high, "note": note})  # fmt: skip
        for versus, level in combinations(found.survival, 2):
            estimate = found.survival[level][i] - found.survival[versus][i]
            se = float(np.sqrt(np.sum((found.influence[level][i] - found.influence[versus][i]) ** 2)))
            z = estimate / se if se > 0 else np.nan
            rows.append({**base, "statistic": "difference", "group": level, "versus": versus, "estimate": estimate,
                         "se": se, "ci_low": estimate - REACH * se, "ci_high": estimate + REACH * se, "z": z,
                         "p_value": float(erfc(abs(z) / np.sqrt(2)))})  # fmt: skip
    return rows
