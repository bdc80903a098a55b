"""Right answers by lifelines and scikit-learn: no code of the suite takes part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import concordance_index


def hazard_ratio(
    frame: pd.DataFrame, term: str, covariates: Sequence[str] = (), strata: Sequence[str] = (), entry: str | None = None
) -> float:
    """Hazard ratio per unit of `term` (Efron) of columns os_time and os_event."""
    used = [term, *covariates, *strata, "os_time", "os_event", *([entry] if entry else [])]
    fit = CoxPHFitter().fit(frame[used].dropna(), "os_time", "os_event", strata=list(strata) or None, entry_col=entry)
    return float(fit.hazard_ratios_[term])


def survival_at(months: pd.Series, events: pd.Series, at: float) -> float:
    return float(KaplanMeierFitter().fit(months, events).predict(at))


def median_survival(months: pd.Series, events: pd.Series) -> float:
    """The time at which the curve reaches a half; the middle of the step where it stays at a half, as R prints it."""
    curve = KaplanMeierFitter().fit(months, events).survival_function_.iloc[:, 0]
    at_half = curve.index[np.isclose(curve, 0.5)]
    below = curve.index[(curve < 0.5) & ~np.isclose(curve, 0.5)]
    return float((at_half[0] + below[0]) / 2 if len(at_half) and len(below) else below[0])


def incidence_at(months: pd.Series, causes: pd.Series, at: float) -> float:
    """Cumulative incidence of cause 1 at a time, with cause 2 competing."""
    fit = AalenJohansenFitter(calculate_variance=False, seed=1).fit(months, causes, event_of_interest=1)
    return float(fit.predict(at))


def concordance(months: pd.Series, events: pd.Series, predictor: np.ndarray) -> float:
    """Harrell's C; a higher predictor means a higher hazard."""
    return float(concordance_index(months, -predictor, events))


def logrank_p(frame: pd.DataFrame, high: np.ndarray) -> float:
    a, b = frame[high], frame[~high]
    return float(logrank_test(a["os_time"], b["os_time"], a["os_event"], b["os_event"]).p_value)
