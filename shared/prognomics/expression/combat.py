"""ComBat: cohort effects in location and scale, shrunk over genes by empirical Bayes.

Each gene is modeled as x = a + C b + gamma_batch + delta_batch * e. Standardized by the pooled residual
SD, its batch means gamma-hat and batch variances delta-hat are shrunk towards the distribution that they
have over all genes (Johnson, Li and Rabinovic 2007, doi 10.1093/biostatistics/kxj037), and then removed.

The least-squares residuals of a gene sum to zero in each batch. So batch means, and sums of squares of
the residuals, are all that the priors and the iteration need; the matrix itself is read once to fit
(`fit_genes`) and once to be scaled and shifted (`adjust_genes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, Refused, first_few, unknown_name, warn
from prognomics.expression.combat_fit import BatchDesign, GeneFit, adjust_genes, fit_genes
from prognomics.expression.combat_prior import shrink_mean_only, shrink_nonparametric, shrink_parametric
from prognomics.expression.confounding import cross_table, indented
from prognomics.expression.design_matrix import covariate_columns
from prognomics.expression.moments import gene_blocks

RANK_TOLERANCE = 1e-7  # as R's qr()
ZERO_VARIANCE = 1e-20  # pooled residual variance over mean square: nothing but rounding


@dataclass(frozen=True)
class ComBat:
    """Values after ComBat, and what was estimated.

    Attributes
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing values stay missing.
    untouched : numpy.ndarray of bool, shape=(n_genes,)
        Genes without variance within some batch: left as they were.
    unestimable : numpy.ndarray of bool, shape=(n_genes,)
        Genes with too few observed values in some batch: NaN throughout.
    batches : list of str
        In order of appearance.
    mean_only : bool
        Whether scales were left alone (requested, or because a batch has one sample).
    gamma, delta : numpy.ndarray, shape=(n_genes, n_batches)
        Shrunk location and (squared) scale on the standardized scale; NaN for genes not adjusted.
    """

    values: np.ndarray
    untouched: np.ndarray
    unestimable: np.ndarray
    batches: list[str]
    mean_only: bool
    gamma: np.ndarray
    delta: np.ndarray


def combat(
    values: np.ndarray,
    batch: Sequence[str],
    *,
    covariates: pd.DataFrame | None = None,
    reference: str | None = None,
    parametric: bool = True,
    mean_only: bool = False,
    gene_ids: Sequence[str] | None = None,
    sample_ids: Sequence[str] | None = None,
    threads: int = 1,
) -> ComBat:
    """Remove batch effects from a matrix, as `ComBat` of the R package sva 3.46.

    As there: a gene without variance in one batch is left untouched; one batch of a single sample makes
    all batches `mean_only`; with a missing value anywhere, each gene's pooled variance is taken over its
    observed values with divisor n - 1 (else n). Unlike there: a gene with fewer than two observed values
    in a batch (one, when `mean_only`) does not stop the run, but becomes NaN and is counted; the weights
    of the non-parametric prior are kept as logarithms, so that large batches cannot underflow.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        On a log scale; missing is NaN.
    batch : sequence of str, shape=(n_samples,)
    covariates : pandas.DataFrame, optional
        A row for each sample: what is modeled and kept (`mod` without intercept), by `covariate_columns`.
    reference : str, optional
        The batch that the others are brought to and that stays as it is (`ref.batch`).
    parametric : bool
        Parametric priors (`par.prior`).
    mean_only : bool
        Adjust the location alone (`mean.only`).
    gene_ids, sample_ids : sequence of str, optional
        For messages.
    threads : int
        Blocks of genes are worked on in that many threads; the result is the same for any number.

    Raises
    ------
    BadInput
        Unknown reference; infinite values; a covariate that is missing for a sample.
    Refused
        One batch; a covariate confounded with batch or with another; nothing to estimate from.

    Warns
    -----
    single-sample-batch, combat-untouched-genes, combat-unestimable-genes, combat-covariates
    """
    values = np.asarray(values, dtype=np.float64)
    design = _design(values, batch, covariates, reference, sample_ids)
    if not mean_only and design.sizes.min() == 1:
        single = [name for name, size in zip(design.names, design.sizes) if size == 1]
        warn(
            "single-sample-batch",
            f"batches of one sample ({first_few(single)}) have no variance: "
            "ComBat adjusts the means alone, in all batches",
        )
        mean_only = True
    blocks = gene_blocks(values)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        fit = GeneFit.joined(list(pool.map(lambda block: fit_genes(values[block], design), blocks)))
        untouched, unestimable = fit.constant_in_batch, fit.unestimable(mean_only)
        fitted = ~(untouched | unestimable)
        pooled = _pooled_variance(fit, design, fitted)
        flat = fitted & ~(pooled > ZERO_VARIANCE * fit.mean_square)
        untouched, fitted = untouched | flat, fitted & ~flat
        if fitted.sum() < 2:
            raise Refused(
                "ComBat needs at least two genes that vary in every batch",
                where=f"{len(values)} genes, {untouched.sum()} without variance in some batch, "
                f"{unestimable.sum()} with too few values in some batch",
            )
        _warn_about_genes(gene_ids, untouched, unestimable)
        gamma, delta = _shrunk(fit, design, fitted, pooled, parametric, mean_only)
        out = np.empty_like(values)

        def finish(block: slice) -> None:
            adjust_genes(
                values[block],
                design,
                fit.rows(block),
                np.sqrt(pooled[block]),
                gamma[block],
                delta[block],
                out[block],
            )

        list(pool.map(finish, blocks))
    out[untouched] = values[untouched]
    out[unestimable] = np.nan
    return ComBat(out, untouched, unestimable, design.names, mean_only, gamma, delta)


def _design(
    values: np.ndarray,
    labels: Sequence[str] | np.ndarray,
    covariates: pd.DataFrame | None,
    reference: str | None,
    sample_ids: Sequence[str] | None,
) -> BatchDesign:
    batch = np.asarray([str(name) for name in labels], dtype=object)
    if batch.size != values.shape[1]:
        raise ValueError(f"{batch.size} batch labels for {values.shape[1]} samples")
    if np.isinf(values).any():
        raise BadInput("the expression matrix holds infinite values", hint="code them as missing")
    names = list(dict.fromkeys(batch))
    if len(names) < 2:
        raise Refused("ComBat needs at least two cohorts", where=f"there is {first_few(names) or 'none'}")
    if reference is not None and reference not in names:
        raise unknown_name("reference cohort", reference, names)
    columns = np.empty((batch.size, 0))
    if covariates is not None and covariates.shape[1]:
        columns, column_names = covariate_columns(covariates, sample_ids)
        _check_rank(batch, names, columns, _owners(column_names, covariates), covariates)
        warn(
            "combat-covariates",
            "differences by " + ", ".join(map(str, covariates.columns)) + " were kept while "
            "cohorts were adjusted: later tests of them are too sure of themselves where cohorts are "
            "unbalanced (Nygaard 2016, doi 10.1093/biostatistics/kxv027); stratify by cohort as well",
        )
    design = BatchDesign.of(batch, names, columns, reference)
    if reference is not None and design.sizes[design.reference] < 2:
        raise Refused(f"reference cohort {reference} has one sample: it has no variance to bring the others to")
    if design.sizes.max() < 2:
        raise Refused("every cohort has one sample: cohort and sample cannot be told apart")
    return design


def _check_rank(
    batch: np.ndarray, names: list[str], columns: np.ndarray, owner: list[str], covariates: pd.DataFrame
) -> None:
    indicator = (batch[:, None] == np.asarray(names, dtype=object)).astype(np.float64)
    columns = (columns - columns.mean(axis=0)) / np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1.0)

    def deficient(matrix: np.ndarray) -> bool:
        spread = np.linalg.svd(matrix, compute_uv=False)
        return matrix.shape[1] > matrix.shape[0] or bool(spread[-1] <= RANK_TOLERANCE * spread[0])

    if not columns.shape[1] or not deficient(np.hstack([indicator, columns])):
        return
    if deficient(columns):
        raise Refused(
            "the covariates are confounded with each other",
            where=f"covariates {', '.join(map(str, covariates.columns))}",
            hint="omit one that the others determine",
        )
    own = {name: columns[:, [k for k, of in enumerate(owner) if of == name]] for name in dict.fromkeys(owner)}
    guilty = [name for name, part in own.items() if deficient(np.hstack([indicator, part]))]
    named = guilty or list(own)
    tables = [
        f"samples per cohort and {name}:\n" + indented(table)
        for name in named
        if (table := cross_table(batch, covariates[name])).shape[1] <= 20
    ]
    together = "" if guilty or len(own) == 1 else " together"
    raise Refused(
        f"{' and '.join(named)}{together} {'is' if len(named) == 1 else 'are'} confounded with cohort: "
        "ComBat cannot tell the two apart",
        where="\n".join(tables) or f"covariates {', '.join(named)}",
        hint=f"leave {'it' if len(named) == 1 else 'one'} out, or add cohorts that hold several of its levels",
    )


def _owners(column_names: list[str], covariates: pd.DataFrame) -> list[str]:
    """The covariate that each column of the design belongs to: `grade` of `grade=2`."""
    known = sorted(map(str, covariates.columns), key=len, reverse=True)
    return [next(n for n in known if column == n or column.startswith(f"{n}=")) for column in column_names]


def _pooled_variance(fit: GeneFit, design: BatchDesign, fitted: np.ndarray) -> np.ndarray:
    """Residual variance of each gene, over the reference batch if there is one."""
    chosen = slice(None) if design.reference is None else slice(design.reference, design.reference + 1)
    n = fit.count[:, chosen].sum(axis=1)
    missing = bool((fit.count[fitted] < design.sizes).any())
    with np.errstate(divide="ignore", invalid="ignore"):
        result: np.ndarray = fit.residual_ss[:, chosen].sum(axis=1) / (n - 1 if missing else n)
        return result


def _shrunk(
    fit: GeneFit,
    design: BatchDesign,
    fitted: np.ndarray,
    pooled: np.ndarray,
    parametric: bool,
    mean_only: bool,
) -> tuple[np.ndarray, np.ndarray]:
    shape = (len(fitted), len(design.names))
    gamma, delta = np.full(shape, np.nan), np.full(shape, np.nan)
    sd = np.sqrt(pooled[fitted])
    center = fit.center(design)[fitted]
    for index in range(shape[1]):
        if index == design.reference:
            gamma[fitted, index], delta[fitted, index] = 0.0, 1.0
            continue
        mean = (fit.batch_mean[fitted, index] - center) / sd
        squares = fit.residual_ss[fitted, index] / sd**2
        n = fit.count[fitted, index].astype(np.float64)
        variance = np.ones_like(mean) if mean_only else squares / (n - 1)
        if not parametric:
            found = shrink_nonparametric(mean, variance, squares, n)
        elif mean_only:
            found = shrink_mean_only(mean)
        else:
            found = shrink_parametric(mean, variance, squares, n)
        gamma[fitted, index], delta[fitted, index] = found
    return gamma, delta


def _warn_about_genes(gene_ids: Sequence[str] | None, untouched: np.ndarray, unestimable: np.ndarray) -> None:
    def named(mask: np.ndarray) -> str:
        rows = np.flatnonzero(mask)
        return first_few(rows + 1 if gene_ids is None else [gene_ids[row] for row in rows])

    if untouched.any():
        warn(
            "combat-untouched-genes",
            f"{untouched.sum()} genes do not vary within some cohort and were left as "
            f"they were, cohort effect included: {named(untouched)}",
        )
    if unestimable.any():
        warn(
            "combat-unestimable-genes",
            f"{unestimable.sum()} genes have too few values in some cohort and are NA now: {named(unestimable)}",
        )
