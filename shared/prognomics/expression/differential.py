"""Differential expression of every gene: between two groups, or over a continuous marker, within cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.registry import table_columns
from prognomics.errors import Refused, UsageError, note, require_known, warn
from prognomics.expression.differential_groups import any_group_columns
from prognomics.expression.differential_ranks import rank_columns
from prognomics.expression.differential_samples import Comparison
from prognomics.expression.scale import recognize_scale
from prognomics.expression.voom import prepare_counts
from prognomics.stats.linear_by_gene import LinearDesign, fit_by_gene, linear_design
from prognomics.stats.moderated import squeeze_variances
from prognomics.stats.multiple_testing import adjust

METHODS = {"limma": "moderated t (limma)", "voom": "moderated t (limma) of voom's values and weights"}
DIFFERENTIAL_COLUMNS = table_columns("differential_table")


@dataclass(frozen=True)
class PreparedGenes:
    """Genes that are tested: `values` of shape (n_genes, n_samples), `weights` of the same shape or None."""

    genes: np.ndarray
    values: np.ndarray
    weights: np.ndarray | None
    sample_ids: list[str]
    n_filtered: int


def genes_of_marker(names: Sequence[str | None], expression: ExpressionMatrix) -> list[str]:
    """Rows of the matrix that are the marker itself, by the name of a gene or of a column made from it.

    Parameters
    ----------
    names : sequence of str or None
        Genes, or columns such as `XPO1_group`: the longest gene (or gene symbol beside the row names) that is the name,
        or its beginning before `_`.
    expression : ExpressionMatrix

    Returns
    -------
    list of str
        Gene ids, with all rows of the same symbol where the matrix has symbols.
    """
    symbols = expression.symbols or expression.gene_ids
    known = {*symbols, *expression.gene_ids}
    found: list[str] = []
    for name in filter(None, names):
        parts = name.split("_")
        starts = ("_".join(parts[:k]) for k in range(len(parts), 0, -1))
        marker = next((start for start in starts if start in known), None)
        own = {symbol for gene, symbol in zip(expression.gene_ids, symbols, strict=True) if marker in (gene, symbol)}
        found += [g for g, symbol in zip(expression.gene_ids, symbols, strict=True) if symbol in own and g not in found]
    return found


def omitted_genes(
    names: Sequence[str | None], expression: ExpressionMatrix, omit: Sequence[str], highlight: Sequence[str] = ()
) -> list[str]:
    """Genes that are named to be omitted, and those of the marker; see `genes_of_marker`.

    `BadInput` for one of `omit` or `highlight` that the matrix does not have.
    """
    require_known("gene", [*omit, *highlight], expression.gene_ids, where=expression.where)
    return list(dict.fromkeys([*omit, *genes_of_marker(names, expression)]))


def differential_table(
    expression: ExpressionMatrix,
    comparison: Comparison,
    sample_ids: Sequence[str],
    *,
    method: str,
    trend: bool = False,
    normalize: str = "tmm",
    keep_expressed: bool = True,
    omit: Sequence[str] = (),
    population: str = "all",
) -> pd.DataFrame:
    """Test every gene.

    Parameters
    ----------
    expression : ExpressionMatrix
    comparison : Comparison
        Samples, contrast and what it is adjusted for.
    sample_ids : sequence of str
        All samples of the sheet, of which `comparison.rows` are in the model.
    method : {"limma", "voom", "wilcoxon"}
        Linear models with moderated t as limma's `lmFit` and `eBayes`; the same of counts with voom's weights; rank
        tests within the blocks.
    trend : bool
        Whether the prior variance depends on mean expression (`eBayes(trend = TRUE)`).
    normalize, keep_expressed
        Of counts, see :func:`prognomics.expression.voom.prepare_counts`.
    omit : sequence of str
        Genes to exclude before anything is estimated.
    population : str

    Returns
    -------
    pandas.DataFrame
        Columns `DIFFERENTIAL_COLUMNS`, the smallest p first; see the artifact `differential_table`.

    Raises
    ------
    Refused
        A contrast that depends on the other columns of the model, or no residual degrees of freedom.
    UsageError
        A rank test of a continuous marker.

    References
    ----------
    Smyth (2004), doi 10.2202/1544-6115.1027; Ritchie et al. (2015), doi 10.1093/nar/gkv007
    """
    _require_groups(comparison, method)
    made = prepare_genes(expression, comparison, sample_ids, method=method, normalize=normalize,
                         keep_expressed=keep_expressed, omit=omit)  # fmt: skip
    values, genes = made.values, made.genes
    if omit:
        note("marker-omitted", f"the marker is not in its own list: {', '.join(omit)}")
    if made.n_filtered:
        n_genes = made.n_filtered + len(genes)
        note("genes-filtered", f"{made.n_filtered} of {n_genes} genes with too few counts are excluded")
    if method == "limma":
        _warn_about_scale(values)
    columns, how = gene_tests(made, comparison, method, trend)
    there = ~np.isnan(values)
    sides = {"n_level": comparison.high, "n_reference": comparison.low}
    columns |= {name: there @ side.astype(int) if side is not None else np.nan for name, side in sides.items()}
    columns |= {
        "gene_id": genes, "q_value": adjust(columns["p_value"], "bh"), "contrast": comparison.label,
        "n_missing": len(sample_ids) - columns["n"], "population": population, "block": comparison.block,
        "method": "; ".join(filter(None, [how, comparison.adjusted])),
    }  # fmt: skip
    table = pd.DataFrame(columns).sort_values("p_value", kind="stable", ignore_index=True)
    return table[list(DIFFERENTIAL_COLUMNS)]


def prepare_genes(
    expression: ExpressionMatrix, comparison: Comparison, sample_ids: Sequence[str], *, method: str, normalize: str,
    keep_expressed: bool, omit: Sequence[str],
) -> PreparedGenes:  # fmt: skip
    """Values of the compared samples; of counts those that are kept, with voom's weights. See `differential_table`."""
    place = {sample: j for j, sample in enumerate(expression.sample_ids)}
    ids = [sample_ids[row] for row in comparison.rows]
    keep = ~np.isin(np.array(expression.gene_ids, dtype=object), list(omit))
    if not keep.any():
        raise Refused("the matrix holds no gene besides the marker")
    values = np.asarray(expression.values)[keep][:, [place[sample] for sample in ids]]
    genes = np.array(expression.gene_ids, dtype=object)[keep]
    if method != "voom":
        return PreparedGenes(genes, values, None, ids, 0)
    design = linear_design(comparison.nuisance, comparison.contrast)
    kept, counts = prepare_counts(values, design, normalize=normalize, keep_expressed=keep_expressed)
    return PreparedGenes(genes[kept], counts.values, counts.weights, ids, int((~kept).sum()))


def gene_tests(made: PreparedGenes, comparison: Comparison, method: str, trend: bool) -> tuple[dict[str, Any], str]:
    """Columns of the tests of all genes, and the method in words."""
    if method == "wilcoxon":
        return rank_columns(made.values, comparison, made.sample_ids)
    trend = trend and method == "limma"
    design = linear_design(comparison.nuisance, comparison.contrast)
    how = METHODS[method] + ", prior variance by mean expression" * trend
    return _moderated(made, comparison, design, trend=trend), how


def _moderated(made: PreparedGenes, comparison: Comparison, design: LinearDesign, trend: bool) -> dict[str, Any]:
    """Columns of the linear models with variances squeezed over all genes that have values."""
    values, weights = made.values, made.weights
    fit = fit_by_gene(values, design, weights)
    measured = fit.n > 0
    squeezed = squeeze_variances(fit.variance[measured], fit.df[measured], fit.mean[measured] if trend else None)
    posterior, df = np.full((2, len(values)), np.nan)
    posterior[measured], df[measured] = squeezed.posterior, squeezed.df_total
    with np.errstate(invalid="ignore", divide="ignore"):
        se = fit.unscaled * np.sqrt(posterior)
        t = fit.coefficient / se
    estimated = ~np.isnan(t)
    if not estimated.any():
        raise Refused("no gene has values enough for the comparison")
    half = stdtrit(df, 0.975) * se
    reasons: Any = np.where(measured, "not estimable from the samples that have a value", "no values")
    return {
        "n": fit.n, "log_fc": fit.coefficient, "se": se, "mean": fit.mean, "t": t, "df": df,
        "p_value": 2.0 * stdtr(df, -np.abs(t)), "ci_low": fit.coefficient - half, "ci_high": fit.coefficient + half,
        "df_prior": squeezed.df_prior, "sigma": np.sqrt(fit.variance), "note": np.where(estimated, None, reasons),
        **any_group_columns(values, weights, comparison, t, posterior, df),
    }  # fmt: skip


def _warn_about_scale(values: np.ndarray) -> None:
    scale = recognize_scale(values)
    if scale.name in ("counts", "linear"):
        warn("not-logarithms", f"{scale.reason}; linear models need logarithms: normalize the matrix first"
             + (", or use --method voom" if scale.name == "counts" else ""))  # fmt: skip


def _require_groups(comparison: Comparison, method: str) -> None:
    """UsageError where a rank test is to be made of a continuous marker or with covariates."""
    if method == "wilcoxon" and comparison.high is None:
        raise UsageError("--method wilcoxon compares two groups", hint="use --method limma for a continuous marker")
