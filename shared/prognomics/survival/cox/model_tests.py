"""Tests of a fitted Cox model: of the whole model, of one term, of one model within another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import chdtrc, erfc, ndtri

from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import CoxFit, wald_statistic


@dataclass(frozen=True)
class ModelTests:
    """Whole-model results, as `summary(coxph)` prints them.

    `lr`, `wald` and `score` are chi-square statistics on `df` degrees of freedom with their
    p-values; `concordance` and its standard error; `aic` with `df` parameters; `epv` events
    per coefficient.
    """

    lr: float
    df: int
    p_lr: float
    wald: float
    p_wald: float
    score: float
    p_score: float
    concordance: float
    concordance_se: float
    aic: float
    epv: float


@dataclass(frozen=True)
class ChiSquareTest:
    """A chi-square statistic, its degrees of freedom and p-value; NaN where undefined."""

    chisq: float
    df: int
    p_value: float


@dataclass(frozen=True)
class CoefficientTests:
    """Per coefficient, shape (n_columns,): z, p of Wald's test, hazard ratio and its limits.

    `RATIO` is the column of the tables that the ratio goes to.
    """

    z: np.ndarray
    p_value: np.ndarray
    hr: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray

    RATIO: ClassVar[str] = "hr"

    def cells(self, column: int) -> dict[str, object]:
        """What a row of the table states of one coefficient."""
        return {
            self.RATIO: self.hr[column], "ci_low": self.ci_low[column], "ci_high": self.ci_high[column],
            "statistic": self.z[column], "df": 1, "p_value": self.p_value[column],
        }  # fmt: skip


def chi_square(statistic: float, df: int) -> ChiSquareTest:
    """Upper tail of a chi-square statistic; NaN for no degrees of freedom."""
    if df < 1 or np.isnan(statistic):
        return ChiSquareTest(float("nan"), df, float("nan"))
    return ChiSquareTest(float(statistic), df, float(chdtrc(df, max(statistic, 0.0))))


def model_tests(fit: CoxFit, cluster: np.ndarray | None = None) -> ModelTests:
    """Likelihood-ratio, Wald and score tests, concordance, AIC and events per variable.

    With `cluster` the standard error of the concordance sums over clusters, as coxph does.
    """
    lr, wald, score = (chi_square(value, fit.df) for value in (fit.lr, fit.wald, fit.score))
    strata = None if (fit.stratum == fit.stratum[0]).all() else fit.stratum
    ranked = concordance(fit.time, fit.event, fit.linear_predictor, strata, fit.weights, fit.entry, cluster)
    return ModelTests(
        lr.chisq, fit.df, lr.p_value, wald.chisq, wald.p_value, score.chisq, score.p_value,
        ranked.estimate, ranked.se, 2 * fit.df - 2 * fit.loglik,
        fit.n_events / fit.df if fit.df else float("nan"),
    )  # fmt: skip


def coefficient_tests(fit: CoxFit, conf_level: float = 0.95) -> CoefficientTests:
    """Wald's test and the hazard ratio of each coefficient, as `summary(coxph)`."""
    quantile = float(ndtri(1 - (1 - conf_level) / 2))
    with np.errstate(over="ignore", invalid="ignore"):
        z = fit.beta / fit.se
        half = quantile * fit.se
        limits = np.exp(fit.beta - half), np.exp(fit.beta + half)
        return CoefficientTests(z, erfc(np.abs(z) / np.sqrt(2)), np.exp(fit.beta), *limits)


def wald_test(fit: CoxFit, columns: Sequence[int]) -> ChiSquareTest:
    """Joint Wald test that the coefficients of some columns are 0 (a factor's omnibus test).

    Collinear columns are excluded, as R does; if a coefficient has no estimate for another reason the test
    is undefined (NaN): take the likelihood-ratio test.
    """
    reasons = [fit.reason[j] for j in columns]
    used = [j for j, why in zip(columns, reasons, strict=True) if why != "collinear"]
    if {"infinite", "drowned"} & set(reasons) or not used:
        return ChiSquareTest(float("nan"), len(used), float("nan"))
    return chi_square(wald_statistic(fit.beta[used], fit.covariance[np.ix_(used, used)]), len(used))


def likelihood_ratio_test(fit: CoxFit, within: CoxFit | None = None) -> ChiSquareTest:
    """Likelihood-ratio test against a smaller model on the same samples (None: no covariates)."""
    if within is None:
        return chi_square(max(fit.lr, 0.0), fit.df)
    return chi_square(max(2 * (fit.loglik - within.loglik), 0.0), fit.df - within.df)
