"""Cohorts with a known ground truth: a marker with a given hazard ratio, in several cohorts on several platforms.

Every number comes from one seed (PCG64). The event times are drawn so that the hazard ratio of the marker is
exact in a model that holds the marker alone, stratified by cohort: a risk signature and the clinical
covariates do not add to the hazard; they are correlated with what is left of the risk once the marker is
known, as surrogates are. (Effects added to the hazard would shrink the marker's ratio in any model that omits
them: Gail et al. 1984, doi 10.1093/biomet/71.3.431.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from prognomics.simulate.additions import (
    add_immune_genes,
    add_immune_score,
    add_response,
    check_additions,
    refuse_problems,
)
from prognomics.simulate.expression import SUBTYPES, GeneModel, SimulatedExpression, draw_genes, express

if TYPE_CHECKING:
    import pandas as pd

PLATFORMS = ("affymetrix", "two_color", "sequencing")


@dataclass(frozen=True)
class SimulatedCohort:
    """One cohort.

    Attributes
    ----------
    name : str
    platform : str
        `affymetrix` (log2, several probes a gene), `two_color` (log ratio to a pool) or `sequencing` (linear
        scale).
    truth : pandas.DataFrame
        Rows of this cohort, see `Simulation.truth`.
    expression : SimulatedExpression
        What the platform measures, with its probes.
    """

    name: str
    platform: str
    truth: pd.DataFrame
    expression: SimulatedExpression


@dataclass(frozen=True)
class Simulation:
    """A simulated study.

    Attributes
    ----------
    parameters : dict
        All arguments, and what follows from them.
    truth : pandas.DataFrame
        One row per sample: `sample_id, patient_id, cohort, platform, tissue_type`; `marker` (in SD of the
        primaries), `marker_group`, `risk` (the latent signature score), `risk_class`; `age_years, sex, grade,
        tumor_size_cm, depth, subtype`; per endpoint `<e>_time` (months), `<e>_event`, NaN where the cohort or
        the sample has no outcome.
    genes : GeneModel
        Names, means, and what each gene follows.
    """

    parameters: dict[str, Any]
    truth: pd.DataFrame
    genes: GeneModel
    _seeds: tuple[np.random.SeedSequence, ...]

    def cohorts(self) -> Iterator[SimulatedCohort]:
        """The cohorts, one at a time; expression is drawn when its cohort is requested, always the same."""
        for (name, rows), seed in zip(self.truth.groupby("cohort", sort=False), self._seeds, strict=True):
            rows = rows.reset_index(drop=True)
            rng = np.random.Generator(np.random.PCG64(seed))
            platform = str(rows["platform"].iloc[0])
            settings = {key: self.parameters[key] for key in ("batch_shift", "batch_scale", "missing_fraction")}
            layout = None
            if self.parameters["shared_platforms"]:
                layout = np.random.default_rng([self.parameters["seed"], PLATFORMS.index(platform)])
            found = express(rows, self.genes, platform, rng, layout=layout, **settings)
            yield SimulatedCohort(str(name), platform, rows, found)


def simulate_cohorts(
    n_cohorts: int = 3,
    samples_per_cohort: int | Sequence[int] = 100,
    n_genes: int = 1000,
    marker: str = "XPO1",
    hazard_ratio: float = 1.5,
    seed: int = 1,
    *,
    hazard_ratio_of: str = "sd",
    high_fraction: float = 0.5,
    n_normals: int = 0,
    n_relapses: int = 0,
    normal_shift: float = 2.087,
    n_outcomes: int | None = None,
    event_fraction: float = 0.3,
    endpoints: Sequence[str] = ("mfs", "os"),
    cohort_hazard_sd: float = 0.5,
    cohort_marker_sd: float = 0.0,
    median_followup: float = 48.0,
    signature_size: int = 67,
    signature_strength: float = 0.5,
    signature_marker_correlation: float = 0.15,
    age_marker_correlation: float = -0.1,
    subtype_association: float = 0.0,
    batch_shift: float = 1.0,
    batch_scale: float = 0.2,
    missing_fraction: float = 0.0,
    platforms: Sequence[str] = PLATFORMS,
    shared_platforms: bool = False,
    immune_genes: int = 0,
    immune_marker_correlation: float = 0.3,
    response_fraction: float | None = None,
    response_odds_ratio: float = 1.0,
    response_of: str = "marker",
) -> Simulation:
    """Simulate cohorts in which a marker has a known hazard ratio.

    Parameters
    ----------
    n_cohorts : int
    samples_per_cohort : int or sequence of int
        Primary tumors in each cohort; normals and relapses come on top.
    n_genes : int
        Genes in all, marker and signature included.
    marker : str
        Its name.
    hazard_ratio : float
        Of the first endpoint: per SD of the marker, or high versus low.
    seed : int
    hazard_ratio_of : {'sd', 'group'}
    high_fraction : float
        Fraction of primaries that are truly high (for `marker_group`, and for the ratio of groups).
    n_normals, n_relapses : int
        In all; normals go to as few cohorts as possible (the first), relapses are spread.
    normal_shift : float
        How far, in SD, primaries express the marker above normals; 2.087 makes an AUC of 0.93.
    n_outcomes : int, optional
        Primaries with an outcome, in all; whole cohorts are filled, so that others have none. Default: all.
    event_fraction : float
        Expected fraction of events of the first endpoint among primaries with an outcome.
    endpoints : sequence of str
        The first is the one with the stated ratio; a second one (death) follows it with a delay.
    cohort_hazard_sd : float
        SD of the log baseline hazard over cohorts.
    cohort_marker_sd : float
        SD over cohorts of a true shift of the marker (in its SD). With both, a model that ignores cohorts is
        confounded by them.
    median_followup : float
        Months; censoring is uniform from a tenth of it to 1.9 times it, the same for everyone.
    signature_size : int
        Genes that follow the latent risk.
    signature_strength, signature_marker_correlation : float
        Correlation of the latent risk with what the marker leaves unexplained, and with the marker.
    age_marker_correlation : float
    subtype_association : float
        How strongly subtypes follow the marker and what it leaves unexplained of the risk; 0 is not at all.
    batch_shift, batch_scale : float
        SD over genes and cohorts of the additive effect (log2), and of the log of the multiplicative one.
    missing_fraction : float
        Fraction of values lost at random on `two_color` platforms.
    platforms : sequence of str
        Used in turn.
    shared_platforms : bool
        Cohorts of one kind are measured on one platform, with the same genes and probes; else each has its own.
    immune_genes : int
        Of `n_genes`, those that follow an immune score, named IMM001 and so on.
    immune_marker_correlation : float
        Of that score with the marker, in tumors.
    response_fraction : float, optional
        Of primaries that respond to treatment; by default there is no response.
    response_odds_ratio : float
        Of response, per SD of the marker or of the immune score.
    response_of : {'marker', 'immune'}

    Returns
    -------
    Simulation

    Raises
    ------
    UsageError
        Impossible sizes, shares or correlations, an unknown platform.
    """
    sizes = [samples_per_cohort] * n_cohorts if isinstance(samples_per_cohort, int) else list(samples_per_cohort)
    given = {key: value for key, value in locals().items() if key != "sizes"}
    parameters: dict[str, Any] = {key: list(v) if isinstance(v, tuple) else v for key, v in given.items()}
    parameters["samples_per_cohort"] = sizes
    _check(parameters)
    check_additions(parameters)
    design_seed, gene_seed, *cohort_seeds = np.random.SeedSequence(seed).spawn(2 + n_cohorts)
    truth = _draw_samples(parameters, np.random.Generator(np.random.PCG64(design_seed)))
    genes = draw_genes(n_genes, marker, signature_size, np.random.Generator(np.random.PCG64(gene_seed)))
    add_immune_score(truth, parameters)
    add_response(truth, parameters)
    return Simulation(parameters, truth, add_immune_genes(genes, immune_genes, seed), tuple(cohort_seeds))


def _check(p: dict[str, Any]) -> None:
    sizes, endpoints = p["samples_per_cohort"], p["endpoints"]
    share = p["signature_strength"] ** 2 + p["signature_marker_correlation"] ** 2
    spreads = (
        "n_normals",
        "n_relapses",
        "signature_size",
        "batch_shift",
        "batch_scale",
        "cohort_hazard_sd",
        "cohort_marker_sd",
        "subtype_association",
    )
    problems = {
        "one size for each cohort, each at least 1": (
            len(sizes) != p["n_cohorts"] or min(sizes, default=0) < 1,
            "n_cohorts samples_per_cohort",
        ),
        "more genes than marker and signature": (p["n_genes"] < p["signature_size"] + 2, "n_genes signature_size"),
        "a hazard ratio above 0": (p["hazard_ratio"] <= 0, "hazard_ratio"),
        "hazard_ratio_of is sd or group": (p["hazard_ratio_of"] not in ("sd", "group"), "hazard_ratio_of"),
        "high_fraction between 0 and 1": (not 0 < p["high_fraction"] < 1, "high_fraction"),
        "event_fraction between 0 and 1": (not 0 < p["event_fraction"] < 1, "event_fraction"),
        "missing_fraction from 0 to below 1": (not 0 <= p["missing_fraction"] < 1, "missing_fraction"),
        "at most as many outcomes as primaries": (
            not 0 <= (p["n_outcomes"] or 0) <= sum(sizes),
            "n_outcomes samples_per_cohort",
        ),
        "one or two endpoints": (len(endpoints) not in (1, 2) or len(set(endpoints)) != len(endpoints), "endpoints"),
        "correlations whose squares sum to at most 1": (
            share > 1 or abs(p["age_marker_correlation"]) > 1,
            "signature_strength signature_marker_correlation age_marker_correlation",
        ),
        f"platforms among {', '.join(PLATFORMS)}": (
            not p["platforms"] or not {*p["platforms"]} <= {*PLATFORMS},
            "platforms",
        ),
        "a median follow-up above 0": (p["median_followup"] <= 0, "median_followup"),
        f"no negative {', '.join(spreads)}": (min(p[name] for name in spreads) < 0, " ".join(spreads)),
    }
    refuse_problems(problems, p)


def _draw_samples(p: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Tissue, marker, risk, covariates and outcome of every sample."""
    import pandas as pd

    sizes = np.array(p["samples_per_cohort"])
    k = p["n_cohorts"]
    normals = np.zeros(k, dtype=int)
    left, place = p["n_normals"], 0
    while left:  # at most as many normals as primaries in a cohort, until all cohorts are full
        normals[place % k] += (take := min(left, int(sizes[place % k])))
        left, place = left - take, place + 1
    relapses = np.bincount(np.arange(p["n_relapses"]) % k, minlength=k)
    tissue = np.concatenate(
        [
            np.repeat(["primary", "relapse", "normal"], [n, r, c])
            for n, r, c in zip(sizes, relapses, normals, strict=True)
        ]
    )
    cohort = np.repeat(np.arange(k), sizes + relapses + normals)
    n = len(tissue)
    tumor = tissue != "normal"
    marker = rng.standard_normal(n) - p["normal_shift"] * ~tumor
    marker += p["cohort_marker_sd"] * rng.standard_normal(k)[cohort]
    residual_risk = rng.standard_normal(n)
    a, b = p["signature_strength"], p["signature_marker_correlation"]
    risk = a * residual_risk + b * marker + np.sqrt(1 - a**2 - b**2) * rng.standard_normal(n)
    group = np.where(marker > ndtri(1 - p["high_fraction"]), "high", "low")
    rho = p["age_marker_correlation"]
    age = 60 + 14 * (rho * np.where(tumor, marker, 0) + np.sqrt(1 - rho**2) * rng.standard_normal(n))
    grade_score = 0.3 * risk + np.sqrt(1 - 0.09) * rng.standard_normal(n)
    frame = pd.DataFrame(
        {
            "sample_id": [f"S{i + 1:05d}" for i in range(n)],
            "patient_id": [f"P{i + 1:05d}" for i in range(n)],
            "cohort": [f"SIM{c + 1:02d}" for c in cohort],
            "platform": [p["platforms"][c % len(p["platforms"])] for c in cohort],
            "tissue_type": tissue.astype(object),
            "marker": marker,
            "marker_group": group.astype(object),
            "risk": risk,
            "risk_class": np.where(risk > 0, "high", "low").astype(object),
            "age_years": np.clip(np.round(age), 18, 95),
            "sex": np.where(rng.random(n) < 0.5, "female", "male").astype(object),
            "grade": 1 + (grade_score > -0.8).astype(int) + (grade_score > 0.2).astype(int),
            "tumor_size_cm": np.round(np.exp(rng.normal(2.0, 0.5, n)), 1),
            "depth": np.where(rng.random(n) < 0.75, "deep", "superficial").astype(object),
            "subtype": _subtypes(marker, residual_risk, p["subtype_association"], rng),
        }
    )
    frame.loc[~tumor, ["grade", "tumor_size_cm", "depth", "subtype"]] = np.nan
    has_outcome = _with_outcome(p, tissue, cohort, rng)
    signal = marker if p["hazard_ratio_of"] == "sd" else (group == "high").astype(float)
    _draw_outcomes(frame, p, signal, residual_risk, cohort, has_outcome, rng)
    return frame


def _subtypes(
    marker: np.ndarray, residual_risk: np.ndarray, association: float, rng: np.random.Generator
) -> np.ndarray:
    """A subtype for each sample, from a multinomial logit of marker and residual risk."""
    share, by_marker, by_risk = np.array(list(SUBTYPES.values())).T
    odds = share * np.exp(association * (np.outer(marker, by_marker) + np.outer(residual_risk, by_risk)))
    reached = np.cumsum(odds, axis=1) / odds.sum(axis=1, keepdims=True)
    drawn = (rng.random(len(marker))[:, None] >= reached[:, :-1]).sum(axis=1)
    result: np.ndarray = np.array(list(SUBTYPES), dtype=object)[drawn]
    return result


def _with_outcome(p: dict[str, Any], tissue: np.ndarray, cohort: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Primaries with an outcome: whole cohorts in random order, the last one in part."""
    primary = tissue == "primary"
    wanted = primary.sum() if p["n_outcomes"] is None else p["n_outcomes"]
    rank = rng.permutation(p["n_cohorts"])[cohort] + rng.random(len(cohort))
    chosen = np.flatnonzero(primary)[np.argsort(rank[primary], kind="stable")[:wanted]]
    has_outcome = np.zeros(len(tissue), dtype=bool)
    has_outcome[chosen] = True
    return has_outcome


def _draw_outcomes(
    frame: pd.DataFrame, p: dict[str, Any], signal: np.ndarray, residual_risk: np.ndarray, cohort: np.ndarray,
    has_outcome: np.ndarray, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Exponential times: hazard = the cohort's baseline × ratio ^ signal; independent censoring."""
    n = len(frame)
    log_hazard = (
        np.log(p["hazard_ratio"]) * signal + p["cohort_hazard_sd"] * rng.standard_normal(p["n_cohorts"])[cohort]
    )
    censoring = rng.uniform(0.1, 1.9, n) * p["median_followup"]
    # the survival probability reached at the event: a high residual risk is an early event
    unit_time = -np.log(np.clip(ndtr(residual_risk), 1e-15, 1 - 1e-15))
    delay = rng.exponential(18.0, n)
    used = has_outcome if has_outcome.any() else np.ones(n, dtype=bool)
    rate = _calibrated_rate(np.exp(log_hazard[used]) * censoring[used], p["event_fraction"])
    time = unit_time / (rate * np.exp(log_hazard))
    p["baseline_rate_per_month"] = rate
    for name, when in zip(p["endpoints"], (time, time + delay), strict=False):
        observed = np.minimum(when, censoring)
        frame[f"{name}_time"] = np.where(has_outcome, observed, np.nan)
        frame[f"{name}_event"] = np.where(has_outcome, (when <= censoring).astype(float), np.nan)


def _calibrated_rate(exposure: np.ndarray, fraction: float) -> float:
    """The baseline rate at which the mean of 1 − exp(−rate × exposure) is `fraction` (bisection)."""
    low, high = -40.0, 40.0
    for _ in range(200):
        middle = (low + high) / 2
        if np.mean(-np.expm1(-np.exp(middle) * exposure)) < fraction:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
