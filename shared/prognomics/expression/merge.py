"""Several cohorts' matrices become one, on their common genes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, Refused, UsageError, first_few, unknown_name, warn
from prognomics.expression.confounding import warn_if_nested
from prognomics.expression.normalize import standardize
from prognomics.expression.quantile import mean_distribution, normalize_quantiles
from prognomics.expression.variance import variance_share

METHODS = ("none", "zscore", "quantile", "combat")
MIN_REFERENCE = 10
FEW_COMMON = 0.5


@dataclass(frozen=True)
class Cohort:
    """One cohort's matrix.

    Attributes
    ----------
    name : str
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    gene_ids, sample_ids : sequence of str
    reference : numpy.ndarray of bool, shape=(n_samples,), optional
        The samples that set mean and SD for `zscore`; all by default.
    """

    name: str
    values: np.ndarray
    gene_ids: Sequence[str]
    sample_ids: Sequence[str]
    reference: np.ndarray | None = None


@dataclass(frozen=True)
class Merged:
    """The merged matrix.

    Attributes
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
    gene_ids, sample_ids : list of str
        Genes in the order of the first cohort; samples cohort after cohort.
    cohort : numpy.ndarray of str, shape=(n_samples,)
    report : pandas.DataFrame
        `cohort, n_samples, n_genes, n_genes_common, n_reference, n_undefined, batch_variance_before,
        batch_variance_after, method`; a row for each cohort and `all`. `n_reference` is NaN but for
        `zscore`, `n_undefined` counts common genes whose values the method could not define,
        `batch_variance_*` is `variance_share` by cohort.
    """

    values: np.ndarray
    gene_ids: list[str]
    sample_ids: list[str]
    cohort: np.ndarray
    report: pd.DataFrame


def merge_cohorts(
    cohorts: Sequence[Cohort],
    method: str,
    *,
    covariates: pd.DataFrame | None = None,
    reference_cohort: str | None = None,
    min_presence: float = 1.0,
    parametric: bool = True,
    mean_only: bool = False,
    biology: Mapping[str, Sequence[object]] | None = None,
    threads: int = 1,
) -> Merged:
    """Put cohorts side by side on their common genes, and between them normalize.

    Parameters
    ----------
    cohorts : sequence of Cohort
        One or more.
    method : str
        `none`; `zscore` (per gene and cohort over its reference samples, ddof 1); `quantile` (one
        distribution for all samples, that of the reference cohort if there is one); `combat` (see
        `combat.combat`).
    covariates : pandas.DataFrame, optional
        For `combat`: a row for each sample in merged order; what is kept while cohorts are adjusted.
    reference_cohort : str, optional
        For `combat`: the cohort that stays as it is. For `quantile`: the one whose distribution all get.
    min_presence : float
        Fraction of the cohorts that must hold a gene, 1 for all of them. Where a cohort lacks a gene that is
        kept, its values are NaN. Not for `combat`, which fits each gene in every cohort.
    parametric, mean_only : bool
        For `combat`.
    biology : mapping of str to sequence, shape=(n_samples,), optional
        For `zscore` and `combat`: columns of the samples in merged order, checked for being nested in
        cohorts (over the reference samples of `zscore`; for `combat` those that are not covariate).
    threads : int
        For `quantile` and `combat`.

    Raises
    ------
    BadInput
        No common gene; a gene id twice in a cohort; a sample id twice; a cohort name twice.
    Refused
        A z-score reference of fewer than ten samples; what `combat` refuses.

    Warns
    -----
    few-common-genes, constant-in-reference, biology-nested-in-cohorts, single-cohort
    """
    if method not in METHODS:
        raise UsageError(f"there is no merging method {method!r}", hint=f"there are: {', '.join(METHODS)}")
    if not cohorts:
        raise UsageError("no cohort was given to merge")
    _check_names(cohorts)
    if method == "combat" and min_presence < 1:
        raise UsageError("ComBat needs genes that all cohorts hold", hint="leave min_presence at 1")
    genes = common_genes(cohorts, min_presence)
    if method == "zscore":
        _check_references(cohorts)
    if len(cohorts) == 1:
        warn("single-cohort", f"{cohorts[0].name} is the only cohort: there is nothing to merge it with")
    sample_ids = [str(sample) for cohort in cohorts for sample in cohort.sample_ids]
    batch = np.repeat([cohort.name for cohort in cohorts], [len(cohort.sample_ids) for cohort in cohorts])
    values = _side_by_side(cohorts, genes, len(sample_ids))
    before = variance_share(values, batch)
    undefined = {cohort.name: 0 for cohort in cohorts}
    if method in ("zscore", "combat"):
        _warn_about_lost_biology(cohorts, batch, biology or {}, covariates if method == "combat" else None)
    if method == "zscore":
        undefined = _standardize_each(cohorts, genes, values)
    elif method == "quantile":
        values = _one_distribution(values, batch, reference_cohort, threads)
    elif method == "combat":
        from prognomics.expression.combat import combat

        adjusted = combat(
            values,
            batch,
            covariates=covariates,
            reference=reference_cohort,
            parametric=parametric,
            mean_only=mean_only,
            gene_ids=genes,
            sample_ids=sample_ids,
            threads=threads,
        )
        values = adjusted.values
        undefined = {name: int(adjusted.unestimable.sum()) for name in undefined}
    after = before if method == "none" else variance_share(values, batch)
    return Merged(values, genes, sample_ids, batch, _report(cohorts, genes, undefined, before, after, method))


def _one_distribution(values: np.ndarray, batch: np.ndarray, reference: str | None, threads: int) -> np.ndarray:
    if reference is None:
        return normalize_quantiles(values, threads=threads)
    if reference not in batch:
        raise unknown_name("reference cohort", reference, list(dict.fromkeys(batch)))
    target = mean_distribution(values[:, batch == reference], threads=threads)
    return normalize_quantiles(values, reference=target, threads=threads)


def common_genes(cohorts: Sequence[Cohort], min_presence: float = 1.0) -> list[str]:
    """Genes that a fraction of the cohorts hold (by default all), in the order in which the cohorts first name them.

    Raises
    ------
    BadInput
        There is none, or a cohort holds a gene id twice.
    """
    holders: dict[str, int] = {}
    for cohort in cohorts:
        ids = [str(gene) for gene in cohort.gene_ids]
        unique = set(ids)
        if len(unique) < len(ids):
            counts = pd.Series(ids).value_counts()
            raise BadInput(
                "a gene id stands more than once",
                hint="collapse the rows with map_genes first",
                where=f"cohort {cohort.name}: {first_few(counts.index[counts > 1])}",
            )
        for gene in ids:
            holders[gene] = holders.get(gene, 0) + 1
    # 2 of 3 cohorts are a share of 0.67 to whoever writes it so
    needed = max(1, int(np.ceil(round(min_presence * len(cohorts), 1))))
    common = [gene for gene, count in holders.items() if count >= needed]
    if not common:
        examples = "; ".join(f"{c.name}: {', '.join(map(str, list(c.gene_ids)[:3]))}, …" for c in cohorts)
        raise BadInput(
            "the cohorts have no gene in common",
            where=examples,
            hint="bring all of them to gene symbols with map_genes first",
        )
    smallest = min(cohorts, key=lambda cohort: len(cohort.gene_ids))
    share = len(common) / len(smallest.gene_ids)
    if share < FEW_COMMON:
        warn(
            "few-common-genes",
            f"the cohorts have {len(common)} genes in common, {share:.0%} of the "
            f"{len(smallest.gene_ids)} of the smallest ({smallest.name}): are all mapped to one set of ids?",
        )
    return common


def _check_names(cohorts: Sequence[Cohort]) -> None:
    names = pd.Series([cohort.name for cohort in cohorts])
    if names.duplicated().any():
        raise BadInput(
            "a cohort was given twice",
            where=first_few(names[names.duplicated()].unique()),
            hint="give each matrix once, and each cohort a name of its own",
        )
    holders: dict[str, list[str]] = {}
    for cohort in cohorts:
        for sample in cohort.sample_ids:
            holders.setdefault(str(sample), []).append(cohort.name)
    twice = [f"{sample} ({', '.join(names)})" for sample, names in holders.items() if len(names) > 1]
    if twice:
        raise BadInput(
            "a sample id stands more than once over the cohorts",
            where=first_few(twice),
            hint="drop the repeats, or rename them if they are different samples",
        )


def _check_references(cohorts: Sequence[Cohort]) -> None:
    sizes = {cohort.name: _n_reference(cohort) for cohort in cohorts}
    small = [f"{name} ({size})" for name, size in sizes.items() if size < MIN_REFERENCE]
    if small:
        raise Refused(
            f"a reference of fewer than {MIN_REFERENCE} samples cannot standardize a cohort",
            where=f"reference samples in {first_few(small)}",
            hint="widen --reference-samples, leave these cohorts out, or merge with combat or quantile",
        )


def _n_reference(cohort: Cohort) -> int:
    return len(cohort.sample_ids) if cohort.reference is None else int(np.count_nonzero(cohort.reference))


def _warn_about_lost_biology(
    cohorts: Sequence[Cohort],
    batch: np.ndarray,
    biology: Mapping[str, Sequence[object]],
    kept: pd.DataFrame | None,
) -> None:
    """Cohorts are brought to each other at their reference samples: what is nested among these is lost."""
    reference = np.concatenate(
        [
            np.ones(len(cohort.sample_ids), dtype=bool)
            if cohort.reference is None
            else np.asarray(cohort.reference, dtype=bool)
            for cohort in cohorts
        ]
    )
    for name, column in biology.items():
        if kept is None or name not in kept.columns:
            warn_if_nested(batch[reference], np.asarray(column, dtype=object)[reference], name=name)


def _side_by_side(cohorts: Sequence[Cohort], genes: list[str], n_samples: int) -> np.ndarray:
    values = np.empty((len(genes), n_samples))
    start = 0
    for cohort in cohorts:
        row_of = {str(gene): row for row, gene in enumerate(cohort.gene_ids)}
        rows = np.fromiter((row_of.get(gene, -1) for gene in genes), dtype=np.intp, count=len(genes))
        stop = start + len(cohort.sample_ids)
        values[:, start:stop] = np.asarray(cohort.values)[rows]
        values[rows < 0, start:stop] = np.nan
        start = stop
    return values


def _standardize_each(cohorts: Sequence[Cohort], genes: list[str], values: np.ndarray) -> dict[str, int]:
    """Z-scores in place; the number of genes that each cohort's reference leaves undefined."""
    undefined, start = {}, 0
    for cohort in cohorts:
        stop = start + len(cohort.sample_ids)
        reference = None if cohort.reference is None else np.asarray(cohort.reference, dtype=bool)
        absent = np.isnan(values[:, start:stop]).all(axis=1)
        z, constant = standardize(values[:, start:stop], reference)
        values[:, start:stop] = z
        constant &= ~absent
        undefined[cohort.name] = int(constant.sum())
        if constant.any():
            ids = [gene for gene, flat in zip(genes, constant) if flat]
            warn(
                "constant-in-reference",
                f"{len(ids)} genes do not vary over the reference samples of "
                f"{cohort.name}; they are NA there: {first_few(ids)}",
            )
        start = stop
    return undefined


def _report(
    cohorts: Sequence[Cohort],
    genes: list[str],
    undefined: dict[str, int],
    before: float,
    after: float,
    method: str,
) -> pd.DataFrame:
    reference = [_n_reference(cohort) if method == "zscore" else np.nan for cohort in cohorts]
    every = set().union(*(map(str, cohort.gene_ids) for cohort in cohorts))
    names = [cohort.name for cohort in cohorts]
    sizes = [len(cohort.sample_ids) for cohort in cohorts]
    lost = [undefined[name] for name in names]
    absent = [np.nan] * len(cohorts)
    return pd.DataFrame(
        {
            "cohort": [*names, "all"],
            "n_samples": [*sizes, sum(sizes)],
            "n_genes": [*(len(cohort.gene_ids) for cohort in cohorts), len(every)],
            "n_genes_common": len(genes),
            "n_reference": [*reference, sum(reference)],
            "n_undefined": [*lost, max(lost)],
            "batch_variance_before": [*absent, before],
            "batch_variance_after": [*absent, after],
            "method": method,
        }
    )
