"""Tests of a fitted model's coefficients: of one, of a term, of one model within another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from scipy.special import chdtrc, erfc, ndtri


class Fit(Protocol):
    """What tests and tables read of a fitted model; arrays over coefficients have the shape (n_columns,)."""

    @property
    def columns(self) -> tuple[Any, ...]: ...
    @property
    def beta(self) -> np.ndarray: ...
    @property
    def se(self) -> np.ndarray: ...
    @property
    def covariance(self) -> np.ndarray: ...
    @property
    def estimable(self) -> np.ndarray: ...
    @property
    def reason(self) -> tuple[Any, ...]: ...
    @property
    def ratio(self) -> str: ...
    @property
    def loglik(self) -> float: ...
    @property
    def lr(self) -> float: ...
    @property
    def df(self) -> int: ...


def wald_statistic(beta: np.ndarray, covariance: np.ndarray) -> float:
    """Chi-square of the hypothesis that all coefficients are 0."""
    deviation = np.sqrt(np.diag(covariance))
    z = beta / deviation
    correlation = covariance / np.outer(deviation, deviation)
    return float(z @ np.linalg.lstsq(correlation, z, rcond=1e-12)[0])


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


def coefficient_tests(fit: Fit, conf_level: float = 0.95) -> CoefficientTests:
    """Wald's test and the hazard ratio of each coefficient, as `summary(coxph)`."""
    quantile = float(ndtri(1 - (1 - conf_level) / 2))
    with np.errstate(over="ignore", invalid="ignore"):
        z = fit.beta / fit.se
        half = quantile * fit.se
        limits = np.exp(fit.beta - half), np.exp(fit.beta + half)
        return CoefficientTests(z, erfc(np.abs(z) / np.sqrt(2)), np.exp(fit.beta), *limits)


def wald_test(fit: Fit, columns: Sequence[int]) -> ChiSquareTest:
    """Joint Wald test that the coefficients of some columns are 0 (a factor's omnibus test).

    Collinear columns are excluded, as R does; if a coefficient has no estimate for another reason the test
    is undefined (NaN): take the likelihood-ratio test.
    """
    reasons = [fit.reason[j] for j in columns]
    used = [j for j, why in zip(columns, reasons, strict=True) if why != "collinear"]
    if {"infinite", "drowned"} & set(reasons) or not used:
        return ChiSquareTest(float("nan"), len(used), float("nan"))
    return chi_square(wald_statistic(fit.beta[used], fit.covariance[np.ix_(used, used)]), len(used))


def likelihood_ratio_test(fit: Fit, within: Fit | None = None) -> ChiSquareTest:
    """Likelihood-ratio test against a smaller model on the same samples (None: no covariates)."""
    if within is None:
        return chi_square(max(fit.lr, 0.0), fit.df)
    return chi_square(max(2 * (fit.loglik - within.loglik), 0.0), fit.df - within.df)
