"""Fits of lifelines (Davidson-Pilon 2019, doi 10.21105/joss.01317); no other module imports it.

Its models of log time are `WeibullAFTFitter`, `LogNormalAFTFitter`, `LogLogisticAFTFitter` and
`GeneralizedGammaRegressionFitter`. The exponential model is `PiecewiseExponentialRegressionFitter` without
breakpoints; the piecewise exponential one with proportional hazards is the same on split follow-up, where each
interval has a level of its own.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from prognomics.survival.parametric.likelihood import exposure

AFT_FITTERS = {
    "weibull": ("WeibullAFTFitter", "lambda_", "rho_", -1),
    "log_normal": ("LogNormalAFTFitter", "mu_", "sigma_", 1),
    "log_logistic": ("LogLogisticAFTFitter", "alpha_", "beta_", -1),
}
"""Fitter, parameter of the location, parameter of the scale on the log scale, its sign in log(scale)."""
GAMMA = "GeneralizedGammaRegressionFitter"
EXPONENTIAL = "PiecewiseExponentialRegressionFitter"


def fitter_name(distribution: str) -> str:
    """The class of lifelines that fits a distribution."""
    if distribution in AFT_FITTERS:
        return AFT_FITTERS[distribution][0]
    return GAMMA if distribution == "generalized_gamma" else EXPONENTIAL


def lifelines_optimum(
    distribution: str, time: np.ndarray, event: np.ndarray, x: np.ndarray, breaks: tuple[float, ...]
) -> np.ndarray | None:
    """Parameters as `ParametricFit` orders them, shape (n_parameters,); None if lifelines does not converge.

    Parameters
    ----------
    distribution : str
    time : numpy.ndarray, shape (n_samples,)
    event : numpy.ndarray, shape (n_samples,)
    x : numpy.ndarray, shape (n_samples, n_columns)
        Standardized columns.
    breaks : tuple of float
        Of the piecewise exponential model.
    """
    unit = float(np.exp(np.log(time).mean()))  # lifelines converges best near 1
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # convergence is checked by Newton's method
        try:
            if distribution == "piecewise_exponential":
                theta = _piecewise(time / unit, event, x, tuple(b / unit for b in breaks), np.log(unit))
            else:
                theta = _log_time(distribution, time / unit, event, x)
                theta[0] += np.log(unit)
        except (ArithmeticError, AssertionError, IndexError, KeyError, TypeError, ValueError):
            return None
    return theta if np.isfinite(theta).all() else None


def _log_time(distribution: str, time: np.ndarray, event: np.ndarray, x: np.ndarray) -> np.ndarray:
    import lifelines

    frame, columns = _frame(time, event, x)
    location = [*columns, "level"]
    if distribution in AFT_FITTERS:
        name, place, scale, sign = AFT_FITTERS[distribution]
        fitter = getattr(lifelines, name)().fit(frame, "time", "event")
        found = fitter.params_
        return np.concatenate([found[place][["Intercept", *columns]], [sign * found[scale]["Intercept"]]])
    frame["level"] = 1.0
    if distribution == "exponential":
        found = _exponential(frame, location)
        return np.array(found[["level", *columns]])
    fitter = lifelines.GeneralizedGammaRegressionFitter()
    fitter.fit(frame, "time", "event", regressors={"mu_": location, "sigma_": ["level"], "lambda_": ["level"]})
    found = fitter.params_
    return np.concatenate([found["mu_"][["level", *columns]], found["sigma_"], found["lambda_"]])


def _piecewise(
    time: np.ndarray, event: np.ndarray, x: np.ndarray, breaks: tuple[float, ...], log_unit: float
) -> np.ndarray:
    """On follow-up that is split at the breaks."""
    spent = exposure(time, breaks)
    sample, interval = np.nonzero(spent)
    start = np.r_[0.0, breaks][interval]
    last = np.r_[sample[1:] != sample[:-1], True]
    frame, columns = _frame(start + spent[sample, interval], event[sample] * last, x[sample])
    levels = [f"level{k}" for k in range(spent.shape[1])]
    for k, level in enumerate(levels):
        frame[level] = (interval == k).astype(float)
    found = _exponential(frame.assign(start=start), [*levels, *columns], "start")
    return -np.concatenate([found[levels] + log_unit, found[columns]])


def _exponential(frame: pd.DataFrame, columns: list[str], entry: str | None = None) -> pd.Series:
    from lifelines import PiecewiseExponentialRegressionFitter

    fitter = PiecewiseExponentialRegressionFitter([])
    fitter.fit_intercept = False
    fitter.fit(frame, "time", "event", regressors={"lambda_0_": columns}, entry_col=entry)
    found: pd.Series = fitter.params_["lambda_0_"]
    return found


def _frame(time: np.ndarray, event: np.ndarray, x: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    columns = [f"x{j}" for j in range(x.shape[1])]
    frame = pd.DataFrame(np.asarray(x, float), columns=columns)
    return frame.assign(time=np.asarray(time, float), event=np.asarray(event, int)), columns
