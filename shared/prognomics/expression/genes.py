"""From rows (probes, transcripts, `SYMBOL|ENTREZ`) to genes, each gene once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, UsageError, first_few, warn
from prognomics.expression.gene_names import named_genes, update_symbols, without_damaged
from prognomics.expression.moments import gene_moments
from prognomics.expression.scale import recognize_scale

COLLAPSE = ("max_variance", "max_mean", "median", "mean")
COMPOSITE = ("drop", "first", "split")
MIN_OBSERVED = 0.5


@dataclass(frozen=True)
class GeneMatrix:
    """A matrix with one row per gene.

    Attributes
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
    gene_ids : list of str
        Unique, in the order in which the rows first name them.
    report : pandas.DataFrame
        `metric, value, ids`: counts, and the first twenty ids concerned (`;` between them).
    lost : pandas.DataFrame
        `row_id, gene_symbol, reason`: every row that reached no gene (`no_feature`, `no_symbol`,
        `spreadsheet`: a symbol that a spreadsheet made a date of; `composite`, `composite_not_needed`) or was not
        chosen (`not_chosen`).
    """

    values: np.ndarray
    gene_ids: list[str]
    report: pd.DataFrame
    lost: pd.DataFrame


def map_genes(
    values: np.ndarray,
    row_ids: Sequence[str],
    features: pd.DataFrame | None = None,
    *,
    collapse: str,
    composite: str,
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> GeneMatrix:
    """Bring rows to genes.

    With `aliases`, older symbols are first brought up to date: a symbol that is not a current one and an
    alias of exactly one is replaced by that; an alias of several stays and is counted.

    A row that names one gene is a candidate for it. A composite row (several genes) is excluded
    (`drop`), or is a candidate for the first gene that it names (`first`) or for each (`split`), but
    only where no row names that gene alone: `A///XPO1` never touches XPO1 while there is a row `XPO1`.
    Among several candidates of a gene, `collapse` decides:

    - `max_variance`, `max_mean`: the row with the largest variance (ddof 1) or mean of its observed
      values; on a tie the row that stands first. Rows observed in less than half of the samples are
      chosen only where no other is left.
    - `median`, `mean`: of the candidates' observed values in each sample.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_rows, n_samples)
        On a log scale, for `max_variance` to mean anything; missing is NaN.
    row_ids : sequence of str, shape=(n_rows,)
    features : pandas.DataFrame, optional
        `probe_id, gene_symbol` (and `entrez_id`, not used). Several lines of a probe make it composite.
        Without it the row ids themselves are taken for symbols (`split_gene_id`).
    collapse, composite : str
        One of `COLLAPSE`, `COMPOSITE`.
    aliases : mapping of str to sequence of str, optional
        Current symbols and their aliases.

    Raises
    ------
    UsageError
        Unknown rule.
    BadInput
        No row is in the feature map; no gene is left; a row id stands twice beside a feature map.

    Warns
    -----
    spreadsheet-names
        Symbols that a spreadsheet made dates of (1-Mar): no genes, unless `aliases` say which they were.
    ensembl-ids
        Rows are Ensembl ids and there is no feature map.
    few-features
        Fewer than half of the rows are in the feature map.
    linear-scale
        `max_variance` among several rows of a gene on values that are not logarithms.
    """
    if collapse not in COLLAPSE:
        raise UsageError(f"there is no collapse rule {collapse!r}", hint=f"there are: {', '.join(COLLAPSE)}")
    if composite not in COMPOSITE:
        raise UsageError(
            f"there is no rule {composite!r} for composite rows", hint=f"there are: {', '.join(COMPOSITE)}"
        )
    values = np.asarray(values, dtype=np.float64)
    ids = [str(row) for row in row_ids]
    known, named = named_genes(ids, features)
    named, renamed, ambiguous = update_symbols(named, aliases or {})
    named, damaged = without_damaged(ids, named)
    owner = _candidates(named, composite)
    gene_ids = list(owner)
    if not gene_ids:
        raise BadInput(
            "no row names a gene",
            where=f"rows {first_few(ids)}",
            hint="check that the feature map is this platform's, and its symbol column",
        )
    if collapse == "max_variance" and any(len(rows) > 1 for rows in owner.values()):
        _warn_about_scale(values)
    out, chosen = _collapse(values, list(owner.values()), collapse)
    lost = _lost_rows(ids, known, named, damaged, composite, owner, chosen)
    report = _report(ids, values.shape[1], named, owner, lost, renamed, ambiguous)
    return GeneMatrix(out, gene_ids, report, lost)


def _warn_about_scale(values: np.ndarray) -> None:
    scale = recognize_scale(values)
    if scale.name in ("linear", "counts"):
        warn(
            "linear-scale",
            f"the values are not logarithms ({scale.reason}): there the row of the largest variance is mostly "
            "the brightest one; normalize first",
        )


def _candidates(named: list[list[str]], composite: str) -> dict[str, list[int]]:
    """Rows that represent each gene, genes in order of appearance."""
    plain = {genes[0] for genes in named if len(genes) == 1}
    owner: dict[str, list[int]] = {}
    for row, genes in enumerate(named):
        if len(genes) > 1:
            genes = [] if composite == "drop" else genes[:1] if composite == "first" else genes
            genes = [gene for gene in genes if gene not in plain]
        for gene in genes:
            owner.setdefault(gene, []).append(row)
    return owner


def _collapse(values: np.ndarray, rows: list[list[int]], collapse: str) -> tuple[np.ndarray, list[list[int]]]:
    """One row per gene, and the rows that it was made from."""
    if collapse in ("median", "mean"):
        out = values[[candidates[0] for candidates in rows]]
        for gene, candidates in enumerate(rows):
            if len(candidates) > 1:
                out[gene] = _pooled(values[candidates], collapse)
        return out, rows
    moments = gene_moments(values)
    measure = np.nan_to_num(moments.sd if collapse == "max_variance" else moments.mean, nan=-np.inf)
    sparse = moments.count < MIN_OBSERVED * values.shape[1]
    best = [max(candidates, key=lambda row: (not sparse[row], measure[row])) for candidates in rows]
    return values[best], [[row] for row in best]


def _pooled(candidates: np.ndarray, collapse: str) -> np.ndarray:
    missing = np.isnan(candidates)
    if not missing.any():
        result: np.ndarray = np.median(candidates, axis=0) if collapse == "median" else candidates.mean(axis=0)
        return result
    out = np.full(candidates.shape[1], np.nan)
    observed = ~missing.all(axis=0)
    function = np.nanmedian if collapse == "median" else np.nanmean
    out[observed] = function(candidates[:, observed], axis=0)
    return out


def _lost_rows(
    ids: list[str],
    known: list[bool],
    named: list[list[str]],
    damaged: dict[int, str],
    composite: str,
    owner: dict[str, list[int]],
    chosen: list[list[int]],
) -> pd.DataFrame:
    candidate = {row for rows in owner.values() for row in rows}
    used = {row for rows in chosen for row in rows}
    lines = []
    for row, genes in enumerate(named):
        if row in used:
            continue
        if row in candidate:
            reason = "not_chosen"
        elif row in damaged:
            genes, reason = [damaged[row]], "spreadsheet"
        elif not known[row]:
            reason = "no_feature"
        elif not genes:
            reason = "no_symbol"
        else:
            reason = "composite" if composite == "drop" else "composite_not_needed"
        lines.append((ids[row], "///".join(genes), reason))
    return pd.DataFrame(lines, columns=["row_id", "gene_symbol", "reason"])


def _report(
    ids: list[str],
    n_samples: int,
    named: list[list[str]],
    owner: dict[str, list[int]],
    lost: pd.DataFrame,
    renamed: dict[str, str],
    ambiguous: list[str],
) -> pd.DataFrame:
    composites = [row for row, genes in enumerate(named) if len(genes) > 1]
    unreached = list(dict.fromkeys(gene for row in composites for gene in named[row] if gene not in owner))
    from_composite = [gene for gene, rows in owner.items() if len(named[rows[0]]) > 1]
    several = [gene for gene, rows in owner.items() if len(rows) > 1]
    sharing: dict[int, int] = {}
    for gene in from_composite:
        for row in owner[gene]:
            sharing[row] = sharing.get(row, 0) + 1
    shared = [gene for gene in from_composite if any(sharing[row] > 1 for row in owner[gene])]
    because = {reason: list(part["row_id"]) for reason, part in lost.groupby("reason")}
    lines = [
        ("rows_in", len(ids), []),
        ("samples", n_samples, []),
        ("genes_out", len(owner), []),
        ("rows_without_feature", len(because.get("no_feature", [])), because.get("no_feature", [])),
        ("rows_without_symbol", len(because.get("no_symbol", [])), because.get("no_symbol", [])),
        ("rows_damaged_by_spreadsheet", len(because.get("spreadsheet", [])), because.get("spreadsheet", [])),
        ("composite_rows", len(composites), [ids[row] for row in composites]),
        ("composite_rows_dropped", len(because.get("composite", [])), because.get("composite", [])),
        (
            "composite_rows_not_needed",
            len(because.get("composite_not_needed", [])),
            because.get("composite_not_needed", []),
        ),
        ("genes_from_composite_rows", len(from_composite), from_composite),
        ("genes_that_share_a_row", len(shared), shared),
        ("genes_lost_with_composite_rows", len(unreached), unreached),
        ("genes_with_several_rows", len(several), several),
        ("rows_not_chosen", len(because.get("not_chosen", [])), because.get("not_chosen", [])),
        ("symbols_updated", len(renamed), [f"{old}={new}" for old, new in renamed.items()]),
        ("symbols_ambiguous", len(ambiguous), ambiguous),
    ]
    return pd.DataFrame(
        [(metric, value, ";".join(shown[:20])) for metric, value, shown in lines],
        columns=["metric", "value", "ids"],
    )
