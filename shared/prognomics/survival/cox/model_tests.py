"""Tests of a fitted Cox model: of the whole model, of one term, of one model within another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.modeling.coefficient_tests import chi_square
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import CoxFit


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
