"""What a search for a cutpoint found, and its part of the cutpoint table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from prognomics.cutpoint.cut_search import CutSearch
from prognomics.cutpoint.shrunken_effect import ShrunkenEffect
from prognomics.stats.monte_carlo import proportion_error


@dataclass(frozen=True)
class SearchedCut:
    """A search and its honest reading.

    Attributes
    ----------
    search : CutSearch
    n, events : int
        Samples and events that took part in the search.
    strata : str
        Columns that stratified it, or "none".
    p_naive : float
        Log-rank test of the two groups as if the cutpoint had been given (`survdiff`).
    p : dict of str to float
        Corrected p by the name of the correction; NaN where one does not apply.
    correction : str
        The one that is in `p_corrected`.
    n_permutations : int
    critical_value : float
        Statistic that 5% of the permutations reach.
    effect : ShrunkenEffect
    per_sd : tuple of float
        Hazard ratio of the continuous marker per standard deviation, its interval and Wald p.
    profile : DataFrame
        All cuts: `lowest_high, n_low, n_high, statistic, p_naive, inside, chosen`.
    """

    search: CutSearch
    n: int
    events: int
    strata: str
    p_naive: float
    p: dict[str, float]
    correction: str
    n_permutations: int
    critical_value: float
    effect: ShrunkenEffect
    per_sd: tuple[float, float, float, float]
    profile: pd.DataFrame

    def row(self) -> dict[str, object]:
        """Its part of the cutpoint table."""
        candidates = self.search.lowest_high[self.search.inside]
        effect, z = self.effect, float(ndtri(0.975))
        naive = [effect.log_hr, effect.log_hr - z * effect.se, effect.log_hr + z * effect.se]
        named = f"permutation ({self.n_permutations})" if self.correction == "permutation" else self.correction
        ratios = dict(zip(("hr_naive", "hr_naive_low", "hr_naive_high"), np.exp(naive), strict=True))
        ratios |= dict(zip(("hr_per_sd", "hr_per_sd_low", "hr_per_sd_high", "p_per_sd"), self.per_sd, strict=True))
        return {
            "n_tied_optima": self.search.n_tied, "n_candidates": self.search.n_candidates,
            "window_low": float(candidates[0]), "window_high": float(candidates[-1]),
            "statistic": self.search.statistic, "p_naive": self.p_naive, "p_corrected": self.p[self.correction],
            "correction": named, "n_searched": self.n, "events_searched": self.events, "strata": self.strata,
            **{f"p_{name}": value for name, value in self.p.items()}, "n_permutations": self.n_permutations,
            "critical_value": self.critical_value, "hr_shrunken": np.exp(effect.shrunken),
            "hr_shrunken_low": np.exp(effect.low), "hr_shrunken_high": np.exp(effect.high),
            "shrinkage": effect.factor, "n_bootstraps": effect.n_used, "cut_ci_low": effect.cut_low,
            "cut_ci_high": effect.cut_high, "log_hr_shrunken_mc_se": effect.error, "n_divisions": effect.n_repeats,
            "p_permutation_mc_se": float(proportion_error(self.p["permutation"], self.n_permutations)), **ratios,
        }  # fmt: skip
