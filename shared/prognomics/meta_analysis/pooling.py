"""Combine the effects of cohorts: fixed effect, random effects, heterogeneity, leave-one-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from prognomics.errors import BadInput, Refused
from prognomics.meta_analysis.heterogeneity import tau2_at, tau2_limits

TAU_METHODS = ("reml", "dl", "pm", "fixed")
FEWEST_FOR_PREDICTION = 5
WIDENED = "Hartung-Knapp's interval was narrower than the fixed one: the fixed standard error is used"


@dataclass(frozen=True)
class Pooled:
    """A pooled effect, of ratios on the log scale.

    Attributes
    ----------
    effect, se, ci_low, ci_high : float
    statistic, df, p_value : float
        z (df NaN), or t with k - 1 degrees of freedom.
    weights : ndarray
        Fraction of each effect, summing to one.
    tau2, i2, h2 : float
        Between-cohort variance and the fraction of variance it makes; 0 for a fixed effect.
    q, q_df, q_p : float
        Cochran's test of heterogeneity.
    tau2_low, tau2_high : float
        Limits of the between-cohort variance by the Q-profile method; NaN for a fixed effect.
    pi_low, pi_high : float
        Prediction interval for a new cohort; NaN below five cohorts and for a fixed effect.
    widened : bool
        Hartung-Knapp's interval was narrower than the fixed one, whose width was taken instead.
    """

    effect: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float
    p_value: float
    weights: np.ndarray
    tau2: float
    tau_method: str
    i2: float
    q: float
    q_df: int
    q_p: float
    tau2_low: float = np.nan
    tau2_high: float = np.nan
    pi_low: float = np.nan
    pi_high: float = np.nan
    widened: bool = False


def pool(effects: np.ndarray, se: np.ndarray, *, tau: str, hartung_knapp: bool, conf_level: float = 0.95) -> Pooled:
    """Pool effects by inverse variance, with fixed or random effects.

    Parameters
    ----------
    effects, se : array_like, shape (n_cohorts,)
        Log hazard ratios and their standard errors, finite and positive.
    tau : {"reml", "dl", "pm", "fixed"}
        Estimator of the between-cohort variance: restricted maximum likelihood (Viechtbauer 2005,
        doi:10.3102/10769986030003261), DerSimonian and Laird 1986 (doi:10.1016/0197-2456(86)90046-2),
        Paule and Mandel 1982 (doi:10.6028/jres.087.022), or none.
    hartung_knapp : bool
        For random effects, Hartung and Knapp's standard error with Student's t
        (doi:10.1002/sim.1791). With effects that happen to lie close its interval may come out narrower
        than the fixed-effect one; then the fixed-effect standard error and the normal
        distribution are used (`widened`), so that the interval is never narrower than fixed.
    conf_level : float

    Returns
    -------
    Pooled

    Raises
    ------
    Refused
        With fewer than two effects.

    Notes
    -----
    Equals `metafor::rma(method = "REML" | "DL" | "PM" | "FE")`, with `test = "knha"` unless `widened`.
    I² is 100 tau² / (tau² + typical variance), as metafor. The prediction interval is
    effect ± c sqrt(tau² + se²), c the quantile of t with k - 1 degrees of freedom for
    Hartung-Knapp, else of the normal, as `predict.rma`. Limits of tau² are those of `confint.rma`.
    """
    effects, se = np.asarray(effects, dtype=float), np.asarray(se, dtype=float)
    if tau not in TAU_METHODS:
        raise BadInput(f"unknown estimator {tau!r}", hint=f"one of {', '.join(TAU_METHODS)}")
    if len(effects) < 2:
        raise Refused(
            "a meta-analysis needs two cohorts with an estimate",
            where=f"{len(effects)} given",
            hint="use cox for a single cohort",
        )
    k, variance = len(effects), se**2
    # relative to the most precise effect, whose residual would else be rounding times a large weight
    origin = float(effects[np.argmin(se)])
    effects = effects - origin
    fixed_weight = 1.0 / variance
    fixed_effect = float(fixed_weight @ effects / fixed_weight.sum())
    fixed_se = float(1.0 / np.sqrt(fixed_weight.sum()))
    q = float(fixed_weight @ (effects - fixed_effect) ** 2)
    heterogeneity: dict[str, Any] = {"q": q, "q_df": k - 1, "q_p": float(chdtrc(k - 1, q))}
    z = float(ndtri(0.5 + conf_level / 2.0))
    # the typical sampling variance (Higgins and Thompson 2002, doi:10.1002/sim.1186)
    spread = _spread_of_weights(fixed_weight)
    typical = (k - 1) / spread
    if tau == "fixed":
        fixed = fixed_effect + origin
        statistic = fixed / fixed_se
        return Pooled(
            fixed,
            fixed_se,
            fixed - z * fixed_se,
            fixed + z * fixed_se,
            statistic,
            np.nan,
            float(2.0 * ndtr(-abs(statistic))),
            fixed_weight / fixed_weight.sum(),
            0.0,
            "none",
            100.0 * max(0.0, 1.0 - (k - 1) / q) if q > 0 else 0.0,
            **heterogeneity,
        )
    heterogeneity["tau2_low"], heterogeneity["tau2_high"] = tau2_limits(effects, variance, conf_level)
    tau2 = {
        "dl": lambda: max(0.0, (q - (k - 1)) / spread), "pm": lambda: tau2_at(effects, variance, k - 1.0),
        "reml": lambda: _tau2_reml(effects, variance),
    }[tau]()  # fmt: skip
    weight = 1.0 / (variance + tau2)
    effect = float(weight @ effects / weight.sum())
    wald_se = float(1.0 / np.sqrt(weight.sum()))
    t = float(stdtrit(k - 1, 0.5 + conf_level / 2.0))
    error, df, reach, widened = wald_se, np.nan, z, False
    if hartung_knapp:
        knapped = float(np.sqrt(weight @ (effects - effect) ** 2 / (k - 1))) * wald_se
        widened = t * knapped < z * fixed_se
        error, df, reach = (fixed_se, np.nan, z) if widened else (knapped, float(k - 1), t)
    effect += origin
    statistic = effect / error
    p_value = 2.0 * (ndtr(-abs(statistic)) if np.isnan(df) else stdtr(df, -abs(statistic)))
    ahead = reach * np.sqrt(tau2 + error**2) if k >= FEWEST_FOR_PREDICTION else np.nan
    return Pooled(
        effect,
        error,
        effect - reach * error,
        effect + reach * error,
        statistic,
        df,
        float(p_value),
        weight / weight.sum(),
        tau2,
        tau,
        float(100.0 * tau2 / (tau2 + typical)),
        **heterogeneity,
        pi_low=float(effect - ahead),
        pi_high=float(effect + ahead),
        widened=widened,
    )


def _spread_of_weights(weight: np.ndarray) -> float:
    """The sum of weights less the sum of their squares divided by it, without the difference of large numbers."""
    others = np.array([np.delete(weight, i).sum() for i in range(len(weight))])
    return float(weight @ others / weight.sum())


def _tau2_reml(effects: np.ndarray, variance: np.ndarray) -> float:
    """Root of the restricted likelihood's score in tau², 0 where the score is negative from there on.

    The score is bracketed on a grid and bisected: unlike Fisher scoring this neither overshoots nor
    stops early. Of several maxima the one with the highest likelihood is taken.
    """

    def score(tau2: float | np.ndarray) -> np.ndarray:
        """At each tau², shape (n_points,)."""
        weight = 1.0 / (variance + np.reshape(tau2, (-1, 1)))
        total, squares = weight.sum(axis=1), (weight**2).sum(axis=1)
        residual = effects - (weight @ effects / total)[:, None]
        result: np.ndarray = ((weight * residual) ** 2).sum(axis=1) - total + squares / total
        return result

    def log_likelihood(tau2: float) -> float:
        weight = 1.0 / (variance + tau2)
        residual = effects - weight @ effects / weight.sum()
        return 0.5 * float(np.log(weight).sum() - np.log(weight.sum()) - weight @ residual**2)

    top = 10.0 * (float(np.ptp(effects)) ** 2 + float(variance.max()))
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * min(float(variance.min()), top), top, 400)])
    slopes = score(grid)
    found = [0.0]
    for i in np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0)):
        low, high = grid[i], grid[i + 1]
        for _ in range(200):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            low, high = (middle, high) if score(middle)[0] > 0 else (low, middle)
        found.append(0.5 * (low + high))
    return float(max(found, key=log_likelihood))
