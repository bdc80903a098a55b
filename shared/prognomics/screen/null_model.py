"""The Cox model without genes: what a screen's permutations exchange, and the score test of a gene added to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.screen.cox_numpy import RiskSetSums
from prognomics.screen.eligible import Eligible
from prognomics.screen.follow_up import FollowUp, martingale_residuals
from prognomics.screen.patterns import pattern_of
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.residuals import sample_residuals


@dataclass(frozen=True)
class NullModel:
    """Arrays of shape (n_samples,), in the sorted order of `follow_up`.

    Attributes
    ----------
    follow_up : FollowUp
    residual : numpy.ndarray
        Martingale residuals: their product with a gene is the gene's score.
    hazards : numpy.ndarray
        Relative hazards.
    covariates : numpy.ndarray, shape (n_samples, n_covariates)
    ties : {"efron", "breslow"}
    """

    follow_up: FollowUp
    residual: np.ndarray
    hazards: np.ndarray
    covariates: np.ndarray
    ties: str

    def score_tests(self, x: np.ndarray) -> np.ndarray:
        """Signed root of the score test of each gene adjusted for the covariates, shape (n_genes,); NaN without
        variation.

        Parameters
        ----------
        x : numpy.ndarray, shape (n_samples, n_genes)
            Complete, in the sorted order.

        Notes
        -----
        As `survival::coxph` with the covariates' estimates and 0 as `init` and `iter.max = 0`: `sqrt(fit$score)`.
        """
        every = np.arange(self.follow_up.n)
        sums = RiskSetSums(pattern_of(self.follow_up, every, every[:1]), self.ties == "efron")
        hazards, z = self.hazards[:, None], self.covariates - self.covariates.mean(axis=0)
        total, n = sums.at_deaths(hazards), z.shape[1]

        def information(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            means = sums.at_deaths(hazards * a) * sums.at_deaths(hazards * b) / total**2
            summed: np.ndarray = (sums.at_deaths(hazards * a * b) / total - means).sum(axis=0)
            return summed

        own = np.array([[information(z[:, [i]], z[:, [j]])[0] for j in range(n)] for i in range(n)]).reshape(n, n)
        shared = np.array([information(x, z[:, [j]]) for j in range(n)]).reshape(n, x.shape[1])
        alone = information(x, x)
        left = alone - (shared * np.linalg.lstsq(own, shared, rcond=None)[0]).sum(axis=0)
        varies = left > 1e-10 * np.maximum(alone, np.finfo(float).tiny)
        return np.where(varies, (x.T @ self.residual) / np.sqrt(np.where(varies, left, 1.0)), np.nan)


def null_model(samples: Eligible, ties: str) -> NullModel:
    """The model of the covariates alone; without any, nobody's hazard differs within a stratum."""
    f = samples.follow_up
    if not samples.covariates.shape[1]:
        ones = np.ones(f.n)
        return NullModel(f, martingale_residuals(f, ones), ones, samples.covariates, ties)
    strata = f.stratum if f.n_strata > 1 else None
    fit = fit_cox(samples.time, samples.event, samples.covariates, strata, ties)
    return NullModel(f, sample_residuals(fit).martingale, np.exp(fit.linear_predictor), samples.covariates, ties)
