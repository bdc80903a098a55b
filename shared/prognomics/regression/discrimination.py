"""How well a logistic model shows samples with the outcome from those without: AUC, also within strata, and Brier."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, ndtri

from prognomics.regression.fit import LogisticFit
from prognomics.stats.roc import FEWEST_FOR_DELONG, delong


def auc_within(case: np.ndarray, linear: np.ndarray, stratum: np.ndarray) -> tuple[float, float]:
    """AUC of pairs within strata, and its DeLong standard error.

    Areas of strata are weighted by their pairs (as the concordance of `survival::clogit`), and the variance is that of
    this mean. NaN where no stratum has both outcomes; the error is NaN where a stratum has a single sample on one side.

    Parameters
    ----------
    case : numpy.ndarray of bool, shape (n_samples,)
    linear : numpy.ndarray, shape (n_samples,)
    stratum : numpy.ndarray, shape (n_samples,)
    """
    areas, errors, pairs = [], [], []
    for code in np.unique(stratum):
        rows = stratum == code
        cases, controls = (linear[rows & side] for side in (case, ~case))
        if len(cases) and len(controls):
            area, error = delong(cases, controls)
            areas.append(area)
            errors.append(error)
            pairs.append(len(cases) * len(controls))
    if not pairs:
        return float("nan"), float("nan")
    part = np.array(pairs) / np.sum(pairs)
    return float(part @ areas), float(np.sqrt(part**2 @ np.square(errors)))


def apparent_auc(fit: LogisticFit, conf_level: float = 0.95) -> tuple[float, float, float, str]:
    """AUC of the linear predictor in the samples of the fit, its DeLong limits, and a note.

    Of a conditional model the pairs are those within strata (the concordance of `survival::clogit`), and the variance
    is that of the strata's areas weighted by their pairs. The limits are NaN with fewer than ten samples on
    either side, or where a stratum has a single one.
    """
    auc, error = auc_within(fit.case, fit.linear_predictor, fit.stratum)
    notes = ["AUC within strata"] if fit.conditional else []
    if fit.n_informative < FEWEST_FOR_DELONG:
        notes.append(f"fewer than {FEWEST_FOR_DELONG} samples on one side: no limits of the AUC")
        return auc, np.nan, np.nan, "; ".join(notes)
    if np.isnan(error):
        notes.append("a stratum has a single sample on one side: no limits of the AUC")
        return auc, np.nan, np.nan, "; ".join(notes)
    half = float(ndtri(0.5 + conf_level / 2)) * error
    return auc, max(0.0, auc - half), min(1.0, auc + half), "; ".join(notes)


def probabilities(fit: LogisticFit) -> np.ndarray:
    """Fitted probability of the outcome, shape (n_samples,); NaN of a conditional model."""
    result: np.ndarray = expit(fit.intercept + fit.linear_predictor)
    return result


def brier_score(fit: LogisticFit) -> float:
    """Mean squared distance of outcome and fitted probability; NaN of a conditional model, which has none."""
    return float(np.mean((fit.case - probabilities(fit)) ** 2))
