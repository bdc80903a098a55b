"""A screen of all genes of a matrix, block by block: the table, the top genes, and how stable they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from prognomics.cutpoint.cut_statistics import best_cuts
from prognomics.cutpoint.logrank_scores import rank_follow_up
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import Refused, UsageError, warn
from prognomics.modeling.influential import far_genes, warn_influential
from prognomics.screen.by_cohort import CohortScreens
from prognomics.screen.clustered import clustered_errors
from prognomics.screen.cox_screen import cox_screen
from prognomics.screen.eligible import Eligible, eligible_samples
from prognomics.screen.fine_gray_screen import CompetingSamples, fine_gray_screen
from prognomics.screen.flags import few_values
from prognomics.screen.logrank_screen import logrank_screen
from prognomics.screen.null_model import null_model
from prognomics.screen.permutation import Permutations
from prognomics.screen.stability import Bootstraps
from prognomics.screen.table import (
    cox_columns,
    fine_gray_columns,
    logrank_columns,
    method_text,
    pooled_columns,
    screen_table,
    searched_columns,
    top_table,
)
from prognomics.stats.monte_carlo import proportion_error
from prognomics.survival.clusters import cluster_labels

METHODS = ("cox", "logrank", "maxstat", "fine_gray", "cause_specific")
MODELS = ("cox", "fine_gray", "cause_specific")
COHORTS = ("together", "pooled")
FAMILIES = ("max_t", "min_p")


@dataclass(frozen=True)
class ScreenResult:
    """`table` has one row per gene in the matrix's order, `top` the first genes by p-value."""

    table: pd.DataFrame
    top: pd.DataFrame


def screen_analysis(
    frame: pd.DataFrame,
    time_months: np.ndarray,
    event: np.ndarray,
    matrix: ExpressionMatrix | StreamedMatrix,
    *,
    method: str,
    strata: Sequence[str] = ("auto",),
    ties: str = "auto",
    covariates: Sequence[str] = (),
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    cohorts: str = "together",
    min_fraction: float = 0.1,
    permutations: int = 0,
    family: str = "max_t",
    bootstraps: int = 0,
    competing: np.ndarray | None = None,
    cluster: str | None = None,
    top: int = 20,
    rng: np.random.Generator | None = None,
    endpoint: str = "",
    population: str = "all",
) -> ScreenResult:
    """Screen every gene for association with survival.

    Parameters
    ----------
    frame : pandas.DataFrame
        The sample sheet.
    time_months, event : numpy.ndarray, shape (n_samples,)
    matrix : ExpressionMatrix or StreamedMatrix
        Genes (or scores) × samples.
    method : {"cox", "logrank", "maxstat", "fine_gray", "cause_specific"}
        Per unit of expression; at the median; at the best of all cuts; with competing events, per unit: the Fine-Gray
        model, and the Cox model that censors them.
    strata, covariates, factors, numerics, ties
        As in `cox_analysis`; covariates with models only. Ties "auto" are Breslow's with "fine_gray", else Efron's.
    cohorts : {"together", "pooled"}
        One model (stratified by `strata`), or with "cox" a model in each cohort, per standard deviation within it,
        pooled by random effects.
    competing : numpy.ndarray of bool, shape (n_samples,), optional
        Samples whose follow-up ended with a competing event, for "fine_gray".
    min_fraction : float
        Least fraction of samples on either side of a searched cutpoint, see `cut_statistics.window`.
    permutations : int
        For family-wise p-values, with "cox" only.
    family : {"max_t", "min_p"}
        Westfall and Young's statistic of the family.
    bootstraps : int
        For the stability of ranks, with "cox" only.
    cluster : str, optional
        Column of samples that belong together, with "cox": standard errors are the robust ones.
    top : int
        Genes of the top table.
    rng : numpy.random.Generator, optional
        For permutations and bootstraps.
    endpoint, population : str
        Named in the table.

    Returns
    -------
    ScreenResult

    Raises
    ------
    Refused, BadInput, UsageError
        See `eligible_samples`; `Refused` where no gene can be tested.
    """
    if method not in METHODS or cohorts not in COHORTS or family not in FAMILIES:
        raise UsageError(f"unknown screen {method!r}, cohorts {cohorts!r}, family {family!r}")
    if ties == "auto":
        ties = "breslow" if method == "fine_gray" else "efron"
    rng = np.random.default_rng(1) if rng is None else rng
    samples = eligible_samples(
        frame, time_months, event, matrix.sample_ids, strata=strata, covariates=covariates, factors=factors,
        numerics=numerics,
    )  # fmt: skip
    if (permutations or bootstraps) and method != "cox":
        raise UsageError("permutations and bootstraps are of Cox screens", hint="take method cox, or none of them")
    if cluster and (method != "cox" or cohorts == "pooled" or permutations or bootstraps):
        raise UsageError("clusters are of Cox screens of all cohorts together, without permutations and bootstraps",
                         hint="leave --cluster out, or give --one-sample-per-patient instead")  # fmt: skip
    clusters = cluster_labels(samples.frame, cluster)
    follow_up, n_genes = samples.follow_up, len(matrix.gene_ids)
    apart = CohortScreens(samples, ties) if cohorts == "pooled" else None
    shuffled = resampled = None
    if permutations:
        shuffled = Permutations(null_model(samples, ties), n_genes, permutations, rng)
    if bootstraps:
        resampled = Bootstraps(follow_up, samples.covariates, n_genes, bootstraps, ties, rng)
    if method == "fine_gray":
        rivals = _competing_samples(samples, competing)
    ranked = rank_follow_up(samples.time, samples.event, follow_up.stratum)
    parts: list[Any] = []
    few: list[Any] = []
    far: list[Any] = []
    for values in matrix.blocks():
        if apart is not None:
            parts.append(pooled_columns(*apart.screen(values)))
        elif method == "fine_gray":
            parts.append(fine_gray_columns(fine_gray_screen(values, rivals, ties)))
        elif method in MODELS:
            found = cox_screen(values, follow_up, ties, samples.covariates)
            if clusters is not None:
                found = replace(found, se=clustered_errors(found, values, samples, clusters, ties))
            parts.append(cox_columns(found))
        elif method == "maxstat":
            best = best_cuts(values[:, follow_up.columns], ranked, min_fraction)
            found = logrank_screen(values, follow_up, np.where(best.n_low > 0, best.lowest_high, -np.inf))
            parts.append(searched_columns(best, found, min_fraction))
        else:
            parts.append(logrank_columns(logrank_screen(values, follow_up)))
        if method in MODELS:
            begin = sum(len(block) for block in few)
            far += [(begin + gene, sample) for gene, sample in far_genes(values[:, follow_up.columns])]
        few.append(few_values(values, follow_up.columns))
        for extra in (shuffled, resampled):
            if extra is not None:
                extra.add(values)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if not np.isfinite(columns["p_value"]).any():
        flags = sorted(set(columns["flag"]) - {""})
        raise Refused("no gene could be tested", where=f"{n_genes} genes: {', '.join(flags) or 'no estimate'}",
                      hint="check the matrix and the subset: values must vary among samples with events")  # fmt: skip
    columns["flag"] = _flagged(columns["flag"], np.concatenate(few))
    if shuffled is not None:
        if family == "min_p":
            _warn_about_permutations(int(np.isfinite(columns["p_value"]).sum()), permutations)
        columns["p_family"] = shuffled.p_values(family)
        columns["p_family_mc_se"] = proportion_error(columns["p_family"], permutations)
    if resampled is not None:
        resampled.leave_out(~np.isfinite(columns["p_value"]))
    _warn_about_flags(columns["flag"], n_genes)
    ids = samples.frame["sample_id"].to_numpy()
    dominated = [f"{matrix.gene_ids[gene]} (sample {ids[i]})" for gene, i in far]
    warn_influential(dominated, f"{len(far)} of {n_genes} genes")
    facts = {"endpoint": endpoint, "population": population, "strata": samples.strata,
             "method": method_text(method, ties, samples.strata, covariates, cohorts, cluster)}  # fmt: skip
    table = screen_table(matrix.gene_ids, columns, samples.n_sheet, facts)
    return ScreenResult(table, top_table(table, top, None if resampled is None else resampled.ranks))


def _competing_samples(samples: Eligible, competing: np.ndarray | None) -> CompetingSamples:
    own = np.zeros(len(samples.rows), dtype=bool) if competing is None else np.asarray(competing)[samples.rows]
    if not own.any():
        warn("no-competing-events", "no sample has a competing event (coded 2): the Fine-Gray model is the Cox model")
    follow_up = samples.follow_up
    return CompetingSamples(
        follow_up.columns, samples.time, np.where(own, 2.0, samples.event), follow_up.stratum, samples.covariates
    )


def _warn_about_permutations(n_genes: int, permutations: int) -> None:
    if n_genes > 0.05 * (permutations + 1):
        warn("few-permutations", f"{permutations} permutations of {n_genes} genes: a gene's own p-value is at least "
             f"{1 / (permutations + 1):.2g}, so that few or none can be significant by min_p")  # fmt: skip


def _flagged(flags: np.ndarray, few: np.ndarray) -> np.ndarray:
    return np.where((flags == "") & few, "few_values", flags)


def _warn_about_flags(flags: np.ndarray, n_genes: int) -> None:
    count = {flag: int((flags == flag).sum()) for flag in ("separated", "not_converged", "no_events")}
    if count["separated"]:
        warn("genes-separated", f"{count['separated']} of {n_genes} genes separate events from non-events, so that the "
             "likelihood rises without end; they are flagged separated")  # fmt: skip
    if count["not_converged"]:
        warn("genes-not-converged", f"{count['not_converged']} of {n_genes} genes have no estimate: the fit did not "
             "converge; they are flagged not_converged")  # fmt: skip
    if count["no_events"]:
        warn("genes-no-events", f"{count['no_events']} of {n_genes} genes have no events among the samples that they "
             "are known for; they are flagged no_events")  # fmt: skip
