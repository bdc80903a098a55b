"""Whether times are credible in their unit: nobody is followed for 131 years, and no cohort for two months."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from prognomics.errors import first_few

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
# beyond these the values are hardly in the unit that is stated
LONGEST = {"days": 22000.0, "weeks": 3100.0, "months": 600.0, "years": 50.0}
HIGHEST_MEDIAN = {"days": 7300.0, "weeks": 1040.0, "months": 240.0, "years": 20.0}
SHORT = {"days": (200.0, "months"), "months": (20.0, "years")}
ENOUGH_TO_JUDGE = 10
OLDEST = 110.0  # years at the end of follow-up
_NAMED = {
    "days": re.compile(r"(^|[^a-z])(days?|tage?n?|jours?)([^a-z]|$)", re.IGNORECASE),
    "weeks": re.compile(r"(^|[^a-z])(weeks?|wochen?|semaines?)([^a-z]|$)", re.IGNORECASE),
    "months": re.compile(r"(^|[^a-z])(months?|mths?|mos?|monate?n?|mois)([^a-z]|$)", re.IGNORECASE),
    "years": re.compile(r"(^|[^a-z])(years?|yrs?|jahre?n?|ans|ann[ée]es?)([^a-z]|$)", re.IGNORECASE),
}


def convert_time(values: np.ndarray, unit: str, to: str) -> np.ndarray:
    """Convert durations: a month is 30.4375 days, a year 12 months."""
    ratio = DAYS_IN[unit] / DAYS_IN[to]
    return values * ratio if ratio >= 1 else values / (DAYS_IN[to] / DAYS_IN[unit])


def named_unit(name: str) -> str:
    """The one unit that a column's name states (English, German, French), or the empty string."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    found = [unit for unit, pattern in _NAMED.items() if pattern.search(spaced)]
    return found[0] if len(found) == 1 else ""


def unit_doubt(times: np.ndarray, unit: str) -> str:
    """Why the times are hardly in this unit; the empty string where they may be.

    Parameters
    ----------
    times : numpy.ndarray, shape (n,)
        Durations in `unit`; NaN where missing.
    unit : {"days", "weeks", "months", "years"}

    Returns
    -------
    str
    """
    filled = times[~np.isnan(times)]
    if not filled.size:
        return ""
    longest, median = float(filled.max()), float(np.median(filled))
    if longest > LONGEST[unit]:
        return f"the longest time is {longest:g} {unit}, which is {_years(longest, unit)}; is this another unit?"
    if filled.size < ENOUGH_TO_JUDGE:
        return ""
    if median > HIGHEST_MEDIAN[unit]:
        return f"half of the times exceed {median:g} {unit}, which is {_years(median, unit)}; is this another unit?"
    shortest_credible, larger = SHORT.get(unit, (0.0, ""))
    if longest < shortest_credible:
        return f"the longest time is {longest:g} {unit}; are these {larger}?"
    return ""


def age_doubt(age_years: np.ndarray, time_months: np.ndarray, ids: Sequence[str]) -> str:
    """Which samples would be impossibly old at the end of follow-up; the empty string if none would.

    Parameters
    ----------
    age_years : numpy.ndarray, shape (n,)
        Age at the start of follow-up; NaN where missing.
    time_months : numpy.ndarray, shape (n,)
    ids : sequence of str, length n

    Returns
    -------
    str
    """
    last = age_years + time_months / 12
    old = np.flatnonzero((last > OLDEST) & (age_years <= OLDEST))
    if not old.size:
        return ""
    listed = first_few(f"{ids[i]} ({age_years[i]:g} years and {time_months[i]:.4g} months)" for i in old.tolist())
    older = f"{old.size} patients would be older than {OLDEST:g} years at the end of follow-up"
    return f"{older}: {listed}; is this another unit?"


def _years(value: float, unit: str) -> str:
    return f"{value * DAYS_IN[unit] / DAYS_IN['years']:.3g} years"
