"""Which samples a differential expression analysis compares, and the columns of its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.levels import is_cut, ordered_levels, refuse_stray_text, require_few_groups
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.patients import patient_keys
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import resolve_strata, strata_name, stratum_labels
from prognomics.errors import BadInput, Refused, UsageError, first_few, note, unknown_name, warn
from prognomics.expression.design_matrix import covariate_columns, typed_covariates
from prognomics.stats.confounding import check_contrast, contrast


@dataclass(frozen=True)
class Comparison:
    """Samples of the model, the contrast and what it is adjusted for.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (n_samples,)
        Rows of the sample sheet that are in the model.
    contrast : numpy.ndarray of float, shape (n_samples,)
        1 for samples of the level, or the continuous marker.
    nuisance : numpy.ndarray, shape (n_samples, n_columns)
        Intercept, blocks, other levels and covariates.
    high, low : numpy.ndarray of bool, shape (n_samples,), or None
        Samples of the level and of the reference; None for a continuous marker.
    strata : numpy.ndarray of str, shape (n_samples,), or None
        Labels of blocks.
    pairs : numpy.ndarray of int, shape (n_samples,), or None
    label : str
        What `log_fc` is the difference of.
    adjusted : str
        The block, pairs and covariates, as `method` states them.
    block : str
    names : tuple of str
        The reference and the level; of a continuous marker empty.
    others : tuple of int
        Columns of `nuisance` that are other levels than the two of the contrast.
    """

    rows: np.ndarray
    contrast: np.ndarray
    nuisance: np.ndarray
    high: np.ndarray | None
    low: np.ndarray | None
    strata: np.ndarray | None
    pairs: np.ndarray | None
    label: str
    adjusted: str
    block: str
    names: tuple[str, str] = ("", "")
    others: tuple[int, ...] = ()


def groups_of_column(
    frame: pd.DataFrame, column: str, level: str | None, reference: str | None
) -> tuple[np.ndarray, str, str] | None:
    """Labels of a column and the two levels that are compared: the later one minus the earlier one by default.

    Returns
    -------
    (numpy.ndarray of object, str, str)
        Labels, shape (n_samples,), missing None; level; reference.

    Raises
    ------
    BadInput
        An unknown level, or a column of measurements.
    UsageError
        Several levels, none of which is chosen.
    Refused
        A single level.
    """
    labels = text_values(frame[column])
    numbers = pd.to_numeric(labels, errors="coerce").tolist()
    refuse_stray_text(column, numbers, labels.tolist(), frame["sample_id"].tolist())
    present = ordered_levels(labels.dropna())
    for name in (level, reference):
        if name is not None and name not in present:
            raise unknown_name("level", name, present, where=f"column {column}")
    require_few_groups(present, f"column {column}")
    if len(present) < 2:
        raise Refused("a comparison needs two groups", where=f"column {column}: {first_few(present)}",
                      hint="check the group column and the subset (--where)")  # fmt: skip
    if level is not None and level == reference:
        raise UsageError(f"{level!r} is both the level and the reference")
    free = [name for name in present if name not in (level, reference)]
    if is_cut(present) and not (level or reference):
        level, reference = present[-1], present[0]
    elif (level is None or reference is None) and len(present) > 2:
        raise UsageError(f"column {column!r} has {len(present)} levels: {first_few(present)}",
                         hint="name the two to compare: --level and --reference")  # fmt: skip
    level = level or free[-1]
    return labels.to_numpy(dtype=object), level, reference or free[0]


def compare_samples(
    samples: SampleSheet,
    expression: ExpressionMatrix,
    *,
    group_column: str | None = None,
    level: str | None = None,
    reference: str | None = None,
    gene: str | None = None,
    score_column: str | None = None,
    pair_column: str | None = None,
    **adjusting: Any,
) -> Comparison:
    """The comparison of the levels of a column, or over a gene or score, of the samples that have expression.

    `adjusting` is what :func:`compare_levels` takes: covariates, factors, numerics, block.
    """
    usable = np.isin(np.array(samples.sample_ids, dtype=object), expression.sample_ids)
    adjusting["pair_column"] = pair_column
    adjusting["pairs"] = patient_keys(samples, pair_column) if pair_column else None
    if group_column:
        column = samples.resolve(group_column)
        return compare_levels(samples.frame, usable, column, level, reference, **adjusting)
    if gene:
        marker = samples.with_genes(expression, [gene]).numbers(gene)
        return compare_continuous(samples.frame, usable, marker, gene, **adjusting)
    if not score_column:
        raise UsageError("a column of groups, a gene or a column of scores is needed")
    name = samples.resolve(score_column)
    return compare_continuous(samples.frame, usable, samples.numbers(name), name, **adjusting)


def compare_levels(
    frame: pd.DataFrame, usable: np.ndarray, column: str, level: str | None, reference: str | None, **adjusting: Any
) -> Comparison:
    """The comparison of two levels of a column; samples of other levels stay in the model.

    Parameters
    ----------
    frame : pandas.DataFrame, n_samples rows
    usable : numpy.ndarray of bool, shape (n_samples,)
        Samples that the matrix has.
    column, level, reference
        As `groups_of_column`.
    adjusting
        As `_adjust`.
    """
    labels, level, reference = groups_of_column(frame[usable].reset_index(drop=True), column, level, reference)
    every = np.full(len(frame), None, dtype=object)
    every[usable] = labels
    others = [name for name in ordered_levels(x for x in labels if x is not None) if name not in (level, reference)]
    return _adjust(frame, usable & np.array([x is not None for x in every]), every == level, every == reference,
                   [every == name for name in others], (every == level).astype(float),
                   label=f"{level} minus {reference} ({column})", names=(level, reference), **adjusting)  # fmt: skip


def compare_continuous(
    frame: pd.DataFrame, usable: np.ndarray, marker: np.ndarray, name: str, **adjusting: Any
) -> Comparison:
    """The slope over a continuous marker, shape (n_samples,), missing NaN."""
    if np.isinf(marker).any():
        raise BadInput(f"column {name!r} holds infinite values", hint="correct these cells, or leave them empty")
    return _adjust(frame, usable & ~np.isnan(marker), None, None, [], marker, label=f"per unit of {name}",
                   names=("", ""), **adjusting)  # fmt: skip


def _adjust(
    frame: pd.DataFrame,
    known: np.ndarray,
    high: np.ndarray | None,
    low: np.ndarray | None,
    others: list[np.ndarray],
    values: np.ndarray,
    *,
    label: str,
    names: tuple[str, str],
    covariates: Sequence[str],
    factors: Sequence[str],
    numerics: Sequence[str],
    block: Sequence[str],
    pairs: np.ndarray | None,
    pair_column: str | None,
) -> Comparison:
    """Complete cases and the columns of the model.

    Parameters
    ----------
    covariates, factors, numerics : sequences of str
    block : sequence of str
        As `prognomics.data.strata.resolve_strata` takes strata.
    pairs : numpy.ndarray of object, shape (n_samples,), or None
        What samples of a pair have in common; None for a sample without.
    pair_column : str or None
    """
    covariates = list(dict.fromkeys(covariates))
    columns = resolve_strata(frame, block)
    codes, blocked = stratum_labels(frame, columns)
    typed = typed_covariates(frame, covariates, factors=factors, numerics=numerics)
    complete = known & blocked & typed.notna().all(axis=1).to_numpy()
    lost = int(known.sum() - complete.sum())
    if lost:
        note("incomplete-samples", f"{lost} samples lack a covariate or a block and are excluded")
    partners = None
    if pairs is not None:
        partners = _paired(pairs, complete, high, low, pair_column)
        complete = partners >= 0
    rows = np.flatnonzero(complete)
    _require_contrast(rows, high, low, values, names)
    strata = None if codes is None else _block_names(frame, columns)[rows]
    if high is not None and pairs is None:
        _check_blocks(frame, rows, high[rows], low[rows], strata, columns, names)
    nuisance = [np.ones(len(rows))]
    if partners is not None:
        nuisance += [partners[rows] == code for code in np.unique(partners[rows])[1:]]
    elif codes is not None:
        nuisance += [codes[rows] == code for code in np.unique(codes[rows])[1:]]
    more = [other[rows] for other in others if other[rows].any()]
    adjusting: list[np.ndarray] = []
    if covariates:
        made, _ = covariate_columns(typed.iloc[rows], frame["sample_id"].iloc[rows].tolist())
        adjusting = list((made - made.mean(axis=0)).T)
    how = [f"pairs of {pair_column}"] * (pairs is not None) or [f"within {strata_name(columns)}"] * bool(columns)
    how += [f"adjusted for {', '.join(covariates)}"] * bool(covariates)
    whole = np.column_stack([*nuisance, *more, *adjusting]).astype(float)
    return Comparison(rows, values[rows], whole, None if high is None else high[rows],
                      None if low is None else low[rows], strata, None if partners is None else partners[rows], label,
                      "; ".join(how), pair_column if pairs is not None else strata_name(columns),
                      names[::-1], tuple(range(len(nuisance), len(nuisance) + len(more))))  # fmt: skip


def _paired(pairs: np.ndarray, complete: np.ndarray, high: np.ndarray, low: np.ndarray, column: str) -> np.ndarray:
    """Code of each sample's pair, -1 for samples that are in no pair: one that has both groups, or two samples."""
    sides = (complete, complete) if high is None else (complete & high, complete & low)
    held = [[pairs[row] for row in np.flatnonzero(side) if pairs[row] is not None] for side in sides]
    whole = {key for key in set(held[0]) & set(held[1]) if high is not None or held[0].count(key) > 1}
    number = {key: code for code, key in enumerate(sorted(whole))}
    found = np.array([number.get(key, -1) if key is not None else -1 for key in pairs])
    found[~complete] = -1
    alone = int(complete.sum() - (found >= 0).sum())
    if alone:
        note("unpaired-samples", f"{alone} samples without a partner excluded; {len(whole)} pairs of {column} stay")
    if len(whole) < 2:
        raise Refused(f"{len(whole)} pairs of {column} have both groups: a comparison needs two",
                      hint="check the pair column and the subset (--where)")  # fmt: skip
    return found


def _require_contrast(
    rows: np.ndarray, high: np.ndarray | None, low: np.ndarray | None, values: np.ndarray, names: tuple[str, str]
) -> None:
    if high is None:
        if len(rows) < 3 or np.ptp(values[rows]) == 0:
            raise Refused(f"the marker does not vary over the {len(rows)} samples that have all values")
        return
    for side, name in ((high, names[0]), (low, names[1])):
        if not side[rows].any():
            raise Refused(f"no sample of the group {name!r} has all values",
                          hint="check the covariates, the block and the subset (--where)")  # fmt: skip


def _block_names(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    result: np.ndarray = frame[list(columns)].apply(text_values).astype(str).agg(" ".join, axis=1).to_numpy()
    return result


def _check_blocks(
    frame: pd.DataFrame,
    rows: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    strata: np.ndarray | None,
    columns: list[str],
    names: tuple[str, str],
) -> None:
    if strata is not None:
        if columns == ["cohort"]:
            check_contrast(high, low, strata, names=names, what="the comparison")
        return
    if "cohort" in frame.columns:
        table = contrast(high, low, text_values(frame["cohort"]).to_numpy()[rows], names=names)
        if len(table.counts) > 1:
            warn("cohorts-not-in-model", f"samples are of {len(table.counts)} cohorts ({table.shown()}), whose "
                 "differences count as differences between groups; --block auto compares within cohorts")  # fmt: skip
