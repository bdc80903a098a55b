"""Rubin's rules: one table from the models of imputed data sets.

Rubin (1987), doi 10.1002/9780470316696; several coefficients together: Li, Raghunathan and Rubin (1991),
doi 10.1080/01621459.1991.10475152. As `mice::pool` with infinite complete-data degrees of freedom, and `mice::D1`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from prognomics.modeling.coefficient_rows import coefficient_rows
from prognomics.modeling.fitted import FittedModel
from prognomics.survival.cox.imputation import Imputed, impute
from prognomics.survival.cox.models import CoxData

SUFFIX = "_imputed"


def pool_estimates(estimates: np.ndarray, variances: np.ndarray) -> dict[str, Any]:
    """One coefficient by Rubin's rules.

    Parameters
    ----------
    estimates, variances : array_like, shape (n_imputations,)

    Returns
    -------
    dict
        `beta, se, df, fmi`: total variance is within + (1 + 1/m) between; `df` are Rubin's, infinite without variance
        between; `fmi` is the fraction of missing information.
    """
    m = len(estimates)
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1))
    added = (1 + 1 / m) * between
    if added <= 1e-14 * within:
        return {"beta": float(np.mean(estimates)), "se": float(np.sqrt(within)), "df": np.inf, "fmi": 0.0}
    r = added / within
    df = (m - 1) * (1 + 1 / r) ** 2
    return {"beta": float(np.mean(estimates)), "se": float(np.sqrt(within + added)), "df": df,
            "fmi": (r + 2 / (df + 3)) / (r + 1)}  # fmt: skip


def pool_tests(estimates: np.ndarray, covariances: np.ndarray) -> dict[str, Any]:
    """Several coefficients together: F statistic, degrees of freedom and p-value.

    Parameters
    ----------
    estimates : numpy.ndarray, shape (n_imputations, k)
    covariances : numpy.ndarray, shape (n_imputations, k, k)
    """
    m, k = estimates.shape
    mean, within = estimates.mean(axis=0), covariances.mean(axis=0)
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    r = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + r))
    t = k * (m - 1)
    if r <= 1e-14:
        df2 = np.inf
    elif t > 4:
        df2 = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    else:
        df2 = t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2
    return {"statistic": statistic, "df": k, "df2": df2, "p_value": float(fdtrc(k, min(df2, 1e9), statistic))}


def imputed_rows(
    data: CoxData,
    models: Sequence[FittedModel],
    covariates: Sequence[str],
    markers: Collection[str],
    n_imputations: int,
    seed: int,
    conf_level: float,
) -> list[dict[str, Any]]:
    """Rows of `--out-table` of the models of imputed covariates, named with the ending `_imputed`.

    `n_imputed` counts samples of the model with an imputed value, `fmi` is the fraction of missing information, `df` of
    a level are Rubin's, and there are no likelihood-ratio tests. Models without missing covariates have no such rows.
    """
    found = impute(data, covariates, markers, n_imputations, seed)
    return [] if found is None else rows_of(data, models, found, conf_level)


def rows_of(
    data: CoxData, models: Sequence[FittedModel], found: Imputed, conf_level: float = 0.95
) -> list[dict[str, Any]]:
    """The rows of `imputed_rows`, of given data sets."""
    rows: list[dict[str, Any]] = []
    for one in models:
        names = [term.name for term in one.design.terms if not term.parts]
        if not any(name in found.missing for name in names):
            continue
        fits = [replace(data, frame=frame, eligible=found.eligible).fit(names, one.kind + SUFFIX, one.selected_by)
                for frame in found.frames]  # fmt: skip
        rows += _pooled_rows(fits, found, names, conf_level)
    return rows


def _pooled_rows(
    fits: Sequence[FittedModel], found: Imputed, names: Sequence[str], conf_level: float
) -> list[dict[str, Any]]:
    first = fits[0]
    tables = [coefficient_rows(fit, {}, conf_level, lambda columns: float("nan")) for fit in fits]
    counted = np.any([found.missing[name] for name in names if name in found.missing], axis=0) & first.design.complete
    columns = {term.name: list(term.columns) for term in first.design.terms}
    made = []
    for parts in zip(*tables, strict=True):
        row = dict(parts[0]) | {"n_imputed": int(counted.sum()), "p_lr": np.nan, "n_level": None, "events_level": None}
        row["note"] = "; ".join(filter(None, [row.get("note"), f"{len(fits)} imputations, Rubin's rules"]))
        if row["row_type"] == "level":
            row |= _level([part["beta"] for part in parts], [part["se"] for part in parts], conf_level)
        elif row["row_type"] == "omnibus":
            used = columns[row["term"]]
            used = used[1:] if row.get("level") == "nonlinear" else used
            estimable = all(fit.fit.estimable[used].all() for fit in fits) and used
            row |= {"statistic": np.nan, "df": len(used), "p_value": np.nan, "estimable": "no"}
            if estimable:
                test = pool_tests(np.array([fit.fit.beta[used] for fit in fits]),
                                  np.array([fit.fit.covariance[np.ix_(used, used)] for fit in fits]))  # fmt: skip
                row |= {"statistic": test["statistic"], "p_value": test["p_value"], "estimable": "yes"}
                row["note"] += f", F on {test['df']} and {test['df2']:.4g} degrees of freedom"
        made.append(row)
    return made


def _level(estimates: Sequence[float], ses: Sequence[float], conf_level: float) -> dict[str, Any]:
    betas, errors = np.array(estimates, float), np.array(ses, float)
    nothing = ("beta", "se", "hr", "ci_low", "ci_high", "statistic", "df", "p_value", "fmi")
    if not (np.isfinite(betas) & np.isfinite(errors)).all():
        missing: dict[str, Any] = dict.fromkeys(nothing, np.nan)
        return missing | {"estimable": "no"}
    one = pool_estimates(betas, errors**2)
    df = min(one["df"], 1e9)
    reach, z = float(stdtrit(df, 0.5 + conf_level / 2)) * one["se"], one["beta"] / one["se"]
    with np.errstate(over="ignore"):
        hr, low, high = np.exp([one["beta"], one["beta"] - reach, one["beta"] + reach])
    return one | {"hr": hr, "ci_low": low, "ci_high": high, "statistic": z, "p_value": float(2 * stdtr(df, -abs(z)))}
