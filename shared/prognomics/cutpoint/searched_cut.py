"""A cutpoint that was searched for with the outcome, and what may be said of it.

The headline is the p corrected for the search; next to it stand the shrunken hazard ratio, the result of the
continuous marker, and the statistic over all cutpoints.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from prognomics.cutpoint import maximally_selected as corrections
from prognomics.cutpoint.cut_search import permuted_maxima, search_cut
from prognomics.cutpoint.cut_search_result import SearchedCut
from prognomics.cutpoint.cutpoint import Cut, fitted_cutpoint
from prognomics.cutpoint.logrank_scores import logrank_scores
from prognomics.cutpoint.shrunken_effect import shrunken_effect
from prognomics.errors import Refused, UsageError, warn
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.logrank import logrank

CORRECTIONS = ("permutation", "lausen_schumacher", "improved_bonferroni", "hothorn_lausen")
FEW_EVENTS = 10


def searched_cut(
    values: np.ndarray, time: np.ndarray, event: np.ndarray, *, stratum: np.ndarray | None = None,
    strata: np.ndarray | None = None, min_fraction: float, correction: str, n_permutations: int,
    n_bootstraps: int, rng: np.random.Generator, direction: str, learnt_in: str = "all",
) -> Cut:  # fmt: skip
    """The cutpoint with the largest log-rank statistic within a window; every sample with a value is grouped.

    Parameters
    ----------
    values, time, event : array_like, shape (n_samples,)
        Marker, months and 0/1 flag; samples without an outcome are grouped and take no part in the search.
    stratum : array_like of int, shape (n_samples,), optional
        Negative where not known.
    strata : array_like of str, shape (n_samples,), optional
        What the strata are called, the same everywhere.
    min_fraction : float
        Least fraction of the samples on either side of a candidate.
    correction : {"permutation", "lausen_schumacher", "improved_bonferroni", "hothorn_lausen"}
        Which p is the headline. The formulas hold without strata.
    n_permutations, n_bootstraps : int
    rng : numpy.random.Generator
    direction : {"high", "low"}
        Declared side of the worse outcome; the search is two-sided, and a result against it is warned of.

    Returns
    -------
    Cut
        With policy `searched`.

    Raises
    ------
    Refused
        Without events, or no cut inside the window.
    UsageError
        A correction by formula with strata.
    """
    values, time, event = (np.asarray(a, dtype=float) for a in (values, time, event))
    stratum = np.zeros(len(values), dtype=int) if stratum is None else np.asarray(stratum)
    known = ~(np.isnan(values) | np.isnan(time) | np.isnan(event)) & (stratum >= 0)
    if not (event[known] == 1).any():
        raise Refused(f"there are no events among the {int(known.sum())} samples with marker and outcome: no cut can "
                      "be searched for", hint="check the endpoint and the subset, or cut at the median")  # fmt: skip
    x, t, e, s = values[known], time[known], event[known], stratum[known]
    single = len(np.unique(s)) == 1
    if not single and correction != "permutation":
        raise UsageError(f"the correction {correction} holds for one stratum only",
                         hint="take --correction permutation, or --strata none")  # fmt: skip
    search = search_cut(x, logrank_scores(t, e, s), min_fraction, s)
    threshold = float(search.lowest_high[search.chosen])
    maxima = permuted_maxima(search, n_permutations, rng)
    found = SearchedCut(
        search=search, n=len(x), events=int(e.sum()), strata="none" if strata is None else str(strata[0]),
        p_naive=logrank(t, e, x >= threshold, s).p_value, p=_corrected(search, min_fraction, maxima, single),
        correction=correction, n_permutations=n_permutations, critical_value=float(np.quantile(maxima, 0.95)),
        effect=shrunken_effect(x, t, e, threshold, min_fraction, n_bootstraps, rng, s), per_sd=_per_sd(x, t, e, s),
        profile=_profile(search),
    )  # fmt: skip
    notes = _tell(found, direction, int((~known & ~np.isnan(values)).sum()))
    cut = fitted_cutpoint(values, threshold, direction=direction, learnt_in=learnt_in)
    return replace(cut, policy="searched", rule="maxstat", method="maximally selected log-rank statistic",
                   search=found, notes=tuple(notes))  # fmt: skip


def _corrected(search: Any, min_fraction: float, maxima: np.ndarray, single: bool) -> dict[str, float]:
    p = dict.fromkeys(CORRECTIONS, float("nan"))
    p["permutation"] = corrections.permutation_p(search.statistic, maxima)
    if single:
        n, n_low = len(search.scores), search.n_low[search.inside]
        low, high = max(min_fraction, 1 / n), min(1 - min_fraction, 1 - 1 / n)
        p["lausen_schumacher"] = corrections.lausen_schumacher_p(search.statistic, low, high)
        p["improved_bonferroni"] = corrections.improved_bonferroni_p(search.statistic, n_low, n)
        p["hothorn_lausen"] = corrections.hothorn_lausen_p(search.scores[search.order], n_low)
    return p


def _per_sd(x: np.ndarray, t: np.ndarray, e: np.ndarray, s: np.ndarray) -> tuple[float, float, float, float]:
    """The continuous marker per standard deviation: hazard ratio, interval, Wald p."""
    fit = fit_cox(t, e, x / x.std(ddof=1), strata=s)
    beta, se = float(fit.beta[0]), float(fit.se[0])
    z = float(ndtri(0.975))
    return *map(float, np.exp([beta, beta - z * se, beta + z * se])), float(2 * ndtr(-abs(beta / se)))


def _profile(search: Any) -> pd.DataFrame:
    best = np.arange(len(search.z)) == search.chosen
    return pd.DataFrame({
        "marker": "", "lowest_high": search.lowest_high, "n_low": search.n_low,
        "n_high": len(search.order) - search.n_low, "statistic": search.z, "p_naive": 2 * ndtr(-np.abs(search.z)),
        "inside": np.where(search.inside, "yes", "no"), "chosen": np.where(best, "yes", "no"),
    })  # fmt: skip


def _tell(found: SearchedCut, direction: str, n_bystanders: int) -> list[str]:
    search, p = found.search, found.p[found.correction]
    notes = [f"{n_bystanders} samples without an outcome grouped, not searched"] if n_bystanders else []
    warn(
        "searched-cut",
        f"the best of {search.n_candidates} cuts in {found.n} samples with {found.events} events: "
        f"p {p:.3g} corrected for the search ({found.correction}); as if it had been given beforehand it would be "
        f"{found.p_naive:.3g}, which must not be reported. cox, kaplan_meier and other tools do not correct for the "
        "search: their p-values, intervals and hazard ratios of these groups are too extreme in these samples",
    )
    if found.events < FEW_EVENTS:
        notes.append(f"only {found.events} events")
        warn("few-events", f"only {found.events} events: a searched cut follows single patients")
    if (search.z[search.chosen] > 0) != (direction == "high"):
        notes.append(f"worse outcome on the side against the declared direction {direction}")
        warn("against-direction", f"the worse outcome is not on the declared side ({direction}) of the searched cut")
    return notes
