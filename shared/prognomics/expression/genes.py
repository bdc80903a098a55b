"""From rows (probes, transcripts, `SYMBOL|ENTREZ`) to genes, each gene once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, UsageFault, first_few, warn
from prognomics.expression.moments import gene_moments
from prognomics.expression.scale import recognize_scale

COLLAPSE = ("max_variance", "max_mean", "median", "mean")
COMPOSITE = ("drop", "first", "split")
NO_SYMBOL = frozenset({"", "?", "-", "--", "---", "na", "n/a", "nan", "none", "null", "no symbol", "<na>"})
MIN_OBSERVED = 0.5
FEW_FEATURES = 0.5
_SEPARATOR = re.compile(r"\s*(?:///?|;|,|\|)\s*")
_SYMBOL_ENTREZ = re.compile(r"^\s*([^|]*?)\s*\|\s*(\d+)\s*$")


@dataclass(frozen=True)
class GeneMatrix:
    """A matrix with one row a gene.

    Attributes
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
    gene_ids : list of str
        Unique, in the order in which the rows first name them.
    report : pandas.DataFrame
        `metric, value, ids`: counts, and the first twenty ids concerned (`;` between them).
    lost : pandas.DataFrame
        `row_id, gene_symbol, reason`: every row that reached no gene (`no_feature`, `no_symbol`,
        `composite`, `composite_not_needed`) or was not chosen (`not_chosen`).
    """

    values: np.ndarray
    gene_ids: list[str]
    report: pd.DataFrame
    lost: pd.DataFrame


def split_gene_id(gene_id: object) -> list[str]:
    """Gene symbols that an id names, each once, in order.

    `XPO1` gives one; `A /// B`, `A///B`, `A//B`, `A;B`, `A,B` and `A|B` several; `SYMBOL|ENTREZ` (digits
    after the bar, as TCGA has) the symbol; `?|100130426`, `---`, an empty cell or `NA` none.
    """
    if gene_id is None or (isinstance(gene_id, float) and np.isnan(gene_id)):
        return []
    text = str(gene_id)
    if found := _SYMBOL_ENTREZ.match(text):
        text = found.group(1)
    parts = (part.strip() for part in _SEPARATOR.split(text))
    return list(dict.fromkeys(part for part in parts if part.lower() not in NO_SYMBOL))


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

    With `aliases`, older symbols are first brought up to date: a symbol that is no current one and an
    alias of exactly one is replaced by that; an alias of several stays and is counted.

    A row that names one gene is a candidate for it. A composite row (several genes) is left out
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
    UsageFault
        Unknown rule.
    BadInput
        No row is in the feature map; no gene is left; a row id stands twice beside a feature map.

    Warns
    -----
    few-features
        Fewer than half of the rows are in the feature map.
    linear-scale
        `max_variance` among several rows of a gene on values that are no logarithms.
    """
    if collapse not in COLLAPSE:
        raise UsageFault(f"there is no collapse rule {collapse!r}", hint=f"there are: {', '.join(COLLAPSE)}")
    if composite not in COMPOSITE:
        raise UsageFault(
            f"there is no rule {composite!r} for composite rows", hint=f"there are: {', '.join(COMPOSITE)}"
        )
    values = np.asarray(values, dtype=np.float64)
    ids = [str(row) for row in row_ids]
    known, named = _named_genes(ids, features)
    named, renamed, ambiguous = update_symbols(named, aliases or {})
    owner = _candidates(named, composite)
    gene_ids = list(owner)
    if not gene_ids:
        raise BadInput(
            "no row names a gene",
            where=f"rows {first_few(ids)}",
            hint="check that the feature map is this platform's, and its symbol column",
        )
    if collapse == "max_variance" and any(len(rows) > 1 for rows in owner.values()):
        _warn_of_scale(values)
    out, chosen = _collapse(values, list(owner.values()), collapse)
    lost = _lost_rows(ids, known, named, composite, owner, chosen)
    report = _report(ids, values.shape[1], named, owner, lost, renamed, ambiguous)
    return GeneMatrix(out, gene_ids, report, lost)


def update_symbols(
    named: Sequence[Sequence[str]], aliases: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], dict[str, str], list[str]]:
    """Bring symbols up to date.

    Parameters
    ----------
    named : sequence of sequences of str
        The genes that each row names.
    aliases : mapping of str to sequence of str
        Current symbols and their aliases.

    Returns
    -------
    named : list of list of str
        With current symbols, each once a row.
    renamed : dict of str to str
        The symbols that were replaced, and by what.
    ambiguous : list of str
        Aliases of several current symbols: left as they are.
    """
    current: dict[str, list[str]] = {}
    for gene, others in aliases.items():
        for other in dict.fromkeys(others):
            current.setdefault(other, []).append(gene)
    seen = dict.fromkeys(gene for genes in named for gene in genes if gene in current and gene not in aliases)
    renamed = {gene: current[gene][0] for gene in seen if len(current[gene]) == 1}
    updated = [list(dict.fromkeys(renamed.get(gene, gene) for gene in genes)) for genes in named]
    return updated, renamed, [gene for gene in seen if gene not in renamed]


def _named_genes(ids: list[str], features: pd.DataFrame | None) -> tuple[list[bool], list[list[str]]]:
    """Whether the feature map holds each row, and the genes that each row names."""
    if features is None:
        return [True] * len(ids), [split_gene_id(row) for row in ids]
    if absent := [column for column in ("probe_id", "gene_symbol") if column not in features.columns]:
        raise BadInput(
            f"the feature map has no column {' and '.join(absent)}",
            where=f"columns {first_few(features.columns)}",
        )
    counts = pd.Series(ids).value_counts()
    if (counts > 1).any():
        raise BadInput(
            "a row id stands more than once in the matrix",
            where=first_few(counts.index[counts > 1]),
            hint="a matrix that goes with a feature map must hold each probe once",
        )
    symbols: dict[str, list[str]] = {}
    for probe, symbol in zip(features["probe_id"].astype(str), features["gene_symbol"]):
        genes = symbols.setdefault(probe, [])
        genes.extend(gene for gene in split_gene_id(symbol) if gene not in genes)
    known = [row in symbols for row in ids]
    if not any(known):
        raise BadInput(
            "no row of the matrix is in the feature map",
            where=f"rows {first_few(ids, 3)}; feature map {first_few(features['probe_id'], 3)}",
            hint="take the feature map of the matrix's own platform",
        )
    if sum(known) < FEW_FEATURES * len(ids):
        warn(
            "few-features",
            f"the feature map holds {sum(known)} of {len(ids)} rows only: is it the right platform?",
        )
    return known, [symbols.get(row, []) for row in ids]


def _warn_of_scale(values: np.ndarray) -> None:
    scale = recognize_scale(values)
    if scale.name in ("linear", "counts"):
        warn(
            "linear-scale",
            f"the values are not logarithms ({scale.reason}): there the row of the largest variance is mostly "
            "the brightest one; normalize first",
        )


def _candidates(named: list[list[str]], composite: str) -> dict[str, list[int]]:
    """Rows that stand for each gene, genes in order of appearance."""
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
    """One row a gene, and the rows that it was made from."""
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
        return np.median(candidates, axis=0) if collapse == "median" else candidates.mean(axis=0)
    out = np.full(candidates.shape[1], np.nan)
    observed = ~missing.all(axis=0)
    function = np.nanmedian if collapse == "median" else np.nanmean
    out[observed] = function(candidates[:, observed], axis=0)
    return out


def _lost_rows(
    ids: list[str],
    known: list[bool],
    named: list[list[str]],
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
