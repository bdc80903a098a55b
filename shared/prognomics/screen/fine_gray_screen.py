"""Fine-Gray models of every gene, many side by side: sums over risk sets are running sums, no rows are split."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.errors import AnalysisWarning, Refused
from prognomics.screen import results as layout
from prognomics.screen.cox_screen import STATES, CoxScreen
from prognomics.screen.patterns import genes_by_samples
from prognomics.survival.competing_risks.fine_gray import fit_fine_gray
from prognomics.survival.competing_risks.subdistribution import (
    SubdistributionRiskSets,
    censoring_residuals,
    subdistribution_risk_sets,
)
from prognomics.survival.cox.partial_likelihood import residuals_of_score
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.event_times import merge_near_ties

GENES_AT_ONCE = 32
SMALL = 1e-9
"""Step, in standard deviations of the gene, that is the last."""


@dataclass(frozen=True)
class CompetingSamples:
    """The samples of a screen, arrays of shape (n_samples,); near ties are merged.

    Attributes
    ----------
    columns : numpy.ndarray of int
        Column of the matrix of each sample.
    time, causes : numpy.ndarray of float
        Months; 0 censored, 1 event, 2 competing event.
    stratum : numpy.ndarray of int
    covariates : numpy.ndarray, shape (n_samples, n_covariates)
    """

    columns: np.ndarray
    time: np.ndarray
    causes: np.ndarray
    stratum: np.ndarray
    covariates: np.ndarray

    def take(self, kept: np.ndarray) -> CompetingSamples:
        """Those of some positions."""
        parts = (self.columns, self.time, self.causes, self.stratum, self.covariates)
        return CompetingSamples(*(part[kept] for part in parts))


def fine_gray_screen(values: np.ndarray, samples: CompetingSamples, ties: str = "breslow") -> CoxScreen:
    """Fit a Fine-Gray model for each gene.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_columns)
        A gene is fitted on the samples that have it; their censoring distribution is estimated from them.
    samples : CompetingSamples
    ties : {"breslow", "efron"}
        See `fit_fine_gray`, whose numbers these are.

    Returns
    -------
    CoxScreen
        `se` is robust; `ph_chisq` is that of `cox_zph` over time itself; `score` is NaN.
    """
    samples = CompetingSamples(samples.columns, merge_near_ties(samples.time), *(
        getattr(samples, name) for name in ("causes", "stratum", "covariates")))  # fmt: skip
    results = np.full((len(values), layout.N_RESULTS), np.nan)
    results[:, layout.STATE] = layout.NOT_CONVERGED
    for begin in range(0, len(values), GENES_AT_ONCE):
        chunk = np.ascontiguousarray(values[begin : begin + GENES_AT_ONCE, samples.columns].T, dtype=float)
        for kept, genes in genes_by_samples(chunk):
            block = np.full((len(genes), layout.N_RESULTS), np.nan)
            _screen_alike(chunk[np.ix_(kept, genes)], samples.take(kept), ties, block)
            results[begin + genes] = block
    state = np.array(STATES, dtype=object)[results[:, layout.STATE].astype(int)]
    count = results[:, [layout.N_USED, layout.EVENTS]].astype(int)
    chosen = (layout.MEAN, layout.BETA, layout.SE, layout.LOGLIK, layout.LOGLIK_NULL, layout.SCORE, layout.PH)
    columns: list[Any] = [count[:, 0], count[:, 1], *(results[:, j] for j in chosen), state]
    return CoxScreen(*columns)


def _screen_alike(x: np.ndarray, samples: CompetingSamples, ties: str, results: np.ndarray) -> None:
    """Fill in the results of genes that have the same samples; x has shape (n_samples, n_genes)."""
    results[:, layout.N_USED], results[:, layout.EVENTS] = len(x), (samples.causes == 1).sum()
    results[:, layout.STATE] = layout.NO_EVENTS
    if not len(x):
        return
    results[:, layout.MEAN] = x.mean(axis=0)
    if not (samples.causes == 1).any():
        return
    _, stratum = np.unique(samples.stratum, return_inverse=True)
    as_crr = ties == "breslow" and not stratum.any()
    sets = subdistribution_risk_sets(samples.time, samples.causes, stratum, ties, censored_last=not as_crr)
    at_risk = np.zeros(len(x), dtype=bool)
    at_risk[sets.order] = sets.ever_at_risk
    centered = x - np.median(x[at_risk], axis=0)
    deviation = np.sqrt(np.mean(centered[at_risk] ** 2, axis=0))
    varies = deviation > layout.FLAT * np.maximum(1.0, np.abs(x[at_risk]).max(axis=0))
    results[:, layout.STATE] = np.where(varies, layout.NOT_CONVERGED, layout.CONSTANT)
    if not samples.covariates.shape[1]:
        genes = np.flatnonzero(varies)
        scaled = np.where(at_risk[:, None], centered[:, genes] / deviation[genes], 0.0)[sets.order]
        found = results[genes]
        _Genes(sets, as_crr).fit(scaled, deviation[genes], found)
        results[genes] = found
    for gene in np.flatnonzero(results[:, layout.STATE] == layout.NOT_CONVERGED):
        _fit_one(x[:, gene], samples, stratum, ties, results[gene])


def _fit_one(x: np.ndarray, samples: CompetingSamples, stratum: np.ndarray, ties: str, found: np.ndarray) -> None:
    """One gene, adjusted for covariates or with far values."""
    design = np.column_stack([samples.covariates, x])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)  # the state says it
        try:
            fit = fit_fine_gray(samples.time, samples.causes, design, stratum, ties)
        except Refused:
            return
        if not fit.estimable[-1]:
            state = {"infinite": layout.SEPARATED, "collinear": layout.CONSTANT}
            found[layout.STATE] = state.get(fit.reason[-1], layout.NOT_CONVERGED)
        elif fit.converged:
            found[layout.STATE] = layout.OK
            found[layout.BETA], found[layout.SE], found[layout.LOGLIK] = fit.beta[-1], fit.se[-1], fit.loglik
            found[layout.PH] = cox_zph(fit, "identity").terms[fit.columns[-1]].chisq


@dataclass(frozen=True)
class _Genes:
    """Newton's method for genes side by side, one coefficient each."""

    sets: SubdistributionRiskSets
    as_crr: bool

    def fit(self, x: np.ndarray, deviation: np.ndarray, results: np.ndarray) -> None:
        """x of shape (n_samples, n_genes), sorted, standardized; rows of results that converge are filled in."""
        own = x[self.sets.death].sum(axis=0)
        widest = np.abs(x).max(axis=0)
        active, beta = np.arange(x.shape[1]), np.zeros(x.shape[1])
        low, high = np.full(len(beta), -np.inf), np.full(len(beta), np.inf)
        start = None
        for _ in range(layout.MOST_PASSES):
            if not len(active):
                return
            hazard, denominator, mean, variance = self._at(x[:, active], beta[active])
            score, information = own[active] - mean.sum(axis=0), variance.sum(axis=0)
            if start is None:
                start = np.maximum(information, 1e-300)
                results[:, layout.LOGLIK_NULL] = -np.log(denominator).sum(axis=0)
            safe = information > layout.GONE * start[active]
            step = np.where(safe, score / np.where(safe, information, 1.0), 0.0)
            done = safe & (np.abs(step) < SMALL)
            if done.any():
                at = active[done]
                parts = [part[:, done] for part in (hazard, denominator, mean, variance)]
                self._finish(x[:, at], beta[at] + step[done], score[done], information[done], own[at], deviation[at],
                             parts, results, at, step[done])  # fmt: skip
            low[active] = np.where(score > 0, beta[active], low[active])
            high[active] = np.where(score > 0, high[active], beta[active])
            target = beta[active] + step
            outside = ~((low[active] <= target) & (target <= high[active]))
            middle = 0.5 * (np.maximum(low[active], beta[active] - 5) + np.minimum(high[active], beta[active] + 5))
            beta[active] = np.where(outside, middle, target)
            active = active[safe & ~done & (np.abs(beta[active]) * widest[active] <= layout.WIDEST)]

    def _at(self, x: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Relative hazards, and denominator, mean and variance of each death's risk set, genes side by side."""
        sets = self.sets
        hazard = np.exp(x * beta)
        first, sums = hazard, []
        for power in range(3):
            part = sets.over_risk_set(first)[sets.death_cell]
            if sets.fraction.any():
                part -= sets.fraction[:, None] * sets.over_deaths(first)[sets.death_cell]
            sums.append(part)
            first = first * x if power < 2 else first
        mean = sums[1] / sums[0]
        return hazard, sums[0], mean, sums[2] / sums[0] - mean**2

    def _finish(
        self,
        x: np.ndarray,
        beta: np.ndarray,
        score: np.ndarray,
        information: np.ndarray,
        own: np.ndarray,
        deviation: np.ndarray,
        parts: list[np.ndarray],
        results: np.ndarray,
        at: np.ndarray,
        step: np.ndarray,
    ) -> None:
        sets = self.sets
        hazard, denominator, mean, variance = parts
        term = 1 / denominator
        exposure = sets.up_to_sample(sets.per_cell(term))
        exposure[sets.death] -= sets.per_cell(sets.fraction[:, None] * term)[sets.death_cell]
        residuals = residuals_of_score(sets, x, hazard, exposure, term, mean)
        if self.as_crr:
            residuals += censoring_residuals(sets, x, hazard, term, mean)
        results[at, layout.STATE] = layout.OK
        results[at, layout.BETA] = beta / deviation
        results[at, layout.SE] = np.sqrt((residuals**2).sum(axis=0)) / information / deviation
        results[at, layout.LOGLIK] = own * (beta - step) - np.log(denominator).sum(axis=0) + 0.5 * step * score
        time = sets.cell_time[sets.death_cell]
        g = (time - time.mean())[:, None]
        u = (g * (x[sets.death] - mean - step * variance)).sum(axis=0)
        i0, i1, i2 = variance.sum(axis=0), (g * variance).sum(axis=0), (g**2 * variance).sum(axis=0)
        rest = i2 - i1**2 / i0
        with np.errstate(invalid="ignore", divide="ignore"):
            results[at, layout.PH] = np.where((rest > layout.FLAT * i2) & (i2 > 0), u**2 / rest, np.nan)
