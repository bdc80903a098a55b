"""A study that is planned: strata of equal size, exponential survival, uniform accrual, and what follows from them.

Schoenfeld (1983), doi 10.2307/2531021, for two groups; Hsieh and Lavori (2000), doi 10.1016/S0197-2456(00)00104-5,
for a continuous marker. Numbers are those of R's `rpact::getSampleSizeSurvival(typeOfComputation = "Schoenfeld")`
and `powerSurvEpi::numDEpi`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.errors import UsageError
from prognomics.stats.power import needed_information, power_of
from prognomics.survival.planning.roots import increasing_root

NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
NODE_WEIGHTS = NODE_WEIGHTS / NODE_WEIGHTS.sum()
LONGEST = 1e6
LARGEST_LOG_RATIO = np.log(1000.0)


@dataclass(frozen=True)
class Trial:
    """A planned study.

    Attributes
    ----------
    continuous : bool
        The marker is continuous (hazard ratio per standard deviation), not two groups.
    fractions : tuple of float, one per stratum
        Fraction of samples in the high group; not read for a continuous marker.
    medians : tuple of float, one per stratum
        Median survival in months of the low group, or at the mean of a continuous marker.
    accrual, follow_up : float
        Months of uniform accrual, and months between its end and the analysis.
    dropout : float
        Fraction of samples lost to follow-up per year.
    r_squared : float
        Of the marker regressed on the covariates of the model.
    """

    continuous: bool
    fractions: tuple[Any, ...]
    medians: tuple[Any, ...]
    accrual: float = 0.0
    follow_up: float = 0.0
    dropout: float = 0.0
    r_squared: float = 0.0

    @property
    def n_strata(self) -> int:
        return len(self.medians)

    @property
    def lost(self) -> float:
        """Hazard of loss to follow-up per month."""
        result: float = -np.log1p(-self.dropout) / 12
        return result

    def points(self, stratum: int) -> tuple[np.ndarray, np.ndarray]:
        """Values of the marker in a stratum and their probabilities."""
        if self.continuous:
            return NODES, NODE_WEIGHTS
        share = self.fractions[stratum]
        return np.array([0.0, 1.0]), np.array([1 - share, share])

    def event_fractions(self, log_ratio: float) -> np.ndarray:
        """Expected fraction of samples with an event, shape (n_strata,)."""
        found = []
        for stratum, median in enumerate(self.medians):
            values, weights = self.points(stratum)
            hazard = np.log(2) / median * np.exp(log_ratio * values)
            found.append(weights @ event_probability(hazard, self.accrual, self.follow_up, self.lost))
        return np.array(found)

    def variances(self) -> np.ndarray:
        """Variance of the marker that covariates leave, shape (n_strata,)."""
        if self.continuous:
            return np.full(self.n_strata, 1 - self.r_squared)
        fractions = np.array(self.fractions)
        result: np.ndarray = fractions * (1 - fractions) * (1 - self.r_squared)
        return result

    def information(self, log_ratio: float) -> float:
        """Expected information of the log hazard ratio per sample of the study."""
        return float(np.mean(self.event_fractions(log_ratio) * self.variances()))

    def needed(self, log_ratio: float, power: float, alpha: float, sides: int) -> tuple[float, float]:
        """Samples and events that a log hazard ratio needs, not rounded."""
        n = needed_information(log_ratio, power, alpha, sides) / self.information(log_ratio)
        return n, n * float(self.event_fractions(log_ratio).mean())


def smallest_effect(
    trial_at: Callable[[float], Trial], n: int, power: float, alpha: float, sides: int, sign: int
) -> float:
    """Find the log hazard ratio of a sign that is closest to 0 among those with a power; infinite if none has it.

    `trial_at` gives the study at a log hazard ratio: one that expects a fraction of events has another follow-up then.
    """

    def reached(size: float) -> float:
        return float(power_of(size, n * trial_at(sign * size).information(sign * size), alpha, sides)) - power

    return sign * increasing_root(reached, 0.0, LARGEST_LOG_RATIO)


def event_probability(hazard: np.ndarray, accrual: float, follow_up: float, lost: float) -> np.ndarray:
    """Probability of an event before loss and before the end of a study with uniform accrual, shape of `hazard`."""
    both = hazard + lost
    if accrual > 0:
        still = np.exp(-both * follow_up) * -np.expm1(-both * accrual) / (both * accrual)
    else:
        still = np.exp(-both * follow_up)
    return hazard / both * (1 - still)


def planned_trial(
    effect: str, fractions: list[float], medians: list[float], event_fraction: float | None, accrual: float,
    follow_up: float | None, dropout: float, r_squared: float, log_ratio: float,
) -> Trial:  # fmt: skip
    """The study that the options describe.

    Without medians, `event_fraction` is that of the whole study at `log_ratio`: the end of follow-up is set to give it.

    Raises
    ------
    UsageError
        Neither medians nor an event fraction, both, no follow-up, or numbers of values that differ.
    """
    if bool(medians) == (event_fraction is not None):
        raise UsageError("give either the median survival or the expected fraction of events",
                         hint="--median-survival 60 --follow-up 36, or --event-fraction 0.4")  # fmt: skip
    n_strata = max(len(fractions), len(medians), 1)
    if len(fractions) not in (1, n_strata) or len(medians) not in (0, 1, n_strata):
        raise UsageError(f"{len(fractions)} group fractions and {len(medians)} medians",
                         hint="give one value, or one for each stratum")  # fmt: skip
    shares = tuple(fractions) * (n_strata if len(fractions) == 1 else 1)
    continuous = effect == "continuous"
    if medians:
        if follow_up is None and not accrual > 0:
            raise UsageError("the length of the study is not given", hint="add --accrual, --follow-up or both")
        times = tuple(medians) * (n_strata if len(medians) == 1 else 1)
        return Trial(continuous, shares, times, accrual, follow_up or 0.0, dropout, r_squared)
    if accrual or follow_up or dropout:
        raise UsageError("an expected fraction of events replaces accrual, follow-up and dropout",
                         hint="leave these out, or give --median-survival instead")  # fmt: skip

    def trial(end: float) -> Trial:
        return Trial(continuous, shares, (1.0,) * n_strata, 0.0, end, 0.0, r_squared)

    return trial(increasing_root(
        lambda end: float(trial(end).event_fractions(log_ratio).mean()) - event_fraction, 0.0, LONGEST
    ))  # fmt: skip
