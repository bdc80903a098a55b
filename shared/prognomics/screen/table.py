"""The screen's tables: one row per gene, and the top genes with the stability of their ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from prognomics.cutpoint.cut_statistics import BestCuts
from prognomics.cutpoint.maximally_selected import smaller_bound
from prognomics.screen.cox_screen import CoxScreen
from prognomics.screen.logrank_screen import LogrankScreen
from prognomics.screen.pooled import PooledScreen
from prognomics.stats.multiple_testing import adjust

SCREEN_COLUMNS = ("gene_id", "n", "events", "n_missing", "mean", "beta", "se", "hr", "ci_low", "ci_high", "z",
                  "p_value", "q_value", "p_ph", "flag", "lowest_high", "p_naive", "p_corrected")  # fmt: skip
MORE_COLUMNS = (
    "statistic",
    "n_candidates",
    "correction",
    "n_high",
    "events_high",
    "p_family",
    "n_cohorts",
    "tau2",
    "i2",
    "q_p",
    "score_z",
    "loglik",
    "p_family_mc_se",
)
FACTS = ("endpoint", "population", "strata", "method")
REACH = float(ndtri(0.975))
Columns = dict[str, np.ndarray]


def cox_columns(found: CoxScreen) -> Columns:
    """Columns of a Cox screen."""
    with np.errstate(invalid="ignore", over="ignore"):
        z = found.beta / found.se
        return _effects(found.beta, found.se, z, 2 * ndtr(-np.abs(z))) | {
            "n": found.n, "events": found.events, "mean": found.mean, "flag": found.state,
            "p_ph": chdtrc(1, found.ph_chisq), "score_z": found.score, "loglik": found.loglik,
        }  # fmt: skip


def fine_gray_columns(found: CoxScreen) -> Columns:
    """Columns of a screen by the Fine-Gray model, whose standard errors are robust."""
    columns = cox_columns(found)
    del columns["score_z"]
    return columns


def logrank_columns(found: LogrankScreen) -> Columns:
    """Columns of a log-rank screen; the hazard ratio is the one-step estimate exp((O - E) / V) of Peto and Peto."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = found.numerator / np.sqrt(found.variance)
        columns = _effects(found.numerator / found.variance, 1 / np.sqrt(found.variance), z, 2 * ndtr(-np.abs(z)))
    return columns | {"n": found.n, "events": found.events, "mean": found.mean, "flag": found.state,
                      "p_ph": np.full(len(z), np.nan), "lowest_high": found.lowest_high, "n_high": found.n_high,
                      "events_high": found.events_high}  # fmt: skip


def searched_columns(best: BestCuts, found: LogrankScreen, min_fraction: float) -> Columns:
    """Columns of a screen at the best cuts: `found` is the log-rank test there, as if they had been given."""
    columns = logrank_columns(found)
    cut = best.n_low > 0
    p, correction = smaller_bound(best, min_fraction)
    return columns | {
        "z": best.z, "p_value": p, "p_naive": columns["p_value"], "p_corrected": p, "statistic": best.statistic,
        "lowest_high": best.lowest_high, "n_high": np.where(cut, found.n - best.n_low, np.nan),
        "n_candidates": best.n_candidates, "correction": np.where(cut, correction, None),
        "flag": np.where(cut, "", found.state),
    }  # fmt: skip


def pooled_columns(pooled: PooledScreen, n: np.ndarray, events: np.ndarray, mean: np.ndarray) -> Columns:
    """Columns of cohorts that were screened apart."""
    flag = np.where(pooled.n_cohorts < 2, "fewer_than_two_cohorts", "").astype(object)
    columns = _effects(pooled.effect, pooled.se, pooled.statistic, pooled.p_value)
    with np.errstate(over="ignore"):
        columns |= {"ci_low": np.exp(pooled.ci_low), "ci_high": np.exp(pooled.ci_high)}
    return columns | {
        "n": n, "events": events, "mean": mean, "flag": flag, "p_ph": np.full(len(n), np.nan),
        "n_cohorts": pooled.n_cohorts, "tau2": pooled.tau2, "i2": pooled.i2, "q_p": pooled.q_p,
    }  # fmt: skip


def _effects(beta: np.ndarray, se: np.ndarray, z: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    with np.errstate(over="ignore"):
        return {"beta": beta, "se": se, "hr": np.exp(beta), "ci_low": np.exp(beta - REACH * se),
                "ci_high": np.exp(beta + REACH * se), "z": z, "p_value": p}  # fmt: skip


def screen_table(
    gene_ids: Sequence[str], columns: Mapping[str, np.ndarray], n_sheet: int, facts: Mapping[str, str]
) -> pd.DataFrame:
    """The table of all genes, in the matrix's order.

    `n_missing` counts the samples of the sheet that are not in the gene's model.
    """
    columns = dict(columns)
    columns |= {"gene_id": np.array(gene_ids, dtype=object), "n_missing": n_sheet - columns["n"],
                "q_value": adjust(columns["p_value"], "bh")}  # fmt: skip
    columns["flag"] = np.where(columns["flag"] == "", None, columns["flag"])
    order = [*SCREEN_COLUMNS, *FACTS, *(name for name in MORE_COLUMNS if name in columns)]
    undefined = np.full(len(gene_ids), np.nan)
    return pd.DataFrame({name: columns.get(name, facts.get(name, undefined)) for name in order})


def top_table(table: pd.DataFrame, top: int, ranks_of: Callable[[np.ndarray], np.ndarray] | None) -> pd.DataFrame:
    """The first genes by p-value; with bootstrap ranks their interval and how often they stay among the first."""
    p = table["p_value"].to_numpy(dtype=float)
    strength = np.abs(table["z"].to_numpy(dtype=float))
    order = np.lexsort((-np.nan_to_num(strength), p))[: min(top, int(np.isfinite(p).sum()))]
    first = table.iloc[order]
    made = {"rank": np.arange(1, len(order) + 1), "gene_id": first["gene_id"].to_numpy()}
    made |= {name: first[name].to_numpy() for name in ("hr", "ci_low", "ci_high", "p_value", "q_value", "flag")}
    if "p_family" in first:
        made["p_family"] = first["p_family"].to_numpy()
    if ranks_of is not None:
        ranks = ranks_of(order)
        low, middle, high = np.quantile(ranks, [0.025, 0.5, 0.975], axis=1)
        made |= {"rank_low": low, "rank_median": middle, "rank_high": high, "in_top": np.mean(ranks <= top, axis=1),
                 "n_bootstraps": ranks.shape[1]}  # fmt: skip
    return pd.DataFrame(made | {name: first[name].to_numpy() for name in FACTS})


def method_text(
    method: str, ties: str, strata: str, covariates: Sequence[str], cohorts: str, cluster: str | None = None
) -> str:
    """What was done to each gene, in words."""
    if method == "cox":
        text = f"Cox proportional hazards, {ties.capitalize()} ties, per unit"
    elif method == "cause_specific":
        text = f"cause-specific Cox proportional hazards, competing events censored, {ties.capitalize()} ties, per unit"
    elif method == "fine_gray":
        text = f"Fine-Gray model, {ties.capitalize()} ties, robust variance, per unit"
    elif method == "logrank":
        text = "log-rank test at the median"
    else:
        text = "log-rank test at the best of all cuts, p corrected for the search"
    if covariates:
        text += f", adjusted for {', '.join(covariates)}"
    if cluster:
        text += f", robust standard errors clustered by {cluster}"
    if cohorts == "pooled":
        return text.replace("per unit", "per standard deviation within each cohort") + ", pooled by random effects"
    return text if strata == "none" else f"{text}, stratified by {strata.replace('+', ' and ')}"
