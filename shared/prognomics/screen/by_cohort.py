"""The screen in each cohort on its own, per standard deviation within it, for pooling gene by gene."""

from __future__ import annotations

import numpy as np

from prognomics.data.strata import COHORT
from prognomics.errors import Refused, first_few, warn
from prognomics.screen.cox_screen import cox_screen
from prognomics.screen.eligible import Eligible
from prognomics.screen.follow_up import sort_follow_up
from prognomics.screen.pooled import PooledScreen, pool_genes


class CohortScreens:
    """The follow-up of each cohort that has events.

    Parameters
    ----------
    samples : Eligible
    ties : {"efron", "breslow"}

    Raises
    ------
    Refused
        Fewer than two cohorts have events.
    """

    def __init__(self, samples: Eligible, ties: str):
        self.ties, self.parts = ties, []
        cohorts = samples.frame[COHORT].to_numpy() if COHORT in samples.frame else np.full(len(samples.frame), "")
        without = []
        for cohort in sorted({str(name) for name in cohorts}):
            own = cohorts.astype(str) == cohort
            if not samples.event[own].any():
                without.append(cohort)
                continue
            columns = samples.follow_up.columns[own]
            follow_up = sort_follow_up(samples.time[own], samples.event[own], None, np.arange(len(columns)))
            order = follow_up.columns
            covariates = samples.covariates[own][order]
            covariates = covariates[:, np.ptp(covariates, axis=0) > 0] if covariates.shape[1] else covariates
            self.parts.append((sort_follow_up(samples.time[own], samples.event[own], None, columns), covariates))
        if without:
            warn("cohorts-without-events", f"{len(without)} cohorts have no events and are not pooled: "
                 f"{first_few(without)}")  # fmt: skip
        if len(self.parts) < 2:
            raise Refused(f"{len(self.parts)} cohorts have events where pooling needs two", where="column cohort",
                          hint="screen the cohorts together")  # fmt: skip

    def screen(self, values: np.ndarray) -> tuple[PooledScreen, np.ndarray, np.ndarray, np.ndarray]:
        """Pooled effects of a block of genes; n, events and mean of the samples in the cohorts' models."""
        shape = (len(values), len(self.parts))
        effects, se = np.full(shape, np.nan), np.full(shape, np.nan)
        n, events, total = np.zeros(len(values), dtype=int), np.zeros(len(values), dtype=int), np.zeros(len(values))
        for place, (follow_up, covariates) in enumerate(self.parts):
            found = cox_screen(values, follow_up, self.ties, covariates)
            deviation = _deviation(values[:, follow_up.columns])
            effects[:, place], se[:, place] = found.beta * deviation, found.se * deviation
            used = np.isfinite(found.beta)
            n += np.where(used, found.n, 0)
            events += np.where(used, found.events, 0)
            total += np.where(used, found.n * found.mean, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return pool_genes(effects, se), n, events, total / n


def _deviation(x: np.ndarray) -> np.ndarray:
    """Standard deviation (n - 1) of the values that are there; NaN for fewer than two."""
    known = ~np.isnan(x)
    n = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centered = np.where(known, x - (np.where(known, x, 0.0).sum(axis=1) / n)[:, None], 0.0)
        result: np.ndarray = np.sqrt((centered**2).sum(axis=1) / np.where(n > 1, n - 1, np.nan))
        return result
