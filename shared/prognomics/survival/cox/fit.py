"""Cox's proportional hazards model, fitted by Newton's method.

Cox (1972), doi 10.1111/j.2517-6161.1972.tb00899.x. Numbers are those of R's `survival::coxph`:
Efron's or Breslow's ties, strata, case weights, late entry, clusters (Lin and Wei 1989,
doi 10.1080/01621459.1989.10478874).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused, UsageError, first_few, warn
from prognomics.modeling.coefficient_tests import wald_statistic
from prognomics.modeling.newton import informative_columns, maximize, predictor
from prognomics.survival.cox.partial_likelihood import PartialLikelihood
from prognomics.survival.cox.risk_sets import RiskSets, make_risk_sets
from prognomics.survival.event_times import check_entry, check_event_times, merge_near_ties

TIES = ("efron", "breslow")


@dataclass(frozen=True)
class CoxFit:
    """A fitted model. Arrays over coefficients follow the columns of X.

    Attributes
    ----------
    columns : tuple of str
    beta, se, naive_se : numpy.ndarray, shape (n_columns,)
        Log hazard ratio per unit, its standard error (robust where clusters were given) and
        the model-based one. NaN where not estimable.
    covariance : numpy.ndarray, shape (n_columns, n_columns)
        Of beta, robust where clusters were given; NaN where not estimable.
    estimable : numpy.ndarray of bool, shape (n_columns,)
    reason : tuple of str
        Why a coefficient is not estimable: "collinear" (its information is in the columns
        before it, or there is none; R prints NA), "infinite" (the likelihood rises without
        end as the coefficient grows: a level without events, or separation), "drowned" (values so extreme that
        rounding hides what the others say), else "".
    loglik_null, loglik : float
        Log partial likelihood at 0 and at the estimate (its supremum where coefficients are
        infinite).
    df : int
        Columns that are not collinear.
    lr, score, wald : float
        Chi-square statistics on `df` degrees of freedom. `wald` is NaN where a coefficient
        is infinite.
    iterations : int
    converged : bool
    n, n_events : int
    n_clusters : int
        0 without clusters.
    ties : str
    linear_predictor : numpy.ndarray, shape (n_samples,)
        X beta; infinite coefficients enter with the value at which the fit stopped.
    time, event, stratum, weights, entry : numpy.ndarray, shape (n_samples,)
        What was fitted: near ties merged, strata as codes from 0.
    """

    columns: tuple[Any, ...]
    beta: np.ndarray
    se: np.ndarray
    naive_se: np.ndarray
    covariance: np.ndarray
    estimable: np.ndarray
    reason: tuple[Any, ...]
    loglik_null: float
    loglik: float
    df: int
    lr: float
    score: float
    wald: float
    iterations: int
    converged: bool
    n: int
    n_events: int
    n_clusters: int
    ties: str
    linear_predictor: np.ndarray
    time: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    weights: np.ndarray | None
    entry: np.ndarray | None
    solution: Solution = field(repr=False)

    ratio: ClassVar[str] = "hazard ratio"

    @property
    def n_informative(self) -> int:
        """What the number of coefficients is judged by: the events."""
        return self.n_events


@dataclass(frozen=True)
class Solution:
    """The fit in standardized columns: what diagnostics of the model start from.

    `kept` holds the columns of X in the likelihood, `scale` divides them, `beta` is the
    standardized coefficient.
    """

    likelihood: PartialLikelihood
    kept: np.ndarray
    scale: np.ndarray
    beta: np.ndarray


def fit_cox(
    time: np.ndarray,
    event: np.ndarray,
    x: np.ndarray,
    strata: np.ndarray | None = None,
    ties: str = "efron",
    weights: np.ndarray | None = None,
    entry: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    columns: Sequence[str] | None = None,
    eps: float = 1e-14,
    max_iterations: int = 200,
) -> CoxFit:
    """Fit a proportional hazards model.

    Parameters
    ----------
    time, event : array_like, shape (n_samples,)
        Follow-up time and 0/1 flag. Near ties are merged as R's `timefix` does.
    x : array_like, shape (n_samples, n_columns) or (n_samples,)
        Covariates without missing values. Any scale: columns are standardized inside.
    strata : array_like, shape (n_samples,), optional
        Labels; each stratum has its own baseline hazard.
    ties : {"efron", "breslow"}
    weights : array_like, shape (n_samples,), optional
        Positive case weights.
    entry : array_like, shape (n_samples,), optional
        Times of late entry (left truncation), before `time`.
    cluster : array_like, shape (n_samples,), optional
        Labels of clusters for robust standard errors.
    columns : sequence of str, optional
        Names of the columns of `x`.
    eps : float
        Relative gain in log-likelihood below which a step is the last, as `coxph.control(eps)`.
    max_iterations : int
        Shortened steps count.

    Returns
    -------
    CoxFit

    Raises
    ------
    Refused
        No events; fewer than two clusters.
    BadInput
        Missing, infinite or misshapen values, negative times, weights not positive.
    UsageError
        Unknown `ties`.
    """
    if ties not in TIES:
        raise UsageError(f"unknown handling of ties {ties!r}", hint=f"one of {', '.join(TIES)}")
    time, event = check_event_times(time, event)
    x = check_covariates(x, len(time))
    names = tuple(f"x{i + 1}" for i in range(x.shape[1])) if columns is None else tuple(columns)
    if len(names) != x.shape[1]:
        raise BadInput(f"{x.shape[1]} covariate columns have {len(names)} names")
    entry = check_entry(entry, time)
    time, entry = (merge_near_ties(time), None) if entry is None else merge_near_ties(time, entry)
    check_entry(entry, time)
    if not event.any():
        raise Refused(
            f"there are no events among {len(time)} samples: a hazard cannot be modeled",
            hint="check the event column, the subset and the endpoint",
        )
    stratum, _ = encode_levels(strata, len(time), "stratum")
    case_weights = _check_weights(weights, len(time))
    sample = Sample(time, event, stratum, None if weights is None else case_weights, entry)
    return fit_likelihood(
        make_risk_sets(time, event, stratum, ties, entry), sample, x, names, ties, cluster, eps, max_iterations
    )


@dataclass(frozen=True)
class Sample:
    """Checked input of a fit, arrays of shape (n_samples,): near ties merged, strata as codes from 0."""

    time: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    weights: np.ndarray | None = None
    entry: np.ndarray | None = None


def fit_likelihood(
    risk_sets: RiskSets,
    sample: Sample,
    x: np.ndarray,
    names: tuple[Any, ...],
    ties: str,
    cluster: np.ndarray | None,
    eps: float,
    max_iterations: int,
    likelihood_of: Callable[..., PartialLikelihood] = PartialLikelihood,
) -> CoxFit:
    """Fit a model whose risk sets are made; see `fit_cox` for parameters, and what is raised.

    `likelihood_of` makes the likelihood from risk sets, covariates and case weights in the sorted order.
    """
    time = sample.time
    ordered = np.ones(len(time)) if sample.weights is None else sample.weights[risk_sets.order]
    standardized, scale = _standardize(x[risk_sets.order], risk_sets, ordered)
    everything = likelihood_of(risk_sets, standardized, ordered)
    null = everything.state(np.zeros(x.shape[1]))
    information = everything.information(null, everything.means(null))
    kept = informative_columns(information, float(null.term_weight.sum()))
    likelihood = likelihood_of(risk_sets, standardized[:, kept], ordered)
    newton = maximize(likelihood, null, eps, max_iterations)
    if not newton.converged:
        warn("not-converged", f"the Cox model did not converge in {max_iterations} iterations")

    p, scale = x.shape[1], scale[kept]
    finite = ~(newton.running_off | newton.drowned)
    naive = newton.inverse / np.outer(scale, scale)
    covariance, n_clusters = naive, 0
    if cluster is not None:
        residuals = likelihood.score_residuals(newton.state, likelihood.means(newton.state))
        covariance, n_clusters = _robust(residuals * ordered[:, None], newton, scale, cluster, risk_sets)
    beta = np.full(p, np.nan)
    beta[kept[finite]] = (newton.beta / scale)[finite]
    full = np.full((p, p), np.nan)
    full[np.ix_(kept[finite], kept[finite])] = covariance[np.ix_(finite, finite)]
    naive_se = np.full(p, np.nan)
    naive_se[kept[finite]] = np.sqrt(np.diag(naive)[finite])
    reason = np.full(p, "collinear", dtype=object)
    reason[kept] = np.where(newton.running_off, "infinite", np.where(newton.drowned, "drowned", ""))
    df = len(kept)
    return CoxFit(
        columns=names, beta=beta, se=np.sqrt(np.diag(full)), naive_se=naive_se, covariance=full,
        estimable=~np.isnan(beta), reason=tuple(reason), loglik_null=null.loglik, loglik=newton.state.loglik,
        df=df, lr=2 * (newton.state.loglik - null.loglik), score=newton.score,
        wald=wald_statistic(newton.beta / scale, covariance) if finite.all() and df else float("nan"),
        iterations=newton.iterations, converged=newton.converged, n=len(time), n_events=int(sample.event.sum()),
        n_clusters=n_clusters, ties=ties, linear_predictor=predictor(x, kept, newton.beta / scale),
        time=time, event=sample.event, stratum=sample.stratum, weights=sample.weights, entry=sample.entry,
        solution=Solution(likelihood, kept, scale, newton.beta),
    )  # fmt: skip


def check_covariates(x: np.ndarray, n_samples: int) -> np.ndarray:
    """Covariates as floats, shape (n_samples, n_columns); BadInput if misshapen, missing or infinite."""
    x = np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or x.shape[0] != n_samples:
        raise BadInput(f"covariates and times differ in shape: {x.shape} and {(n_samples,)}")
    wrong = ~np.isfinite(x).all(axis=1)
    if wrong.any():
        raise BadInput(
            f"{int(wrong.sum())} samples have missing or infinite covariates",
            where=f"positions (from 0) {first_few(np.flatnonzero(wrong))}",
            hint="fit on complete cases",
        )
    return x


def _check_weights(weights: np.ndarray | None, n_samples: int) -> np.ndarray:
    if weights is None:
        return np.ones(n_samples)
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (n_samples,) or not np.all(np.isfinite(weights) & (weights > 0)):
        raise BadInput("case weights must be positive numbers, one a sample")
    return weights


def _standardize(x: np.ndarray, risk_sets: Any, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns about their medians within strata, divided by their pooled deviation (0 if there is none).

    Samples in no risk set count nothing and become 0. Medians, because sums about a mean that one extreme value
    has moved lose the differences between all others.
    """
    at_risk = risk_sets.ever_at_risk
    centered = np.zeros_like(x)
    for begin, end in risk_sets.bounds:
        used = np.flatnonzero(at_risk[begin:end]) + begin
        if len(used):
            centered[used] = x[used] - np.median(x[used], axis=0)
    weights = np.where(at_risk, weights, 0.0)
    with np.errstate(over="ignore"):
        scale = np.sqrt((weights @ centered**2) / weights.sum())
    size = np.abs(np.where(at_risk[:, None], x, 0.0)).max(axis=0, initial=0.0)
    flat = scale <= 1e-13 * size
    scale = np.where(flat, 1.0, scale)
    return np.where(flat, 0.0, centered / scale), scale


def _robust(
    residuals: np.ndarray, newton: Any, scale: np.ndarray, cluster: np.ndarray, risk_sets: Any
) -> tuple[np.ndarray, int]:
    """Sandwich covariance from the weighted score residuals summed over clusters."""
    codes, labels = encode_levels(cluster, len(residuals), "cluster")
    if len(labels) < 2:
        raise Refused("robust standard errors need at least two clusters", where=f"only: {labels[0]}")
    dfbeta = (residuals @ newton.inverse) / scale
    summed = np.zeros((len(labels), len(scale)))
    np.add.at(summed, codes[risk_sets.order], dfbeta)
    return summed.T @ summed, len(labels)
