"""Variances of many genes squeezed towards a common value, by empirical Bayes.

Smyth (2004), doi 10.2202/1544-6115.1027; with a trend Sartor et al. (2006), doi 10.1186/1471-2105-7-538. As limma's
`squeezeVar`, `fitFDist` and `eBayes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma, psi

from prognomics.errors import Refused, warn

SMALLEST = 1e-5  # of the median variance: what a variance of zero is taken for


@dataclass(frozen=True)
class Squeezed:
    """Prior and posterior variances.

    Attributes
    ----------
    df_prior : float
        Infinite where the variances differ no more than by chance.
    prior : numpy.ndarray, shape (n_genes,)
        Prior variance; the same for all genes without a trend.
    posterior : numpy.ndarray, shape (n_genes,)
    df_total : numpy.ndarray, shape (n_genes,)
        Residual plus prior degrees of freedom, and no more than those of all genes together.
    """

    df_prior: float
    prior: np.ndarray
    posterior: np.ndarray
    df_total: np.ndarray


def squeeze_variances(variance: np.ndarray, df: np.ndarray, covariate: np.ndarray | None = None) -> Squeezed:
    """Posterior variances of genes, whose prior is estimated from all of them.

    Parameters
    ----------
    variance : numpy.ndarray, shape (n_genes,)
        Residual variances; not read where `df` is 0.
    df : numpy.ndarray, shape (n_genes,)
        Their degrees of freedom.
    covariate : numpy.ndarray, shape (n_genes,), optional
        Finite; the prior variance is then a natural spline of it (limma-trend: mean expression).

    Returns
    -------
    Squeezed

    Raises
    ------
    Refused
        No gene has a residual degree of freedom.

    Warns
    -----
    zero-variances
    """
    df = np.asarray(df, dtype=float)
    known = df > 0
    if not known.any():
        raise Refused("no gene has more samples than the model has coefficients: no variance can be estimated",
                      hint="omit covariates, or add samples")  # fmt: skip
    variance = np.where(known, variance, 0.0)
    if len(variance) == 1:
        return Squeezed(0.0, variance.copy(), variance.copy(), df.copy())
    df_prior, prior = _fit_prior(variance, df, known, covariate)
    if np.isinf(df_prior):
        posterior = prior.copy()
    else:
        posterior = (df * variance + df_prior * prior) / (df + df_prior)
    return Squeezed(df_prior, prior, posterior, np.minimum(df + df_prior, df.sum()))


def _fit_prior(
    variance: np.ndarray, df: np.ndarray, known: np.ndarray, covariate: np.ndarray | None
) -> tuple[float, np.ndarray]:
    """Degrees of freedom and scale of the scaled F distribution of the variances, by moments of their logarithms."""
    x, d = np.maximum(variance[known], 0.0), df[known]
    if len(x) == 1:
        return 0.0, np.full(len(df), x[0])
    middle = float(np.median(x))
    if middle == 0:
        warn("zero-variances", "more than half of the genes have a residual variance of zero: the prior variance, and "
             "with it every p-value, cannot be relied on")  # fmt: skip
        middle = 1.0
    elif (x == 0).any():
        warn("zero-variances", f"{int((x == 0).sum())} genes have a residual variance of zero, which is taken for "
             f"{SMALLEST:g} of the median when the prior is estimated")  # fmt: skip
    if covariate is not None and len(np.unique(covariate[known])) < 2:
        covariate = None
    x = np.maximum(x, SMALLEST * middle)
    log_f = np.log(x) - psi(d / 2.0) + np.log(d / 2.0)
    center, left = _center(log_f, known, covariate)
    excess = left - float(polygamma(1, d / 2.0).mean())
    if excess > 0:
        df_prior = 2.0 * inverse_trigamma(excess)
        return df_prior, np.exp(center + psi(df_prior / 2.0) - np.log(df_prior / 2.0))
    if covariate is None:
        return np.inf, np.full(len(df), float(x.mean()))
    return np.inf, np.exp(center)


def _center(log_f: np.ndarray, known: np.ndarray, covariate: np.ndarray | None) -> tuple[np.ndarray, float]:
    """Expected value of each gene's log variance, and the variance that is left of them."""
    n = len(log_f)
    if covariate is None:
        return np.full(len(known), log_f.mean()), float(((log_f - log_f.mean()) ** 2).sum() / (n - 1))
    size = min(1 + (n >= 3) + (n >= 6) + (n >= 30), len(np.unique(covariate[known])))
    knots = np.unique(np.quantile(covariate[known], np.linspace(0, 1, size)))
    basis = _natural_splines(covariate, knots)
    coefficients, _, rank, _ = np.linalg.lstsq(basis[known], log_f, rcond=None)
    center = basis @ coefficients
    if n <= rank:
        raise Refused(f"{n} genes do not show a trend of the variance", hint="omit --trend")
    return center, float(((log_f - center[known]) ** 2).sum() / (n - rank))


def _natural_splines(at: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Natural cubic splines that are 1 at one knot and 0 at the others, shape (n_values, n_knots).

    They keep their digits where a few values are far from the others, as powers of the distance to a knot do not.
    """
    from scipy.interpolate import CubicSpline

    if len(knots) < 3:
        return np.column_stack([np.ones(len(at)), (at - knots[0]) / max(float(np.ptp(knots)), 1e-300)])
    return np.asarray(CubicSpline(knots, np.eye(len(knots)), bc_type="natural")(at))


def inverse_trigamma(value: float) -> float:
    """The number whose trigamma is `value` (> 0), by Newton's method; as limma's `trigammaInverse`."""
    if value > 1e7:
        result: float = 1.0 / np.sqrt(value)
        return result
    if value < 1e-6:
        return 1.0 / value
    y = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(polygamma(1, y))
        step = trigamma * (1.0 - trigamma / value) / float(polygamma(2, y))
        y += step
        if -step / y < 1e-8:
            break
    return y
