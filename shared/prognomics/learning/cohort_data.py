"""What a signature is learned from: samples with outcome, covariates and genes, made once."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.patients import patient_keys
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import resolve_strata, strata_name, stratum_labels
from prognomics.errors import AnalysisWarning, BadInput, Refused, first_few, note, unknown_name, warn
from prognomics.expression.duplicates import find_duplicates
from prognomics.expression.normalize import standardize_within
from prognomics.learning.partial_likelihood import RiskOrder, order_by_risk
from prognomics.modeling.design_matrix import Design, build_design
from prognomics.regression.logistic_likelihood import LogisticOrder, order_by_outcome

SCALINGS = ("within_cohort", "overall", "none")


@dataclass(frozen=True)
class LearningData:
    """Samples that a signature may be learned from, in the order of the sheet.

    Attributes
    ----------
    frame : pandas.DataFrame, n rows
    time, event : numpy.ndarray, shape (n,)
        Of a survival outcome; `event` alone, as 0 and 1, of a yes/no outcome.
    binary : bool
    cohort : numpy.ndarray of str, shape (n,)
    patient : numpy.ndarray of int, shape (n,)
    strata : numpy.ndarray or None, shape (n,)
    strata_columns : tuple of str
    design : Design
        Covariates, which are never penalized.
    values : numpy.ndarray, shape (n_covariate_columns + n_genes, n)
        Covariate columns, then candidate genes, scaled as asked.
    gene_ids : list of str
    n_missing : int
        Samples of the sheet that have no outcome, covariate, stratum or expression.
    """

    frame: pd.DataFrame
    time: np.ndarray
    event: np.ndarray
    binary: bool
    cohort: np.ndarray
    patient: np.ndarray
    strata: np.ndarray | None
    strata_columns: tuple[str, ...]
    design: Design
    values: np.ndarray
    gene_ids: list[str]
    n_missing: int

    @property
    def n(self) -> int:
        return len(self.event)

    @property
    def strata_name(self) -> str:
        """How tables name the strata."""
        return strata_name(self.strata_columns)

    @property
    def n_covariates(self) -> int:
        """Columns of the covariates."""
        return int(self.values.shape[0] - len(self.gene_ids))

    def order(self, rows: np.ndarray) -> RiskOrder | LogisticOrder:
        """The outcome of some samples, as paths take it."""
        strata = None if self.strata is None else self.strata[rows]
        if self.binary:
            return order_by_outcome(self.event[rows], strata)
        return order_by_risk(self.time[rows], self.event[rows], strata)


def learning_data(
    frame: pd.DataFrame,
    expression: ExpressionMatrix,
    time: np.ndarray | None,
    event: np.ndarray,
    *,
    covariates: Sequence[str] = (),
    factors: Collection[str] = (),
    strata: Sequence[str] = ("auto",),
    scaling: str = "within_cohort",
    candidates: Collection[str] | None = None,
) -> LearningData:
    """Samples and columns for learning; nothing here looks at the outcome but whether it is known.

    Parameters
    ----------
    frame : pandas.DataFrame, n_sheet rows
        With `sample_id`.
    expression : ExpressionMatrix
    time : numpy.ndarray or None, shape (n_sheet,)
        Months; None for a yes/no outcome.
    event : numpy.ndarray, shape (n_sheet,)
        0 or 1; NaN where unknown.
    covariates, factors
        See `build_design`.
    strata : sequence of str
        See `resolve_strata`.
    scaling : {"within_cohort", "overall", "none"}
        Of genes: z-scores within each cohort (ddof 1), which a new cohort can do by itself, or as they are.
    candidates : collection of str, optional
        Genes that may be chosen; all by default.

    Raises
    ------
    Refused
        No sample or no gene is left.
    BadInput
        None of the candidates is in the matrix.
    """
    column = {sample: j for j, sample in enumerate(expression.sample_ids)}
    ids = frame["sample_id"].astype(str).to_numpy()
    stratifying = resolve_strata(frame, list(strata))
    labels, labeled = stratum_labels(frame, stratifying)
    known = ~np.isnan(event) & labeled & np.array([sample in column for sample in ids])
    if time is not None:
        known &= ~np.isnan(time)
    design = build_design(frame, list(covariates), np.nan_to_num(event), known, factors)
    rows = np.flatnonzero(design.complete)
    if not len(rows):
        raise Refused("no sample has outcome, covariates and expression", hint="check the sample names and the subset")
    part = frame.iloc[rows].reset_index(drop=True)
    cohort = _text(part, "cohort", "all")
    patient = _joined_with_duplicates(_patients(part), expression, [column[s] for s in ids[rows]], cohort)
    genes, gene_ids = _genes(expression, [column[s] for s in ids[rows]], candidates, scaling, cohort)
    values = np.vstack([design.x.T, genes]) if design.x.shape[1] else genes
    return LearningData(
        part, time[rows] if time is not None else np.zeros(len(rows)), event[rows], time is None, cohort, patient,
        labels[rows] if labels is not None else None, tuple(stratifying), design,
        np.ascontiguousarray(values), gene_ids, len(frame) - len(rows),
    )  # fmt: skip


def _text(frame: pd.DataFrame, name: str, fallback: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(len(frame), fallback, object)
    result: np.ndarray = text_values(frame[name]).fillna(fallback).to_numpy(object)
    return result


def _patients(frame: pd.DataFrame) -> np.ndarray:
    """Code of the patient of each sample; a sample without a patient is its own."""
    sheet = SampleSheet(frame, "samples")
    keys = patient_keys(sheet) if "patient_id" in frame.columns else np.full(len(frame), None, object)
    own = [("sample", str(s)) for s in frame["sample_id"]]
    codes: dict[object, int] = {}
    who = [o if k is None else ("patient", k) for k, o in zip(keys, own, strict=True)]
    return np.array([codes.setdefault(one, len(codes)) for one in who])


def _joined_with_duplicates(
    patient: np.ndarray, expression: ExpressionMatrix, columns: list[int], cohort: np.ndarray
) -> np.ndarray:
    """The patients, where samples of two cohorts that seem to come from one are one patient."""
    ids = [expression.sample_ids[j] for j in columns]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnalysisWarning)  # of few genes or samples: nothing can be told then
        pairs = find_duplicates(np.asarray(expression.values)[:, columns], ids, cohort)
    place = {sample: k for k, sample in enumerate(ids)}
    joined = patient.copy()
    for a, b in zip(pairs["sample_a"], pairs["sample_b"], strict=True):
        one, other = joined[place[a]], joined[place[b]]
        joined[joined == other] = one
    if len(pairs):
        shown = [f"{a} and {b}" for a, b in zip(pairs["sample_a"], pairs["sample_b"], strict=True)]
        warn("duplicate-samples", f"{len(pairs)} pairs of samples of different cohorts seem to come from one patient "
             f"and are taken for that: never one in training and one held out ({first_few(shown)})")  # fmt: skip
    return joined


def _genes(
    expression: ExpressionMatrix, columns: list[int], candidates: Collection[str] | None, scaling: str,
    cohort: np.ndarray,
) -> tuple[np.ndarray, list[str]]:  # fmt: skip
    """The genes that may be chosen, scaled; those with missing values or without variation are excluded and counted."""
    keep = np.ones(len(expression.gene_ids), bool)
    if candidates is not None:
        wanted = set(candidates)
        keep = np.array([gene in wanted for gene in expression.gene_ids])
        if not keep.any():
            raise BadInput("none of the candidate genes is in the matrix", where=expression.where,
                           hint="bring both to the same gene names (map_genes)")  # fmt: skip
        lost = sorted(wanted - set(expression.gene_ids))
        if lost:
            note("candidates-missing", f"{len(lost)} of {len(wanted)} candidate genes are not in the matrix: "
                 f"{first_few(lost)}")  # fmt: skip
    values = expression.values[np.flatnonzero(keep)][:, columns]
    ids = [gene for gene, held in zip(expression.gene_ids, keep, strict=True) if held]
    if scaling == "within_cohort":
        with np.errstate(invalid="ignore"):
            values = standardize_within(values, cohort)
    whole = ~np.isnan(values).any(axis=1)
    if not whole.all():
        why = "missing values, or no variation in a cohort" if scaling == "within_cohort" else "missing values"
        warn("genes-left-out", f"{int((~whole).sum())} of {len(ids)} candidate genes have {why} and are excluded: "
             f"{first_few([g for g, w in zip(ids, whole, strict=True) if not w])}")  # fmt: skip
    if not whole.any():
        raise Refused("no candidate gene has values in all samples",
                      hint="impute, or omit cohorts that lack genes")  # fmt: skip
    return values[whole], [gene for gene, held in zip(ids, whole, strict=True) if held]


def outcome_of(frame: pd.DataFrame, column: str, level: str | None) -> tuple[np.ndarray, str]:
    """A yes/no outcome from a column: 1 where it has the level (by default the last of two), NaN where missing.

    Raises
    ------
    BadInput
        An unknown column or level, or not two levels.
    """
    from prognomics.data.levels import ordered_levels

    if column not in frame.columns:
        raise unknown_name("outcome column", column, map(str, frame.columns), where="samples and annotations")
    text = text_values(frame[column])
    levels = ordered_levels(text.dropna().unique())
    if len(levels) < 2 or (len(levels) > 2 and level is None):
        raise BadInput(f"the outcome {column!r} has the values {first_few(levels)}; two are needed",
                       hint="name the one that counts as the event (--outcome-level)")  # fmt: skip
    if level is not None and level not in levels:
        raise unknown_name("level", level, levels, where=f"column {column}")
    level = level or levels[-1]
    return np.where(text.isna(), np.nan, (text == level).astype(float)), level
