"""Residuals of a Cox model: martingale, deviance, dfbeta, and (scaled) Schoenfeld.

Therneau, Grambsch and Fleming (1990), doi 10.1093/biomet/77.1.147; Schoenfeld (1982), doi 10.1093/biomet/69.1.239;
Grambsch and Therneau (1994), doi 10.1093/biomet/81.3.515. Numbers are those of R's `residuals(coxph)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.survival.cox.fit import CoxFit


@dataclass(frozen=True)
class SampleResiduals:
    """Residuals of samples, in the caller's order.

    Attributes
    ----------
    martingale, deviance : numpy.ndarray, shape (n_samples,)
        Events minus those expected; the same made symmetric.
    dfbeta : numpy.ndarray, shape (n_samples, n_columns)
        About how much each coefficient would change without the sample; weighted where the fit is; NaN where a
        coefficient is not estimable.
    """

    martingale: np.ndarray
    deviance: np.ndarray
    dfbeta: np.ndarray


@dataclass(frozen=True)
class SchoenfeldResiduals:
    """Residuals of events, by rising time within strata.

    Attributes
    ----------
    sample : numpy.ndarray of int, shape (n_events,)
        Position of the sample.
    time, stratum : numpy.ndarray, shape (n_events,)
    residual, scaled : numpy.ndarray, shape (n_events, n_columns)
        Covariates minus their mean in the risk set; the same times the model-based covariance and the number of events,
        plus the coefficient: a local estimate of the log hazard ratio. NaN where a coefficient is not estimable.
    """

    sample: np.ndarray
    time: np.ndarray
    stratum: np.ndarray
    residual: np.ndarray
    scaled: np.ndarray


def sample_residuals(fit: CoxFit) -> SampleResiduals:
    """Martingale, deviance and dfbeta residuals, as `residuals(coxph, type =)`."""
    solution = fit.solution
    likelihood = solution.likelihood
    sets = likelihood.risk_sets
    state = likelihood.state(solution.beta)
    back = np.empty(len(sets.order), dtype=np.intp)
    back[sets.order] = np.arange(len(sets.order))
    expected = state.hazard / likelihood.weights * likelihood.cumulative_hazard(state)
    martingale = fit.event.astype(float) - expected[back]
    event = fit.event
    inner = martingale.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        inner[event] += np.log(1 - martingale[event])
    deviance = np.sign(martingale) * np.sqrt(np.maximum(-2 * inner, 0))
    dfbeta = np.full((fit.n, len(fit.columns)), np.nan)
    usable = fit.estimable[solution.kept]
    if usable.any():
        scores = likelihood.score_residuals(state, likelihood.means(state))[:, usable] * solution.scale[usable]
        kept = solution.kept[usable]
        scores = (scores * likelihood.weights[:, None])[back]
        dfbeta[:, kept] = scores @ _naive(fit)[np.ix_(kept, kept)]
    return SampleResiduals(martingale, deviance, dfbeta)


def schoenfeld_residuals(fit: CoxFit) -> SchoenfeldResiduals:
    """Schoenfeld residuals, as `residuals(coxph, type = "schoenfeld")` and `"scaledsch"`."""
    solution = fit.solution
    likelihood = solution.likelihood
    sets = likelihood.risk_sets
    state = likelihood.state(solution.beta)
    means = likelihood.means(state)
    count = np.diff(np.append(sets.death_begin, len(sets.death)))
    mean = sets.per_cell(means) / count[:, None]
    raw = (likelihood.x[sets.death] - mean[sets.death_cell]) * solution.scale
    sample = sets.order[sets.death]
    residual = np.full((len(sample), len(fit.columns)), np.nan)
    scaled = residual.copy()
    usable = fit.estimable[solution.kept]
    kept = solution.kept[usable]
    residual[:, kept] = raw[:, usable]
    if usable.any():
        scaled[:, kept] = raw[:, usable] @ _naive(fit)[np.ix_(kept, kept)] * len(sample) + fit.beta[kept]
    order = np.lexsort((sample, fit.time[sample], fit.stratum[sample]))
    sample = sample[order]
    return SchoenfeldResiduals(sample, fit.time[sample], fit.stratum[sample], residual[order], scaled[order])


def _naive(fit: CoxFit) -> np.ndarray:
    """Model-based covariance, shape (n_columns, n_columns)."""
    if not fit.n_clusters:
        return fit.covariance
    likelihood, kept = fit.solution.likelihood, fit.solution.kept
    state = likelihood.state(fit.solution.beta)
    usable = fit.estimable[kept]
    information = likelihood.information(state, likelihood.means(state))
    inverse = np.linalg.pinv(information)[np.ix_(usable, usable)]
    full = np.full((len(fit.columns), len(fit.columns)), np.nan)
    scale = fit.solution.scale[usable]
    full[np.ix_(kept[usable], kept[usable])] = inverse / np.outer(scale, scale)
    return full
