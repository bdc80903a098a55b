"""From a learned signature to a model that others apply unchanged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import Baseline, Coefficient, Derivation, LockedModel, identifier_hashes
from prognomics.learning.absolute_risk import stratum_names
from prognomics.learning.cohort_data import LearningData
from prognomics.learning.learner import Learned
from prognomics.learning.partial_likelihood import RiskOrder
from prognomics.learning.profiles import make_profiles


def lock_signature(
    data: LearningData, learned: Learned, *, name: str, scaling: str, cut_quantiles: Sequence[float],
    endpoint: str | None, outcome: dict[str, str] | None, population: str, method: str,
    expression: ExpressionMatrix | None = None,
) -> LockedModel:  # fmt: skip
    """The signature with everything that another cohort needs.

    Parameters
    ----------
    data : LearningData
    learned : Learned
        Of all samples of the data.
    name : str
        Of the linear predictor.
    scaling : {"within_cohort", "overall", "none"}
    cut_quantiles : sequence of float
        Quantiles (type 7) of the training linear predictor at which groups are cut.
    endpoint : str or None
    outcome : dict or None
        `column` and `level` of a yes/no outcome.
    population, method : str
    expression : ExpressionMatrix, optional
        From which the model takes the profiles of its samples.

    Returns
    -------
    LockedModel
        Genes are centered at their training mean, 0 after scaling within the cohort.
    """
    beta = learned.coefficients
    held = np.flatnonzero(beta[data.n_covariates :]) + data.n_covariates
    mean, spread = data.values.mean(axis=1), data.values.std(axis=1)
    center = np.where(np.arange(len(beta)) < data.n_covariates, mean, mean if scaling != "within_cohort" else 0.0)
    used = np.concatenate([np.arange(data.n_covariates), held]).astype(int)
    linear = beta[used] @ (data.values[used] - center[used, None])
    genes = {j: data.gene_ids[j - data.n_covariates] for j in held}
    coefficients = [*_covariates(data, beta, center), *(
        Coefficient(genes[j], "gene", genes[j], float(beta[j]), float(center[j]),
                    float(spread[j]) if scaling == "overall" and spread[j] > 0 else 1.0) for j in held)]  # fmt: skip
    risk = data.order(np.arange(data.n))
    sorted_linear = linear[risk.order]
    survival = isinstance(risk, RiskOrder)
    quantiles = sorted(set(cut_quantiles))
    return LockedModel(
        kind="cox" if survival else "logistic", name=name, coefficients=tuple(coefficients),
        intercept=None if isinstance(risk, RiskOrder) else risk.mean_intercept(sorted_linear),
        scaling="within_cohort" if scaling == "within_cohort" else scaling,
        baseline=tuple(_baselines(data, risk, sorted_linear)) if survival else (),
        strata=data.strata_columns if survival else (),
        cutpoints=tuple(float(c) for c in np.unique(np.quantile(linear, quantiles))) if quantiles else (),
        cut_rule="quantiles of the training linear predictor: " + ", ".join(f"{q:g}" for q in quantiles)
        if quantiles else "",
        endpoint=endpoint, outcome=outcome, horizon_months=float(data.time.max()) if survival else None,
        missing_genes={genes[j]: float(center[j]) for j in held},
        derivation=Derivation(
            n=data.n, events=int(data.event.sum()), cohorts=tuple(sorted(set(data.cohort.tolist()))),
            population=population, sample_hashes=identifier_hashes(data.frame["sample_id"]),
            patient_hashes=identifier_hashes(data.frame["patient_id"]) if "patient_id" in data.frame.columns else (),
            profiles=make_profiles(expression, data.frame["sample_id"].astype(str).tolist(), data.cohort)
            if expression is not None else {},
            method=method,
        ),
    )  # fmt: skip


def _covariates(data: LearningData, beta: np.ndarray, center: np.ndarray) -> list[Coefficient]:
    made = []
    for term in data.design.terms:
        for place, j in enumerate(term.columns):
            factor = term.kind == "factor"
            level, reference = (term.levels[place + 1], term.reference) if factor else (None, None)
            made.append(
                Coefficient(term.name, term.kind, data.design.columns[j], float(beta[j]), float(center[j]),
                            level=level, reference=reference)
            )  # fmt: skip
    return made


def _baselines(data: LearningData, risk: RiskOrder, linear: np.ndarray) -> list[Baseline]:
    """Breslow's cumulative hazard at linear predictor 0, by stratum (doi 10.2307/2529620)."""
    curves = []
    time = data.time[risk.order]
    label = np.full(risk.n, "all", object)
    if data.strata_columns:
        label = stratum_names(data.frame, data.strata_columns)[risk.order]
    for samples, times in risk.strata:
        own = slice(samples.start, samples.stop)
        end = risk.end[times] - samples.start
        top = linear[own].max()
        total = np.cumsum(risk.weight[own] * np.exp(linear[own] - top))[end - 1]
        steps = (risk.deaths[times] / total * np.exp(-top))[::-1]
        months = time[own][end - 1][::-1]
        hazard = np.cumsum(steps)
        last = float(time[own].max())
        if not len(months) or last > months[-1]:
            months, hazard = np.append(months, last), np.append(hazard, hazard[-1] if len(hazard) else 0.0)
        curves.append(Baseline(str(label[own][0]), tuple(months.tolist()), tuple(hazard.tolist())))
    return curves
